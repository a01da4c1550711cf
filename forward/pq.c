/*
 * Strict priority by events: the packet that can leave first leaves, and of
 * several that can leave at one instant that of the highest queue. When a
 * packet can leave follows from when it came, when the circuit is free, and, in
 * a queue with a rate, when its bucket has enough. Serialisation times are kept
 * in 2^-20 ns, so that rates do not drift; buckets are exact (policer.c).
 */
#include "pq.h"

#include <errno.h>
#include <stdlib.h>

#define PARTS UINT64_C(8000000) /* of an octet, see policer.c */
#define FRACTION 20

struct pq_entry {
	uint64_t came_ns;
	uint32_t octets;
	uint32_t item;
};

struct pq_ring {
	struct pq_entry *at;
	uint32_t room; /* a power of two */
	uint32_t head;
	uint32_t n;
	uint32_t released;  /* of the first n: let go already */
	uint64_t filled_ns; /* the bucket of the queue's rate */
	uint64_t missing;
};

struct pq {
	struct pq_conf conf;
	uint64_t octet_time; /* 2^-FRACTION ns an octet */
	uint64_t free_ns;    /* the circuit is free again */
	uint64_t free_part;  /* and 2^-FRACTION ns of that */
	struct pq_ring ring[PQ_QUEUES];
};

static bool
pq_conf_valid(const struct pq_conf *conf)
{
	if (conf->queues == 0 || conf->queues > PQ_QUEUES)
		return false;
	for (unsigned i = 0; i < PQ_DSCPS; i++) {
		if (conf->map[i] >= conf->queues)
			return false;
	}
	for (unsigned i = 0; i < conf->queues; i++) {
		if (conf->queue[i].depth > PQ_DEPTH_MAX ||
		    (conf->queue[i].rate_kbps != 0 &&
		     conf->queue[i].burst == 0))
			return false;
	}
	return true;
}

int
pq_configure(struct pq *pq, const struct pq_conf *conf)
{
	if (!pq_conf_valid(conf))
		return -EINVAL;
	pq->conf = *conf;
	pq->octet_time =
	    conf->rate_kbps == 0 ? 0 : (PARTS << FRACTION) / conf->rate_kbps;
	return 0;
}

struct pq *
pq_new(const struct pq_conf *conf)
{
	struct pq *pq = calloc(1, sizeof(*pq));

	if (pq != NULL && pq_configure(pq, conf) != 0)
		pq_free(&pq);
	return pq;
}

void
pq_free(struct pq **pq)
{
	if (*pq == NULL)
		return;
	for (unsigned i = 0; i < PQ_QUEUES; i++)
		free((*pq)->ring[i].at);
	free(*pq);
	*pq = NULL;
}

const struct pq_conf *
pq_conf(const struct pq *pq)
{
	return &pq->conf;
}

unsigned
pq_depth(const struct pq *pq, unsigned queue)
{
	return pq->ring[queue].n;
}

/* --- arrival -------------------------------------------------------------- */

static int
ring_grow(struct pq_ring *r)
{
	uint32_t room = r->room == 0 ? 16 : 2 * r->room;
	struct pq_entry *at = malloc(room * sizeof(*at));

	if (at == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < r->n; i++)
		at[i] = r->at[(r->head + i) & (r->room - 1)];
	free(r->at);
	r->at = at;
	r->room = room;
	r->head = 0;
	return 0;
}

int
pq_arrive(struct pq *pq, uint64_t now_ns, unsigned queue, uint32_t octets,
	  uint32_t item)
{
	struct pq_ring *r = &pq->ring[queue];
	uint32_t depth = pq->conf.queue[queue].depth;

	if (r->n >= (depth != 0 ? depth : PQ_DEPTH))
		return -ENOBUFS;
	if (r->n == r->room && ring_grow(r) != 0)
		return -ENOMEM;
	r->at[(r->head + r->n++) & (r->room - 1)] =
	    (struct pq_entry){now_ns, octets, item};
	return 0;
}

/* --- departure ------------------------------------------------------------ */

/* What the bucket of a queue misses at an instant. */
static uint64_t
ring_missing(const struct pq_ring *r, uint32_t rate_kbps, uint64_t at_ns)
{
	uint64_t passed = at_ns > r->filled_ns ? at_ns - r->filled_ns : 0;
	uint64_t came;

	if (__builtin_mul_overflow(passed, (uint64_t)rate_kbps, &came))
		return 0;
	return came < r->missing ? r->missing - came : 0;
}

/* What a packet takes out of the bucket: all of it if it is larger. */
static uint64_t
ring_cost(const struct pq *pq, unsigned queue, uint32_t octets)
{
	uint32_t burst = pq->conf.queue[queue].burst;

	return (octets < burst ? octets : burst) * PARTS;
}

/* The first instant at which the first packet of a queue can leave. */
static uint64_t
ring_ready(const struct pq *pq, unsigned queue)
{
	const struct pq_ring *r = &pq->ring[queue];
	const struct pq_entry *e = &r->at[r->head];
	uint32_t rate = pq->conf.queue[queue].rate_kbps;
	uint64_t at = e->came_ns > pq->free_ns ? e->came_ns : pq->free_ns;
	uint64_t full;
	uint64_t missing;
	uint64_t cost;

	if (rate == 0)
		return at;
	full = pq->conf.queue[queue].burst * PARTS;
	missing = ring_missing(r, rate, at);
	cost = ring_cost(pq, queue, e->octets);
	if (missing + cost <= full)
		return at;
	return at + (missing + cost - full + rate - 1) / rate;
}

static void
ring_take(struct pq *pq, unsigned queue, uint64_t at_ns)
{
	struct pq_ring *r = &pq->ring[queue];
	uint32_t octets = r->at[r->head].octets;
	uint32_t rate = pq->conf.queue[queue].rate_kbps;
	uint64_t time;

	if (rate != 0) {
		r->missing =
		    ring_missing(r, rate, at_ns) + ring_cost(pq, queue, octets);
		r->filled_ns = at_ns;
	}
	if (pq->octet_time != 0) {
		time = octets * pq->octet_time +
		       (at_ns == pq->free_ns ? pq->free_part : 0);
		pq->free_ns = at_ns + (time >> FRACTION);
		pq->free_part = time & ((UINT64_C(1) << FRACTION) - 1);
	}
	r->head = (r->head + 1) & (r->room - 1);
	r->n--;
	r->released -= r->released > 0;
}

/* The queue whose first packet leaves first, PQ_QUEUES: none; and when. */
static unsigned
pq_first(const struct pq *pq, uint64_t *at_ns)
{
	unsigned best = PQ_QUEUES;
	uint64_t first = UINT64_MAX;

	for (unsigned i = 0; i < PQ_QUEUES; i++) {
		uint64_t at;

		if (pq->ring[i].n == 0)
			continue;
		at = ring_ready(pq, i);
		if (best != PQ_QUEUES && at >= first)
			continue;
		best = i;
		first = at;
	}
	*at_ns = first;
	return best;
}

bool
pq_next_ns(const struct pq *pq, uint64_t *at_ns)
{
	return pq_first(pq, at_ns) != PQ_QUEUES;
}

bool
pq_depart(struct pq *pq, uint64_t until_ns, uint32_t *item, uint64_t *at_ns)
{
	uint64_t first;
	unsigned best = pq_first(pq, &first);

	if (best == PQ_QUEUES || first > until_ns)
		return false;
	*item = pq->ring[best].at[pq->ring[best].head].item;
	*at_ns = first;
	ring_take(pq, best, first);
	return true;
}

bool
pq_release(struct pq *pq, uint32_t *item)
{
	for (unsigned i = 0; i < PQ_QUEUES; i++) {
		struct pq_ring *r = &pq->ring[i];
		struct pq_entry *e;

		if (r->released == r->n)
			continue;
		e = &r->at[(r->head + r->released++) & (r->room - 1)];
		*item = e->item;
		e->item = PQ_NONE;
		return true;
	}
	return false;
}
