/* Options of a replay: docs/man/sesim.1. */
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "opts_shim.h"

static int
parse(const std::string &more, struct opts_shim *opts)
{
	return opts_shim_parse(
	    ("replay --config c --in 1/1=a=b.pcap " + more).c_str(), opts);
}

static int
status(const std::string &more)
{
	struct opts_shim opts;

	return parse(more, &opts);
}

TEST(ReplayOptions, APortAndItsFileAreCutAtTheFirstEqualsSign)
{
	struct opts_shim opts;

	ASSERT_EQ(parse("", &opts), 0);
	EXPECT_STREQ(opts.first, "1/1");
	EXPECT_STREQ(opts.path, "a=b.pcap");
	EXPECT_STREQ(opts.engine, "auto");
	EXPECT_EQ(opts.pace, 0);
	EXPECT_FALSE(opts.seeded);
}

TEST(ReplayOptions, PaceIsMaxCaptureOrAFactor)
{
	struct opts_shim opts;

	ASSERT_EQ(parse("--pace max", &opts), 0);
	EXPECT_EQ(opts.pace, 0);
	ASSERT_EQ(parse("--pace capture", &opts), 0);
	EXPECT_EQ(opts.pace, 1);
	ASSERT_EQ(parse("--pace x2.5", &opts), 0);
	EXPECT_EQ(opts.pace, 2.5);
	EXPECT_EQ(status("--pace 10"), -EINVAL);
	EXPECT_EQ(status("--pace x0"), -EINVAL);
	EXPECT_EQ(status("--pace xinf"), -EINVAL);
}

TEST(ReplayOptions, TraceIsANumberAndAFilterOfLibpcap)
{
	struct opts_shim opts;

	ASSERT_EQ(parse("--trace 5:icmp", &opts), 0);
	EXPECT_EQ(opts.trace, 5u);
	EXPECT_STREQ(opts.filter, "icmp");
	EXPECT_EQ(status("--trace 0"), -EINVAL);
	EXPECT_EQ(status("--trace 5:nonsense"), -EINVAL);
}

TEST(ReplayOptions, SeedsGoUpToTheLast64BitNumber)
{
	struct opts_shim opts;

	ASSERT_EQ(parse("--seed 18446744073709551615", &opts), 0);
	EXPECT_EQ(opts.seed, UINT64_MAX);
	EXPECT_TRUE(opts.seeded);
	EXPECT_EQ(status("--seed -1"), -EINVAL);
	EXPECT_EQ(status("--seed 18446744073709551616"), -EINVAL);
}

TEST(ReplayOptions, WrongOnesAreRefused)
{
	EXPECT_EQ(status("--in 1/1=again.pcap"), -EINVAL);
	EXPECT_EQ(status("--out 2=x.pcap"), -EINVAL);
	EXPECT_EQ(status("--out 2/1"), -EINVAL);
	EXPECT_EQ(status("--out 2/1="), -EINVAL);
	EXPECT_EQ(status("--out 15/1=x"), -EINVAL);
	EXPECT_EQ(status("--capture nowhere=x"), -EINVAL);
	EXPECT_EQ(status("--transport udp"), -EINVAL);
	EXPECT_EQ(status("--engine fast"), -EINVAL);
	EXPECT_EQ(status("--round-packets 0"), -EINVAL);
	EXPECT_EQ(status("--rounds-open 16"), -EINVAL);
	EXPECT_EQ(status("extra"), -EINVAL);
	EXPECT_EQ(status("--nonsense"), -EINVAL);
}

TEST(ReplayOptions, AConfigurationAndAnInputAreNeeded)
{
	struct opts_shim opts;

	EXPECT_EQ(opts_shim_parse("replay --config c", &opts), -EINVAL);
	EXPECT_EQ(opts_shim_parse("replay --in 1/1=x", &opts), -EINVAL);
}
