/*
 * Longest prefix match, one table per context; iPPAs and ASPs carry copies. A
 * value is an adjacency id, 1 .. 2^24 - 1; 0 means no route.
 *
 * Routes are changed in batches: fib_set() and fib_delete() note, fib_apply()
 * makes them act all at once. A lookup is a few memory reads: a table of the
 * first 16 bits once a context has many routes, then a search of the ranges
 * that this slot's longer prefixes cut its last 16 bits into (after Zec, Rizzo
 * and Mikuc, "DXR: Towards a Billion Routing Lookups Per Second in Software",
 * CCR 2012). Under 32 octets a prefix in a table of a million, whatever their
 * lengths, the routes themselves included; a context with few routes takes a
 * few hundred octets.
 */
#ifndef FIB_H
#define FIB_H

#include <stddef.h>
#include <stdint.h>

struct fib;

struct fib *fib_new(void);
void fib_free(struct fib **fib);

/* -EINVAL: len above 32, host bits set, value out of range; -ENOMEM. */
int fib_set(struct fib *fib, uint32_t prefix, unsigned len, uint32_t value);
int fib_delete(struct fib *fib, uint32_t prefix, unsigned len);
/* -ENOMEM leaves the table as it was. */
int fib_apply(struct fib *fib);

uint32_t fib_lookup(const struct fib *fib, uint32_t dst);
/* A vector at once, the reads of all steps overlapped. */
void fib_lookup_vec(const struct fib *fib, const uint32_t *dst, uint32_t *value,
		    unsigned n);

size_t fib_routes(const struct fib *fib);
size_t fib_octets(const struct fib *fib);

#endif
