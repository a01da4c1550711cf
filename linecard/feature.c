/*
 * Features by circuit. Beside the rows stands an octet a circuit that says in
 * which directions it has any: that is all that a packet without features asks
 * for where others have some, and where nobody has, not even that.
 */
#include "feature.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "circuit.h"

struct feature_row {
	struct feature feature;
	struct policer_state bucket[FEATURE_DIRECTIONS];
	struct pq *pq;
	uint32_t pq_version;
};

struct feature_table {
	struct feature_row *row;
	uint32_t count;
	uint32_t used[FEATURE_USES]; /* circuits */
	uint8_t has[CIRCUIT_MAX];    /* a bit for each use */
};

struct feature_table *
feature_table_new(void)
{
	return calloc(1, sizeof(struct feature_table));
}

void
feature_table_free(struct feature_table **table)
{
	if (*table == NULL)
		return;
	for (uint32_t i = 0; i < (*table)->count; i++)
		pq_free(&(*table)->row[i].pq);
	free((*table)->row);
	free(*table);
	*table = NULL;
}

static int
feature_grow(struct feature_table *table, uint32_t circuit)
{
	uint32_t count = table->count == 0 ? 32 : table->count;
	struct feature_row *row;

	while (count <= circuit)
		count *= 2;
	row = realloc(table->row, count * sizeof(*row));
	if (row == NULL)
		return -ENOMEM;
	memset(row + table->count, 0, (count - table->count) * sizeof(*row));
	table->row = row;
	table->count = count;
	return 0;
}

static bool
feature_has(const struct feature *f, unsigned use)
{
	if (use == FEATURE_ASP)
		return f->asp_queues != 0;
	return f->acl[use][FEATURE_IPV4] != 0 ||
	       f->acl[use][FEATURE_IPV6] != 0 || f->policer[use] != 0 ||
	       (use == FEATURE_OUT && f->pq != 0);
}

int
feature_set(struct feature_table *table, uint32_t circuit,
	    const struct feature *feature)
{
	uint8_t *has = &table->has[circuit < CIRCUIT_MAX ? circuit : 0];

	if (circuit == 0 || circuit >= CIRCUIT_MAX)
		return -EINVAL;
	if (circuit >= table->count && feature_grow(table, circuit) < 0)
		return -ENOMEM;
	table->row[circuit].feature = *feature;
	if (feature->pq == 0)
		pq_free(&table->row[circuit].pq);
	for (unsigned d = 0; d < FEATURE_USES; d++) {
		table->used[d] -= (unsigned)*has >> d & 1U;
		*has = (uint8_t)(*has & ~(1U << d));
		if (d < FEATURE_DIRECTIONS && feature->policer[d] == 0)
			table->row[circuit].bucket[d] =
			    (struct policer_state){0};
		if (!feature_has(feature, d))
			continue;
		*has = (uint8_t)(*has | 1U << d);
		table->used[d]++;
	}
	return 0;
}

bool
feature_in_vec(const struct feature_table *table,
	       enum feature_direction direction, const struct pkt_vec *v)
{
	unsigned has = 0;

	if (table->used[direction] == 0)
		return false;
	/* An id that is none is another's at worst: who asks on finds out. */
	if (direction == FEATURE_IN) {
		for (unsigned i = 0; i < v->n; i++)
			has |= table->has[v->pkt[i].circuit_in % CIRCUIT_MAX];
	} else {
		for (unsigned i = 0; i < v->n; i++)
			has |= table->has[v->pkt[i].circuit_out % CIRCUIT_MAX];
	}
	return (has >> direction & 1U) != 0;
}

const struct feature *
feature_get(const struct feature_table *table, uint32_t circuit,
	    enum feature_direction direction)
{
	if (circuit >= CIRCUIT_MAX ||
	    (table->has[circuit] >> direction & 1U) == 0)
		return NULL;
	return &table->row[circuit].feature;
}

struct policer_state *
feature_policing(struct feature_table *table, uint32_t circuit,
		 enum feature_direction direction)
{
	return &table->row[circuit].bucket[direction];
}

struct pq *
feature_pq(struct feature_table *table, uint32_t circuit,
	   const struct pq_conf *conf, uint32_t version)
{
	struct feature_row *row = &table->row[circuit];

	if (row->pq == NULL)
		row->pq = pq_new(conf);
	else if (row->pq_version != version)
		(void)pq_configure(row->pq, conf);
	row->pq_version = version;
	return row->pq;
}
