/*
 * Handing out of shared pools: the controller offers each to every process over
 * a UNIX SEQPACKET socket pair, a message and a descriptor (docs/wire.md,
 * "Pools"); a process maps what it is offered. The set of them is what a
 * process can reach of the router's packet memory.
 */
#ifndef BP_POOLS_H
#define BP_POOLS_H

#include "be.h"
#include "bp_pool.h"

#define BP_POOLS_MAGIC 0x5350 /* "SP" */

/* An offer; the pool's descriptor comes beside it. */
struct bp_offer {
	struct be16 magic;
	struct be16 number; /* of the pool: stage id of its owner */
	struct be32 buffers;
};
static_assert(sizeof(struct bp_offer) == 8, "pools version 1");

struct bp_pools {
	struct bp_pool *at[PKT_POOLS_MAX]; /* NULL: not offered */
	uint8_t known[PKT_POOLS_MAX]; /* their numbers, in order of coming */
	unsigned n;
	int fd; /* borrowed; -1: no shared pools, packets travel by value */
	uint16_t stage;
};

/* The controller's and a process's end. */
int bp_pools_pair(int *ours, int *theirs);

/* Offers a pool; the other end need not read it soon. -errno. */
int bp_pools_offer(int fd, uint16_t number, uint32_t buffers, int pool_fd);

void bp_pools_init(struct bp_pools *pools, int fd, uint16_t stage);
void bp_pools_fini(struct bp_pools *pools);

/*
 * Maps what was offered and not yet taken, shows it in mem; never waits. True
 * when there was something new.
 */
bool bp_pools_take(struct bp_pools *pools, struct pkt_mem *mem);

#endif
