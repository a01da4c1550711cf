/*
 * The security policy at an ingress processor (RFC 4301 section 5): where an
 * interface has a selection, everything that arrives on it in clear, and
 * everything that would leave by it, is held against its entries. What an
 * entry protects goes into the entry's tunnel, what none describes is
 * discarded.
 *
 * Two phases, because where a packet leaves is known after the route only:
 * ippa_policy_in() before ippa_route(), ippa_policy_out() after it. Both return
 * at once while no interface has a selection.
 */
#ifndef IPPA_POLICY_H
#define IPPA_POLICY_H

#include "counter.h"
#include "ippa.h"

/*
 * Packets from ports. hits: counters by id of the rule. Fates: UNPROTECTED (an
 * entry would have protected it), SPD_DISCARD, BAD_IP_HEADER. AH, ESP and UDP
 * that may hold ESP are left to the other phase.
 */
void ippa_policy_in(const struct lc_table *t, const struct pkt_mem *mem,
		    struct counter *hits, struct pkt_vec *v);

/*
 * Packets that have a way. Those that leave by an interface with a selection go
 * on, into a tunnel, or not at all; own_eppa is as in ippa_route(). AH and ESP
 * that came in on one and are for no SA of ours are clear packets like others.
 */
void ippa_policy_out(const struct lc_table *t, const struct pkt_mem *mem,
		     uint16_t own_eppa, struct counter *hits, struct pkt_vec *v,
		     struct ippa_way *way);

#endif
