/*
 * Pools of packet buffers: an anonymous mapping that is not reserved, so that
 * what admission never lets in costs no memory, and the free list of packet/.
 * Called by bp_link.c alone; it decides where packets rest and nothing else.
 */
#include "bp_pool.h"

#include <errno.h>
#include <sys/mman.h>

int
bp_pool_init(struct bp_pool *pool, uint8_t number, uint32_t buffers)
{
	size_t octets = (size_t)buffers * PKT_BUF_OCTETS;
	void *base;
	int error;

	*pool = (struct bp_pool){0};
	if (buffers == 0 || number >= PKT_POOLS_MAX)
		return -EINVAL;
	error = pkt_pool_init(&pool->pool, number, buffers);
	if (error != 0)
		return error;
	base = mmap(NULL, octets, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED) {
		pkt_pool_fini(&pool->pool);
		return -ENOMEM;
	}
	pool->base = base;
	pool->octets = octets;
	return 0;
}

void
bp_pool_fini(struct bp_pool *pool)
{
	if (pool->base != NULL)
		(void)munmap(pool->base, pool->octets);
	pkt_pool_fini(&pool->pool);
	*pool = (struct bp_pool){0};
}

void
bp_pool_show(const struct bp_pool *pool, struct pkt_mem *mem)
{
	mem->base[pool->pool.number] = pool->base;
	mem->count[pool->pool.number] = pool->pool.count;
}
