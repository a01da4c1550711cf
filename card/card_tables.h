/*
 * The tables that iPPA, ePPA and ASP share in kind (forward/), and how rows of
 * control messages become entries of them. Rows are in wire order and come from
 * card_ops.rows: SET rows at ACTIVATE, DELETE rows at RETIRE.
 */
#ifndef CARD_TABLES_H
#define CARD_TABLES_H

#include <stddef.h>
#include <stdint.h>

#include "adj.h"
#include "circuit.h"
#include "ctl_msg.h"
#include "fib_set.h"
#include "spd_set.h"

struct card_tables {
	struct circuit_table *circuits;
	struct adj_table *adjs;
	struct fib_set *fibs;
	struct spd_set *spds;
};

/* -ENOMEM. */
int card_tables_init(struct card_tables *t);
/* Accepts what is half made. */
void card_tables_fini(struct card_tables *t);

/*
 * Makes rows of routes and policies act. The first error; the others act
 * nevertheless. -ENOMEM.
 */
int card_tables_activate(struct card_tables *t);

/*
 * n rows of CIRCUITS, ADJACENCIES, ROUTES, POLICIES or POLICY_BINDS; those of
 * routes and policies act at card_tables_activate(). The first error is
 * returned, the rows behind it are taken nevertheless. -EINVAL: another table,
 * or a row with an id, kind or prefix that can not be; -ENOMEM.
 */
int card_tables_rows(struct card_tables *t, enum ctl_type table, enum ctl_op op,
		     const uint8_t *items, size_t n);

/*
 * The same walk over rows of a table that a role keeps of its own: octets is
 * the size of one, take() makes an entry of it.
 */
int card_tables_each(void *arg,
		     int (*take)(void *arg, enum ctl_op op, const void *item),
		     size_t octets, enum ctl_op op, const uint8_t *items,
		     size_t n);

#endif
