/*
 * The ranges of addresses that sorted IPv6 routes make, and the index by which
 * one is found: what a lookup reads. Made anew by each batch of changes and
 * never changed. For fib6.c only.
 */
#ifndef FIB6_RANGES_H
#define FIB6_RANGES_H

#include <stddef.h>

#include "fib6_addr.h"

#define FIB6_VALUE_MAX ((UINT32_C(1) << 24) - 1)

struct fib6_route {
	struct fib6_addr prefix;
	uint32_t len;
	uint32_t value; /* 0: its removal */
};

struct fib6_ranges;

/* NULL without memory. Owned by the caller. */
struct fib6_ranges *fib6_ranges_new(const struct fib6_route *r, size_t n);
void fib6_ranges_free(struct fib6_ranges **ranges);

uint32_t fib6_ranges_find(const struct fib6_ranges *ranges,
			  struct fib6_addr dst);
void fib6_ranges_find_vec(const struct fib6_ranges *ranges,
			  const uint8_t *const *dst, uint32_t *value,
			  unsigned n);
size_t fib6_ranges_octets(const struct fib6_ranges *ranges);

#endif
