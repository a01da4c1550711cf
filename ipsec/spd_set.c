/*
 * Lists of rules between their rows and their compiled form. Called by what
 * stages tables in iPPAs and ASPs, and by the packet path for spd_set_of()
 * alone. A list is kept while it has rules or a circuit is bound to it.
 */
#include "spd_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct list {
	struct spd_rule *rules;
	unsigned n;
	unsigned room;
	bool changed;
	struct spd *spd; /* NULL: nothing matches */
};

struct spd_set {
	struct list *lists[SPD_LISTS_MAX];
	uint32_t bound[SPD_CIRCUITS_MAX]; /* list, 0: none */
	uint32_t place[SPD_RULES_MAX];    /* of a rule in its list, from 1 */
	unsigned n_bound;
	unsigned last;       /* highest list that was ever made */
	struct spd *nothing; /* a list without rules, compiled */
};

struct spd_set *
spd_set_new(void)
{
	struct spd_set *set = calloc(1, sizeof(*set));

	if (set != NULL && spd_new(&set->nothing, NULL, 0) != 0)
		spd_set_free(&set);
	return set;
}

static void
list_free(struct list *list)
{
	if (list == NULL)
		return;
	spd_free(&list->spd);
	free(list->rules);
	free(list);
}

void
spd_set_free(struct spd_set **at)
{
	struct spd_set *set = *at;

	if (set == NULL)
		return;
	for (unsigned i = 0; i <= set->last; i++)
		list_free(set->lists[i]);
	spd_free(&set->nothing);
	free(set);
	*at = NULL;
}

static struct list *
list_make(struct spd_set *set, uint32_t number)
{
	if (set->lists[number] == NULL)
		set->lists[number] = calloc(1, sizeof(struct list));
	if (number > set->last)
		set->last = number;
	return set->lists[number];
}

/* NULL when the list does not have the rule. */
static struct spd_rule *
list_find(const struct spd_set *set, struct list *list, uint32_t id)
{
	uint32_t place = id < SPD_RULES_MAX ? set->place[id] : 0;

	if (place == 0 || place > list->n || list->rules[place - 1].id != id)
		return NULL;
	return &list->rules[place - 1];
}

static int
list_grow(struct list *list)
{
	unsigned room = list->room == 0 ? 4 : 2 * list->room;
	struct spd_rule *rules;

	if (list->n < list->room)
		return 0;
	rules = realloc(list->rules, room * sizeof(*rules));
	if (rules == NULL)
		return -ENOMEM;
	list->rules = rules;
	list->room = room;
	return 0;
}

int
spd_set_rule(struct spd_set *set, uint32_t number, const struct spd_rule *rule)
{
	struct list *list;
	struct spd_rule *at;

	if (number == 0 || number >= SPD_LISTS_MAX ||
	    rule->id >= SPD_RULES_MAX || !spd_selector_valid(&rule->selector) ||
	    rule->action < SPD_PROTECT || rule->action > SPD_DISCARD)
		return -EINVAL;
	list = list_make(set, number);
	if (list == NULL)
		return -ENOMEM;
	at = list_find(set, list, rule->id);
	if (at == NULL) {
		if (list_grow(list) != 0)
			return -ENOMEM;
		at = &list->rules[list->n++];
		set->place[rule->id] = list->n;
	}
	*at = *rule;
	list->changed = true;
	return 0;
}

void
spd_set_unrule(struct spd_set *set, uint32_t number, uint32_t id)
{
	struct list *list = number < SPD_LISTS_MAX ? set->lists[number] : NULL;
	struct spd_rule *at = list == NULL ? NULL : list_find(set, list, id);

	if (at == NULL)
		return;
	set->place[id] = 0;
	*at = list->rules[--list->n]; /* order is in the rules */
	if (at->id != id)
		set->place[at->id] = (uint32_t)(at - list->rules) + 1;
	list->changed = true;
}

int
spd_set_bind(struct spd_set *set, uint32_t circuit, uint32_t number)
{
	if (circuit == 0 || circuit >= SPD_CIRCUITS_MAX ||
	    number >= SPD_LISTS_MAX)
		return -EINVAL;
	set->n_bound += number != 0;
	set->n_bound -= set->bound[circuit] != 0;
	set->bound[circuit] = number;
	return 0;
}

static int
list_apply(struct list *list)
{
	int err;

	if (!list->changed)
		return 0;
	list->changed = false;
	spd_free(&list->spd);
	if (list->n == 0)
		return 0;
	err = spd_new(&list->spd, list->rules, list->n);
	list->changed = err != 0;
	return err;
}

int
spd_set_apply(struct spd_set *set)
{
	int first = 0;

	for (unsigned i = 1; i <= set->last; i++) {
		int err = set->lists[i] == NULL ? 0 : list_apply(set->lists[i]);

		if (first == 0)
			first = err;
	}
	return first;
}

bool
spd_set_idle(const struct spd_set *set)
{
	return set->n_bound == 0;
}

const struct spd *
spd_set_of(const struct spd_set *set, uint32_t circuit)
{
	uint32_t number = circuit < SPD_CIRCUITS_MAX ? set->bound[circuit] : 0;
	const struct list *list;

	if (number == 0)
		return NULL;
	list = set->lists[number];
	return list == NULL || list->spd == NULL ? set->nothing : list->spd;
}
