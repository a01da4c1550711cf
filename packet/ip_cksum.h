/*
 * The Internet checksum (RFC 1071) and its update (RFC 1624).
 */
#ifndef IP_CKSUM_H
#define IP_CKSUM_H

#include <stddef.h>

#include "be.h"

/*
 * Of octets that hold a checksum: 0 when it is right. Else what to put there.
 */
uint16_t ip_cksum(const void *octets, size_t len);

/*
 * Of octets and the pseudo-header of either family before them (RFC 768, RFC
 * 8200 section 8.1). src, dst: the addresses, address_octets each. 0 when the
 * octets hold a checksum and it is right, else what to put there.
 */
uint16_t ip_cksum_pseudo(const void *src, const void *dst,
			 size_t address_octets, unsigned protocol,
			 const void *octets, size_t len);

/*
 * New IPv4 header checksum after one 16-bit word changed (RFC 1624, equation
 * 3). sum: the old checksum, already verified by the caller; was, now: the
 * word. All wire order. Cannot fail.
 */
struct be16 ip_cksum_update(struct be16 sum, struct be16 was, struct be16 now);

#endif
