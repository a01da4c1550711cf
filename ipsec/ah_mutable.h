/*
 * What of a packet's IP headers an ICV of AH covers (RFC 4302 section 3.3.3.1):
 * fields that routers change on the way count as zero.
 */
#ifndef AH_MUTABLE_H
#define AH_MUTABLE_H

#include "ip_parse.h"

/*
 * Zeroes the mutable fields in the headers of a packet that ip_parse() has
 * read. The caller keeps the octets to put them back. False: an option's
 * length lies, and the packet can not be authenticated.
 */
bool ah_mutable_zero(uint8_t *at, const struct ip_parsed *parsed);

#endif
