// Token buckets: exact to the nanosecond and the octet (RFC 2697).
#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <random>

#include "policer_shim.h"

namespace
{

constexpr uint64_t kSecond = 1000000000;
enum { kConform, kExceed, kViolate };

struct Policer {
	policer_shim *shim;

	Policer(uint32_t rate_kbps, uint32_t burst, uint32_t excess = 0)
	    : shim(policer_shim_new(rate_kbps, burst, excess))
	{
	}
	~Policer()
	{
		if (shim != nullptr)
			policer_shim_free(shim);
	}
	int take(uint64_t ns, uint32_t octets)
	{
		return policer_shim_take(shim, ns, octets);
	}
};

} // namespace

TEST(Policer, ANewBucketIsFullAndHoldsTheBurst)
{
	Policer p(8, 1500);

	EXPECT_EQ(p.take(5 * kSecond, 1000), kConform);
	EXPECT_EQ(p.take(5 * kSecond, 501), kExceed);
	EXPECT_EQ(p.take(5 * kSecond, 500), kConform);
	EXPECT_EQ(p.take(5 * kSecond, 1), kExceed);
}

TEST(Policer, EightKilobitsAreAThousandOctetsASecond)
{
	Policer p(8, 1000);

	EXPECT_EQ(p.take(0, 1000), kConform);
	EXPECT_EQ(p.take(kSecond / 10 - 1, 100), kExceed);
	EXPECT_EQ(p.take(kSecond / 10, 100), kConform);
	EXPECT_EQ(p.take(kSecond / 10, 1), kExceed);
}

TEST(Policer, NothingIsLostByRounding)
{
	// 1 kbit/s: an octet in 8,000,000 ns; asked every 7 ns
	Policer p(1, 10);
	unsigned conform = 0;

	EXPECT_EQ(p.take(0, 10), kConform);
	for (uint64_t ns = 7; ns <= 7 * 8000000; ns += 7)
		conform += p.take(ns, 1) == kConform;
	EXPECT_EQ(conform, 7u);
}

TEST(Policer, FillsNoFurtherThanTheBurstHoweverLongItWaits)
{
	Policer p(400000000, 4294967295u);

	EXPECT_EQ(p.take(1, 4294967295u), kConform);
	EXPECT_EQ(p.take(1, 1), kExceed);
	EXPECT_EQ(p.take(UINT64_MAX, 4294967295u), kConform);
	EXPECT_EQ(p.take(UINT64_MAX, 1), kExceed);
}

TEST(Policer, TimeThatStepsBackBringsNothing)
{
	Policer p(8, 1000);

	EXPECT_EQ(p.take(10 * kSecond, 1000), kConform);
	EXPECT_EQ(p.take(2 * kSecond, 1), kExceed);
	EXPECT_EQ(p.take(11 * kSecond, 1000), kConform);
	EXPECT_EQ(p.take(3 * kSecond, 1), kExceed);
}

TEST(Policer, APacketLargerThanTheBurstNeverConforms)
{
	Policer p(8000, 100);

	EXPECT_EQ(p.take(0, 101), kExceed);
	EXPECT_EQ(p.take(100 * kSecond, 101), kExceed);
	EXPECT_EQ(p.take(100 * kSecond, 100), kConform);
}

TEST(Policer, TheExcessBurstTakesWhatTheOtherLeaves) // RFC 2697 section 3
{
	Policer p(8, 1000, 500);

	EXPECT_EQ(p.take(0, 1000), kConform);
	EXPECT_EQ(p.take(0, 500), kExceed);
	EXPECT_EQ(p.take(0, 1), kViolate);
	// 1.2 s bring 1,200 octets: 1,000 to the one, 200 to the other
	EXPECT_EQ(p.take(kSecond * 12 / 10, 1000), kConform);
	EXPECT_EQ(p.take(kSecond * 12 / 10, 201), kViolate);
	EXPECT_EQ(p.take(kSecond * 12 / 10, 200), kExceed);
}

TEST(Policer, AgreesWithARunningSum)
{
	for (unsigned seed = 1; seed <= 50; seed++) {
		std::mt19937_64 rnd(seed);
		uint32_t rate = static_cast<uint32_t>(1 + rnd() % 1000000);
		uint32_t burst = static_cast<uint32_t>(1 + rnd() % 20000);
		uint32_t excess = static_cast<uint32_t>(rnd() % 2 * 5000);
		Policer p(rate, burst, excess);
		// in 8,000,000ths of an octet, as wide as it takes
		__int128 full = static_cast<__int128>(burst) * 8000000;
		__int128 full2 = static_cast<__int128>(excess) * 8000000;
		__int128 c = full, e = full2;
		uint64_t now = rnd() % kSecond, last = now;

		p.take(now, 0);
		for (unsigned i = 0; i < 2000; i++) {
			uint32_t octets =
			    static_cast<uint32_t>(20 + rnd() % 1480);
			__int128 cost = static_cast<__int128>(octets) * 8000000;
			int want;

			now += rnd() % 2000000;
			c += static_cast<__int128>(now - last) * rate;
			last = now;
			if (c > full) {
				e = std::min(full2, e + (c - full));
				c = full;
			}
			if (c >= cost) {
				want = kConform;
				c -= cost;
			} else if (excess == 0) {
				want = kExceed;
			} else if (e >= cost) {
				want = kExceed;
				e -= cost;
			} else {
				want = kViolate;
			}
			ASSERT_EQ(p.take(now, octets), want)
			    << "seed " << seed << " packet " << i;
		}
	}
}

TEST(Policer, RefusesWhatCanNotBe)
{
	Policer p(1, 1);

	EXPECT_EQ(policer_shim_new(0, 1, 0), nullptr);
	EXPECT_EQ(policer_shim_new(1, 0, 0), nullptr);
	EXPECT_EQ(policer_shim_new(400000001, 1, 0), nullptr);
	EXPECT_EQ(policer_shim_set(p.shim, 0, 1, 1, 0, 0), -EINVAL);
	EXPECT_EQ(policer_shim_set(p.shim, 65536, 1, 1, 0, 0), -EINVAL);
	EXPECT_EQ(policer_shim_set(p.shim, 2, 1, 1, 3, 0), -EINVAL);
	EXPECT_EQ(policer_shim_set(p.shim, 2, 1, 1, 2, 64), -EINVAL);
	EXPECT_EQ(policer_shim_set(p.shim, 65535, 1, 1, 2, 63), 0);
	EXPECT_TRUE(policer_shim_delete(p.shim, 65535));
	EXPECT_TRUE(policer_shim_delete(p.shim, 7));
}
