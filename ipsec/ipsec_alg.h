/*
 * What an IPsec algorithm is: the one table of names, lengths and RFCs. Facts
 * only, no crypto: the configuration reads it to check names and keys, the
 * engines read it to make contexts, key export reads Wireshark's names.
 *
 * Key material as configured or negotiated is key_octets of key followed by
 * salt_octets of salt (AEAD and CTR; RFC 4106 section 8.1, RFC 3686 section
 * 5.1): ipsec_alg_keymat_octets() in all.
 */
#ifndef IPSEC_ALG_H
#define IPSEC_ALG_H

#include <stdbool.h>
#include <stddef.h>

enum ipsec_alg_kind { IPSEC_ALG_ENCRYPTION, IPSEC_ALG_AUTHENTICATION };

/* Numbers travel between processes of one version only. */
enum ipsec_alg_id {
	IPSEC_ALG_INVALID = 0,
	IPSEC_ALG_NULL,
	IPSEC_ALG_AES128_CBC,
	IPSEC_ALG_AES192_CBC,
	IPSEC_ALG_AES256_CBC,
	IPSEC_ALG_AES128_CTR,
	IPSEC_ALG_AES192_CTR,
	IPSEC_ALG_AES256_CTR,
	IPSEC_ALG_AES128_GCM8,
	IPSEC_ALG_AES192_GCM8,
	IPSEC_ALG_AES256_GCM8,
	IPSEC_ALG_AES128_GCM12,
	IPSEC_ALG_AES192_GCM12,
	IPSEC_ALG_AES256_GCM12,
	IPSEC_ALG_AES128_GCM16,
	IPSEC_ALG_AES192_GCM16,
	IPSEC_ALG_AES256_GCM16,
	IPSEC_ALG_AES128_GMAC,
	IPSEC_ALG_AES192_GMAC,
	IPSEC_ALG_AES256_GMAC,
	IPSEC_ALG_AES128_CCM8,
	IPSEC_ALG_AES192_CCM8,
	IPSEC_ALG_AES256_CCM8,
	IPSEC_ALG_AES128_CCM12,
	IPSEC_ALG_AES192_CCM12,
	IPSEC_ALG_AES256_CCM12,
	IPSEC_ALG_AES128_CCM16,
	IPSEC_ALG_AES192_CCM16,
	IPSEC_ALG_AES256_CCM16,
	IPSEC_ALG_CHACHA20_POLY1305,
	IPSEC_ALG_3DES_CBC,
	IPSEC_ALG_DES_CBC,
	IPSEC_ALG_SM4_CBC,
	IPSEC_ALG_NONE, /* authentication: none, or done by an AEAD */
	IPSEC_ALG_HMAC_MD5_96,
	IPSEC_ALG_HMAC_SHA1_96,
	IPSEC_ALG_HMAC_SHA256_96,
	IPSEC_ALG_HMAC_SHA256_128,
	IPSEC_ALG_HMAC_SHA384_192,
	IPSEC_ALG_HMAC_SHA512_256,
	IPSEC_ALG_AES_XCBC_96,
	IPSEC_ALG_AES_CMAC_96,
	IPSEC_ALG_HMAC_SM3_96,
	IPSEC_ALG_HMAC_SM3_128,
	IPSEC_ALG_HMAC_SM3_160,
	IPSEC_ALG_HMAC_SM3_192,
	IPSEC_ALG_HMAC_SM3_224,
	IPSEC_ALG_HMAC_SM3,
	IPSEC_ALG_MAX
};

#define IPSEC_ALG_KEY_MAX 64 /* longest key with its salt, octets */
#define IPSEC_ALG_IV_MAX 16
#define IPSEC_ALG_ICV_MAX 32
#define IPSEC_ALG_SALT_MAX 4
#define IPSEC_ALG_BLOCK_MAX 16

struct ipsec_alg {
	const char *name;      /* as configured and shown: "aes-128-cbc" */
	const char *verdict;   /* "current", "legacy", "broken"; see below */
	const char *wireshark; /* its name in Wireshark's esp_sa, or NULL */
	enum ipsec_alg_kind kind;
	const char *standard;  /* where it is not an RFC: what defines it */
	unsigned rfc;          /* the RFC of its use in ESP, 0: none */
	unsigned key_octets;   /* without the salt */
	unsigned salt_octets;  /* follow the key in key material */
	unsigned iv_octets;    /* in the packet */
	unsigned block_octets; /* text is a multiple of it; 1: any length */
	unsigned icv_octets;   /* of an AEAD or an authentication */
	bool aead;             /* authenticates too; its partner is "none" */
	bool counter_iv;       /* IV is a number that must never repeat */
	bool ipsecmb;          /* the multi-buffer engine has it too */
	bool seos;             /* the SmartEdge release had it */
};

/*
 * Verdicts are RFC 8221's: broken is MUST NOT, legacy is SHOULD NOT, MUST- or
 * superseded, current the rest. On what it does not speak of they are ours:
 * SM3 and SM4 are current, the draft's cut of SHA-256 is legacy. "none" is
 * current beside an AEAD; ipsec_alg_pair_unauthenticated() tells the other use.
 */

/* NULL for numbers that are no algorithm; static otherwise. */
const struct ipsec_alg *ipsec_alg_get(enum ipsec_alg_id id);

/*
 * The algorithm of that name and kind, IPSEC_ALG_INVALID if there is none.
 * Names are compared exactly.
 */
enum ipsec_alg_id ipsec_alg_find(const char *name, enum ipsec_alg_kind kind);

/* Octets of key material: key and salt. */
unsigned ipsec_alg_keymat_octets(const struct ipsec_alg *alg);

/*
 * Whether ESP may combine the two: an AEAD with none and nothing else; null
 * encryption with an authentication only (RFC 4303 section 3.2: both null is
 * no ESP); counter mode with an authentication only (RFC 3686 section 7).
 */
bool ipsec_alg_pair_valid(enum ipsec_alg_id enc, enum ipsec_alg_id auth);

/*
 * Whether the pair encrypts and authenticates nothing: allowed (RFC 4303
 * section 3.2 MAY), but open to who changes packets in flight (RFC 8221
 * section 4 MUST NOT), so that the operator is to be warned.
 */
bool ipsec_alg_pair_unauthenticated(enum ipsec_alg_id enc,
				    enum ipsec_alg_id auth);

#endif
