/*
 * The commits of this chassis's life, newest first, and what each left running:
 * for `show configuration history`, `rollback`, and the head of `show
 * configuration`. Trees share what they have in common, so fifty of them cost
 * little more than one. One thread.
 */
#ifndef HISTORY_H
#define HISTORY_H

#include "tree.h"

#define HISTORY_MAX 50 /* commits remembered */
#define HISTORY_TEXT_MAX 256

struct history_entry {
	uint32_t generation;
	uint64_t time_ns;               /* of the wall clock */
	char who[64];                   /* "admin", or "-" for the router */
	char from[64];                  /* "127.0.0.1", "local", "boot" */
	char comment[HISTORY_TEXT_MAX]; /* "" when there was none */
	struct cfg_tree *tree;
};

struct history;

/* NULL without memory. */
struct history *history_new(void);
/* Accepts NULL, leaves NULL. */
void history_free(struct history **history);

/*
 * Notes a commit; tree is snapshotted, entry->tree is not read. Beyond
 * HISTORY_MAX the oldest is forgotten. -ENOMEM changes nothing.
 */
int history_add(struct history *h, const struct history_entry *entry,
		const struct cfg_tree *tree);

unsigned history_count(const struct history *h);
/* 0: the newest. NULL from the end on. Borrowed until the next add. */
const struct history_entry *history_get(const struct history *h, unsigned n);

#endif
