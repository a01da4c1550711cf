// Whole ESP packets that others made.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <fstream>
#include <functional>
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

std::string
address6_at(const Octets &p, size_t at)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, &p[at], text, sizeof(text));
	return text;
}

// The SA that opens a packet with this outer header, which has no options; end
// keeps the text of an IPv6 address.
Sa
sa_for(const Octets &packet, const std::string &enc, const std::string &auth,
       std::string &end)
{
	Sa sa = sa_make(2, false, enc, auth);
	bool v6 = packet[0] >> 4 == 6;
	size_t head = v6 ? 40 : 20;

	sa.plain.protocol = packet[v6 ? 6 : 9];
	if (v6) {
		end = address6_at(packet, 24);
		sa.plain.src6 = sa.plain.dst6 = end.c_str();
	} else {
		sa.plain.dst = number_at(packet, 16);
	}
	sa.plain.spi =
	    number_at(packet, head + (sa.plain.protocol == 51 ? 4 : 0));
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
	bool transport = false;
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
    {"pkt_aes_256_gcm_v6", {"aes-256-gcm", "none"}},
    {"pkt_aes_128_cbc_hmac_sha256_v6", {"aes-128-cbc", "hmac-sha-256-128"}},
    {"pkt_3des_cbc_hmac_sha256_v6", {"3des-cbc", "hmac-sha-256-128"}},
    {"pkt_ah_tunnel_sha256", {"null", "hmac-sha-256-128"}},
    {"pkt_ah_transport_sha256", {"null", "hmac-sha-256-128", true}},
};

// What there is not opened here, and why: its text is no ESP packet.
const char *const left_out = "pkt_aes_128_cbc_null";

void
check_row(const json_t *row, const Packet &how)
{
	Octets sealed = hex(text_of(row, "output_text"));
	std::string end;
	Sa sa = sa_for(sealed, how.enc, how.auth, end);
	std::string auth_key = text_of(row, "auth_key");
	EspLab lab;

	sa.plain.transport = how.transport;

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
	std::string end;
	Sa sa = sa_for(outer + esp, "aes-128-cbc", "none", end);
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

namespace
{

// Every row of a file of packets; skips where there is none.
void
each_row(const char *name, const std::function<void(const json_t *)> &check)
{
	json_t *root;
	const json_t *row;
	size_t i;

	if (!std::ifstream(name).good())
		GTEST_SKIP() << "no vectors here";
	root = json_load_file(name, 0, nullptr);
	json_array_foreach(root, i, row) {
		check(row);
	}
	json_decref(root);
}

} // namespace

TEST(EspPacket, OpensThePacketsOfAnotherImplementation)
{
	each_row(SE_VECTORS "/kat/esp_ah_packets_dpdk.json",
		 [](const json_t *row) {
			 std::string name = text_of(row, "name");
			 auto how = packets.find(name);

			 if (how != packets.end())
				 check_row(row, how->second);
			 else
				 EXPECT_EQ(left_out, name);
		 });
}

// RFC 4302: what the other one protects is what we would send, but for the TTL
// of the outer header, which AH does not cover.
TEST(EspPacket, ProtectsByAhAsAnotherImplementationDoes)
{
	each_row(SE_VECTORS "/kat/esp_ah_packets_dpdk.json",
		 [](const json_t *row) {
			 Octets want = hex(text_of(row, "output_text"));
			 std::string end;
			 EspLab lab;

			 if (want[9] != 51)
				 return;
			 Sa sa = sa_for(want, "null", "hmac-sha-256-128", end);
			 sa.plain.id = 1;
			 sa.plain.outbound = 1;
			 sa.plain.transport =
			     text_of(row, "mode").find("TRANSPORT") !=
			     std::string::npos;
			 sa.plain.src = number_at(want, 12);
			 sa.plain.ttl = want[8];
			 sa.plain.df = 2;
			 sa.plain.dscp = 0;
			 sa.auth_key = hex(text_of(row, "auth_key"));
			 ASSERT_EQ(0, lab.install(sa));
			 Octets got = lab.seal(hex(text_of(row, "input_text")));
			 ASSERT_EQ(want.size(), got.size()) << lab.fate();
			 for (size_t at : {8, 10, 11}) // TTL, checksum
				 got[at] = want[at];
			 EXPECT_EQ(want, got) << text_of(row, "name");
		 });
}

TEST(EspPacket, OpensThePacketsOfRfc3602) // section 4, cases 5 and 7
{
	each_row(
	    SE_VECTORS "/kat/rfc3602_esp_packets.json", [](const json_t *row) {
		    Octets esp = hex(text_of(row, "esp_without_icv"));
		    Octets payload = hex(text_of(row, "payload"));
		    Octets outer = hex("4500 0000 0000 0000 40 32 0000"
				       "c0a87b03 c0a87b64");
		    bool transport = text_of(row, "mode") == "transport";
		    std::string end;
		    EspLab lab;

		    outer[3] = static_cast<uint8_t>(outer.size() + esp.size());
		    Sa sa = sa_for(outer + esp, "aes-128-cbc", "none", end);
		    sa.plain.transport = transport;
		    sa.enc_key = hex(text_of(row, "key"));
		    ASSERT_EQ(0, lab.install(sa));
		    Octets got = lab.open(outer + esp);
		    ASSERT_LT(transport ? 20U : 0U, got.size()) << lab.fate();
		    if (transport)
			    got.erase(got.begin(), got.begin() + 20);
		    EXPECT_EQ(payload, got) << text_of(row, "name");
	    });
}
