/* The C face of forward/policer.h for C++ tests. */
#include "policer_shim.h"

#include <stdlib.h>

#include "policer.h"

struct policer_shim {
	struct policer_table *table;
	struct policer_state state;
};

struct policer_shim *
policer_shim_new(uint32_t rate_kbps, uint32_t burst, uint32_t excess)
{
	struct policer_shim *shim = calloc(1, sizeof(*shim));
	struct policer p = {
	    .rate_kbps = rate_kbps, .burst = burst, .excess = excess};

	if (shim == NULL)
		abort();
	shim->table = policer_table_new();
	if (shim->table == NULL)
		abort();
	if (policer_set(shim->table, 1, &p) == 0)
		return shim;
	policer_shim_free(shim);
	return NULL;
}

void
policer_shim_free(struct policer_shim *shim)
{
	policer_table_free(&shim->table);
	free(shim);
}

int
policer_shim_take(struct policer_shim *shim, uint64_t now_ns, uint32_t octets)
{
	return (int)policer_take(policer_get(shim->table, 1), &shim->state,
				 now_ns, octets);
}

int
policer_shim_set(struct policer_shim *shim, uint32_t id, uint32_t rate_kbps,
		 uint32_t burst, unsigned action, unsigned dscp)
{
	struct policer p = {.rate_kbps = rate_kbps,
			    .burst = burst,
			    .action = {0, (uint8_t)action, 0},
			    .dscp = {0, (uint8_t)dscp, 0}};

	return policer_set(shim->table, id, &p);
}

bool
policer_shim_delete(struct policer_shim *shim, uint32_t id)
{
	policer_delete(shim->table, id);
	return policer_get(shim->table, id) == NULL;
}
