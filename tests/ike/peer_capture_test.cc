// Negotiations between real peers, with every secret that they logged: from
// their packets and the Diffie-Hellman secret we derive the same keys, open
// their messages with them, find their proofs right, and come to the keys of
// ESP.
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <jansson.h>

#include "capture.h"
#include "crypto_shim.h"

namespace
{

shim_octets
of(const Octets &o)
{
	return {o.data(), o.size()};
}

Octets
bits(const uint8_t *p, size_t n)
{
	return Octets(p, p + n);
}

const Octets psk = text("smartedge-psk");

struct Peer {
	explicit Peer(const std::string &n) : name(n)
	{
		std::string base = SE_VECTORS "/peer-captures/" + n;

		root = json_load_file((base + ".json").c_str(), 0, nullptr);
		messages = capture(base + ".pcap");
	}
	~Peer()
	{
		json_decref(root);
	}
	Peer(const Peer &) = delete;
	Octets key(const char *k) const
	{
		json_t *list =
		    json_object_get(json_object_get(root, "keys"), k);
		const char *s = json_string_value(json_array_get(list, 0));

		return hex(s == nullptr ? "" : s);
	}
	std::string name;
	json_t *root = nullptr;
	std::vector<Message> messages;
};

struct Suite {
	const char *name, *prf, *encr, *integ;
};

// ---- IKEv2 ------------------------------------------------------------

const Suite v2_suites[] = {
    {"v2psk-3des-md5-modp768-esp-des-sha1", "hmac-md5", "3des-cbc",
     "hmac-md5-96"},
    {"v2psk-3des-sha1-modp1536-esp-3des-sha1", "hmac-sha1", "3des-cbc",
     "hmac-sha1-96"},
    {"v2psk-aes128-sha1-modp1024-esp-aes128-sha1", "hmac-sha1", "aes-128-cbc",
     "hmac-sha1-96"},
    {"v2psk-aes128-sha256-modp2048-esp-null-sha256", "hmac-sha-256",
     "aes-128-cbc", "hmac-sha-256-128"},
    {"v2psk-aes128ccm16-prfsha1-modp2048-esp-aes128ccm12", "hmac-sha1",
     "aes-128-ccm", nullptr},
    {"v2psk-aes192-sha384-modp3072-esp-aes192-sha1", "hmac-sha-384",
     "aes-192-cbc", "hmac-sha-384-192"},
    {"v2psk-aes256-sha512-ecp521-esp-aes256-sha512", "hmac-sha-512",
     "aes-256-cbc", "hmac-sha-512-256"},
    {"v2psk-aes256gcm16-prfsha384-ecp384-esp-aes256-sha384", "hmac-sha-384",
     "aes-256-gcm", nullptr},
    {"v2rsa-3des-sha1-modp1024-esp-aes256-sha1", "hmac-sha1", "3des-cbc",
     "hmac-sha1-96"},
    {"v2rsa-aes128-sha256-modp2048-esp-aes128-sha256", "hmac-sha-256",
     "aes-128-cbc", "hmac-sha-256-128"},
    {"v6-v2psk-aes256-sha256-modp2048-esp-aes256-sha256", "hmac-sha-256",
     "aes-256-cbc", "hmac-sha-256-128"}};

class PeerV2 : public testing::TestWithParam<Suite>
{
};
INSTANTIATE_TEST_SUITE_P(Captures, PeerV2, testing::ValuesIn(v2_suites),
			 [](const auto &i) {
				 std::string s = i.param.name;
				 for (char &c : s)
					 c = c == '-' ? '_' : c;
				 return s;
			 });

// The payloads within SK, or what opening it said.
int
opened(const crypto_shim_v2 &k, const Message &m, Octets &clear, uint8_t &first)
{
	Octets copy = m.octets;
	size_t at = 0;
	int n = crypto_shim_v2_open(&k, m.from_initiator, copy.data(), 32,
				    copy.size(), &at);

	if (n >= 0) {
		clear = part(copy, at, static_cast<size_t>(n));
		first = m.octets[28];
	}
	return n;
}

// The keys of the child: those of the initiator to the responder first.
void
child_keys(const Peer &peer, const Octets &keymat)
{
	Octets want;

	for (const char *k :
	     {"encryption initiator key", "integrity initiator key",
	      "encryption responder key", "integrity responder key"})
		want = want + peer.key(k);
	EXPECT_EQ(want, keymat);
}

size_t
child_octets(const Peer &peer)
{
	size_t n = 0;

	for (const char *k :
	     {"encryption initiator key", "integrity initiator key"})
		n += peer.key(k).size();
	return n;
}

TEST_P(PeerV2, SameKeysSameProofs)
{
	const Suite &s = GetParam();
	Peer peer(s.name);
	crypto_shim_v2 k = {};

	if (peer.root == nullptr)
		GTEST_SKIP() << "the vectors are not here";
	ASSERT_GE(peer.messages.size(), 4u);
	const Message &m1 = peer.messages[0], &m2 = peer.messages[1];
	auto c1 = payloads(m1.first(), m1.octets, 28);
	auto c2 = payloads(m2.first(), m2.octets, 28);
	Octets ni = body(c1, 40), nr = body(c2, 40);
	Octets si = part(m2.octets, 0, 8), sr = part(m2.octets, 8, 8);
	Octets secret = peer.key("shared Diffie Hellman secret");

	k.prf = s.prf;
	k.encr = s.encr;
	k.integ = s.integ;
	k.shared = of(secret);
	k.ni = of(ni);
	k.nr = of(nr);
	k.spi_i = of(si);
	k.spi_r = of(sr);
	ASSERT_EQ(0, crypto_shim_v2_get(&k));
	const struct {
		const char *key;
		const uint8_t *ours;
	} all[] = {{"SKEYSEED", k.seed},   {"Sk_d secret", k.d},
		   {"Sk_ai secret", k.ai}, {"Sk_ar secret", k.ar},
		   {"Sk_ei secret", k.ei}, {"Sk_er secret", k.er},
		   {"Sk_pi secret", k.pi}, {"Sk_pr secret", k.pr}};
	for (auto &a : all) {
		Octets want = peer.key(a.key);
		EXPECT_EQ(want, bits(a.ours, want.size())) << a.key;
	}
	Octets keymat(2 * child_octets(peer));
	ASSERT_EQ(0, crypto_shim_v2_keymat(&k, {nullptr, 0}, of(ni), of(nr),
					   keymat.data(), keymat.size()));
	child_keys(peer, keymat);
	unsigned proofs = 0;
	for (size_t i = 2; i < peer.messages.size(); i++) {
		const Message &m = peer.messages[i];
		Octets clear, bad;
		uint8_t first = 0;

		if (m.first() != 46)
			continue; // a fragment
		ASSERT_GE(opened(k, m, clear, first), 0) << i;
		auto c = payloads(first, clear, 0);
		Octets auth = body(c, 39);
		Octets id = body(c, m.from_initiator ? 35 : 36);
		if (auth.size() < 4 || auth[0] != 2)
			continue;
		Octets out(64);
		int n = crypto_shim_v2_psk(
		    &k, m.from_initiator, of(psk),
		    of(m.from_initiator ? m1.octets : m2.octets),
		    of(m.from_initiator ? nr : ni), of(id), out.data());
		ASSERT_GT(n, 0);
		EXPECT_EQ(part(auth, 4, auth.size() - 4),
			  part(out, 0, static_cast<size_t>(n)));
		proofs++;
	}
	if (peer.name.find("psk") != std::string::npos) {
		EXPECT_EQ(2u, proofs);
	}
}

// ---- IKEv1 ------------------------------------------------------------

const Suite v1_suites[] = {
    {"v1aggr-3des-sha1-modp1536-esp-aes128-sha1", "hmac-sha1", "3des-cbc", ""},
    {"v1main-aes128-sha1-modp1024-esp-3des-md5", "hmac-sha1", "aes-128-cbc",
     ""},
    {"v1main-aes128-sha256-modp2048-esp-aes128-sha256-pfs5", "hmac-sha-256",
     "aes-128-cbc", ""},
    {"v1main-des-md5-modp768-esp-null-sha1", "hmac-md5", "des-cbc", ""},
    {"v1main-rsa-aes128-sha1-modp1024-esp-aes128-sha1", "hmac-sha1",
     "aes-128-cbc", "rsa"},
    {"v6-v1main-aes128-sha1-modp1024-esp-aes128-sha1", "hmac-sha1",
     "aes-128-cbc", ""}};

class PeerV1 : public testing::TestWithParam<Suite>
{
};
INSTANTIATE_TEST_SUITE_P(Captures, PeerV1, testing::ValuesIn(v1_suites),
			 [](const auto &i) {
				 std::string s = i.param.name;
				 for (char &c : s)
					 c = c == '-' ? '_' : c;
				 return s;
			 });

// What phase 1 of a capture is made of.
struct Phase1 {
	explicit Phase1(const Peer &peer)
	{
		for (const Message &m : peer.messages) {
			if ((m.exchange() != 2 && m.exchange() != 4) ||
			    (m.octets[19] & 1) != 0)
				continue;
			auto c = payloads(m.first(), m.octets, 28);
			bool i = m.from_initiator;

			if (i && sa.empty())
				sa = body(c, 1);
			if (!body(c, 4).empty()) {
				(i ? gxi : gxr) = body(c, 4);
				(i ? ni : nr) = body(c, 10);
			}
			if (!body(c, 5).empty())
				(i ? idi : idr) = body(c, 5);
			if (!body(c, 8).empty())
				hash_r = body(c, 8);
			if (!i) {
				ci = part(m.octets, 0, 8);
				cr = part(m.octets, 8, 8);
			}
		}
	}
	Octets sa, gxi, gxr, ni, nr, idi, idr, ci, cr, hash_r;
};

Octets
clear_of(const crypto_shim_v1 &k, const Message &m, Octets &iv)
{
	Octets o = part(m.octets, 28, m.octets.size() - 28);

	EXPECT_EQ(0, crypto_shim_v1_open(&k, iv.data(), o.data(), o.size()));
	return o;
}

uint32_t
spi_of(const Octets &sa)
{
	return static_cast<uint32_t>(sa[16]) << 24 | sa[17] << 16 |
	       sa[18] << 8 | sa[19];
}

TEST_P(PeerV1, SameKeysSameProofs)
{
	const Suite &s = GetParam();
	Peer peer(s.name);
	crypto_shim_v1 k = {};

	if (peer.root == nullptr)
		GTEST_SKIP() << "the vectors are not here";
	Phase1 p(peer);
	Octets secret = peer.key("shared Diffie Hellman secret");
	Octets iv(16);

	k.prf = s.prf;
	k.encr = s.encr;
	if (s.integ[0] == '\0')
		k.secret = of(psk);
	k.shared = of(secret);
	k.ni = of(p.ni);
	k.nr = of(p.nr);
	k.cookie_i = of(p.ci);
	k.cookie_r = of(p.cr);
	ASSERT_EQ(0, crypto_shim_v1_get(&k));
	const struct {
		const char *key;
		const uint8_t *ours;
	} all[] = {{"SKEYID", k.skeyid},
		   {"SKEYID_d", k.d},
		   {"SKEYID_a", k.a},
		   {"SKEYID_e", k.e},
		   {"encryption key Ka", k.ka}};
	for (auto &a : all) {
		Octets want = peer.key(a.key);
		EXPECT_EQ(want, bits(a.ours, want.size())) << a.key;
	}
	ASSERT_EQ(0, crypto_shim_v1_iv(&k, of(p.gxi), of(p.gxr), iv.data()));
	Octets want = peer.key("initial IV");
	EXPECT_EQ(want, part(iv, 0, want.size()));

	unsigned proofs = 0;
	Octets quick_iv, ni, nr, sai, sar, first_iv;
	uint32_t quick_id = 0;
	for (const Message &m : peer.messages) {
		if ((m.octets[19] & 1) == 0)
			continue;
		if (m.exchange() == 2 || m.exchange() == 4) {
			Octets clear = clear_of(k, m, iv);
			auto c = payloads(m.first(), clear, 0);
			bool i = m.from_initiator;
			Octets hash = body(c, 8), out(64);

			if (!body(c, 5).empty())
				(i ? p.idi : p.idr) = body(c, 5);
			if (hash.empty())
				continue; // a signature
			int n = crypto_shim_v1_hash(
			    &k, i, of(p.gxi), of(p.gxr), of(p.sa),
			    of(i ? p.idi : p.idr), out.data());
			EXPECT_EQ(hash, part(out, 0, static_cast<size_t>(n)));
			proofs++;
		}
		if (m.exchange() != 32 || (quick_id != 0 && m.id() != quick_id))
			continue;
		if (quick_id == 0) {
			quick_id = m.id();
			quick_iv = iv;
			ASSERT_EQ(0, crypto_shim_v1_iv_exchange(
					 &k, quick_id, quick_iv.data()));
		}
		Octets clear = clear_of(k, m, quick_iv);
		auto c = payloads(m.first(), clear, 0);
		if (!body(c, 1).empty()) {
			(m.from_initiator ? ni : nr) = body(c, 10);
			(m.from_initiator ? sai : sar) = body(c, 1);
		}
	}
	if (s.integ[0] == '\0' && p.hash_r.empty()) {
		EXPECT_EQ(2u, proofs);
	}
	if (!p.hash_r.empty()) {
		// Aggressive mode: the responder proves itself in clear.
		Octets out(64);
		int n = crypto_shim_v1_hash(&k, 0, of(p.gxi), of(p.gxr),
					    of(p.sa), of(p.idr), out.data());
		EXPECT_EQ(p.hash_r, part(out, 0, static_cast<size_t>(n)));
		EXPECT_EQ(1u, proofs);
	}
	ASSERT_FALSE(sai.empty());
	ASSERT_FALSE(sar.empty());
	// What the initiator sends goes to the responder's SPI.
	Octets pfs = peer.key("DH secret");
	Octets out_i(child_octets(peer)), out_r(child_octets(peer));
	ASSERT_EQ(0, crypto_shim_v1_keymat(&k, of(pfs), 3, spi_of(sar), of(ni),
					   of(nr), out_i.data(), out_i.size()));
	ASSERT_EQ(0, crypto_shim_v1_keymat(&k, of(pfs), 3, spi_of(sai), of(ni),
					   of(nr), out_r.data(), out_r.size()));
	child_keys(peer, out_i + out_r);
}

} // namespace
