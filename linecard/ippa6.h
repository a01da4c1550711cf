/*
 * What is IPv6's own in an ingress processor: lookups of 128 bits, and
 * destinations that mean something on one link alone. For ippa.c.
 */
#ifndef IPPA6_H
#define IPPA6_H

#include "ippa.h"

/*
 * Looks the IPv6 packets of the vector up (way[].v6, fate PKT_GO). What a
 * link-local or multicast address decides is decided here: the way of what is
 * for the router itself leads to it already, and the rest has a fate
 * (LINK_SCOPE, MULTICAST, NEIGHBOR_DISCOVERY).
 */
void ippa6_lookup(const struct lc_table *t, const struct pkt_mem *mem,
		  struct pkt_vec *v, struct ippa_way *way);

/* Gives neighbor discovery the flag PKT_F_NEIGHBOR. */
void ippa6_mark_discovery(const struct pkt_mem *mem, struct pkt *p);

/* The hop limit falls by one; false: it was 1 or 0 (RFC 8200 section 3). */
bool ippa6_hop_limit(uint8_t *ip);

#endif
