/*
 * Algorithm facts to EVP contexts, and vectors of operations through them. A
 * row per algorithm says which EVP algorithm it is, how its nonce is laid out
 * and which of three ways it runs; a new algorithm is a new row.
 *
 * Contexts are keyed once, when the SA is installed. A packet sets the IV only
 * (EVP_CipherInit_ex with a NULL key), and begins its MAC anew without keying
 * (EVP_MAC_init with a NULL key: a third of the price of keying). Tags of
 * composed algorithms are compared here with CRYPTO_memcmp, tags of AEADs by
 * OpenSSL, which does the same.
 *
 * RFC 2404, 2410, 2451, 3602, 3686, 4106, 4494, 4543, 4868, 7634.
 */
#include "alg_openssl.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "be.h"

#define MAC_MAX EVP_MAX_MD_SIZE

struct cipher;

typedef int op_fn(struct cipher *c, struct esp_op *op);

static op_fn seal_composed, open_composed, seal_aead, open_aead;

/* How iv octets and salt become what EVP wants as IV. */
enum nonce {
	NONCE_IV,        /* the IV as it is */
	NONCE_SALT_IV,   /* RFC 4106 section 4, RFC 7634 section 2 */
	NONCE_SALT_IV_1, /* RFC 3686 section 4: counter block from 1 */
};

struct enc_row {
	const char *evp; /* NULL: no encryption */
	enum nonce nonce;
	bool clear; /* RFC 4543: the text is authenticated, not encrypted */
	op_fn *seal;
	op_fn *open;
};

struct auth_row {
	const char *mac; /* NULL: none */
	const char *parameter;
	const char *value;
};

#define COMPOSED(n, layout)                                                    \
	{                                                                      \
		n, layout, false, seal_composed, open_composed                 \
	}
#define AEAD(n)                                                                \
	{                                                                      \
		n, NONCE_SALT_IV, false, seal_aead, open_aead                  \
	}
#define GMAC(n)                                                                \
	{                                                                      \
		n, NONCE_SALT_IV, true, seal_aead, open_aead                   \
	}

static const struct enc_row enc_rows[IPSEC_ALG_MAX] = {
    [IPSEC_ALG_NULL] = COMPOSED(NULL, NONCE_IV),
    [IPSEC_ALG_AES128_CBC] = COMPOSED("AES-128-CBC", NONCE_IV),
    [IPSEC_ALG_AES192_CBC] = COMPOSED("AES-192-CBC", NONCE_IV),
    [IPSEC_ALG_AES256_CBC] = COMPOSED("AES-256-CBC", NONCE_IV),
    [IPSEC_ALG_AES128_CTR] = COMPOSED("AES-128-CTR", NONCE_SALT_IV_1),
    [IPSEC_ALG_AES192_CTR] = COMPOSED("AES-192-CTR", NONCE_SALT_IV_1),
    [IPSEC_ALG_AES256_CTR] = COMPOSED("AES-256-CTR", NONCE_SALT_IV_1),
    [IPSEC_ALG_AES128_GCM8] = AEAD("AES-128-GCM"),
    [IPSEC_ALG_AES192_GCM8] = AEAD("AES-192-GCM"),
    [IPSEC_ALG_AES256_GCM8] = AEAD("AES-256-GCM"),
    [IPSEC_ALG_AES128_GCM12] = AEAD("AES-128-GCM"),
    [IPSEC_ALG_AES192_GCM12] = AEAD("AES-192-GCM"),
    [IPSEC_ALG_AES256_GCM12] = AEAD("AES-256-GCM"),
    [IPSEC_ALG_AES128_GCM16] = AEAD("AES-128-GCM"),
    [IPSEC_ALG_AES192_GCM16] = AEAD("AES-192-GCM"),
    [IPSEC_ALG_AES256_GCM16] = AEAD("AES-256-GCM"),
    [IPSEC_ALG_AES128_GMAC] = GMAC("AES-128-GCM"),
    [IPSEC_ALG_AES192_GMAC] = GMAC("AES-192-GCM"),
    [IPSEC_ALG_AES256_GMAC] = GMAC("AES-256-GCM"),
    [IPSEC_ALG_CHACHA20_POLY1305] = AEAD("ChaCha20-Poly1305"),
    [IPSEC_ALG_3DES_CBC] = COMPOSED("DES-EDE3-CBC", NONCE_IV),
};

static const struct auth_row auth_rows[IPSEC_ALG_MAX] = {
    [IPSEC_ALG_HMAC_MD5_96] = {"HMAC", OSSL_MAC_PARAM_DIGEST, "MD5"},
    [IPSEC_ALG_HMAC_SHA1_96] = {"HMAC", OSSL_MAC_PARAM_DIGEST, "SHA1"},
    [IPSEC_ALG_HMAC_SHA256_96] = {"HMAC", OSSL_MAC_PARAM_DIGEST, "SHA256"},
    [IPSEC_ALG_HMAC_SHA256_128] = {"HMAC", OSSL_MAC_PARAM_DIGEST, "SHA256"},
    [IPSEC_ALG_HMAC_SHA384_192] = {"HMAC", OSSL_MAC_PARAM_DIGEST, "SHA384"},
    [IPSEC_ALG_HMAC_SHA512_256] = {"HMAC", OSSL_MAC_PARAM_DIGEST, "SHA512"},
    [IPSEC_ALG_AES_CMAC_96] = {"CMAC", OSSL_MAC_PARAM_CIPHER, "AES-128-CBC"},
};

struct cipher {
	struct alg_cipher common;
	const struct enc_row *row;
	const uint8_t *salt; /* in the caller's key memory */
	unsigned salt_octets;
	unsigned iv_octets;
	unsigned icv_octets;
	EVP_CIPHER_CTX *enc; /* NULL: null encryption */
	EVP_MAC_CTX *mac;    /* NULL: no separate authentication */
};

static void
nonce_put(const struct cipher *c, const uint8_t *iv,
	  uint8_t nonce[EVP_MAX_IV_LENGTH])
{
	static const uint8_t one[4] = {0, 0, 0, 1};
	unsigned at = 0;

	if (c->row->nonce != NONCE_IV) {
		memcpy(nonce, c->salt, c->salt_octets);
		at = c->salt_octets;
	}
	memcpy(nonce + at, iv, c->iv_octets);
	if (c->row->nonce == NONCE_SALT_IV_1)
		memcpy(nonce + at + c->iv_octets, one, sizeof(one));
}

static bool
nonce_set(struct cipher *c, const uint8_t *iv)
{
	uint8_t nonce[EVP_MAX_IV_LENGTH];

	nonce_put(c, iv, nonce);
	return EVP_CipherInit_ex(c->enc, NULL, NULL, NULL, nonce, -1) == 1;
}

static bool
crypt(struct cipher *c, struct esp_op *op)
{
	int octets = 0;

	if (c->enc == NULL || op->text_octets == 0)
		return true;
	return nonce_set(c, op->iv) &&
	       EVP_CipherUpdate(c->enc, op->text, &octets, op->text,
				(int)op->text_octets) == 1 &&
	       (uint32_t)octets == op->text_octets;
}

/* Over header, IV and text (RFC 4303 section 2.8), then the ESN's high half. */
static bool
mac(struct cipher *c, const struct esp_op *op, uint8_t tag[MAC_MAX])
{
	struct be32 high = be32_put(op->seq_high);
	size_t covered =
	    (size_t)op->aad_octets + c->iv_octets + op->text_octets;
	size_t octets = 0;

	return EVP_MAC_init(c->mac, NULL, 0, NULL) == 1 &&
	       EVP_MAC_update(c->mac, op->aad, covered) == 1 &&
	       (!op->esn || EVP_MAC_update(c->mac, high.b, 4) == 1) &&
	       EVP_MAC_final(c->mac, tag, &octets, MAC_MAX) == 1 &&
	       octets >= c->icv_octets;
}

static int
seal_composed(struct cipher *c, struct esp_op *op)
{
	uint8_t tag[MAC_MAX];

	if (!crypt(c, op))
		return -EIO;
	if (c->mac == NULL)
		return 0;
	if (!mac(c, op, tag))
		return -EIO;
	memcpy(op->icv, tag, c->icv_octets);
	return 0;
}

static int
open_composed(struct cipher *c, struct esp_op *op)
{
	uint8_t tag[MAC_MAX];

	if (c->mac != NULL) {
		if (!mac(c, op, tag))
			return -EIO;
		if (CRYPTO_memcmp(tag, op->icv, c->icv_octets) != 0)
			return -EBADMSG;
	}
	return crypt(c, op) ? 0 : -EIO;
}

static bool
aad_add(struct cipher *c, const uint8_t *octets, uint32_t len)
{
	int got = 0;

	return len == 0 ||
	       EVP_CipherUpdate(c->enc, NULL, &got, octets, (int)len) == 1;
}

/* With ESN the high half stands between SPI and low half (RFC 4106, 5). */
static bool
aad_set(struct cipher *c, const struct esp_op *op)
{
	struct be32 high = be32_put(op->seq_high);

	if (!op->esn)
		return aad_add(c, op->aad, op->aad_octets);
	return aad_add(c, op->aad, 4) && aad_add(c, high.b, 4) &&
	       aad_add(c, op->aad + 4, op->aad_octets - 4);
}

/* All but the tag; the text in place, or as more AAD (RFC 4543 section 3.3). */
static bool
aead_run(struct cipher *c, struct esp_op *op)
{
	int octets = 0;

	if (!nonce_set(c, op->iv) || !aad_set(c, op))
		return false;
	if (c->row->clear)
		return aad_add(c, op->iv, c->iv_octets) &&
		       aad_add(c, op->text, op->text_octets);
	return op->text_octets == 0 ||
	       EVP_CipherUpdate(c->enc, op->text, &octets, op->text,
				(int)op->text_octets) == 1;
}

static int
seal_aead(struct cipher *c, struct esp_op *op)
{
	uint8_t rest[EVP_MAX_BLOCK_LENGTH];
	int octets = 0;

	if (!aead_run(c, op) ||
	    EVP_CipherFinal_ex(c->enc, rest, &octets) != 1 ||
	    EVP_CIPHER_CTX_ctrl(c->enc, EVP_CTRL_AEAD_GET_TAG,
				(int)c->icv_octets, op->icv) != 1)
		return -EIO;
	return 0;
}

static int
open_aead(struct cipher *c, struct esp_op *op)
{
	uint8_t rest[EVP_MAX_BLOCK_LENGTH];
	int octets = 0;

	if (!aead_run(c, op) ||
	    EVP_CIPHER_CTX_ctrl(c->enc, EVP_CTRL_AEAD_SET_TAG,
				(int)c->icv_octets, op->icv) != 1)
		return -EIO;
	if (EVP_CipherFinal_ex(c->enc, rest, &octets) != 1)
		return -EBADMSG;
	return 0;
}

static int
enc_init(struct cipher *c, const struct alg_keys *keys)
{
	EVP_CIPHER *evp;
	int ok;

	if (c->row->evp == NULL)
		return 0;
	c->enc = EVP_CIPHER_CTX_new();
	if (c->enc == NULL)
		return -ENOMEM;
	evp = EVP_CIPHER_fetch(NULL, c->row->evp, NULL);
	if (evp == NULL)
		return -ENOTSUP;
	ok = EVP_CipherInit_ex(c->enc, evp, NULL, keys->enc_key, NULL,
			       keys->direction == ALG_SEAL);
	EVP_CIPHER_free(evp);
	if (ok != 1 || EVP_CIPHER_CTX_set_padding(c->enc, 0) != 1)
		return -EIO;
	return 0;
}

static int
mac_init(struct cipher *c, const struct alg_keys *keys)
{
	const struct auth_row *row = &auth_rows[keys->auth];
	OSSL_PARAM params[2];
	EVP_MAC *evp;

	if (row->mac == NULL)
		return 0;
	evp = EVP_MAC_fetch(NULL, row->mac, NULL);
	if (evp == NULL)
		return -ENOTSUP;
	c->mac = EVP_MAC_CTX_new(evp);
	EVP_MAC_free(evp);
	if (c->mac == NULL)
		return -ENOMEM;
	/* OpenSSL takes the name as char * and does not write to it. */
	params[0] = OSSL_PARAM_construct_utf8_string(row->parameter,
						     (char *)row->value, 0);
	params[1] = OSSL_PARAM_construct_end();
	if (EVP_MAC_init(c->mac, keys->auth_key, keys->auth_key_octets,
			 params) != 1)
		return -EIO;
	return 0;
}

/* Both contexts wipe their keys when freed (OPENSSL_clear_free inside). */
static void
openssl_cipher_free(struct alg_cipher *cipher)
{
	struct cipher *c = (struct cipher *)cipher;

	EVP_CIPHER_CTX_free(c->enc);
	EVP_MAC_CTX_free(c->mac);
	free(c);
}

static int
openssl_cipher_new(struct alg_engine *engine, const struct alg_keys *keys,
		   struct alg_cipher **cipher)
{
	const struct enc_row *row = &enc_rows[keys->enc];
	const struct ipsec_alg *enc = ipsec_alg_get(keys->enc);
	struct cipher *c;
	int err;

	(void)engine;
	if (row->seal == NULL ||
	    (keys->auth != IPSEC_ALG_NONE && auth_rows[keys->auth].mac == NULL))
		return -ENOTSUP;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return -ENOMEM;
	c->row = row;
	if (enc->salt_octets != 0)
		c->salt = keys->enc_key + enc->key_octets;
	c->salt_octets = enc->salt_octets;
	c->iv_octets = enc->iv_octets;
	c->icv_octets =
	    enc->aead ? enc->icv_octets : ipsec_alg_get(keys->auth)->icv_octets;
	err = enc_init(c, keys);
	if (err == 0)
		err = mac_init(c, keys);
	if (err != 0) {
		openssl_cipher_free(&c->common);
		return err;
	}
	*cipher = &c->common;
	return 0;
}

static void
openssl_seal(struct alg_engine *engine, struct esp_op *const ops[], unsigned n)
{
	(void)engine;
	for (unsigned i = 0; i < n; i++) {
		struct cipher *c = (struct cipher *)ops[i]->cipher;

		ops[i]->result = c->row->seal(c, ops[i]);
	}
}

static void
openssl_open(struct alg_engine *engine, struct esp_op *const ops[], unsigned n)
{
	(void)engine;
	for (unsigned i = 0; i < n; i++) {
		struct cipher *c = (struct cipher *)ops[i]->cipher;

		ops[i]->result = c->row->open(c, ops[i]);
	}
}

static void
openssl_free(struct alg_engine *engine)
{
	free(engine);
}

int
alg_openssl_new(struct alg_engine **engine)
{
	struct alg_engine *e = malloc(sizeof(*e));

	if (e == NULL)
		return -ENOMEM;
	*e = (struct alg_engine){
	    .id = ALG_ENGINE_OPENSSL,
	    .cipher_new = openssl_cipher_new,
	    .cipher_free = openssl_cipher_free,
	    .seal = openssl_seal,
	    .open = openssl_open,
	    .free = openssl_free,
	};
	*engine = e;
	return 0;
}

struct alg_prf {
	EVP_CIPHER_CTX *ctx;
};

int
alg_prf_new(struct alg_prf **prf, const uint8_t key[ALG_PRF_OCTETS])
{
	struct alg_prf *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -ENOMEM;
	p->ctx = EVP_CIPHER_CTX_new();
	if (p->ctx == NULL) {
		free(p);
		return -ENOMEM;
	}
	if (EVP_EncryptInit_ex(p->ctx, EVP_aes_128_ecb(), NULL, key, NULL) !=
		1 ||
	    EVP_CIPHER_CTX_set_padding(p->ctx, 0) != 1) {
		alg_prf_free(&p);
		return -EIO;
	}
	*prf = p;
	return 0;
}

void
alg_prf_free(struct alg_prf **prf)
{
	if (*prf == NULL)
		return;
	EVP_CIPHER_CTX_free((*prf)->ctx);
	free(*prf);
	*prf = NULL;
}

int
alg_prf_block(struct alg_prf *prf, uint32_t spi, uint64_t seq,
	      uint8_t block[ALG_PRF_OCTETS])
{
	struct {
		struct be32 spi;
		struct be32 zero;
		struct be64 seq;
	} in = {be32_put(spi), {{0}}, be64_put(seq)};
	int octets = 0;

	static_assert(sizeof(in) == ALG_PRF_OCTETS, "one AES block");
	if (EVP_EncryptUpdate(prf->ctx, block, &octets, (const uint8_t *)&in,
			      (int)sizeof(in)) != 1 ||
	    octets != ALG_PRF_OCTETS)
		return -EIO;
	return 0;
}
