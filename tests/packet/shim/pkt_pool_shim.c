/* Pool number 3, so that the number is not by chance 0. */
#include "pkt_pool_shim.h"

#include <stdlib.h>
#include <string.h>

#include "pkt.h"

#define NUMBER 3

struct pkt_pool_shim {
	struct pkt_pool pool;
	struct pkt_mem mem;
};

struct pkt_pool_shim *
pkt_pool_shim_new(uint32_t count)
{
	struct pkt_pool_shim *s = calloc(1, sizeof(*s));

	if (s == NULL || pkt_pool_init(&s->pool, NUMBER, count) != 0)
		abort();
	s->mem.base[NUMBER] = malloc((size_t)count * PKT_BUF_OCTETS);
	s->mem.count[NUMBER] = count;
	return s;
}

void
pkt_pool_shim_free(struct pkt_pool_shim *s)
{
	free(s->mem.base[NUMBER]);
	pkt_pool_fini(&s->pool);
	free(s);
}

int64_t
pkt_pool_shim_take(struct pkt_pool_shim *s)
{
	struct pkt p;

	return pkt_alloc(&s->pool, &p) ? (int64_t)p.buf : -1;
}

void
pkt_pool_shim_give(struct pkt_pool_shim *s, uint32_t buf)
{
	struct pkt p = {.pool = NUMBER, .buf = buf};

	pkt_free(&s->pool, &p);
}

unsigned
pkt_pool_shim_headroom(struct pkt_pool_shim *s)
{
	struct pkt p;
	unsigned room = 0;

	if (pkt_alloc(&s->pool, &p)) {
		room = pkt_headroom(&p);
		pkt_free(&s->pool, &p);
	}
	return room;
}

unsigned
pkt_pool_shim_tailroom(struct pkt_pool_shim *s)
{
	struct pkt p;
	unsigned room = 0;

	if (pkt_alloc(&s->pool, &p)) {
		room = pkt_tailroom(&p);
		pkt_free(&s->pool, &p);
	}
	return room;
}

unsigned
pkt_pool_shim_buf_octets(void)
{
	return PKT_BUF_OCTETS;
}

unsigned
pkt_pool_shim_largest(void)
{
	return PKT_OCTETS_MAX;
}

void
pkt_pool_shim_fill(struct pkt_pool_shim *s, uint32_t buf)
{
	struct pkt p = {.pool = NUMBER, .buf = buf};

	memset(pkt_buf(&s->mem, &p), 0xee, PKT_BUF_OCTETS);
}

int
pkt_pool_shim_extent_valid(struct pkt_pool_shim *s, unsigned pool, uint32_t buf,
			   uint16_t off, uint16_t len)
{
	struct pkt p = {
	    .pool = (uint8_t)pool, .buf = buf, .off = off, .len = len};

	return pkt_extent_valid(&s->mem, &p);
}

uint64_t
pkt_pool_shim_tie(uint16_t stage, uint8_t port, uint32_t index)
{
	struct pkt p = {.in_stage = stage, .in_port = port, .index = index};

	return pkt_order_tie(&p);
}
