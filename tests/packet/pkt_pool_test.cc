// Pools of packet buffers, and the bounds that hold against a mad neighbour.
#include <gtest/gtest.h>

#include <set>

#include "pkt_pool_shim.h"

namespace
{

class PktPool : public ::testing::Test
{
      protected:
	void SetUp() override
	{
		pool = pkt_pool_shim_new(4);
	}
	void TearDown() override
	{
		pkt_pool_shim_free(pool);
	}
	pkt_pool_shim *pool = nullptr;
};

} // namespace

TEST_F(PktPool, GivesEachBufferOnceAndThenNone)
{
	std::set<int64_t> got;

	for (int i = 0; i < 4; i++)
		got.insert(pkt_pool_shim_take(pool));
	EXPECT_EQ(got, (std::set<int64_t>{0, 1, 2, 3}));
	EXPECT_EQ(pkt_pool_shim_take(pool), -1);
}

// Last in, first out: buffers never used cost no memory.
TEST_F(PktPool, ReusesTheBufferGivenBackLast)
{
	int64_t first = pkt_pool_shim_take(pool);
	int64_t second = pkt_pool_shim_take(pool);

	EXPECT_EQ(first, 0);
	EXPECT_EQ(second, 1);
	pkt_pool_shim_give(pool, static_cast<uint32_t>(first));
	EXPECT_EQ(pkt_pool_shim_take(pool), first);
}

TEST_F(PktPool, BufferHoldsHeadroomTheLargestFrameAndTailroom)
{
	EXPECT_EQ(pkt_pool_shim_headroom(pool), 128U);
	EXPECT_GE(pkt_pool_shim_tailroom(pool), pkt_pool_shim_largest() + 255U);
}

TEST_F(PktPool, BuffersLieInsideTheirMemory)
{
	for (uint32_t i = 0; i < 4; i++)
		pkt_pool_shim_fill(pool, i);
}

TEST_F(PktPool, RefusesExtentsOutsideBufferAndPool)
{
	auto octets = static_cast<uint16_t>(pkt_pool_shim_buf_octets());

	EXPECT_TRUE(pkt_pool_shim_extent_valid(pool, 3, 3, 0, octets));
	EXPECT_TRUE(pkt_pool_shim_extent_valid(pool, 3, 0, octets, 0));
	EXPECT_FALSE(pkt_pool_shim_extent_valid(pool, 3, 0, 1, octets));
	EXPECT_FALSE(pkt_pool_shim_extent_valid(pool, 3, 0, 65535, 65535));
	EXPECT_FALSE(pkt_pool_shim_extent_valid(pool, 3, 4, 0, 1));
	EXPECT_FALSE(pkt_pool_shim_extent_valid(pool, 3, UINT32_MAX, 0, 1));
	EXPECT_FALSE(pkt_pool_shim_extent_valid(pool, 2, 0, 0, 1));
	EXPECT_FALSE(pkt_pool_shim_extent_valid(pool, 128, 0, 0, 1));
	EXPECT_FALSE(pkt_pool_shim_extent_valid(pool, 255, 0, 0, 1));
}

TEST(PktOrder, TieIsByStageThenPortThenArrival)
{
	EXPECT_LT(pkt_pool_shim_tie(9, 255, UINT32_MAX),
		  pkt_pool_shim_tie(10, 0, 0));
	EXPECT_LT(pkt_pool_shim_tie(9, 1, UINT32_MAX),
		  pkt_pool_shim_tie(9, 2, 0));
	EXPECT_LT(pkt_pool_shim_tie(9, 1, 7), pkt_pool_shim_tie(9, 1, 8));
}
