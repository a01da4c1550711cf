/*
 * Algorithm facts to IPsec-MB keys and jobs, and whole vectors through them.
 * AES-GCM and GMAC run packet by packet through the library's functions for
 * them, which fill the processor alone; all else becomes jobs, of which the
 * library works on as many at once as it has lanes, whatever SAs they belong
 * to. The last are flushed before a vector is handed back: none is ever left
 * inside.
 *
 * Key schedules and the states of HMAC's two pads are computed once, when the
 * SA is installed, and so is the job; a packet copies it and fills in where it
 * lies. Tags are compared here, in constant time. Nothing is allocated per
 * packet.
 *
 * Left to the next engine: what version 1.3 of the library lacks (AES-192-CCM,
 * SM4, SM3), and HMAC keys longer than a block, which would have to be hashed
 * first.
 *
 * RFC 2104, 2404, 2405, 2410, 2451, 3566, 3602, 3686, 4106, 4303, 4309, 4494,
 * 4543, 4868, 7634.
 */
#include "alg_ipsecmb.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NO_COMPAT_IMB_API_053
#include <intel-ipsec-mb.h>

#include "be.h"
#include "secret.h"

static_assert(IMB_VERSION_NUM >= IMB_VERSION(1, 3, 0), "its job API");
static_assert(ALG_VEC_MAX <= IMB_MAX_JOBS, "a vector fits its queue");

#define ALIGN 64 /* of keys, as the library wants it */
#define NONCE_OCTETS 12
#define SALT_MAX 4
#define SCHEDULE_OCTETS 240 /* AES-256: 15 round keys */
#define HMAC_BLOCK_MAX 128
#define TAG_MAX 64
#define AAD_ESN_OCTETS 12
#define DES_ROUNDS 16
#define DES_OCTETS 8
#define WIDE                                                                   \
	(IMB_FEATURE_VAES | IMB_FEATURE_VPCLMULQDQ | IMB_FEATURE_AVX512_SKX)
#define AHEAD 8 /* packets: keys come from memory while so many are sealed */
#define GCM_BLOCK 16
#define KEYS_AHEAD 192    /* octets: AES-128's round keys */
#define NARROW_POWERS 256 /* octets: eight powers of the hash key, twice */
#define NEED (IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ)

struct aes_keys {
	_Alignas(16) uint8_t seal[SCHEDULE_OCTETS];
	_Alignas(16) uint8_t open[SCHEDULE_OCTETS];
};

/* One key schedule of DES, or three. */
struct des_keys {
	_Alignas(16) uint64_t schedule[3][DES_ROUNDS];
	const void *schedules[3];
};

struct cmac_keys {
	_Alignas(16) uint8_t schedule[SCHEDULE_OCTETS];
	_Alignas(16) uint8_t sub1[16];
	_Alignas(16) uint8_t sub2[16];
};

struct xcbc_keys {
	_Alignas(16) uint32_t k1[SCHEDULE_OCTETS / sizeof(uint32_t)];
	_Alignas(16) uint8_t k2[16];
	_Alignas(16) uint8_t k3[16];
};

struct hmac_states {
	_Alignas(16) uint8_t inner[TAG_MAX];
	_Alignas(16) uint8_t outer[TAG_MAX];
};

struct gmac {
	aes_gmac_init_t init;
	aes_gmac_update_t update;
	aes_gmac_finalize_t finalize;
};

struct cipher {
	struct alg_cipher common;
	const struct enc_row *row;
	aes_gcm_enc_dec_t gcm;
	uint8_t salt[SALT_MAX];
	uint16_t salt_octets;
	uint16_t iv_octets;
	uint16_t icv_octets;
	/* Up to here one cache line: all that GCM needs beside its keys. */
	struct gmac gmac;
	IMB_JOB job; /* what is the same for every packet */
	union {
		_Alignas(ALIGN) struct gcm_key_data gcm;
		struct aes_keys aes;
		struct des_keys des;
	} enc;
	union {
		struct hmac_states hmac;
		struct cmac_keys cmac;
		struct xcbc_keys xcbc;
	} auth;
};

/* What one job needs until it is done. */
struct slot {
	uint8_t nonce[NONCE_OCTETS];
	uint8_t aad[AAD_ESN_OCTETS];
	uint8_t tag[TAG_MAX];
	uint8_t icv[IPSEC_ALG_ICV_MAX]; /* open: as it came */
};

struct engine {
	struct alg_engine common;
	IMB_MGR *mgr;
	size_t mgr_octets;
	bool wide; /* GCM over the widest vectors: 48 powers of the hash key */
	_Alignas(16) struct gcm_context_data gcm;
	struct slot slots[ALG_VEC_MAX];
};

typedef void run_fn(struct engine *e, const struct cipher *c, struct slot *s,
		    struct esp_op *op);

static run_fn gcm_run, gmac_run;

struct enc_row {
	/* NULL: this engine does not do it. */
	void (*key)(IMB_MGR *mgr, struct cipher *c, const uint8_t *key);
	run_fn *run; /* NULL: runs as a job */
	IMB_CIPHER_MODE mode;
	bool nonce; /* salt and IV (RFC 4106, 3686, 7634), else the IV alone */
	IMB_HASH_ALG aead; /* 0: composed with an authentication */
};

struct auth_row {
	/* NULL: this engine does not do it. -ENOTSUP for some keys. */
	int (*key)(IMB_MGR *mgr, struct cipher *c, const struct auth_row *row,
		   const uint8_t *key, unsigned octets);
	void (*block)(IMB_MGR *mgr, const uint8_t *block, uint8_t *state);
	IMB_HASH_ALG hash;
	unsigned block_octets;
	unsigned tag_octets; /* uncut */
};

static void
key_null(IMB_MGR *mgr, struct cipher *c, const uint8_t *key)
{
	(void)mgr;
	(void)c;
	(void)key;
}

#define KEY_AES(bits)                                                          \
	static void key_aes##bits(IMB_MGR *mgr, struct cipher *c,              \
				  const uint8_t *key)                          \
	{                                                                      \
		IMB_AES_KEYEXP_##bits(mgr, key, c->enc.aes.seal,               \
				      c->enc.aes.open);                        \
		c->job.enc_keys = c->enc.aes.seal;                             \
		c->job.dec_keys = c->enc.aes.open;                             \
	}
#define KEY_GCM(bits)                                                          \
	static void key_gcm##bits(IMB_MGR *mgr, struct cipher *c,              \
				  const uint8_t *key)                          \
	{                                                                      \
		IMB_AES##bits##_GCM_PRE(mgr, key, &c->enc.gcm);                \
		c->gcm = c->common.direction == ALG_SEAL                       \
			     ? mgr->gcm##bits##_enc                            \
			     : mgr->gcm##bits##_dec;                           \
		c->gmac = (struct gmac){mgr->gmac##bits##_init,                \
					mgr->gmac##bits##_update,              \
					mgr->gmac##bits##_finalize};           \
	}
/* Both halves of CCM, counter mode and CBC-MAC, only ever encrypt. */
#define KEY_CCM(bits)                                                          \
	static void key_ccm##bits(IMB_MGR *mgr, struct cipher *c,              \
				  const uint8_t *key)                          \
	{                                                                      \
		key_aes##bits(mgr, c, key);                                    \
		c->job.dec_keys = c->job.enc_keys;                             \
	}

KEY_AES(128)
KEY_AES(192)
KEY_AES(256)
KEY_GCM(128)
KEY_GCM(192)
KEY_GCM(256)
KEY_CCM(128)
KEY_CCM(256)

static void
key_des(IMB_MGR *mgr, struct cipher *c, const uint8_t *key)
{
	struct des_keys *k = &c->enc.des;

	IMB_DES_KEYSCHED(mgr, k->schedule[0], key);
	c->job.enc_keys = k->schedule[0];
	c->job.dec_keys = k->schedule[0];
}

static void
key_3des(IMB_MGR *mgr, struct cipher *c, const uint8_t *key)
{
	struct des_keys *k = &c->enc.des;

	for (unsigned i = 0; i < 3; i++) {
		IMB_DES_KEYSCHED(mgr, k->schedule[i], key + i * DES_OCTETS);
		k->schedules[i] = k->schedule[i];
	}
	c->job.enc_keys = k->schedules;
	c->job.dec_keys = k->schedules;
}

/* The library reads it where the caller keeps it. */
static void
key_chacha20(IMB_MGR *mgr, struct cipher *c, const uint8_t *key)
{
	(void)mgr;
	c->job.enc_keys = key;
	c->job.dec_keys = key;
}

#define BLOCK(name, NAME)                                                      \
	static void block_##name(IMB_MGR *mgr, const uint8_t *block,           \
				 uint8_t *state)                               \
	{                                                                      \
		IMB_##NAME##_ONE_BLOCK(mgr, block, state);                     \
	}

BLOCK(md5, MD5)
BLOCK(sha1, SHA1)
BLOCK(sha256, SHA256)
BLOCK(sha384, SHA384)
BLOCK(sha512, SHA512)

/* The state after one block of key and pad (RFC 2104 section 4). */
static void
hmac_pad(IMB_MGR *mgr, const struct auth_row *row, const uint8_t *key,
	 unsigned octets, uint8_t pad, uint8_t *state)
{
	uint8_t block[HMAC_BLOCK_MAX];

	memset(block, pad, sizeof block);
	for (unsigned i = 0; i < octets; i++)
		block[i] ^= key[i];
	row->block(mgr, block, state);
	secret_wipe(block, sizeof block);
}

static int
key_hmac(IMB_MGR *mgr, struct cipher *c, const struct auth_row *row,
	 const uint8_t *key, unsigned octets)
{
	struct hmac_states *s = &c->auth.hmac;

	if (octets > row->block_octets)
		return -ENOTSUP;
	hmac_pad(mgr, row, key, octets, 0x36, s->inner);
	hmac_pad(mgr, row, key, octets, 0x5c, s->outer);
	c->job.u.HMAC._hashed_auth_key_xor_ipad = s->inner;
	c->job.u.HMAC._hashed_auth_key_xor_opad = s->outer;
	return 0;
}

static int
key_cmac(IMB_MGR *mgr, struct cipher *c, const struct auth_row *row,
	 const uint8_t *key, unsigned octets)
{
	struct cmac_keys *k = &c->auth.cmac;
	_Alignas(16) uint8_t unused[SCHEDULE_OCTETS];

	if (octets != row->block_octets)
		return -ENOTSUP;
	IMB_AES_KEYEXP_128(mgr, key, k->schedule, unused);
	IMB_AES_CMAC_SUBKEY_GEN_128(mgr, k->schedule, k->sub1, k->sub2);
	secret_wipe(unused, sizeof unused);
	c->job.u.CMAC._key_expanded = k->schedule;
	c->job.u.CMAC._skey1 = k->sub1;
	c->job.u.CMAC._skey2 = k->sub2;
	return 0;
}

static int
key_xcbc(IMB_MGR *mgr, struct cipher *c, const struct auth_row *row,
	 const uint8_t *key, unsigned octets)
{
	struct xcbc_keys *k = &c->auth.xcbc;

	if (octets != row->block_octets)
		return -ENOTSUP;
	IMB_AES_XCBC_KEYEXP(mgr, key, k->k1, k->k2, k->k3);
	c->job.u.XCBC._k1_expanded = k->k1;
	c->job.u.XCBC._k2 = k->k2;
	c->job.u.XCBC._k3 = k->k3;
	return 0;
}

static int
key_none(IMB_MGR *mgr, struct cipher *c, const struct auth_row *row,
	 const uint8_t *key, unsigned octets)
{
	(void)mgr;
	(void)c;
	(void)row;
	(void)key;
	(void)octets;
	return 0;
}

/* clang-format off */
#define CBC(bits) { key_aes##bits, NULL, IMB_CIPHER_CBC, false, 0 }
#define CTR(bits) { key_aes##bits, NULL, IMB_CIPHER_CNTR, true, 0 }
#define GCM(bits) { key_gcm##bits, gcm_run, IMB_CIPHER_GCM, true, \
	IMB_AUTH_AES_GMAC }
#define GMAC(bits) { key_gcm##bits, gmac_run, IMB_CIPHER_GCM, true, \
	IMB_AUTH_AES_GMAC }
#define CCM(bits) { key_ccm##bits, NULL, IMB_CIPHER_CCM, true, \
	IMB_AUTH_AES_CCM }

static const struct enc_row enc_rows[IPSEC_ALG_MAX] = {
    [IPSEC_ALG_NULL] = { key_null, NULL, IMB_CIPHER_NULL, false, 0 },
    [IPSEC_ALG_AES128_CBC] = CBC(128),
    [IPSEC_ALG_AES192_CBC] = CBC(192),
    [IPSEC_ALG_AES256_CBC] = CBC(256),
    [IPSEC_ALG_AES128_CTR] = CTR(128),
    [IPSEC_ALG_AES192_CTR] = CTR(192),
    [IPSEC_ALG_AES256_CTR] = CTR(256),
    [IPSEC_ALG_AES128_GCM8] = GCM(128),
    [IPSEC_ALG_AES192_GCM8] = GCM(192),
    [IPSEC_ALG_AES256_GCM8] = GCM(256),
    [IPSEC_ALG_AES128_GCM12] = GCM(128),
    [IPSEC_ALG_AES192_GCM12] = GCM(192),
    [IPSEC_ALG_AES256_GCM12] = GCM(256),
    [IPSEC_ALG_AES128_GCM16] = GCM(128),
    [IPSEC_ALG_AES192_GCM16] = GCM(192),
    [IPSEC_ALG_AES256_GCM16] = GCM(256),
    [IPSEC_ALG_AES128_GMAC] = GMAC(128),
    [IPSEC_ALG_AES192_GMAC] = GMAC(192),
    [IPSEC_ALG_AES256_GMAC] = GMAC(256),
    [IPSEC_ALG_AES128_CCM8] = CCM(128),
    [IPSEC_ALG_AES256_CCM8] = CCM(256),
    [IPSEC_ALG_AES128_CCM12] = CCM(128),
    [IPSEC_ALG_AES256_CCM12] = CCM(256),
    [IPSEC_ALG_AES128_CCM16] = CCM(128),
    [IPSEC_ALG_AES256_CCM16] = CCM(256),
    [IPSEC_ALG_CHACHA20_POLY1305] = { key_chacha20, NULL,
	IMB_CIPHER_CHACHA20_POLY1305, true, IMB_AUTH_CHACHA20_POLY1305 },
    [IPSEC_ALG_3DES_CBC] = { key_3des, NULL, IMB_CIPHER_DES3, false, 0 },
    [IPSEC_ALG_DES_CBC] = { key_des, NULL, IMB_CIPHER_DES, false, 0 },
};

static const struct auth_row auth_rows[IPSEC_ALG_MAX] = {
    [IPSEC_ALG_NONE] = { key_none, NULL, IMB_AUTH_NULL, 0, 0 },
    [IPSEC_ALG_HMAC_MD5_96] = { key_hmac, block_md5, IMB_AUTH_MD5, 64, 16 },
    [IPSEC_ALG_HMAC_SHA1_96] = { key_hmac, block_sha1, IMB_AUTH_HMAC_SHA_1,
	64, 20 },
    [IPSEC_ALG_HMAC_SHA256_96] = { key_hmac, block_sha256,
	IMB_AUTH_HMAC_SHA_256, 64, 32 },
    [IPSEC_ALG_HMAC_SHA256_128] = { key_hmac, block_sha256,
	IMB_AUTH_HMAC_SHA_256, 64, 32 },
    [IPSEC_ALG_HMAC_SHA384_192] = { key_hmac, block_sha384,
	IMB_AUTH_HMAC_SHA_384, 128, 48 },
    [IPSEC_ALG_HMAC_SHA512_256] = { key_hmac, block_sha512,
	IMB_AUTH_HMAC_SHA_512, 128, 64 },
    [IPSEC_ALG_AES_CMAC_96] = { key_cmac, NULL, IMB_AUTH_AES_CMAC, 16, 16 },
    [IPSEC_ALG_AES_XCBC_96] = { key_xcbc, NULL, IMB_AUTH_AES_XCBC, 16, 12 },
};
/* clang-format on */

static void
ipsecmb_cipher_free(struct alg_cipher *cipher)
{
	secret_wipe(cipher, sizeof(struct cipher));
	free(cipher);
}

/* What every packet's job has in common, but for the keys. */
static void
job_init(struct cipher *c, const struct ipsec_alg *enc,
	 const struct auth_row *auth)
{
	IMB_JOB *job = &c->job;
	bool seal = c->common.direction == ALG_SEAL;
	/* CCM authenticates the clear text, all others the sealed one. */
	bool cipher_first = seal != (c->row->mode == IMB_CIPHER_CCM);

	job->cipher_mode = c->row->mode;
	job->cipher_direction = seal ? IMB_DIR_ENCRYPT : IMB_DIR_DECRYPT;
	job->chain_order =
	    cipher_first ? IMB_ORDER_CIPHER_HASH : IMB_ORDER_HASH_CIPHER;
	job->key_len_in_bytes = enc->key_octets;
	job->iv_len_in_bytes =
	    c->row->nonce ? enc->salt_octets + enc->iv_octets : enc->iv_octets;
	job->hash_alg = enc->aead ? c->row->aead : auth->hash;
	job->auth_tag_output_len_in_bytes =
	    enc->aead ? enc->icv_octets : auth->tag_octets;
}

static int
ipsecmb_cipher_new(struct alg_engine *engine, const struct alg_keys *keys,
		   struct alg_cipher **cipher)
{
	struct engine *e = (struct engine *)engine;
	const struct ipsec_alg *enc = ipsec_alg_get(keys->enc);
	const struct ipsec_alg *mac = ipsec_alg_get(keys->auth);
	const struct auth_row *auth = &auth_rows[keys->auth];
	struct cipher *c;
	int err;

	static_assert(sizeof(*c) % ALIGN == 0, "as aligned_alloc() wants it");
	if (enc_rows[keys->enc].key == NULL || auth->key == NULL)
		return -ENOTSUP;
	c = aligned_alloc(ALIGN, sizeof(*c));
	if (c == NULL)
		return -ENOMEM;
	memset(c, 0, sizeof(*c));
	c->common.direction = keys->direction;
	c->row = &enc_rows[keys->enc];
	assert(enc->salt_octets <= SALT_MAX);
	if (enc->salt_octets != 0)
		memcpy(c->salt, keys->enc_key + enc->key_octets,
		       enc->salt_octets);
	c->salt_octets = (uint16_t)enc->salt_octets;
	c->iv_octets = (uint16_t)enc->iv_octets;
	c->icv_octets =
	    (uint16_t)(enc->aead ? enc->icv_octets : mac->icv_octets);
	job_init(c, enc, auth);
	c->row->key(e->mgr, c, keys->enc_key);
	err = auth->key(e->mgr, c, auth, keys->auth_key, keys->auth_key_octets);
	if (err != 0) {
		ipsecmb_cipher_free(&c->common);
		return err;
	}
	*cipher = &c->common;
	return 0;
}

static void
nonce_put(const struct cipher *c, const uint8_t *iv,
	  uint8_t nonce[NONCE_OCTETS])
{
	memcpy(nonce, c->salt, c->salt_octets);
	memcpy(nonce + c->salt_octets, iv, c->iv_octets);
}

/*
 * What is authenticated before the text; with ESN the high half stands between
 * SPI and low half (RFC 4106 section 5).
 */
static const uint8_t *
aad_put(const struct esp_op *op, uint8_t aad[AAD_ESN_OCTETS], uint64_t *octets)
{
	struct be32 high = be32_put(op->seq_high);

	*octets = op->aad_octets;
	if (!op->esn)
		return op->aad;
	assert(op->aad_octets == AAD_ESN_OCTETS - sizeof(high));
	memcpy(aad, op->aad, 4);
	memcpy(aad + 4, high.b, sizeof(high));
	memcpy(aad + 8, op->aad + 4, 4);
	*octets = AAD_ESN_OCTETS;
	return aad;
}

static void
gcm_run(struct engine *e, const struct cipher *c, struct slot *s,
	struct esp_op *op)
{
	bool seal = c->common.direction == ALG_SEAL;
	uint64_t octets;
	const uint8_t *aad = aad_put(op, s->aad, &octets);

	nonce_put(c, op->iv, s->nonce);
	c->gcm(&c->enc.gcm, &e->gcm, op->text, op->text, op->text_octets,
	       s->nonce, aad, octets, seal ? op->icv : s->tag, c->icv_octets);
	op->result = 0;
	if (!seal && !secret_equal(s->tag, op->icv, c->icv_octets))
		op->result = -EBADMSG;
}

/*
 * RFC 4543 section 3.3: all of it is AAD. Header, IV and text lie in one piece;
 * under ESN the number's high half stands in the header.
 */
static void
gmac_run(struct engine *e, const struct cipher *c, struct slot *s,
	 struct esp_op *op)
{
	bool seal = c->common.direction == ALG_SEAL;
	uint64_t octets;
	const uint8_t *aad = aad_put(op, s->aad, &octets);

	nonce_put(c, op->iv, s->nonce);
	c->gmac.init(&c->enc.gcm, &e->gcm, s->nonce, NONCE_OCTETS);
	c->gmac.update(&c->enc.gcm, &e->gcm, aad, octets);
	c->gmac.update(&c->enc.gcm, &e->gcm, op->iv,
		       (uint64_t)c->iv_octets + op->text_octets);
	c->gmac.finalize(&c->enc.gcm, &e->gcm, seal ? op->icv : s->tag,
			 c->icv_octets);
	op->result = 0;
	if (!seal && !secret_equal(s->tag, op->icv, c->icv_octets))
		op->result = -EBADMSG;
}

/* CCM keeps its AAD where ChaCha20-Poly1305 does. */
static_assert(offsetof(IMB_JOB, u.CCM.aad) ==
		      offsetof(IMB_JOB, u.CHACHA20_POLY1305.aad) &&
		  offsetof(IMB_JOB, u.CCM.aad_len_in_bytes) ==
		      offsetof(IMB_JOB, u.CHACHA20_POLY1305.aad_len_in_bytes),
	      "one way to fill both");

static void
job_fill_aead(IMB_JOB *job, struct slot *s, const struct esp_op *op)
{
	uint64_t octets;

	job->src = op->text;
	job->msg_len_to_hash_in_bytes = op->text_octets;
	job->u.CHACHA20_POLY1305.aad = aad_put(op, s->aad, &octets);
	job->u.CHACHA20_POLY1305.aad_len_in_bytes = octets;
}

/*
 * Header, IV and text lie in one piece (RFC 4303 section 2.8). The ESN's high
 * half follows them where the ICV will lie, or lay (section 2.2.1).
 */
static void
job_fill_composed(IMB_JOB *job, const struct esp_op *op)
{
	struct be32 high = be32_put(op->seq_high);
	uint64_t front = (uint64_t)(op->text - op->aad);

	job->src = op->aad;
	job->cipher_start_src_offset_in_bytes = front;
	job->msg_len_to_hash_in_bytes = front + op->text_octets;
	if (op->text_octets == 0)
		job->cipher_mode = IMB_CIPHER_NULL;
	if (!op->esn || job->hash_alg == IMB_AUTH_NULL)
		return;
	assert(op->icv == op->text + op->text_octets);
	memcpy(op->icv, high.b, sizeof(high));
	job->msg_len_to_hash_in_bytes += sizeof(high);
}

static void
job_fill(const struct cipher *c, struct slot *s, struct esp_op *op,
	 IMB_JOB *job)
{
	*job = c->job;
	job->dst = op->text;
	job->msg_len_to_cipher_in_bytes = op->text_octets;
	job->auth_tag_output = s->tag;
	job->user_data = op;
	job->user_data2 = s;
	job->iv = op->iv;
	if (c->row->nonce) {
		nonce_put(c, op->iv, s->nonce);
		job->iv = s->nonce;
	}
	if (c->common.direction == ALG_OPEN)
		memcpy(s->icv, op->icv, c->icv_octets);
	if (c->row->aead != 0)
		job_fill_aead(job, s, op);
	else
		job_fill_composed(job, op);
}

static void
job_take(const IMB_JOB *job)
{
	struct esp_op *op = job->user_data;
	const struct slot *s = job->user_data2;
	const struct cipher *c = (const struct cipher *)op->cipher;

	if (job->status != IMB_STATUS_COMPLETED) {
		op->result = -EIO;
		return;
	}
	op->result = 0;
	if (c->common.direction == ALG_SEAL) {
		memcpy(op->icv, s->tag, c->icv_octets);
		return;
	}
	memcpy(op->icv, s->icv, c->icv_octets);
	if (!secret_equal(s->tag, s->icv, c->icv_octets))
		op->result = -EBADMSG;
}

static void
lines_ahead(const void *at, size_t octets)
{
	for (size_t i = 0; i < octets; i += ALIGN)
		__builtin_prefetch((const char *)at + i);
}

/*
 * Asks for the keys of a packet that comes a little later: with many SAs each
 * packet's lie elsewhere. Of a GCM key the round keys, and as many powers of
 * the hash key as there are blocks; where the processor is wide the first power
 * stands last.
 */
static void
keys_ahead(const struct engine *e, const struct esp_op *op)
{
	const struct cipher *c = (const struct cipher *)op->cipher;
	const struct gcm_key_data *gcm = &c->enc.gcm;
	size_t powers = op->text_octets + 3 * GCM_BLOCK;

	if (c->row->run == NULL) {
		lines_ahead(&c->job, sizeof(c->job));
		lines_ahead(c->common.direction == ALG_SEAL ? c->enc.aes.seal
							    : c->enc.aes.open,
			    KEYS_AHEAD);
		lines_ahead(&c->auth, sizeof(c->auth.hmac));
		return;
	}
	lines_ahead(gcm, KEYS_AHEAD);
	if (powers > sizeof(*gcm) - KEYS_AHEAD)
		powers = sizeof(*gcm) - KEYS_AHEAD;
	if (e->wide)
		lines_ahead((const char *)(gcm + 1) - powers, powers);
	else
		lines_ahead((const char *)gcm + KEYS_AHEAD, NARROW_POWERS);
}

/* Jobs come back in the order they went in, though not one for one. */
static void
ipsecmb_run(struct alg_engine *engine, struct esp_op *const ops[], unsigned n)
{
	struct engine *e = (struct engine *)engine;
	IMB_JOB *job;

	for (unsigned i = 0; i < n; i++) {
		const struct cipher *c = (const struct cipher *)ops[i]->cipher;

		if (i + AHEAD < n && ops[i + AHEAD]->cipher != ops[i]->cipher)
			keys_ahead(e, ops[i + AHEAD]);
		if (c->row->run != NULL) {
			c->row->run(e, c, &e->slots[i], ops[i]);
			continue;
		}
		job_fill(c, &e->slots[i], ops[i], IMB_GET_NEXT_JOB(e->mgr));
		job = IMB_SUBMIT_JOB(e->mgr);
		while (job != NULL) {
			job_take(job);
			job = IMB_GET_COMPLETED_JOB(e->mgr);
		}
	}
	while ((job = IMB_FLUSH_JOB(e->mgr)) != NULL)
		job_take(job);
}

/* The manager's lanes held keys and packets. */
static void
ipsecmb_free(struct alg_engine *engine)
{
	struct engine *e = (struct engine *)engine;

	if (e->mgr != NULL)
		secret_wipe(e->mgr, e->mgr_octets);
	free(e->mgr);
	secret_wipe(e, sizeof(*e));
	free(e);
}

/* The fastest code of the library that this processor can run. */
static int
manager_init(struct engine *e)
{
	e->mgr_octets = (imb_get_mb_mgr_size() + ALIGN - 1) / ALIGN * ALIGN;
	e->mgr = aligned_alloc(ALIGN, e->mgr_octets);
	if (e->mgr == NULL)
		return -ENOMEM;
	memset(e->mgr, 0, e->mgr_octets);
	if (imb_set_pointers_mb_mgr(e->mgr, 0, 1) == NULL ||
	    (e->mgr->features & NEED) != NEED)
		return -ENOTSUP;
	init_mb_mgr_auto(e->mgr, NULL);
	e->wide = (e->mgr->features & WIDE) == WIDE;
	if (imb_get_errno(e->mgr) != 0)
		return -ENOTSUP;
	if ((e->mgr->features & IMB_FEATURE_SELF_TEST) != 0 &&
	    (e->mgr->features & IMB_FEATURE_SELF_TEST_PASS) == 0)
		return -ENOTSUP;
	return 0;
}

int
alg_ipsecmb_new(struct alg_engine **engine)
{
	struct engine *e = calloc(1, sizeof(*e)); /* aligned to 16 */
	int err;

	if (e == NULL)
		return -ENOMEM;
	e->common = (struct alg_engine){
	    .id = ALG_ENGINE_IPSECMB,
	    .cipher_new = ipsecmb_cipher_new,
	    .cipher_free = ipsecmb_cipher_free,
	    .seal = ipsecmb_run,
	    .open = ipsecmb_run,
	    .free = ipsecmb_free,
	};
	err = manager_init(e);
	if (err != 0) {
		ipsecmb_free(&e->common);
		return err;
	}
	*engine = &e->common;
	return 0;
}
