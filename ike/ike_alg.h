/*
 * What an algorithm of an IKE SA is: the one table of names, numbers, lengths
 * and RFCs, for IKEv2 and IKEv1. Facts only, no crypto: the configuration reads
 * it to know words, IKE to read and write proposals, ike_crypto.h to compute.
 * What ESP and AH may use is ipsec_alg.h's; which numbers those algorithms have
 * in IKE stands here too.
 *
 * A row is found by IKEv2's transform type and number and, where one number has
 * keys of several lengths, the key's bits.
 */
#ifndef IKE_ALG_H
#define IKE_ALG_H

#include <stdbool.h>
#include <stdint.h>

#include "ipsec_alg.h"

/* RFC 7296 section 3.3.2. */
enum ike_alg_type {
	IKE_ALG_ENCR = 1,
	IKE_ALG_PRF = 2,
	IKE_ALG_INTEG = 3,
	IKE_ALG_DH = 4
};

/* Numbers of IANA's registry "IKEv2 Parameters" that code has to name. */
enum {
	IKE_ENCR_DES = 2,
	IKE_ENCR_3DES = 3,
	IKE_ENCR_NULL = 11,
	IKE_ENCR_AES_CBC = 12,
	IKE_ENCR_AES_CTR = 13,
	IKE_ENCR_AES_CCM_8 = 14,
	IKE_ENCR_AES_CCM_12 = 15,
	IKE_ENCR_AES_CCM_16 = 16,
	IKE_ENCR_AES_GCM_8 = 18,
	IKE_ENCR_AES_GCM_12 = 19,
	IKE_ENCR_AES_GCM_16 = 20,
	IKE_ENCR_NULL_AES_GMAC = 21,
	IKE_ENCR_CHACHA20_POLY1305 = 28,

	IKE_PRF_HMAC_MD5 = 1,
	IKE_PRF_HMAC_SHA1 = 2,
	IKE_PRF_AES_XCBC = 4,
	IKE_PRF_HMAC_SHA256 = 5,
	IKE_PRF_HMAC_SHA384 = 6,
	IKE_PRF_HMAC_SHA512 = 7,
	IKE_PRF_AES_CMAC = 8,

	IKE_INTEG_HMAC_MD5_96 = 1,
	IKE_INTEG_HMAC_SHA1_96 = 2,
	IKE_INTEG_AES_XCBC_96 = 5,
	IKE_INTEG_AES_CMAC_96 = 8,
	IKE_INTEG_HMAC_SHA256_128 = 12,
	IKE_INTEG_HMAC_SHA384_192 = 13,
	IKE_INTEG_HMAC_SHA512_256 = 14,

	IKE_DH_MODP_768 = 1,
	IKE_DH_MODP_1024 = 2,
	IKE_DH_MODP_1536 = 5,
	IKE_DH_MODP_2048 = 14,
	IKE_DH_MODP_3072 = 15,
	IKE_DH_MODP_4096 = 16,
	IKE_DH_MODP_6144 = 17,
	IKE_DH_MODP_8192 = 18,
	IKE_DH_ECP_256 = 19,
	IKE_DH_ECP_384 = 20,
	IKE_DH_ECP_521 = 21,
	IKE_DH_CURVE25519 = 31
};

#define IKE_PRF_OCTETS_MAX 64  /* of output and of a preferred key */
#define IKE_DH_PUBLIC_MAX 1024 /* of a public value */
#define IKE_DH_SECRET_MAX 1024 /* of a shared secret */
#define IKE_DH_PRIVATE_MAX 66  /* of what a private value is drawn from */
#define IKE_ENCR_KEY_MAX IPSEC_ALG_KEY_MAX /* with salt */

enum ike_dh_kind { IKE_DH_MODP = 1, IKE_DH_ECP, IKE_DH_MONTGOMERY };

struct ike_alg {
	const char *name;    /* as configured and shown: "aes-128-cbc", "14" */
	const char *verdict; /* RFC 8247: "current", "legacy", "broken" */
	const char *wireshark; /* its name in Wireshark's table of IKEv2 keys,
				  or NULL */
	enum ike_alg_type type;
	uint16_t id;       /* IKEv2's number */
	uint16_t key_bits; /* the attribute that IKEv2 must send; 0: none */
	uint16_t v1;       /* IKEv1's number: of the cipher, the group, or, of
			      a PRF, its hash; 0: IKEv1 has it not */
	uint16_t rfc;      /* of its use in IKE */
	bool seos;         /* the SmartEdge release had it */
	/*
	 * ENCR: the cipher of ike_crypto.h, whose key, salt, IV, block and ICV
	 * octets ipsec_alg.h has. INTEG and PRF: the MAC; a PRF is not cut.
	 */
	enum ipsec_alg_id ipsec;
	uint16_t key_octets; /* ENCR: without salt; INTEG; PRF: preferred key */
	uint16_t salt_octets;
	uint16_t iv_octets;
	uint16_t block_octets;
	uint16_t icv_octets;     /* INTEG, and ENCR that is an AEAD */
	bool aead;               /* no INTEG beside it (RFC 5282 section 8) */
	uint16_t octets;         /* PRF: of output; DH: of a public value */
	uint16_t secret_octets;  /* DH: of the shared secret */
	uint16_t private_octets; /* DH: of randomness for a private value */
	enum ike_dh_kind dh;
	const char *title; /* DH: "modp-2048" */
};

/*
 * Verdicts: broken is MUST NOT, legacy SHOULD NOT, MAY or MUST-, current the
 * rest and what RFC 8247 does not speak of.
 */

/* Row i, from 0; NULL behind the last. The order and so the numbers are of one
 * version of the program. */
const struct ike_alg *ike_alg_at(unsigned i);

/* key_bits: 0 where the algorithm has one length. NULL: there is none. */
const struct ike_alg *ike_alg_get(enum ike_alg_type type, uint16_t id,
				  uint16_t key_bits);
/* By the word of the configuration; a group also by its title. */
const struct ike_alg *ike_alg_find(enum ike_alg_type type, const char *name);
/*
 * By IKEv1's number (RFC 2409 appendix A, IANA "IPSEC registry"): ENCR with the
 * bits of the attribute key length or 0, PRF by the hash, DH. INTEG: by the
 * hash too, as IKEv1 has no integrity algorithm: NULL.
 */
const struct ike_alg *ike_alg_v1(enum ike_alg_type type, uint16_t number,
				 uint16_t key_bits);
/* The PRF that goes with an integrity algorithm where none is configured. */
const struct ike_alg *ike_alg_prf_of(const struct ike_alg *integ);

/*
 * Algorithms of ESP and AH by their numbers in IKE. Of IKEv2: encryption by
 * transform of type ENCR, authentication by INTEG. Of IKEv1 (RFC 2407 section
 * 4.4.4, 4.5): the transform of ESP; the attribute Authentication Algorithm;
 * the transform of AH. 0: the version has no number for it.
 */
struct ike_esp_alg {
	enum ipsec_alg_id alg;
	uint16_t v2;
	uint16_t
	    key_bits;   /* the attribute Key Length, both versions; 0: none */
	uint16_t v1;    /* ESP transform, or Authentication Algorithm */
	uint16_t v1_ah; /* AH transform */
};

/* NULL: IKE can not speak of it (manual keys can). */
const struct ike_esp_alg *ike_esp_alg_of(enum ipsec_alg_id alg);
/* INVALID: none. kind tells which of the two registries. */
enum ipsec_alg_id ike_esp_alg_v2(enum ipsec_alg_kind kind, uint16_t id,
				 uint16_t key_bits);
enum ipsec_alg_id ike_esp_alg_v1(enum ipsec_alg_kind kind, uint16_t number,
				 uint16_t key_bits);

#endif
