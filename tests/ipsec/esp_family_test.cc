// Both families inside and outside of a tunnel (RFC 4301 section 5.1.2).
#include <cerrno>

#include <gtest/gtest.h>

#include "esp_lab.h"

namespace
{

// Of total octets; payload counts up. Class 0xb8 and flow label 0x12345.
Octets
ipv6(size_t total, uint8_t tos = 0xb8)
{
	Octets head = {static_cast<uint8_t>(0x60 | tos >> 4),
		       static_cast<uint8_t>(tos << 4 | 1),
		       0x23,
		       0x45,
		       static_cast<uint8_t>((total - 40) >> 8),
		       static_cast<uint8_t>(total - 40),
		       253,
		       64};

	return head + hex("20010db8000100000000000000000005") +
	       hex("20010db8000200000000000000000007") + count_up(total - 40);
}

void
ends(Sa &sa, bool v6)
{
	sa.plain.src6 = v6 ? "2001:db8::1" : nullptr;
	sa.plain.dst6 = v6 ? "2001:db8::2" : nullptr;
}

struct Pair : EspLab {
	explicit Pair(bool v6, const char *enc = "aes-128-gcm",
		      const char *auth = "none")
	{
		Sa out = sa_make(1, true, enc, auth);
		Sa in = sa_make(2, false, enc, auth);

		ends(out, v6);
		ends(in, v6);
		EXPECT_EQ(0, install(out));
		EXPECT_EQ(0, install(in));
	}
};

} // namespace

TEST(EspFamily, OpensWhatItSealsInAllFourMixes)
{
	for (bool outer : {false, true}) {
		Pair lab(outer);

		for (size_t n = 40; n < 90; n++) {
			EXPECT_EQ(ipv4(n), lab.open(lab.seal(ipv4(n))));
			EXPECT_EQ(ipv6(n), lab.open(lab.seal(ipv6(n))));
		}
	}
}

TEST(EspFamily, SaysTheInnerFamilyInTheNextHeader) // RFC 4303 section 2.6
{
	for (bool outer : {false, true}) {
		Pair lab(outer, "null", "hmac-sha1-96");
		size_t at = (outer ? 40 : 20) + 8 + 60 + 3;

		EXPECT_EQ(4, lab.seal(ipv4(60))[at]);
		EXPECT_EQ(41, lab.seal(ipv6(60))[at]);
	}
}

TEST(EspFamily, RefusesAPacketOfTheFamilyThatTheTrailerDoesNotSay)
{
	for (bool outer : {false, true}) {
		Pair lab(outer, "null", "hmac-sha1-96");

		EXPECT_TRUE(
		    lab.open(lab.craft(1, ipv6(60) + trailer(2, 4))).empty());
		EXPECT_EQ("bad-ip-header", lab.fate());
		EXPECT_TRUE(
		    lab.open(lab.craft(2, ipv4(60) + trailer(2, 41))).empty());
		EXPECT_EQ("bad-ip-header", lab.fate());
		EXPECT_TRUE(
		    lab.open(lab.craft(3, ipv4(60) + trailer(2, 17))).empty());
		EXPECT_EQ("selector-mismatch", lab.fate());
	}
}

TEST(EspFamily, BuildsTheIpv6Header) // RFC 8200 section 3
{
	Pair lab(true, "null", "hmac-sha1-96");
	Octets out = lab.seal(ipv6(60));
	Octets v4 = lab.seal(ipv4(60, 0x28));

	// 8 + 60 + padding 2 + 2 + ICV 12; class and label are the inner's
	EXPECT_EQ(hex("6b812345 0054 32 40"), Octets(&out[0], &out[8]));
	EXPECT_EQ(hex("20010db8000000000000000000000001"),
		  Octets(&out[8], &out[24]));
	EXPECT_EQ(hex("20010db8000000000000000000000002"),
		  Octets(&out[24], &out[40]));
	EXPECT_EQ(124u, out.size());
	EXPECT_EQ(hex("62800000"), Octets(&v4[0], &v4[4]));
}

TEST(EspFamily, CountsAnInnerIpv6PacketAsOneThatIsNotFragmented)
{
	Pair lab(false);

	EXPECT_EQ(0x40, lab.seal(ipv6(60))[6]); // DF, section 8.1
	EXPECT_EQ(0x00, lab.seal(ipv4(60))[6]);
}

TEST(EspFamily, CarriesCongestionInwards) // RFC 6040 section 4.2
{
	for (bool outer : {false, true}) {
		Pair lab(outer);
		Octets sealed = lab.seal(ipv6(60, 0xb9)); // ECT(1)
		Octets plain = lab.seal(ipv6(60, 0xb8));

		// what a congested router on the way writes: CE
		if (outer) {
			sealed[1] |= 0x30;
			plain[1] |= 0x30;
		} else {
			sealed[1] |= 3;
			plain[1] |= 3;
		}
		EXPECT_EQ(ipv6(60, 0xbb), lab.open(sealed));
		EXPECT_TRUE(lab.open(plain).empty());
		EXPECT_EQ("ecn", lab.fate());
	}
}

TEST(EspFamily, TellsTwoSasOfOneSpiByTheWholeAddress) // RFC 4301 section 4.1
{
	EspLab lab;
	Sa a = sa_make(1, false, "aes-128-gcm", "none");
	Sa b = sa_make(2, false, "aes-128-gcm", "none");

	ends(a, true);
	ends(b, true);
	b.plain.dst6 = "2001:db8:0:1::2";
	EXPECT_EQ(0, lab.install(a));
	EXPECT_EQ(0, lab.install(b));
	a.plain.id = 3;
	EXPECT_EQ(-EEXIST, lab.install(a));
}

TEST(EspFamily, RefusesEndPointsOfTwoFamilies)
{
	EspLab lab;
	Sa sa = sa_make(1, true, "aes-128-gcm", "none");

	sa.plain.src6 = "2001:db8::1";
	EXPECT_EQ(-EINVAL, lab.install(sa));
}

TEST(EspFamily, OpensBehindExtensionHeaders) // RFC 8200 section 4
{
	Pair lab(true);
	Octets sealed = lab.seal(ipv6(60));
	Octets head(sealed.begin(), sealed.begin() + 40);
	Octets rest(sealed.begin() + 40, sealed.end());

	head[6] = 60;
	head[5] = static_cast<uint8_t>(head[5] + 8);
	EXPECT_EQ(ipv6(60), lab.open(head + hex("32000104 00000000") + rest));
	// a header that claims more than there is
	lab.seal(ipv6(60));
	EXPECT_TRUE(lab.open(head + hex("32ff0104 00000000") + rest).empty());
	EXPECT_EQ("bad-ip-header", lab.fate());
}
