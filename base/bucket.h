/*
 * A token bucket in one word, of any clock in nanoseconds: so many a second on
 * average, so many at once. It is the instant at which the bucket is full again
 * (the generic cell rate algorithm, ITU-T I.371), so an idle one costs nothing
 * and a new one, all zero, is full. A clock that steps back takes nothing away.
 */
#ifndef BUCKET_H
#define BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct bucket {
	uint64_t full_ns;
};

/* Whether there was a token; takes it. per_second and burst are above 0. */
static inline bool
bucket_take(struct bucket *b, uint64_t now_ns, uint32_t per_second,
	    uint32_t burst)
{
	uint64_t each = UINT64_C(1000000000) / per_second;
	uint64_t full = b->full_ns > now_ns ? b->full_ns : now_ns;

	if (full - now_ns > each * (burst - 1))
		return false;
	b->full_ns = full + each;
	return true;
}

#endif
