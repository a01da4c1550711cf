// What esp_in refuses, and what it leaves untouched.
#include <gtest/gtest.h>

#include "esp_lab.h"

namespace
{

// Cipher kinds: composed with a block, counter mode, AEAD, null, GMAC.
const std::pair<const char *, const char *> kinds[] = {
    {"aes-128-cbc", "hmac-sha1-96"}, {"aes-128-ctr", "hmac-sha-256-128"},
    {"aes-128-gcm", "none"},         {"null", "hmac-sha1-96"},
    {"chacha20-poly1305", "none"},   {"aes-128-gmac", "none"}};

// Text of an inner packet whose trailer ends on 16.
Octets
text_with(const Octets &inner, uint8_t next = 4)
{
	unsigned over = (inner.size() + 2) % 16;

	return inner + trailer(over == 0 ? 0 : 16 - over, next);
}

} // namespace

TEST(EspOpen, RefusesEveryFlippedBit) // RFC 4303 section 3.4.4
{
	for (const auto &kind : kinds) {
		EspLab lab;

		lab.pair(kind.first, kind.second);
		Octets sealed = lab.seal(ipv4(52));
		ASSERT_FALSE(sealed.empty());
		for (size_t bit = 20 * 8; bit < sealed.size() * 8; bit++) {
			Octets bad = sealed;

			bad[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
			ASSERT_TRUE(lab.open(bad).empty()) << bit;
			ASSERT_TRUE(lab.fate() == "integrity" ||
				    lab.fate() == "no-sa" ||
				    lab.fate() == "replay")
			    << lab.fate();
		}
		EXPECT_EQ(ipv4(52), lab.open(sealed)) << lab.fate();
	}
}

TEST(EspOpen, CountsAWrongIcvAndChangesNothingElse)
{
	EspLab lab;

	lab.pair("aes-128-gcm", "none");
	Octets sealed = lab.seal(ipv4(100));
	sealed.back() ^= 1;
	EXPECT_TRUE(lab.open(sealed).empty());
	EXPECT_EQ("integrity", lab.fate());
	EXPECT_EQ(2, esp_shim_found(lab.s, 0));
	EXPECT_EQ(1u, lab.counter(2, "integrity-failures"));
	EXPECT_EQ(0u, lab.counter(2, "packets"));
	EXPECT_EQ(0u, lab.counter(2, "sequence"));
}

TEST(EspOpen, KeepsItsWindowWhenAHighNumberIsForged) // RFC 4303 3.4.3
{
	EspLab lab;

	lab.pair("aes-128-cbc", "hmac-sha1-96");
	Octets first = lab.seal(ipv4(60)), forged = first;
	forged[24] = 0x7f;
	EXPECT_TRUE(lab.open(forged).empty());
	EXPECT_EQ("integrity", lab.fate());
	EXPECT_EQ(ipv4(60), lab.open(first)) << lab.fate();
}

TEST(EspOpen, RefusesASecondCopyInTheSameVector)
{
	EspLab lab;

	lab.pair("aes-128-cbc", "hmac-sha1-96");
	Octets sealed = lab.seal(ipv4(60));
	esp_shim_clear(lab.s);
	for (unsigned i = 0; i < 2; i++)
		esp_shim_add(lab.s, 7, sealed.data(),
			     static_cast<unsigned>(sealed.size()));
	EXPECT_EQ(1u, esp_shim_open(lab.s));
	EXPECT_EQ("go", lab.fate(0));
	EXPECT_EQ("replay", lab.fate(1));
	EXPECT_EQ(1u, lab.counter(2, "replay-drops"));
}

TEST(EspOpen, RefusesACopyInALaterVector)
{
	EspLab lab;

	lab.pair("null", "hmac-sha1-96");
	Octets sealed = lab.seal(ipv4(60));
	EXPECT_FALSE(lab.open(sealed).empty());
	EXPECT_TRUE(lab.open(sealed).empty());
	EXPECT_EQ("replay", lab.fate());
}

TEST(EspOpen, FindsNoSaForAnotherContextSpiDestinationOrProtocol)
{
	EspLab lab;

	lab.pair("aes-128-gcm", "none");
	Octets sealed = lab.seal(ipv4(60));
	EXPECT_TRUE(lab.open(sealed, 8).empty());
	EXPECT_EQ("no-sa", lab.fate());
	EXPECT_EQ(-1, esp_shim_found(lab.s, 0));
	for (size_t at : {size_t(9), size_t(19), size_t(23)}) {
		Octets other = sealed;

		other[at] ^= 1;
		EXPECT_TRUE(lab.open(other).empty());
		EXPECT_EQ("no-sa", lab.fate()) << at;
	}
	EXPECT_FALSE(lab.open(sealed).empty());
}

TEST(EspOpen, RefusesEveryShorterLength)
{
	for (const auto &kind : kinds) {
		EspLab lab;

		lab.pair(kind.first, kind.second);
		Octets sealed = lab.seal(ipv4(40));
		for (size_t n = 0; n < sealed.size(); n++) {
			Octets cut(sealed.begin(),
				   sealed.begin() + static_cast<long>(n));

			// The header still tells the old length.
			ASSERT_TRUE(lab.open(cut).empty()) << n;
			ASSERT_EQ("bad-ip-header", lab.fate()) << n;
			if (n < 20)
				continue;
			cut[2] = static_cast<uint8_t>(n >> 8);
			cut[3] = static_cast<uint8_t>(n);
			ASSERT_TRUE(lab.open(cut).empty()) << n;
			ASSERT_TRUE(lab.fate() == "bad-esp-length" ||
				    lab.fate() == "integrity")
			    << n << " " << lab.fate();
		}
	}
}

TEST(EspOpen, TakesWhatFollowsTheOuterPacketForNoPartOfIt)
{
	EspLab lab;

	lab.pair("aes-128-gcm", "none");
	Octets sealed = lab.seal(ipv4(40)) + Octets(6);
	EXPECT_EQ(ipv4(40), lab.open(sealed));
}

TEST(EspOpen, OpensBehindOuterOptions)
{
	EspLab lab;

	lab.pair("aes-128-gcm", "none");
	Octets sealed = lab.seal(ipv4(40));
	sealed.insert(sealed.begin() + 20, {1, 1, 1, 0});
	sealed[0] = 0x46;
	sealed[3] = static_cast<uint8_t>(sealed[3] + 4);
	EXPECT_EQ(ipv4(40), lab.open(sealed)) << lab.fate();
}

TEST(EspOpen, RefusesOuterHeadersThatAreNone)
{
	EspLab lab;

	lab.pair("aes-128-gcm", "none");
	Octets sealed = lab.seal(ipv4(40));
	for (uint8_t first : {0x65, 0x44, 0x40, 0x05}) {
		Octets bad = sealed;

		bad[0] = first;
		EXPECT_TRUE(lab.open(bad).empty());
		EXPECT_EQ("bad-ip-header", lab.fate());
	}
}

TEST(EspOpen, RefusesDescriptorsThatLie)
{
	EspLab lab;

	lab.pair("aes-128-gcm", "none");
	Octets sealed = lab.seal(ipv4(40));
	esp_shim_clear(lab.s);
	for (unsigned i = 0; i < 4; i++)
		esp_shim_add(lab.s, 7, sealed.data(),
			     static_cast<unsigned>(sealed.size()));
	esp_shim_lie(lab.s, 0, esp_shim_buf_octets() - 10, 100);
	esp_shim_lie(lab.s, 1, 65535, 65535);
	esp_shim_lie_buf(lab.s, 2, 5, 0);
	esp_shim_lie_buf(lab.s, 3, 0, 1u << 30);
	EXPECT_EQ(0u, esp_shim_open(lab.s));
	for (unsigned i = 0; i < 4; i++)
		EXPECT_EQ("bad-frame", lab.fate(i)) << i;
}

TEST(EspOpen, LeavesPacketsAloneWhoseFateIsDecided)
{
	EspLab lab;

	lab.pair("aes-128-gcm", "none");
	Octets sealed = lab.seal(ipv4(40));
	esp_shim_clear(lab.s);
	esp_shim_add(lab.s, 7, sealed.data(),
		     static_cast<unsigned>(sealed.size()));
	esp_shim_set_fate(lab.s, 0, 1);
	EXPECT_EQ(0u, esp_shim_open(lab.s));
	EXPECT_EQ(sealed, lab.data());
	EXPECT_EQ(0u, lab.counter(2, "packets"));
}

TEST(EspOpen, ChecksPaddingOctetByOctet) // RFC 4303 section 2.4
{
	EspLab lab;
	Octets inner = ipv4(40);

	lab.pair("aes-128-cbc", "hmac-sha1-96");
	ASSERT_EQ(48u, text_with(inner).size());
	EXPECT_EQ(inner, lab.open(lab.craft(1, text_with(inner))));
	for (size_t at = 40; at < 46; at++) {
		Octets bad = text_with(inner);

		bad[at] ^= 0x80;
		EXPECT_TRUE(lab.open(lab.craft(at, bad)).empty());
		EXPECT_EQ("bad-padding", lab.fate()) << at;
	}
	EXPECT_EQ(6u, lab.counter(2, "format-errors"));
}

TEST(EspOpen, RefusesAPadLengthBeyondTheText)
{
	EspLab lab;

	lab.pair("aes-128-cbc", "hmac-sha1-96");
	for (unsigned pad = 0; pad < 256; pad++) {
		Octets text(46, 1);

		text = text + Octets{static_cast<uint8_t>(pad), 4};
		EXPECT_TRUE(lab.open(lab.craft(pad + 1, text)).empty());
		if (pad > 46) {
			EXPECT_EQ("bad-padding", lab.fate()) << pad;
		}
	}
}

TEST(EspOpen, TakesTheLongestPadding) // RFC 4303: 0 to 255 octets
{
	EspLab lab;
	Octets inner = ipv4(31);

	lab.pair("aes-128-cbc", "hmac-sha1-96");
	EXPECT_EQ(inner, lab.open(lab.craft(1, inner + trailer(255))))
	    << lab.fate();
}

TEST(EspOpen, CutsOffTfcPadding) // RFC 4303 section 2.7
{
	EspLab lab;
	Octets inner = ipv4(40);

	lab.pair("aes-128-gcm", "none");
	EXPECT_EQ(inner,
		  lab.open(lab.craft(1, text_with(inner + Octets(200, 0xee)))));
}

TEST(EspOpen, DropsDummiesAndForgetsNothing) // RFC 4303 section 2.6
{
	EspLab lab;

	lab.pair("aes-128-gcm", "none");
	Octets dummy = lab.craft(1, text_with(Octets(40, 0xaa), 59));
	EXPECT_TRUE(lab.open(dummy).empty());
	EXPECT_EQ("dummy", lab.fate());
	EXPECT_TRUE(lab.open(dummy).empty());
	EXPECT_EQ("replay", lab.fate());
}

TEST(EspOpen, RefusesOtherNextHeaders)
{
	EspLab lab;

	lab.pair("aes-128-gcm", "none");
	for (uint8_t next : {0, 1, 6, 17, 43, 50, 255}) {
		lab.open(lab.craft(next + 1u, text_with(ipv4(40), next)));
		EXPECT_EQ("selector-mismatch", lab.fate()) << int(next);
	}
	EXPECT_EQ(7u, lab.counter(2, "selector-mismatches"));
}

TEST(EspOpen, RefusesInnerPacketsThatAreNone)
{
	EspLab lab;
	Octets long_one = ipv4(40), version = long_one, ihl = long_one;
	Octets short_one = long_one;
	uint64_t seq = 1;

	lab.pair("aes-128-gcm", "none");
	long_one[3] = 47; // padding and trailer are no part of it
	version[0] = 0x65;
	ihl[0] = 0x4b; // 44 octets of header in 40
	short_one[3] = 19;
	for (const Octets &inner :
	     {long_one, version, ihl, short_one, Octets(19, 0x45), Octets()}) {
		lab.open(lab.craft(seq, text_with(inner)));
		EXPECT_EQ("bad-ip-header", lab.fate()) << seq;
		seq++;
	}
	EXPECT_EQ(6u, lab.counter(2, "format-errors"));
}

TEST(EspOpen, CarriesCongestionInwards) // RFC 6040 section 4.2
{
	EspLab lab;
	Octets inner = ipv4(40, 0x02);

	lab.pair("aes-128-gcm", "none");
	Octets out = lab.open(lab.craft(1, text_with(inner), 3));
	ASSERT_EQ(40u, out.size()) << lab.fate();
	EXPECT_EQ(0x03, out[1]);
	EXPECT_EQ(0, ipv4_sum(out.data(), 20));
	EXPECT_TRUE(lab.open(lab.craft(2, text_with(ipv4(40)), 3)).empty());
	EXPECT_EQ("ecn", lab.fate());
}

TEST(EspOpen, MarksAndCountsWhatItOpened)
{
	EspLab lab;

	lab.pair("aes-128-cbc", "hmac-sha1-96");
	lab.open(lab.seal(ipv4(100)));
	EXPECT_TRUE(esp_shim_opened(lab.s, 0));
	EXPECT_FALSE(esp_shim_sealed(lab.s, 0));
	EXPECT_EQ(2, esp_shim_found(lab.s, 0));
	EXPECT_EQ(1u, lab.counter(2, "packets"));
	EXPECT_EQ(100u, lab.counter(2, "octets"));
	EXPECT_EQ(1u, lab.counter(2, "sequence"));
}
