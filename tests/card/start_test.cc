// How the process of a card reads its options and follows its parent.
#include <cerrno>
#include <initializer_list>
#include <vector>

#include <gtest/gtest.h>

#include "start_shim.h"

namespace
{
const std::vector<const char *> needed = {
    "--slot",  "3",         "--buffers", "64",         "--endpoint",
    "ipc://x", "--run-dir", "/tmp/r",    "--stats-fd", "5"};

int
parse(std::initializer_list<const char *> more, start_shim *got)
{
	std::vector<const char *> words = needed;

	words.insert(words.end(), more);
	words.push_back(nullptr);
	return start_shim_parse(words.data(), got);
}
} // namespace

TEST(CardStart, ReadsCommonOptionsAndThoseOfTheRole)
{
	start_shim got{};

	EXPECT_EQ(parse({"--epoch", "7", "--colour", "blue", "--log-level",
			 "debug", "--transport", "tcp"},
			&got),
		  0);
	EXPECT_EQ(got.slot, 3U);
	EXPECT_EQ(got.epoch, 7U);
	EXPECT_EQ(got.buffers, 64U);
	EXPECT_EQ(got.stats_fd, 5);
	EXPECT_EQ(got.keys_fd, -1);
	EXPECT_EQ(got.level, 3);
	EXPECT_EQ(got.colour, 2);
}

TEST(CardStart, NeedsEachOptionThatHasNoDefault)
{
	for (size_t i = 0; i < needed.size(); i += 2) {
		std::vector<const char *> words = needed;
		start_shim got{};

		words.erase(words.begin() + (long)i,
			    words.begin() + (long)i + 2);
		words.push_back(nullptr);
		EXPECT_EQ(start_shim_parse(words.data(), &got), -EINVAL)
		    << needed[i];
	}
}

TEST(CardStart, RefusesTextsThatAreNoValue)
{
	start_shim got{};

	EXPECT_EQ(parse({"--slot", "15"}, &got), -EINVAL);
	EXPECT_EQ(parse({"--slot", "-1"}, &got), -EINVAL);
	EXPECT_EQ(parse({"--slot", ""}, &got), -EINVAL);
	EXPECT_EQ(parse({"--epoch", "7x"}, &got), -EINVAL);
	EXPECT_EQ(parse({"--epoch", "99999999999999999999"}, &got), -EINVAL);
	EXPECT_EQ(parse({"--log-level", "loud"}, &got), -EINVAL);
	EXPECT_EQ(parse({"--transport", "pigeon"}, &got), -EINVAL);
	EXPECT_EQ(parse({"--colour", "green"}, &got), -EINVAL);
}

TEST(CardStart, RefusesUnknownOptionsAndLooseWords)
{
	start_shim got{};

	EXPECT_EQ(parse({"--shape", "round"}, &got), -EINVAL);
	EXPECT_EQ(parse({"word"}, &got), -EINVAL);
	EXPECT_EQ(parse({"--colour"}, &got), -EINVAL);
}

TEST(CardStart, SaysWhenHelpIsWanted)
{
	start_shim got{};
	const char *const words[] = {"--help", nullptr};

	EXPECT_EQ(start_shim_parse(words, &got), 1);
}

// The parent may be gone before the death signal is asked for.
TEST(CardStart, DoesNotOutliveAParentThatIsGone)
{
	EXPECT_EQ(start_shim_orphan(), -ESRCH);
}
