/*
 * Sorted routes and the ranges of addresses that they make: what small and
 * large tables are both built from. For fib.c and fib_large.c only.
 */
#ifndef FIB_ROUTE_H
#define FIB_ROUTE_H

#include <stddef.h>
#include <stdint.h>

#define FIB_VALUE_MAX ((UINT32_C(1) << 24) - 1)

/* A route or, with value 0, its removal. */
struct fib_route {
	uint32_t prefix;
	uint32_t len_value; /* length << 24 | value */
};

struct fib_change {
	struct fib_route route;
	uint32_t number; /* the later of two wins */
};

struct fib_range {
	uint32_t first;
	uint32_t value;
};

static inline unsigned
fib_len(const struct fib_route *r)
{
	return r->len_value >> 24;
}

static inline uint32_t
fib_value(const struct fib_route *r)
{
	return r->len_value & FIB_VALUE_MAX;
}

static inline uint32_t
fib_last(const struct fib_route *r)
{
	unsigned len = fib_len(r);

	return len == 0
		   ? UINT32_MAX
		   : r->prefix | (uint32_t)((UINT64_C(1) << (32 - len)) - 1);
}

/* Shorter first at one address: the order in which routes nest. */
int fib_route_cmp(const struct fib_route *a, const struct fib_route *b);

/*
 * Sorted routes and sorted changes to sorted routes; out has room for the sum
 * of both. Returns how many.
 */
size_t fib_merge(const struct fib_route *old, size_t nold,
		 const struct fib_change *c, size_t nc, struct fib_route *out);

/*
 * The ranges that sorted routes make of the addresses first .. last; range has
 * room for 2 * n + 1. Value 0 where no route leads. Returns how many.
 */
size_t fib_ranges_make(const struct fib_route *r, size_t n, uint32_t first,
		       uint32_t last, struct fib_range *range);

#endif
