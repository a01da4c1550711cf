/*
 * Which rules a change can break. A commit is held against the configuration
 * that runs, which holds: a rule that reads nothing of what changed says of the
 * rest what it said before. Kinds of objects are told apart and no finer: a
 * rule over ten thousand tunnels takes a few milliseconds, and one that was
 * left out by mistake would let through what can not run.
 */
#include "diff.h"
#include "validate_impl.h"

/* With all that stands in objects of the kind. */
static void
mark_below(struct changes *changes, enum cfg_kind kind)
{
	changes->kind[kind] = true;
	for (unsigned k = CFG_ROOT + 1; k < CFG_KINDS; k++) {
		if (cfg_kind_get((enum cfg_kind)k)->parent == kind)
			mark_below(changes, (enum cfg_kind)k);
	}
}

static int
mark(void *arg, const struct cfg_path *path, const struct cfg_obj *was,
     const struct cfg_obj *now)
{
	struct changes *changes = arg;

	(void)path;
	if (was != NULL && now != NULL)
		changes->kind[cfg_obj_kind(now)] = true;
	else
		mark_below(changes, cfg_obj_kind(was != NULL ? was : now));
	return 0;
}

int
changes_find(struct changes *changes, const struct cfg_tree *was,
	     const struct cfg_tree *now)
{
	*changes = (struct changes){.was = cfg_root(was)};
	return cfg_diff(was, now, mark, changes);
}

static bool
in_list(const enum cfg_kind *kinds, enum cfg_kind kind)
{
	while (*kinds != CFG_KINDS && *kinds != kind)
		kinds++;
	return *kinds == kind;
}

bool
check_reads(const struct check *c, const enum cfg_kind *kinds)
{
	for (unsigned k = 0; c->changes != NULL && k < CFG_KINDS; k++) {
		if (c->changes->kind[k] && in_list(kinds, (enum cfg_kind)k))
			return true;
	}
	return c->changes == NULL;
}

bool
check_apart(const struct check *c, const enum cfg_kind *kinds)
{
	if (c->changes == NULL || kinds == NULL)
		return true;
	for (unsigned k = 0; k < CFG_KINDS; k++) {
		if (c->changes->kind[k] && !in_list(kinds, (enum cfg_kind)k))
			return true;
	}
	return false;
}
