/*
 * Adjacencies by index: an array that grows to the largest id seen. The
 * controller gives ids out densely, so a gap costs a row and no more. It
 * decides nothing: what a kind means is decided by the stage that reads the
 * row.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adj.h"
#include "rows.h"

#define ADJ_ID_MAX ((UINT32_C(1) << 24) - 1)

struct adj_table {
	struct adj *row;
	uint32_t count;
};

static const struct adj adj_none = {.kind = ADJ_NONE};

struct adj_table *
adj_table_new(void)
{
	return calloc(1, sizeof(struct adj_table));
}

void
adj_table_free(struct adj_table **table)
{
	if (*table == NULL)
		return;
	free((*table)->row);
	free(*table);
	*table = NULL;
}

static int
adj_grow(struct adj_table *table, uint32_t id)
{
	struct adj *row =
	    rows_grow(table->row, &table->count, id, sizeof(*row));

	if (row == NULL)
		return -ENOMEM;
	table->row = row;
	return 0;
}

int
adj_set(struct adj_table *table, uint32_t id, const struct adj *adj)
{
	if (id == 0 || id > ADJ_ID_MAX)
		return -EINVAL;
	if (id >= table->count && adj_grow(table, id) < 0)
		return -ENOMEM;
	table->row[id] = *adj;
	return 0;
}

void
adj_delete(struct adj_table *table, uint32_t id)
{
	if (id < table->count)
		table->row[id] = adj_none;
}

void
adj_ahead(const struct adj_table *table, uint32_t id)
{
	if (id < table->count)
		__builtin_prefetch(&table->row[id]);
}

const struct adj *
adj_get(const struct adj_table *table, uint32_t id)
{
	return id < table->count ? &table->row[id] : &adj_none;
}
