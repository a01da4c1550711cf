/*
 * What a line card keeps beyond the tables of every card: which ASP opens what
 * is addressed to the router itself. The card library calls in with SET rows at
 * ACTIVATE and DELETE rows at RETIRE.
 */
#include "lc_table.h"

#include <errno.h>

int
lc_table_init(struct lc_table *t, unsigned slot)
{
	int err = card_tables_init(&t->fwd);

	if (err != 0)
		return err;
	t->homings = homing_table_new();
	if (t->homings == NULL) {
		lc_table_fini(t);
		return -ENOMEM;
	}
	circuit_table_home(t->fwd.circuits, slot);
	return 0;
}

void
lc_table_fini(struct lc_table *t)
{
	card_tables_fini(&t->fwd);
	homing_table_free(&t->homings);
}

static int
lc_table_homing(void *arg, enum ctl_op op, const void *item)
{
	struct lc_table *t = arg;
	const struct ctl_homing *row = item;
	struct homing h = {
	    .key = {.context = be32_get(row->context),
		    .spi = be32_get(row->spi),
		    .dst = row->dst,
		    .protocol = row->protocol},
	    .circuit = be32_get(row->circuit),
	    .asp = be16_get(row->asp),
	};

	if (op == CTL_OP_DELETE) {
		homing_delete(t->homings, &h.key);
		return 0;
	}
	return homing_set(t->homings, &h);
}

int
lc_table_rows(struct lc_table *t, enum ctl_type table, enum ctl_op op,
	      const uint8_t *items, size_t n)
{
	if (table == CTL_HOMINGS)
		return card_tables_each(t, lc_table_homing,
					sizeof(struct ctl_homing), op, items,
					n);
	return card_tables_rows(&t->fwd, table, op, items, n);
}
