/*
 * Rows of control messages to entries of tables, field by field, for rows are
 * in wire order. What a row means is decided where it is read; here only kinds
 * are checked, and by the tables themselves ids, prefixes and lengths.
 */
#include "card_tables.h"

#include <errno.h>
#include <string.h>

#include "stats.h"

static_assert((int)ADJ_NULL == (int)CTL_ADJ_NULL &&
		  (int)ADJ_LOCAL == (int)CTL_ADJ_LOCAL &&
		  (int)ADJ_FORWARD == (int)CTL_ADJ_FORWARD &&
		  (int)ADJ_ATTACHED == (int)CTL_ADJ_ATTACHED &&
		  (int)ADJ_TUNNEL == (int)CTL_ADJ_TUNNEL &&
		  (int)ADJ_DOWN == (int)CTL_ADJ_DOWN &&
		  (int)ADJ_CONTEXT == (int)CTL_ADJ_CONTEXT,
	      "adj.h numbers kinds as ctl_msg.h does");
static_assert((int)CIRCUIT_PORT == (int)CTL_CIRCUIT_PORT &&
		  (int)CIRCUIT_PVC == (int)CTL_CIRCUIT_PVC &&
		  (int)CIRCUIT_TUNNEL == (int)CTL_CIRCUIT_TUNNEL,
	      "circuit.h numbers kinds as ctl_msg.h does");

static_assert((int)SPD_PROTECT == (int)CTL_POLICY_PROTECT &&
		  (int)SPD_BYPASS == (int)CTL_POLICY_BYPASS &&
		  (int)SPD_DISCARD == (int)CTL_POLICY_DISCARD &&
		  (int)SPD_FIELDS == CTL_POLICY_FIELDS &&
		  SPD_RULES_MAX == STATS_POLICIES,
	      "spd.h numbers actions and fields as ctl_msg.h does");

int
card_tables_init(struct card_tables *t)
{
	t->circuits = circuit_table_new();
	t->adjs = adj_table_new();
	t->fibs = fib_set_new();
	t->spds = spd_set_new();
	if (t->circuits == NULL || t->adjs == NULL || t->fibs == NULL ||
	    t->spds == NULL) {
		card_tables_fini(t);
		return -ENOMEM;
	}
	return 0;
}

void
card_tables_fini(struct card_tables *t)
{
	circuit_table_free(&t->circuits);
	adj_table_free(&t->adjs);
	fib_set_free(&t->fibs);
	spd_set_free(&t->spds);
}

int
card_tables_activate(struct card_tables *t)
{
	int fibs = fib_set_apply(t->fibs);
	int spds = spd_set_apply(t->spds);

	return fibs != 0 ? fibs : spds;
}

static int
card_tables_circuit(void *arg, enum ctl_op op, const void *item)
{
	struct card_tables *t = arg;
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
	    .remote = row->remote,
	    .handle = be64_get(row->handle),
	};

	if (op == CTL_OP_DELETE) {
		circuit_delete(t->circuits, be32_get(row->id));
		return 0;
	}
	if (row->kind < CTL_CIRCUIT_PORT || row->kind > CTL_CIRCUIT_TUNNEL)
		return -EINVAL;
	memcpy(c.mac, row->mac, sizeof(c.mac));
	memcpy(c.link_local, row->link_local, sizeof(c.link_local));
	return circuit_set(t->circuits, be32_get(row->id), &c);
}

static int
card_tables_adj(void *arg, enum ctl_op op, const void *item)
{
	struct card_tables *t = arg;
	const struct ctl_adj *row = item;
	struct adj adj = {
	    .circuit = be32_get(row->circuit),
	    .next_hop = row->next_hop,
	    .stage = be16_get(row->stage),
	    .kind = row->kind,
	};

	if (op == CTL_OP_DELETE) {
		adj_delete(t->adjs, be32_get(row->id));
		return 0;
	}
	if (row->kind < CTL_ADJ_NULL || row->kind > CTL_ADJ_CONTEXT)
		return -EINVAL;
	return adj_set(t->adjs, be32_get(row->id), &adj);
}

static int
card_tables_route(void *arg, enum ctl_op op, const void *item)
{
	struct card_tables *t = arg;
	const struct ctl_route *row = item;
	uint32_t adj = op == CTL_OP_DELETE ? 0 : be32_get(row->adj);

	if (op != CTL_OP_DELETE && adj == 0)
		return -EINVAL;
	return fib_set_note(t->fibs, be32_get(row->context), &row->prefix,
			    row->len, adj);
}

static int
card_tables_policy(void *arg, enum ctl_op op, const void *item)
{
	struct card_tables *t = arg;
	const struct ctl_policy *row = item;
	struct spd_rule rule = {
	    .order = (uint64_t)be32_get(row->entry) << 32 | be32_get(row->row),
	    .id = be32_get(row->id),
	    .circuit = be32_get(row->circuit),
	    .action = row->action,
	    .selector = {.family = row->family},
	};

	if (op == CTL_OP_DELETE) {
		spd_set_unrule(t->spds, be32_get(row->list), rule.id);
		return 0;
	}
	memcpy(rule.selector.local, row->local, sizeof(row->local));
	memcpy(rule.selector.remote, row->remote, sizeof(row->remote));
	for (unsigned i = 0; i < CTL_POLICY_FIELDS; i++)
		rule.selector.range[i] =
		    (struct spd_range){be32_get(row->field[i].first),
				       be32_get(row->field[i].last)};
	return spd_set_rule(t->spds, be32_get(row->list), &rule);
}

static int
card_tables_policy_bind(void *arg, enum ctl_op op, const void *item)
{
	struct card_tables *t = arg;
	const struct ctl_policy_bind *row = item;

	return spd_set_bind(t->spds, be32_get(row->circuit),
			    op == CTL_OP_SET ? be32_get(row->list) : 0);
}

int
card_tables_each(void *arg,
		 int (*take)(void *arg, enum ctl_op op, const void *item),
		 size_t octets, enum ctl_op op, const uint8_t *items, size_t n)
{
	int first = 0;

	for (size_t i = 0; i < n; i++) {
		int err = take(arg, op, items + i * octets);

		if (first == 0)
			first = err;
	}
	return first;
}

int
card_tables_rows(struct card_tables *t, enum ctl_type table, enum ctl_op op,
		 const uint8_t *items, size_t n)
{
	switch (table) {
	case CTL_CIRCUITS:
		return card_tables_each(t, card_tables_circuit,
					sizeof(struct ctl_circuit), op, items,
					n);
	case CTL_ADJACENCIES:
		return card_tables_each(t, card_tables_adj,
					sizeof(struct ctl_adj), op, items, n);
	case CTL_ROUTES:
		return card_tables_each(t, card_tables_route,
					sizeof(struct ctl_route), op, items, n);
	case CTL_POLICIES:
		return card_tables_each(t, card_tables_policy,
					sizeof(struct ctl_policy), op, items,
					n);
	case CTL_POLICY_BINDS:
		return card_tables_each(t, card_tables_policy_bind,
					sizeof(struct ctl_policy_bind), op,
					items, n);
	default:
		return -EINVAL;
	}
}
