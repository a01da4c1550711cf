/*
 * Rows of control messages to entries of tables: field by field, for rows are
 * in wire order. What a row means is decided where it is read; here only ids,
 * prefixes and lengths are checked, by the tables themselves. The card library
 * calls in with SET rows at ACTIVATE and DELETE rows at RETIRE.
 */
#include <errno.h>
#include <string.h>

#include "lc_table.h"

static_assert((int)ADJ_NULL == (int)CTL_ADJ_NULL &&
		  (int)ADJ_LOCAL == (int)CTL_ADJ_LOCAL &&
		  (int)ADJ_FORWARD == (int)CTL_ADJ_FORWARD &&
		  (int)ADJ_ATTACHED == (int)CTL_ADJ_ATTACHED &&
		  (int)ADJ_TUNNEL == (int)CTL_ADJ_TUNNEL &&
		  (int)ADJ_DOWN == (int)CTL_ADJ_DOWN,
	      "adj.h numbers kinds as ctl_msg.h does");
static_assert((int)CIRCUIT_PORT == (int)CTL_CIRCUIT_PORT &&
		  (int)CIRCUIT_PVC == (int)CTL_CIRCUIT_PVC &&
		  (int)CIRCUIT_TUNNEL == (int)CTL_CIRCUIT_TUNNEL,
	      "circuit.h numbers kinds as ctl_msg.h does");

int
lc_table_init(struct lc_table *t, unsigned slot)
{
	t->circuits = circuit_table_new();
	t->adjs = adj_table_new();
	t->fibs = fib_set_new();
	t->homings = homing_table_new();
	if (t->circuits == NULL || t->adjs == NULL || t->fibs == NULL ||
	    t->homings == NULL) {
		lc_table_fini(t);
		return -ENOMEM;
	}
	circuit_table_home(t->circuits, slot);
	return 0;
}

void
lc_table_fini(struct lc_table *t)
{
	circuit_table_free(&t->circuits);
	adj_table_free(&t->adjs);
	fib_set_free(&t->fibs);
	homing_table_free(&t->homings);
}

static int
lc_table_circuit(struct lc_table *t, enum ctl_op op, const void *item)
{
	const struct ctl_circuit *row = item;
	struct circuit c = {
	    .kind = row->kind,
	    .up = (row->flags & CTL_CIRCUIT_UP) != 0,
	    .bound = (row->flags & CTL_CIRCUIT_BOUND) != 0,
	    .economical = (row->flags & CTL_CIRCUIT_ECONOMICAL) != 0,
	    .slot = row->slot,
	    .port = row->port,
	    .vlan = be16_get(row->vlan),
	    .mtu = be16_get(row->mtu),
	    .asp = be16_get(row->asp),
	    .context = be32_get(row->context),
	    .sa_out = be32_get(row->sa_out),
	    .outer_context = be32_get(row->outer_context),
	    .remote = be32_get(row->remote),
	    .handle = be64_get(row->handle),
	};

	if (op == CTL_OP_DELETE) {
		circuit_delete(t->circuits, be32_get(row->id));
		return 0;
	}
	if (row->kind < CTL_CIRCUIT_PORT || row->kind > CTL_CIRCUIT_TUNNEL)
		return -EINVAL;
	memcpy(c.mac, row->mac, sizeof(c.mac));
	return circuit_set(t->circuits, be32_get(row->id), &c);
}

static int
lc_table_adj(struct lc_table *t, enum ctl_op op, const void *item)
{
	const struct ctl_adj *row = item;
	struct adj adj = {
	    .circuit = be32_get(row->circuit),
	    .next_hop = be32_get(row->next_hop),
	    .stage = be16_get(row->stage),
	    .kind = row->kind,
	};

	if (op == CTL_OP_DELETE) {
		adj_delete(t->adjs, be32_get(row->id));
		return 0;
	}
	if (row->kind < CTL_ADJ_NULL || row->kind > CTL_ADJ_DOWN)
		return -EINVAL;
	return adj_set(t->adjs, be32_get(row->id), &adj);
}

static int
lc_table_route(struct lc_table *t, enum ctl_op op, const void *item)
{
	const struct ctl_route *row = item;
	uint32_t prefix = be32_get(row->prefix);
	struct fib *fib = op == CTL_OP_DELETE
			      ? fib_of(t->fibs, be32_get(row->context))
			      : fib_make(t->fibs, be32_get(row->context));

	if (fib == NULL)
		return op == CTL_OP_DELETE ? 0 : -ENOMEM;
	if (op == CTL_OP_DELETE)
		return fib_delete(fib, prefix, row->len);
	return fib_set(fib, prefix, row->len, be32_get(row->adj));
}

static int
lc_table_homing(struct lc_table *t, enum ctl_op op, const void *item)
{
	const struct ctl_homing *row = item;
	struct homing h = {
	    .key = {.context = be32_get(row->context),
		    .spi = be32_get(row->spi),
		    .dst = be32_get(row->dst)},
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
	static const struct {
		int (*row)(struct lc_table *, enum ctl_op, const void *);
		size_t octets;
	} kinds[] = {
	    [CTL_CIRCUITS] = {lc_table_circuit, sizeof(struct ctl_circuit)},
	    [CTL_ADJACENCIES] = {lc_table_adj, sizeof(struct ctl_adj)},
	    [CTL_ROUTES] = {lc_table_route, sizeof(struct ctl_route)},
	    [CTL_HOMINGS] = {lc_table_homing, sizeof(struct ctl_homing)},
	};
	int rc = 0;

	if ((size_t)table >= sizeof(kinds) / sizeof(kinds[0]) ||
	    kinds[table].row == NULL)
		return -EINVAL;
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = kinds[table].row(t, op, items + i * kinds[table].octets);
	return rc;
}
