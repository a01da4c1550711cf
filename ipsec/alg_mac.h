/*
 * An authentication algorithm with its key, over octets that need not lie
 * together: the OpenSSL engine authenticates ESP with it, and AH its header,
 * masked, and what follows (RFC 4302 section 3.3.3). Packet by packet; ESP
 * meets the multi-buffer engine through alg.h instead.
 *
 * One thread per MAC.
 */
#ifndef ALG_MAC_H
#define ALG_MAC_H

#include <stddef.h>
#include <stdint.h>

#include "ipsec_alg.h"

#define ALG_MAC_TAG_MAX 64 /* of a MAC before it is cut */

struct alg_mac;

struct alg_piece {
	const uint8_t *octets;
	size_t n;
};

/*
 * auth: an authentication other than none. The key is copied; its length is
 * exact but for HMAC, where it may be any but 0.
 * -EINVAL when the algorithm or the length is wrong, -ENOTSUP when the library
 * lacks it, -ENOMEM, -EIO. The caller owns it until alg_mac_free().
 */
int alg_mac_new(struct alg_mac **mac, enum ipsec_alg_id auth,
		const uint8_t *key, unsigned key_octets);

/* Wipes what was made of the key. Accepts NULL, leaves NULL. */
void alg_mac_free(struct alg_mac **mac);

/*
 * The ICV of the pieces, one after the other: icv_octets of the algorithm are
 * written (AH and ESP: with extended sequence numbers the high half is the last
 * piece, RFC 4302 section 2.5.1). Compare with secret_equal(). -EIO.
 */
int alg_mac_icv(struct alg_mac *mac, const struct alg_piece pieces[],
		unsigned n, uint8_t icv[IPSEC_ALG_ICV_MAX]);

/*
 * The same not cut, as the PRFs of IKE have it (RFC 7296 section 2.13, RFC
 * 4434, 4615): *octets of it. -EIO.
 */
int alg_mac_tag(struct alg_mac *mac, const struct alg_piece pieces[],
		unsigned n, uint8_t tag[ALG_MAC_TAG_MAX], size_t *octets);

#endif
