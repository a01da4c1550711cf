// DSCPs are written where they belong, and nothing else changes but the sum.
#include <gtest/gtest.h>

#include <cstring>

#include "ip_mark_shim.h"

TEST(IpMark, Ipv4KeepsEcnAndARightChecksum) // RFC 1624, RFC 3168 section 5
{
	for (unsigned tos = 0; tos < 256; tos += 3) {
		for (unsigned dscp = 0; dscp < 64; dscp++) {
			uint8_t ip[20] = {0x45, static_cast<uint8_t>(tos),
					  0,    20,
					  0x12, 0x34,
					  0x40, 0,
					  64,   17,
					  0,    0,
					  10,   1,
					  0,    5,
					  192,  0,
					  2,    9};
			unsigned sum = ip_mark_shim_sum(ip);

			ip[10] = static_cast<uint8_t>(sum >> 8);
			ip[11] = static_cast<uint8_t>(sum);
			if (ip_mark_shim_sum(ip) != 0)
				std::swap(ip[10], ip[11]);
			ASSERT_EQ(ip_mark_shim_sum(ip), 0u);
			EXPECT_EQ(ip_mark_shim_get(ip), tos >> 2);
			ip_mark_shim_set(ip, dscp);
			ASSERT_EQ(ip_mark_shim_get(ip), dscp);
			ASSERT_EQ(ip[1] & 3, static_cast<int>(tos & 3));
			ASSERT_EQ(ip_mark_shim_sum(ip), 0u);
		}
	}
}

TEST(IpMark, Ipv6KeepsVersionEcnAndFlowLabel) // RFC 8200 section 3
{
	for (unsigned dscp = 0; dscp < 64; dscp++) {
		uint8_t ip[40] = {0x6a, 0xbf, 0xed, 0xcb};

		EXPECT_EQ(ip_mark_shim_get(ip), 0x2au);
		ip_mark_shim_set(ip, dscp);
		ASSERT_EQ(ip_mark_shim_get(ip), dscp);
		ASSERT_EQ(ip[0] >> 4, 6);
		ASSERT_EQ(ip[1] & 0x3f, 0x3f);
		ASSERT_EQ(ip[2], 0xed);
		ASSERT_EQ(ip[3], 0xcb);
	}
}
