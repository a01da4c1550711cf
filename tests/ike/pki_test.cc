// The manual PKI: keys, requests, imports, chains, identities, CRLs, expiry,
// and what lies on the disk. RFC 5280, RFC 4945.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fstream>
#include <memory>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

#include "octets.h"
#include "pki_shim.h"

namespace
{

const uint64_t NOW = 1700000000;
const uint64_t DAY = 86400;
const uint8_t KEY[32] = {1, 2, 3};

using Store = std::unique_ptr<pki_shim, void (*)(pki_shim *)>;
using Ca = std::unique_ptr<pki_ca_shim, void (*)(pki_ca_shim *)>;

Store
store(const char *dir = nullptr, const uint8_t *key = KEY, int *why = nullptr,
      unsigned *bad = nullptr)
{
	int err = 0;
	Store s(pki_shim_new(dir, key, &err, bad), [](pki_shim *p) {
		if (p != nullptr)
			pki_shim_free(p);
	});

	if (why != nullptr)
		*why = err;
	return s;
}

Ca
authority(int kind = SHIM_RSA, unsigned bits = 1024, unsigned days = 100,
	  const char *subject = "CN=Lab CA, O=Lab")
{
	return Ca(pki_shim_ca(subject, kind, bits, NOW, days),
		  pki_shim_ca_free);
}

std::string
taken(int err, char *text)
{
	std::string s = err == 0 ? text : "";

	EXPECT_EQ(0, err);
	if (err == 0)
		free(text);
	return s;
}

std::string
pem_of(Ca &ca)
{
	char *pem = nullptr;
	int err = pki_shim_ca_pem(ca.get(), &pem);

	return taken(err, pem);
}

std::string
request(Store &s, const char *label, const char *alt = "ip:192.0.2.1",
	const char *alt2 = nullptr)
{
	char *pem = nullptr;
	int err =
	    pki_shim_request(s.get(), label, "CN=r1, O=Lab", alt, alt2, &pem);

	return taken(err, pem);
}

std::string
signed_by(Ca &ca, const std::string &req, unsigned days = 50)
{
	char *pem = nullptr;
	int err = pki_shim_ca_sign(ca.get(), req.c_str(), NOW, days, &pem);

	return taken(err, pem);
}

int
import(Store &s, int kind, const std::string &octets,
       const char *label = nullptr, uint32_t *handle = nullptr,
       uint64_t now = NOW)
{
	uint32_t h = 0;
	int err = pki_shim_import(s.get(), kind, label, octets.data(),
				  octets.size(), now, &h);

	if (handle != nullptr)
		*handle = h;
	return err;
}

struct Lab {
	explicit Lab(int kind = SHIM_RSA, unsigned bits = 1024,
		     const char *alt = "ip:192.0.2.1",
		     const char *alt2 = "dns:r1.example")
	    : ca(authority(kind, bits)), own(store()), peer(store())
	{
		EXPECT_EQ(0, pki_shim_key(own.get(), "k", kind, bits));
		certificate = signed_by(ca, request(own, "k", alt, alt2));
		EXPECT_EQ(0, import(own, SHIM_SELF, certificate, "k"));
		EXPECT_EQ(0, import(peer, SHIM_TRUSTED, pem_of(ca)));
	}
	int verify(uint8_t type, const Octets &id, uint64_t now = NOW)
	{
		why = nullptr;
		return pki_shim_verify(peer.get(), own.get(), type, id.data(),
				       id.size(), now, &why, &signatures);
	}
	Ca ca;
	Store own, peer;
	std::string certificate;
	const char *why = nullptr;
	int signatures = 0;
};

std::string
row(Store &s, int kind, uint64_t now = NOW, unsigned days = 30)
{
	char text[1024];
	uint32_t handle = 0;

	return pki_shim_row(s.get(), kind, &handle, now, days, text,
			    sizeof(text)) == 0
		   ? text
		   : "";
}

TEST(Pki, KeyPairsOfEveryLength)
{
	Store s = store();

	EXPECT_EQ(0, pki_shim_key(s.get(), "a", SHIM_RSA, 512));
	EXPECT_EQ(0, pki_shim_key(s.get(), "b", SHIM_RSA, 1024));
	EXPECT_EQ(0, pki_shim_key(s.get(), "c", SHIM_EC, 256));
	EXPECT_EQ(0, pki_shim_key(s.get(), "d", SHIM_EC, 521));
	EXPECT_EQ(-EEXIST, pki_shim_key(s.get(), "a", SHIM_RSA, 512));
	EXPECT_EQ(-EINVAL, pki_shim_key(s.get(), "e", SHIM_RSA, 511));
	EXPECT_EQ(-EINVAL, pki_shim_key(s.get(), "e", SHIM_RSA, 4160));
	EXPECT_EQ(-EINVAL, pki_shim_key(s.get(), "e", SHIM_EC, 255));
	EXPECT_EQ(-EINVAL, pki_shim_key(s.get(), "../e", SHIM_EC, 256));
	EXPECT_EQ(-EINVAL, pki_shim_key(s.get(), "", SHIM_EC, 256));
	EXPECT_EQ("a|valid|||512|0", row(s, SHIM_KEY));
	EXPECT_EQ(0, pki_shim_key_delete(s.get(), "a"));
	EXPECT_EQ(-ENOENT, pki_shim_key_delete(s.get(), "a"));
	EXPECT_EQ("b|valid|||1024|0", row(s, SHIM_KEY));
}

TEST(Pki, KeyOfAProviderIsNamedByUri)
{
	Store s = store();

	// No PKCS#11 provider is configured in a test.
	EXPECT_EQ(-ENOTSUP, pki_shim_key_uri(s.get(), "hsm",
					     "pkcs11:object=key;type=private"));
}

TEST(Pki, NamesToAndFro)
{
	char back[128];

	EXPECT_GT(pki_shim_dn("CN=a.example, O=Example\\, Inc.", back, 128), 0);
	EXPECT_STREQ("CN=a.example, O=Example\\, Inc.", back);
	EXPECT_EQ(-EINVAL, pki_shim_dn("nonsense", back, 128));
	EXPECT_EQ(-EINVAL, pki_shim_dn("XX=a", back, 128));
	EXPECT_EQ(-EINVAL, pki_shim_dn("", back, 128));
}

TEST(Pki, ChainAndEverySignature) // RFC 7296 2.15, 4754, 7427; RFC 2409 5.1
{
	const struct {
		int kind;
		unsigned bits;
		int signatures;
	} keys[] = {{SHIM_RSA, 1024, 6}, {SHIM_RSA, 2048, 6},
		    {SHIM_RSA, 512, 4}, // SHA-1 and 256, method 1, IKEv1
		    {SHIM_EC, 256, 5},   {SHIM_EC, 384, 5},
		    {SHIM_EC, 521, 5}};

	for (auto &k : keys) {
		Lab lab(k.kind, k.bits);

		EXPECT_EQ(0, lab.verify(1, hex("c0000201")))
		    << k.bits << (lab.why ? lab.why : "");
		EXPECT_EQ(k.signatures, lab.signatures) << k.bits;
	}
}

TEST(Pki, IdentityMustBeInTheCertificate) // RFC 4945 section 3.1
{
	Lab lab(SHIM_EC, 256);

	EXPECT_EQ(0, lab.verify(1, hex("c0000201")));
	EXPECT_EQ(0, lab.verify(2, text("r1.example")));
	EXPECT_EQ(0, lab.verify(0, {}));
	EXPECT_EQ(-EKEYREJECTED, lab.verify(1, hex("c0000202")));
	EXPECT_STREQ("the certificate does not bear the identity", lab.why);
	EXPECT_EQ(-EKEYREJECTED, lab.verify(2, text("r2.example")));
	EXPECT_EQ(-EKEYREJECTED, lab.verify(2, text("example")));
	EXPECT_EQ(-EKEYREJECTED, lab.verify(3, text("r1@example")));
	EXPECT_EQ(-EKEYREJECTED, lab.verify(5, Octets(16)));
	EXPECT_EQ(-EKEYREJECTED, lab.verify(9, hex("3000")));
	EXPECT_EQ(-EKEYREJECTED, lab.verify(77, text("x")));
	EXPECT_EQ(-EKEYREJECTED, lab.verify(2, {}));
}

TEST(Pki, EmailAndIpv6Identities)
{
	Lab lab(SHIM_EC, 256, "email:ops@r1.example", "ip:2001:db8::1");

	EXPECT_EQ(0, lab.verify(3, text("ops@r1.example")));
	EXPECT_EQ(0, lab.verify(5, hex("20010db8000000000000000000000001")));
	EXPECT_EQ(-EKEYREJECTED, lab.verify(3, text("ops@r2.example")));
}

TEST(Pki, TimeDecides)
{
	Lab lab(SHIM_EC, 256);

	EXPECT_EQ(0, lab.verify(0, {}, NOW + 49 * DAY));
	EXPECT_EQ(-ENOENT, lab.verify(0, {}, NOW + 51 * DAY));
	EXPECT_EQ(-ENOENT, lab.verify(0, {}, NOW - DAY));
	EXPECT_EQ("k|valid|CN=r1, O=Lab|CN=Lab CA, O=Lab|256|0",
		  row(lab.own, SHIM_SELF));
	EXPECT_EQ("k|expiring|CN=r1, O=Lab|CN=Lab CA, O=Lab|256|0",
		  row(lab.own, SHIM_SELF, NOW + 21 * DAY));
	EXPECT_EQ("k|expired|CN=r1, O=Lab|CN=Lab CA, O=Lab|256|0",
		  row(lab.own, SHIM_SELF, NOW + 51 * DAY));
	EXPECT_EQ("k|not-yet-valid|CN=r1, O=Lab|CN=Lab CA, O=Lab|256|0",
		  row(lab.own, SHIM_SELF, NOW - DAY));
	EXPECT_EQ(0, pki_shim_warnings(lab.own.get(), NOW, 30));
	EXPECT_EQ(1, pki_shim_warnings(lab.own.get(), NOW + 21 * DAY, 30));
	EXPECT_EQ(1, pki_shim_valid(lab.own.get(), SHIM_SELF, NOW));
	EXPECT_EQ(0, pki_shim_valid(lab.own.get(), SHIM_SELF, NOW + 51 * DAY));
	EXPECT_EQ(0, pki_shim_valid(lab.own.get(), SHIM_TRUSTED, NOW));
}

TEST(Pki, StrangersAreRefused)
{
	Lab lab(SHIM_EC, 256);
	Ca other = authority(SHIM_EC, 256, 100, "CN=Other");
	Store stranger = store();

	EXPECT_EQ(0, import(stranger, SHIM_TRUSTED, pem_of(other)));
	EXPECT_EQ(-EKEYREJECTED,
		  pki_shim_verify(stranger.get(), lab.own.get(), 0, nullptr, 0,
				  NOW, &lab.why, &lab.signatures));
	EXPECT_EQ(1, pki_shim_hints(lab.peer.get()));
	EXPECT_EQ(0, pki_shim_hints(lab.own.get()));
}

TEST(Pki, SameNameOtherKeyIsAStranger)
{
	Lab lab(SHIM_EC, 256);
	Ca twin = authority(SHIM_EC, 256);
	Store peer = store();

	EXPECT_EQ(0, import(peer, SHIM_TRUSTED, pem_of(twin)));
	EXPECT_EQ(-EKEYREJECTED,
		  pki_shim_verify(peer.get(), lab.own.get(), 0, nullptr, 0, NOW,
				  &lab.why, &lab.signatures));
}

TEST(Pki, RevokedIsRefused) // RFC 5280 section 6.3
{
	Lab lab(SHIM_EC, 256);
	char *pem = nullptr;
	int err = pki_shim_ca_revoke(lab.ca.get(), lab.certificate.c_str(), NOW,
				     10, &pem);
	std::string crl = taken(err, pem);

	EXPECT_EQ(0, lab.verify(0, {}));
	EXPECT_EQ(0, import(lab.peer, SHIM_CRL, crl));
	EXPECT_EQ("|valid||CN=Lab CA, O=Lab|0|1",
		  row(lab.peer, SHIM_CRL, NOW, 5));
	EXPECT_EQ(-EKEYREJECTED, lab.verify(0, {}));
	EXPECT_STREQ("certificate revoked", lab.why);
	EXPECT_EQ(-EKEYREJECTED, lab.verify(0, {}, NOW + 11 * DAY));
	EXPECT_STREQ("CRL has expired", lab.why);
	// Its owner knows too, once it has CA and CRL.
	EXPECT_EQ(-EKEYREJECTED, import(lab.own, SHIM_CRL, crl));
	EXPECT_EQ(0, import(lab.own, SHIM_TRUSTED, pem_of(lab.ca)));
	EXPECT_EQ(0, import(lab.own, SHIM_CRL, crl));
	EXPECT_EQ(-ENOENT, lab.verify(0, {}));
	EXPECT_EQ("k|revoked|CN=r1, O=Lab|CN=Lab CA, O=Lab|256|0",
		  row(lab.own, SHIM_SELF));
	EXPECT_EQ(-EKEYEXPIRED, import(lab.own, SHIM_CRL, crl, nullptr, nullptr,
				       NOW + 11 * DAY));
}

TEST(Pki, ImportsAreChecked)
{
	Lab lab(SHIM_EC, 256);
	Store s = store();

	EXPECT_EQ(-EBADMSG, import(s, SHIM_TRUSTED, "rubbish"));
	EXPECT_EQ(-EBADMSG, import(s, SHIM_TRUSTED, ""));
	EXPECT_EQ(-EBADMSG, import(s, SHIM_CRL, lab.certificate));
	EXPECT_EQ(-EKEYREJECTED, import(s, SHIM_TRUSTED, lab.certificate));
	EXPECT_EQ(-ENOENT, import(s, SHIM_SELF, lab.certificate, "k"));
	EXPECT_EQ(0, pki_shim_key(s.get(), "k", SHIM_EC, 256));
	EXPECT_EQ(-EKEYREJECTED, import(s, SHIM_SELF, lab.certificate, "k"));
	EXPECT_EQ(-EEXIST, import(lab.own, SHIM_SELF, lab.certificate, "k"));
	EXPECT_EQ(-EKEYEXPIRED, import(s, SHIM_TRUSTED, pem_of(lab.ca), nullptr,
				       nullptr, NOW + 200 * DAY));
	EXPECT_EQ(-EBUSY, pki_shim_key_delete(lab.own.get(), "k"));
	EXPECT_EQ(-ENOENT, pki_shim_delete(s.get(), SHIM_TRUSTED, 99));
}

TEST(Pki, BundleOfTrustedOnes)
{
	Ca a = authority(SHIM_EC, 256), b = authority(SHIM_EC, 256);
	Store s = store();

	EXPECT_EQ(0, import(s, SHIM_TRUSTED, pem_of(a) + pem_of(b)));
	EXPECT_EQ(2, pki_shim_hints(s.get()));
}

struct Dir {
	Dir()
	{
		char name[] = "/tmp/pki-test-XXXXXX";

		path = mkdtemp(name);
		sub = path + "/pki";
	}
	~Dir()
	{
		for (const std::string &f : files())
			(void)unlink((sub + "/" + f).c_str());
		(void)rmdir(sub.c_str());
		(void)rmdir(path.c_str());
	}
	std::vector<std::string> files() const
	{
		std::vector<std::string> out;
		DIR *d = opendir(sub.c_str());

		for (dirent *e; d != nullptr && (e = readdir(d)) != nullptr;) {
			if (e->d_name[0] != '.')
				out.push_back(e->d_name);
		}
		if (d != nullptr)
			closedir(d);
		return out;
	}
	mode_t mode(const std::string &name) const
	{
		struct stat st = {};

		(void)stat(name.c_str(), &st);
		return st.st_mode & 0777;
	}
	std::string path, sub;
};

std::string
read(const std::string &name)
{
	std::ifstream in(name, std::ios::binary);
	std::stringstream s;

	s << in.rdbuf();
	return s.str();
}

TEST(Pki, LivesInADirectoryOfItsOwn)
{
	Dir dir;
	Ca ca = authority(SHIM_EC, 256);
	unsigned bad = 0;
	int err = 0;

	{
		Store s = store(dir.sub.c_str());
		ASSERT_TRUE(s);
		ASSERT_EQ(0, pki_shim_key(s.get(), "k-1", SHIM_RSA, 1024));
		ASSERT_EQ(0, import(s, SHIM_SELF,
				    signed_by(ca, request(s, "k-1")), "k-1"));
		ASSERT_EQ(0, import(s, SHIM_TRUSTED, pem_of(ca)));
	}
	EXPECT_EQ(0700u, dir.mode(dir.sub));
	EXPECT_EQ(3u, dir.files().size());
	for (const std::string &f : dir.files()) {
		EXPECT_EQ(0600u, dir.mode(dir.sub + "/" + f)) << f;
		// No private key in clear, whatever its form.
		EXPECT_EQ(std::string::npos,
			  read(dir.sub + "/" + f).find("PRIVATE"));
	}
	Store again = store(dir.sub.c_str(), KEY, &err, &bad);
	ASSERT_TRUE(again) << err;
	EXPECT_EQ(0u, bad);
	EXPECT_EQ("k-1|valid|CN=r1, O=Lab|CN=Lab CA, O=Lab|1024|0",
		  row(again, SHIM_SELF));
	const char *why = nullptr;
	int n = 0;
	EXPECT_EQ(0, pki_shim_verify(again.get(), again.get(), 1,
				     hex("c0000201").data(), 4, NOW, &why, &n));
	const uint8_t other[32] = {9};
	Store locked = store(dir.sub.c_str(), other, &err, &bad);
	ASSERT_TRUE(locked);
	EXPECT_EQ(1u, bad); // the key; certificates are no secret
	EXPECT_EQ("k-1|no-key|CN=r1, O=Lab|CN=Lab CA, O=Lab|1024|0",
		  row(locked, SHIM_SELF));
	(void)chmod(dir.sub.c_str(), 0755);
	EXPECT_FALSE(store(dir.sub.c_str(), KEY, &err));
	EXPECT_EQ(-EACCES, err);
	(void)chmod(dir.sub.c_str(), 0700);
}

TEST(Pki, DeletedIsGoneFromTheDiskToo)
{
	Dir dir;
	Ca ca = authority(SHIM_EC, 256);
	Store s = store(dir.sub.c_str());
	uint32_t self = 0, trusted = 0;

	ASSERT_EQ(0, pki_shim_key(s.get(), "k", SHIM_EC, 256));
	ASSERT_EQ(0, import(s, SHIM_SELF, signed_by(ca, request(s, "k")), "k",
			    &self));
	ASSERT_EQ(0, import(s, SHIM_TRUSTED, pem_of(ca), nullptr, &trusted));
	EXPECT_EQ(3u, dir.files().size());
	EXPECT_EQ(0, pki_shim_delete(s.get(), SHIM_SELF, self));
	EXPECT_EQ(0, pki_shim_delete(s.get(), SHIM_TRUSTED, trusted));
	EXPECT_EQ(0, pki_shim_key_delete(s.get(), "k"));
	EXPECT_EQ(0u, dir.files().size());
}

// The openssl command judges requests and certificates.
TEST(Pki, OpensslAgrees)
{
	if (system("openssl version >/dev/null 2>&1") != 0)
		GTEST_SKIP() << "no openssl command";
	Dir dir;
	Lab lab(SHIM_RSA, 1024);
	std::string base = dir.path;
	auto put = [&](const char *name, const std::string &text) {
		std::ofstream(base + "/" + name) << text;
	};

	put("req", request(lab.own, "k"));
	put("crt", lab.certificate);
	put("ca", pem_of(lab.ca));
	EXPECT_EQ(0, system(("openssl req -verify -noout -in " + base +
			     "/req >/dev/null 2>&1")
				.c_str()));
	EXPECT_EQ(0, system(("openssl verify -auth_level 0 -attime 1700000001 "
			     "-x509_strict -CAfile " +
			     base + "/ca " + base + "/crt >/dev/null 2>&1")
				.c_str()));
	for (const char *f : {"req", "crt", "ca"})
		(void)unlink((base + "/" + f).c_str());
}

// Certificates and keys that strongSwan's pki made.
TEST(Pki, StrongswansAreTaken)
{
	std::string at = SE_VECTORS "/peer-captures/pki/";
	std::string key = read(at + "a.key");
	Store own = store(), peer = store();
	const char *why = nullptr;
	uint64_t now = static_cast<uint64_t>(time(nullptr));
	int n = 0;

	if (key.empty())
		GTEST_SKIP() << "the vectors are not here";
	EXPECT_EQ(0,
		  pki_shim_key_import(own.get(), "a", key.data(), key.size()));
	ASSERT_EQ(
	    0, import(own, SHIM_SELF, read(at + "a.crt"), "a", nullptr, NOW));
	ASSERT_EQ(0, import(peer, SHIM_TRUSTED, read(at + "ca.crt"), nullptr,
			    nullptr, NOW));
	EXPECT_EQ(0, pki_shim_verify(peer.get(), own.get(), 1,
				     hex("c0000201").data(), 4, now, &why, &n))
	    << (why ? why : "");
	EXPECT_EQ(6, n);
}

} // namespace
