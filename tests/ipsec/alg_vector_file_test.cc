// Known answers from files of others, where they are present.
#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>
#include <jansson.h>
#include <map>

#include "alg_shim.h"
#include "octets.h"

namespace
{

std::string
text_of(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s == nullptr ? "" : s;
}

struct File {
	explicit File(const std::string &name)
	    : root(json_load_file((SE_VECTORS "/" + name).c_str(), 0, nullptr))
	{
	}
	~File()
	{
		json_decref(root);
	}
	File(const File &) = delete;
	json_t *root;
};

bool
present(const std::string &name)
{
	return std::ifstream(SE_VECTORS "/" + name).good();
}

struct Vector {
	std::string enc, auth;
	Octets enc_key, auth_key, aad, iv, clear, sealed, icv;
	bool valid = true;
};

int
run(const Vector &v, bool seal, Octets &text, Octets &icv)
{
	alg_shim_op op = {};

	text = seal ? v.clear : v.sealed;
	icv = v.icv;
	icv.resize(32);
	op.enc = v.enc.c_str();
	op.auth = v.auth.c_str();
	op.enc_key = v.enc_key.data();
	op.enc_key_octets = static_cast<unsigned>(v.enc_key.size());
	op.auth_key = v.auth_key.data();
	op.auth_key_octets = static_cast<unsigned>(v.auth_key.size());
	op.aad = v.aad.data();
	op.aad_octets = static_cast<unsigned>(v.aad.size());
	op.iv = v.iv.data();
	op.text = text.data();
	op.text_octets = static_cast<unsigned>(text.size());
	op.icv = icv.data();
	return seal ? alg_shim_seal(&op) : alg_shim_open(&op);
}

void
check(const Vector &v, const std::string &name)
{
	Octets text, icv;

	if (v.valid) {
		ASSERT_EQ(0, run(v, true, text, icv)) << name;
		EXPECT_EQ(v.sealed, text) << name;
		icv.resize(v.icv.size());
		EXPECT_EQ(v.icv, icv) << name;
	}
	EXPECT_EQ(v.valid ? 0 : -EBADMSG, run(v, false, text, icv)) << name;
	if (v.valid) {
		EXPECT_EQ(v.clear, text) << name;
	}
}

Octets
front(const Octets &all, size_t n)
{
	return Octets(all.begin(), all.begin() + static_cast<long>(n));
}

Octets
back(const Octets &all, size_t n)
{
	return Octets(all.end() - static_cast<long>(n), all.end());
}

// The files of kat/: what the algorithm is called there and here.
const std::map<std::string, std::string> names = {
    {"ENCR_AES_CBC/16", "aes-128-cbc"},
    {"ENCR_AES_CBC/24", "aes-192-cbc"},
    {"ENCR_AES_CBC/32", "aes-256-cbc"},
    {"ENCR_3DES/24", "3des-cbc"},
    {"ENCR_DES/8", "des-cbc"},
    {"ENCR_AES_CCM_ICV8/16", "aes-128-ccm-8"},
    {"ENCR_AES_CCM_ICV12/16", "aes-128-ccm-12"},
    {"ENCR_AES_CCM_ICV16/16", "aes-128-ccm"},
    {"ENCR_AES_CCM_ICV8/24", "aes-192-ccm-8"},
    {"ENCR_AES_CCM_ICV12/24", "aes-192-ccm-12"},
    {"ENCR_AES_CCM_ICV16/24", "aes-192-ccm"},
    {"ENCR_AES_CCM_ICV8/32", "aes-256-ccm-8"},
    {"ENCR_AES_CCM_ICV12/32", "aes-256-ccm-12"},
    {"ENCR_AES_CCM_ICV16/32", "aes-256-ccm"},
    {"ENCR_AES_CTR/16", "aes-128-ctr"},
    {"ENCR_AES_CTR/24", "aes-192-ctr"},
    {"ENCR_AES_CTR/32", "aes-256-ctr"},
    {"ENCR_AES_GCM_ICV8/16", "aes-128-gcm-8"},
    {"ENCR_AES_GCM_ICV12/16", "aes-128-gcm-12"},
    {"ENCR_AES_GCM_ICV16/16", "aes-128-gcm"},
    {"ENCR_AES_GCM_ICV8/24", "aes-192-gcm-8"},
    {"ENCR_AES_GCM_ICV12/24", "aes-192-gcm-12"},
    {"ENCR_AES_GCM_ICV16/24", "aes-192-gcm"},
    {"ENCR_AES_GCM_ICV8/32", "aes-256-gcm-8"},
    {"ENCR_AES_GCM_ICV12/32", "aes-256-gcm-12"},
    {"ENCR_AES_GCM_ICV16/32", "aes-256-gcm"},
    {"ENCR_CHACHA20_POLY1305/32", "chacha20-poly1305"},
    {"AUTH_HMAC_MD5_96", "hmac-md5-96"},
    {"AUTH_HMAC_SHA1_96", "hmac-sha1-96"},
    {"AUTH_HMAC_SHA2_256_128", "hmac-sha-256-128"},
    {"AUTH_HMAC_SHA2_384_192", "hmac-sha-384-192"},
    {"AUTH_HMAC_SHA2_512_256", "hmac-sha-512-256"},
    {"AUTH_AES_XCBC_96", "aes-xcbc-96"},
    {"AUTH_AES_CMAC_96", "aes-cmac-96"}};

size_t
icv_octets(const std::string &name, int encryption)
{
	alg_shim_facts f = {};

	alg_shim_facts_get(alg_shim_find(name.c_str(), encryption), &f);
	return f.icv;
}

Vector
cipher_vector(const json_t *row, const std::string &name)
{
	Vector v;
	Octets cipher = hex(text_of(row, "cipher"));
	alg_shim_facts facts = {};
	size_t icv = icv_octets(name, 1);

	v.enc = name;
	v.auth = icv == 0 ? "hmac-sha1-96" : "none";
	v.auth_key = icv == 0 ? Octets(20) : Octets();
	// Some rows have the octets of a longer key than they use.
	alg_shim_facts_get(alg_shim_find(name.c_str(), 1), &facts);
	v.enc_key = front(hex(text_of(row, "key")), facts.key + facts.salt);
	v.aad = hex(text_of(row, "adata"));
	v.iv = hex(text_of(row, "iv"));
	v.clear = hex(text_of(row, "plain"));
	v.sealed = front(cipher, cipher.size() - icv);
	v.icv = back(cipher, icv);
	return v;
}

// Composed with an HMAC that is not of the vector: only the text counts.
void
check_text(const Vector &v, const std::string &name)
{
	Octets text, icv;

	ASSERT_EQ(0, run(v, true, text, icv)) << name;
	EXPECT_EQ(v.sealed, text) << name;
}

unsigned
check_row(const json_t *row)
{
	std::string kind = text_of(row, "kind"), alg = text_of(row, "alg");
	std::string name = text_of(row, "name");
	bool signer = kind == "signer";
	auto at =
	    names.find(signer ? alg : alg + "/" + text_of(row, "key_size"));
	Vector v;

	if (at == names.end() ||
	    (!signer && kind != "crypter" && kind != "aead"))
		return 0;
	if (kind == "aead") {
		check(cipher_vector(row, at->second), name);
	} else if (signer) {
		v.enc = "null";
		v.auth = at->second;
		v.auth_key = hex(text_of(row, "key"));
		v.clear = v.sealed = hex(text_of(row, "data"));
		v.icv =
		    front(hex(text_of(row, "mac")), icv_octets(at->second, 0));
		check(v, name);
	} else {
		check_text(cipher_vector(row, at->second), name);
	}
	return 1;
}

// wycheproof: groups of one type and size of key, IV and tag.
Vector
aead_case(const json_t *test, const std::string &name, const Octets &nonce)
{
	Vector v;

	v.enc = name;
	v.auth = "none";
	v.enc_key = hex(text_of(test, "key")) + front(nonce, nonce.size() - 8);
	v.iv = back(nonce, 8);
	v.aad = hex(text_of(test, "aad"));
	v.clear = hex(text_of(test, "msg"));
	v.sealed = hex(text_of(test, "ct"));
	v.icv = hex(text_of(test, "tag"));
	v.valid = text_of(test, "result") != "invalid";
	return v;
}

unsigned
check_aead_group(const json_t *group, const std::string &name,
		 size_t nonce_octets = 12, size_t aad_max = 65536)
{
	const json_t *test;
	size_t i;
	unsigned n = 0;

	json_array_foreach(json_object_get(group, "tests"), i, test) {
		Octets nonce = hex(text_of(test, "iv"));

		if (nonce.size() != nonce_octets ||
		    hex(text_of(test, "aad")).size() > aad_max)
			continue;
		check(aead_case(test, name, nonce), text_of(test, "comment"));
		n++;
	}
	return n;
}

unsigned
check_mac_group(const json_t *group, const std::string &name)
{
	const json_t *test;
	size_t i;
	unsigned n = 0;

	json_array_foreach(json_object_get(group, "tests"), i, test) {
		Vector v;
		Octets tag = hex(text_of(test, "tag"));
		size_t icv = icv_octets(name, 0);

		v.enc = "null";
		v.auth = name;
		v.auth_key = hex(text_of(test, "key"));
		v.clear = v.sealed = hex(text_of(test, "msg"));
		v.valid = text_of(test, "result") != "invalid";
		// Only its front is ours; a wrong octet behind it is no error.
		// Nor is there ESP without an octet to authenticate.
		if (!v.valid || tag.size() < icv || v.auth_key.empty() ||
		    v.clear.empty())
			continue;
		v.icv = front(tag, icv);
		check(v, text_of(test, "comment"));
		n++;
	}
	return n;
}

json_int_t
number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

// GMAC is GCM of nothing but AAD; ESP's own use of it has the IV there too.
unsigned
check_gmac_group(const json_t *group)
{
	std::string bits = std::to_string(number_of(group, "keySize"));
	const json_t *test;
	size_t i;
	unsigned n = 0;

	json_array_foreach(json_object_get(group, "tests"), i, test) {
		Octets nonce = hex(text_of(test, "iv"));
		Vector v;

		if (nonce.size() != 12)
			continue;
		v = aead_case(test, "aes-" + bits + "-gcm", nonce);
		v.aad = v.clear;
		v.clear.clear();
		check(v, text_of(test, "comment"));
		n++;
	}
	return n;
}

// The message is padded there as PKCS #5 says, ESP pads otherwise.
unsigned
check_cbc_group(const json_t *group)
{
	std::string bits = std::to_string(number_of(group, "keySize"));
	const json_t *test;
	size_t i;
	unsigned n = 0;

	json_array_foreach(json_object_get(group, "tests"), i, test) {
		Vector v;

		if (text_of(test, "result") != "valid")
			continue;
		v.enc = "aes-" + bits + "-cbc";
		v.auth = "none";
		v.enc_key = hex(text_of(test, "key"));
		v.iv = hex(text_of(test, "iv"));
		v.clear = hex(text_of(test, "msg"));
		v.clear.resize(v.clear.size() / 16 * 16 + 16,
			       static_cast<uint8_t>(16 - v.clear.size() % 16));
		v.sealed = hex(text_of(test, "ct"));
		check(v, text_of(test, "comment"));
		n++;
	}
	return n;
}

class KatFile : public testing::TestWithParam<const char *>
{
};

} // namespace

TEST_P(KatFile, Agrees)
{
	std::string name = std::string("kat/") + GetParam() + ".json";
	unsigned n = 0;
	const json_t *row;
	size_t i;

	if (!present(name))
		GTEST_SKIP() << "no vectors here";
	File file(name);
	json_array_foreach(file.root, i, row) {
		n += check_row(row);
	}
	EXPECT_LT(0u, n);
}

INSTANTIATE_TEST_SUITE_P(AlgVectorFile, KatFile,
			 testing::Values("aes_cbc", "aes_ctr", "aes_gcm",
					 "3des_cbc", "des", "aes_ccm",
					 "aes_xcbc", "chacha20poly1305",
					 "md5_hmac", "sha1_hmac", "sha2_hmac",
					 "aes_cmac"));

TEST(AlgVectorFile, GcmAndChaChaAgreeWithWycheproof)
{
	unsigned n = 0;
	const json_t *group;
	size_t i;

	if (!present("wycheproof/aes_gcm_test.json"))
		GTEST_SKIP() << "no vectors here";
	File gcm("wycheproof/aes_gcm_test.json");
	File chacha("wycheproof/chacha20_poly1305_test.json");
	json_array_foreach(json_object_get(gcm.root, "testGroups"), i, group) {
		json_int_t bits =
		    json_integer_value(json_object_get(group, "keySize"));

		n += check_aead_group(group,
				      "aes-" + std::to_string(bits) + "-gcm");
	}
	json_array_foreach(json_object_get(chacha.root, "testGroups"), i,
			   group) {
		n += check_aead_group(group, "chacha20-poly1305");
	}
	EXPECT_LT(200u, n);
}

TEST(AlgVectorFile, HmacsAgreeWithWycheproof)
{
	const std::pair<const char *, const char *> files[] = {
	    {"hmac_sha1_test", "hmac-sha1-96"},
	    {"hmac_sha256_test", "hmac-sha-256-128"},
	    {"hmac_sha384_test", "hmac-sha-384-192"},
	    {"hmac_sha512_test", "hmac-sha-512-256"},
	    {"hmac_sm3_test", "hmac-sm3"},
	    {"hmac_sm3_test", "hmac-sm3-128"}};
	const json_t *group;
	size_t i;

	if (!present("wycheproof/hmac_sha1_test.json"))
		GTEST_SKIP() << "no vectors here";
	for (const auto &f : files) {
		File file(std::string("wycheproof/") + f.first + ".json");
		unsigned n = 0;

		json_array_foreach(json_object_get(file.root, "testGroups"), i,
				   group) {
			n += check_mac_group(group, f.second);
		}
		EXPECT_LT(10u, n) << f.first;
	}
}

TEST(AlgVectorFile, CcmAgreesWithWycheproof)
{
	// The multi-buffer library takes 46 octets of AAD; ESP has 8 or 12.
	size_t aad_max = std::string(SHIM_ENGINE) == "openssl" ? 65536 : 46;
	const json_t *group;
	unsigned n = 0;
	size_t i;

	if (!present("wycheproof/aes_ccm_test.json"))
		GTEST_SKIP() << "no vectors here";
	File file("wycheproof/aes_ccm_test.json");
	json_array_foreach(json_object_get(file.root, "testGroups"), i, group) {
		json_int_t icv = number_of(group, "tagSize") / 8;
		std::string name =
		    "aes-" + std::to_string(number_of(group, "keySize")) +
		    "-ccm" + (icv == 16 ? "" : "-" + std::to_string(icv));

		// RFC 4309 section 4: a nonce of 11 octets.
		if (icv == 8 || icv == 12 || icv == 16)
			n += check_aead_group(group, name, 11, aad_max);
	}
	EXPECT_LT(7u, n);
}

TEST(AlgVectorFile, GmacCmacAndCbcAgreeWithWycheproof)
{
	const json_t *group;
	unsigned gmac = 0, cmac = 0, cbc = 0;
	size_t i;

	if (!present("wycheproof/aes_gmac_test.json"))
		GTEST_SKIP() << "no vectors here";
	File gmacs("wycheproof/aes_gmac_test.json");
	File cmacs("wycheproof/aes_cmac_test.json");
	File cbcs("wycheproof/aes_cbc_pkcs5_test.json");
	json_array_foreach(json_object_get(gmacs.root, "testGroups"), i,
			   group) {
		gmac += check_gmac_group(group);
	}
	json_array_foreach(json_object_get(cmacs.root, "testGroups"), i,
			   group) {
		if (number_of(group, "keySize") == 128)
			cmac += check_mac_group(group, "aes-cmac-96");
	}
	json_array_foreach(json_object_get(cbcs.root, "testGroups"), i, group) {
		cbc += check_cbc_group(group);
	}
	EXPECT_LT(100u, gmac);
	EXPECT_LT(10u, cmac);
	EXPECT_LT(30u, cbc);
}
