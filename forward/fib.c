/*
 * Longest prefix match after DXR. A table starts small: its routes in one
 * sorted list, and the ranges of addresses that they make, found by binary
 * search. Past FIB_SMALL routes it becomes large (fib_large.c), and small again
 * only when it is empty.
 *
 * A batch of changes is sorted, the later of two to one prefix wins, and it
 * acts all at once or, where there is no memory, not at all.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fib.h"
#include "fib_large.h"

#define FIB_SMALL 4096
#define FIB_BLOCK_OCTETS 16 /* what the allocator adds to a block, at most */

struct fib {
	size_t routes;             /* small: of route */
	struct fib_change *change; /* noted, not applied */
	size_t changes;
	size_t change_room;
	struct fib_large *large; /* NULL: small */
	struct fib_route *route; /* small: sorted */
	struct fib_range *range;
	size_t ranges;
};

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

struct fib *
fib_new(void)
{
	return calloc(1, sizeof(struct fib));
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

/* A small table becomes a large one with these routes. */
static int
fib_enlarge(struct fib *fib, const struct fib_route *route, size_t n)
{
	struct fib_change *c = malloc((n + 1) * sizeof(*c));
	int rc;

	fib->large = fib_large_new();
	if (c == NULL || fib->large == NULL) {
		rc = -ENOMEM;
		goto fail;
	}
	for (size_t i = 0; i < n; i++)
		c[i] = (struct fib_change){.route = route[i]};
	rc = fib_large_change(fib->large, c, n);
	if (rc < 0)
		goto fail;
	free(c);
	free(fib->route);
	free(fib->range);
	fib->route = NULL;
	fib->range = NULL;
	fib->ranges = 0;
	fib->routes = 0;
	return 0;
fail:
	free(c);
	fib_large_free(&fib->large);
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
	struct fib_route *fit_route;
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
	fit_route = realloc(route, (n + 1) * sizeof(*route));
	fib->route = fit_route != NULL ? fit_route : route;
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
		rc = fib_large_change(fib->large, fib->change, fib->changes);
	else
		rc = fib_small_change(fib);
	if (rc < 0)
		return rc;
	free(fib->change);
	fib->change = NULL;
	fib->changes = 0;
	fib->change_room = 0;
	if (fib_routes(fib) == 0)
		fib_large_free(&fib->large);
	return 0;
}

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

uint32_t
fib_lookup(const struct fib *fib, uint32_t dst)
{
	if (fib->large != NULL)
		return fib_large_lookup(fib->large, dst);
	if (fib->ranges == 0)
		return 0;
	return fib_range_find(fib->range, fib->ranges, dst);
}

void
fib_lookup_vec(const struct fib *fib, const uint32_t *dst, uint32_t *value,
	       unsigned n)
{
	if (fib->large != NULL) {
		fib_large_lookup_vec(fib->large, dst, value, n);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		value[i] = fib_lookup(fib, dst[i]);
}

size_t
fib_routes(const struct fib *fib)
{
	return fib->large != NULL ? fib_large_routes(fib->large) : fib->routes;
}

size_t
fib_octets(const struct fib *fib)
{
	size_t octets = sizeof(*fib) + FIB_BLOCK_OCTETS +
			fib->change_room * sizeof(*fib->change);

	if (fib->large != NULL)
		return octets + fib_large_octets(fib->large);
	return octets + 2 * FIB_BLOCK_OCTETS +
	       (fib->routes + 1) * sizeof(*fib->route) +
	       fib->ranges * sizeof(*fib->range);
}
