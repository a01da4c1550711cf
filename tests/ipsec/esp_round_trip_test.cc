// Sealed and opened again, every algorithm that is ready.
#include <gtest/gtest.h>

#include "esp_lab.h"

TEST(EspRoundTrip, GivesBackEverySizeUnderEveryPair)
{
	auto pairs = valid_pairs();

	ASSERT_LT(30u, pairs.size());
	for (const auto &pair : pairs) {
		EspLab lab;

		lab.pair(pair.first, pair.second);
		for (size_t n : {20, 21, 22, 23, 24, 31, 32, 33, 46, 47, 64,
				 100, 576, 1400, 1500, 8999, 9000}) {
			Octets clear = ipv4(n);

			ASSERT_EQ(clear, lab.open(lab.seal(clear)))
			    << pair.first << " " << pair.second << " " << n
			    << " " << lab.fate();
		}
	}
}

TEST(EspRoundTrip, GivesBackEverySmallSize)
{
	EspLab cbc, gcm;

	cbc.pair("aes-128-cbc", "hmac-sha1-96");
	gcm.pair("aes-256-gcm", "none");
	for (size_t n = 20; n < 600; n++) {
		ASSERT_EQ(ipv4(n), cbc.open(cbc.seal(ipv4(n)))) << n;
		ASSERT_EQ(ipv4(n), gcm.open(gcm.seal(ipv4(n)))) << n;
	}
}

TEST(EspRoundTrip, KeepsSasOfOneVectorApart)
{
	auto pairs = valid_pairs();
	std::vector<Octets> sealed;
	EspLab lab;

	for (uint32_t i = 0; i < pairs.size(); i++) {
		Sa out = sa_make(2 * i, true, pairs[i].first, pairs[i].second);
		Sa in =
		    sa_make(2 * i + 1, false, pairs[i].first, pairs[i].second);

		out.plain.spi = in.plain.spi = 0x1000 + i;
		ASSERT_EQ(0, lab.install(out));
		ASSERT_EQ(0, lab.install(in));
	}
	esp_shim_clear(lab.s);
	for (unsigned i = 0; i < 256; i++)
		esp_shim_add(lab.s,
			     2 * (i % static_cast<unsigned>(pairs.size())),
			     ipv4(100 + i).data(), 100 + i);
	ASSERT_EQ(256u, esp_shim_seal(lab.s));
	for (unsigned i = 0; i < 256; i++)
		sealed.push_back(lab.data(i));
	esp_shim_clear(lab.s);
	for (const Octets &packet : sealed)
		esp_shim_add(lab.s, 7, packet.data(),
			     static_cast<unsigned>(packet.size()));
	ASSERT_EQ(256u, esp_shim_open(lab.s));
	for (unsigned i = 0; i < 256; i++)
		ASSERT_EQ(ipv4(100 + i), lab.data(i)) << i;
}
