// IPv4 reception checks, one malformed packet each.
#include <gtest/gtest.h>

#include "lc_card.h"

namespace
{

std::string
fate(const Octets &ip, unsigned wire = 0)
{
	Card card;
	return card.receive(ip, kRaw, wire).fate;
}

Octets
spoilt(size_t at, uint8_t value, bool right_checksum = true)
{
	Octets ip = Ip().octets();
	ip[at] = value;
	if (right_checksum)
		seal(ip);
	return ip;
}

std::string
between(uint32_t src, uint32_t dst)
{
	Ip ip;
	ip.src = src;
	ip.dst = dst;
	return fate(ip.octets());
}

} // namespace

TEST(IpCheck, PassesAGoodPacket)
{
	EXPECT_EQ(fate(Ip().octets()), "go");
}

TEST(IpCheck, RefusesFewerThan20Octets) // RFC 1812 section 5.2.2 (1)
{
	Octets ip = Ip().octets();
	ip.resize(19);
	EXPECT_EQ(fate(ip), "truncated");
}

TEST(IpCheck, RefusesAWrongChecksum) // RFC 1812 section 5.2.2 (2)
{
	EXPECT_EQ(fate(spoilt(4, 0xff, false)), "bad-checksum");
}

TEST(IpCheck, RefusesAnotherVersion) // RFC 1812 section 5.2.2 (3)
{
	Card card;
	EXPECT_STREQ(card.receive(ether(spoilt(0, 0x55))).fate,
		     "bad-ip-header");
}

TEST(IpCheck, RefusesAHeaderLengthBelow5) // RFC 1812 section 5.2.2 (4)
{
	EXPECT_EQ(fate(spoilt(0, 0x44, false)), "bad-ip-header");
}

TEST(IpCheck, RefusesATotalLengthBelowTheHeader) // RFC 1812 5.2.2 (5)
{
	EXPECT_EQ(fate(spoilt(3, 19)), "bad-ip-header");
}

TEST(IpCheck, RefusesATotalLengthBeyondWhatArrived)
{
	EXPECT_EQ(fate(spoilt(3, 41)), "truncated");
}

TEST(IpCheck, RefusesAHeaderBeyondThePacket)
{
	Octets ip = Ip().octets();
	ip.resize(24);
	ip[0] = 0x4f;
	EXPECT_EQ(fate(ip), "bad-ip-header");
}

TEST(IpCheck, ACutFrameWithAWholePacketGoes)
{
	Octets ip = Ip().octets();
	EXPECT_EQ(fate(ip, static_cast<unsigned>(ip.size()) + 6), "go");
}

TEST(IpCheck, ACutPacketIsTruncated)
{
	Octets ip = Ip().octets();
	unsigned whole = static_cast<unsigned>(ip.size());
	ip.resize(30);
	EXPECT_EQ(fate(ip, whole), "truncated");
}

TEST(IpCheck, OptionsPass) // RFC 1812 section 5.2.4
{
	Octets ip = Ip().octets();
	ip[0] = 0x46;
	ip[20] = ip[21] = ip[22] = 1; // no operation
	ip[23] = 0;
	seal(ip);
	EXPECT_EQ(fate(ip), "go");
}

TEST(IpCheck, RefusesMartianSources) // RFC 1812 section 5.3.7
{
	uint32_t dst = addr(10, 2, 0, 7);
	EXPECT_EQ(between(addr(0, 1, 2, 3), dst), "martian-address");
	EXPECT_EQ(between(addr(127, 0, 0, 1), dst), "martian-address");
	EXPECT_EQ(between(addr(224, 0, 0, 1), dst), "martian-address");
	EXPECT_EQ(between(addr(240, 0, 0, 1), dst), "martian-address");
	EXPECT_EQ(between(addr(255, 255, 255, 255), dst), "martian-address");
}

TEST(IpCheck, RefusesMartianDestinations) // RFC 1812 section 5.3.7
{
	uint32_t src = addr(10, 1, 0, 9);
	EXPECT_EQ(between(src, addr(0, 0, 0, 0)), "martian-address");
	EXPECT_EQ(between(src, addr(127, 1, 1, 1)), "martian-address");
	EXPECT_EQ(between(src, addr(240, 0, 0, 1)), "martian-address");
	EXPECT_EQ(between(src, addr(255, 255, 255, 254)), "martian-address");
}

TEST(IpCheck, MulticastIsNotRouted)
{
	EXPECT_EQ(between(addr(10, 1, 0, 9), addr(224, 0, 0, 5)), "multicast");
	EXPECT_EQ(between(addr(10, 1, 0, 9), addr(239, 255, 255, 255)),
		  "multicast");
}

TEST(IpCheck, TheLimitedBroadcastIsForTheRouter) // RFC 1812 5.3.5.1
{
	Card card;
	Ip ip;
	ip.dst = addr(255, 255, 255, 255);
	auto r = card.receive(ether(ip.octets(), 0x0800, -1, 0xff));
	EXPECT_STREQ(r.fate, "go");
	EXPECT_EQ(r.to, card.xcrp);
}
