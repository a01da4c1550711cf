/* The free list of a pool; everything else about packets is inline. */
#include "pkt.h"

#include <errno.h>
#include <stdlib.h>

int
pkt_pool_init(struct pkt_pool *pool, uint8_t number, uint32_t count)
{
	uint32_t *list = malloc(count * sizeof(*list));

	if (list == NULL)
		return -ENOMEM;
	/*
	 * Lowest number on top: the first buffers are the ones that are reused.
	 */
	for (uint32_t i = 0; i < count; i++)
		list[i] = count - 1 - i;
	*pool = (struct pkt_pool){
	    .free = list, .nfree = count, .count = count, .number = number};
	return 0;
}

void
pkt_pool_fini(struct pkt_pool *pool)
{
	free(pool->free);
	*pool = (struct pkt_pool){0};
}
