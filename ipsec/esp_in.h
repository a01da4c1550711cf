/*
 * ESP inbound: vectors of packets with ESP (or ESP in UDP) in, clear packets
 * out, opened in place: tunnel mode's inner packets, transport mode's packets
 * without ESP.
 */
#ifndef ESP_IN_H
#define ESP_IN_H

#include "esp.h"

/*
 * v: packets at pkt_data() are IP of either family; context[i] is the routing
 * context packet i came in on, through[i] the SA whose AH was around it (NULL:
 * none; through may be NULL itself). Packets whose fate is not PKT_GO, and
 * those that AH has opened already (PKT_F_OPENED), are left alone. What is
 * opened has its extent set to the clear packet exactly, the flag PKT_F_OPENED,
 * and found[i] says by which SA; found[i] is NULL where no SA was found, and
 * for a packet that an SA refused it is that SA. Order is kept.
 *
 * Returns how many still go on.
 */
unsigned esp_in_vec(struct esp *esp, struct pkt_vec *v,
		    const uint32_t context[], struct esp_sa *const through[],
		    struct esp_sa *found[]);

#endif
