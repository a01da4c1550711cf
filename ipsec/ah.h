/*
 * The Authentication Header (RFC 4302): an ICV over a packet and the fields of
 * its IP headers that do not change on the way. Alone in tunnel mode, alone in
 * transport mode, or around the ESP of a bundle (RFC 4301 section 4.5):
 *
 *	outer IP | AH | inner packet          tunnel mode
 *	IP | AH | upper layer                 transport mode
 *	outer IP | AH | ESP | ...             a bundle: one IP header
 *
 * The AH of a bundle is put between the outer IP header and ESP, as others do
 * (transport adjacency, RFC 2401 section 4.3), not as a tunnel in a tunnel.
 */
#ifndef AH_H
#define AH_H

#include "esp.h"

/*
 * v: packets at pkt_data() are what AH goes around: clear ones, and of a bundle
 * those that ESP has sealed. sa[i] is the AH SA of packet i, NULL: none, and
 * the packet is left alone, as are those whose fate is not PKT_GO. What gets
 * its AH has the flag PKT_F_SEALED. Order is kept.
 *
 * Returns how many of the vector still go on.
 */
unsigned ah_out_vec(struct esp *esp, struct pkt_vec *v,
		    struct esp_sa *const sa[]);

/*
 * Packets of v whose fate is PKT_GO and whose payload is AH are checked and
 * lose it; the others are left alone. context[i]: that packet i came in on.
 * through[i] becomes the SA that a packet came through, NULL: it had no AH, or
 * was refused before its SA was known. A packet that is clear now has the flag
 * PKT_F_OPENED and its extent set; one of a bundle goes on as ESP, for
 * esp_in_vec(). Order is kept.
 *
 * Returns how many of the vector still go on.
 */
unsigned ah_in_vec(struct esp *esp, struct pkt_vec *v, const uint32_t context[],
		   struct esp_sa *through[]);

#endif
