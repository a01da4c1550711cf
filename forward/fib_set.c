/*
 * The FIBs of a process by context: a sorted array, for contexts are tens to
 * thousands and stay. A vector mostly asks for one context, so callers keep the
 * answer and ask again only when the context changes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fib.h"

struct fib_set {
	struct {
		uint32_t context;
		struct fib *fib;
	} * at;
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
	for (size_t i = 0; i < (*set)->n; i++)
		fib_free(&(*set)->at[i].fib);
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

struct fib *
fib_of(const struct fib_set *set, uint32_t context)
{
	size_t i = fib_set_place(set, context);

	return i < set->n && set->at[i].context == context ? set->at[i].fib
							   : NULL;
}

struct fib *
fib_make(struct fib_set *set, uint32_t context)
{
	size_t i = fib_set_place(set, context);
	struct fib *fib;

	if (i < set->n && set->at[i].context == context)
		return set->at[i].fib;
	if (set->n == set->room) {
		size_t room = set->room == 0 ? 4 : set->room * 2;
		void *at = realloc(set->at, room * sizeof(set->at[0]));

		if (at == NULL)
			return NULL;
		set->at = at;
		set->room = room;
	}
	fib = fib_new();
	if (fib == NULL)
		return NULL;
	memmove(&set->at[i + 1], &set->at[i],
		(set->n - i) * sizeof(set->at[0]));
	set->at[i].context = context;
	set->at[i].fib = fib;
	set->n++;
	return fib;
}

int
fib_set_apply(struct fib_set *set)
{
	int result = 0;

	for (size_t i = 0; i < set->n; i++) {
		int rc = fib_apply(set->at[i].fib);

		if (rc < 0)
			result = rc;
	}
	return result;
}
