/*
 * An IPv6 address as two numbers, to be compared and masked. For fib6*.c only.
 */
#ifndef FIB6_ADDR_H
#define FIB6_ADDR_H

#include <stdbool.h>
#include <string.h>

#include "be.h"

struct fib6_addr {
	uint64_t hi;
	uint64_t lo;
};

static inline struct fib6_addr
fib6_addr_get(const uint8_t octets[16])
{
	struct be64 half[2];

	memcpy(half, octets, sizeof(half));
	return (struct fib6_addr){be64_get(half[0]), be64_get(half[1])};
}

static inline bool
fib6_addr_less(struct fib6_addr a, struct fib6_addr b)
{
	return a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo);
}

static inline bool
fib6_addr_same(struct fib6_addr a, struct fib6_addr b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

/* The first n of 64 bits. */
static inline uint64_t
fib6_bits(unsigned n)
{
	return n == 0 ? 0 : n >= 64 ? UINT64_MAX : ~(UINT64_MAX >> n);
}

/* The last address of a prefix. */
static inline struct fib6_addr
fib6_addr_last(struct fib6_addr a, unsigned len)
{
	a.hi |= ~fib6_bits(len);
	a.lo |= ~fib6_bits(len > 64 ? len - 64 : 0);
	return a;
}

static inline struct fib6_addr
fib6_addr_next(struct fib6_addr a)
{
	return (struct fib6_addr){a.hi + (a.lo == UINT64_MAX), a.lo + 1};
}

#endif
