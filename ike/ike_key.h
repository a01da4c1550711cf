/*
 * Keys that sign, and what IKE does with them: AUTH of IKEv2 by methods 1, 9 to
 * 11 (RFC 7296, 4754) and 14 (RFC 7427, 8420), and SIG of IKEv1 (RFC 2409
 * section 5.1). RSA, EC on P-256, P-384 and P-521, Ed25519.
 *
 * ECDSA and RSASSA-PSS draw their randomness inside OpenSSL: signatures of
 * theirs never repeat, and a nonce that a caller could choose would give the
 * key away.
 */
#ifndef IKE_KEY_H
#define IKE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ike_crypto.h"

#define IKE_SIGNATURE_MAX 1200 /* RSA-8192 and its AlgorithmIdentifier */

/* A private or a public key. */
struct ike_key;

struct evp_pkey_st;
/* Takes pkey over, also where it fails: NULL, without memory. For pki*.c. */
struct ike_key *ike_key_wrap(struct evp_pkey_st *pkey);
struct evp_pkey_st *ike_key_evp(const struct ike_key *key);
/* Accepts NULL, leaves NULL; what OpenSSL keeps of it is wiped. */
void ike_key_free(struct ike_key **key);

enum ike_key_kind { IKE_KEY_RSA = 1, IKE_KEY_EC, IKE_KEY_ED25519 };
enum ike_key_kind ike_key_kind(const struct ike_key *key);
unsigned ike_key_bits(const struct ike_key *key);

/* IKEv2 authentication methods, RFC 7296 section 3.8. */
enum ike_auth_method {
	IKE_METHOD_RSA = 1,
	IKE_METHOD_PSK = 2,
	IKE_METHOD_ECDSA_256 = 9,
	IKE_METHOD_ECDSA_384 = 10,
	IKE_METHOD_ECDSA_521 = 11,
	IKE_METHOD_SIGNATURE = 14
};

/* Bit of a hash in a set of SIGNATURE_HASH_ALGORITHMS. */
#define IKE_HASH_BIT(hash) (1U << (hash))

/*
 * The method that the key signs by, for a peer that told the hashes in the set
 * (0: it knows no RFC 7427), and the hash: the strongest that fits. -ENOTSUP:
 * none.
 */
int ike_key_method(const struct ike_key *key, unsigned hashes,
		   enum ike_auth_method *method, enum ike_hash *hash);

/*
 * The Authentication Data over the pieces; of method 14 with its
 * AlgorithmIdentifier. hash is read by method 14 alone: method 1 is SHA-1 (RFC
 * 7296 section 2.15), the others have theirs. -EINVAL: the key can not do it;
 * -ENOSPC, -ENOMEM, -EIO.
 */
int ike_key_sign(const struct ike_key *key, enum ike_auth_method method,
		 enum ike_hash hash, const struct alg_piece pieces[],
		 unsigned n, uint8_t *out, size_t room, size_t *octets);

/*
 * Whether it is the key's: 0 or -EBADMSG. -ENOTSUP: a method or an
 * AlgorithmIdentifier that we do not know, or whose hash is not in the set that
 * we told (method 14).
 */
int ike_key_verify(const struct ike_key *key, enum ike_auth_method method,
		   unsigned hashes, const struct alg_piece pieces[], unsigned n,
		   const uint8_t *auth, size_t octets);

/*
 * SIG of IKEv1: RSA by PKCS #1 over HASH_I or HASH_R as it is, without a
 * DigestInfo. Errors as above; of other keys -EINVAL and -EBADMSG.
 */
int ike_key_sign_v1(const struct ike_key *key, struct alg_piece hash,
		    uint8_t *out, size_t room, size_t *octets);
int ike_key_verify_v1(const struct ike_key *key, struct alg_piece hash,
		      const uint8_t *sig, size_t octets);

#endif
