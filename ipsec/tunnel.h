/*
 * The outer IPv4 header of tunnel mode: made when sealing (RFC 4301 section
 * 5.1.2.1), its congestion mark carried inwards when opening (RFC 6040).
 */
#ifndef TUNNEL_H
#define TUNNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "ip_hdr.h"

#define TUNNEL_TTL 64
#define TUNNEL_DSCP_COPY 0xff

/* What the outer DF bit is (RFC 4301 section 8.1). */
enum tunnel_df { TUNNEL_DF_COPY, TUNNEL_DF_SET, TUNNEL_DF_CLEAR };

struct tunnel {
	uint32_t src; /* addresses as numbers: 192.0.2.1 is 0xc0000201 */
	uint32_t dst;
	enum tunnel_df df;
	uint8_t dscp; /* 0 .. 63, or TUNNEL_DSCP_COPY */
	uint8_t ttl;  /* of the outer header */
};

/*
 * Writes the outer header, checksum included, ECN copied (RFC 6040 section 4.1,
 * normal mode). total_length: of the outer packet; id: low half of the sequence
 * number, so that fragments made on the way keep together (RFC 6864). outer
 * and inner do not overlap.
 */
void tunnel_outer_put(const struct tunnel *tunnel, struct ipv4_hdr *outer,
		      const struct ipv4_hdr *inner, uint16_t total_length,
		      uint16_t id);

/*
 * Carries the outer header's ECN into the inner header and updates its
 * checksum (RFC 6040 section 4.2). False: the packet must be dropped, for the
 * outer header says congestion experienced and the inner can not.
 */
bool tunnel_ecn_open(uint8_t outer_tos, struct ipv4_hdr *inner);

#endif
