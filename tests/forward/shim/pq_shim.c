/* The C face of forward/pq.h for C++ tests. */
#include "pq_shim.h"

#include <stdlib.h>

#include "pq.h"

struct pq_shim {
	struct pq *pq;
	struct pq_conf conf;
};

struct pq_shim *
pq_shim_new(unsigned queues, uint32_t rate_kbps)
{
	struct pq_shim *shim = calloc(1, sizeof(*shim));

	if (shim == NULL)
		abort();
	shim->conf.rate_kbps = rate_kbps;
	shim->conf.queues = (uint8_t)queues;
	shim->pq = pq_new(&shim->conf);
	if (shim->pq != NULL)
		return shim;
	free(shim);
	return NULL;
}

void
pq_shim_free(struct pq_shim *shim)
{
	pq_free(&shim->pq);
	free(shim);
}

int
pq_shim_queue(struct pq_shim *shim, unsigned queue, uint32_t rate_kbps,
	      uint32_t burst, uint32_t depth)
{
	shim->conf.queue[queue].rate_kbps = rate_kbps;
	shim->conf.queue[queue].burst = burst;
	shim->conf.queue[queue].depth = depth;
	return pq_configure(shim->pq, &shim->conf);
}

int
pq_shim_map(struct pq_shim *shim, unsigned dscp, unsigned queue)
{
	shim->conf.map[dscp] = (uint8_t)queue;
	return pq_configure(shim->pq, &shim->conf);
}

int
pq_shim_arrive(struct pq_shim *shim, uint64_t ns, unsigned queue,
	       uint32_t octets, uint32_t item)
{
	return pq_arrive(shim->pq, ns, queue, octets, item);
}

int64_t
pq_shim_depart(struct pq_shim *shim, uint64_t until_ns, uint64_t *at)
{
	uint32_t item;

	return pq_depart(shim->pq, until_ns, &item, at) ? (int64_t)item : -1;
}

int64_t
pq_shim_release(struct pq_shim *shim)
{
	uint32_t item;

	return pq_release(shim->pq, &item) ? (int64_t)item : -1;
}

unsigned
pq_shim_depth(const struct pq_shim *shim, unsigned queue)
{
	return pq_depth(shim->pq, queue);
}

int64_t
pq_shim_next(const struct pq_shim *shim)
{
	uint64_t at;

	return pq_next_ns(shim->pq, &at) ? (int64_t)at : -1;
}
