// Names of capture points, there and back.
#include <gtest/gtest.h>

#include <string>

#include "card_shim.h"

namespace
{

std::string
there_and_back(const char *text)
{
	unsigned stage = 0;
	unsigned tap = 0;
	unsigned to = 0;
	char name[64];
	const char *why = "";

	if (card_shim_point(text, &stage, &tap, &to, name, &why) != 0)
		return std::string("refused: ") + why;
	return name;
}

} // namespace

TEST(Point, NamesEveryTap)
{
	for (const char *text : {"1/ippa:rx", "2/eppa:tx", "1/eppa:tunnel",
				 "3/asp1:clear", "14/asp2:sealed", "3/asp1",
				 "xcrp", "1/ippa..3/asp1", "xcrp..1/eppa"})
		EXPECT_EQ(there_and_back(text), text);
}

TEST(Point, TakesTheArrowForALink)
{
	EXPECT_EQ(there_and_back("1/ippa->3/asp1"), "1/ippa..3/asp1");
}

TEST(Point, RefusesWhatIsNoPointAndSaysWhatWouldBeRight)
{
	for (const char *text :
	     {"", ":", "1", "1/ippa:", "1/ippa:clear", "3/asp1:rx", "1/ippa..",
	      "1/ippa..1/ippa", "1/ippa-3/asp1", "15/ippa", "0/ippa",
	      "1/ippa:rx ", "1/ippa..3/asp1:clear", "1/ippa.3/asp1", "9/xcrp"})
		EXPECT_EQ(there_and_back(text).rfind("refused: ", 0), 0U)
		    << text;
	EXPECT_NE(there_and_back("3/asp1:rx").find("1/ippa:rx"),
		  std::string::npos);
}
