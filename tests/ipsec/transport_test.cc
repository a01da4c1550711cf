// Transport mode (RFC 4303 section 3.1.1), sizes, padding that hides lengths,
// and UDP (RFC 3948), packet by packet.
#include <algorithm>

#include <gtest/gtest.h>

#include "esp_lab.h"

namespace
{

// A packet of the router's own to the far end of the SAs of sa_make().
Octets
own(size_t total)
{
	Octets p = ipv4(total);
	uint16_t sum;

	p[16] = 192, p[17] = 0, p[18] = 2, p[19] = 2;
	p[10] = p[11] = 0;
	sum = ipv4_sum(p.data(), 20);
	p[10] = static_cast<uint8_t>(sum >> 8);
	p[11] = static_cast<uint8_t>(sum);
	return p;
}

struct Pair : EspLab {
	template <typename Change>
	Pair(const char *enc, const char *auth, Change change)
	{
		for (bool out : {true, false}) {
			Sa sa = sa_make(out ? 1 : 2, out, enc, auth);

			change(sa.plain);
			EXPECT_EQ(0, install(sa));
		}
	}
};

void
transport(esp_shim_sa &sa)
{
	sa.transport = 1;
}

void
udp(esp_shim_sa &sa)
{
	sa.udp = 1;
	sa.udp_local = 4500;
	sa.udp_remote = 4501;
}

} // namespace

TEST(EspTransport, KeepsTheIpHeaderAndSealsWhatFollows)
{
	Pair lab("null", "hmac-sha1-96", transport);
	Octets out = lab.seal(own(60));

	// 20 + 8 + 40 + padding 2 + 2 + ICV 12
	ASSERT_EQ(84u, out.size());
	EXPECT_EQ(50, out[9]);
	EXPECT_EQ(0, ipv4_sum(out.data(), 20));
	EXPECT_EQ(hex("00001001 00000001"),
		  Octets(out.begin() + 20, out.begin() + 28));
	EXPECT_EQ(hex("0102 02 01"),
		  Octets(out.begin() + 68, out.begin() + 72)); // ICMP
	EXPECT_EQ(own(60), lab.open(out));
}

TEST(EspTransport, OpensWhatItSealsUnderEveryPair)
{
	for (auto &[enc, auth] : valid_pairs()) {
		Pair lab(enc.c_str(), auth.c_str(), transport);

		for (size_t n = 21; n < 60; n += 5)
			EXPECT_EQ(own(n), lab.open(lab.seal(own(n))))
			    << enc << " " << auth;
	}
}

TEST(EspTransport, RefusesFragments) // RFC 4303 section 3.3.4
{
	Pair lab("aes-128-gcm", "none", transport);

	EXPECT_TRUE(lab.seal(ipv4(60, 0, 0x2000)).empty());
	EXPECT_EQ("bad-ip-header", lab.fate());
	EXPECT_TRUE(lab.seal(ipv4(60, 0, 0x0001)).empty());
}

TEST(EspTransport, TakesAnyNextHeaderButADummys)
{
	Pair lab("aes-128-gcm", "none", transport);

	EXPECT_FALSE(
	    lab.open(lab.craft(1, count_up(40) + trailer(2, 47))).empty());
	EXPECT_EQ(47, lab.data()[9]);
	EXPECT_TRUE(
	    lab.open(lab.craft(2, count_up(40) + trailer(2, 59))).empty());
	EXPECT_EQ("dummy", lab.fate());
}

TEST(EspUdp, GoesAroundEspAlone)
{
	Pair lab("aes-128-gcm", "none", udp);
	Pair bare("aes-128-gcm", "none", [](esp_shim_sa &) {});
	Octets out = lab.seal(ipv4(60)), plain = bare.seal(ipv4(60));

	ASSERT_EQ(plain.size() + 8, out.size());
	EXPECT_EQ(17, out[9]);
	EXPECT_EQ(hex("1194 1195"), Octets(out.begin() + 20, out.begin() + 24));
	EXPECT_EQ(out.size() - 20, unsigned{out[24]} << 8 | out[25]);
	EXPECT_EQ(ipv4(60), lab.open(out));
	EXPECT_TRUE(lab.open(plain).empty());
	EXPECT_EQ("wrong-encapsulation", lab.fate());
	EXPECT_TRUE(bare.open(out).empty());
	EXPECT_EQ("wrong-encapsulation", bare.fate());
}

TEST(EspUdp, RefusesLengthsThatLie)
{
	Pair lab("aes-128-gcm", "none", udp);
	const Octets out = lab.seal(ipv4(60));

	for (unsigned length : {0u, 7u, 8u, 15u, unsigned(out.size()) - 19}) {
		Octets bad = out;

		bad[24] = static_cast<uint8_t>(length >> 8);
		bad[25] = static_cast<uint8_t>(length);
		EXPECT_TRUE(lab.open(bad).empty());
		EXPECT_EQ("bad-esp-length", lab.fate()) << length;
	}
}

TEST(EspTfc, PadsToTheBucketAndNeverBeyondTheMtu) // RFC 4303 section 2.7
{
	Pair lab("null", "hmac-sha1-96", [](esp_shim_sa &sa) {
		sa.tfc = 64;
		sa.mtu = 200;
	});

	for (size_t n = 20; n < 220; n++) {
		size_t want =
		    std::max(n, std::min<size_t>((n + 63) / 64 * 64, 200));
		Octets out = lab.seal(ipv4(n));

		EXPECT_EQ(20 + 8 + (want + 2 + 3) / 4 * 4 + 12, out.size())
		    << n;
		EXPECT_EQ(ipv4(n), lab.open(out));
		EXPECT_EQ(esp_shim_outer_octets(lab.s, 1, unsigned(n)),
			  out.size());
	}
}

TEST(EspSize, TellsTheLargestInnerPacketUnderEveryPair)
{
	for (auto &[enc, auth] : valid_pairs()) {
		for (int form = 0; form < 3; form++) {
			Pair lab(enc.c_str(), auth.c_str(),
				 [form](esp_shim_sa &sa) {
					 if (form == 1)
						 udp(sa);
					 sa.transport = form == 2;
				 });
			for (unsigned outer = 180; outer < 200; outer++) {
				unsigned n =
				    esp_shim_inner_max(lab.s, 1, outer);

				EXPECT_LE(lab.seal(own(n)).size(), outer);
				EXPECT_GT(lab.seal(own(n + 1)).size(), outer)
				    << enc << " " << auth << " " << form;
			}
		}
	}
}
