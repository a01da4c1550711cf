/*
 * Access lists by id. Rows of a list are gathered as they come; a list is
 * compiled when all of a generation are there, and stays what it was until
 * then. Called by linecard/ for rows of control messages; knows no circuit.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "acl.h"
#include "rows.h"

#define ACL_ID_MAX 0xffffff

struct list {
	struct acl *acl;
	struct acl_row *row; /* in no order */
	unsigned n;
	unsigned room;
	uint8_t family;
	bool changed;
};

struct acl_set {
	struct list *list;
	uint32_t count;
	bool changed;
};

struct acl_set *
acl_set_new(void)
{
	return calloc(1, sizeof(struct acl_set));
}

void
acl_set_free(struct acl_set **set)
{
	if (*set == NULL)
		return;
	for (uint32_t i = 0; i < (*set)->count; i++) {
		acl_free(&(*set)->list[i].acl);
		free((*set)->list[i].row);
	}
	free((*set)->list);
	free(*set);
	*set = NULL;
}

static struct acl_row *
list_find(const struct list *l, uint32_t seq)
{
	/* Rows come in order: the last is the likeliest. */
	for (unsigned i = l->n; i-- > 0;) {
		if (l->row[i].seq == seq)
			return &l->row[i];
		if (l->row[i].seq < seq && i + 1 == l->n)
			return NULL;
	}
	return NULL;
}

/* The rows stay sorted, so that list_find() need not look at each. */
static int
list_add(struct list *l, const struct acl_row *row)
{
	unsigned at = l->n;

	if (l->n == ACL_ROWS_MAX)
		return -EINVAL;
	if (l->n == l->room) {
		unsigned room = l->room == 0 ? 8 : 2 * l->room;
		struct acl_row *rows = realloc(l->row, room * sizeof(*rows));

		if (rows == NULL)
			return -ENOMEM;
		l->row = rows;
		l->room = room;
	}
	while (at > 0 && l->row[at - 1].seq > row->seq)
		at--;
	memmove(&l->row[at + 1], &l->row[at], (l->n - at) * sizeof(*row));
	l->row[at] = *row;
	l->n++;
	return 0;
}

int
acl_set_row(struct acl_set *set, uint32_t id, unsigned family,
	    const struct acl_row *row)
{
	struct acl_row *have;
	struct list *l;
	int err = 0;

	if (id == 0 || id > ACL_ID_MAX || (family != 4 && family != 6))
		return -EINVAL;
	if (id >= set->count) {
		l = rows_grow(set->list, &set->count, id, sizeof(*l));
		if (l == NULL)
			return -ENOMEM;
		set->list = l;
	}
	l = &set->list[id];
	if (l->n > 0 && l->family != family)
		return -EINVAL;
	have = list_find(l, row->seq);
	if (have != NULL)
		*have = *row;
	else
		err = list_add(l, row);
	if (err != 0)
		return err;
	l->family = (uint8_t)family;
	l->changed = set->changed = true;
	return 0;
}

void
acl_set_delete(struct acl_set *set, uint32_t id, uint32_t seq)
{
	struct acl_row *row;
	struct list *l;

	if (id >= set->count)
		return;
	l = &set->list[id];
	row = list_find(l, seq);
	if (row == NULL)
		return;
	memmove(row, row + 1,
		(size_t)(&l->row[l->n] - (row + 1)) * sizeof(*row));
	l->n--;
	l->changed = set->changed = true;
}

int
acl_set_apply(struct acl_set *set)
{
	int first = 0;

	for (uint32_t i = 0; i < set->count && set->changed; i++) {
		struct list *l = &set->list[i];
		int err = 0;

		if (!l->changed)
			continue;
		acl_free(&l->acl);
		if (l->n > 0)
			err = acl_new(&l->acl, l->family, l->row, l->n);
		l->changed = false;
		first = first != 0 ? first : err;
	}
	set->changed = false;
	return first;
}

const struct acl *
acl_set_get(const struct acl_set *set, uint32_t id)
{
	return id < set->count ? set->list[id].acl : NULL;
}
