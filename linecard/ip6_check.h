/*
 * What an IPv6 packet must be before a router looks at it (RFC 8200), and the
 * addresses that no router forwards (RFC 4291).
 */
#ifndef IP6_CHECK_H
#define IP6_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "pkt_fate.h"

#define IP6_CHECK_HEADERS_MAX 8 /* extension headers that are walked */

/*
 * ip: arrived octets, from the IPv6 header on. PKT_GO and the packet's own
 * length, which may be shorter than what arrived: the rest pads the link.
 * PKT_DROP_TRUNCATED: less arrived than the packet has; PKT_DROP_BAD_IP_HEADER:
 * another version, a jumbo payload (RFC 2675, which needs links that we have
 * not), extension headers that do not fit the packet, more of them than we
 * walk, or hop-by-hop options that are not first (RFC 8200 section 4.1).
 */
enum pkt_fate ip6_check_header(const uint8_t *ip, unsigned arrived,
			       uint16_t *length);

/*
 * Addresses of a packet that ip6_check_header() passed. link_cast: the frame
 * was for more than one station. PKT_DROP_MARTIAN, PKT_DROP_LINK_BROADCAST.
 * Multicast and link-local addresses pass: where they lead depends on the
 * circuit (ippa6.c).
 */
enum pkt_fate ip6_check_addresses(const uint8_t *ip, bool link_cast);

#endif
