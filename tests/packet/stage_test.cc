// Stages have one name everywhere: "1/ippa", "3/asp1", "xcrp".
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "stage_shim.h"

TEST(Stage, NamesAreThoseOfTheMachine)
{
	EXPECT_STREQ(stage_shim_name(stage_shim_id(0, 0)), "xcrp");
	EXPECT_STREQ(stage_shim_name(stage_shim_id(1, 1)), "1/ippa");
	EXPECT_STREQ(stage_shim_name(stage_shim_id(2, 2)), "2/eppa");
	EXPECT_STREQ(stage_shim_name(stage_shim_id(3, 3)), "3/asp1");
	EXPECT_STREQ(stage_shim_name(stage_shim_id(14, 4)), "14/asp2");
}

TEST(Stage, EveryNameParsesBackToItsStage)
{
	std::set<std::string> names;
	unsigned valid = 0;

	for (unsigned id = 0; id < stage_shim_end(); id++) {
		auto stage = static_cast<uint16_t>(id);

		if (!stage_shim_valid(stage))
			continue;
		valid++;
		names.insert(stage_shim_name(stage));
		EXPECT_EQ(stage_shim_parse(stage_shim_name(stage)), stage);
	}
	EXPECT_EQ(valid, 1U + 14U * 4U);
	EXPECT_EQ(names.size(), valid);
}

TEST(Stage, RefusesIdsThatNoMessageMayCarry)
{
	EXPECT_FALSE(stage_shim_valid(stage_shim_id(0, 1)));
	EXPECT_FALSE(stage_shim_valid(stage_shim_id(1, 0)));
	EXPECT_FALSE(stage_shim_valid(stage_shim_id(1, 5)));
	EXPECT_FALSE(stage_shim_valid(stage_shim_id(15, 1)));
	EXPECT_FALSE(stage_shim_valid(stage_shim_none()));
	EXPECT_STREQ(stage_shim_name(stage_shim_none()), "?");
}

TEST(Stage, RefusesTextThatIsNoName)
{
	for (const char *text :
	     {"", "?", "ippa", "1/", "1/ipp", "1/ippa ", "15/ippa", "0/ippa",
	      "01/ippa", "1/xcrp", "1/asp", "1/asp3", "XCRP"})
		EXPECT_EQ(stage_shim_parse(text), stage_shim_none()) << text;
}
