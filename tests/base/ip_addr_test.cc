// Addresses of both families as octets and as text (RFC 4291, RFC 5952).
#include <gtest/gtest.h>

#include "ip_addr_shim.h"

TEST(IpAddr, WritesTheFormOfRfc5952)
{
	EXPECT_STREQ(ip_addr_shim_canonical("2001:DB8:0:0:1:0:0:1"),
		     "2001:db8::1:0:0:1");
	EXPECT_STREQ(ip_addr_shim_canonical("192.0.2.1"), "192.0.2.1");
	EXPECT_STREQ(ip_addr_shim_none(), "-");
}

TEST(IpAddr, RefusesWhatIsNoAddress)
{
	for (const char *text : {"", "1.2.3", "1.2.3.256", "1.2.3.4/8",
				 "::1::", "2001:db8", "fe80::1%1"})
		EXPECT_STREQ(ip_addr_shim_canonical(text), "") << text;
}

TEST(IpAddr, MasksAtEveryEdge)
{
	EXPECT_STREQ(ip_addr_shim_mask("192.0.2.255", 0), "0.0.0.0");
	EXPECT_STREQ(ip_addr_shim_mask("192.0.2.255", 25), "192.0.2.128");
	EXPECT_STREQ(ip_addr_shim_mask("192.0.2.255", 32), "192.0.2.255");
	EXPECT_STREQ(ip_addr_shim_mask("2001:db8:ffff::1", 33),
		     "2001:db8:8000::");
	EXPECT_STREQ(ip_addr_shim_mask("2001:db8::1", 128), "2001:db8::1");
}

TEST(IpAddr, BelongsToAPrefixOfItsOwnFamilyOnly)
{
	EXPECT_TRUE(ip_addr_shim_in_prefix("10.1.255.255", "10.1.0.0", 16));
	EXPECT_FALSE(ip_addr_shim_in_prefix("10.2.0.0", "10.1.0.0", 16));
	EXPECT_TRUE(ip_addr_shim_in_prefix("2001:db8::5", "2001:db8::", 32));
	EXPECT_FALSE(ip_addr_shim_in_prefix("10.1.0.0", "::", 0));
}

TEST(IpAddr, IsANumberInIPv4Only)
{
	EXPECT_EQ(ip_addr_shim_v4("192.0.2.1"), 0xc0000201u);
	EXPECT_EQ(ip_addr_shim_v4("::1"), 0u);
}
