// What IKE computes with, against published answers: PRFs, prf+,
// Diffie-Hellman, key derivation; and what RFC 6989 refuses.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <jansson.h>

#include "crypto_shim.h"
#include "octets.h"

namespace
{

shim_octets
of(const Octets &o)
{
	return {o.data(), o.size()};
}

struct File {
	explicit File(const std::string &name)
	    : root(json_load_file((SE_VECTORS "/kat/" + name).c_str(), 0,
				  nullptr))
	{
	}
	~File()
	{
		json_decref(root);
	}
	File(const File &) = delete;
	json_t *root;
};

std::string
text_of(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s == nullptr ? "" : s;
}

#define NEED(file)                                                             \
	if ((file).root == nullptr)                                            \
	GTEST_SKIP() << "the vectors are not here"

Octets
prf(const char *name, const Octets &key, const Octets &data)
{
	Octets out(64);
	int n = crypto_shim_prf(name, of(key), of(data), out.data());

	EXPECT_GT(n, 0) << name;
	out.resize(n < 0 ? 0 : static_cast<size_t>(n));
	return out;
}

int
shared(const char *group, const Octets &mine, const Octets &peer, Octets &out)
{
	size_t n = 0;
	int err;

	out.resize(1024);
	err = crypto_shim_shared(group, of(mine), of(peer), out.data(), &n);
	out.resize(n);
	return err;
}

Octets
public_of(const char *group, const Octets &mine)
{
	Octets out(1024);
	size_t n = 0;

	EXPECT_EQ(0, crypto_shim_public(group, of(mine), out.data(), &n));
	out.resize(n);
	return out;
}

std::string
prf_of(const std::string &vector)
{
	if (vector.find("384") != std::string::npos)
		return "hmac-sha-384";
	if (vector.find("512") != std::string::npos)
		return "hmac-sha-512";
	if (vector.find("256") != std::string::npos)
		return "hmac-sha-256";
	return "hmac-sha1";
}

TEST(IkeAlg, RowsAreFoundAndAgreeWithThePacketPath)
{
	crypto_shim_facts f = {};
	unsigned n = 0;

	while (crypto_shim_facts_get(n, &f) == 0) {
		EXPECT_TRUE(crypto_shim_facts_found(n)) << f.name;
		n++;
	}
	EXPECT_EQ(27u + 7 + 7 + 12, n);
}

TEST(IkeAlg, EspNumbersGoToAndFro) // IANA; RFC 4543 for GMAC
{
	EXPECT_EQ(38, crypto_shim_esp_numbers());
}

TEST(IkeAlg, StrictSetIsTheSmartEdges) // reference, section 4.3
{
	crypto_shim_facts f = {};
	std::string names;

	for (unsigned i = 0; crypto_shim_facts_get(i, &f) == 0; i++) {
		if (f.seos)
			names += std::string(f.name) + " ";
	}
	EXPECT_EQ("des-cbc 3des-cbc aes-128-cbc aes-192-cbc aes-256-cbc "
		  "hmac-md5 hmac-sha1 hmac-md5-96 hmac-sha1-96 1 2 5 14 ",
		  names);
}

TEST(IkePrf, HmacsOfRfc2202And4231)
{
	Octets key(20, 0x0b);
	Octets data = text("Hi There");

	EXPECT_EQ(hex("9294727a3638bb1c13f48ef8158bfc9d"),
		  prf("hmac-md5", Octets(16, 0x0b), data));
	EXPECT_EQ(hex("b617318655057264e28bc0b6fb378c8ef146be00"),
		  prf("hmac-sha1", key, data));
	EXPECT_EQ(hex("b0344c61d8db38535ca8afceaf0bf12b"
		      "881dc200c9833da726e9376c2e32cff7"),
		  prf("hmac-sha-256", key, data));
	EXPECT_EQ(hex("afd03944d84895626b0825f4ab46907f15f9dadbe4101ec6"
		      "82aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"),
		  prf("hmac-sha-384", key, data));
	EXPECT_EQ(hex("87aa7cdea5ef619d4ff0b4241a1d6cb0"
		      "2379f4e2ce4ec2787ad0b30545e17cde"
		      "daa833b7d6b8a702038b274eaea3f4e4"
		      "be9d914eeb61f1702e696c203a126854"),
		  prf("hmac-sha-512", key, data));
}

TEST(IkePrf, XcbcKeysOfAnyLength) // RFC 4434 section 3
{
	Octets data = count_up(20);

	EXPECT_EQ(hex("0fa087af7d866e7653434e602fdde835"),
		  prf("aes-xcbc", count_up(10), data));
	EXPECT_EQ(hex("47f51b4564966215b8985c63055ed308"),
		  prf("aes-xcbc", count_up(16), data));
	EXPECT_EQ(hex("8cd3c93ae598a9803006ffb67c40e9e4"),
		  prf("aes-xcbc", count_up(16) + hex("edcb"), data));
}

TEST(IkePrf, CmacKeysOfAnyLength) // RFC 4615 section 4
{
	Octets data = count_up(20);

	EXPECT_EQ(hex("84a348a4a45d235babfffc0d2b4da09a"),
		  prf("aes-cmac", count_up(16) + hex("edcb"), data));
	EXPECT_EQ(hex("980ae87b5f4c9c5214f5b6a8455e4c2d"),
		  prf("aes-cmac", count_up(16), data));
	EXPECT_EQ(hex("290d9e112edb09ee141fcf64c0b72f3d"),
		  prf("aes-cmac", count_up(10), data));
}

TEST(IkePrf, EmptyKeyIsRefused)
{
	uint8_t out[64];

	EXPECT_EQ(-EINVAL,
		  crypto_shim_prf("hmac-sha1", {out, 0}, of(text("x")), out));
}

TEST(IkePrf, KnownAnswersOfTheFile)
{
	File f("kdf_prf.json");
	size_t i;
	json_t *v;

	NEED(f);
	json_array_foreach(f.root, i, v) {
		EXPECT_EQ(hex(text_of(v, "out")),
			  prf(prf_of(text_of(v, "arg.prf")).c_str(),
			      hex(text_of(v, "salt")), hex(text_of(v, "key"))))
		    << text_of(v, "name");
	}
}

TEST(IkePrfPlus, KnownAnswersOfTheFile)
{
	File f("kdf_prf_plus.json");
	size_t i;
	json_t *v;

	NEED(f);
	json_array_foreach(f.root, i, v) {
		Octets want = hex(text_of(v, "out"));
		Octets got(want.size());

		ASSERT_EQ(0, crypto_shim_prf_plus(
				 prf_of(text_of(v, "arg.prf")).c_str(),
				 of(hex(text_of(v, "key"))),
				 of(hex(text_of(v, "salt"))), got.data(),
				 got.size()));
		EXPECT_EQ(want, got) << text_of(v, "name");
	}
}

TEST(IkePrfPlus, NeverCountsBeyondAnOctet) // RFC 7296 section 2.13
{
	Octets out(255 * 20 + 1);
	Octets key = text("key");

	EXPECT_EQ(0, crypto_shim_prf_plus("hmac-sha1", of(key), of(key),
					  out.data(), 255 * 20));
	EXPECT_EQ(-EINVAL, crypto_shim_prf_plus("hmac-sha1", of(key), of(key),
						out.data(), out.size()));
}

TEST(IkeHash, KnownAnswers) // RFC 1321, FIPS 180
{
	Octets out(64);
	Octets abc = text("abc");

	EXPECT_EQ(16, crypto_shim_hash(0x8001, of(abc), out.data()));
	EXPECT_EQ(hex("900150983cd24fb0d6963f7d28e17f72"), part(out, 0, 16));
	EXPECT_EQ(20, crypto_shim_hash(1, of(abc), out.data()));
	EXPECT_EQ(hex("a9993e364706816aba3e25717850c26c9cd0d89d"),
		  part(out, 0, 20));
	EXPECT_EQ(32, crypto_shim_hash(2, of(abc), out.data()));
	EXPECT_EQ(-ENOTSUP, crypto_shim_hash(9, of(abc), out.data()));
}

const char *const groups[] = {"1",  "2",  "5",  "14", "15", "16",
			      "17", "18", "19", "20", "21", "31"};

class IkeDhGroup : public testing::TestWithParam<const char *>
{
};
INSTANTIATE_TEST_SUITE_P(All, IkeDhGroup, testing::ValuesIn(groups));

TEST_P(IkeDhGroup, BothEndsAgree)
{
	EXPECT_EQ(0, crypto_shim_agree(GetParam(), 1));
	EXPECT_EQ(0, crypto_shim_agree(GetParam(), 2));
}

TEST_P(IkeDhGroup, RefusesZeroAndWrongLengths) // RFC 6989, RFC 8031
{
	Octets mine(32, 0x11), out, peer;

	peer = public_of(GetParam(), std::string(GetParam()) == "31"
					 ? mine
					 : Octets(32, 0x22));
	EXPECT_EQ(0, shared(GetParam(), mine, peer, out));
	EXPECT_EQ(-EINVAL, shared(GetParam(), mine, peer + hex("00"), out));
	peer.pop_back();
	EXPECT_EQ(-EINVAL, shared(GetParam(), mine, peer, out));
	peer.push_back(0);
	std::fill(peer.begin(), peer.end(), uint8_t(0));
	EXPECT_EQ(-EINVAL, shared(GetParam(), mine, peer, out));
}

void
file_of_groups(const std::string &name,
	       const std::vector<std::pair<std::string, std::string>> &names)
{
	File f(name);
	size_t i;
	json_t *v;

	NEED(f);
	json_array_foreach(f.root, i, v) {
		Octets seed = hex(text_of(v, "seed"));
		size_t half = seed.size() / 2;
		Octets out;

		for (auto &g : names) {
			if (g.first != text_of(v, "name"))
				continue;
			EXPECT_EQ(
			    hex(text_of(v, "pub_i")),
			    public_of(g.second.c_str(), part(seed, 0, half)));
			EXPECT_EQ(hex(text_of(v, "pub_r")),
				  public_of(g.second.c_str(),
					    part(seed, half, half)));
			EXPECT_EQ(0,
				  shared(g.second.c_str(), part(seed, 0, half),
					 hex(text_of(v, "pub_r")), out));
			EXPECT_EQ(hex(text_of(v, "shared")), out) << g.first;
		}
	}
}

TEST(IkeDh, ModpOfTheFile)
{
	file_of_groups("modp.json", {{"modp768", "1"},
				     {"modp1536", "5"},
				     {"modp3072", "15"},
				     {"modp4096", "16"},
				     {"modp8192", "18"}});
}

TEST(IkeDh, EcpOfTheFile)
{
	file_of_groups("ecp.json", {{"ecp256", "19"}, {"ecp521", "21"}});
}

TEST(IkeDh, Curve25519OfTheFile)
{
	file_of_groups("curve25519.json", {{"curve25519_1", "31"}});
}

TEST(IkeDh, Ecp256OfRfc5903) // section 8.1
{
	Octets i = hex("C88F01F510D9AC3F70A292DAA2316DE5"
		       "44E9AAB8AFE84049C62A9C57862D1433");
	Octets r = hex("C6EF9C5D78AE012A011164ACB397CE20"
		       "88685D8F06BF9BE0B283AB46476BEE53");
	Octets out;

	EXPECT_EQ(hex("DAD0B65394221CF9B051E1FECA5787D0"
		      "98DFE637FC90B9EF945D0C3772581180"
		      "5271A0461CDB8252D61F1C456FA3E59A"
		      "B1F45B33ACCF5F58389E0577B8990BB3"),
		  public_of("19", i));
	EXPECT_EQ(0, shared("19", i, public_of("19", r), out));
	EXPECT_EQ(hex("D6840F6B42F6EDAFD13116E0E1256520"
		      "2FEF8E9ECE7DCE03812464D04B9442DE"),
		  out);
}

TEST(IkeDh, RefusesOneAndPMinusOne) // RFC 6989 section 2.1
{
	Octets prime = hex("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD1"
			   "29024E088A67CC74020BBEA63B139B22514A08798E3404DD"
			   "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245"
			   "E485B576625E7EC6F44C42E9A63A3620FFFFFFFFFFFFFFFF");
	Octets mine(32, 0x11), out, one(96), two(96);

	one[95] = 1;
	two[95] = 2;
	EXPECT_EQ(-EINVAL, shared("1", mine, one, out));
	EXPECT_EQ(0, shared("1", mine, two, out));
	EXPECT_EQ(-EINVAL, shared("1", mine, prime, out));
	prime[95] -= 1;
	EXPECT_EQ(-EINVAL, shared("1", mine, prime, out));
	prime[95] -= 1;
	EXPECT_EQ(0, shared("1", mine, prime, out));
	EXPECT_EQ(-EINVAL, shared("1", mine, Octets(96, 0xff), out));
}

TEST(IkeDh, RefusesPointsOffTheCurve) // RFC 6989 section 2.3
{
	for (const char *group : {"19", "20", "21"}) {
		Octets mine(32, 0x11), out;
		Octets peer = public_of(group, Octets(32, 0x22));

		peer.back() ^= 1;
		EXPECT_EQ(-EINVAL, shared(group, mine, peer, out)) << group;
		std::fill(peer.begin(), peer.end(), uint8_t(0xff));
		EXPECT_EQ(-EINVAL, shared(group, mine, peer, out)) << group;
	}
}

TEST(IkeDh, Refuses25519PointsOfSmallOrder) // RFC 8031 section 5
{
	Octets mine(32, 0x11), out, one(32);

	one[0] = 1;
	EXPECT_EQ(-EINVAL, shared("31", mine, one, out));
	EXPECT_EQ(-EINVAL, shared("31", mine,
				  hex("e0eb7a7c3b41b8ae1656e3faf19fc46a"
				      "da098deb9c32b1fd866205165f49b800"),
				  out));
}

TEST(IkeDh, KeepsLeadingZeros) // RFC 7296 section 2.14
{
	// 2 to the 8th is a public value of 95 zeros and more.
	Octets out(1024), eight = hex("08"), two(96), secret;
	size_t n = 0;

	EXPECT_EQ(0, crypto_shim_public("1", of(eight), out.data(), &n));
	ASSERT_EQ(96u, n);
	EXPECT_EQ(Octets(94), part(out, 0, 94));
	EXPECT_EQ(hex("0100"), part(out, 94, 2));
	two[95] = 2;
	EXPECT_EQ(0, shared("1", eight, two, secret));
	ASSERT_EQ(96u, secret.size());
	EXPECT_EQ(hex("0100"), part(secret, 94, 2));
}

Octets
bits(const uint8_t *p, size_t n)
{
	return Octets(p, p + n);
}

// derivedKeyingMaterial is all seven keys end to end; here of an SA whose
// algorithms have them as long as need be.
void
v2_file(const std::string &name, const std::string &only)
{
	File f(name);
	size_t i;
	json_t *v;

	NEED(f);
	json_array_foreach(f.root, i, v) {
		json_t *in = json_object_get(v, "input");
		json_t *out = json_object_get(v, "expected");
		std::string alg = text_of(in, "hashAlg");
		Octets ni = hex(text_of(in, "nInit"));
		Octets nr = hex(text_of(in, "nResp"));
		Octets si = hex(text_of(in, "spiInit"));
		Octets sr = hex(text_of(in, "spiResp"));
		Octets gir = hex(text_of(in, "gir"));
		Octets gnew = hex(text_of(in, "girNew"));
		Octets dkm = hex(text_of(out, "derivedKeyingMaterial"));
		crypto_shim_v2 k = {};
		size_t h;

		if (!only.empty() && text_of(v, "name") != only)
			continue;
		if (alg.empty())
			alg = text_of(v, "hashAlg");
		k.prf = alg == "SHA-1" ? "hmac-sha1" : "hmac-sha-384";
		h = alg == "SHA-1" ? 20 : 48;
		k.encr = "aes-128-gcm";
		k.shared = of(gir);
		k.ni = of(ni);
		k.nr = of(nr);
		k.spi_i = of(si);
		k.spi_r = of(sr);
		ASSERT_EQ(0, crypto_shim_v2_get(&k));
		EXPECT_EQ(hex(text_of(out, "sKeySeed")), bits(k.seed, h));
		EXPECT_EQ(part(dkm, 0, h), bits(k.d, h));
		if (dkm.size() >= h + 40 + 2 * h) {
			EXPECT_EQ(part(dkm, h, 20), bits(k.ei, 20));
			EXPECT_EQ(part(dkm, h + 20, 20), bits(k.er, 20));
			EXPECT_EQ(part(dkm, h + 40, h), bits(k.pi, h));
			EXPECT_EQ(part(dkm, h + 40 + h, h), bits(k.pr, h));
		}
		Octets child(dkm.size());
		ASSERT_EQ(0, crypto_shim_v2_keymat(&k, {nullptr, 0}, of(ni),
						   of(nr), child.data(),
						   child.size()));
		EXPECT_EQ(hex(text_of(out, "derivedKeyingMaterialChild")),
			  child);
		ASSERT_EQ(0, crypto_shim_v2_keymat(&k, of(gnew), of(ni), of(nr),
						   child.data(), child.size()));
		EXPECT_EQ(hex(text_of(out, "derivedKeyingMaterialDh")), child);
		Octets d = bits(k.d, h);
		k.old_d = of(d);
		k.shared = of(gnew);
		ASSERT_EQ(0, crypto_shim_v2_get(&k));
		EXPECT_EQ(hex(text_of(out, "sKeySeedReKey")), bits(k.seed, h));
	}
}

TEST(IkeKdf, V2OfCavp)
{
	v2_file("ike_kdf_cavp.json", "ikev2");
}

TEST(IkeKdf, V2OfAcvp)
{
	v2_file("ikev2_kdf_acvp_computed.json", "");
}

TEST(IkeKdf, V1OfCavp)
{
	File f("ike_kdf_cavp.json");
	size_t i;
	json_t *v;

	NEED(f);
	json_array_foreach(f.root, i, v) {
		json_t *in = json_object_get(v, "input");
		json_t *out = json_object_get(v, "expected");
		Octets psk = hex(text_of(in, "preSharedKey"));
		Octets gxy = hex(text_of(in, "gxy"));
		Octets ni = hex(text_of(in, "nInit"));
		Octets nr = hex(text_of(in, "nResp"));
		Octets ci = hex(text_of(in, "ckyInit"));
		Octets cr = hex(text_of(in, "ckyResp"));
		crypto_shim_v1 k = {};

		if (text_of(v, "name") != "ikev1_psk")
			continue;
		k.prf = "hmac-sha1";
		k.encr = "3des-cbc";
		k.secret = of(psk);
		k.shared = of(gxy);
		k.ni = of(ni);
		k.nr = of(nr);
		k.cookie_i = of(ci);
		k.cookie_r = of(cr);
		ASSERT_EQ(0, crypto_shim_v1_get(&k));
		EXPECT_EQ(hex(text_of(out, "sKeyId")), bits(k.skeyid, 20));
		EXPECT_EQ(hex(text_of(out, "sKeyIdD")), bits(k.d, 20));
		EXPECT_EQ(hex(text_of(out, "sKeyIdA")), bits(k.a, 20));
		EXPECT_EQ(hex(text_of(out, "sKeyIdE")), bits(k.e, 20));
	}
}

TEST(IkeKdf, AesPrfsTake64BitsOfEachNonce) // RFC 7296 section 2.14
{
	Octets ni = count_up(32), nr = count_up(24, 0x80);
	Octets spi(8, 1), secret(32, 7);

	for (const char *name : {"aes-xcbc", "aes-cmac"}) {
		crypto_shim_v2 k = {};

		k.prf = name;
		k.encr = "aes-128-cbc";
		k.integ = "aes-xcbc-96";
		k.shared = of(secret);
		k.ni = of(ni);
		k.nr = of(nr);
		k.spi_i = k.spi_r = of(spi);
		ASSERT_EQ(0, crypto_shim_v2_get(&k));
		EXPECT_EQ(prf(name, part(ni, 0, 8) + part(nr, 0, 8), secret),
			  bits(k.seed, 16));
		k.ni = {ni.data(), 7};
		EXPECT_EQ(-EINVAL, crypto_shim_v2_get(&k));
	}
}

const char *const ciphers[][2] = {
    {"des-cbc", "hmac-md5-96"},
    {"3des-cbc", "hmac-sha1-96"},
    {"aes-128-cbc", "hmac-sha-256-128"},
    {"aes-192-cbc", "hmac-sha-384-192"},
    {"aes-256-cbc", "hmac-sha-512-256"},
    {"aes-128-ctr", "aes-xcbc-96"},
    {"aes-256-ctr", "aes-cmac-96"},
    {"aes-128-gcm-8", nullptr},
    {"aes-192-gcm-12", nullptr},
    {"aes-256-gcm", nullptr},
    {"aes-128-ccm", nullptr},
    {"chacha20-poly1305", nullptr},
};

TEST(IkeSk, OpensWhatItSealedAndNothingElse) // RFC 7296, 3.14; RFC 5282
{
	for (auto &c : ciphers) {
		crypto_shim_v2 k = {};
		size_t at = 0;
		int n;

		k.prf = "hmac-sha1";
		k.encr = c[0];
		k.integ = c[1];
		memset(k.ei, 0x31, 64);
		memset(k.ai, 0x32, 64);
		for (size_t len : {0u, 1u, 7u, 15u, 16u, 100u}) {
			Octets message(512, 0xaa), clear = count_up(len);

			n = crypto_shim_v2_seal(&k, 1, message.data(), 32,
						of(clear));
			if (n == -ENOTSUP)
				break; // an OpenSSL without DES
			ASSERT_GT(n, 0) << c[0];
			Octets bad = message, cut = message;
			bad[3] ^= 1;
			EXPECT_EQ(-EBADMSG,
				  crypto_shim_v2_open(&k, 1, bad.data(), 32,
						      size_t(n), &at))
			    << c[0];
			EXPECT_EQ(-EBADMSG,
				  crypto_shim_v2_open(&k, 1, cut.data(), 32,
						      size_t(n) - 1, &at))
			    << c[0];
			EXPECT_EQ(-EBADMSG,
				  crypto_shim_v2_open(&k, 1, cut.data(), 32, 32,
						      &at));
			ASSERT_EQ(int(len),
				  crypto_shim_v2_open(&k, 1, message.data(), 32,
						      size_t(n), &at))
			    << c[0];
			EXPECT_EQ(clear, part(message, at, len));
		}
	}
}

TEST(IkeCbc, ChainsAcrossMessages) // RFC 2409 appendix B
{
	crypto_shim_v1 k = {};
	Octets whole = count_up(64), a, b, iv(16, 9), iv2(16, 9);

	k.encr = "aes-128-cbc";
	k.prf = "hmac-sha1";
	memset(k.ka, 0x55, 64);
	a = part(whole, 0, 32);
	b = part(whole, 32, 32);
	ASSERT_EQ(0, crypto_shim_v1_seal(&k, iv.data(), whole.data(), 64));
	ASSERT_EQ(0, crypto_shim_v1_seal(&k, iv2.data(), a.data(), 32));
	ASSERT_EQ(0, crypto_shim_v1_seal(&k, iv2.data(), b.data(), 32));
	EXPECT_EQ(whole, a + b);
	EXPECT_EQ(iv, iv2);
	EXPECT_EQ(part(b, 16, 16), iv2);
	iv2 = Octets(16, 9);
	ASSERT_EQ(0, crypto_shim_v1_open(&k, iv2.data(), a.data(), 32));
	ASSERT_EQ(0, crypto_shim_v1_open(&k, iv2.data(), b.data(), 32));
	EXPECT_EQ(count_up(64), a + b);
	EXPECT_EQ(-EINVAL, crypto_shim_v1_open(&k, iv2.data(), a.data(), 31));
	EXPECT_EQ(-EINVAL, crypto_shim_v1_open(&k, iv2.data(), a.data(), 0));
}

} // namespace
