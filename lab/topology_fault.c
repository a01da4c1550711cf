/*
 * The list of mistakes of a topology file. It is bounded: a file of nothing but
 * mistakes is told with as many sentences as a person may read, and a count.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology.h"

static int
by_place(const void *a, const void *b)
{
	const struct topology_fault *x = a;
	const struct topology_fault *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->column < y->column ? -1 : x->column > y->column;
}

void
topology_fault(struct topology_faults *faults, unsigned line, unsigned column,
	       const char *format, ...)
{
	struct topology_fault *f;
	va_list args;

	faults->found++;
	if (faults->list == NULL)
		faults->list = calloc(TOPOLOGY_FAULTS_MAX, sizeof(*f));
	if (faults->list == NULL || faults->n == TOPOLOGY_FAULTS_MAX)
		return;
	f = &faults->list[faults->n++];
	f->line = line;
	f->column = column;
	va_start(args, format);
	(void)vsnprintf(f->text, sizeof(f->text), format, args);
	va_end(args);
}

/* Few, and nearly in order: by insertion, which keeps equals as they were. */
void
topology_faults_sort(struct topology_faults *faults)
{
	for (unsigned i = 1; i < faults->n; i++) {
		struct topology_fault f = faults->list[i];
		unsigned at = i;

		for (; at > 0 && by_place(&faults->list[at - 1], &f) > 0; at--)
			faults->list[at] = faults->list[at - 1];
		faults->list[at] = f;
	}
}

void
topology_faults_fini(struct topology_faults *faults)
{
	free(faults->list);
	*faults = (struct topology_faults){0};
}
