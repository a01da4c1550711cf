// Octets as hexadecimal digits, and the words for levels of the log.
#include <cerrno>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "hex_shim.h"

TEST(Hex, WritesTwoDigitsAnOctetHighHalfFirst)
{
	const uint8_t octets[] = {0x00, 0x1f, 0xa0, 0xff};
	char text[9] = "xxxxxxxx";

	hex_shim_put(octets, 4, text);
	EXPECT_STREQ(text, "001fa0ff");
}

TEST(Hex, ReadsBothCases)
{
	const uint8_t want[] = {0xde, 0xad, 0xbe, 0xef};
	uint8_t octets[4] = {};

	EXPECT_EQ(hex_shim_get("deADbEEf", 4, octets), 0);
	EXPECT_EQ(std::string(octets, octets + 4), std::string(want, want + 4));
}

TEST(Hex, RefusesWhatIsNoDigitWhereverItStands)
{
	uint8_t octets[2];

	EXPECT_EQ(hex_shim_get("g000", 2, octets), -EINVAL);
	EXPECT_EQ(hex_shim_get("0 00", 2, octets), -EINVAL);
	EXPECT_EQ(hex_shim_get("000:", 2, octets), -EINVAL);
	EXPECT_EQ(hex_shim_get("00\0"
			       "0",
			       2, octets),
		  -EINVAL);
}

TEST(Hex, TakesNoNeighbourOfADigitForOne)
{
	for (char c : std::string("/:@G`g-"))
		EXPECT_EQ(hex_shim_digit(c), -1) << c;
}

TEST(Log, KnowsItsLevelsByWord)
{
	EXPECT_EQ(log_shim_level("error"), 0);
	EXPECT_EQ(log_shim_level("warn"), 1);
	EXPECT_EQ(log_shim_level("info"), 2);
	EXPECT_EQ(log_shim_level("debug"), 3);
	EXPECT_EQ(log_shim_level("loud"), -EINVAL);
	EXPECT_EQ(log_shim_level(""), -EINVAL);
}
