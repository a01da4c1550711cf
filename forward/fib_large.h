/*
 * The large kind of table, for contexts with thousands of routes: a slot for
 * the first 16 bits of an address. For fib.c only.
 */
#ifndef FIB_LARGE_H
#define FIB_LARGE_H

#include "fib_route.h"

struct fib_large;

/* NULL without memory. */
struct fib_large *fib_large_new(void);
void fib_large_free(struct fib_large **large);

/*
 * Changes, sorted, one to a prefix, act all at once; the array is put in
 * another order. -ENOMEM changes nothing, and the array holds the same changes.
 */
int fib_large_change(struct fib_large *large, struct fib_change *c, size_t n);

uint32_t fib_large_lookup(const struct fib_large *large, uint32_t dst);
void fib_large_lookup_vec(const struct fib_large *large, const uint32_t *dst,
			  uint32_t *value, unsigned n);

size_t fib_large_routes(const struct fib_large *large);
size_t fib_large_octets(const struct fib_large *large);

#endif
