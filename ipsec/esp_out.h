/*
 * ESP outbound: vectors of clear packets in, packets with ESP out, sealed in
 * place. Tunnel mode: an inner packet of either family in an outer one of
 * either. Transport mode: ESP behind the IP headers that the packet has.
 */
#ifndef ESP_OUT_H
#define ESP_OUT_H

#include "esp.h"

/*
 * v: packets at pkt_data() are IP of either family, TTL already decremented;
 * sa[i] is the outbound SA of packet i (NULL: no-sa). Packets whose fate is not
 * PKT_GO are left alone and their sa[] is not read. Outer header, ESP header
 * and IV go into the headroom, padding and ICV into the tailroom; a packet
 * without the room is frame-too-long. Where the SA asks for UDP (RFC 3948) that
 * is there too. What is sealed has the flag PKT_F_SEALED. Octets after the
 * inner packet's total length are cut off. Order is kept.
 *
 * Returns how many still go on. SAs that want numbers: sad_want_next().
 */
unsigned esp_out_vec(struct esp *esp, struct pkt_vec *v,
		     struct esp_sa *const sa[]);

#endif
