/*
 * The outer header of tunnel mode, of either family around either family: made
 * when sealing (RFC 4301 section 5.1.2), its congestion mark carried inwards
 * when opening (RFC 6040).
 */
#ifndef TUNNEL_H
#define TUNNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "ip_addr.h"
#include "ip_hdr.h"

#define TUNNEL_TTL 64
#define TUNNEL_DSCP_COPY 0xff
#define TUNNEL_FLOW_COPY UINT32_MAX

/* What the outer DF bit is (RFC 4301 section 8.1). */
enum tunnel_df { TUNNEL_DF_COPY, TUNNEL_DF_SET, TUNNEL_DF_CLEAR };

struct tunnel {
	struct ip_addr src; /* both of one family */
	struct ip_addr dst;
	enum tunnel_df df;
	uint8_t dscp;        /* 0 .. 63, or TUNNEL_DSCP_COPY */
	uint8_t ttl;         /* of the outer header, or its hop limit */
	bool ecn_compat;     /* RFC 6040 section 4.3: the outer mark is clear */
	bool udp;            /* ESP in UDP (RFC 3948) */
	uint16_t udp_local;  /* port */
	uint16_t udp_remote; /* port */
	uint32_t flow_label; /* 0 .. 0xfffff, or TUNNEL_FLOW_COPY */
};

/* Whether addresses, policies and label are such as can be. */
bool tunnel_valid(const struct tunnel *tunnel);

/* Octets of the outer header: IP, and UDP where there is one. */
unsigned tunnel_outer_octets(const struct tunnel *tunnel);

/*
 * Writes the outer header, checksum included, ECN copied (RFC 6040 section 4.1,
 * normal mode) or clear; behind it UDP without a checksum. inner: the inner
 * packet's header, of either family; an IPv6 packet counts as one that must not
 * be fragmented. payload: octets behind the outer header. id: low half of the
 * sequence number, so that fragments made on the way keep together (RFC 6864).
 * outer and inner do not overlap.
 */
void tunnel_outer_put(const struct tunnel *tunnel, uint8_t *outer,
		      const uint8_t *inner, uint8_t protocol, unsigned payload,
		      uint16_t id);

/* A UDP header without a checksum; octets: of it and all that follows. */
void tunnel_udp_put(const struct tunnel *tunnel, uint8_t *at, unsigned octets);

/*
 * The checksum of the UDP datagram that a packet of so many octets is, once
 * nothing in it changes any more: over IPv6, where it may not be left out (RFC
 * 8200 section 8.1). Over IPv4 it stays 0 (RFC 3948 section 2.1).
 */
void tunnel_udp_sum(uint8_t *packet, unsigned octets);

/*
 * Carries the outer header's ECN into the inner header and updates its
 * checksum (RFC 6040 section 4.2). False: the packet must be dropped, for the
 * outer header says congestion experienced and the inner can not.
 */
bool tunnel_ecn_open(uint8_t outer_tos, uint8_t *inner);

#endif
