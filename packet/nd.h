/*
 * Neighbor solicitations and advertisements (RFC 4861 sections 4.3, 4.4, 7.1),
 * IPv6 header included: read and made. Router solicitations, advertisements and
 * redirects are not ours to answer: routes are configured.
 */
#ifndef ND_H
#define ND_H

#include <stdbool.h>
#include <stdint.h>

#define ND_OCTETS 72 /* of what nd_write() makes: one link address option */
#define ND_LIFE_NS                                                             \
	(UINT64_C(30) * 1000000000) /* REACHABLE_TIME, section 10              \
				     */

enum nd_type { ND_SOLICITATION = 135, ND_ADVERTISEMENT = 136 };

#define ND_F_ROUTER 0x80
#define ND_F_SOLICITED 0x40
#define ND_F_OVERRIDE 0x20

struct nd {
	uint8_t type; /* enum nd_type */
	uint8_t flags;
	uint8_t src[16];
	uint8_t dst[16];
	uint8_t target[16];
	bool has_mac; /* the option that fits the type was there */
	uint8_t mac[6];
};

/*
 * octets: from the IPv6 header on, which passed the reception checks. -EINVAL:
 * what section 7.1 has silently discarded (hop limit, checksum, code, lengths,
 * options of length 0, targets and sources that can not be), another message,
 * or a link address of no station.
 */
int nd_read(const uint8_t *at, unsigned octets, struct nd *nd);
/* With hop limit 255, checksum, and mac as the option of the type. */
void nd_write(const struct nd *nd, uint8_t at[ND_OCTETS]);

#endif
