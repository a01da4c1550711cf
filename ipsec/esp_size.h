/*
 * How large ESP and AH make a packet, to the octet (RFC 4303 sections 2 and
 * 2.7, RFC 4302 section 2.2). One place for what esp_out builds, for what the
 * forwarder must know of a tunnel's MTU, and for tests.
 *
 *	outer IP [| AH] [| UDP] | ESP | IV | text | padding, trailer | ICV
 */
#ifndef ESP_SIZE_H
#define ESP_SIZE_H

#include "sad.h"

/* Octets from the new header to the text; transport mode: without IP's own. */
unsigned esp_front_octets(const struct esp_sa *sa);
/* Octets behind text of that length: padding, trailer, ICV. */
unsigned esp_back_octets(const struct esp_sa *sa, unsigned text);
/* Padding before pad length and next header, which end on the alignment. */
unsigned esp_pad_octets(const struct esp_sa *sa, unsigned text);

/* The Authentication Header with its ICV, padded as the family wants. */
unsigned ah_octets(const struct esp_sa *sa);

/*
 * The length that traffic-flow-confidentiality padding gives an inner packet,
 * at most limit (which is at least inner): the next multiple of the SA's
 * bucket, or its MTU, and never beyond that MTU.
 */
unsigned esp_tfc_octets(const struct esp_sa *sa, unsigned inner,
			unsigned limit);

/*
 * What an inner packet becomes: octets of the outer packet. sa: the first SA
 * applied (ESP, or AH alone), ah: the AH around it, or NULL.
 */
unsigned esp_outer_octets(const struct esp_sa *sa, const struct esp_sa *ah,
			  unsigned inner);
/*
 * Sets an outbound SA's inner_max and outer_mtu from the MTU towards its far
 * end (0: not known) and from what was heard of the path.
 */
void esp_limits_set(struct esp_sa *sa, const struct esp_sa *ah, unsigned mtu);

/*
 * The largest inner packet whose outer packet is at most outer octets; 0 where
 * none fits.
 */
unsigned esp_inner_max(const struct esp_sa *sa, const struct esp_sa *ah,
		       unsigned outer);

#endif
