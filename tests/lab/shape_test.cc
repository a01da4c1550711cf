// What a link does to frames, by rule: times to the nanosecond, shares within
// bounds that five standard deviations set, and the same fates from one seed.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "shape_shim.h"

namespace
{

constexpr uint64_t MS = 1000000;
constexpr uint32_t PERCENT = 10000000; // of 10^9

struct Got {
	uint64_t time_ns;
	uint64_t number; // as pushed, from 1
	std::vector<uint8_t> data;
};

class Link
{
      public:
	explicit Link(shape_shim_conf conf, uint64_t seed = 7)
	    : shim(shape_shim_new(seed, &conf))
	{
	}
	~Link()
	{
		shape_shim_free(shim);
	}
	Link(const Link &) = delete;
	Link &operator=(const Link &) = delete;

	void push(uint64_t time_ns, uint32_t octets = 100)
	{
		std::vector<uint8_t> data(octets, 0x5a);

		shape_shim_push(shim, time_ns, data.data(), octets, ++pushed);
	}

	std::vector<Got> take(uint64_t now_ns = SHAPE_SHIM_NEVER)
	{
		std::vector<Got> got;
		std::vector<uint8_t> data(9238);
		uint64_t time_ns, trace;
		uint32_t n;

		while ((n = shape_shim_take(shim, now_ns, data.data(), &time_ns,
					    &trace)) != 0)
			got.push_back(
			    {time_ns, trace, {data.begin(), data.begin() + n}});
		return got;
	}

	uint64_t count(const char *name) const
	{
		return shape_shim_count(shim, name);
	}

	shape_shim *shim;
	uint64_t pushed = 0;
};

// Whether n of `trials` is what a share of them would be.
bool
plausible(uint64_t n, uint64_t trials, double share)
{
	double mean = static_cast<double>(trials) * share;

	return std::fabs(static_cast<double>(n) - mean) <
	       5 * std::sqrt(mean * (1 - share));
}

std::vector<uint64_t>
numbers(const std::vector<Got> &got)
{
	std::vector<uint64_t> n;

	for (const Got &g : got)
		n.push_back(g.number);
	return n;
}

} // namespace

TEST(Shape, ACableIsClearAndPassesAll)
{
	Link link({});

	EXPECT_TRUE(shape_shim_is_clear(link.shim));
	link.push(5);
	EXPECT_FALSE(shape_shim_is_clear(link.shim)); // one is under way
	EXPECT_EQ(shape_shim_next(link.shim), 5u);
	std::vector<Got> got = link.take(5);
	ASSERT_EQ(got.size(), 1u);
	EXPECT_EQ(got[0].data, std::vector<uint8_t>(100, 0x5a));
	EXPECT_EQ(shape_shim_next(link.shim), SHAPE_SHIM_NEVER);
	EXPECT_TRUE(shape_shim_is_clear(link.shim));
}

TEST(Shape, DelayIsExact)
{
	shape_shim_conf conf = {};
	conf.delay_ns = 20 * MS;
	Link link(conf);

	link.push(100 * MS);
	link.push(101 * MS);
	EXPECT_TRUE(link.take(120 * MS - 1).empty());
	ASSERT_EQ(link.take(120 * MS).size(), 1u);
	EXPECT_EQ(shape_shim_next(link.shim), 121 * MS);
	std::vector<Got> got = link.take(500 * MS);
	ASSERT_EQ(got.size(), 1u);
	EXPECT_EQ(got[0].time_ns, 121 * MS); // its due, not when it was asked
}

TEST(Shape, JitterStaysInBoundsAndKeepsTheOrder)
{
	shape_shim_conf conf = {};
	conf.delay_ns = 20 * MS;
	conf.jitter_ns = 5 * MS;
	Link link(conf);
	uint64_t least = UINT64_MAX, most = 0;

	for (uint64_t i = 0; i < 2000; i++)
		link.push(i * 20 * MS); // so far apart that none waits
	std::vector<Got> got = link.take();
	ASSERT_EQ(got.size(), 2000u);
	for (size_t i = 0; i < got.size(); i++) {
		uint64_t delay = got[i].time_ns - i * 20 * MS;

		ASSERT_EQ(got[i].number, i + 1);
		least = std::min(least, delay);
		most = std::max(most, delay);
	}
	EXPECT_GE(least, 15 * MS);
	EXPECT_LT(least, 15 * MS + MS / 10);
	EXPECT_LE(most, 25 * MS);
	EXPECT_GT(most, 25 * MS - MS / 10);
	for (uint64_t i = 0; i < 500; i++) // close: they wait for one another
		link.push(50000 * MS + i);
	got = link.take();
	for (size_t i = 1; i < got.size(); i++)
		ASSERT_EQ(got[i].number, got[i - 1].number + 1);
}

TEST(Shape, LossIsAsOftenAsToldAndTheSameForASeed)
{
	shape_shim_conf conf = {};
	conf.loss = PERCENT;
	Link a(conf, 1), b(conf, 1), c(conf, 2);

	for (uint64_t i = 0; i < 15000; i++) {
		a.push(i);
		b.push(i * 1000000); // times decide nothing
		c.push(i);
	}
	auto got = numbers(a.take());
	EXPECT_TRUE(plausible(a.count("lost"), 15000, 0.01)) << a.count("lost");
	EXPECT_EQ(got.size() + a.count("lost"), 15000u);
	EXPECT_EQ(got, numbers(b.take()));
	EXPECT_NE(got, numbers(c.take()));
}

TEST(Shape, AllOrNothing)
{
	shape_shim_conf conf = {};
	conf.loss = 100 * PERCENT;
	Link link(conf);

	for (uint64_t i = 0; i < 100; i++)
		link.push(i);
	EXPECT_TRUE(link.take().empty());
	EXPECT_EQ(link.count("lost"), 100u);
}

TEST(Shape, DuplicatesFollowTheirOriginal)
{
	shape_shim_conf conf = {};
	conf.duplication = 10 * PERCENT;
	Link link(conf);
	uint64_t twice = 0;

	for (uint64_t i = 0; i < 5000; i++)
		link.push(i);
	std::vector<Got> got = link.take();
	for (size_t i = 1; i < got.size(); i++) {
		if (got[i].number == got[i - 1].number)
			twice++;
		else
			ASSERT_EQ(got[i].number, got[i - 1].number + 1);
	}
	EXPECT_EQ(twice, link.count("duplicated"));
	EXPECT_TRUE(plausible(twice, 5000, 0.1)) << twice;
	EXPECT_EQ(got.size(), 5000 + twice);
}

TEST(Shape, AReorderedFrameIsOvertakenByThree)
{
	shape_shim_conf conf = {};
	conf.reordering = 2 * PERCENT;
	Link link(conf);

	for (uint64_t i = 0; i < 5000; i++)
		link.push(i * 1000);
	auto got = numbers(link.take());
	ASSERT_EQ(got.size(), 5000u);
	uint64_t late = 0, highest = 0;
	for (size_t i = 0; i < got.size(); i++) {
		if (got[i] > highest) {
			highest = got[i];
			continue;
		}
		late++;
		// right behind the third that came after it
		EXPECT_GE(highest, got[i] + 3);
	}
	EXPECT_TRUE(plausible(link.count("reordered"), 5000, 0.02));
	EXPECT_GE(late, link.count("reordered") - 3); // the last may have none
}

TEST(Shape, AHeldFrameDoesNotWaitForEver)
{
	shape_shim_conf conf = {};
	conf.reordering = 100 * PERCENT;
	conf.delay_ns = MS;
	Link link(conf);

	link.push(0);
	EXPECT_EQ(shape_shim_next(link.shim), 11 * MS);
	EXPECT_TRUE(link.take(11 * MS - 1).empty());
	EXPECT_EQ(link.take(11 * MS).size(), 1u);
}

TEST(Shape, CorruptionTurnsOneBitBehindTheEthernetHeader)
{
	shape_shim_conf conf = {};
	conf.corruption = 50 * PERCENT;
	Link link(conf);
	uint64_t changed = 0;

	for (uint64_t i = 0; i < 1000; i++)
		link.push(i, 60);
	for (const Got &g : link.take()) {
		unsigned bits = 0;

		for (size_t i = 0; i < g.data.size(); i++) {
			unsigned diff = g.data[i] ^ 0x5aU;

			ASSERT_TRUE(i >= 14 || diff == 0);
			for (; diff != 0; diff &= diff - 1)
				bits++;
		}
		ASSERT_LE(bits, 1u);
		changed += bits;
	}
	EXPECT_EQ(changed, link.count("corrupted"));
	EXPECT_TRUE(plausible(changed, 1000, 0.5)) << changed;
}

TEST(Shape, TheRateSpacesFramesAndItsQueueIsBounded)
{
	shape_shim_conf conf = {};
	conf.rate_bps = 8000000; // an octet a microsecond
	conf.queue = 2;          // 3,028 octets
	Link link(conf);

	for (int i = 0; i < 10; i++)
		link.push(0, 1000);
	std::vector<Got> got = link.take();
	// 1000 in sending and 3000 before the last that fits.
	ASSERT_EQ(got.size(), 4u);
	for (size_t i = 0; i < got.size(); i++)
		EXPECT_EQ(got[i].time_ns, (i + 1) * MS);
	EXPECT_EQ(link.count("queue-full"), 6u);
	link.push(100 * MS, 500); // it was idle: no credit is kept
	link.push(100 * MS, 500);
	got = link.take();
	EXPECT_EQ(got[0].time_ns, 100 * MS + MS / 2);
	EXPECT_EQ(got[1].time_ns, 101 * MS);
}

TEST(Shape, TheMtuIsOfThePacketAndTagsComeOnTop)
{
	shape_shim_conf conf = {};
	conf.mtu = 1400;
	Link link(conf);
	std::vector<uint8_t> tagged(1400 + 18, 0);

	link.push(0, 1414);
	link.push(0, 1415);
	tagged[12] = 0x81;
	shape_shim_push(link.shim, 0, tagged.data(), 1418, 3);
	tagged[16] = 0x81; // two tags
	shape_shim_push(link.shim, 0, tagged.data(), 1418, 4);
	tagged.resize(1423);
	shape_shim_push(link.shim, 0, tagged.data(), 1423, 5);
	EXPECT_EQ(numbers(link.take()), (std::vector<uint64_t>{1, 3, 4}));
	EXPECT_EQ(link.count("too-long"), 2u);
}

TEST(Shape, ALinkThatGoesDownLosesWhatIsUnderWay)
{
	shape_shim_conf conf = {};
	conf.delay_ns = 20 * MS;
	Link link(conf);

	link.push(0);
	link.push(0);
	conf.down = 1;
	shape_shim_set(link.shim, &conf);
	link.push(1);
	EXPECT_EQ(shape_shim_next(link.shim), SHAPE_SHIM_NEVER);
	EXPECT_EQ(link.count("link-down"), 3u);
	conf.down = 0;
	shape_shim_set(link.shim, &conf);
	link.push(2);
	EXPECT_EQ(numbers(link.take()), (std::vector<uint64_t>{4}));
}

TEST(Shape, MemoryIsBounded)
{
	shape_shim_conf conf = {};
	conf.delay_ns = 1000 * MS;
	Link link(conf);

	for (int i = 0; i < 20000; i++)
		link.push(0, 60);
	EXPECT_EQ(link.count("queue-full"), 20000u - 16384u);
	EXPECT_EQ(link.take().size(), 16384u);
	for (int i = 0; i < 4000; i++) // 16 MiB of jumbo frames
		link.push(2000 * MS, 9238);
	EXPECT_EQ(link.take().size(), (16u << 20) / 9238);
}

TEST(Shape, NewPropertiesAreForFramesToCome)
{
	shape_shim_conf slow = {};
	slow.delay_ns = 20 * MS;
	shape_shim_conf none = {};
	Link link(slow);

	link.push(0);
	shape_shim_set(link.shim, &none);
	EXPECT_FALSE(shape_shim_is_clear(link.shim));
	link.push(1); // it does not overtake
	std::vector<Got> got = link.take();
	EXPECT_EQ(numbers(got), (std::vector<uint64_t>{1, 2}));
	EXPECT_EQ(got[1].time_ns, 20 * MS);
}
