/*
 * Priority queues before a circuit: which packet leaves when. Queue 0 goes
 * first; a queue with a rate of its own waits until that lets a packet go, and
 * lower ones may leave meanwhile; a packet that has begun to leave is not
 * interrupted. Packets are the caller's, named by a number; time is a
 * parameter, in nanoseconds.
 */
#ifndef PQ_H
#define PQ_H

#include <stdbool.h>
#include <stdint.h>

#define PQ_QUEUES 8
#define PQ_DEPTH 512       /* packets, where nothing else is said */
#define PQ_DEPTH_MAX 65535 /* packets */
#define PQ_DSCPS 64
#define PQ_NONE UINT32_MAX /* a packet that has been let go already */

struct pq_conf {
	uint32_t rate_kbps;    /* of the circuit; 0: it takes any time at all */
	uint8_t queues;        /* 1, 2, 4 or 8 */
	uint8_t map[PQ_DSCPS]; /* to a queue below queues */
	struct {
		uint32_t rate_kbps; /* 0: none of its own */
		uint32_t burst;     /* octets; a larger packet waits for all */
		uint32_t depth;     /* packets that may wait; 0: PQ_DEPTH */
	} queue[PQ_QUEUES];
};

struct pq;

/* NULL without memory, or for a conf that can not be. */
struct pq *pq_new(const struct pq_conf *conf);
void pq_free(struct pq **pq);
/* Another conf; what waits stays where it is. -EINVAL. */
int pq_configure(struct pq *pq, const struct pq_conf *conf);
const struct pq_conf *pq_conf(const struct pq *pq);

/*
 * A packet comes, now_ns not before the last one's. What would have left by
 * then must have been taken out. -ENOBUFS: the queue is full; -ENOMEM.
 */
int pq_arrive(struct pq *pq, uint64_t now_ns, unsigned queue, uint32_t octets,
	      uint32_t item);

/* The next packet that begins to leave by until_ns, and when; false: none. */
bool pq_depart(struct pq *pq, uint64_t until_ns, uint32_t *item,
	       uint64_t *at_ns);

/* When the next packet can begin to leave; false: none waits. */
bool pq_next_ns(const struct pq *pq, uint64_t *at_ns);

/*
 * Lets a packet that waits go now, in the order of priority, while its time and
 * its place in the queue stay taken: for who may not hold packets. False: all
 * that wait have been let go.
 */
bool pq_release(struct pq *pq, uint32_t *item);

/* Packets that wait. */
unsigned pq_depth(const struct pq *pq, unsigned queue);

#endif
