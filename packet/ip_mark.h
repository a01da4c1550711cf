/*
 * The DSCP of a packet (RFC 2474): reading it, and writing another.
 */
#ifndef IP_MARK_H
#define IP_MARK_H

#include <stdint.h>

/* Of an IPv4 or IPv6 packet that reception checks have let through. */
unsigned ip_mark_get(const uint8_t *ip);

/*
 * Writes a DSCP of 0 to 63; the ECN field stays (RFC 3168 section 5), and the
 * IPv4 header checksum follows (RFC 1624).
 */
void ip_mark_set(uint8_t *ip, unsigned dscp);

#endif
