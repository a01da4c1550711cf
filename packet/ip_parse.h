/*
 * The IP header of a packet of either family, extension headers included: how
 * long it is, what follows, from whom to whom.
 */
#ifndef IP_PARSE_H
#define IP_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "ip_addr.h"

struct ip_parsed {
	uint8_t family;     /* 4 or 6 */
	uint8_t protocol;   /* of what follows the headers */
	uint8_t tos;        /* IPv6: traffic class */
	uint8_t ttl;        /* IPv6: hop limit */
	bool fragment;      /* one of several; IPv6: its header follows */
	uint16_t header;    /* octets of all headers before protocol's */
	uint16_t next_at;   /* where the octet that names protocol stands */
	uint32_t total;     /* octets of the packet by its own word */
	const uint8_t *src; /* in the packet: 4 or 16 octets */
	const uint8_t *dst;
};

/*
 * Reads the octets of a packet. -EINVAL when version, header lengths or the
 * packet's own length do not fit one another or the octets that are there;
 * *parsed is undefined then. Octets behind the packet's own length are no
 * error. Of IPv6, hop-by-hop and destination options, routing headers and the
 * header of a fragment that is whole (RFC 6946) are passed over; AH and ESP are
 * not. Checksums, options and addresses are not judged.
 */
int ip_parse(const uint8_t *at, unsigned octets, struct ip_parsed *parsed);

struct ip_addr ip_parsed_src(const struct ip_parsed *parsed);
struct ip_addr ip_parsed_dst(const struct ip_parsed *parsed);

#endif
