/*
 * What an IPv4 packet must be before a router looks at it (RFC 1812 section
 * 5.2.2) and the addresses that no router forwards (section 5.3.7).
 */
#ifndef IP_CHECK_H
#define IP_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "pkt_fate.h"

#define IP_CHECK_LIMITED_BROADCAST UINT32_C(0xffffffff)

/*
 * ip: arrived octets, from the IP header on; wire: as many as the link carried,
 * more than arrived when a capture cut the frame. PKT_GO and the packet's own
 * length, which may be shorter than what arrived: the rest pads the link.
 * PKT_DROP_TRUNCATED: less arrived than the packet has; PKT_DROP_BAD_IP_HEADER,
 * PKT_DROP_BAD_CHECKSUM.
 */
enum pkt_fate ip_check_header(const uint8_t *ip, unsigned arrived,
			      unsigned wire, uint16_t *length);

/*
 * Addresses of a packet that ip_check_header() passed. link_cast: the frame was
 * for more than one station (section 5.3.4). PKT_DROP_MARTIAN,
 * PKT_DROP_MULTICAST, PKT_DROP_LINK_BROADCAST. The limited broadcast address
 * passes: it is the router's own (section 5.3.5.1), never forwarded.
 */
enum pkt_fate ip_check_addresses(const uint8_t *ip, bool link_cast);

#endif
