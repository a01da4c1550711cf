/*
 * Filter expressions of pcap-filter(7), for Ethernet frames and IP packets.
 */
#ifndef CAP_FILTER_H
#define CAP_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "cap_error.h"

struct cap_filter;

/*
 * -EINVAL: libpcap refuses the expression, with its own words in err; -ENOMEM.
 * An expression that has a meaning for Ethernet alone ("ether host ...") never
 * matches an IP packet. The caller owns *f until cap_filter_free().
 */
int cap_filter_new(struct cap_filter **f, const char *expression,
		   struct cap_error *err);

/* link: an Ethernet or raw IP link type of cap_link.h; no other matches. */
bool cap_filter_matches(const struct cap_filter *f, uint16_t link,
			const uint8_t *data, uint32_t caplen, uint32_t len);

/* Takes the pointer's address, accepts NULL, leaves NULL. */
void cap_filter_free(struct cap_filter **f);

#endif
