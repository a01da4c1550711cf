/*
 * The tables of a line card's processor, and how rows of control messages
 * become entries of them.
 */
#ifndef LC_TABLE_H
#define LC_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "adj.h"
#include "circuit.h"
#include "ctl_msg.h"
#include "fib.h"
#include "homing.h"

struct lc_table {
	struct circuit_table *circuits;
	struct adj_table *adjs;
	struct fib_set *fibs;
	struct homing_table *homings;
};

/* slot: the card's own, whose ports frames come from. -ENOMEM. */
int lc_table_init(struct lc_table *t, unsigned slot);
void lc_table_fini(struct lc_table *t);

/*
 * n rows of one message. Routes act at fib_set_apply(). -EINVAL: a row with an
 * id, length or prefix that can not be, or a table that line cards do not keep;
 * the rows before it are set. -ENOMEM.
 */
int lc_table_rows(struct lc_table *t, enum ctl_type table, enum ctl_op op,
		  const uint8_t *items, size_t n);

#endif
