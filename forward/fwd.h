/*
 * From an address in a context to an adjacency: FIB and adjacency together,
 * and from context to context where a route says so. One packet at a time;
 * vectors look up in the FIB themselves (fib.h, fib6.h) and come here for what
 * another context is to look up.
 */
#ifndef FWD_H
#define FWD_H

#include "adj.h"
#include "fib_set.h"

#define FWD_CONTEXTS_MAX 8 /* contexts that a lookup goes through, at most */

/*
 * *context: where the lookup begins, and then the context that decided. *id:
 * the adjacency's id, 0 where no route leads, or where routes lead round in a
 * circle of contexts. Never NULL: kind ADJ_NONE then.
 */
const struct adj *fwd_lookup(const struct fib_set *fibs,
			     const struct adj_table *adjs, uint32_t *context,
			     const struct ip_addr *dst, uint32_t *id);

/* The same from an adjacency of kind ADJ_CONTEXT on, found before. */
const struct adj *fwd_follow(const struct fib_set *fibs,
			     const struct adj_table *adjs,
			     const struct adj *adj, uint32_t *context,
			     const struct ip_addr *dst, uint32_t *id);

#endif
