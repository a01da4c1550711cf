// From a packet for a circuit to a frame, octet for octet, or to the loop.
#include <gtest/gtest.h>

#include "lc_card.h"

namespace
{

lc_shim_packet
out(uint32_t circuit, unsigned flags = 0)
{
	lc_shim_packet p = {};
	p.circuit_out = circuit;
	p.handle = flags & LC_SHIM_PROTECT ? circuit : 2;
	p.flags = flags;
	return p;
}

Octets
octets(const lc_shim_result &r)
{
	return Octets(r.octets, r.octets + r.len);
}

} // namespace

TEST(Eppa, APortsFrameOctetForOctet)
{
	Card card;
	Octets ip = Ip().octets();
	auto r = card.step(lc_shim_egress, ip, out(kPort2));
	Octets want = {2, 0, 10, 2, 0, 7, 2, 0x5e, 1, 2, 1, 2, 8, 0};
	want.insert(want.end(), ip.begin(), ip.end());
	ASSERT_STREQ(r.fate, "go");
	EXPECT_FALSE(r.loop);
	EXPECT_EQ(octets(r), want);
}

TEST(Eppa, APvcsFrameBearsItsTag) // IEEE 802.1Q clause 9.3
{
	Card card;
	Octets ip = Ip().octets();
	auto r = card.step(lc_shim_egress, ip, out(kPvc));
	Octets want = {2, 0, 10, 2,    0, 7, 2,   0x5e, 1,
		       2, 1, 1,  0x81, 0, 0, 100, 8,    0};
	want.insert(want.end(), ip.begin(), ip.end());
	ASSERT_STREQ(r.fate, "go");
	EXPECT_EQ(octets(r), want);
}

TEST(Eppa, TheNextHopIsTheAdjacencysOrTheDestination)
{
	Card card;
	Octets ip = Ip().octets();
	auto p = out(kPort2);
	p.handle = 3; // to 192.0.2.2
	auto r = card.step(lc_shim_egress, ip, p);
	ASSERT_STREQ(r.fate, "go");
	EXPECT_EQ(Octets(r.octets, r.octets + 6), (Octets{2, 0, 192, 0, 2, 2}));
	p.handle = 1; // an adjacency, but nobody's next hop
	EXPECT_STREQ(card.step(lc_shim_egress, ip, p).fate, "bad-handle");
	p.handle = 77;
	EXPECT_STREQ(card.step(lc_shim_egress, ip, p).fate, "bad-handle");
	p.handle = 2;
	ip[0] = 0x55;
	EXPECT_STREQ(card.step(lc_shim_egress, ip, p).fate, "bad-handle");
}

TEST(Eppa, AnIpv6FrameHasTheLastFourOctetsOfItsNextHop)
{
	Card card;
	Octets ip(40);
	ip[0] = 0x60;
	ip[24] = 0x20;
	put32(ip, 36, 0x0a0b0c0d);
	auto r = card.step(lc_shim_egress, ip, out(kPort2));
	Octets want = {2, 6, 10, 11, 12, 13, 2, 0x5e, 1, 2, 1, 2, 0x86, 0xdd};
	want.insert(want.end(), ip.begin(), ip.end());
	ASSERT_STREQ(r.fate, "go");
	EXPECT_EQ(octets(r), want);
	ip.resize(39);
	EXPECT_STREQ(card.step(lc_shim_egress, ip, out(kPort2)).fate,
		     "bad-handle");
}

TEST(Eppa, ClearPacketForATunnelGoesRoundTheLoop)
{
	Card card;
	Octets ip = Ip().octets();
	auto r = card.step(lc_shim_egress, ip, out(kLoop, LC_SHIM_PROTECT));
	EXPECT_STREQ(r.fate, "go");
	EXPECT_TRUE(r.loop);
	EXPECT_EQ(r.packet.flags, unsigned{LC_SHIM_PROTECT | LC_SHIM_LOOPED});
	EXPECT_EQ(octets(r), ip);
}

TEST(Eppa, NothingChosenForProtectionLeavesInTheClear)
{
	Card card;
	Octets ip = Ip().octets();
	auto leak = out(kPort2, LC_SHIM_PROTECT);
	EXPECT_STREQ(card.step(lc_shim_egress, ip, leak).fate, "clear-leak");
	leak.flags |= LC_SHIM_LOOPED | LC_SHIM_ECONOMICAL;
	EXPECT_STREQ(card.step(lc_shim_egress, ip, leak).fate, "clear-leak");
	leak.circuit_out = 999;
	EXPECT_STREQ(card.step(lc_shim_egress, ip, leak).fate, "clear-leak");
	leak.circuit_out = kPort2;
	leak.flags |= LC_SHIM_SEALED;
	EXPECT_STREQ(card.step(lc_shim_egress, ip, leak).fate, "go");
}

TEST(Eppa, RefusalsHaveTheirNames)
{
	Card card;
	Octets ip = Ip().octets();
	auto fate = [&](const lc_shim_packet &p) {
		return std::string(card.step(lc_shim_egress, ip, p).fate);
	};
	EXPECT_EQ(fate(out(0)), "bad-handle");
	EXPECT_EQ(fate(out(999)), "bad-handle");
	EXPECT_EQ(fate(out(kElsewhere)), "bad-handle");
	EXPECT_EQ(fate(out(kPort3)), "port-down");
	EXPECT_EQ(fate(out(kDownTunnel, LC_SHIM_PROTECT)), "tunnel-down");
	EXPECT_EQ(fate(out(kLoop)), "bad-handle");
	EXPECT_EQ(fate(out(kLoop, LC_SHIM_PROTECT | LC_SHIM_SEALED)),
		  "bad-handle");
}

TEST(Eppa, MtuIsThatOfTheIpPacket) // RFC 1812 section 4.2.2.6
{
	Card card;
	Ip ip;
	ip.payload = 1480;
	EXPECT_STREQ(card.step(lc_shim_egress, ip.octets(), out(kPort2)).fate,
		     "go");
	EXPECT_STREQ(card.step(lc_shim_egress, ip.octets(), out(kPvc)).fate,
		     "go");
	// What may be cut is, where it is written.
	ip.payload = 1481;
	EXPECT_STREQ(card.step(lc_shim_egress, ip.octets(), out(kPort2)).fate,
		     "go");
	ip.fragment = 0x4000;
	EXPECT_STREQ(card.step(lc_shim_egress, ip.octets(), out(kPort2)).fate,
		     "mtu-exceeded");
	// A tunnel's: what may be cut is, at the ASP.
	ip.fragment = 0;
	ip.payload = 1381;
	EXPECT_STREQ(
	    card.step(lc_shim_egress, ip.octets(), out(kLoop, LC_SHIM_PROTECT))
		.fate,
	    "go");
	ip.fragment = 0x4000;
	EXPECT_STREQ(
	    card.step(lc_shim_egress, ip.octets(), out(kLoop, LC_SHIM_PROTECT))
		.fate,
	    "mtu-exceeded");
}

TEST(Eppa, APacketWithoutRoomForItsHeaderIsRefused)
{
	Card card;
	Octets ip = Ip().octets();
	auto p = out(kPort2);
	lc_shim_clear(card.shim);
	lc_shim_put_packet(card.shim, ip.data(),
			   static_cast<unsigned>(ip.size()), &p);
	lc_shim_headroom(card.shim, 13);
	lc_shim_egress(card.shim);
	EXPECT_STREQ(card.result().fate, "bad-frame");
}
