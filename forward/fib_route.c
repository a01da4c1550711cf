/*
 * Merging of routes and making of ranges. n prefixes make at most 2n + 1
 * ranges, which bounds the memory of a table for every mix of lengths. Called
 * by both kinds of table; allocates nothing.
 */
#include "fib_route.h"

int
fib_route_cmp(const struct fib_route *a, const struct fib_route *b)
{
	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	return (int)fib_len(a) - (int)fib_len(b);
}

size_t
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

/* Routes nest, so those that hold the present address are a stack. */
size_t
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
