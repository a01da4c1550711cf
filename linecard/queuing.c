/*
 * Two arrays of rows by id, each behind a pointer: there are few policies, and
 * their rows are large.
 */
#include "queuing.h"

#include <errno.h>
#include <stdlib.h>

#define QUEUING_IDS 65536

struct queuing_table {
	struct pq_conf *pq[QUEUING_IDS];
	struct asp_queues *asp[QUEUING_IDS];
	uint32_t end; /* no id from here on was ever set */
	uint32_t version;
};

struct queuing_table *
queuing_table_new(void)
{
	return calloc(1, sizeof(struct queuing_table));
}

void
queuing_table_free(struct queuing_table **table)
{
	if (*table == NULL)
		return;
	/* Not all: looking at what nobody used would make its pages. */
	for (uint32_t i = 0; i < (*table)->end; i++) {
		free((*table)->pq[i]);
		free((*table)->asp[i]);
	}
	free(*table);
	*table = NULL;
}

static void
queuing_seen(struct queuing_table *table, uint32_t id)
{
	if (id >= table->end)
		table->end = id + 1;
}

/* Whether a policy can be: the queues themselves know. */
static int
queuing_try(const struct pq_conf *conf)
{
	struct pq *pq = pq_new(conf);

	if (pq == NULL)
		return -EINVAL;
	pq_free(&pq);
	return 0;
}

int
queuing_pq_set(struct queuing_table *table, uint32_t id,
	       const struct pq_conf *conf)
{
	if (id == 0 || id >= QUEUING_IDS || queuing_try(conf) != 0)
		return -EINVAL;
	if (table->pq[id] == NULL)
		table->pq[id] = malloc(sizeof(*conf));
	if (table->pq[id] == NULL)
		return -ENOMEM;
	*table->pq[id] = *conf;
	queuing_seen(table, id);
	table->version++;
	return 0;
}

void
queuing_pq_delete(struct queuing_table *table, uint32_t id)
{
	if (id >= QUEUING_IDS)
		return;
	free(table->pq[id]);
	table->pq[id] = NULL;
}

const struct pq_conf *
queuing_pq(const struct queuing_table *table, uint32_t id, uint32_t *version)
{
	*version = table->version;
	return id < QUEUING_IDS ? table->pq[id] : NULL;
}

int
queuing_asp_set(struct queuing_table *table, uint32_t id,
		const struct asp_queues *queues)
{
	if (id == 0 || id >= QUEUING_IDS)
		return -EINVAL;
	if (table->asp[id] == NULL)
		table->asp[id] = malloc(sizeof(*queues));
	if (table->asp[id] == NULL)
		return -ENOMEM;
	*table->asp[id] = *queues;
	queuing_seen(table, id);
	return 0;
}

void
queuing_asp_delete(struct queuing_table *table, uint32_t id)
{
	if (id >= QUEUING_IDS)
		return;
	free(table->asp[id]);
	table->asp[id] = NULL;
}

const struct asp_queues *
queuing_asp(const struct queuing_table *table, uint32_t id)
{
	return id < QUEUING_IDS ? table->asp[id] : NULL;
}
