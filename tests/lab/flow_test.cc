// Flows of generators: lengths and checksums by their RFCs, times by the rate,
// and the same octets from the same seed.
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "station_shim.h"

namespace
{

constexpr uint64_t SECOND = 1000000000;

class Flow
{
      public:
	explicit Flow(const flow_shim_conf &conf) : shim(flow_shim_new(&conf))
	{
	}
	~Flow()
	{
		flow_shim_free(shim);
	}
	Flow(const Flow &) = delete;
	Flow &operator=(const Flow &) = delete;

	std::vector<uint8_t> take()
	{
		std::vector<uint8_t> frame(9239);

		frame.resize(flow_shim_take(shim, frame.data()));
		return frame;
	}

	flow_shim *shim;
};

flow_shim_conf
udp()
{
	flow_shim_conf c = {};

	c.src = "10.1.0.5";
	c.dst = "10.2.0.7";
	c.protocol = 17;
	c.size_low = c.size_high = 100;
	c.port_low = c.port_high = 5000;
	c.rate_pps = 10;
	return c;
}

} // namespace

TEST(Flow, AnIpv4PacketIsWhatItsHeadersSay)
{
	for (int protocol : {1, 6, 17, 253}) {
		flow_shim_conf c = udp();
		c.protocol = protocol;
		Flow flow(c);

		for (int i = 0; i < 50; i++) {
			std::vector<uint8_t> f = flow.take();
			const uint8_t *ip = f.data() + 14;

			ASSERT_EQ(f.size(), 114u);
			ASSERT_EQ(f[12], 8);
			ASSERT_EQ(ip[0], 0x45);
			ASSERT_EQ(ip[2] << 8 | ip[3], 100);
			ASSERT_EQ(ip[9], protocol);
			ASSERT_EQ(flow_shim_sum(ip, 20), 0u);
			if (protocol == 6 || protocol == 17) {
				ASSERT_EQ(flow_shim_sum4(ip), 0u);
				ASSERT_EQ(ip[22] << 8 | ip[23], 5000);
			} else if (protocol == 1) {
				ASSERT_EQ(flow_shim_sum(ip + 20, 80), 0u);
				ASSERT_EQ(ip[20], 8); // echo request
			}
		}
	}
}

TEST(Flow, AnIpv6PacketBehindATag)
{
	for (int protocol : {6, 17, 58}) {
		flow_shim_conf c = udp();
		c.src = "2001:db8:1::5";
		c.dst = "2001:db8:2::7";
		c.protocol = protocol;
		c.vlan = 100;
		Flow flow(c);
		std::vector<uint8_t> f = flow.take();
		const uint8_t *ip = f.data() + 18;

		ASSERT_EQ(f.size(), 118u);
		EXPECT_EQ(f[12] << 8 | f[13], 0x8100);
		EXPECT_EQ(f[15], 100);
		EXPECT_EQ(f[16] << 8 | f[17], 0x86dd);
		EXPECT_EQ(ip[0], 0x60);
		EXPECT_EQ(ip[4] << 8 | ip[5], 60);
		EXPECT_EQ(flow_shim_sum6(ip), 0u);
	}
}

TEST(Flow, TheSameSeedMakesTheSameOctets)
{
	flow_shim_conf c = udp();
	c.size_low = 64;
	c.size_high = 1500;
	c.port_low = 1;
	c.port_high = 60000;
	c.seed = 3;
	Flow a(c), b(c);
	c.seed = 4;
	Flow other(c);
	bool differs = false;

	for (int i = 0; i < 100; i++) {
		std::vector<uint8_t> f = a.take();

		ASSERT_EQ(f, b.take());
		ASSERT_GE(f.size(), 78u);
		ASSERT_LE(f.size(), 1514u);
		differs |= f != other.take();
	}
	EXPECT_TRUE(differs);
}

TEST(Flow, TimesFollowFromTheRateWithoutDrift)
{
	flow_shim_conf c = udp();
	c.rate_pps = 3;
	c.start_ns = 5;
	c.count = 7;
	Flow flow(c);

	for (uint64_t i = 0; i < 7; i++) {
		EXPECT_EQ(flow_shim_next(flow.shim), 5 + i * SECOND / 3);
		flow.take();
	}
	EXPECT_EQ(flow_shim_next(flow.shim), STATION_SHIM_NEVER);
	c.rate_pps = 0;
	c.rate_bps = 8000; // ten packets of 100 octets a second
	c.count = 0;
	Flow bits(c);
	for (uint64_t i = 0; i < 25; i++) {
		EXPECT_EQ(flow_shim_next(bits.shim), 5 + i * SECOND / 10);
		bits.take();
	}
}

TEST(Flow, ImixIsSevenFourOne)
{
	flow_shim_conf c = udp();
	c.imix = 1;
	Flow flow(c);
	std::map<size_t, int> sizes;

	for (int i = 0; i < 12000; i++)
		sizes[flow.take().size() - 14]++;
	ASSERT_EQ(sizes.size(), 3u);
	EXPECT_NEAR(sizes[40], 7000, 300);
	EXPECT_NEAR(sizes[576], 4000, 300);
	EXPECT_NEAR(sizes[1500], 1000, 170);
}

TEST(Flow, WhatCanNotBeIsRefused)
{
	flow_shim_conf c = udp();

	c.dst = "2001:db8::1";
	EXPECT_EQ(flow_shim_new(&c), nullptr);
	c = udp();
	c.size_high = 9217;
	EXPECT_EQ(flow_shim_new(&c), nullptr);
	c = udp();
	c.port_high = 1;
	EXPECT_EQ(flow_shim_new(&c), nullptr);
	c = udp();
	c.size_low = c.size_high = 1; // as small as its headers let it
	Flow flow(c);
	EXPECT_EQ(flow.take().size(), 14u + 28u);
}
