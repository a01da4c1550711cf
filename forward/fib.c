/*
 * Longest prefix match after DXR. A table starts small: its routes in one
 * sorted list, and the ranges of addresses that they make, found by binary
 * search. Past FIB_SMALL routes it becomes large: 65,536 slots, one for the
 * first 16 bits of an address, each with the value that prefixes of up to 16
 * bits give it (base) and, where longer prefixes lie in it, a leaf: these
 * prefixes and the ranges of the last 16 bits that they make. A value of 0 in a
 * leaf's range means the slot's base, so a change of a short prefix changes no
 * leaf.
 *
 * A batch is sorted, merged leaf by leaf into new leaves, and only when all of
 * them are there do they take the place of the old: a batch that finds no
 * memory changes nothing. n prefixes make at most 2n + 1 ranges, which bounds
 * the memory for every mix of lengths: 6 octets a prefix and 6 a range.
 */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fib.h"

#define FIB_SMALL 4096
#define FIB_SLOTS 65536
#define FIB_SHORT 16 /* bits: prefixes up to here need no leaf */
#define FIB_VALUE_MAX ((UINT32_C(1) << 24) - 1)
#define FIB_BLOCK_OCTETS 16 /* what the allocator adds to a block, at most */
#define FIB_VEC 32          /* lookups in flight at once */

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
};

struct fib {
	size_t routes;
	struct fib_change *change; /* noted, not applied */
	size_t changes;
	size_t change_room;
	struct fib_large *large; /* NULL: small */
	struct fib_route *route; /* small: sorted */
	struct fib_range *range;
	size_t ranges;
};

static unsigned
fib_len(const struct fib_route *r)
{
	return r->len_value >> 24;
}

static uint32_t
fib_value(const struct fib_route *r)
{
	return r->len_value & FIB_VALUE_MAX;
}

static uint32_t
fib_last(const struct fib_route *r)
{
	unsigned len = fib_len(r);

	return len == 0
		   ? UINT32_MAX
		   : r->prefix | (uint32_t)((UINT64_C(1) << (32 - len)) - 1);
}

/* Shorter first at one address: the order in which routes nest. */
static int
fib_route_cmp(const struct fib_route *a, const struct fib_route *b)
{
	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	return (int)fib_len(a) - (int)fib_len(b);
}

static int
fib_change_cmp(const void *pa, const void *pb)
{
	const struct fib_change *a = pa;
	const struct fib_change *b = pb;
	int order = fib_route_cmp(&a->route, &b->route);

	if (order != 0)
		return order;
	return a->number < b->number ? -1 : 1;
}

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

struct fib *
fib_new(void)
{
	return calloc(1, sizeof(struct fib));
}

static void
fib_large_free(struct fib_large **large)
{
	if (*large == NULL)
		return;
	for (unsigned i = 0; i < FIB_SLOTS; i++)
		free((*large)->slot[i].leaf);
	free(*large);
	*large = NULL;
}

void
fib_free(struct fib **fib)
{
	if (*fib == NULL)
		return;
	fib_large_free(&(*fib)->large);
	free((*fib)->change);
	free((*fib)->route);
	free((*fib)->range);
	free(*fib);
	*fib = NULL;
}

static int
fib_note(struct fib *fib, uint32_t prefix, unsigned len, uint32_t value)
{
	struct fib_change *c;

	if (len > 32 || value > FIB_VALUE_MAX ||
	    (len < 32 && (uint32_t)((uint64_t)prefix << len) != 0))
		return -EINVAL;
	if (fib->changes == fib->change_room) {
		size_t room = fib->change_room == 0 ? 16 : fib->change_room * 2;
		void *p = realloc(fib->change, room * sizeof(*c));

		if (p == NULL)
			return -ENOMEM;
		fib->change = p;
		fib->change_room = room;
	}
	c = &fib->change[fib->changes];
	c->route.prefix = prefix;
	c->route.len_value = (uint32_t)len << 24 | value;
	c->number = (uint32_t)fib->changes++;
	return 0;
}

int
fib_set(struct fib *fib, uint32_t prefix, unsigned len, uint32_t value)
{
	return value == 0 ? -EINVAL : fib_note(fib, prefix, len, value);
}

int
fib_delete(struct fib *fib, uint32_t prefix, unsigned len)
{
	return fib_note(fib, prefix, len, 0);
}

/* Sorts the noted changes and leaves the last of those to one prefix. */
static void
fib_changes_settle(struct fib *fib)
{
	struct fib_change *c = fib->change;
	size_t n = 0;

	qsort(c, fib->changes, sizeof(*c), fib_change_cmp);
	for (size_t i = 0; i < fib->changes; i++) {
		if (n > 0 && fib_route_cmp(&c[n - 1].route, &c[i].route) == 0)
			n--;
		c[n++] = c[i];
	}
	fib->changes = n;
	for (size_t i = 0; i < n; i++)
		c[i].number = (uint32_t)i;
}

/* Sorted routes and sorted changes to sorted routes; room for the sum of both.
 */
static size_t
fib_merge(const struct fib_route *old, size_t nold, const struct fib_change *c,
	  size_t nc, struct fib_route *out)
{
	size_t n = 0;
	size_t i = 0;

	for (size_t k = 0; k < nc; k++) {
		int order = 1;

		while (i < nold) {
			order = fib_route_cmp(&old[i], &c[k].route);
			if (order >= 0)
				break;
			out[n++] = old[i++];
		}
		if (i < nold && order == 0)
			i++;
		if (fib_value(&c[k].route) != 0)
			out[n++] = c[k].route;
	}
	while (i < nold)
		out[n++] = old[i++];
	return n;
}

/* The next range; joins neighbours of one value. */
static size_t
fib_range_put(struct fib_range *range, size_t n, uint32_t first, uint32_t value)
{
	if (n > 0 && range[n - 1].first == first)
		n--;
	if (n > 0 && range[n - 1].value == value)
		return n;
	range[n].first = first;
	range[n].value = value;
	return n + 1;
}

/*
 * The ranges that sorted routes make of the addresses first .. last; room for
 * 2 * n + 1. Routes nest, so those that hold the present address are a stack.
 */
static size_t
fib_ranges_make(const struct fib_route *r, size_t n, uint32_t first,
		uint32_t last, struct fib_range *range)
{
	const struct fib_route *open[33];
	unsigned depth = 0;
	size_t out = fib_range_put(range, 0, first, 0);

	for (size_t i = 0; i <= n; i++) {
		while (depth > 0 &&
		       (i == n || fib_last(open[depth - 1]) < r[i].prefix)) {
			uint32_t end = fib_last(open[--depth]);

			if (end == last)
				continue;
			out = fib_range_put(
			    range, out, end + 1,
			    depth > 0 ? fib_value(open[depth - 1]) : 0);
		}
		if (i == n)
			break;
		open[depth++] = &r[i];
		out = fib_range_put(range, out, r[i].prefix, fib_value(&r[i]));
	}
	return out;
}

/* --- large tables --------------------------------------------------------- */

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
fib_leaves_install(struct fib *fib, const struct fib_new_leaf *leaf, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct fib_slot *slot = &fib->large->slot[leaf[i].slot];
		struct fib_leaf *was = slot->leaf;
		struct fib_leaf *now = leaf[i].leaf;

		if (was != NULL) {
			fib->routes -= was->routes;
			fib->large->leaf_octets -=
			    FIB_BLOCK_OCTETS +
			    fib_leaf_octets(was->ranges, was->routes);
		}
		if (now != NULL) {
			fib->routes += now->routes;
			fib->large->leaf_octets +=
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
fib_shorts_install(struct fib *fib, const struct fib_change *c, size_t n)
{
	struct fib_large *large = fib->large;
	uint32_t lo = FIB_SLOTS;
	uint32_t hi = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned len = fib_len(&c[i].route);
		uint32_t *at =
		    &large->shorts[UINT32_C(1) << len |
				   (uint32_t)((uint64_t)c[i].route.prefix >>
					      (32 - len))];
		uint32_t value = fib_value(&c[i].route);

		fib->routes += (size_t)(value != 0) - (size_t)(*at != 0);
		*at = value;
		if (c[i].route.prefix >> 16 < lo)
			lo = c[i].route.prefix >> 16;
		if (fib_last(&c[i].route) >> 16 > hi)
			hi = fib_last(&c[i].route) >> 16;
	}
	for (uint32_t slot = lo; slot <= hi && slot < FIB_SLOTS; slot++)
		large->slot[slot].base = fib_base(large, slot);
}

/* Changes, settled, to a large table; reorders them. -ENOMEM changes nothing.
 */
static int
fib_large_change(struct fib *fib, struct fib_change *c, size_t n)
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
	rc = fib_leaves_make(fib->large, c, longs, leaf, &leaves);
	/* The changes stay noted when this failed: as many as before. */
	memcpy(c + longs, shorts, nshorts * sizeof(*shorts));
	if (rc < 0)
		goto done;
	fib_leaves_install(fib, leaf, leaves);
	fib_shorts_install(fib, shorts, nshorts);
done:
	free(shorts);
	free(leaf);
	return rc;
}

/* --- small tables --------------------------------------------------------- */

/* A small table becomes a large one with these routes. */
static int
fib_enlarge(struct fib *fib, const struct fib_route *route, size_t n)
{
	struct fib_change *c = malloc((n + 1) * sizeof(*c));
	size_t routes = fib->routes;
	int rc;

	fib->large = calloc(1, sizeof(*fib->large));
	if (c == NULL || fib->large == NULL) {
		rc = -ENOMEM;
		goto fail;
	}
	for (size_t i = 0; i < n; i++)
		c[i] = (struct fib_change){.route = route[i]};
	fib->routes = 0;
	rc = fib_large_change(fib, c, n);
	if (rc < 0)
		goto fail;
	free(c);
	free(fib->route);
	free(fib->range);
	fib->route = NULL;
	fib->range = NULL;
	fib->ranges = 0;
	return 0;
fail:
	free(c);
	fib_large_free(&fib->large);
	fib->routes = routes;
	return rc;
}

static int
fib_small_change(struct fib *fib)
{
	size_t room = fib->routes + fib->changes;
	struct fib_route *route = malloc((room + 1) * sizeof(*route));
	struct fib_range *range = NULL;
	struct fib_range *fit;
	size_t n;
	int rc = -ENOMEM;

	if (route == NULL)
		return -ENOMEM;
	n = fib_merge(fib->route, fib->routes, fib->change, fib->changes,
		      route);
	if (n > FIB_SMALL) {
		rc = fib_enlarge(fib, route, n);
		goto done;
	}
	range = malloc((2 * n + 1) * sizeof(*range));
	if (range == NULL)
		goto done;
	free(fib->route);
	free(fib->range);
	fib->ranges = fib_ranges_make(route, n, 0, UINT32_MAX, range);
	fit = realloc(range, fib->ranges * sizeof(*range));
	fib->range = fit != NULL ? fit : range;
	fib->route = realloc(route, (n + 1) * sizeof(*route));
	if (fib->route == NULL)
		fib->route = route;
	fib->routes = n;
	return 0;
done:
	free(route);
	free(range);
	return rc;
}

int
fib_apply(struct fib *fib)
{
	int rc;

	if (fib->changes == 0)
		return 0;
	fib_changes_settle(fib);
	if (fib->large != NULL)
		rc = fib_large_change(fib, fib->change, fib->changes);
	else
		rc = fib_small_change(fib);
	if (rc < 0)
		return rc;
	free(fib->change);
	fib->change = NULL;
	fib->changes = 0;
	fib->change_room = 0;
	if (fib->routes == 0)
		fib_large_free(&fib->large);
	return 0;
}

/* --- lookups -------------------------------------------------------------- */

/* The last range that begins at or before dst. No branch depends on dst. */
static uint32_t
fib_range_find(const struct fib_range *range, size_t n, uint32_t dst)
{
	while (n > 1) {
		size_t half = n / 2;

		range += range[half].first <= dst ? half : 0;
		n -= half;
	}
	return range->value;
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
fib_lookup(const struct fib *fib, uint32_t dst)
{
	if (fib->large != NULL)
		return fib_slot_find(&fib->large->slot[dst >> 16], dst);
	if (fib->ranges == 0)
		return 0;
	return fib_range_find(fib->range, fib->ranges, dst);
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
fib_lookup_vec(const struct fib *fib, const uint32_t *dst, uint32_t *value,
	       unsigned n)
{
	if (fib->large == NULL) {
		for (unsigned i = 0; i < n; i++)
			value[i] = fib_lookup(fib, dst[i]);
		return;
	}
	for (unsigned i = 0; i < n; i += FIB_VEC)
		fib_lookup_some(fib->large, dst + i, value + i,
				n - i < FIB_VEC ? n - i : FIB_VEC);
}

size_t
fib_routes(const struct fib *fib)
{
	return fib->routes;
}

size_t
fib_octets(const struct fib *fib)
{
	size_t octets = sizeof(*fib) + FIB_BLOCK_OCTETS +
			fib->change_room * sizeof(*fib->change);

	if (fib->large != NULL)
		return octets + sizeof(*fib->large) + fib->large->leaf_octets;
	return octets + 2 * FIB_BLOCK_OCTETS +
	       (fib->routes + 1) * sizeof(*fib->route) +
	       fib->ranges * sizeof(*fib->range);
}
