/*
 * ESP tunnel mode, inbound: vectors of outer IPv4 packets with ESP in, inner
 * IPv4 packets out, opened in place.
 */
#ifndef ESP_IN_H
#define ESP_IN_H

#include "esp.h"

/*
 * v: packets at pkt_data() are outer IPv4; context[i] is the routing context
 * packet i came in on. Packets whose fate is not PKT_GO are left alone. What
 * is opened has its extent set to the inner packet exactly, the flag
 * PKT_F_OPENED, and found[i] says by which SA; found[i] is NULL where no SA was
 * found, and for a packet that an SA refused it is that SA. Order is kept.
 *
 * Returns how many still go on.
 */
unsigned esp_in_vec(struct esp *esp, struct pkt_vec *v,
		    const uint32_t context[], struct esp_sa *found[]);

#endif
