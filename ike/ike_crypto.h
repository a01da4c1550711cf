/*
 * What IKE computes with: hashes, Diffie-Hellman, and the context that holds
 * what is made once for an instance. Ciphers are ike_cipher.h's, key derivation
 * is ike_kdf.h's, signatures are ike_key.h's. Randomness is a parameter.
 *
 * One thread per context.
 */
#ifndef IKE_CRYPTO_H
#define IKE_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#include "alg_mac.h"
#include "ike_alg.h"

struct ike_crypto;
struct alg;

/* -ENOMEM. The caller owns it until ike_crypto_free(), which leaves NULL. */
int ike_crypto_new(struct ike_crypto **crypto);
void ike_crypto_free(struct ike_crypto **crypto);

/* The engine of the ciphers, borrowed; for ike_cipher.c. */
struct alg *ike_crypto_alg(struct ike_crypto *crypto);

/* ---- hashes --------------------------------------------------------- */

#define IKE_HASH_OCTETS_MAX 64

/* Numbers of "IKEv2 Hash Algorithms" (RFC 7427 section 7), and MD5 for IKEv1.
 */
enum ike_hash {
	IKE_HASH_SHA1 = 1,
	IKE_HASH_SHA256 = 2,
	IKE_HASH_SHA384 = 3,
	IKE_HASH_SHA512 = 4,
	IKE_HASH_IDENTITY = 5, /* EdDSA signs what it gets (RFC 8420) */
	IKE_HASH_MD5 = 0x8001
};

/* The hash in the HMAC; 0 where the PRF is none. */
enum ike_hash ike_hash_of(const struct ike_alg *prf);

/* Octets of it; 0 for a number that is none. */
unsigned ike_hash_octets(enum ike_hash hash);

/* Of the pieces one after the other. -ENOTSUP, -EIO. */
int ike_hash(enum ike_hash hash, const struct alg_piece pieces[], unsigned n,
	     uint8_t out[IKE_HASH_OCTETS_MAX]);

/* ---- Diffie-Hellman ------------------------------------------------- */

struct ike_dh;

/*
 * A private value, drawn from random(arg), and its public value. -ENOTSUP: this
 * library lacks the group; -ENOMEM, -EIO, or what random() returned. The caller
 * owns it until ike_dh_free(), which wipes it, accepts NULL and leaves NULL.
 */
int ike_dh_new(struct ike_crypto *crypto, const struct ike_alg *group,
	       int (*random)(void *arg, void *p, size_t octets), void *arg,
	       struct ike_dh **dh);
void ike_dh_free(struct ike_dh **dh);

/* The same with a private value that is known: at most IKE_DH_PRIVATE_MAX
 * octets, in wire order. -ERANGE: the group allows it not. */
int ike_dh_new_private(struct ike_crypto *crypto, const struct ike_alg *group,
		       const uint8_t *private, size_t octets,
		       struct ike_dh **dh);

const struct ike_alg *ike_dh_group(const struct ike_dh *dh);

/*
 * The public value as the KE payload carries it, borrowed: group->octets of it,
 * leading zeros kept (RFC 7296 section 3.4).
 */
const uint8_t *ike_dh_public(const struct ike_dh *dh);

/*
 * The shared secret, group->secret_octets of it, leading zeros kept (RFC 7296
 * section 2.14). The peer's public value must have the group's length and pass
 * RFC 6989's checks: 1 < value < p - 1; a point on the curve; and of Curve25519
 * a secret that is not zero (RFC 8031 section 5). -EINVAL else.
 */
int ike_dh_shared(struct ike_crypto *crypto, const struct ike_dh *dh,
		  const uint8_t *peer, size_t octets,
		  uint8_t secret[IKE_DH_SECRET_MAX]);

#endif
