// From a port's frame to its circuit and network header.
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>

#include "lc_card.h"

TEST(IppaLink, EveryLinkTypeLeadsToTheSamePacket)
{
	Card card;
	Octets ip = Ip().octets();
	Octets sll(16), sll2(20);
	put16(sll, 14, 0x0800);
	put16(sll2, 0, 0x0800);
	sll.insert(sll.end(), ip.begin(), ip.end());
	sll2.insert(sll2.end(), ip.begin(), ip.end());

	for (auto &[link, frame] :
	     std::vector<std::pair<unsigned, Octets>>{{kEthernet, ether(ip)},
						      {kRaw, ip},
						      {kSll, sll},
						      {kSll2, sll2}}) {
		auto r = card.receive(frame, link);
		ASSERT_STREQ(r.fate, "go") << link;
		ASSERT_EQ(r.len, ip.size()) << link;
		EXPECT_EQ(r.packet.circuit_in, kPort1);
		EXPECT_EQ(Octets(r.octets + 12, r.octets + r.len),
			  Octets(ip.begin() + 12, ip.end()));
	}
}

TEST(IppaLink, LinkPaddingIsCutOff)
{
	Card card;
	Ip ip;
	ip.payload = 1;
	Octets frame = ether(ip.octets());
	frame.resize(60);
	auto r = card.receive(frame);
	EXPECT_STREQ(r.fate, "go");
	EXPECT_EQ(r.len, 21u);
}

TEST(IppaLink, AVlanLeadsToItsPvcAndContext)
{
	Card card;
	Ip ip;
	ip.dst = addr(10, 3, 0, 1);
	auto r = card.receive(ether(ip.octets(), 0x0800, 100));
	EXPECT_STREQ(r.fate, "go");
	EXPECT_EQ(r.packet.circuit_in, kPvc);
	EXPECT_EQ(r.packet.circuit_out, kPort2);
}

TEST(IppaLink, APriorityTagIsNoVlan) // IEEE 802.1Q clause 6.9
{
	Card card;
	auto r = card.receive(ether(Ip().octets(), 0x0800, 0));
	EXPECT_STREQ(r.fate, "go");
	EXPECT_EQ(r.packet.circuit_in, kPort1);
}

TEST(IppaLink, AnUnknownVlanHasItsName)
{
	Card card;
	EXPECT_STREQ(card.receive(ether(Ip().octets(), 0x0800, 101)).fate,
		     "unknown-vlan");
}

TEST(IppaLink, AnUnboundPvcHasItsName)
{
	Card card;
	EXPECT_STREQ(card.receive(ether(Ip().octets(), 0x0800, 200)).fate,
		     "unbound-circuit");
}

TEST(IppaLink, ADeletedPortCircuitIsPortDown)
{
	Card card;
	ASSERT_EQ(lc_shim_circuit_delete(card.shim, kPort1), 0);
	EXPECT_STREQ(card.receive(ether(Ip().octets())).fate, "port-down");
}

TEST(IppaLink, OtherProtocolsHaveTheirNames)
{
	Card card;
	Octets some(40);
	EXPECT_STREQ(card.receive(ether(some, 0x0806)).fate, "arp");
	EXPECT_STREQ(card.receive(ether(some, 0x86dd)).fate, "bad-ip-header");
	EXPECT_STREQ(card.receive(ether(some, 0x8847)).fate,
		     "unknown-protocol");
}

TEST(IppaLink, TooShortForALinkHeaderIsTruncated)
{
	Card card;
	EXPECT_STREQ(card.receive(Octets(13)).fate, "truncated");
	EXPECT_STREQ(card.receive(Octets(), kRaw).fate, "truncated");
	EXPECT_STREQ(card.receive(Octets(15), kSll).fate, "truncated");
}

TEST(IppaLink, AUnicastPacketInABroadcastFrameIsRefused) // RFC 1812 5.3.4
{
	Card card;
	EXPECT_STREQ(card.receive(ether(Ip().octets(), 0x0800, -1, 0x03)).fate,
		     "link-broadcast");
}

TEST(IppaLink, StrictMacRefusesOtherStationsFrames)
{
	Card card;
	Octets ours = ether(Ip().octets());
	Octets other = ours;
	other[5]++;
	EXPECT_STREQ(card.receive(ours, kEthernet, 0, true).fate, "go");
	EXPECT_STREQ(card.receive(other, kEthernet, 0, true).fate, "bad-mac");
	EXPECT_STREQ(card.receive(other).fate, "go");
	EXPECT_STREQ(card.receive(Ip().octets(), kRaw, 0, true).fate, "go");
}

TEST(IppaLink, EveryFrameOfMalformedCapturesHasAFate)
{
	namespace fs = std::filesystem;
	fs::path folder = fs::path(SE_VECTORS) / "malformed";
	if (!fs::exists(folder))
		GTEST_SKIP() << "no vectors here";

	Card card;
	unsigned frames = 0;
	struct Arg {
		Card *card;
		unsigned *frames;
	} arg = {&card, &frames};

	lc_shim_route(card.shim, kLocal, 0, 0, 2);
	for (auto &entry : fs::directory_iterator(folder)) {
		lc_shim_capture(
		    entry.path().c_str(),
		    [](void *p, unsigned link, const uint8_t *octets,
		       unsigned caplen, unsigned len) {
			    auto a = static_cast<Arg *>(p);
			    auto r = a->card->receive(
				Octets(octets, octets + caplen), link, len);
			    EXPECT_STRNE(r.fate, "?");
			    EXPECT_LE(r.len, caplen);
			    ++*a->frames;
		    },
		    &arg);
	}
	EXPECT_GT(frames, 0u);
}

TEST(LcTable, RefusesRowsThatCanNotBe)
{
	Card card;
	lc_shim_circuit c = {};
	EXPECT_EQ(lc_shim_put_circuit(card.shim, &c), -EINVAL);
	c.kind = LC_SHIM_PORT;
	EXPECT_EQ(lc_shim_put_circuit(card.shim, &c), -EINVAL);
	EXPECT_EQ(lc_shim_adj(card.shim, 1, 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(lc_shim_adj(card.shim, 1, 8, 0, 0, 0), -EINVAL);
	EXPECT_EQ(lc_shim_route(card.shim, kLocal, 1, 8, 1), -EINVAL);
	EXPECT_EQ(lc_shim_route(card.shim, kLocal, 0, 33, 1), -EINVAL);
	EXPECT_EQ(lc_shim_homing(card.shim, kLocal, 1, 1, 0, 0), -EINVAL);
	EXPECT_EQ(lc_shim_sa(card.shim), -EINVAL);
}
