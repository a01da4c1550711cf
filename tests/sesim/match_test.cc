/* Which packets of one capture are in another, octet by octet, in order. */
#include <gtest/gtest.h>

#include <vector>

#include "match_shim.h"
#include "temp_dir.h"

using Packets = std::vector<match_shim_packet>;

static match_shim
match(const Packets &a, const Packets &b, unsigned ttl_less)
{
	TempDir dir;
	match_shim m = {};
	char why[512] = "";

	EXPECT_EQ(
	    match_shim_write(dir.at("a").c_str(), a.data(), (unsigned)a.size()),
	    0);
	EXPECT_EQ(
	    match_shim_write(dir.at("b").c_str(), b.data(), (unsigned)b.size()),
	    0);
	EXPECT_EQ(match_shim_compare(dir.at("a").c_str(), dir.at("b").c_str(),
				     ttl_less, &m, why),
		  0)
	    << why;
	return m;
}

TEST(CompareMatch, TtlChecksumAndPaddingDoNotCount)
{
	match_shim m = match({{1, 64, 100, 0, 0}, {2, 64, 0, 26, 0}},
			     {{1, 62, 100, 0, 0}, {2, 62, 0, 0, 0}}, 2);

	EXPECT_EQ(m.equal, 2u);
	EXPECT_EQ(m.strange + m.moved + m.missing, 0u);
}

TEST(CompareMatch, AnotherTtlThanExpectedIsStrange)
{
	match_shim m = match({{1, 64, 100, 0, 0}}, {{1, 63, 100, 0, 0}}, 2);

	EXPECT_EQ(m.equal, 0u);
	EXPECT_EQ(m.strange, 1u);
	EXPECT_EQ(m.missing, 1u);
}

TEST(CompareMatch, AChangedOctetIsStrange)
{
	match_shim m = match({{1, 64, 100, 0, 0}}, {{9, 62, 100, 0, 0}}, 2);

	EXPECT_EQ(m.strange, 1u);
}

TEST(CompareMatch, WhatDidNotComeIsMissing)
{
	match_shim m = match({{1, 64, 9, 0, 0},
			      {2, 64, 9, 0, 0},
			      {3, 64, 9, 0, 0},
			      {0, 0, 40, 0, 1}},
			     {{1, 62, 9, 0, 0}, {3, 62, 9, 0, 0}}, 2);

	EXPECT_EQ(m.equal, 2u);
	EXPECT_EQ(m.missing, 1u);
	EXPECT_EQ(m.others, 1u);
}

TEST(CompareMatch, OrderCounts)
{
	match_shim m = match({{1, 64, 9, 0, 0}, {2, 64, 9, 0, 0}},
			     {{2, 62, 9, 0, 0}, {1, 62, 9, 0, 0}}, 2);

	EXPECT_EQ(m.equal, 1u);
	EXPECT_EQ(m.moved, 1u);
}

TEST(CompareMatch, EqualPacketsPairOnceEach)
{
	match_shim m =
	    match({{1, 64, 9, 0, 0}, {1, 64, 9, 0, 0}},
		  {{1, 62, 9, 0, 0}, {1, 62, 9, 0, 0}, {1, 62, 9, 0, 0}}, 2);

	EXPECT_EQ(m.equal, 2u);
	EXPECT_EQ(m.moved, 1u) << "one more than went in";
}

TEST(CompareMatch, SaysWhichFileIsNoCapture)
{
	TempDir dir;
	match_shim m;
	char why[512] = "";
	std::string text = dir.file("text", "hello");

	EXPECT_NE(match_shim_compare(text.c_str(), text.c_str(), 0, &m, why),
		  0);
	EXPECT_NE(std::string(why).find("text"), std::string::npos);
}
