/*
 * Keys out of secrets: the PRFs of IKE, prf+, and what IKEv2 (RFC 7296 section
 * 2.13 to 2.18) and IKEv1 (RFC 2409 section 5, appendix B) derive with them.
 * Results are the caller's to wipe (secret_wipe()); what is made on the way is
 * wiped here. Every function returns 0, -ENOMEM, -EIO, or -EINVAL for lengths
 * that can not be.
 */
#ifndef IKE_KDF_H
#define IKE_KDF_H

#include <stddef.h>
#include <stdint.h>

#include "ike_crypto.h"

#define IKE_COOKIE_OCTETS 8

/*
 * prf(key, pieces): prf->octets of it. Keys of AES-XCBC and AES-CMAC are made
 * 16 octets long by the rules of RFC 4434 section 2 and RFC 4615 section 3.
 */
int ike_prf(const struct ike_alg *prf, const uint8_t *key, size_t key_octets,
	    const struct alg_piece pieces[], unsigned n,
	    uint8_t out[IKE_PRF_OCTETS_MAX]);

/* prf+ (RFC 7296 section 2.13); at most 255 times prf->octets. */
int ike_prf_plus(const struct ike_alg *prf, const uint8_t *key,
		 size_t key_octets, const struct alg_piece seed[], unsigned n,
		 uint8_t *out, size_t octets);

/* ---- IKEv2 ---------------------------------------------------------- */

/* What an IKE SA is made of, by the names of RFC 7296 section 2.14. */
struct ike_v2_input {
	const struct ike_alg *prf;
	const struct ike_alg *encr;
	const struct ike_alg *integ; /* NULL: an AEAD */
	struct alg_piece shared;     /* g^ir */
	struct alg_piece ni;
	struct alg_piece nr;
	uint8_t spi_i[IKE_COOKIE_OCTETS];
	uint8_t spi_r[IKE_COOKIE_OCTETS];
};

/* Key lengths are those of the algorithms; encryption keys carry their salt. */
struct ike_v2_keys {
	const struct ike_alg *prf;
	const struct ike_alg *encr;
	const struct ike_alg *integ;
	uint8_t d[IKE_PRF_OCTETS_MAX];
	uint8_t ai[IPSEC_ALG_KEY_MAX];
	uint8_t ar[IPSEC_ALG_KEY_MAX];
	uint8_t ei[IKE_ENCR_KEY_MAX];
	uint8_t er[IKE_ENCR_KEY_MAX];
	uint8_t pi[IKE_PRF_OCTETS_MAX];
	uint8_t pr[IKE_PRF_OCTETS_MAX];
};

/*
 * SKEYSEED and the seven keys. old: of the IKE SA that is being rekeyed, whose
 * PRF and SK_d make the seed (section 2.18), or NULL.
 */
int ike_v2_derive(const struct ike_v2_input *in, const struct ike_v2_keys *old,
		  struct ike_v2_keys *keys);

/* SKEYSEED alone, for tests and for who wants to see it. */
int ike_v2_skeyseed(const struct ike_v2_input *in,
		    const struct ike_v2_keys *old,
		    uint8_t seed[IKE_PRF_OCTETS_MAX]);

/* KEYMAT of a child SA (section 2.17); shared: of PFS, or n 0. */
int ike_v2_keymat(const struct ike_v2_keys *keys, struct alg_piece shared,
		  struct alg_piece ni, struct alg_piece nr, uint8_t *out,
		  size_t octets);

/*
 * The third piece of what AUTH covers (section 2.15): prf(SK_p, body of the ID
 * payload). initiator: whose. keys->prf->octets of it.
 */
int ike_v2_mac_id(const struct ike_v2_keys *keys, bool initiator,
		  struct alg_piece id, uint8_t out[IKE_PRF_OCTETS_MAX]);

/* AUTH of a shared secret over message | nonce | the MAC of the identity. */
int ike_v2_psk_auth(const struct ike_alg *prf, struct alg_piece secret,
		    const struct alg_piece pieces[], unsigned n,
		    uint8_t out[IKE_PRF_OCTETS_MAX]);

/* ---- IKEv1 ---------------------------------------------------------- */

struct ike_v1_input {
	const struct ike_alg *prf;
	const struct ike_alg *encr;
	struct alg_piece secret; /* pre-shared key; n 0: signatures */
	struct alg_piece shared; /* g^xy */
	struct alg_piece ni;     /* bodies of the nonces */
	struct alg_piece nr;
	uint8_t cookie_i[IKE_COOKIE_OCTETS];
	uint8_t cookie_r[IKE_COOKIE_OCTETS];
};

struct ike_v1_keys {
	const struct ike_alg *prf;
	const struct ike_alg *encr;
	uint8_t skeyid[IKE_PRF_OCTETS_MAX];
	uint8_t d[IKE_PRF_OCTETS_MAX];
	uint8_t a[IKE_PRF_OCTETS_MAX];
	uint8_t e[IKE_PRF_OCTETS_MAX];
	uint8_t ka[IPSEC_ALG_KEY_MAX]; /* of the cipher */
};

/* SKEYID, SKEYID_d, _a, _e, and the cipher's key (appendix B). */
int ike_v1_derive(const struct ike_v1_input *in, struct ike_v1_keys *keys);

/* The first IV of phase 1, from both public values. */
int ike_v1_iv(const struct ike_v1_keys *keys, struct alg_piece gxi,
	      struct alg_piece gxr, uint8_t iv[IPSEC_ALG_IV_MAX]);
/* The first IV of another exchange: of phase 1's last block and message id. */
int ike_v1_iv_exchange(const struct ike_v1_keys *keys,
		       const uint8_t last[IPSEC_ALG_IV_MAX],
		       uint32_t message_id, uint8_t iv[IPSEC_ALG_IV_MAX]);

/*
 * HASH_I, or with the arguments of the other side HASH_R (section 5): mine
 * stands before theirs in both. sa: body of the initiator's SA payload; id:
 * body of the identity payload of who proves itself.
 */
int ike_v1_hash(const struct ike_v1_keys *keys, struct alg_piece g_mine,
		struct alg_piece g_theirs,
		const uint8_t cookie_mine[IKE_COOKIE_OCTETS],
		const uint8_t cookie_theirs[IKE_COOKIE_OCTETS],
		struct alg_piece sa, struct alg_piece id,
		uint8_t out[IKE_PRF_OCTETS_MAX]);

/* KEYMAT of one SA of quick mode (section 5.5); shared: of PFS, or n 0. */
int ike_v1_keymat(const struct ike_v1_keys *keys, struct alg_piece shared,
		  uint8_t protocol, uint32_t spi, struct alg_piece ni,
		  struct alg_piece nr, uint8_t *out, size_t octets);

#endif
