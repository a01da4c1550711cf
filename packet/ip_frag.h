/*
 * Cutting a packet into fragments (RFC 791 section 3.2, RFC 8200 section 4.5):
 * a plan that says how many and how large, then the pieces one by one. Who cuts
 * takes a buffer for every piece but the first before it begins.
 */
#ifndef IP_FRAG_H
#define IP_FRAG_H

#include <stdint.h>

#include "ip_hdr.h"
#include "ip_parse.h"

/* Whether a router may cut the packet: IPv4 without DF (RFC 791 section 3.1).
 */
static inline bool
ip_frag_allowed(const uint8_t *packet)
{
	const struct ipv4_hdr *ip = (const struct ipv4_hdr *)packet;

	return packet[0] >> 4 == 4 && (be16_get(ip->fragment) & IP_DF) == 0;
}

struct ip_frag {
	const uint8_t *packet;
	struct ip_parsed ip;
	uint32_t id; /* IPv6: of the fragment header */
	unsigned pieces;
	unsigned chunk; /* octets of payload in every piece but the last */
	unsigned later; /* IPv4: octets of the later pieces' headers */
};

/*
 * How a packet of so many octets is cut so that no piece is longer than mtu.
 * id: for IPv6; IPv4 has its own. The packet is borrowed until the last piece
 * was made. -EINVAL: no packet, or already a fragment of IPv6; -EMSGSIZE: the
 * MTU leaves no room for 8 octets of payload. A packet that fits has one piece.
 * DF is the caller's to respect.
 */
int ip_frag_plan(struct ip_frag *plan, const uint8_t *packet, unsigned octets,
		 unsigned mtu, uint32_t id);

/*
 * Writes piece i, headers and payload, to a place apart from the packet; at
 * most the plan's mtu. Returns its octets.
 */
unsigned ip_frag_piece(const struct ip_frag *plan, unsigned i, uint8_t *to);

#endif
