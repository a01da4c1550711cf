/* The C face of forward/pq.h for C++ tests. */
#ifndef PQ_SHIM_H
#define PQ_SHIM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pq_shim;

/* All queues alike but for what pq_shim_queue() says. NULL: refused. */
struct pq_shim *pq_shim_new(unsigned queues, uint32_t rate_kbps);
void pq_shim_free(struct pq_shim *shim);
int pq_shim_queue(struct pq_shim *shim, unsigned queue, uint32_t rate_kbps,
		  uint32_t burst, uint32_t depth);
int pq_shim_map(struct pq_shim *shim, unsigned dscp, unsigned queue);
int pq_shim_arrive(struct pq_shim *shim, uint64_t ns, unsigned queue,
		   uint32_t octets, uint32_t item);
/* The item, -1: none leaves by then. */
int64_t pq_shim_depart(struct pq_shim *shim, uint64_t until_ns, uint64_t *at);
/* When the next one can leave, -1: none waits. */
int64_t pq_shim_next(const struct pq_shim *shim);
int64_t pq_shim_release(struct pq_shim *shim);
unsigned pq_shim_depth(const struct pq_shim *shim, unsigned queue);

#ifdef __cplusplus
}
#endif

#endif
