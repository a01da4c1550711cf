/*
 * Longest prefix match for IPv6: sorted routes, and the ranges that lookups
 * read (fib6_ranges.c). A batch of changes is sorted, the later of two to one
 * prefix wins, and new routes and ranges take the place of the old all at once
 * or, where there is no memory, not at all.
 */
#include "fib6.h"

#include <errno.h>
#include <stdlib.h>

#include "fib6_ranges.h"

#define FIB6_BLOCK_OCTETS 16 /* what the allocator adds to a block, at most */

struct fib6_change {
	struct fib6_route route;
	size_t number; /* the later of two wins */
};

struct fib6 {
	struct fib6_route *route; /* sorted */
	size_t routes;
	struct fib6_ranges *ranges; /* NULL: no routes */
	struct fib6_change *change; /* noted, not applied */
	size_t changes;
	size_t change_room;
};

struct fib6 *
fib6_new(void)
{
	return calloc(1, sizeof(struct fib6));
}

void
fib6_free(struct fib6 **fib)
{
	if (*fib == NULL)
		return;
	fib6_ranges_free(&(*fib)->ranges);
	free((*fib)->route);
	free((*fib)->change);
	free(*fib);
	*fib = NULL;
}

/* Shorter first at one address: the order in which routes nest. */
static int
fib6_route_cmp(const struct fib6_route *a, const struct fib6_route *b)
{
	if (!fib6_addr_same(a->prefix, b->prefix))
		return fib6_addr_less(a->prefix, b->prefix) ? -1 : 1;
	return (int)a->len - (int)b->len;
}

static int
fib6_change_cmp(const void *pa, const void *pb)
{
	const struct fib6_change *a = pa;
	const struct fib6_change *b = pb;
	int order = fib6_route_cmp(&a->route, &b->route);

	if (order != 0)
		return order;
	return a->number < b->number ? -1 : 1;
}

static int
fib6_note(struct fib6 *fib, const uint8_t prefix[16], unsigned len,
	  uint32_t value)
{
	struct fib6_addr a = fib6_addr_get(prefix);

	if (len > 128 || value > FIB6_VALUE_MAX ||
	    (a.hi & ~fib6_bits(len)) != 0 ||
	    (a.lo & ~fib6_bits(len > 64 ? len - 64 : 0)) != 0)
		return -EINVAL;
	if (fib->changes == fib->change_room) {
		size_t room = fib->change_room == 0 ? 16 : fib->change_room * 2;
		void *p = realloc(fib->change, room * sizeof(*fib->change));

		if (p == NULL)
			return -ENOMEM;
		fib->change = p;
		fib->change_room = room;
	}
	fib->change[fib->changes] = (struct fib6_change){
	    .route = {.prefix = a, .len = len, .value = value},
	    .number = fib->changes};
	fib->changes++;
	return 0;
}

int
fib6_set(struct fib6 *fib, const uint8_t prefix[16], unsigned len,
	 uint32_t value)
{
	return value == 0 ? -EINVAL : fib6_note(fib, prefix, len, value);
}

int
fib6_delete(struct fib6 *fib, const uint8_t prefix[16], unsigned len)
{
	return fib6_note(fib, prefix, len, 0);
}

/* Old routes and settled changes, both sorted. Returns how many are left. */
static size_t
fib6_merge(const struct fib6 *fib, struct fib6_route *out)
{
	size_t n = 0;
	size_t i = 0;

	for (size_t k = 0; k < fib->changes; k++) {
		const struct fib6_route *c = &fib->change[k].route;
		int order = 1;

		if (k + 1 < fib->changes &&
		    fib6_route_cmp(c, &fib->change[k + 1].route) == 0)
			continue; /* a later one to the same prefix follows */
		while (i < fib->routes) {
			order = fib6_route_cmp(&fib->route[i], c);
			if (order >= 0)
				break;
			out[n++] = fib->route[i++];
		}
		if (i < fib->routes && order == 0)
			i++;
		if (c->value != 0)
			out[n++] = *c;
	}
	while (i < fib->routes)
		out[n++] = fib->route[i++];
	return n;
}

static void
fib6_changes_forget(struct fib6 *fib)
{
	free(fib->change);
	fib->change = NULL;
	fib->changes = 0;
	fib->change_room = 0;
}

int
fib6_apply(struct fib6 *fib)
{
	size_t room = fib->routes + fib->changes + 1;
	struct fib6_ranges *ranges = NULL;
	struct fib6_route *route;
	struct fib6_route *fit;
	size_t n;

	if (fib->changes == 0)
		return 0;
	route = malloc(room * sizeof(*route));
	if (route == NULL)
		return -ENOMEM;
	qsort(fib->change, fib->changes, sizeof(*fib->change), fib6_change_cmp);
	for (size_t i = 0; i < fib->changes; i++)
		fib->change[i].number = i; /* kept when this fails */
	n = fib6_merge(fib, route);
	if (n > 0) {
		ranges = fib6_ranges_new(route, n);
		if (ranges == NULL) {
			free(route);
			return -ENOMEM;
		}
	}
	fit = realloc(route, (n + 1) * sizeof(*route));
	free(fib->route);
	fib6_ranges_free(&fib->ranges);
	fib->route = fit != NULL ? fit : route;
	fib->routes = n;
	fib->ranges = ranges;
	fib6_changes_forget(fib);
	return 0;
}

uint32_t
fib6_lookup(const struct fib6 *fib, const uint8_t dst[16])
{
	return fib->ranges == NULL
		   ? 0
		   : fib6_ranges_find(fib->ranges, fib6_addr_get(dst));
}

void
fib6_lookup_vec(const struct fib6 *fib, const uint8_t *const *dst,
		uint32_t *value, unsigned n)
{
	if (fib->ranges == NULL)
		memset(value, 0, n * sizeof(*value));
	else
		fib6_ranges_find_vec(fib->ranges, dst, value, n);
}

size_t
fib6_routes(const struct fib6 *fib)
{
	return fib->routes;
}

size_t
fib6_octets(const struct fib6 *fib)
{
	size_t octets = sizeof(*fib) + 3 * FIB6_BLOCK_OCTETS +
			(fib->routes + 1) * sizeof(*fib->route) +
			fib->change_room * sizeof(*fib->change);

	return fib->ranges == NULL ? octets
				   : octets + fib6_ranges_octets(fib->ranges);
}
