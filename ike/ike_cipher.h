/*
 * How IKE messages are sealed: the Encrypted payload of IKEv2 (RFC 7296 section
 * 3.14; of AEADs RFC 5282), and the CBC chain of IKEv1 (RFC 2409 appendix B).
 * It is the engine of ESP that does it, so every cipher of ESP is here.
 */
#ifndef IKE_CIPHER_H
#define IKE_CIPHER_H

#include <stddef.h>
#include <stdint.h>

#include "alg.h"
#include "ike_crypto.h"

/* One direction of one IKE SA. */
struct ike_cipher;

/*
 * key: with its salt; integ NULL for an AEAD and for IKEv1. Keys are copied and
 * wiped when it is freed. -EINVAL: a pair that can not be; -ENOTSUP: the
 * library lacks the algorithm; -ENOMEM, -EIO. Owned by the caller until
 * ike_cipher_free(), which accepts NULL and leaves NULL; crypto outlives it.
 */
int ike_cipher_new(struct ike_crypto *crypto, enum alg_direction direction,
		   const struct ike_alg *encr, const uint8_t *key,
		   const struct ike_alg *integ, const uint8_t *integ_key,
		   struct ike_cipher **cipher);
void ike_cipher_free(struct ike_cipher **cipher);

/* ---- IKEv2 ---------------------------------------------------------- */

/* Octets before and after the text: IV; and all that text octets become in the
 * payload's body: IV, text, padding, pad length, ICV. */
size_t ike_sk_iv_octets(const struct ike_cipher *cipher);
size_t ike_sk_octets(const struct ike_cipher *cipher, size_t text);

/*
 * message holds aad octets (the IKE header to the end of the SK payload's
 * generic header or, of SKF, its fragment numbers; lengths already those of the
 * sealed message), then room for the IV, then text octets of payloads, then
 * room for the rest: aad + ike_sk_octets(text) in all. The IV is drawn from
 * random(arg), or counted where it is a counter. -EIO, or what random() said.
 */
int ike_sk_seal(struct ike_cipher *cipher, uint8_t *message, size_t aad,
		size_t text, int (*random)(void *arg, void *p, size_t octets),
		void *arg);

/*
 * Opens it in place. octets: of the whole message. The payloads are then at
 * message + aad + IV, *text of them. -EBADMSG: the ICV is wrong, or the body
 * too short to have one; -EINVAL: genuine, but its padding can not be.
 */
int ike_sk_open(struct ike_cipher *cipher, uint8_t *message, size_t aad,
		size_t octets, size_t *text);

/* ---- IKEv1 ---------------------------------------------------------- */

/*
 * Seals or opens text, a multiple of the block, in place; iv becomes that of
 * the next message of the exchange: the last block sealed. -EINVAL: not a
 * multiple, or nothing; -EIO.
 */
int ike_cbc(struct ike_cipher *cipher, uint8_t iv[IPSEC_ALG_IV_MAX],
	    uint8_t *text, size_t octets);

#endif
