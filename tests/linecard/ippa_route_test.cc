// Where packets go: the paths of the machine, one test for each.
#include <gtest/gtest.h>

#include "lc_card.h"

namespace
{

lc_shim_result
to(Card &card, uint32_t dst, uint8_t ttl = 64, unsigned payload = 20,
   unsigned fragment = 0)
{
	Ip ip;
	ip.fragment = fragment;
	ip.dst = dst;
	ip.ttl = ttl;
	ip.payload = payload;
	return card.receive(ether(ip.octets()));
}

Octets
esp(uint32_t spi, unsigned fragment = 0, unsigned payload = 40)
{
	Ip ip;
	ip.dst = addr(192, 0, 2, 1);
	ip.protocol = 50;
	ip.payload = payload;
	ip.fragment = fragment;
	Octets o = ip.octets();
	if (payload >= 4)
		put32(o, 20, spi);
	return o;
}

} // namespace

TEST(IppaRoute, AttachedNetworkLeavesByItsCircuit)
{
	Card card;
	auto r = to(card, addr(10, 2, 0, 7));
	EXPECT_STREQ(r.fate, "go");
	EXPECT_EQ(r.to, card.eppa1);
	EXPECT_EQ(r.packet.circuit_out, kPort2);
	EXPECT_EQ(r.packet.handle, 2u);
	EXPECT_EQ(r.packet.flags, 0u);
}

TEST(IppaRoute, NextHopIsTheAdjacencys)
{
	Card card;
	auto r = to(card, addr(10, 3, 0, 7));
	EXPECT_EQ(r.to, card.eppa2);
	EXPECT_EQ(r.packet.handle, 3u);
}

TEST(IppaRoute, TtlFallsByOneAndTheChecksumFollows) // RFC 1812 5.3.1, RFC 1624
{
	Card card;
	for (unsigned ttl = 2; ttl < 256; ttl++) {
		auto r = to(card, addr(10, 2, 0, 7), static_cast<uint8_t>(ttl));
		ASSERT_STREQ(r.fate, "go");
		EXPECT_EQ(r.octets[8], ttl - 1);
		EXPECT_EQ(lc_shim_cksum(r.octets, 20), 0);
	}
}

TEST(IppaRoute, TheChecksumNeverBecomesTheOtherZero) // RFC 1624 section 3
{
	Card card;
	for (unsigned id = 0; id < 65536; id += 7) {
		Octets ip = Ip().octets();
		put16(ip, 4, id);
		seal(ip);
		auto r = card.receive(ip, kRaw);
		Octets want(r.octets, r.octets + r.len);
		seal(want);
		ASSERT_EQ(r.octets[10], want[10]);
		ASSERT_EQ(r.octets[11], want[11]);
	}
}

TEST(IppaRoute, TtlOneOrZeroIsNotForwarded) // RFC 1812 section 5.3.1
{
	Card card;
	EXPECT_STREQ(to(card, addr(10, 2, 0, 7), 1).fate, "ttl-expired");
	EXPECT_STREQ(to(card, addr(10, 2, 0, 7), 0).fate, "ttl-expired");
	EXPECT_STREQ(to(card, addr(10, 4, 0, 7), 1).fate, "ttl-expired");
}

TEST(IppaRoute, TtlOneForTheRouterItselfArrives) // RFC 1812 section 5.3.1
{
	Card card;
	auto r = to(card, addr(192, 0, 2, 1), 1);
	EXPECT_STREQ(r.fate, "go");
	EXPECT_EQ(r.to, card.xcrp);
	EXPECT_EQ(r.octets[8], 1);
}

TEST(IppaRoute, CircuitBasedTunnelGoesToTheOwnEppa)
{
	Card card;
	auto r = to(card, addr(10, 4, 0, 7));
	EXPECT_STREQ(r.fate, "go");
	EXPECT_EQ(r.to, card.eppa1);
	EXPECT_EQ(r.packet.handle, kLoop);
	EXPECT_EQ(r.packet.circuit_out, kLoop);
	EXPECT_EQ(r.packet.flags, unsigned{LC_SHIM_PROTECT});
}

TEST(IppaRoute, EconomicalTunnelGoesToTheAsp)
{
	Card card;
	auto r = to(card, addr(10, 5, 0, 7));
	EXPECT_STREQ(r.fate, "go");
	EXPECT_EQ(r.to, card.asp);
	EXPECT_EQ(r.packet.handle, kEconomical);
	EXPECT_EQ(r.packet.flags,
		  unsigned{LC_SHIM_PROTECT | LC_SHIM_ECONOMICAL});
}

TEST(IppaRoute, EconomicalTunnelsMtuIsKeptHere)
{
	Card card;
	EXPECT_STREQ(to(card, addr(10, 5, 0, 7), 64, 1380).fate, "go");
	// What may be cut is, at the ASP.
	EXPECT_STREQ(to(card, addr(10, 5, 0, 7), 64, 1381).fate, "go");
	EXPECT_STREQ(to(card, addr(10, 5, 0, 7), 64, 1381, 0x4000).fate,
		     "mtu-exceeded");
	// The circuit-based one's is an egress feature.
	EXPECT_STREQ(to(card, addr(10, 4, 0, 7), 64, 1381).fate, "go");
}

TEST(IppaRoute, RefusalsHaveTheirNames)
{
	Card card;
	EXPECT_STREQ(to(card, addr(172, 16, 0, 1)).fate, "no-route");
	EXPECT_STREQ(to(card, addr(10, 6, 0, 1)).fate, "tunnel-down");
	EXPECT_STREQ(to(card, addr(10, 7, 0, 1)).fate, "no-asp");
	EXPECT_STREQ(to(card, addr(10, 8, 0, 1)).fate, "null-route");
	EXPECT_STREQ(to(card, addr(10, 9, 0, 1)).fate, "port-down");
	EXPECT_STREQ(to(card, addr(10, 10, 0, 1)).fate, "tunnel-down");
	EXPECT_STREQ(to(card, addr(10, 11, 0, 1)).fate, "bad-handle");
}

TEST(IppaRoute, EspForUsGoesToItsAsp) // RFC 4301 section 5.2
{
	Card card;
	auto r = card.receive(ether(esp(0x2001)));
	EXPECT_STREQ(r.fate, "go");
	EXPECT_EQ(r.to, card.asp);
	EXPECT_EQ(r.packet.handle, kLoop);
	EXPECT_EQ(r.packet.circuit_in, kPort1);
	EXPECT_EQ(r.octets[8], 64);
	EXPECT_EQ(r.packet.flags, 0u);
}

TEST(IppaRoute, EspWithoutASaHasItsName)
{
	Card card;
	EXPECT_STREQ(card.receive(ether(esp(0x2009))).fate, "no-sa");
	EXPECT_STREQ(card.receive(ether(esp(0x2002))).fate, "no-asp");
	EXPECT_STREQ(card.receive(ether(esp(0, 0, 7))).fate, "bad-esp-length");
}

TEST(IppaRoute, FragmentsOfEspArePunted) // RFC 4303 section 3.4.1
{
	Card card;
	EXPECT_EQ(card.receive(ether(esp(0x2001, 0x2000))).to, card.xcrp);
	EXPECT_EQ(card.receive(ether(esp(0x2001, 3))).to, card.xcrp);
	EXPECT_EQ(card.receive(ether(esp(0x2001, 0x4000))).to, card.asp);
}

TEST(IppaRoute, AnOpenedPacketIsLookedUpInTheTunnelsContext)
{
	Card card;
	lc_shim_packet p = {};
	p.circuit_in = kLoop;
	p.flags = LC_SHIM_OPENED;
	Ip ip;
	ip.dst =
	    addr(10, 3, 0, 1); // through port 2 in kVpn, elsewhere in local
	auto r = card.step(lc_shim_opened, ip.octets(), p);
	EXPECT_STREQ(r.fate, "go");
	EXPECT_EQ(r.to, card.eppa1);
	EXPECT_EQ(r.packet.circuit_out, kPort2);
	EXPECT_EQ(r.packet.flags, 0u);
	EXPECT_EQ(r.octets[8], 63);
}

TEST(IppaRoute, AnOpenedPacketIsCheckedLikeAnyOther)
{
	Card card;
	lc_shim_packet p = {};
	p.circuit_in = kLoop;
	p.flags = LC_SHIM_OPENED;
	Octets ip = Ip().octets();
	ip[11]++;
	EXPECT_STREQ(card.step(lc_shim_opened, ip, p).fate, "bad-checksum");
	p.circuit_in = 999;
	EXPECT_STREQ(card.step(lc_shim_opened, Ip().octets(), p).fate,
		     "bad-handle");
}

TEST(IppaRoute, TheLoopLooksNothingUp)
{
	Card card;
	lc_shim_packet p = {};
	p.handle = p.circuit_out = kLoop;
	p.flags = LC_SHIM_PROTECT | LC_SHIM_LOOPED;
	auto r = card.step(lc_shim_looped, Ip().octets(), p);
	EXPECT_STREQ(r.fate, "go");
	EXPECT_EQ(r.to, card.asp);
	EXPECT_EQ(r.octets[8], 64);
	EXPECT_EQ(r.packet.flags, p.flags);
	p.handle = kNoAsp;
	EXPECT_STREQ(card.step(lc_shim_looped, Ip().octets(), p).fate,
		     "no-asp");
	p.handle = kPort1;
	EXPECT_STREQ(card.step(lc_shim_looped, Ip().octets(), p).fate,
		     "bad-handle");
}

TEST(IppaRoute, AVectorKeepsItsOrderAndEachPacketItsFate)
{
	Card card;
	const uint32_t dsts[] = {addr(10, 2, 0, 1), addr(172, 16, 0, 1),
				 addr(10, 3, 0, 1), addr(192, 0, 2, 1)};
	const char *fates[] = {"go", "no-route", "go", "go"};
	lc_shim_clear(card.shim);
	for (unsigned i = 0; i < 256; i++) {
		Ip ip;
		ip.dst = dsts[i % 4];
		// Two contexts in turn: 10.3/16 alone is known in kVpn.
		Octets f = ether(ip.octets(), 0x0800, i % 8 < 4 ? -1 : 100);
		lc_shim_frame(card.shim, kEthernet, f.data(),
			      static_cast<unsigned>(f.size()),
			      static_cast<unsigned>(f.size()), 0);
	}
	lc_shim_receive(card.shim);
	for (unsigned i = 0; i < 256; i++) {
		auto r = card.result(i);
		bool vpn = i % 8 >= 4;
		EXPECT_STREQ(r.fate, vpn ? (i % 4 == 2 ? "go" : "no-route")
					 : fates[i % 4])
		    << i;
		EXPECT_EQ(r.packet.circuit_in, vpn ? kPvc : kPort1);
	}
}
