/*
 * Longest prefix match for IPv6, one table per context; iPPAs and ASPs carry
 * copies. Values are adjacency ids as in fib.h; 0 means no route.
 *
 * Routes are changed in batches, as there. A table is its sorted routes and the
 * ranges of addresses that they make; past a thousand routes an index over the
 * first 16 bits, and in a slot with many ranges over as many of the next bits
 * as there are ranges (at most 20), leaves a search of a few neighbours. So a
 * lookup reads slot, index and mostly one line of range beginnings. Under 80
 * octets a prefix in a large table, whatever the lengths, the routes themselves
 * included, and half a MiB for the slots; a small one has no slots.
 * fib6_apply() costs a walk over all routes of the context.
 */
#ifndef FIB6_H
#define FIB6_H

#include <stddef.h>
#include <stdint.h>

struct fib6;

struct fib6 *fib6_new(void);
void fib6_free(struct fib6 **fib);

/* prefix: 16 octets in wire order. -EINVAL: len above 128, host bits set, value
 * out of range; -ENOMEM. */
int fib6_set(struct fib6 *fib, const uint8_t prefix[16], unsigned len,
	     uint32_t value);
int fib6_delete(struct fib6 *fib, const uint8_t prefix[16], unsigned len);
/* -ENOMEM leaves the table as it was. */
int fib6_apply(struct fib6 *fib);

uint32_t fib6_lookup(const struct fib6 *fib, const uint8_t dst[16]);
/* A vector at once, the reads of all steps overlapped; dst: an address each. */
void fib6_lookup_vec(const struct fib6 *fib, const uint8_t *const *dst,
		     uint32_t *value, unsigned n);

size_t fib6_routes(const struct fib6 *fib);
size_t fib6_octets(const struct fib6 *fib);

#endif
