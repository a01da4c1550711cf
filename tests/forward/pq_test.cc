// Strict priority against a clock: who leaves when.
#include <gtest/gtest.h>

#include <cerrno>
#include <deque>
#include <random>
#include <vector>

#include "pq_shim.h"

namespace
{

constexpr uint64_t kMs = 1000000;

struct Pq {
	pq_shim *shim;

	Pq(unsigned queues, uint32_t rate) : shim(pq_shim_new(queues, rate))
	{
	}
	~Pq()
	{
		pq_shim_free(shim);
	}
	int arrive(uint64_t ns, unsigned queue, uint32_t octets, uint32_t item)
	{
		return pq_shim_arrive(shim, ns, queue, octets, item);
	}
	std::vector<std::pair<int64_t, uint64_t>> depart(uint64_t until)
	{
		std::vector<std::pair<int64_t, uint64_t>> out;
		uint64_t at = 0;

		for (int64_t i; (i = pq_shim_depart(shim, until, &at)) >= 0;)
			out.emplace_back(i, at);
		return out;
	}
};

using Left = std::vector<std::pair<int64_t, uint64_t>>;

} // namespace

TEST(Pq, WithoutARateNothingWaits)
{
	Pq q(8, 0);

	EXPECT_EQ(q.arrive(5, 7, 1500, 1), 0);
	EXPECT_EQ(q.depart(5), (Left{{1, 5}}));
	EXPECT_EQ(q.arrive(5, 0, 1500, 2), 0);
	EXPECT_EQ(q.depart(5), (Left{{2, 5}}));
}

TEST(Pq, HigherQueuesFirstAndNoneIsInterrupted)
{
	Pq q(4, 8000); // 1,000 octets a millisecond

	EXPECT_EQ(q.arrive(0, 3, 1000, 1), 0);
	EXPECT_EQ(q.depart(0), (Left{{1, 0}}));
	EXPECT_EQ(q.arrive(0, 3, 1000, 2), 0);
	EXPECT_EQ(q.arrive(1, 2, 500, 3), 0);
	EXPECT_EQ(q.arrive(2, 0, 1000, 4), 0);
	EXPECT_EQ(q.arrive(3, 0, 1000, 5), 0);
	EXPECT_EQ(q.depart(kMs - 1), Left{});
	EXPECT_EQ(
	    q.depart(100 * kMs),
	    (Left{
		{4, kMs}, {5, 2 * kMs}, {3, 3 * kMs}, {2, 3 * kMs + kMs / 2}}));
}

TEST(Pq, AFullQueueRefusesAndOthersDoNot)
{
	Pq q(2, 8);

	ASSERT_EQ(pq_shim_queue(q.shim, 1, 0, 0, 2), 0);
	EXPECT_EQ(q.arrive(0, 1, 100, 1), 0);
	EXPECT_EQ(q.arrive(0, 1, 100, 2), 0);
	EXPECT_EQ(q.arrive(0, 1, 100, 3), -ENOBUFS);
	EXPECT_EQ(q.arrive(0, 0, 100, 4), 0);
	EXPECT_EQ(pq_shim_depth(q.shim, 1), 2u);
	EXPECT_EQ(q.depart(0), (Left{{4, 0}}));
	for (unsigned i = 0; i < 512; i++)
		ASSERT_EQ(q.arrive(0, 0, 100, 10 + i), 0);
	EXPECT_EQ(q.arrive(0, 0, 100, 999), -ENOBUFS);
}

TEST(Pq, AQueueBeyondItsRateLetsLowerOnesGo)
{
	Pq q(2, 0);

	ASSERT_EQ(pq_shim_queue(q.shim, 0, 8, 100, 0), 0); // 1 octet a ms
	EXPECT_EQ(q.arrive(0, 0, 100, 1), 0);
	EXPECT_EQ(q.arrive(0, 0, 50, 2), 0);
	EXPECT_EQ(q.arrive(0, 1, 1000, 3), 0);
	EXPECT_EQ(q.depart(49 * kMs), (Left{{1, 0}, {3, 0}}));
	EXPECT_EQ(q.depart(50 * kMs), (Left{{2, 50 * kMs}}));
}

TEST(Pq, APacketLargerThanTheBurstWaitsForAFullBucket)
{
	Pq q(1, 0);

	ASSERT_EQ(pq_shim_queue(q.shim, 0, 8, 100, 0), 0);
	EXPECT_EQ(q.arrive(0, 0, 1500, 1), 0);
	EXPECT_EQ(q.arrive(0, 0, 1500, 2), 0);
	EXPECT_EQ(q.depart(1000 * kMs), (Left{{1, 0}, {2, 100 * kMs}}));
}

TEST(Pq, WhatIsReleasedKeepsItsPlaceAndTime)
{
	Pq q(2, 8000);

	ASSERT_EQ(pq_shim_queue(q.shim, 1, 0, 0, 3), 0);
	for (uint32_t i = 1; i <= 3; i++)
		ASSERT_EQ(q.arrive(0, 1, 1000, i), 0);
	ASSERT_EQ(q.arrive(0, 0, 1000, 4), 0);
	EXPECT_EQ(pq_shim_release(q.shim), 4);
	EXPECT_EQ(pq_shim_release(q.shim), 1);
	EXPECT_EQ(pq_shim_release(q.shim), 2);
	EXPECT_EQ(pq_shim_release(q.shim), 3);
	EXPECT_EQ(pq_shim_release(q.shim), -1);
	EXPECT_EQ(q.arrive(0, 1, 1000, 5), -ENOBUFS);
	EXPECT_EQ(q.depart(kMs).size(), 2u); // at 0 and at 1 ms
	EXPECT_EQ(q.arrive(kMs, 1, 1000, 6), 0);
	EXPECT_EQ(pq_shim_release(q.shim), 6);
	EXPECT_EQ(pq_shim_release(q.shim), -1);
}

TEST(Pq, RatesDoNotDrift)
{
	Pq q(1, 7777777); // not a divisor of anything near
	uint64_t last = 0;

	ASSERT_EQ(pq_shim_queue(q.shim, 0, 0, 0, 65535), 0);
	for (uint32_t i = 0; i < 60000; i++)
		ASSERT_EQ(q.arrive(0, 0, 1000, i), 0);
	for (auto &p : q.depart(UINT64_MAX))
		last = p.second;
	// 59,999 packets of 1,000 octets before the last
	EXPECT_NEAR(static_cast<double>(last), 59999.0 * 8e9 / 7777777.0, 60.0);
}

TEST(Pq, EveryPacketLeavesOnceInOrderOfItsQueueAndNeverBeforeAHigherOne)
{
	for (unsigned seed = 1; seed <= 30; seed++) {
		std::mt19937 rnd(seed);
		unsigned queues = 1u << rnd() % 4;
		Pq q(queues, 1000 + rnd() % 100000);
		std::vector<std::deque<uint32_t>> wait(queues);
		std::vector<uint64_t> came(3000);
		uint64_t now = 0, free = 0;
		unsigned left = 0, in = 0;
		auto check = [&](const Left &gone) {
			for (auto &[item, at] : gone) {
				unsigned of = queues;

				for (unsigned i = 0; i < queues; i++) {
					if (!wait[i].empty() &&
					    wait[i].front() == item)
						of = i;
				}
				ASSERT_LT(of, queues);
				ASSERT_GE(at, came[item]);
				ASSERT_GE(at, free);
				for (unsigned i = 0; i < of; i++)
					ASSERT_TRUE(wait[i].empty() ||
						    came[wait[i].front()] > at);
				free = at;
				wait[of].pop_front();
				left++;
			}
		};

		for (uint32_t i = 0; i < 3000; i++) {
			unsigned queue = rnd() % queues;

			now += rnd() % 200000;
			check(q.depart(now));
			came[i] = now;
			if (q.arrive(now, queue, 20 + rnd() % 1400, i) == 0) {
				wait[queue].push_back(i);
				in++;
			}
		}
		check(q.depart(UINT64_MAX));
		EXPECT_EQ(left, in) << "seed " << seed;
	}
}

TEST(Pq, RefusesWhatCanNotBe)
{
	Pq q(2, 0);

	EXPECT_EQ(pq_shim_new(0, 0), nullptr);
	EXPECT_EQ(pq_shim_new(9, 0), nullptr);
	EXPECT_EQ(pq_shim_queue(q.shim, 0, 8, 0, 0), -EINVAL);
	EXPECT_EQ(pq_shim_queue(q.shim, 0, 8, 1, 65536), -EINVAL);
	EXPECT_EQ(pq_shim_queue(q.shim, 0, 8, 1, 65535), 0);
	EXPECT_EQ(pq_shim_map(q.shim, 46, 2), -EINVAL);
	EXPECT_EQ(pq_shim_map(q.shim, 46, 1), 0);
}
