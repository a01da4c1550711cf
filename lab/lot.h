/*
 * Lots that are drawn again alike: a number for a seed and up to two others.
 * Not for secrets.
 */
#ifndef LOT_H
#define LOT_H

#include <stdbool.h>
#include <stdint.h>

/* The finalizer of splitmix64: every bit in changes each bit out by half. */
static inline uint64_t
lot_mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static inline uint64_t
lot_draw(uint64_t seed, uint64_t index, uint64_t purpose)
{
	return lot_mix(lot_mix(lot_mix(seed) ^ index) ^ purpose);
}

/* Below n, which is not 0; the bias is below 1 in 2^32 / n. */
static inline uint64_t
lot_below(uint64_t lot, uint64_t n)
{
	return n > UINT32_MAX ? lot % n : ((lot >> 32) * n) >> 32;
}

/* True for `share` of 10^9 lots. */
static inline bool
lot_hits(uint64_t lot, uint32_t share)
{
	return lot_below(lot, 1000000000) < share;
}

#endif
