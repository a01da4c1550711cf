/*
 * 65,536 slots, one for the first 16 bits of an address, each with the value
 * that prefixes of up to 16 bits give it (base) and, where longer prefixes lie
 * in it, a leaf: these prefixes and the ranges of the last 16 bits that they
 * make. A value of 0 in a leaf's range means the slot's base, so a change of a
 * short prefix changes no leaf. A lookup reads the slot and searches the leaf,
 * 16-bit numbers side by side, most often one or two cache lines.
 *
 * Changes are merged leaf by leaf into new leaves, and only when all of them
 * are there do they take the place of the old. A leaf costs 6 octets a prefix
 * and 6 a range.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fib_large.h"

#define FIB_SLOTS 65536
#define FIB_SHORT 16        /* bits: prefixes up to here need no leaf */
#define FIB_BLOCK_OCTETS 16 /* what the allocator adds to a block, at most */
#define FIB_VEC 32          /* lookups in flight at once */

/*
 * The prefixes of one slot that are longer than 16 bits, and their ranges:
 * values, len_values, firsts and prefixes follow one another behind the header.
 */
struct fib_leaf {
	uint32_t ranges;
	uint32_t routes;
	uint32_t words[];
};

struct fib_slot {
	struct fib_leaf *leaf;
	uint32_t base;
	uint32_t spare;
};

struct fib_large {
	struct fib_slot slot[FIB_SLOTS];
	/* Short prefixes in heap order: 1 << len | the prefix's bits. */
	uint32_t shorts[2 * FIB_SLOTS];
	size_t leaf_octets;
	size_t routes;
};

static uint32_t *
fib_leaf_len_values(struct fib_leaf *leaf)
{
	return leaf->words + leaf->ranges;
}

static uint16_t *
fib_leaf_firsts(struct fib_leaf *leaf)
{
	return (uint16_t *)(leaf->words + leaf->ranges + leaf->routes);
}

static uint16_t *
fib_leaf_prefixes(struct fib_leaf *leaf)
{
	return fib_leaf_firsts(leaf) + leaf->ranges;
}

static size_t
fib_leaf_octets(size_t ranges, size_t routes)
{
	return sizeof(struct fib_leaf) + 6 * (ranges + routes);
}

struct fib_large *
fib_large_new(void)
{
	return calloc(1, sizeof(struct fib_large));
}

void
fib_large_free(struct fib_large **large)
{
	if (*large == NULL)
		return;
	for (unsigned i = 0; i < FIB_SLOTS; i++)
		free((*large)->slot[i].leaf);
	free(*large);
	*large = NULL;
}

/* Memory for the merge of one slot, kept from slot to slot. */
struct fib_scratch {
	struct fib_route *old;
	struct fib_route *merged;
	struct fib_range *range;
	size_t room;
};

struct fib_new_leaf {
	struct fib_leaf *leaf;
	uint32_t slot;
};

static void
fib_scratch_fini(struct fib_scratch *s)
{
	free(s->old);
	free(s->merged);
	free(s->range);
}

static int
fib_scratch_reserve(struct fib_scratch *s, size_t n)
{
	if (n <= s->room)
		return 0;
	fib_scratch_fini(s);
	s->room = n + n / 2;
	s->old = malloc(s->room * sizeof(*s->old));
	s->merged = malloc(s->room * sizeof(*s->merged));
	s->range = malloc((2 * s->room + 1) * sizeof(*s->range));
	if (s->old != NULL && s->merged != NULL && s->range != NULL)
		return 0;
	fib_scratch_fini(s);
	*s = (struct fib_scratch){0};
	return -ENOMEM;
}

static size_t
fib_leaf_read(struct fib_leaf *leaf, uint32_t slot, struct fib_route *out)
{
	if (leaf == NULL)
		return 0;
	for (uint32_t i = 0; i < leaf->routes; i++) {
		out[i].prefix = slot << 16 | fib_leaf_prefixes(leaf)[i];
		out[i].len_value = fib_leaf_len_values(leaf)[i];
	}
	return leaf->routes;
}

static struct fib_leaf *
fib_leaf_new(const struct fib_route *route, size_t routes,
	     const struct fib_range *range, size_t ranges)
{
	struct fib_leaf *leaf = malloc(fib_leaf_octets(ranges, routes));

	assert(route != NULL && range != NULL); /* room was reserved */
	if (leaf == NULL)
		return NULL;
	leaf->ranges = (uint32_t)ranges;
	leaf->routes = (uint32_t)routes;
	for (size_t i = 0; i < ranges; i++) {
		leaf->words[i] = range[i].value;
		fib_leaf_firsts(leaf)[i] = (uint16_t)range[i].first;
	}
	for (size_t i = 0; i < routes; i++) {
		fib_leaf_len_values(leaf)[i] = route[i].len_value;
		fib_leaf_prefixes(leaf)[i] = (uint16_t)route[i].prefix;
	}
	return leaf;
}

/* What one slot's leaf becomes under changes to it; NULL leaf: none is left. */
static int
fib_leaf_change(struct fib_leaf *was, uint32_t slot, const struct fib_change *c,
		size_t nc, struct fib_scratch *s, struct fib_leaf **leaf)
{
	size_t nold = was == NULL ? 0 : was->routes;
	size_t n;
	size_t ranges;

	if (fib_scratch_reserve(s, nold + nc) < 0)
		return -ENOMEM;
	fib_leaf_read(was, slot, s->old);
	n = fib_merge(s->old, nold, c, nc, s->merged);
	*leaf = NULL;
	if (n == 0)
		return 0;
	ranges = fib_ranges_make(s->merged, n, slot << 16, slot << 16 | 0xffff,
				 s->range);
	*leaf = fib_leaf_new(s->merged, n, s->range, ranges);
	return *leaf == NULL ? -ENOMEM : 0;
}

/* Moves the changes of long prefixes to the front; returns how many. */
static size_t
fib_changes_part(struct fib_change *c, size_t n, struct fib_change *shorts,
		 size_t *nshorts)
{
	size_t longs = 0;

	*nshorts = 0;
	for (size_t i = 0; i < n; i++) {
		if (fib_len(&c[i].route) <= FIB_SHORT)
			shorts[(*nshorts)++] = c[i];
		else
			c[longs++] = c[i];
	}
	return longs;
}

/* Builds the leaves that the changes ask for. On failure none is left. */
static int
fib_leaves_make(struct fib_large *large, const struct fib_change *c, size_t n,
		struct fib_new_leaf *out, size_t *nout)
{
	struct fib_scratch scratch = {0};
	size_t made = 0;
	int rc = 0;

	for (size_t i = 0, end; i < n && rc == 0; i = end) {
		uint32_t slot = c[i].route.prefix >> 16;

		for (end = i; end < n && c[end].route.prefix >> 16 == slot;)
			end++;
		out[made].slot = slot;
		rc = fib_leaf_change(large->slot[slot].leaf, slot, &c[i],
				     end - i, &scratch, &out[made].leaf);
		if (rc == 0)
			made++;
	}
	while (rc < 0 && made > 0)
		free(out[--made].leaf);
	fib_scratch_fini(&scratch);
	*nout = made;
	return rc;
}

static void
fib_leaves_install(struct fib_large *large, const struct fib_new_leaf *leaf,
		   size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct fib_slot *slot = &large->slot[leaf[i].slot];
		struct fib_leaf *was = slot->leaf;
		struct fib_leaf *now = leaf[i].leaf;

		if (was != NULL) {
			large->routes -= was->routes;
			large->leaf_octets -=
			    FIB_BLOCK_OCTETS +
			    fib_leaf_octets(was->ranges, was->routes);
		}
		if (now != NULL) {
			large->routes += now->routes;
			large->leaf_octets +=
			    FIB_BLOCK_OCTETS +
			    fib_leaf_octets(now->ranges, now->routes);
		}
		slot->leaf = now;
		free(was);
	}
}

/* The value that prefixes of up to 16 bits give a slot. */
static uint32_t
fib_base(const struct fib_large *large, uint32_t slot)
{
	for (uint32_t node = FIB_SLOTS | slot; node > 0; node >>= 1)
		if (large->shorts[node] != 0)
			return large->shorts[node];
	return 0;
}

static void
fib_shorts_install(struct fib_large *large, const struct fib_change *c,
		   size_t n)
{
	uint32_t lo = FIB_SLOTS;
	uint32_t hi = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned len = fib_len(&c[i].route);
		uint32_t *at =
		    &large->shorts[UINT32_C(1) << len |
				   (uint32_t)((uint64_t)c[i].route.prefix >>
					      (32 - len))];
		uint32_t value = fib_value(&c[i].route);

		large->routes += (size_t)(value != 0) - (size_t)(*at != 0);
		*at = value;
		if (c[i].route.prefix >> 16 < lo)
			lo = c[i].route.prefix >> 16;
		if (fib_last(&c[i].route) >> 16 > hi)
			hi = fib_last(&c[i].route) >> 16;
	}
	for (uint32_t slot = lo; slot <= hi && slot < FIB_SLOTS; slot++)
		large->slot[slot].base = fib_base(large, slot);
}

int
fib_large_change(struct fib_large *large, struct fib_change *c, size_t n)
{
	struct fib_change *shorts = malloc((n + 1) * sizeof(*shorts));
	size_t leaves = n < FIB_SLOTS ? n : FIB_SLOTS;
	struct fib_new_leaf *leaf = malloc((leaves + 1) * sizeof(*leaf));
	size_t nshorts;
	size_t longs;
	int rc = -ENOMEM;

	if (shorts == NULL || leaf == NULL)
		goto done;
	longs = fib_changes_part(c, n, shorts, &nshorts);
	rc = fib_leaves_make(large, c, longs, leaf, &leaves);
	/* The changes stay noted when this failed: as many as before. */
	memcpy(c + longs, shorts, nshorts * sizeof(*shorts));
	if (rc < 0)
		goto done;
	fib_leaves_install(large, leaf, leaves);
	fib_shorts_install(large, shorts, nshorts);
done:
	free(shorts);
	free(leaf);
	return rc;
}

static uint32_t
fib_leaf_find(struct fib_leaf *leaf, uint16_t dst)
{
	const uint16_t *first = fib_leaf_firsts(leaf);
	const uint16_t *at = first;
	size_t n = leaf->ranges;

	while (n > 1) {
		size_t half = n / 2;

		at += at[half] <= dst ? half : 0;
		n -= half;
	}
	return leaf->words[at - first];
}

static uint32_t
fib_slot_find(const struct fib_slot *slot, uint32_t dst)
{
	uint32_t value =
	    slot->leaf == NULL ? 0 : fib_leaf_find(slot->leaf, (uint16_t)dst);

	return value != 0 ? value : slot->base;
}

uint32_t
fib_large_lookup(const struct fib_large *large, uint32_t dst)
{
	return fib_slot_find(&large->slot[dst >> 16], dst);
}

/* First every slot is asked for, then every leaf, then they are searched. */
static void
fib_lookup_some(const struct fib_large *large, const uint32_t *dst,
		uint32_t *value, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		__builtin_prefetch(&large->slot[dst[i] >> 16]);
	for (unsigned i = 0; i < n; i++)
		__builtin_prefetch(large->slot[dst[i] >> 16].leaf);
	for (unsigned i = 0; i < n; i++)
		value[i] = fib_slot_find(&large->slot[dst[i] >> 16], dst[i]);
}

void
fib_large_lookup_vec(const struct fib_large *large, const uint32_t *dst,
		     uint32_t *value, unsigned n)
{
	for (unsigned i = 0; i < n; i += FIB_VEC)
		fib_lookup_some(large, dst + i, value + i,
				n - i < FIB_VEC ? n - i : FIB_VEC);
}

size_t
fib_large_routes(const struct fib_large *large)
{
	return large->routes;
}

size_t
fib_large_octets(const struct fib_large *large)
{
	return sizeof(*large) + FIB_BLOCK_OCTETS + large->leaf_octets;
}
