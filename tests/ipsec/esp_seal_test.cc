// The packet that esp_out makes, and what it refuses.
#include <gtest/gtest.h>

#include <set>

#include "esp_lab.h"

namespace
{

Octets
iv_of(const Octets &sealed, unsigned octets)
{
	return Octets(sealed.begin() + 28, sealed.begin() + 28 + octets);
}

} // namespace

TEST(EspSeal, BuildsTheOuterHeader) // RFC 4301 section 5.1.2.1
{
	EspLab lab;

	lab.pair("null", "hmac-sha1-96");
	Octets out = lab.seal(ipv4(60, 0xb9));
	// 20 + 8 + 60 + padding 2 + 2 + ICV 12
	ASSERT_EQ(104u, out.size());
	EXPECT_EQ(hex("45b90068 00010000 4032"),
		  Octets(out.begin(), out.begin() + 10));
	EXPECT_EQ(hex("c0000201 c0000202 00001001 00000001"),
		  Octets(out.begin() + 12, out.begin() + 28));
	EXPECT_EQ(0, ipv4_sum(out.data(), 20));
	EXPECT_EQ(ipv4(60, 0xb9), Octets(out.begin() + 28, out.begin() + 88));
	EXPECT_EQ(hex("0102 02 04"),
		  Octets(out.begin() + 88, out.begin() + 92));
	EXPECT_TRUE(esp_shim_sealed(lab.s, 0));
}

TEST(EspSeal, NumbersPacketsAndIdentifications) // RFC 4303 3.3.3, RFC 6864
{
	EspLab lab;

	lab.pair("aes-128-gcm", "none");
	for (uint8_t seq = 1; seq < 5; seq++) {
		Octets out = lab.seal(ipv4(60));

		EXPECT_EQ(seq, out[27]);
		EXPECT_EQ(seq, out[5]);
	}
	EXPECT_EQ(4u, lab.counter(1, "sequence"));
	EXPECT_EQ(4u, lab.counter(1, "packets"));
	EXPECT_EQ(240u, lab.counter(1, "octets"));
}

TEST(EspSeal, CopiesSetsAndClearsDf) // RFC 4301 section 8.1
{
	const int want[3][2] = {{0x00, 0x40}, {0x40, 0x40}, {0x00, 0x00}};

	for (int df = 0; df < 3; df++) {
		EspLab lab;
		Sa sa = sa_make(1, true, "aes-128-gcm", "none");

		sa.plain.df = df;
		ASSERT_EQ(0, lab.install(sa));
		EXPECT_EQ(want[df][0], lab.seal(ipv4(60))[6]) << df;
		EXPECT_EQ(want[df][1], lab.seal(ipv4(60, 0, 0x4000))[6]) << df;
		// MF and offset of a fragment stay inside.
		EXPECT_EQ(0x00, lab.seal(ipv4(60, 0, 0x2001))[7]) << df;
	}
}

TEST(EspSeal, SetsTheDscpAndStillCopiesEcn) // RFC 6040 section 4.1
{
	EspLab lab;
	Sa sa = sa_make(1, true, "aes-128-gcm", "none");

	sa.plain.dscp = 46;
	ASSERT_EQ(0, lab.install(sa));
	for (uint8_t ecn = 0; ecn < 4; ecn++)
		EXPECT_EQ(46 << 2 | ecn, lab.seal(ipv4(60, 0x28 | ecn))[1]);
}

TEST(EspSeal, AlignsToTheBlockAndToFour) // RFC 4303 section 2.4
{
	for (size_t n = 20; n < 60; n++) {
		EspLab cbc, gcm;

		cbc.pair("aes-128-cbc", "hmac-sha1-96");
		gcm.pair("aes-128-gcm", "none");
		EXPECT_EQ(20 + 8 + 16 + (n + 2 + 15) / 16 * 16 + 12,
			  cbc.seal(ipv4(n)).size());
		EXPECT_EQ(20 + 8 + 8 + (n + 2 + 3) / 4 * 4 + 16,
			  gcm.seal(ipv4(n)).size());
	}
}

TEST(EspSeal, CutsOffWhatFollowsTheInnerPacket)
{
	EspLab lab;

	lab.pair("aes-128-gcm", "none");
	EXPECT_EQ(ipv4(40), lab.open(lab.seal(ipv4(40) + Octets(6, 0xee))));
}

TEST(EspSeal, RefusesInnerPacketsThatAreNone)
{
	EspLab lab;
	Octets version = ipv4(40), ihl = version, total = version;

	lab.pair("aes-128-gcm", "none");
	version[0] = 0x65;
	ihl[0] = 0x44;
	total[3] = 41;
	for (const Octets &bad : {version, ihl, total, Octets(19, 0x45)}) {
		EXPECT_TRUE(lab.seal(bad).empty());
		EXPECT_EQ("bad-ip-header", lab.fate());
	}
	EXPECT_EQ(1, lab.seal(ipv4(40))[27]); // no number was spent
}

TEST(EspSeal, RefusesPacketsWithoutRoomBeforeThem)
{
	EspLab lab;
	Octets clear = ipv4(100);

	// 20 + 8 + 16 octets go before the packet.
	lab.pair("aes-128-cbc", "hmac-sha1-96");
	esp_shim_clear(lab.s);
	esp_shim_add_at(lab.s, 1, clear.data(), 100, 43);
	esp_shim_add_at(lab.s, 1, clear.data(), 100, 44);
	EXPECT_EQ(1u, esp_shim_seal(lab.s));
	EXPECT_EQ("frame-too-long", lab.fate(0));
	EXPECT_EQ("go", lab.fate(1));
	EXPECT_EQ(1, lab.data(1)[27]); // no number was spent
}

TEST(EspSeal, RefusesDescriptorsThatLie)
{
	EspLab lab;
	Octets clear = ipv4(100);

	lab.pair("aes-128-cbc", "hmac-sha1-96");
	esp_shim_clear(lab.s);
	for (unsigned i = 0; i < 3; i++)
		esp_shim_add(lab.s, 1, clear.data(), 100);
	esp_shim_lie(lab.s, 0, esp_shim_buf_octets() - 10, 100);
	esp_shim_lie_buf(lab.s, 1, 5, 0);
	esp_shim_lie_buf(lab.s, 2, 0, 1u << 30);
	EXPECT_EQ(0u, esp_shim_seal(lab.s));
	for (unsigned i = 0; i < 3; i++)
		EXPECT_EQ("bad-frame", lab.fate(i)) << i;
}

TEST(EspSeal, SealsTheLargestFrameAndRefusesALargerOne)
{
	EspLab lab;
	unsigned room = esp_shim_buf_octets() - 128;

	lab.pair("aes-128-cbc", "hmac-sha-512-256");
	EXPECT_EQ(9216u, lab.open(lab.seal(ipv4(9216))).size()) << lab.fate();
	EXPECT_TRUE(lab.seal(ipv4(room)).empty());
	EXPECT_EQ("frame-too-long", lab.fate());
	EXPECT_TRUE(lab.seal(ipv4(room - 33)).empty());
	EXPECT_EQ("frame-too-long", lab.fate());
}

TEST(EspSeal, RefusesPacketsOfNoSaAndOfAnInboundOne)
{
	EspLab lab;

	lab.pair("aes-128-gcm", "none");
	EXPECT_TRUE(lab.seal(ipv4(40), 99).empty());
	EXPECT_EQ("no-sa", lab.fate());
	EXPECT_TRUE(lab.seal(ipv4(40), 2).empty());
	EXPECT_EQ("no-sa", lab.fate());
}

TEST(EspSeal, KeepsOrderAndSkipsWhatIsDecided)
{
	EspLab lab;

	lab.pair("aes-128-gcm", "none");
	esp_shim_clear(lab.s);
	for (unsigned n = 20; n < 120; n++)
		esp_shim_add(lab.s, 1, ipv4(n).data(), n);
	esp_shim_set_fate(lab.s, 10, 1);
	EXPECT_EQ(99u, esp_shim_seal(lab.s));
	EXPECT_EQ(ipv4(30), lab.data(10));
	EXPECT_EQ(10, lab.data(9)[27]);
	EXPECT_EQ(11, lab.data(11)[27]);
}

TEST(EspIv, OfCbcIsFreshForEveryPacket) // RFC 3602 section 3
{
	std::set<Octets> seen;
	EspLab lab;

	lab.pair("aes-128-cbc", "hmac-sha1-96");
	esp_shim_clear(lab.s);
	for (unsigned i = 0; i < 256; i++)
		esp_shim_add(lab.s, 1, ipv4(40).data(), 40);
	ASSERT_EQ(256u, esp_shim_seal(lab.s));
	for (unsigned i = 0; i < 256; i++)
		seen.insert(iv_of(lab.data(i), 16));
	EXPECT_EQ(256u, seen.size());
}

TEST(EspIv, OfACounterGoesUpByOneFromAFreshStart) // RFC 4106 section 3.1
{
	std::set<Octets> starts;

	for (unsigned i = 0; i < 20; i++) {
		EspLab lab;

		lab.pair("aes-128-gcm", "none");
		Octets a = iv_of(lab.seal(ipv4(40)), 8);
		Octets b = iv_of(lab.seal(ipv4(40)), 8);
		EXPECT_EQ(static_cast<uint8_t>(a[7] + 1), b[7]);
		starts.insert(a);
	}
	EXPECT_EQ(20u, starts.size());
}

TEST(EspSeed, RepeatsEveryOctet)
{
	for (const auto &pair : valid_pairs()) {
		Octets first[2];

		for (Octets &all : first) {
			EspLab lab;
			Sa sa = sa_make(1, true, pair.first, pair.second);

			sa.plain.seeded = 1;
			sa.plain.seed = 42;
			ASSERT_EQ(0, lab.install(sa));
			for (unsigned i = 0; i < 5; i++)
				all = all + lab.seal(ipv4(60 + i));
		}
		EXPECT_EQ(first[0], first[1]) << pair.first;
	}
}

TEST(EspSeed, DependsOnNoOtherPacketOrSa)
{
	EspLab a, b;
	Sa one = sa_make(1, true, "aes-128-cbc", "hmac-sha1-96");
	Sa two = one;

	one.plain.seeded = two.plain.seeded = 1;
	two.plain.id = 3;
	two.plain.spi = 0x3003;
	ASSERT_EQ(0, a.install(one));
	ASSERT_EQ(0, b.install(one));
	ASSERT_EQ(0, b.install(two));
	b.seal(ipv4(100), 3);
	EXPECT_EQ(a.seal(ipv4(60)), b.seal(ipv4(60)));
	EXPECT_NE(iv_of(b.seal(ipv4(60), 3), 16),
		  iv_of(b.seal(ipv4(60), 1), 16));
}

TEST(EspSeed, GivesTwoSasDifferentIvsForTheSameNumber)
{
	for (const char *enc : {"aes-128-cbc", "aes-128-gcm"}) {
		EspLab lab;
		std::string auth = enc[8] == 'c' ? "hmac-sha1-96" : "none";
		Sa one = sa_make(1, true, enc, auth), two = one;

		one.plain.seeded = two.plain.seeded = 1;
		two.plain.id = 3;
		two.plain.spi = 0x3003;
		ASSERT_EQ(0, lab.install(one));
		ASSERT_EQ(0, lab.install(two));
		EXPECT_NE(iv_of(lab.seal(ipv4(60), 1), 8),
			  iv_of(lab.seal(ipv4(60), 3), 8));
	}
}

TEST(EspSeed, NeverRepeatsAnIvWithinAnSa)
{
	for (const char *enc : {"aes-128-cbc", "aes-128-gcm"}) {
		std::set<Octets> seen;
		EspLab lab;
		bool cbc = enc[8] == 'c';
		Sa sa = sa_make(1, true, enc, cbc ? "hmac-sha1-96" : "none");

		sa.plain.seeded = 1;
		ASSERT_EQ(0, lab.install(sa));
		for (unsigned i = 0; i < 2000; i++)
			seen.insert(iv_of(lab.seal(ipv4(40)), cbc ? 16 : 8));
		EXPECT_EQ(2000u, seen.size());
	}
}

TEST(EspSeed, ChangesWithTheSeed)
{
	EspLab lab;
	Sa one = sa_make(1, true, "aes-128-gcm", "none"), two = one;

	one.plain.seeded = two.plain.seeded = 1;
	one.plain.seed = 1;
	two.plain.seed = 2;
	two.plain.id = 3;
	ASSERT_EQ(0, lab.install(one));
	ASSERT_EQ(0, lab.install(two));
	EXPECT_NE(iv_of(lab.seal(ipv4(60), 1), 8),
		  iv_of(lab.seal(ipv4(60), 3), 8));
}
