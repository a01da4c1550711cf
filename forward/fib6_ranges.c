/*
 * Ranges lie in three arrays (both halves of where each begins, and its value),
 * so that a search over first halves reads eight beginnings a cache line. The
 * index: a slot for the first 16 bits of an address, and where more than one
 * range lies in a slot, one place for each value of the bits behind them, as
 * many bits as there are ranges to tell apart. Called by fib6.c.
 */
#include <stdlib.h>

#include "fib6_ranges.h"

#define FIB6_SLOTS 65536
#define FIB6_SLOT_BITS 16
#define FIB6_INDEXED 1024 /* ranges: fewer are searched without an index */
#define FIB6_BITS_MAX 20
#define FIB6_BLOCK_OCTETS 16 /* what the allocator adds to a block, at most */
#define FIB6_VEC 32          /* lookups in flight at once */
#define FIB6_DEPTH 129       /* prefixes that hold one address */

struct fib6_slot {
	uint32_t at;   /* place in the index; bits 0: the range itself */
	uint32_t bits; /* of the address behind the first 16 */
};

struct fib6_ranges {
	size_t n;
	uint64_t *hi;
	uint64_t *lo;
	uint32_t *value;
	struct fib6_slot *slot; /* NULL: few ranges */
	uint32_t *index; /* the last range that begins at or before a place */
	size_t places;
};

void
fib6_ranges_free(struct fib6_ranges **ranges)
{
	if (*ranges == NULL)
		return;
	free((*ranges)->hi);
	free((*ranges)->lo);
	free((*ranges)->value);
	free((*ranges)->slot);
	free((*ranges)->index);
	free(*ranges);
	*ranges = NULL;
}

/* The next range; joins neighbours of one value. */
static void
fib6_ranges_put(struct fib6_ranges *r, struct fib6_addr first, uint32_t value)
{
	if (r->n > 0 && r->hi[r->n - 1] == first.hi &&
	    r->lo[r->n - 1] == first.lo)
		r->n--;
	if (r->n > 0 && r->value[r->n - 1] == value)
		return;
	r->hi[r->n] = first.hi;
	r->lo[r->n] = first.lo;
	r->value[r->n++] = value;
}

static struct fib6_addr
fib6_route_last(const struct fib6_route *r)
{
	return fib6_addr_last(r->prefix, r->len);
}

/* Routes nest, so those that hold the present address are a stack. */
static void
fib6_ranges_fill(struct fib6_ranges *out, const struct fib6_route *r, size_t n)
{
	const struct fib6_route *open[FIB6_DEPTH];
	unsigned depth = 0;

	fib6_ranges_put(out, (struct fib6_addr){0, 0}, 0);
	for (size_t i = 0; i <= n; i++) {
		while (
		    depth > 0 &&
		    (i == n || fib6_addr_less(fib6_route_last(open[depth - 1]),
					      r[i].prefix))) {
			struct fib6_addr next =
			    fib6_addr_next(fib6_route_last(open[--depth]));

			if (next.hi != 0 || next.lo != 0)
				fib6_ranges_put(
				    out, next,
				    depth > 0 ? open[depth - 1]->value : 0);
		}
		if (i == n)
			break;
		open[depth++] = &r[i];
		fib6_ranges_put(out, r[i].prefix, r[i].value);
	}
}

/*
 * From range *at on, the last that begins at or before the address whose first
 * bits are these; *at follows, for the places are asked for in order.
 */
static uint32_t
fib6_index_step(const struct fib6_ranges *r, size_t *at, uint64_t hi)
{
	while (*at + 1 < r->n &&
	       (r->hi[*at + 1] < hi ||
		(r->hi[*at + 1] == hi && r->lo[*at + 1] == 0)))
		++*at;
	return (uint32_t)*at;
}

/* As many bits as it takes to tell so many ranges of a slot apart. */
static uint32_t
fib6_index_bits(size_t ranges)
{
	uint32_t bits = ranges > 0 ? 1 : 0;

	while (bits > 0 && bits < FIB6_BITS_MAX && ranges >> bits != 0)
		bits++;
	return bits;
}

/* One slot: the ranges at first .. last; writes its places when there are. */
static void
fib6_index_slot(struct fib6_ranges *r, uint32_t number, size_t first,
		size_t last)
{
	struct fib6_slot *slot = &r->slot[number];
	size_t at = first;

	slot->bits = fib6_index_bits(last - first);
	slot->at = slot->bits == 0 ? (uint32_t)first : (uint32_t)r->places;
	if (slot->bits == 0)
		return;
	for (uint64_t k = 0; k < UINT64_C(1) << slot->bits; k++) {
		uint64_t hi = (uint64_t)number << 48 |
			      k << (64 - FIB6_SLOT_BITS - slot->bits);

		if (r->index != NULL)
			r->index[r->places] = fib6_index_step(r, &at, hi);
		r->places++;
	}
	if (r->index != NULL)
		r->index[r->places] = (uint32_t)last;
	r->places++;
}

static void
fib6_index_walk(struct fib6_ranges *r)
{
	size_t first = 0;
	size_t last;

	r->places = 0;
	for (uint32_t s = 0; s < FIB6_SLOTS; s++) {
		(void)fib6_index_step(r, &first, (uint64_t)s << 48);
		last = first;
		while (last + 1 < r->n && r->hi[last + 1] >> 48 == s)
			last++;
		fib6_index_slot(r, s, first, last);
	}
}

/* Twice over the slots: to count the places, and to write them. */
static bool
fib6_index_make(struct fib6_ranges *r)
{
	if (r->n < FIB6_INDEXED)
		return true;
	r->slot = malloc(FIB6_SLOTS * sizeof(*r->slot));
	if (r->slot == NULL)
		return false;
	fib6_index_walk(r);
	r->index = malloc((r->places + 1) * sizeof(*r->index));
	if (r->index == NULL)
		return false;
	fib6_index_walk(r);
	return true;
}

/* Gives back what was reserved too much; a failure keeps it. */
static void
fib6_ranges_fit(struct fib6_ranges *r)
{
	void *hi = realloc(r->hi, r->n * sizeof(*r->hi));
	void *lo = realloc(r->lo, r->n * sizeof(*r->lo));
	void *value = realloc(r->value, r->n * sizeof(*r->value));

	r->hi = hi != NULL ? hi : r->hi;
	r->lo = lo != NULL ? lo : r->lo;
	r->value = value != NULL ? value : r->value;
}

struct fib6_ranges *
fib6_ranges_new(const struct fib6_route *routes, size_t n)
{
	struct fib6_ranges *r = calloc(1, sizeof(*r));
	size_t room = 2 * n + 1;

	if (r == NULL)
		return NULL;
	r->hi = malloc(room * sizeof(*r->hi));
	r->lo = malloc(room * sizeof(*r->lo));
	r->value = malloc(room * sizeof(*r->value));
	if (r->hi == NULL || r->lo == NULL || r->value == NULL) {
		fib6_ranges_free(&r);
		return NULL;
	}
	fib6_ranges_fill(r, routes, n);
	fib6_ranges_fit(r);
	if (!fib6_index_make(r))
		fib6_ranges_free(&r);
	return r;
}

/* The last of n ranges from at on that begins at or before dst. */
static uint32_t
fib6_search(const struct fib6_ranges *r, size_t at, size_t n,
	    struct fib6_addr dst)
{
	while (n > 1) {
		size_t half = n / 2;
		uint64_t hi = r->hi[at + half];

		if (hi < dst.hi || (hi == dst.hi && r->lo[at + half] <= dst.lo))
			at += half;
		n -= half;
	}
	return r->value[at];
}

static const uint32_t *
fib6_place(const struct fib6_ranges *r, const struct fib6_slot *slot,
	   struct fib6_addr dst)
{
	return &r->index[slot->at +
			 (dst.hi << FIB6_SLOT_BITS >> (64 - slot->bits))];
}

uint32_t
fib6_ranges_find(const struct fib6_ranges *r, struct fib6_addr dst)
{
	const struct fib6_slot *slot;
	const uint32_t *place;

	if (r->slot == NULL)
		return fib6_search(r, 0, r->n, dst);
	slot = &r->slot[dst.hi >> 48];
	if (slot->bits == 0)
		return r->value[slot->at];
	place = fib6_place(r, slot, dst);
	return fib6_search(r, place[0], place[1] - place[0] + 1, dst);
}

/* Slots are asked for, then places, then ranges, then they are searched. */
static void
fib6_find_some(const struct fib6_ranges *r, const uint8_t *const *dst,
	       uint32_t *value, unsigned n)
{
	struct fib6_addr a[FIB6_VEC];

	for (unsigned i = 0; i < n; i++) {
		a[i] = fib6_addr_get(dst[i]);
		__builtin_prefetch(&r->slot[a[i].hi >> 48]);
	}
	for (unsigned i = 0; i < n; i++) {
		const struct fib6_slot *slot = &r->slot[a[i].hi >> 48];

		__builtin_prefetch(slot->bits == 0 ? &r->value[slot->at]
						   : fib6_place(r, slot, a[i]));
	}
	for (unsigned i = 0; i < n; i++) {
		const struct fib6_slot *slot = &r->slot[a[i].hi >> 48];

		if (slot->bits != 0)
			__builtin_prefetch(
			    &r->hi[fib6_place(r, slot, a[i])[0]]);
	}
	for (unsigned i = 0; i < n; i++)
		value[i] = fib6_ranges_find(r, a[i]);
}

void
fib6_ranges_find_vec(const struct fib6_ranges *r, const uint8_t *const *dst,
		     uint32_t *value, unsigned n)
{
	if (r->slot == NULL) {
		for (unsigned i = 0; i < n; i++)
			value[i] = fib6_ranges_find(r, fib6_addr_get(dst[i]));
		return;
	}
	for (unsigned i = 0; i < n; i += FIB6_VEC)
		fib6_find_some(r, dst + i, value + i,
			       n - i < FIB6_VEC ? n - i : FIB6_VEC);
}

size_t
fib6_ranges_octets(const struct fib6_ranges *r)
{
	size_t octets =
	    sizeof(*r) + 4 * FIB6_BLOCK_OCTETS +
	    r->n * (sizeof(*r->hi) + sizeof(*r->lo) + sizeof(*r->value));

	if (r->slot != NULL)
		octets += FIB6_SLOTS * sizeof(*r->slot) +
			  (r->places + 1) * sizeof(*r->index) +
			  2 * FIB6_BLOCK_OCTETS;
	return octets;
}
