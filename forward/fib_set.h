/*
 * The FIBs of a process, by SmartEdge context id: a table of each family for
 * every context that has routes of it.
 */
#ifndef FIB_SET_H
#define FIB_SET_H

#include "fib.h"
#include "fib6.h"
#include "ip_addr.h"

struct fib_set;

struct fib_set *fib_set_new(void);
void fib_set_free(struct fib_set **set);

/* NULL when the context has no routes of that family. */
struct fib *fib_of(const struct fib_set *set, uint32_t context);
struct fib6 *fib6_of(const struct fib_set *set, uint32_t context);

/*
 * Notes a route (value 0: its removal) in the context's table of the prefix's
 * family, made where there is none. -EINVAL: as fib_set() and fib6_set(), or a
 * family that is none; -ENOMEM.
 */
int fib_set_note(struct fib_set *set, uint32_t context,
		 const struct ip_addr *prefix, unsigned len, uint32_t value);
/* Makes what was noted act, in every table. */
int fib_set_apply(struct fib_set *set);

/* The adjacency id of an address of either family; 0: no route. */
uint32_t fib_set_lookup(const struct fib_set *set, uint32_t context,
			const struct ip_addr *dst);

#endif
