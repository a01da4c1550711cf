/*
 * Signatures of IKE on OpenSSL. What a method or an AlgorithmIdentifier means
 * is a row; the DER of identifiers is compared whole, as RFC 7427 section 3
 * says implementations may.
 *
 * RFC 2409 section 5.1, 4754, 7296 section 2.15, 7427, 8420.
 */
#include "ike_key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

struct ike_key {
	EVP_PKEY *evp;
};

#define ID_MAX 80
#define HALF_MAX 66 /* of r or s of an ECDSA signature */

/* An AlgorithmIdentifier: what it is, and its DER. */
struct identifier {
	enum ike_key_kind kind;
	enum ike_hash hash;
	bool pss;
	uint8_t octets;
	uint8_t der[ID_MAX];
};

/* clang-format off */
#define OID_RSA 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01
#define RSA_ID(h, last) \
	{ IKE_KEY_RSA, h, false, 15, { 0x30, 0x0d, OID_RSA, last, 0x05, 0x00 } }
#define EC_ID(h, last) \
	{ IKE_KEY_EC, h, false, 12, { 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, \
	  0x48, 0xce, 0x3d, 0x04, 0x03, last } }
#define OID_SHA2(last) \
	0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, \
	0x02, last, 0x05, 0x00
/* RFC 7427 appendix A.4.2: hash, mask generation with it, salt as long. */
#define PSS_ID(h, last, salt) \
	{ IKE_KEY_RSA, h, true, 67, { 0x30, 0x41, OID_RSA, 0x0a, 0x30, 0x34, \
	  0xa0, 0x0f, OID_SHA2(last), 0xa1, 0x1c, 0x30, 0x1a, OID_RSA, 0x08, \
	  OID_SHA2(last), 0xa2, 0x03, 0x02, 0x01, salt } }

static const struct identifier identifiers[] = {
	RSA_ID(IKE_HASH_SHA512, 0x0d),
	RSA_ID(IKE_HASH_SHA384, 0x0c),
	RSA_ID(IKE_HASH_SHA256, 0x0b),
	RSA_ID(IKE_HASH_SHA1, 0x05),
	PSS_ID(IKE_HASH_SHA512, 0x03, 0x40),
	PSS_ID(IKE_HASH_SHA384, 0x02, 0x30),
	PSS_ID(IKE_HASH_SHA256, 0x01, 0x20),
	EC_ID(IKE_HASH_SHA512, 0x04),
	EC_ID(IKE_HASH_SHA384, 0x03),
	EC_ID(IKE_HASH_SHA256, 0x02),
	{ IKE_KEY_EC, IKE_HASH_SHA1, false, 11, { 0x30, 0x09, 0x06, 0x07, 0x2a,
	  0x86, 0x48, 0xce, 0x3d, 0x04, 0x01 } },
	{ IKE_KEY_ED25519, IKE_HASH_IDENTITY, false, 7, { 0x30, 0x05, 0x06,
	  0x03, 0x2b, 0x65, 0x70 } },
};
/* clang-format on */

#define IDENTIFIERS (sizeof(identifiers) / sizeof(identifiers[0]))

struct ecdsa_row {
	enum ike_auth_method method;
	unsigned bits;
	enum ike_hash hash;
	size_t half; /* octets of r, of s */
};

static const struct ecdsa_row ecdsa_rows[] = {
    {IKE_METHOD_ECDSA_256, 256, IKE_HASH_SHA256, 32},
    {IKE_METHOD_ECDSA_384, 384, IKE_HASH_SHA384, 48},
    {IKE_METHOD_ECDSA_521, 521, IKE_HASH_SHA512, 66},
};

struct ike_key *
ike_key_wrap(struct evp_pkey_st *pkey)
{
	struct ike_key *key = pkey == NULL ? NULL : calloc(1, sizeof(*key));

	if (key == NULL)
		EVP_PKEY_free(pkey);
	else
		key->evp = pkey;
	return key;
}

struct evp_pkey_st *
ike_key_evp(const struct ike_key *key)
{
	return key->evp;
}

void
ike_key_free(struct ike_key **key)
{
	if (*key == NULL)
		return;
	EVP_PKEY_free((*key)->evp);
	free(*key);
	*key = NULL;
}

enum ike_key_kind
ike_key_kind(const struct ike_key *key)
{
	switch (EVP_PKEY_get_base_id(key->evp)) {
	case EVP_PKEY_RSA:
		return IKE_KEY_RSA;
	case EVP_PKEY_EC:
		return IKE_KEY_EC;
	case EVP_PKEY_ED25519:
		return IKE_KEY_ED25519;
	default:
		return (enum ike_key_kind)0;
	}
}

unsigned
ike_key_bits(const struct ike_key *key)
{
	return (unsigned)EVP_PKEY_get_bits(key->evp);
}

static const struct ecdsa_row *
ecdsa_of_bits(unsigned bits)
{
	for (unsigned i = 0; i < 3; i++) {
		if (ecdsa_rows[i].bits == bits)
			return &ecdsa_rows[i];
	}
	return NULL;
}

static const struct ecdsa_row *
ecdsa_of_method(enum ike_auth_method method)
{
	for (unsigned i = 0; i < 3; i++) {
		if (ecdsa_rows[i].method == method)
			return &ecdsa_rows[i];
	}
	return NULL;
}

/*
 * Whether the key is long enough for the hash: RSA by what PKCS #1 puts around
 * it (11 octets and a DigestInfo of 19).
 */
static bool
fits(const struct ike_key *key, const struct identifier *id)
{
	return id->kind != IKE_KEY_RSA ||
	       ike_key_bits(key) / 8 >= ike_hash_octets(id->hash) + 30;
}

/* Of EC the hash that is as strong as the curve; of the others the longest. */
int
ike_key_method(const struct ike_key *key, unsigned hashes,
	       enum ike_auth_method *method, enum ike_hash *hash)
{
	enum ike_key_kind kind = ike_key_kind(key);
	const struct ecdsa_row *row =
	    kind == IKE_KEY_EC ? ecdsa_of_bits(ike_key_bits(key)) : NULL;
	const struct identifier *best = NULL;

	for (unsigned i = 0; i < IDENTIFIERS; i++) {
		const struct identifier *id = &identifiers[i];

		if (id->kind != kind || id->pss || !fits(key, id) ||
		    (hashes & IKE_HASH_BIT(id->hash)) == 0)
			continue;
		if (best == NULL || (row != NULL && id->hash == row->hash))
			best = id;
	}
	if (best != NULL) {
		*method = IKE_METHOD_SIGNATURE;
		*hash = best->hash;
		return 0;
	}
	if (kind != IKE_KEY_RSA && row == NULL)
		return -ENOTSUP;
	*method = kind == IKE_KEY_RSA ? IKE_METHOD_RSA : row->method;
	*hash = kind == IKE_KEY_RSA ? IKE_HASH_SHA1 : row->hash;
	return 0;
}

static const char *
md_name(enum ike_hash hash)
{
	switch (hash) {
	case IKE_HASH_SHA1:
		return "SHA1";
	case IKE_HASH_SHA256:
		return "SHA256";
	case IKE_HASH_SHA384:
		return "SHA384";
	case IKE_HASH_SHA512:
		return "SHA512";
	case IKE_HASH_MD5:
	case IKE_HASH_IDENTITY:
		break;
	}
	return NULL;
}

/* All pieces as one: EdDSA takes its text whole. NULL without memory. */
static uint8_t *
joined(const struct alg_piece pieces[], unsigned n, size_t *octets)
{
	size_t all = 0;
	size_t at = 0;
	uint8_t *text;

	for (unsigned i = 0; i < n; i++)
		all += pieces[i].n;
	text = malloc(all + 1);
	if (text == NULL)
		return NULL;
	for (unsigned i = 0; i < n; i++) {
		if (pieces[i].n != 0)
			memcpy(text + at, pieces[i].octets, pieces[i].n);
		at += pieces[i].n;
	}
	*octets = all;
	return text;
}

static bool
pss_set(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) ==
		   1;
}

static int
plain_sign(const struct ike_key *key, const struct identifier *id,
	   const struct alg_piece pieces[], unsigned n, uint8_t *out,
	   size_t room, size_t *octets)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx = NULL;
	size_t text_octets = 0;
	uint8_t *text = joined(pieces, n, &text_octets);
	size_t got = room;
	int err = -EIO;

	if (ctx == NULL || text == NULL)
		err = -ENOMEM;
	else if ((size_t)EVP_PKEY_get_size(key->evp) > room)
		err = -ENOSPC;
	else if (EVP_DigestSignInit_ex(ctx, &pctx, md_name(id->hash), NULL,
				       NULL, key->evp, NULL) == 1 &&
		 (!id->pss || pss_set(pctx)) &&
		 EVP_DigestSign(ctx, out, &got, text, text_octets) == 1)
		err = 0;
	if (err == 0)
		*octets = got;
	EVP_MD_CTX_free(ctx);
	free(text);
	ERR_clear_error();
	return err;
}

static int
plain_verify(const struct ike_key *key, const struct identifier *id,
	     const struct alg_piece pieces[], unsigned n, const uint8_t *sig,
	     size_t octets)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx = NULL;
	size_t text_octets = 0;
	uint8_t *text = joined(pieces, n, &text_octets);
	int err = -EBADMSG;

	if (ctx == NULL || text == NULL)
		err = -ENOMEM;
	else if (EVP_DigestVerifyInit_ex(ctx, &pctx, md_name(id->hash), NULL,
					 NULL, key->evp, NULL) == 1 &&
		 (!id->pss || pss_set(pctx)) &&
		 EVP_DigestVerify(ctx, sig, octets, text, text_octets) == 1)
		err = 0;
	EVP_MD_CTX_free(ctx);
	free(text);
	ERR_clear_error();
	return err;
}

/* ---- r and s side by side (RFC 4754 section 7) ---------------------- */

static int
sides_of(const uint8_t *der, size_t octets, size_t half, uint8_t *out)
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)octets);
	int err = -EIO;

	if (sig == NULL)
		return -EIO;
	if (BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, (int)half) == (int)half &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + half, (int)half) ==
		(int)half)
		err = 0;
	ECDSA_SIG_free(sig);
	return err;
}

static int
der_of(const uint8_t *sides, size_t half, uint8_t *der, size_t *octets)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(sides, (int)half, NULL);
	BIGNUM *s = BN_bin2bn(sides + half, (int)half, NULL);
	int n = 0;

	if (sig == NULL || r == NULL || s == NULL ||
	    ECDSA_SIG_set0(sig, r, s) != 1) {
		BN_free(r);
		BN_free(s);
	} else {
		n = i2d_ECDSA_SIG(sig, &der);
	}
	ECDSA_SIG_free(sig);
	if (n <= 0)
		return -ENOMEM;
	*octets = (size_t)n;
	return 0;
}

static int
sides_sign(const struct ike_key *key, const struct ecdsa_row *row,
	   const struct alg_piece pieces[], unsigned n, uint8_t *out,
	   size_t room, size_t *octets)
{
	struct identifier id = {.kind = IKE_KEY_EC, .hash = row->hash};
	uint8_t der[2 * HALF_MAX + 16];
	size_t len = 0;
	int err;

	if (ike_key_bits(key) != row->bits)
		return -EINVAL;
	if (room < 2 * row->half)
		return -ENOSPC;
	err = plain_sign(key, &id, pieces, n, der, sizeof(der), &len);
	if (err == 0)
		err = sides_of(der, len, row->half, out);
	if (err == 0)
		*octets = 2 * row->half;
	return err;
}

static int
sides_verify(const struct ike_key *key, const struct ecdsa_row *row,
	     const struct alg_piece pieces[], unsigned n, const uint8_t *sig,
	     size_t octets)
{
	struct identifier id = {.kind = IKE_KEY_EC, .hash = row->hash};
	uint8_t der[2 * HALF_MAX + 16];
	size_t len = 0;
	int err;

	if (ike_key_bits(key) != row->bits || octets != 2 * row->half)
		return -EBADMSG;
	err = der_of(sig, row->half, der, &len);
	return err != 0 ? err : plain_verify(key, &id, pieces, n, der, len);
}

/* ---- IKEv2 ---------------------------------------------------------- */

static const struct identifier rsa_sha1 = {.kind = IKE_KEY_RSA,
					   .hash = IKE_HASH_SHA1};

static const struct identifier *
identifier_for(const struct ike_key *key, enum ike_hash hash)
{
	for (unsigned i = 0; i < IDENTIFIERS; i++) {
		if (identifiers[i].kind == ike_key_kind(key) &&
		    identifiers[i].hash == hash && !identifiers[i].pss)
			return &identifiers[i];
	}
	return NULL;
}

static int
signature_sign(const struct ike_key *key, enum ike_hash hash,
	       const struct alg_piece pieces[], unsigned n, uint8_t *out,
	       size_t room, size_t *octets)
{
	const struct identifier *id = identifier_for(key, hash);
	size_t at;
	int err;

	if (id == NULL)
		return -EINVAL;
	at = (size_t)id->octets + 1;
	if (room < at)
		return -ENOSPC;
	out[0] = id->octets;
	memcpy(out + 1, id->der, id->octets);
	err = plain_sign(key, id, pieces, n, out + at, room - at, octets);
	if (err == 0)
		*octets += at;
	return err;
}

int
ike_key_sign(const struct ike_key *key, enum ike_auth_method method,
	     enum ike_hash hash, const struct alg_piece pieces[], unsigned n,
	     uint8_t *out, size_t room, size_t *octets)
{
	const struct ecdsa_row *row = ecdsa_of_method(method);

	if (method == IKE_METHOD_SIGNATURE)
		return signature_sign(key, hash, pieces, n, out, room, octets);
	if (row != NULL && ike_key_kind(key) == IKE_KEY_EC)
		return sides_sign(key, row, pieces, n, out, room, octets);
	if (method == IKE_METHOD_RSA && ike_key_kind(key) == IKE_KEY_RSA)
		return plain_sign(key, &rsa_sha1, pieces, n, out, room, octets);
	return -EINVAL;
}

/* The row whose DER begins here. */
static int
identifier_read(const struct ike_key *key, unsigned hashes, const uint8_t *auth,
		size_t octets, const struct identifier **found)
{
	if (octets < 1 || octets < 1 + (size_t)auth[0])
		return -EBADMSG;
	for (unsigned i = 0; i < IDENTIFIERS; i++) {
		const struct identifier *id = &identifiers[i];

		if (id->octets != auth[0] ||
		    memcmp(id->der, auth + 1, id->octets) != 0)
			continue;
		if ((hashes & IKE_HASH_BIT(id->hash)) == 0)
			return -ENOTSUP;
		if (id->kind != ike_key_kind(key))
			return -EBADMSG;
		*found = id;
		return 0;
	}
	return -ENOTSUP;
}

int
ike_key_verify(const struct ike_key *key, enum ike_auth_method method,
	       unsigned hashes, const struct alg_piece pieces[], unsigned n,
	       const uint8_t *auth, size_t octets)
{
	const struct ecdsa_row *row = ecdsa_of_method(method);
	const struct identifier *id = NULL;
	size_t at;
	int err;

	if (row != NULL)
		return ike_key_kind(key) == IKE_KEY_EC
			   ? sides_verify(key, row, pieces, n, auth, octets)
			   : -EBADMSG;
	if (method == IKE_METHOD_RSA)
		return ike_key_kind(key) == IKE_KEY_RSA
			   ? plain_verify(key, &rsa_sha1, pieces, n, auth,
					  octets)
			   : -EBADMSG;
	if (method != IKE_METHOD_SIGNATURE)
		return -ENOTSUP;
	err = identifier_read(key, hashes, auth, octets, &id);
	if (err != 0)
		return err;
	at = (size_t)id->octets + 1;
	return plain_verify(key, id, pieces, n, auth + at, octets - at);
}

/* ---- IKEv1 ---------------------------------------------------------- */

static bool
raw_begin(const struct ike_key *key, EVP_PKEY_CTX *ctx, bool sign)
{
	int ok = sign ? EVP_PKEY_sign_init(ctx) : EVP_PKEY_verify_init(ctx);

	return ok == 1 &&
	       (ike_key_kind(key) != IKE_KEY_RSA ||
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1);
}

int
ike_key_sign_v1(const struct ike_key *key, struct alg_piece hash, uint8_t *out,
		size_t room, size_t *octets)
{
	EVP_PKEY_CTX *ctx;
	size_t got = room;
	int err = -EIO;

	if (ike_key_kind(key) != IKE_KEY_RSA)
		return -EINVAL;
	if ((size_t)EVP_PKEY_get_size(key->evp) > room)
		return -ENOSPC;
	ctx = EVP_PKEY_CTX_new(key->evp, NULL);
	if (ctx == NULL)
		return -ENOMEM;
	if (raw_begin(key, ctx, true) &&
	    EVP_PKEY_sign(ctx, out, &got, hash.octets, hash.n) == 1) {
		*octets = got;
		err = 0;
	}
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return err;
}

int
ike_key_verify_v1(const struct ike_key *key, struct alg_piece hash,
		  const uint8_t *sig, size_t octets)
{
	EVP_PKEY_CTX *ctx;
	int err = -EBADMSG;

	if (ike_key_kind(key) != IKE_KEY_RSA)
		return -EBADMSG;
	ctx = EVP_PKEY_CTX_new(key->evp, NULL);
	if (ctx == NULL)
		return -ENOMEM;
	if (raw_begin(key, ctx, false) &&
	    EVP_PKEY_verify(ctx, sig, octets, hash.octets, hash.n) == 1)
		err = 0;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return err;
}
