/*
 * The memory behind a pool of packet buffers. Pages that no packet has touched
 * cost nothing. The number of a process's own pool is its stage id.
 */
#ifndef BP_POOL_H
#define BP_POOL_H

#include <stddef.h>

#include "pkt.h"

struct bp_pool {
	struct pkt_pool pool; /* the free list */
	uint8_t *base;
	size_t octets;
};

/* -EINVAL for no buffers or no such pool number, -ENOMEM. */
int bp_pool_init(struct bp_pool *pool, uint8_t number, uint32_t buffers);
/* Accepts what is half made. Nobody may hold a buffer any more. */
void bp_pool_fini(struct bp_pool *pool);

/* Makes the pool reachable through mem. */
void bp_pool_show(const struct bp_pool *pool, struct pkt_mem *mem);

#endif
