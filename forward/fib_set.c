/*
 * The FIBs of a process by context: a sorted array, for contexts are tens to
 * thousands and stay. A vector mostly asks for one context, so callers keep the
 * answer and ask again only when the context changes.
 */
#include "fib_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct fib_row {
	uint32_t context;
	struct fib *fib;
	struct fib6 *fib6;
};

struct fib_set {
	struct fib_row *at;
	size_t n;
	size_t room;
};

struct fib_set *
fib_set_new(void)
{
	return calloc(1, sizeof(struct fib_set));
}

void
fib_set_free(struct fib_set **set)
{
	if (*set == NULL)
		return;
	for (size_t i = 0; i < (*set)->n; i++) {
		fib_free(&(*set)->at[i].fib);
		fib6_free(&(*set)->at[i].fib6);
	}
	free((*set)->at);
	free(*set);
	*set = NULL;
}

/* Where the context stands, or would stand. */
static size_t
fib_set_place(const struct fib_set *set, uint32_t context)
{
	size_t lo = 0;
	size_t hi = set->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (set->at[mid].context < context)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static const struct fib_row *
fib_set_row(const struct fib_set *set, uint32_t context)
{
	size_t i = fib_set_place(set, context);

	return i < set->n && set->at[i].context == context ? &set->at[i] : NULL;
}

struct fib *
fib_of(const struct fib_set *set, uint32_t context)
{
	const struct fib_row *row = fib_set_row(set, context);

	return row == NULL ? NULL : row->fib;
}

struct fib6 *
fib6_of(const struct fib_set *set, uint32_t context)
{
	const struct fib_row *row = fib_set_row(set, context);

	return row == NULL ? NULL : row->fib6;
}

/* Makes the context's row where there is none. NULL without memory. */
static struct fib_row *
fib_set_make(struct fib_set *set, uint32_t context)
{
	size_t i = fib_set_place(set, context);

	if (i < set->n && set->at[i].context == context)
		return &set->at[i];
	if (set->n == set->room) {
		size_t room = set->room == 0 ? 4 : set->room * 2;
		void *at = realloc(set->at, room * sizeof(set->at[0]));

		if (at == NULL)
			return NULL;
		set->at = at;
		set->room = room;
	}
	memmove(&set->at[i + 1], &set->at[i],
		(set->n - i) * sizeof(set->at[0]));
	set->at[i] = (struct fib_row){.context = context};
	set->n++;
	return &set->at[i];
}

static int
fib_row_note4(struct fib_row *row, uint32_t prefix, unsigned len,
	      uint32_t value)
{
	if (row->fib == NULL)
		row->fib = fib_new();
	if (row->fib == NULL)
		return -ENOMEM;
	return value != 0 ? fib_set(row->fib, prefix, len, value)
			  : fib_delete(row->fib, prefix, len);
}

static int
fib_row_note6(struct fib_row *row, const uint8_t prefix[16], unsigned len,
	      uint32_t value)
{
	if (row->fib6 == NULL)
		row->fib6 = fib6_new();
	if (row->fib6 == NULL)
		return -ENOMEM;
	return value != 0 ? fib6_set(row->fib6, prefix, len, value)
			  : fib6_delete(row->fib6, prefix, len);
}

int
fib_set_note(struct fib_set *set, uint32_t context,
	     const struct ip_addr *prefix, unsigned len, uint32_t value)
{
	struct fib_row *row;

	if (prefix->family != 4 && prefix->family != 6)
		return -EINVAL;
	row = fib_set_make(set, context);
	if (row == NULL)
		return -ENOMEM;
	return prefix->family == 4
		   ? fib_row_note4(row, ip_addr_to_v4(prefix), len, value)
		   : fib_row_note6(row, prefix->octets, len, value);
}

int
fib_set_apply(struct fib_set *set)
{
	int result = 0;

	for (size_t i = 0; i < set->n; i++) {
		struct fib_row *row = &set->at[i];
		int rc = row->fib == NULL ? 0 : fib_apply(row->fib);
		int rc6 = row->fib6 == NULL ? 0 : fib6_apply(row->fib6);

		if (rc < 0 || rc6 < 0)
			result = rc < 0 ? rc : rc6;
	}
	return result;
}

uint32_t
fib_set_lookup(const struct fib_set *set, uint32_t context,
	       const struct ip_addr *dst)
{
	const struct fib_row *row = fib_set_row(set, context);

	if (row == NULL)
		return 0;
	if (dst->family == 6)
		return row->fib6 == NULL ? 0
					 : fib6_lookup(row->fib6, dst->octets);
	return row->fib == NULL || dst->family != 4
		   ? 0
		   : fib_lookup(row->fib, ip_addr_to_v4(dst));
}
