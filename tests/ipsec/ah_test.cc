// The Authentication Header (RFC 4302), alone and around ESP.
#include <cerrno>

#include <gtest/gtest.h>

#include "esp_lab.h"

namespace
{

Sa
ah_make(uint32_t id, bool outbound, bool v6,
	const std::string &auth = "hmac-sha1-96")
{
	Sa sa = sa_make(id, outbound, "null", auth);

	sa.plain.protocol = 51;
	sa.plain.spi = 0x2002;
	if (v6) {
		sa.plain.src6 = "2001:db8::1";
		sa.plain.dst6 = "2001:db8::2";
	}
	return sa;
}

struct Ah : EspLab {
	explicit Ah(bool v6 = false, const std::string &auth = "hmac-sha1-96",
		    bool transport = false, bool esn = false)
	{
		for (bool out : {true, false}) {
			Sa sa = ah_make(out ? 1 : 2, out, v6, auth);

			sa.plain.transport = transport;
			sa.plain.esn = esn;
			EXPECT_EQ(0, install(sa));
		}
	}
};

// SAs 1 and 2 are ESP, 11 and 12 AH around it.
struct Bundle : EspLab {
	explicit Bundle(bool v6 = false)
	{
		for (uint32_t id : {1u, 2u}) {
			Sa esp =
			    sa_make(id, id == 1, "aes-128-cbc", "hmac-sha1-96");
			Sa ah = ah_make(id + 10, id == 1, v6);

			esp.plain.src6 = ah.plain.src6;
			esp.plain.dst6 = ah.plain.dst6;
			esp.plain.bundle = id + 10;
			ah.plain.bundle = id;
			EXPECT_EQ(0, install(esp));
			EXPECT_EQ(0, install(ah));
		}
	}
};

Octets
slice(const Octets &o, size_t from, size_t to)
{
	return Octets(o.begin() + static_cast<long>(from),
		      o.begin() + static_cast<long>(to));
}

} // namespace

TEST(Ah, BuildsTheHeader) // section 2
{
	Ah lab;
	Octets out = lab.seal(ipv4(60));

	// 20 + 12 + ICV 12 + 60; next header IPv4, length 6 words less 2
	ASSERT_EQ(104u, out.size());
	EXPECT_EQ(51, out[9]);
	EXPECT_EQ(hex("04 04 0000 00002002 00000001"), slice(out, 20, 32));
	EXPECT_EQ(ipv4(60), slice(out, 44, 104));
	EXPECT_EQ(0, ipv4_sum(out.data(), 20));
}

TEST(Ah, PadsTheIcvToEightInIpv6) // section 3.3.3.2.1
{
	Ah lab(true);
	Ah longer(true, "hmac-sha-512-256");

	EXPECT_EQ(40u + 24 + 60, lab.seal(ipv4(60)).size());    // 12 + 12
	EXPECT_EQ(40u + 48 + 60, longer.seal(ipv4(60)).size()); // 12 + 32 + 4
}

TEST(Ah, OpensWhatItSeals)
{
	for (bool v6 : {false, true}) {
		for (bool transport : {false, true}) {
			for (bool esn : {false, true}) {
				Ah lab(v6, "hmac-sha-256-128", transport, esn);
				Octets clear = ipv4(77);

				if (transport && v6)
					continue; // dst of the SA is IPv6
				if (transport)    // to the SA's end point
					clear = slice(clear, 0, 16) +
						hex("c0000202") +
						slice(clear, 20, 77);
				if (transport) {
					uint16_t sum;

					clear[10] = clear[11] = 0;
					sum = ipv4_sum(clear.data(), 20);
					clear[10] = uint8_t(sum >> 8);
					clear[11] = uint8_t(sum);
				}
				Octets out = lab.seal(clear);

				ASSERT_FALSE(out.empty()) << lab.fate();
				EXPECT_EQ(clear, lab.open(out))
				    << lab.fate() << v6 << transport << esn;
			}
		}
	}
}

TEST(Ah, KeepsTheHighHalfOffTheWire) // section 2.5.1
{
	EXPECT_EQ(Ah(false, "hmac-sha1-96", false, true).seal(ipv4(60)).size(),
		  Ah(false).seal(ipv4(60)).size());
	EXPECT_NE(Ah(false, "hmac-sha1-96", false, true).seal(ipv4(60)),
		  Ah(false).seal(ipv4(60)));
}

TEST(Ah, LetsMutableFieldsChange) // section 3.3.3.1.1.1
{
	Ah lab;
	Octets out = lab.seal(ipv4(60, 0xb9));

	out[1] ^= 0xb8; // DSCP
	out[6] ^= 0x40; // DF
	out[8] -= 5;    // TTL
	out[10] ^= 0xff;
	EXPECT_EQ(ipv4(60, 0xb9), lab.open(out));
}

TEST(Ah, LetsMutableFieldsOfIpv6Change) // section 3.3.3.1.2.1
{
	Ah lab(true);
	Octets out = lab.seal(ipv4(60));

	out[0] = 0x6b;
	out[1] = 0x8f;
	out[2] = out[3] = 0xff;
	out[7] = 1;
	EXPECT_EQ(ipv4(60), lab.open(out));
}

TEST(Ah, RefusesAChangeOfAnyOtherBit)
{
	for (bool v6 : {false, true}) {
		Ah lab(v6);
		const Octets out = lab.seal(ipv4(60));
		size_t n = 0;

		for (size_t i = v6 ? 8 : 12; i < out.size(); i++) {
			for (int bit = 0; bit < 8; bit++) {
				Octets bad = out;

				bad[i] ^= static_cast<uint8_t>(1 << bit);
				EXPECT_TRUE(lab.open(bad).empty())
				    << i << " " << bit;
				n++;
			}
		}
		EXPECT_EQ(ipv4(60), lab.open(out)); // the window stood still
		EXPECT_GT(n, 600u);
	}
}

TEST(Ah, RefusesWhatItAccepted) // section 3.4.3
{
	Ah lab;
	Octets out = lab.seal(ipv4(60));

	EXPECT_EQ(ipv4(60), lab.open(out));
	EXPECT_TRUE(lab.open(out).empty());
	EXPECT_EQ("replay", lab.fate());
	EXPECT_EQ(1u, lab.counter(2, "replay-drops"));
	EXPECT_EQ(1u, lab.counter(2, "packets"));
}

TEST(Ah, RefusesALengthThatIsNotItsSas) // section 2.2
{
	Ah lab;

	for (int length = 0; length < 256; length++) {
		Octets out = lab.seal(ipv4(60));

		if (length == 4)
			continue;
		out[21] = static_cast<uint8_t>(length);
		EXPECT_TRUE(lab.open(out).empty());
		EXPECT_EQ("bad-ah-length", lab.fate());
	}
}

TEST(Ah, RefusesPacketsThatEndInIt)
{
	Ah lab;
	const Octets out = lab.seal(ipv4(60));

	for (size_t n = 20; n < 44; n++) {
		Octets cut = slice(out, 0, n);

		cut[3] = static_cast<uint8_t>(n);
		EXPECT_TRUE(lab.open(cut).empty());
		EXPECT_EQ("bad-ah-length", lab.fate()) << n;
	}
}

TEST(Ah, CoversTheOptionsThatDoNotChange) // appendix A1
{
	Ah lab;
	const Octets out = lab.seal(ipv4(60));
	// router alert (kept), record route (may change), end
	const Octets options = hex("94040000 0703 00 00");
	Octets made = slice(out, 0, 20) + options + slice(out, 20, out.size());

	made[0] = 0x47;
	made[3] = static_cast<uint8_t>(made[3] + 8);
	// another ICV: the options are covered
	EXPECT_TRUE(lab.open(made).empty());
	EXPECT_EQ("integrity", lab.fate());
	// an option whose length lies
	for (uint8_t lie : {0, 1, 9, 255}) {
		Octets bad = made;

		bad[21] = lie;
		EXPECT_TRUE(lab.open(bad).empty());
		EXPECT_EQ("bad-ip-header", lab.fate()) << int(lie);
	}
}

TEST(Ah, GoesAroundEspWithOneIpHeader) // RFC 4301 section 4.5
{
	for (bool v6 : {false, true}) {
		Bundle lab(v6);
		Octets out = lab.seal(ipv4(60));
		size_t ip = v6 ? 40 : 20;

		ASSERT_FALSE(out.empty()) << lab.fate();
		EXPECT_EQ(51, out[v6 ? 6 : 9]);
		EXPECT_EQ(50, out[ip]); // AH's next header
		EXPECT_EQ(hex("00001001 00000001"),
			  slice(out, ip + 24, ip + 32));
		EXPECT_EQ(esp_shim_outer_octets(lab.s, 1, 60), out.size());
		EXPECT_EQ(ipv4(60), lab.open(out)) << lab.fate();
		EXPECT_EQ(2, esp_shim_found(lab.s, 0));
		EXPECT_EQ(1u, lab.counter(2, "packets"));
		EXPECT_EQ(1u, lab.counter(12, "packets"));
	}
}

TEST(Ah, RefusesEspOfABundleWithoutIt) // RFC 4301 section 5.2
{
	Bundle lab;
	EspLab naked;

	naked.pair("aes-128-cbc", "hmac-sha1-96");
	EXPECT_TRUE(lab.open(naked.seal(ipv4(60))).empty());
	EXPECT_EQ("wrong-encapsulation", lab.fate());
}

TEST(Ah, RefusesAhOfABundleWithoutEsp)
{
	Bundle lab;
	Ah alone;

	EXPECT_TRUE(lab.open(alone.seal(ipv4(60))).empty());
	EXPECT_EQ("wrong-encapsulation", lab.fate());
}

TEST(Ah, RefusesEspInsideAnAhThatIsNotItsOwn)
{
	Bundle lab;
	Sa other = ah_make(21, true, false);
	Sa in = ah_make(22, false, false);

	// an SA that may hold ESP, but that of another bundle
	other.plain.spi = in.plain.spi = 0x3003;
	other.plain.bundle = 1;
	in.plain.bundle = 99;
	ASSERT_EQ(0, esp_shim_delete(lab.s, 11));
	other.plain.id = 11;
	ASSERT_EQ(0, lab.install(other));
	ASSERT_EQ(0, lab.install(in));
	Octets out = lab.seal(ipv4(60));
	ASSERT_FALSE(out.empty());
	EXPECT_TRUE(lab.open(out).empty());
	EXPECT_EQ("wrong-encapsulation", lab.fate());
}

TEST(Ah, IsOnlyInstalledWithAnIcvAndWithoutACipher)
{
	EspLab lab;
	Sa none = ah_make(1, true, false, "none");
	Sa cipher = sa_make(1, true, "aes-128-cbc", "hmac-sha1-96");
	Sa udp = ah_make(1, true, false);

	cipher.plain.protocol = 51;
	udp.plain.udp = 1;
	EXPECT_EQ(-EINVAL, lab.install(none));
	EXPECT_EQ(-EINVAL, lab.install(cipher));
	EXPECT_EQ(-EINVAL, lab.install(udp));
}

TEST(Ah, TellsTheLargestInnerPacket)
{
	for (bool v6 : {false, true}) {
		Ah alone(v6);
		Bundle bundle(v6);

		for (EspLab *lab : {static_cast<EspLab *>(&alone),
				    static_cast<EspLab *>(&bundle)}) {
			for (unsigned outer = 200; outer < 260; outer++) {
				unsigned n =
				    esp_shim_inner_max(lab->s, 1, outer);

				EXPECT_LE(lab->seal(ipv4(n)).size(), outer);
				EXPECT_GT(lab->seal(ipv4(n + 1)).size(), outer);
			}
		}
	}
}
