/*
 * A ring of commits. Called by session.c at each commit and by confirm.c when
 * one is taken back; knows nothing of cards.
 */
#include "history.h"

#include <errno.h>
#include <stdlib.h>

struct history {
	struct history_entry ring[HISTORY_MAX];
	unsigned first; /* place of the newest */
	unsigned n;
};

struct history *
history_new(void)
{
	return calloc(1, sizeof(struct history));
}

void
history_free(struct history **at)
{
	struct history *h = *at;

	if (h == NULL)
		return;
	for (unsigned i = 0; i < HISTORY_MAX; i++)
		cfg_tree_free(&h->ring[i].tree);
	free(h);
	*at = NULL;
}

int
history_add(struct history *h, const struct history_entry *entry,
	    const struct cfg_tree *tree)
{
	struct cfg_tree *copy = cfg_tree_snapshot(tree);
	struct history_entry *e;

	if (copy == NULL)
		return -ENOMEM;
	h->first = (h->first + HISTORY_MAX - 1) % HISTORY_MAX;
	h->n += h->n < HISTORY_MAX;
	e = &h->ring[h->first];
	cfg_tree_free(&e->tree);
	*e = *entry;
	e->tree = copy;
	return 0;
}

unsigned
history_count(const struct history *h)
{
	return h->n;
}

const struct history_entry *
history_get(const struct history *h, unsigned n)
{
	return n < h->n ? &h->ring[(h->first + n) % HISTORY_MAX] : NULL;
}
