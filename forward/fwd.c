/*
 * Lookup of one address. Routes between contexts may lead in a circle, which
 * no rule of the configuration forbids (each of them may be right for other
 * addresses), so the number of contexts is bounded here.
 */
#include "fwd.h"

const struct adj *
fwd_follow(const struct fib_set *fibs, const struct adj_table *adjs,
	   const struct adj *adj, uint32_t *context, const struct ip_addr *dst,
	   uint32_t *id)
{
	for (unsigned i = 1; adj->kind == ADJ_CONTEXT; i++) {
		*context = adj->circuit;
		*id = i < FWD_CONTEXTS_MAX ? fib_set_lookup(fibs, *context, dst)
					   : 0;
		adj = adj_get(adjs, *id);
	}
	return adj;
}

const struct adj *
fwd_lookup(const struct fib_set *fibs, const struct adj_table *adjs,
	   uint32_t *context, const struct ip_addr *dst, uint32_t *id)
{
	*id = fib_set_lookup(fibs, *context, dst);
	return fwd_follow(fibs, adjs, adj_get(adjs, *id), context, dst, id);
}
