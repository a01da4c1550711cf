/* The C face of forward/circuit.h for C++ tests. */
#include <stdlib.h>

#include "circuit.h"
#include "circuit_shim.h"

struct circuit_shim {
	struct circuit_table *table;
};

struct circuit_shim *
circuit_shim_new(unsigned home)
{
	struct circuit_shim *shim = malloc(sizeof(*shim));

	if (shim == NULL)
		return NULL;
	shim->table = circuit_table_new();
	if (shim->table != NULL)
		circuit_table_home(shim->table, home);
	return shim;
}

void
circuit_shim_free(struct circuit_shim *shim)
{
	circuit_table_free(&shim->table);
	free(shim);
}

int
circuit_shim_set(struct circuit_shim *shim, uint32_t id, unsigned slot,
		 unsigned port, unsigned vlan)
{
	struct circuit c = {
	    .kind = vlan == 0 ? CIRCUIT_PORT : CIRCUIT_PVC,
	    .slot = (uint8_t)slot,
	    .port = (uint8_t)port,
	    .vlan = (uint16_t)vlan,
	};

	return circuit_set(shim->table, id, &c);
}

int
circuit_shim_set_tunnel(struct circuit_shim *shim, uint32_t id)
{
	struct circuit c = {.kind = CIRCUIT_TUNNEL, .slot = 255};

	return circuit_set(shim->table, id, &c);
}

void
circuit_shim_delete(struct circuit_shim *shim, uint32_t id)
{
	circuit_delete(shim->table, id);
}

int
circuit_shim_known(const struct circuit_shim *shim, uint32_t id)
{
	return circuit_get(shim->table, id) != NULL;
}

uint32_t
circuit_shim_by_port(const struct circuit_shim *shim, unsigned port,
		     unsigned vlan)
{
	return circuit_by_port(shim->table, port, vlan);
}
