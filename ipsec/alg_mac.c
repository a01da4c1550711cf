/*
 * Algorithm facts to EVP_MAC contexts; a row per algorithm. A packet begins its
 * MAC anew without keying (EVP_MAC_init with a NULL key: a third of the price
 * of keying).
 *
 * OpenSSL has no AES-XCBC: it is made here of AES-128-CBC, whose last block is
 * the chain of RFC 3566 section 4.
 *
 * RFC 2104, 2403, 2404, 3566, 4494, 4868; HMAC-SM3 as Linux has it: RFC 2104
 * over SM3 (GB/T 32905), cut to the left as the others.
 */
#include "alg_mac.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#define BLOCK 16
#define SCRATCH 1024 /* what CBC writes and nobody reads */

struct mac_row {
	int (*init)(struct alg_mac *mac, const struct mac_row *row,
		    const uint8_t *key, unsigned key_octets);
	int (*tag)(struct alg_mac *mac, const struct alg_piece pieces[],
		   unsigned n, uint8_t tag[ALG_MAC_TAG_MAX], size_t *octets);
	const char *mac;
	const char *parameter;
	const char *value;
};

struct alg_mac {
	const struct mac_row *row;
	unsigned icv_octets;
	EVP_MAC_CTX *evp;    /* NULL: XCBC */
	EVP_CIPHER_CTX *cbc; /* XCBC: under K1 */
	uint8_t k2[BLOCK];
	uint8_t k3[BLOCK];
};

/* The block that is not yet in the chain: the last one is treated apart. */
struct xcbc_state {
	uint8_t block[BLOCK];
	unsigned fill;
	uint8_t scratch[SCRATCH];
};

static int
evp_init(struct alg_mac *mac, const struct mac_row *row, const uint8_t *key,
	 unsigned key_octets)
{
	EVP_MAC *evp = EVP_MAC_fetch(NULL, row->mac, NULL);
	OSSL_PARAM params[2];

	if (evp == NULL)
		return -ENOTSUP;
	mac->evp = EVP_MAC_CTX_new(evp);
	EVP_MAC_free(evp);
	if (mac->evp == NULL)
		return -ENOMEM;
	/* OpenSSL takes the name as char * and does not write to it. */
	params[0] = OSSL_PARAM_construct_utf8_string(row->parameter,
						     (char *)row->value, 0);
	params[1] = OSSL_PARAM_construct_end();
	return EVP_MAC_init(mac->evp, key, key_octets, params) == 1 ? 0 : -EIO;
}

static int
evp_tag(struct alg_mac *mac, const struct alg_piece pieces[], unsigned n,
	uint8_t tag[ALG_MAC_TAG_MAX], size_t *octets)
{
	if (EVP_MAC_init(mac->evp, NULL, 0, NULL) != 1)
		return -EIO;
	for (unsigned i = 0; i < n; i++) {
		if (EVP_MAC_update(mac->evp, pieces[i].octets, pieces[i].n) !=
		    1)
			return -EIO;
	}
	return EVP_MAC_final(mac->evp, tag, octets, ALG_MAC_TAG_MAX) == 1
		   ? 0
		   : -EIO;
}

static int
cbc_init(EVP_CIPHER_CTX *cbc, const uint8_t *key)
{
	static const uint8_t zero[BLOCK];
	EVP_CIPHER *evp = EVP_CIPHER_fetch(NULL, "AES-128-CBC", NULL);
	int ok;

	if (evp == NULL)
		return -ENOTSUP;
	ok = EVP_EncryptInit_ex(cbc, evp, NULL, key, zero);
	EVP_CIPHER_free(evp);
	return ok == 1 && EVP_CIPHER_CTX_set_padding(cbc, 0) == 1 ? 0 : -EIO;
}

/* The chain begins with a block of zeros. */
static int
cbc_begin(EVP_CIPHER_CTX *cbc)
{
	static const uint8_t zero[BLOCK];

	return EVP_EncryptInit_ex(cbc, NULL, NULL, NULL, zero) == 1 ? 0 : -EIO;
}

static int
cbc_add(EVP_CIPHER_CTX *cbc, const uint8_t *from, size_t n, uint8_t *to)
{
	int octets = 0;

	return EVP_EncryptUpdate(cbc, to, &octets, from, (int)n) == 1 &&
		       (size_t)octets == n
		   ? 0
		   : -EIO;
}

/* Keys 1 to 3 are the key's encryptions of 0x01..., 0x02..., 0x03... */
static int
xcbc_init(struct alg_mac *mac, const struct mac_row *row, const uint8_t *key,
	  unsigned key_octets)
{
	uint8_t k1[BLOCK];
	uint8_t *keys[] = {k1, mac->k2, mac->k3};
	uint8_t number[BLOCK];
	int err;

	(void)row;
	if (key_octets != BLOCK)
		return -EINVAL;
	mac->cbc = EVP_CIPHER_CTX_new();
	if (mac->cbc == NULL)
		return -ENOMEM;
	err = cbc_init(mac->cbc, key);
	for (int i = 0; err == 0 && i < 3; i++) {
		memset(number, i + 1, sizeof(number));
		err = cbc_begin(mac->cbc);
		if (err == 0)
			err = cbc_add(mac->cbc, number, BLOCK, keys[i]);
	}
	if (err == 0)
		err = cbc_init(mac->cbc, k1);
	OPENSSL_cleanse(k1, sizeof(k1));
	return err;
}

/* Whole blocks go into the chain as long as others follow them. */
static int
xcbc_add(struct alg_mac *mac, struct xcbc_state *s, const uint8_t *at, size_t n)
{
	int err = 0;

	while (n > 0 && err == 0) {
		size_t take = BLOCK - s->fill;

		if (take == 0) {
			err = cbc_add(mac->cbc, s->block, BLOCK, s->scratch);
			s->fill = 0;
			continue;
		}
		if (s->fill == 0 && n > BLOCK) {
			take = (n - 1) / BLOCK * BLOCK;
			if (take > SCRATCH)
				take = SCRATCH;
			err = cbc_add(mac->cbc, at, take, s->scratch);
		} else {
			if (take > n)
				take = n;
			memcpy(s->block + s->fill, at, take);
			s->fill += (unsigned)take;
		}
		at += take;
		n -= take;
	}
	return err;
}

static int
xcbc_tag(struct alg_mac *mac, const struct alg_piece pieces[], unsigned n,
	 uint8_t tag[ALG_MAC_TAG_MAX], size_t *octets)
{
	struct xcbc_state s = {.fill = 0};
	const uint8_t *last = mac->k2;
	int err = cbc_begin(mac->cbc);

	for (unsigned i = 0; err == 0 && i < n; i++)
		err = xcbc_add(mac, &s, pieces[i].octets, pieces[i].n);
	if (err != 0)
		return err;
	if (s.fill < BLOCK) {
		memset(s.block + s.fill, 0, BLOCK - s.fill);
		s.block[s.fill] = 0x80;
		last = mac->k3;
	}
	for (unsigned i = 0; i < BLOCK; i++)
		s.block[i] ^= last[i];
	err = cbc_add(mac->cbc, s.block, BLOCK, s.scratch);
	if (err == 0) {
		memcpy(tag, s.scratch, BLOCK);
		*octets = BLOCK;
	}
	return err;
}

/* clang-format off */
#define HMAC(digest) \
	{ evp_init, evp_tag, "HMAC", OSSL_MAC_PARAM_DIGEST, (digest) }

static const struct mac_row rows[IPSEC_ALG_MAX] = {
	[IPSEC_ALG_HMAC_MD5_96] = HMAC("MD5"),
	[IPSEC_ALG_HMAC_SHA1_96] = HMAC("SHA1"),
	[IPSEC_ALG_HMAC_SHA256_96] = HMAC("SHA256"),
	[IPSEC_ALG_HMAC_SHA256_128] = HMAC("SHA256"),
	[IPSEC_ALG_HMAC_SHA384_192] = HMAC("SHA384"),
	[IPSEC_ALG_HMAC_SHA512_256] = HMAC("SHA512"),
	[IPSEC_ALG_AES_XCBC_96] = { xcbc_init, xcbc_tag, NULL, NULL, NULL },
	[IPSEC_ALG_AES_CMAC_96] = { evp_init, evp_tag, "CMAC",
	    OSSL_MAC_PARAM_CIPHER, "AES-128-CBC" },
	[IPSEC_ALG_HMAC_SM3_96] = HMAC("SM3"),
	[IPSEC_ALG_HMAC_SM3_128] = HMAC("SM3"),
	[IPSEC_ALG_HMAC_SM3_160] = HMAC("SM3"),
	[IPSEC_ALG_HMAC_SM3_192] = HMAC("SM3"),
	[IPSEC_ALG_HMAC_SM3_224] = HMAC("SM3"),
	[IPSEC_ALG_HMAC_SM3] = HMAC("SM3"),
};
/* clang-format on */

int
alg_mac_new(struct alg_mac **mac, enum ipsec_alg_id auth, const uint8_t *key,
	    unsigned key_octets)
{
	struct alg_mac *m;
	int err;

	if (auth >= IPSEC_ALG_MAX || rows[auth].init == NULL || key_octets == 0)
		return -EINVAL;
	m = calloc(1, sizeof(*m));
	if (m == NULL)
		return -ENOMEM;
	m->row = &rows[auth];
	m->icv_octets = ipsec_alg_get(auth)->icv_octets;
	err = m->row->init(m, m->row, key, key_octets);
	if (err != 0)
		alg_mac_free(&m);
	else
		*mac = m;
	return err;
}

/* Both contexts wipe their keys when freed (OPENSSL_clear_free inside). */
void
alg_mac_free(struct alg_mac **mac)
{
	if (*mac == NULL)
		return;
	EVP_MAC_CTX_free((*mac)->evp);
	EVP_CIPHER_CTX_free((*mac)->cbc);
	OPENSSL_cleanse(*mac, sizeof(**mac));
	free(*mac);
	*mac = NULL;
}

int
alg_mac_tag(struct alg_mac *mac, const struct alg_piece pieces[], unsigned n,
	    uint8_t tag[ALG_MAC_TAG_MAX], size_t *octets)
{
	return mac->row->tag(mac, pieces, n, tag, octets);
}

int
alg_mac_icv(struct alg_mac *mac, const struct alg_piece pieces[], unsigned n,
	    uint8_t icv[IPSEC_ALG_ICV_MAX])
{
	uint8_t tag[ALG_MAC_TAG_MAX];
	size_t octets = 0;
	int err = mac->row->tag(mac, pieces, n, tag, &octets);

	if (err != 0)
		return err;
	if (octets < mac->icv_octets)
		return -EIO;
	memcpy(icv, tag, mac->icv_octets);
	return 0;
}
