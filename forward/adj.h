/*
 * Adjacencies: where a route leads, by index.
 */
#ifndef ADJ_H
#define ADJ_H

#include <stdint.h>

#include "ip_addr.h"

enum adj_kind { /* numbers as in control/ctl_msg.h; asserted where both meet */
		ADJ_NONE = 0,
		ADJ_NULL = 1,
		ADJ_LOCAL = 2,
		ADJ_FORWARD = 3,
		ADJ_ATTACHED = 4,
		ADJ_TUNNEL = 5,
		ADJ_DOWN = 6,
		ADJ_CONTEXT =
		    7 /* another context looks up: circuit is its id */
};

struct adj {
	uint32_t circuit;        /* out */
	struct ip_addr next_hop; /* ADJ_FORWARD */
	uint16_t stage;          /* the ePPA of the circuit's card */
	uint8_t kind;
	uint8_t spare;
};

struct adj_table;

struct adj_table *adj_table_new(void);
void adj_table_free(struct adj_table **table);
/* -EINVAL: id 0 or above 2^24 - 1; -ENOMEM. */
int adj_set(struct adj_table *table, uint32_t id, const struct adj *adj);
void adj_delete(struct adj_table *table, uint32_t id);
/* Asks the memory for a row that adj_get() will be called for soon. */
void adj_ahead(const struct adj_table *table, uint32_t id);
/* Never NULL: an unknown id gives a row of kind ADJ_NONE. */
const struct adj *adj_get(const struct adj_table *table, uint32_t id);

#endif
