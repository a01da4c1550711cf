/* The C face of forward/adj.h for C++ tests. */
#include <stdlib.h>

#include "adj.h"
#include "adj_shim.h"

struct adj_shim {
	struct adj_table *table;
};

struct adj_shim *
adj_shim_new(void)
{
	struct adj_shim *shim = malloc(sizeof(*shim));

	if (shim != NULL)
		shim->table = adj_table_new();
	return shim;
}

void
adj_shim_free(struct adj_shim *shim)
{
	adj_table_free(&shim->table);
	free(shim);
}

int
adj_shim_set(struct adj_shim *shim, uint32_t id, unsigned kind,
	     uint32_t circuit)
{
	struct adj adj = {.kind = (uint8_t)kind, .circuit = circuit};

	return adj_set(shim->table, id, &adj);
}

void
adj_shim_delete(struct adj_shim *shim, uint32_t id)
{
	adj_delete(shim->table, id);
}

uint32_t
adj_shim_get(const struct adj_shim *shim, uint32_t id)
{
	const struct adj *adj = adj_get(shim->table, id);

	return (uint32_t)adj->kind << 24 | adj->circuit;
}
