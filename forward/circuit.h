/*
 * Circuits: all that carries traffic (a port, a dot1q PVC, a tunnel) by index,
 * and what a frame's port and VLAN lead to.
 */
#ifndef CIRCUIT_H
#define CIRCUIT_H

#include <stdbool.h>
#include <stdint.h>

#include "ip_addr.h"

#define CIRCUIT_MAX 65536

enum circuit_kind { CIRCUIT_NONE, CIRCUIT_PORT, CIRCUIT_PVC, CIRCUIT_TUNNEL };

struct circuit {
	uint8_t kind; /* enum circuit_kind */
	bool up;
	bool bound;
	bool economical;
	uint8_t slot;
	uint8_t port;
	uint16_t vlan;
	uint16_t mtu;
	uint16_t asp; /* tunnel: home ASP's stage id, or STAGE_NONE */
	uint8_t mac[6];
	uint32_t context; /* SmartEdge id */
	uint32_t sa_out;
	uint32_t outer_context;
	struct ip_addr remote; /* tunnel: end point */
	/* The lower half of our link-local address; 0: no IPv6 here. */
	uint8_t link_local[8];
	uint64_t handle;
};

struct circuit_table;

/* NULL without memory. */
struct circuit_table *circuit_table_new(void);
void circuit_table_free(struct circuit_table **table);

/*
 * The slot whose ports circuit_by_port() answers for; circuits of other cards
 * are kept and found by id only. Before the first circuit_set(). 0: every slot.
 */
void circuit_table_home(struct circuit_table *table, unsigned slot);

/* Replaces what stood there. -EINVAL: id 0 or too large; -ENOMEM. */
int circuit_set(struct circuit_table *table, uint32_t id,
		const struct circuit *circuit);
void circuit_delete(struct circuit_table *table, uint32_t id);

/*
 * Asks the memory for a row that circuit_get() will be called for soon: a stage
 * does so for all packets of a vector before it looks at the first.
 */
void circuit_ahead(const struct circuit_table *table, uint32_t id);

/* NULL when there is none. Borrowed until the next set or delete. */
const struct circuit *circuit_get(const struct circuit_table *table,
				  uint32_t id);

/* The circuit of frames on a port, vlan 0: untagged. 0 when there is none. */
uint32_t circuit_by_port(const struct circuit_table *table, unsigned port,
			 unsigned vlan);

#endif
