/*
 * Algorithm facts to EVP contexts, and vectors of operations through them. A
 * row per algorithm says which EVP algorithm it is, how its nonce is laid out
 * and which of three ways it runs; a new algorithm is a new row.
 *
 * Contexts are keyed once, when the SA is installed. A packet sets the IV only
 * (EVP_CipherInit_ex with a NULL key); MACs are alg_mac.c's. Tags of composed
 * algorithms are compared here with CRYPTO_memcmp, tags of AEADs by OpenSSL,
 * which does the same.
 *
 * DES lives in OpenSSL's legacy provider. It is loaded when the first SA that
 * uses DES is installed, into a library context of its own, so that nothing
 * else can find it; where it is not installed DES is -ENOTSUP.
 *
 * RFC 2405, 2410, 2451, 3602, 3686, 4106, 4309, 4543, 7634; SM4-CBC as GB/T
 * 32907 and 17964 have it.
 */
#include "alg_openssl.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include "alg_mac.h"
#include "be.h"

#define AAD_ESN_OCTETS 12

struct cipher;

typedef int op_fn(struct cipher *c, struct esp_op *op);

static op_fn seal_composed, open_composed, seal_aead, open_aead, seal_ccm,
    open_ccm;

struct engine {
	struct alg_engine common;
	OSSL_LIB_CTX *legacy; /* NULL: no SA wanted it yet */
	OSSL_PROVIDER *provider;
};

/* How iv octets and salt become what EVP wants as IV. */
enum nonce {
	NONCE_IV,        /* the IV as it is */
	NONCE_SALT_IV,   /* RFC 4106 section 4, RFC 4309, RFC 7634 */
	NONCE_SALT_IV_1, /* RFC 3686 section 4: counter block from 1 */
};

/* What is particular to few. */
enum enc_flag {
	ENC_CLEAR = 1, /* RFC 4543: the text is authenticated, not encrypted */
	ENC_LENGTHS = 2, /* lengths of nonce and tag are told before the key */
	ENC_LEGACY = 4,  /* the legacy provider has it */
};

struct enc_row {
	const char *evp; /* NULL: no encryption */
	enum nonce nonce;
	unsigned flags; /* enum enc_flag */
	op_fn *seal;
	op_fn *open;
};

/* clang-format off */
#define COMPOSED(n, layout) { n, layout, 0, seal_composed, open_composed }
#define AEAD(n) { n, NONCE_SALT_IV, 0, seal_aead, open_aead }
#define GMAC(n) { n, NONCE_SALT_IV, ENC_CLEAR, seal_aead, open_aead }
#define CCM(n) { n, NONCE_SALT_IV, ENC_LENGTHS, seal_ccm, open_ccm }

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
    [IPSEC_ALG_AES128_CCM8] = CCM("AES-128-CCM"),
    [IPSEC_ALG_AES192_CCM8] = CCM("AES-192-CCM"),
    [IPSEC_ALG_AES256_CCM8] = CCM("AES-256-CCM"),
    [IPSEC_ALG_AES128_CCM12] = CCM("AES-128-CCM"),
    [IPSEC_ALG_AES192_CCM12] = CCM("AES-192-CCM"),
    [IPSEC_ALG_AES256_CCM12] = CCM("AES-256-CCM"),
    [IPSEC_ALG_AES128_CCM16] = CCM("AES-128-CCM"),
    [IPSEC_ALG_AES192_CCM16] = CCM("AES-192-CCM"),
    [IPSEC_ALG_AES256_CCM16] = CCM("AES-256-CCM"),
    [IPSEC_ALG_CHACHA20_POLY1305] = AEAD("ChaCha20-Poly1305"),
    [IPSEC_ALG_3DES_CBC] = COMPOSED("DES-EDE3-CBC", NONCE_IV),
    [IPSEC_ALG_DES_CBC] = { "DES-CBC", NONCE_IV, ENC_LEGACY, seal_composed,
	open_composed },
    [IPSEC_ALG_SM4_CBC] = COMPOSED("SM4-CBC", NONCE_IV),
};
/* clang-format on */

struct cipher {
	struct alg_cipher common;
	const struct enc_row *row;
	const uint8_t *salt; /* in the caller's key memory */
	unsigned salt_octets;
	unsigned iv_octets;
	unsigned icv_octets;
	EVP_CIPHER_CTX *enc; /* NULL: null encryption */
	struct alg_mac *mac; /* NULL: no separate authentication */
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
static int
mac(struct cipher *c, const struct esp_op *op, uint8_t icv[IPSEC_ALG_ICV_MAX])
{
	struct be32 high = be32_put(op->seq_high);
	struct alg_piece pieces[] = {
	    {op->aad, (size_t)op->aad_octets + c->iv_octets + op->text_octets},
	    {high.b, sizeof(high.b)},
	};

	return alg_mac_icv(c->mac, pieces, op->esn ? 2 : 1, icv);
}

static int
seal_composed(struct cipher *c, struct esp_op *op)
{
	if (!crypt(c, op))
		return -EIO;
	return c->mac == NULL ? 0 : mac(c, op, op->icv);
}

static int
open_composed(struct cipher *c, struct esp_op *op)
{
	uint8_t icv[IPSEC_ALG_ICV_MAX];

	if (c->mac != NULL) {
		if (mac(c, op, icv) != 0)
			return -EIO;
		if (CRYPTO_memcmp(icv, op->icv, c->icv_octets) != 0)
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
	if (c->row->flags & ENC_CLEAR)
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

/* CCM wants all of its AAD in one piece. */
static bool
ccm_aad_set(struct cipher *c, const struct esp_op *op)
{
	struct be32 high = be32_put(op->seq_high);
	uint8_t aad[AAD_ESN_OCTETS];

	if (!op->esn)
		return aad_add(c, op->aad, op->aad_octets);
	assert(op->aad_octets == sizeof(aad) - sizeof(high));
	memcpy(aad, op->aad, 4);
	memcpy(aad + 4, high.b, sizeof(high));
	memcpy(aad + 8, op->aad + 4, 4);
	return aad_add(c, aad, sizeof(aad));
}

/* All before the text: the first block tells its length (RFC 3610, 2.2). */
static bool
ccm_begin(struct cipher *c, const struct esp_op *op)
{
	int octets = 0;

	return EVP_CipherUpdate(c->enc, NULL, &octets, NULL,
				(int)op->text_octets) == 1 &&
	       ccm_aad_set(c, op);
}

static bool
ccm_text(struct cipher *c, struct esp_op *op)
{
	int octets = 0;

	return EVP_CipherUpdate(c->enc, op->text, &octets, op->text,
				(int)op->text_octets) == 1;
}

static int
seal_ccm(struct cipher *c, struct esp_op *op)
{
	if (!nonce_set(c, op->iv) || !ccm_begin(c, op) || !ccm_text(c, op) ||
	    EVP_CIPHER_CTX_ctrl(c->enc, EVP_CTRL_AEAD_GET_TAG,
				(int)c->icv_octets, op->icv) != 1)
		return -EIO;
	return 0;
}

static int
open_ccm(struct cipher *c, struct esp_op *op)
{
	if (!nonce_set(c, op->iv) ||
	    EVP_CIPHER_CTX_ctrl(c->enc, EVP_CTRL_AEAD_SET_TAG,
				(int)c->icv_octets, op->icv) != 1 ||
	    !ccm_begin(c, op))
		return -EIO;
	return ccm_text(c, op) ? 0 : -EBADMSG;
}

static int
legacy_load(struct engine *e)
{
	if (e->legacy == NULL)
		e->legacy = OSSL_LIB_CTX_new();
	if (e->legacy == NULL)
		return -ENOMEM;
	if (e->provider == NULL)
		e->provider = OSSL_PROVIDER_load(e->legacy, "legacy");
	return e->provider == NULL ? -ENOTSUP : 0;
}

/* The caller frees it; NULL when this OpenSSL lacks it. */
static EVP_CIPHER *
enc_fetch(struct engine *e, const struct enc_row *row)
{
	if ((row->flags & ENC_LEGACY) == 0)
		return EVP_CIPHER_fetch(NULL, row->evp, NULL);
	return legacy_load(e) == 0 ? EVP_CIPHER_fetch(e->legacy, row->evp, NULL)
				   : NULL;
}

static bool
enc_key(struct cipher *c, const EVP_CIPHER *evp, const struct alg_keys *keys)
{
	int seal = keys->direction == ALG_SEAL;

	if (EVP_CipherInit_ex(c->enc, evp, NULL, NULL, NULL, seal) != 1)
		return false;
	if ((c->row->flags & ENC_LENGTHS) != 0 &&
	    (EVP_CIPHER_CTX_ctrl(c->enc, EVP_CTRL_AEAD_SET_IVLEN,
				 (int)(c->salt_octets + c->iv_octets),
				 NULL) != 1 ||
	     EVP_CIPHER_CTX_ctrl(c->enc, EVP_CTRL_AEAD_SET_TAG,
				 (int)c->icv_octets, NULL) != 1))
		return false;
	return EVP_CipherInit_ex(c->enc, NULL, NULL, keys->enc_key, NULL,
				 seal) == 1 &&
	       EVP_CIPHER_CTX_set_padding(c->enc, 0) == 1;
}

static int
enc_init(struct engine *e, struct cipher *c, const struct alg_keys *keys)
{
	EVP_CIPHER *evp;
	bool ok;

	if (c->row->evp == NULL)
		return 0;
	c->enc = EVP_CIPHER_CTX_new();
	if (c->enc == NULL)
		return -ENOMEM;
	evp = enc_fetch(e, c->row);
	if (evp == NULL)
		return -ENOTSUP;
	ok = enc_key(c, evp, keys);
	EVP_CIPHER_free(evp);
	return ok ? 0 : -EIO;
}

static int
mac_init(struct cipher *c, const struct alg_keys *keys)
{
	if (keys->auth == IPSEC_ALG_NONE)
		return 0;
	return alg_mac_new(&c->mac, keys->auth, keys->auth_key,
			   keys->auth_key_octets);
}

/* Both contexts wipe their keys when freed (OPENSSL_clear_free inside). */
static void
openssl_cipher_free(struct alg_cipher *cipher)
{
	struct cipher *c = (struct cipher *)cipher;

	EVP_CIPHER_CTX_free(c->enc);
	alg_mac_free(&c->mac);
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

	if (row->seal == NULL)
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
	err = enc_init((struct engine *)engine, c, keys);
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
	struct engine *e = (struct engine *)engine;

	if (e->provider != NULL)
		(void)OSSL_PROVIDER_unload(e->provider);
	OSSL_LIB_CTX_free(e->legacy);
	free(e);
}

int
alg_openssl_new(struct alg_engine **engine)
{
	struct engine *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return -ENOMEM;
	e->common = (struct alg_engine){
	    .id = ALG_ENGINE_OPENSSL,
	    .cipher_new = openssl_cipher_new,
	    .cipher_free = openssl_cipher_free,
	    .seal = openssl_seal,
	    .open = openssl_open,
	    .free = openssl_free,
	};
	*engine = &e->common;
	return 0;
}
