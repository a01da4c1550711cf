/*
 * Circuits by index, and from port and VLAN to the index. The rows are an array
 * that grows to the largest id seen; for every port that has circuits there is
 * an array of one id per VLAN, entry 0 for untagged frames, so that a frame
 * finds its circuit with two reads. It decides nothing about what a circuit may
 * carry: that is the stages' business.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "circuit.h"
#include "rows.h"

#define CIRCUIT_PORTS 256
#define CIRCUIT_VLANS 4096

struct circuit_table {
	struct circuit *row;
	uint32_t count;
	unsigned home; /* slot whose ports are looked up, 0: any */
	uint16_t *vlans[CIRCUIT_PORTS];
};

struct circuit_table *
circuit_table_new(void)
{
	return calloc(1, sizeof(struct circuit_table));
}

void
circuit_table_free(struct circuit_table **table)
{
	if (*table == NULL)
		return;
	for (unsigned i = 0; i < CIRCUIT_PORTS; i++)
		free((*table)->vlans[i]);
	free((*table)->row);
	free(*table);
	*table = NULL;
}

void
circuit_table_home(struct circuit_table *table, unsigned slot)
{
	table->home = slot;
}

static int
circuit_grow(struct circuit_table *table, uint32_t id)
{
	struct circuit *row =
	    rows_grow(table->row, &table->count, id, sizeof(*row));

	if (row == NULL)
		return -ENOMEM;
	table->row = row;
	return 0;
}

/* 1: frames of a port are looked up and lead to this circuit. */
static bool
circuit_takes_frames(const struct circuit_table *table, const struct circuit *c)
{
	if (table->home != 0 && c->slot != table->home)
		return false;
	return c->kind == CIRCUIT_PORT ||
	       (c->kind == CIRCUIT_PVC && c->vlan > 0 &&
		c->vlan < CIRCUIT_VLANS);
}

static unsigned
circuit_vlan(const struct circuit *c)
{
	return c->kind == CIRCUIT_PVC ? c->vlan : 0;
}

int
circuit_set(struct circuit_table *table, uint32_t id,
	    const struct circuit *circuit)
{
	if (id == 0 || id >= CIRCUIT_MAX)
		return -EINVAL;
	if (id >= table->count && circuit_grow(table, id) < 0)
		return -ENOMEM;
	if (circuit_takes_frames(table, circuit) &&
	    table->vlans[circuit->port] == NULL) {
		table->vlans[circuit->port] =
		    calloc(CIRCUIT_VLANS, sizeof(uint16_t));
		if (table->vlans[circuit->port] == NULL)
			return -ENOMEM;
	}
	circuit_delete(table, id);
	table->row[id] = *circuit;
	if (circuit_takes_frames(table, circuit))
		table->vlans[circuit->port][circuit_vlan(circuit)] =
		    (uint16_t)id;
	return 0;
}

void
circuit_delete(struct circuit_table *table, uint32_t id)
{
	struct circuit *c;
	uint16_t *vlans;

	if (id >= table->count)
		return;
	c = &table->row[id];
	vlans = table->vlans[c->port];
	/* Another circuit may have taken the VLAN over in the meantime. */
	if (circuit_takes_frames(table, c) && vlans != NULL &&
	    vlans[circuit_vlan(c)] == id)
		vlans[circuit_vlan(c)] = 0;
	memset(c, 0, sizeof(*c));
}

void
circuit_ahead(const struct circuit_table *table, uint32_t id)
{
	if (id < table->count)
		__builtin_prefetch(&table->row[id]);
}

const struct circuit *
circuit_get(const struct circuit_table *table, uint32_t id)
{
	if (id >= table->count || table->row[id].kind == CIRCUIT_NONE)
		return NULL;
	return &table->row[id];
}

uint32_t
circuit_by_port(const struct circuit_table *table, unsigned port, unsigned vlan)
{
	if (port >= CIRCUIT_PORTS || vlan >= CIRCUIT_VLANS ||
	    table->vlans[port] == NULL)
		return 0;
	return table->vlans[port][vlan];
}
