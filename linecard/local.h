/*
 * Packets for the router itself: to the ASP that opens them, or to the
 * controller. For ippa.c and ippa6.c.
 */
#ifndef LOCAL_H
#define LOCAL_H

#include "ippa.h"

/*
 * ip: a packet that passed the reception checks, with an address of ours in
 * way->context. ESP, AH and UDP to a port that takes encapsulated ESP go to the
 * ASP of their homing, p->handle is the tunnel's circuit then; everything else
 * to the controller. Of a fragment way->fragment says so: join it first. Fates:
 * BAD_ESP_LENGTH, BAD_AH_LENGTH, NAT_KEEPALIVE, NO_SA, NO_ASP, SOURCE_ROUTE.
 */
enum pkt_fate local_deliver(const struct lc_table *t, const uint8_t *ip,
			    struct pkt *p, struct ippa_way *way);

#endif
