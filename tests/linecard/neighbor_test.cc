// Neighbors: who is asked when, what waits, and what ends.
#include <gtest/gtest.h>

#include <string>

#include "neighbor_shim.h"

namespace
{

struct Neighbors {
	neighbor_shim *shim;

	explicit Neighbors(unsigned packets = 8)
	    : shim(neighbor_shim_new(packets))
	{
	}
	~Neighbors()
	{
		neighbor_shim_free(shim);
	}
	std::string log()
	{
		return neighbor_shim_log(shim);
	}
	std::string find(uint32_t addr, uint64_t ms, int version = 4)
	{
		return neighbor_shim_find(shim, version, addr, ms);
	}
	std::string wait(uint32_t addr, uint64_t ms, uint32_t packet)
	{
		return neighbor_shim_wait(shim, 4, addr, ms, packet);
	}
};

} // namespace

TEST(Neighbor, AskedOnceAndWhatWaitsGoesInItsOrder)
{
	Neighbors n;
	EXPECT_EQ(n.find(7, 0), "-");
	EXPECT_EQ(n.wait(7, 0, 1), "waits");
	EXPECT_EQ(n.wait(8, 0, 2), "waits");
	EXPECT_EQ(n.wait(7, 5, 3), "waits");
	EXPECT_EQ(n.log(), "?7 ?8 ");
	neighbor_shim_learn(n.shim, 4, 7, 70, 0, 10, 1000);
	EXPECT_EQ(n.log(), "+1 +3 ");
	EXPECT_EQ(n.find(7, 10), "70");
	EXPECT_EQ(n.find(8, 10), "-");
	EXPECT_EQ(n.find(7, 10, 6), "-"); // another family
}

TEST(Neighbor, AskedThreeTimesASecondApartThenGone)
{
	Neighbors n;
	n.wait(7, 0, 1);
	n.wait(7, 500, 2);
	EXPECT_EQ(neighbor_shim_next(n.shim), 1000);
	neighbor_shim_expire(n.shim, 999);
	EXPECT_EQ(n.log(), "?7 ");
	neighbor_shim_expire(n.shim, 1000);
	neighbor_shim_expire(n.shim, 2000);
	EXPECT_EQ(n.log(), "?7 ?7 ");
	neighbor_shim_expire(n.shim, 3000);
	EXPECT_EQ(n.log(), "-1:unresolved-neighbor -2:unresolved-neighbor ");
	EXPECT_EQ(neighbor_shim_rows(n.shim), 0u);
	EXPECT_EQ(neighbor_shim_next(n.shim), -1);
}

TEST(Neighbor, TheOldestOfAllGoesWhenTooManyWait)
{
	Neighbors n(3);
	for (uint32_t i = 1; i <= 5; i++)
		EXPECT_EQ(n.wait(i % 2, 0, i), "waits");
	EXPECT_EQ(n.log(),
		  "?1 ?0 -1:neighbor-queue-full -2:neighbor-queue-full ");
	neighbor_shim_learn(n.shim, 4, 1, 9, 0, 1, 1000);
	EXPECT_EQ(n.log(), "+3 +5 ");
	neighbor_shim_learn(n.shim, 4, 0, 9, 0, 1, 1000);
	EXPECT_EQ(n.log(), "+4 ");
}

TEST(Neighbor, AnOldOneIsAskedItselfAndStaysInUse)
{
	Neighbors n;
	neighbor_shim_learn(n.shim, 6, 7, 70, 1, 0, 1000);
	EXPECT_EQ(n.find(7, 999, 6), "70");
	EXPECT_EQ(n.log(), "");
	EXPECT_EQ(n.find(7, 1000, 6), "70");
	EXPECT_EQ(n.find(7, 1001, 6), "70");
	EXPECT_EQ(n.log(), "!7 ");
	neighbor_shim_learn(n.shim, 6, 7, 71, 0, 1500, 1000);
	EXPECT_EQ(n.find(7, 1600, 6), "71");
	EXPECT_EQ(n.find(7, 2500, 6), "71");
	for (uint64_t ms = 3500; ms <= 5500; ms += 1000)
		neighbor_shim_expire(n.shim, ms);
	EXPECT_EQ(n.log(), "!7 !7 !7 ");
	EXPECT_EQ(n.find(7, 5500, 6), "-");
}

TEST(Neighbor, WhatNobodyUsesGoes)
{
	Neighbors n;
	neighbor_shim_learn(n.shim, 4, 7, 70, 1, 0, 1000);
	neighbor_shim_expire(n.shim, 1000);
	EXPECT_EQ(neighbor_shim_next(n.shim), 601000);
	neighbor_shim_expire(n.shim, 601000);
	EXPECT_EQ(n.log(), "");
	EXPECT_EQ(neighbor_shim_rows(n.shim), 0u);
}

TEST(Neighbor, NothingIsLearntFromWhoWasNotAsked)
{
	Neighbors n;
	neighbor_shim_learn(n.shim, 4, 7, 70, 0, 0, 1000);
	EXPECT_EQ(n.find(7, 0), "-");
}

TEST(Neighbor, StaticEntriesWinAndStay)
{
	Neighbors n;
	neighbor_shim_static(n.shim, 4, 7, 1);
	neighbor_shim_learn(n.shim, 4, 7, 70, 1, 0, 1000);
	neighbor_shim_learn(n.shim, 4, 8, 80, 1, 0, 1000);
	neighbor_shim_clear(n.shim);
	EXPECT_EQ(n.find(7, UINT32_MAX), "1");
	EXPECT_EQ(n.find(8, 0), "-");
	neighbor_shim_static(n.shim, 4, 7, -1);
	EXPECT_EQ(n.find(7, 0), "-");
}

TEST(Neighbor, AStaticEntryTakesThePlaceOfALearntOne)
{
	Neighbors n;
	neighbor_shim_learn(n.shim, 4, 7, 70, 1, 0, 1000);
	neighbor_shim_static(n.shim, 4, 7, 1);
	EXPECT_EQ(n.find(7, 5000), "1");
	EXPECT_EQ(n.log(), "");
	EXPECT_EQ(neighbor_shim_rows(n.shim), 1u);
}

TEST(Neighbor, ThousandsAreFoundAndForgotten)
{
	Neighbors n;
	for (uint32_t i = 0; i < 5000; i++)
		neighbor_shim_learn(n.shim, i % 2 == 0 ? 4 : 6, i, i & 255, 1,
				    i, 1000);
	for (uint32_t i = 0; i < 5000; i++)
		ASSERT_EQ(n.find(i, 0, i % 2 == 0 ? 4 : 6),
			  std::to_string(i & 255));
	neighbor_shim_expire(n.shim, 1000 + 600000 + 2500);
	EXPECT_EQ(neighbor_shim_rows(n.shim), 2499u);
	for (uint32_t i = 0; i < 5000; i++)
		ASSERT_EQ(n.find(i, 0, i % 2 == 0 ? 4 : 6) == "-", i <= 2500)
		    << i;
}

TEST(Neighbor, AScanEndsAtTheBound)
{
	Neighbors n(2);
	uint32_t i = 0;
	while (n.wait(i, 0, i) == "waits" && i < 70000)
		i++;
	EXPECT_EQ(i, 65536u);
	EXPECT_EQ(n.wait(i, 0, i), "no-buffer");
	EXPECT_EQ(n.wait(5, 0, 1), "waits"); // it is asked for already
}

TEST(Neighbor, TheNearestOwnAddressAsks)
{
	Neighbors n;
	neighbor_shim_own(n.shim, 1, 0x0a010001);
	neighbor_shim_own(n.shim, 1, 0xc0000201);
	neighbor_shim_own(n.shim, 2, 0xc0000301);
	EXPECT_EQ(neighbor_shim_near(n.shim, 1, 0xc0000209), 0xc0000201u);
	EXPECT_EQ(neighbor_shim_near(n.shim, 1, 0x0a010203), 0x0a010001u);
	EXPECT_EQ(neighbor_shim_near(n.shim, 3, 0x0a010203), 0u);
}
