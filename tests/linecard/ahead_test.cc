// What a card reads ahead is bounded by the card, not by its ports, and goes
// where the clocks are behind; frames are admitted in order of arrival.
#include <gtest/gtest.h>

#include <vector>

#include "ahead_shim.h"

namespace
{

class Ahead : public testing::Test
{
      protected:
	ahead_shim *shim = ahead_shim_new(4096);

	~Ahead() override
	{
		ahead_shim_free(shim);
	}
	std::vector<ahead_shim_frame> admit(uint64_t until_ns)
	{
		std::vector<ahead_shim_frame> frames(4096);

		frames.resize(
		    ahead_shim_admit(shim, until_ns, frames.data(), 4096));
		return frames;
	}
};

TEST_F(Ahead, ManyPortsHoldNoMoreThanOne)
{
	for (unsigned port = 0; port < 40; port++)
		ahead_shim_port(shim, port, port, 40, 1000);
	ASSERT_EQ(0, ahead_shim_fill(shim, 1024));
	EXPECT_EQ(4096u - 1024u, ahead_shim_free_buffers(shim));
	for (unsigned port = 0; port < 40; port++) {
		EXPECT_GE(ahead_shim_staged(shim, port), 24u) << port;
		EXPECT_LE(ahead_shim_staged(shim, port), 34u) << port;
	}
}

TEST_F(Ahead, ABusyPortHasTheRoomOfTheQuietOnes)
{
	ahead_shim_port(shim, 1, 1000, 1000, 100);
	ahead_shim_port(shim, 2, 1, 1, 5000);
	ahead_shim_port(shim, 3, 2000, 2000, 100);
	ASSERT_EQ(0, ahead_shim_fill(shim, 512));
	EXPECT_GE(ahead_shim_staged(shim, 2), 480u);
	EXPECT_GE(ahead_shim_limit_ns(shim), 480u);
}

TEST_F(Ahead, EachPortHasAFrameWhereThereIsLessRoomThanPorts)
{
	for (unsigned port = 0; port < 5; port++)
		ahead_shim_port(shim, port, 0, 0, 9); // clocks stand still
	ASSERT_EQ(0, ahead_shim_fill(shim, 1));
	for (unsigned port = 0; port < 5; port++)
		EXPECT_EQ(1u, ahead_shim_staged(shim, port)) << port;
}

TEST_F(Ahead, AllThatThereIsIsReadInTheEnd)
{
	for (unsigned port = 0; port < 7; port++)
		ahead_shim_port(shim, port, port * 3, port, 50 + port);
	uint64_t last = 0;
	unsigned n = 0;
	for (;;) {
		ASSERT_EQ(0, ahead_shim_fill(shim, 16));
		auto frames = admit(ahead_shim_limit_ns(shim));
		if (frames.empty())
			break;
		for (auto &f : frames) {
			EXPECT_GE(f.order_ns, last);
			last = f.order_ns;
		}
		n += (unsigned)frames.size();
	}
	EXPECT_EQ(n, 7u * 50 + 21);
	EXPECT_EQ(4096u, ahead_shim_free_buffers(shim));
}

TEST_F(Ahead, TheLowerPortIsFirstWhereClocksAreEqual)
{
	ahead_shim_port(shim, 9, 10, 10, 3);
	ahead_shim_port(shim, 2, 10, 10, 3);
	ahead_shim_port(shim, 5, 10, 5, 3);
	ASSERT_EQ(0, ahead_shim_fill(shim, 64));
	std::vector<std::pair<unsigned, uint64_t>> seen;
	for (auto &f : admit(30))
		seen.emplace_back(f.port, f.order_ns);
	EXPECT_EQ(seen, (std::vector<std::pair<unsigned, uint64_t>>{{2, 10},
								    {5, 10},
								    {9, 10},
								    {5, 15},
								    {2, 20},
								    {5, 20},
								    {9, 20},
								    {2, 30},
								    {9, 30}}));
}

TEST_F(Ahead, LargeFramesAreBoundedByTheirOctets)
{
	ahead_shim_port(shim, 1, 1, 1, 1000);
	ahead_shim_jumbo(shim, 1);
	ASSERT_EQ(0, ahead_shim_fill(shim, 1024));
	EXPECT_GE(ahead_shim_staged(shim, 1), 768u * 1024 / 9000);
	EXPECT_LE(ahead_shim_staged(shim, 1), 768u * 1024 / 9000 + 8);
	unsigned staged = ahead_shim_staged(shim, 1);
	EXPECT_EQ(staged, admit(1000).size());
	ASSERT_EQ(0, ahead_shim_fill(shim, 1024)); // what left counts no more
	EXPECT_GE(ahead_shim_staged(shim, 1), 768u * 1024 / 9000);
}

TEST_F(Ahead, AnEmptyPoolStopsTheReaders)
{
	ahead_shim_free(shim);
	shim = ahead_shim_new(3);
	ahead_shim_port(shim, 1, 1, 1, 10);
	ahead_shim_port(shim, 2, 1, 1, 10);
	ASSERT_EQ(0, ahead_shim_fill(shim, 16));
	EXPECT_EQ(0u, ahead_shim_free_buffers(shim));
	EXPECT_EQ(3u, ahead_shim_staged(shim, 1) + ahead_shim_staged(shim, 2));
}

} // namespace
