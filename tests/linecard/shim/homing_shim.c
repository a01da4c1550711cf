/* The C face of homing.h for C++ tests. */
#include <stdlib.h>

#include "homing.h"
#include "homing_shim.h"

struct homing_shim {
	struct homing_table *table;
};

struct homing_shim *
homing_shim_new(void)
{
	struct homing_shim *shim = malloc(sizeof(*shim));

	if (shim != NULL)
		shim->table = homing_table_new();
	return shim;
}

void
homing_shim_free(struct homing_shim *shim)
{
	homing_table_free(&shim->table);
	free(shim);
}

int
homing_shim_set(struct homing_shim *shim, uint32_t context, uint32_t spi,
		uint32_t dst, uint32_t circuit)
{
	struct homing h = {.key = {context, spi, ip_addr_v4(dst), 50},
			   .circuit = circuit};

	return homing_set(shim->table, &h);
}

void
homing_shim_delete(struct homing_shim *shim, uint32_t context, uint32_t spi,
		   uint32_t dst)
{
	struct homing_key key = {context, spi, ip_addr_v4(dst), 50};

	homing_delete(shim->table, &key);
}

uint32_t
homing_shim_find(const struct homing_shim *shim, uint32_t context, uint32_t spi,
		 uint32_t dst)
{
	struct homing_key key = {context, spi, ip_addr_v4(dst), 50};
	const struct homing *h = homing_find(shim->table, &key);

	return h == NULL ? 0 : h->circuit;
}
