/* The C side of the tests of shared pools; see bp_shim.h. */
#include <stdlib.h>

#include "bp_frame.h"
#include "bp_pools.h"
#include "bp_shim.h"

struct bp_shim_view {
	struct bp_pool pool;
};

int
bp_shim_pair(int *ours, int *theirs)
{
	return bp_pools_pair(ours, theirs);
}

int
bp_shim_offer(int fd, unsigned number, uint32_t buffers, int pool_fd)
{
	return bp_pools_offer(fd, (uint16_t)number, buffers, pool_fd);
}

size_t
bp_shim_frame_ref(unsigned from, uint32_t epoch, unsigned pool, uint32_t buf,
		  uint16_t len, uint8_t *out, size_t out_octets)
{
	const struct bp_frame frame = {.from = (uint16_t)from, .epoch = epoch};
	struct pkt p = {.pool = (uint8_t)pool,
			.buf = buf,
			.off = PKT_HEADROOM,
			.len = len,
			.in_stage = 9};
	size_t octets = bp_frame_octets(&frame, &p, 1);

	if (octets > out_octets)
		return 0;
	return bp_frame_write(out, &frame, NULL, &p, 1);
}

int
bp_shim_pool_make(uint32_t buffers)
{
	int fd = -1;
	int error = bp_pool_make(buffers, &fd);

	return error == 0 ? fd : error;
}

struct bp_shim_view *
bp_shim_pool_map(unsigned number, uint32_t buffers, int fd, unsigned stage,
		 int *error)
{
	struct bp_shim_view *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	*error = bp_pool_map(&s->pool, (uint8_t)number, buffers, fd,
			     (uint16_t)stage);
	if (*error == 0)
		return s;
	free(s);
	return NULL;
}

void
bp_shim_pool_free(struct bp_shim_view **pool)
{
	if (*pool != NULL)
		bp_pool_fini(&(*pool)->pool);
	free(*pool);
	*pool = NULL;
}

int64_t
bp_shim_pool_alloc(struct bp_shim_view *pool)
{
	struct pkt p;

	return pkt_alloc(&pool->pool.pool, &p) ? (int64_t)p.buf : -1;
}

void
bp_shim_pool_hold(struct bp_shim_view *pool, uint32_t buf, unsigned stage,
		  uint32_t epoch)
{
	bp_pool_hold(&pool->pool, buf,
		     bp_holder_process((uint16_t)stage, epoch));
}

void
bp_shim_pool_travel(struct bp_shim_view *pool, uint32_t buf, unsigned from,
		    uint32_t from_epoch, unsigned to, uint32_t to_epoch)
{
	bp_pool_hold(
	    &pool->pool, buf,
	    bp_holder_link((uint16_t)from, from_epoch, (uint16_t)to, to_epoch));
}

void
bp_shim_pool_return(struct bp_shim_view *pool, uint32_t buf)
{
	bp_pool_return(&pool->pool, buf);
}

void
bp_shim_pool_lie(struct bp_shim_view *pool, uint32_t more)
{
	pool->pool.put += more;
	pool->pool.unpublished = true;
}

void
bp_shim_pool_publish(struct bp_shim_view *pool)
{
	bp_pool_publish(&pool->pool);
}

uint32_t
bp_shim_pool_collect(struct bp_shim_view *pool)
{
	return bp_pool_collect(&pool->pool);
}

uint32_t
bp_shim_pool_reclaim(struct bp_shim_view *pool, unsigned stage, uint32_t epoch)
{
	return bp_pool_reclaim(&pool->pool, (uint16_t)stage, epoch);
}

uint32_t
bp_shim_pool_nfree(const struct bp_shim_view *pool)
{
	return pool->pool.pool.nfree;
}

uint32_t
bp_shim_pool_away(const struct bp_shim_view *pool)
{
	return bp_pool_away(&pool->pool);
}
