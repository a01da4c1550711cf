/*
 * Hashes and Diffie-Hellman on OpenSSL. Groups are made when first asked for
 * and kept: of a MODP group its Montgomery form, of an ECP group its curve. A
 * private value lies in OpenSSL's numbers, is used in constant time, and is
 * wiped with them.
 *
 * OpenSSL's own DH keys refuse small primes in some of its builds and cut
 * leading zeros unless told; so MODP groups, 1, 2 and 5 among them, are
 * computed as what they are: a power modulo a prime.
 *
 * RFC 2409 section 6, RFC 3526, 5903, 6989, 8031.
 */
#include "ike_crypto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include "alg.h"

#define DRAWS_MAX 64 /* of a private value that fits an ECP group */

struct modp {
	BIGNUM *p;
	BIGNUM *p_1; /* p - 1 */
	BN_MONT_CTX *mont;
};

/* How a group is made: a row for each, in the order of rows[]. */
struct group_row {
	uint16_t id;
	BIGNUM *(*prime)(BIGNUM *bn);
	int curve;
};

static const struct group_row rows[] = {
    {IKE_DH_MODP_768, BN_get_rfc2409_prime_768, 0},
    {IKE_DH_MODP_1024, BN_get_rfc2409_prime_1024, 0},
    {IKE_DH_MODP_1536, BN_get_rfc3526_prime_1536, 0},
    {IKE_DH_MODP_2048, BN_get_rfc3526_prime_2048, 0},
    {IKE_DH_MODP_3072, BN_get_rfc3526_prime_3072, 0},
    {IKE_DH_MODP_4096, BN_get_rfc3526_prime_4096, 0},
    {IKE_DH_MODP_6144, BN_get_rfc3526_prime_6144, 0},
    {IKE_DH_MODP_8192, BN_get_rfc3526_prime_8192, 0},
    {IKE_DH_ECP_256, NULL, NID_X9_62_prime256v1},
    {IKE_DH_ECP_384, NULL, NID_secp384r1},
    {IKE_DH_ECP_521, NULL, NID_secp521r1},
    {IKE_DH_CURVE25519, NULL, 0},
};

#define GROUPS (sizeof(rows) / sizeof(rows[0]))

struct ike_crypto {
	struct alg *alg;
	BN_CTX *ctx;
	struct modp modp[GROUPS]; /* p NULL: not made yet */
	EC_GROUP *curve[GROUPS];
};

struct ike_dh {
	const struct ike_alg *group;
	unsigned row;
	BIGNUM *private;
	EVP_PKEY *key; /* Curve25519 */
	uint8_t public[IKE_DH_PUBLIC_MAX];
};

int
ike_crypto_new(struct ike_crypto **crypto)
{
	struct ike_crypto *c = calloc(1, sizeof(*c));
	int err;

	if (c == NULL)
		return -ENOMEM;
	c->ctx = BN_CTX_secure_new();
	err = c->ctx == NULL ? -ENOMEM : alg_new(&c->alg, ALG_ENGINE_OPENSSL);
	if (err != 0)
		ike_crypto_free(&c);
	else
		*crypto = c;
	return err;
}

void
ike_crypto_free(struct ike_crypto **crypto)
{
	struct ike_crypto *c = *crypto;

	if (c == NULL)
		return;
	for (unsigned i = 0; i < GROUPS; i++) {
		BN_free(c->modp[i].p);
		BN_free(c->modp[i].p_1);
		BN_MONT_CTX_free(c->modp[i].mont);
		EC_GROUP_free(c->curve[i]);
	}
	BN_CTX_free(c->ctx);
	alg_free(&c->alg);
	free(c);
	*crypto = NULL;
}

struct alg *
ike_crypto_alg(struct ike_crypto *crypto)
{
	return crypto->alg;
}

/* ---- hashes --------------------------------------------------------- */

enum ike_hash
ike_hash_of(const struct ike_alg *prf)
{
	switch (prf->id) {
	case IKE_PRF_HMAC_MD5:
		return IKE_HASH_MD5;
	case IKE_PRF_HMAC_SHA1:
		return IKE_HASH_SHA1;
	case IKE_PRF_HMAC_SHA256:
		return IKE_HASH_SHA256;
	case IKE_PRF_HMAC_SHA384:
		return IKE_HASH_SHA384;
	case IKE_PRF_HMAC_SHA512:
		return IKE_HASH_SHA512;
	default:
		return (enum ike_hash)0;
	}
}

static const EVP_MD *
md_of(enum ike_hash hash)
{
	switch (hash) {
	case IKE_HASH_MD5:
		return EVP_md5();
	case IKE_HASH_SHA1:
		return EVP_sha1();
	case IKE_HASH_SHA256:
		return EVP_sha256();
	case IKE_HASH_SHA384:
		return EVP_sha384();
	case IKE_HASH_SHA512:
		return EVP_sha512();
	case IKE_HASH_IDENTITY:
		break;
	}
	return NULL;
}

unsigned
ike_hash_octets(enum ike_hash hash)
{
	const EVP_MD *md = md_of(hash);

	return md == NULL ? 0 : (unsigned)EVP_MD_get_size(md);
}

int
ike_hash(enum ike_hash hash, const struct alg_piece pieces[], unsigned n,
	 uint8_t out[IKE_HASH_OCTETS_MAX])
{
	const EVP_MD *md = md_of(hash);
	EVP_MD_CTX *ctx;
	bool ok;

	if (md == NULL)
		return -ENOTSUP;
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return -ENOMEM;
	ok = EVP_DigestInit_ex2(ctx, md, NULL) == 1;
	for (unsigned i = 0; ok && i < n; i++)
		ok = EVP_DigestUpdate(ctx, pieces[i].octets, pieces[i].n) == 1;
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return ok ? 0 : -EIO;
}

/* ---- MODP ----------------------------------------------------------- */

static int
modp_make(struct ike_crypto *crypto, unsigned row)
{
	struct modp *m = &crypto->modp[row];

	if (m->mont != NULL)
		return 0;
	if (m->p == NULL)
		m->p = rows[row].prime(NULL);
	if (m->p_1 == NULL && m->p != NULL)
		m->p_1 = BN_dup(m->p);
	m->mont = BN_MONT_CTX_new();
	if (m->p == NULL || m->p_1 == NULL || m->mont == NULL)
		return -ENOMEM;
	if (BN_copy(m->p_1, m->p) == NULL || BN_sub_word(m->p_1, 1) != 1 ||
	    BN_MONT_CTX_set(m->mont, m->p, crypto->ctx) != 1) {
		BN_MONT_CTX_free(m->mont);
		m->mont = NULL;
		return -EIO;
	}
	return 0;
}

/* base to the private power, octets of it, leading zeros kept. */
static int
modp_power(struct ike_crypto *crypto, const struct ike_dh *dh,
	   const BIGNUM *base, uint8_t *out)
{
	const struct modp *m = &crypto->modp[dh->row];
	BIGNUM *r = BN_secure_new();
	int err = -EIO;

	if (r == NULL)
		return -ENOMEM;
	if (BN_mod_exp_mont_consttime(r, base, dh->private, m->p, crypto->ctx,
				      m->mont) == 1 &&
	    BN_bn2binpad(r, out, dh->group->octets) == dh->group->octets)
		err = 0;
	BN_clear_free(r);
	return err;
}

/* 1 < private < p - 1, which a zero or a value too long is not. */
static int
modp_public(struct ike_crypto *crypto, struct ike_dh *dh)
{
	BIGNUM *two = BN_new();
	int err = modp_make(crypto, dh->row);

	if (two == NULL || BN_set_word(two, 2) != 1)
		err = -ENOMEM;
	if (err == 0 && (BN_is_zero(dh->private) || BN_is_one(dh->private) ||
			 BN_cmp(dh->private, crypto->modp[dh->row].p_1) >= 0))
		err = -ERANGE;
	if (err == 0)
		err = modp_power(crypto, dh, two, dh->public);
	BN_free(two);
	return err;
}

static int
modp_shared(struct ike_crypto *crypto, const struct ike_dh *dh,
	    const uint8_t *peer, uint8_t *secret)
{
	BIGNUM *y = BN_bin2bn(peer, dh->group->octets, NULL);
	int err = 0;

	if (y == NULL)
		return -ENOMEM;
	if (BN_is_zero(y) || BN_is_one(y) ||
	    BN_cmp(y, crypto->modp[dh->row].p_1) >= 0)
		err = -EINVAL;
	if (err == 0)
		err = modp_power(crypto, dh, y, secret);
	BN_free(y);
	return err;
}

/* ---- ECP ------------------------------------------------------------ */

static int
ecp_make(struct ike_crypto *crypto, unsigned row)
{
	if (crypto->curve[row] == NULL)
		crypto->curve[row] =
		    EC_GROUP_new_by_curve_name(rows[row].curve);
	return crypto->curve[row] == NULL ? -ENOTSUP : 0;
}

/* The point's coordinates, each of half the length of a public value. */
static int
ecp_put(struct ike_crypto *crypto, const struct ike_dh *dh,
	const EC_POINT *point, uint8_t *x_out, uint8_t *y_out)
{
	int half = dh->group->octets / 2;
	BIGNUM *x = BN_secure_new();
	BIGNUM *y = BN_secure_new();
	int err = -EIO;

	if (x != NULL && y != NULL &&
	    EC_POINT_get_affine_coordinates(crypto->curve[dh->row], point, x, y,
					    crypto->ctx) == 1 &&
	    BN_bn2binpad(x, x_out, half) == half &&
	    (y_out == NULL || BN_bn2binpad(y, y_out, half) == half))
		err = 0;
	BN_clear_free(x);
	BN_clear_free(y);
	return err;
}

static int
ecp_public(struct ike_crypto *crypto, struct ike_dh *dh)
{
	EC_POINT *point = NULL;
	const EC_GROUP *curve;
	int err = ecp_make(crypto, dh->row);

	if (err != 0)
		return err;
	curve = crypto->curve[dh->row];
	if (BN_is_zero(dh->private) ||
	    BN_cmp(dh->private, EC_GROUP_get0_order(curve)) >= 0)
		return -ERANGE;
	point = EC_POINT_new(curve);
	if (point == NULL)
		return -ENOMEM;
	err = EC_POINT_mul(curve, point, dh->private, NULL, NULL,
			   crypto->ctx) == 1
		  ? ecp_put(crypto, dh, point, dh->public,
			    dh->public + dh->group->octets / 2)
		  : -EIO;
	EC_POINT_clear_free(point);
	return err;
}

/* Coordinates below the field's prime, and on the curve; not infinity, which
 * has no coordinates. NULL: not so. */
static EC_POINT *
ecp_peer(struct ike_crypto *crypto, const struct ike_dh *dh,
	 const uint8_t *peer)
{
	const EC_GROUP *curve = crypto->curve[dh->row];
	int half = dh->group->octets / 2;
	BIGNUM *x = BN_bin2bn(peer, half, NULL);
	BIGNUM *y = BN_bin2bn(peer + half, half, NULL);
	EC_POINT *point = EC_POINT_new(curve);

	if (x == NULL || y == NULL || point == NULL ||
	    BN_cmp(x, EC_GROUP_get0_field(curve)) >= 0 ||
	    BN_cmp(y, EC_GROUP_get0_field(curve)) >= 0 ||
	    EC_POINT_set_affine_coordinates(curve, point, x, y, crypto->ctx) !=
		1) {
		EC_POINT_free(point);
		point = NULL;
	}
	BN_free(x);
	BN_free(y);
	return point;
}

/* The secret is x alone: RFC 5903 section 7. */
static int
ecp_shared(struct ike_crypto *crypto, const struct ike_dh *dh,
	   const uint8_t *peer, uint8_t *secret)
{
	const EC_GROUP *curve = crypto->curve[dh->row];
	EC_POINT *theirs = ecp_peer(crypto, dh, peer);
	EC_POINT *r = EC_POINT_new(curve);
	int err = 0;

	if (r == NULL)
		err = -ENOMEM;
	else if (theirs == NULL)
		err = -EINVAL;
	else if (EC_POINT_mul(curve, r, NULL, theirs, dh->private,
			      crypto->ctx) != 1)
		err = -EIO;
	if (err == 0)
		err = ecp_put(crypto, dh, r, secret, NULL);
	EC_POINT_clear_free(r);
	EC_POINT_free(theirs);
	return err;
}

/* ---- Curve25519 ----------------------------------------------------- */

static int
x25519_public(struct ike_dh *dh, const uint8_t *private, size_t octets)
{
	size_t n = dh->group->octets;

	if (octets != dh->group->private_octets)
		return -ERANGE;
	dh->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private,
					       octets);
	if (dh->key == NULL)
		return -ENOTSUP;
	return EVP_PKEY_get_raw_public_key(dh->key, dh->public, &n) == 1 &&
		       n == dh->group->octets
		   ? 0
		   : -EIO;
}

/* OpenSSL refuses a secret of zeros; RFC 8031 section 5 wants that. */
static int
x25519_shared(const struct ike_dh *dh, const uint8_t *peer, uint8_t *secret)
{
	EVP_PKEY *theirs = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL,
						       peer, dh->group->octets);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(dh->key, NULL);
	size_t n = dh->group->secret_octets;
	int err = -EINVAL;

	if (theirs == NULL || ctx == NULL)
		err = -ENOMEM;
	else if (EVP_PKEY_derive_init(ctx) == 1 &&
		 EVP_PKEY_derive_set_peer(ctx, theirs) == 1 &&
		 EVP_PKEY_derive(ctx, secret, &n) == 1 &&
		 n == dh->group->secret_octets)
		err = 0;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(theirs);
	return err;
}

/* ---- the face ------------------------------------------------------- */

static int
row_of(uint16_t id, unsigned *row)
{
	for (unsigned i = 0; i < GROUPS; i++) {
		if (rows[i].id == id) {
			*row = i;
			return 0;
		}
	}
	return -ENOTSUP;
}

static int
dh_init(struct ike_crypto *crypto, struct ike_dh *dh, const uint8_t *private,
	size_t octets)
{
	int err = row_of(dh->group->id, &dh->row);

	if (err != 0)
		return err;
	if (octets > IKE_DH_PRIVATE_MAX)
		return -ERANGE;
	if (dh->group->dh == IKE_DH_MONTGOMERY)
		return x25519_public(dh, private, octets);
	dh->private = BN_secure_new();
	if (dh->private == NULL)
		return -ENOMEM;
	if (BN_bin2bn(private, (int)octets, dh->private) == NULL)
		return -EIO;
	BN_set_flags(dh->private, BN_FLG_CONSTTIME);
	return dh->group->dh == IKE_DH_MODP ? modp_public(crypto, dh)
					    : ecp_public(crypto, dh);
}

int
ike_dh_new_private(struct ike_crypto *crypto, const struct ike_alg *group,
		   const uint8_t *private, size_t octets, struct ike_dh **dh)
{
	struct ike_dh *d = calloc(1, sizeof(*d));
	int err;

	if (d == NULL)
		return -ENOMEM;
	d->group = group;
	err = dh_init(crypto, d, private, octets);
	if (err != 0)
		ike_dh_free(&d);
	else
		*dh = d;
	return err;
}

int
ike_dh_new(struct ike_crypto *crypto, const struct ike_alg *group,
	   int (*random)(void *arg, void *p, size_t octets), void *arg,
	   struct ike_dh **dh)
{
	uint8_t private[IKE_DH_PRIVATE_MAX];
	int err = -ERANGE;

	if (group->type != IKE_ALG_DH)
		return -EINVAL;
	for (unsigned i = 0; err == -ERANGE && i < DRAWS_MAX; i++) {
		err = random(arg, private, group->private_octets);
		if (err != 0)
			break;
		if (group->id == IKE_DH_ECP_521)
		private[0] &= 1; /* 521 bits in 66 octets */
		err = ike_dh_new_private(crypto, group, private,
					 group->private_octets, dh);
	}
	OPENSSL_cleanse(private, sizeof(private));
	return err == -ERANGE ? -EIO : err;
}

void
ike_dh_free(struct ike_dh **dh)
{
	if (*dh == NULL)
		return;
	BN_clear_free((*dh)->private);
	EVP_PKEY_free((*dh)->key);
	OPENSSL_cleanse(*dh, sizeof(**dh));
	free(*dh);
	*dh = NULL;
}

const struct ike_alg *
ike_dh_group(const struct ike_dh *dh)
{
	return dh->group;
}

const uint8_t *
ike_dh_public(const struct ike_dh *dh)
{
	return dh->public;
}

int
ike_dh_shared(struct ike_crypto *crypto, const struct ike_dh *dh,
	      const uint8_t *peer, size_t octets,
	      uint8_t secret[IKE_DH_SECRET_MAX])
{
	if (octets != dh->group->octets)
		return -EINVAL;
	switch (dh->group->dh) {
	case IKE_DH_MODP:
		return modp_shared(crypto, dh, peer, secret);
	case IKE_DH_ECP:
		return ecp_shared(crypto, dh, peer, secret);
	case IKE_DH_MONTGOMERY:
		return x25519_shared(dh, peer, secret);
	}
	return -ENOTSUP;
}
