// Whole ESP packets that others made.
#include <gtest/gtest.h>

#include <fstream>
#include <jansson.h>
#include <map>

#include "esp_lab.h"

namespace
{

uint32_t
number_at(const Octets &p, size_t at)
{
	return static_cast<uint32_t>(p[at] << 24 | p[at + 1] << 16 |
				     p[at + 2] << 8 | p[at + 3]);
}

// The SA that opens a packet with this outer header of 20 octets.
Sa
sa_for(const Octets &packet, const std::string &enc, const std::string &auth)
{
	Sa sa = sa_make(2, false, enc, auth);

	sa.plain.dst = number_at(packet, 16);
	sa.plain.spi = number_at(packet, 20);
	return sa;
}

std::string
text_of(const json_t *row, const char *key)
{
	const char *s = json_string_value(json_object_get(row, key));

	return s == nullptr ? "" : s;
}

struct Packet {
	const char *enc, *auth;
};

const std::map<std::string, Packet> packets = {
    {"pkt_aes_128_gcm", {"aes-128-gcm", "none"}},
    {"pkt_aes_256_gcm", {"aes-256-gcm", "none"}},
    {"pkt_aes_128_gcm_frag", {"aes-128-gcm", "none"}},
    {"pkt_aes_128_cbc_hmac_sha256", {"aes-128-cbc", "hmac-sha-256-128"}},
    {"pkt_aes_128_cbc_hmac_sha512", {"aes-128-cbc", "hmac-sha-512-256"}},
    {"pkt_3des_cbc_hmac_sha256", {"3des-cbc", "hmac-sha-256-128"}},
    {"pkt_3des_cbc_hmac_sha512", {"3des-cbc", "hmac-sha-512-256"}},
    {"pkt_des_cbc_hmac_sha384", {"des-cbc", "hmac-sha-384-192"}},
    {"pkt_des_cbc_hmac_sha512", {"des-cbc", "hmac-sha-512-256"}},
    {"pkt_aes_128_ctr_hmac_sha384", {"aes-128-ctr", "hmac-sha-384-192"}},
};

void
check_row(const json_t *row, const Packet &how)
{
	Octets sealed = hex(text_of(row, "output_text"));
	Sa sa = sa_for(sealed, how.enc, how.auth);
	std::string auth_key = text_of(row, "auth_key");
	EspLab lab;

	sa.enc_key = hex(text_of(row, "key")) + hex(text_of(row, "salt"));
	if (!sa.auth_key.empty())
		sa.auth_key = hex(auth_key);
	ASSERT_EQ(0, lab.install(sa)) << text_of(row, "name");
	EXPECT_EQ(hex(text_of(row, "input_text")), lab.open(sealed))
	    << text_of(row, "name") << ": " << lab.fate();
}

} // namespace

TEST(EspPacket, OpensTheTunnelPacketOfRfc3602) // section 4, case 7
{
	Octets esp = hex(
	    "0000876500000002f4e765244f6407adf13dc1380f673f37773b5241a4c449225e"
	    "4f3ce5ed611b0c237ca96cf74a93013c1b0ea1a0cf70f8e4ecaec78ac53aad7a0f"
	    "022b859243c647752e94a859352b8a4d4d2decd136e5c177f132ad3fbfb2201ac9"
	    "904c74ee0a109e0ca1e4dfe9d5a100b842f1c22f0d");
	Octets outer = hex("4500 009c 0000 0000 40 32 0000 c0a87b03 c0a87bc8");
	Sa sa = sa_for(outer + esp, "aes-128-cbc", "none");
	EspLab lab;

	sa.enc_key = hex("0123456789abcdef0123456789abcdef");
	outer[3] = static_cast<uint8_t>(20 + esp.size());
	ASSERT_EQ(0, lab.install(sa));
	EXPECT_EQ(
	    hex("45000054090400004001f988c0a87b03c0a87bc808009f76a90a0100"
		"b49c083d02a2040008090a0b0c0d0e0f101112131415161718191a1b"
		"1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637"),
	    lab.open(outer + esp))
	    << lab.fate();
}

TEST(EspPacket, OpensThePacketsOfAnotherImplementation)
{
	const char *name = SE_VECTORS "/kat/esp_ah_packets_dpdk.json";
	json_t *root;
	const json_t *row;
	size_t i;
	unsigned n = 0;

	if (!std::ifstream(name).good())
		GTEST_SKIP() << "no vectors here";
	root = json_load_file(name, 0, nullptr);
	json_array_foreach(root, i, row) {
		auto how = packets.find(text_of(row, "name"));

		if (how == packets.end())
			continue;
		check_row(row, how->second);
		n++;
	}
	json_decref(root);
	EXPECT_EQ(packets.size(), n);
}
