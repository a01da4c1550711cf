/*
 * The memory behind a pool of packet buffers: private to its process, or shared
 * (a sealed memory file that the controller makes and every process maps). The
 * number of a pool is the stage id of its owner, the one process that takes
 * buffers from it. Pages that no packet has touched cost nothing.
 *
 * A shared pool holds, in this order: the ends of the return rings, the holder
 * words, the rings, and from the next page on the buffers.
 *
 * Holder word of a buffer: who answers for it. 0: it is at home (free, or in
 * its owner's hands). Else a process (stage and epoch), or, while it travels, a
 * link (both ends and their epochs). A link's word is written before the send,
 * the receiver writes its own when it takes the frame, and the owner writes 0
 * when the buffer is back. So what a dead process and its links held can be
 * told from the words alone, also by an owner that was started after them.
 *
 * Return rings: a stage that ends a packet puts the number of its buffer into
 * its own ring of the owner's pool: one producer, one consumer, no message and
 * no wake-up. A ring has a place for every buffer, so it is never full.
 */
#ifndef BP_POOL_H
#define BP_POOL_H

#include <stdatomic.h>
#include <stddef.h>

#include "pkt.h"

#define BP_HOME UINT64_C(0)

struct bp_pool_ring; /* the two ends of a return ring */

struct bp_pool {
	struct pkt_pool pool; /* the free list, of the owner */
	uint8_t *base;        /* of the buffers */
	void *map;
	size_t octets; /* of the mapping */
	uint32_t count;
	uint8_t number;
	/* Shared pools only: */
	_Atomic uint64_t *holder;
	struct bp_pool_ring *rings; /* by stage id */
	uint32_t *slots;            /* ring_slots for each stage */
	uint32_t ring_slots;        /* a power of two, at least count */
	uint32_t *mine;             /* slots of our own ring */
	uint32_t put;               /* its next place */
	uint16_t stage;             /* ours */
	bool unpublished; /* buffers were put since bp_pool_publish() */
};

/*
 * A private pool, for packets that travel by value. -EINVAL for no buffers or
 * no such pool number, -ENOMEM.
 */
int bp_pool_init(struct bp_pool *pool, uint8_t number, uint32_t buffers);

/* The memory of a shared pool: a descriptor, the caller's. -EINVAL, -errno. */
int bp_pool_make(uint32_t buffers, int *fd);

/*
 * Maps a shared pool for the process of a stage; fd stays the caller's. Refuses
 * with -EINVAL what is not sealed or not of the size that so many buffers have.
 * The owner (stage is number) gets a free list of what is at home.
 */
int bp_pool_map(struct bp_pool *pool, uint8_t number, uint32_t buffers, int fd,
		uint16_t stage);

/* Accepts what is half made. Nobody here may hold a buffer any more. */
void bp_pool_fini(struct bp_pool *pool);

/* Makes the pool reachable through mem. */
void bp_pool_show(const struct bp_pool *pool, struct pkt_mem *mem);

static inline uint64_t
bp_holder_process(uint16_t stage, uint32_t epoch)
{
	return UINT64_C(0x80) << 56 | (uint64_t)(stage & 0xff) << 48 |
	       (epoch & UINT32_C(0xffffff));
}

static inline uint64_t
bp_holder_link(uint16_t from, uint32_t from_epoch, uint16_t to,
	       uint32_t to_epoch)
{
	return (uint64_t)(to & 0x7f) << 56 | (uint64_t)(from & 0xff) << 48 |
	       (uint64_t)(to_epoch & UINT32_C(0xffffff)) << 24 |
	       (from_epoch & UINT32_C(0xffffff));
}

/* Whether word names the process of a stage, or a link of its, of an epoch up
 * to this one. */
bool bp_holder_is_gone(uint64_t word, uint16_t stage, uint32_t epoch);

/* Says who holds a buffer of a shared pool. One store, not in the buffer. */
static inline void
bp_pool_hold(struct bp_pool *pool, uint32_t buf, uint64_t word)
{
	atomic_store_explicit(&pool->holder[buf], word, memory_order_relaxed);
}

/*
 * Sends a buffer of somebody else's shared pool home. The owner sees it after
 * bp_pool_publish(), one release store for all that were put before.
 */
static inline void
bp_pool_return(struct bp_pool *pool, uint32_t buf)
{
	pool->mine[pool->put++ & (pool->ring_slots - 1)] = buf;
	pool->unpublished = true;
}
void bp_pool_publish(struct bp_pool *pool);

/*
 * The owner takes in what came back: how many. A number that is none of the
 * pool's or is at home already (a mad card's) is let go.
 */
uint32_t bp_pool_collect(struct bp_pool *pool);

/*
 * After the neighbours have drained the links of a dead process: the owner
 * takes back what the process of that stage (of this epoch or an earlier one)
 * and its links held, and first what it had already sent home, so that each
 * buffer comes back once. How many came back by their holder words.
 */
uint32_t bp_pool_reclaim(struct bp_pool *pool, uint16_t stage, uint32_t epoch);

/* Buffers that are away from home, by their words. */
uint32_t bp_pool_away(const struct bp_pool *pool);

#endif
