/*
 * What a line card keeps beyond the tables of every card: which ASP opens what
 * is addressed to the router itself. The card library calls in with SET rows at
 * ACTIVATE and DELETE rows at RETIRE.
 */
#include "lc_table.h"

#include <errno.h>
#include <string.h>

#include "stats.h"

static_assert((int)CTL_ACL_PROTOCOL == (int)ACL_PROTOCOL &&
		  (int)CTL_ACL_TOS == (int)ACL_TOS &&
		  (int)CTL_ACL_SRC_PORT == (int)ACL_SRC_PORT &&
		  (int)CTL_ACL_DST_PORT == (int)ACL_DST_PORT &&
		  (int)CTL_ACL_SRC_NOT == (int)ACL_SRC_NOT &&
		  (int)CTL_ACL_DST_NOT == (int)ACL_DST_NOT &&
		  (int)CTL_ACL_TYPE == (int)ACL_TYPE &&
		  (int)CTL_ACL_CODE == (int)ACL_CODE &&
		  (int)CTL_ACL_ESTABLISHED == (int)ACL_ESTABLISHED &&
		  (int)CTL_ACL_FRAGMENTS == (int)ACL_FRAGMENTS,
	      "acl.h numbers as ctl_msg.h does");
static_assert(CTL_QUEUES == PQ_QUEUES && CTL_DSCPS == PQ_DSCPS &&
		  STATS_QUEUES == PQ_QUEUES && CTL_DSCP_ANY == ASP_DSCP_ANY,
	      "pq.h and queuing.h number as ctl_msg.h does");
static_assert((int)CTL_POLICER_PASS == (int)POLICER_PASS &&
		  (int)CTL_POLICER_DROP == (int)POLICER_DROP &&
		  (int)CTL_POLICER_MARK == (int)POLICER_MARK,
	      "policer.h numbers as ctl_msg.h does");

int
lc_table_init(struct lc_table *t, unsigned slot)
{
	int err = card_tables_init(&t->fwd);

	if (err != 0)
		return err;
	t->homings = homing_table_new();
	t->acls = acl_set_new();
	t->features = feature_table_new();
	t->policers = policer_table_new();
	t->queuings = queuing_table_new();
	if (t->homings == NULL || t->acls == NULL || t->features == NULL ||
	    t->policers == NULL || t->queuings == NULL) {
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
	acl_set_free(&t->acls);
	feature_table_free(&t->features);
	policer_table_free(&t->policers);
	queuing_table_free(&t->queuings);
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

static int
lc_table_acl_row(void *arg, enum ctl_op op, const void *item)
{
	struct lc_table *t = arg;
	const struct ctl_acl_row *row = item;
	struct acl_row r = {
	    .seq = be32_get(row->seq),
	    .counter = be32_get(row->counter),
	    .asks = be16_get(row->asks),
	    .permit = row->permit != 0,
	    .protocol = row->protocol,
	    .tos = row->tos,
	    .tos_mask = row->tos_mask,
	    .type = row->type,
	    .code = row->code,
	    .src_low = be16_get(row->src_low),
	    .src_high = be16_get(row->src_high),
	    .dst_low = be16_get(row->dst_low),
	    .dst_high = be16_get(row->dst_high),
	};

	if (op == CTL_OP_DELETE) {
		acl_set_delete(t->acls, be32_get(row->acl), r.seq);
		return 0;
	}
	if (r.counter >= STATS_ACL_ROWS)
		return -EINVAL;
	memcpy(r.src, row->src, sizeof(r.src));
	memcpy(r.src_wild, row->src_wild, sizeof(r.src_wild));
	memcpy(r.dst, row->dst, sizeof(r.dst));
	memcpy(r.dst_wild, row->dst_wild, sizeof(r.dst_wild));
	return acl_set_row(t->acls, be32_get(row->acl), row->family, &r);
}

static int
lc_table_feature(void *arg, enum ctl_op op, const void *item)
{
	struct lc_table *t = arg;
	const struct ctl_feature *row = item;
	struct feature f = {
	    .acl = {[FEATURE_IN] = {be32_get(row->acl_in),
				    be32_get(row->acl6_in)},
		    [FEATURE_OUT] = {be32_get(row->acl_out),
				     be32_get(row->acl6_out)}},
	    .count = {(row->flags & CTL_FEATURE_COUNT_IN) != 0,
		      (row->flags & CTL_FEATURE_COUNT_OUT) != 0},
	    .policer = {be32_get(row->policing), be32_get(row->metering)},
	    .pq = be32_get(row->queuing),
	    .asp_queues = be32_get(row->ipsec_queuing),
	    .log = {(row->flags & CTL_FEATURE_LOG_IN) != 0,
		    (row->flags & CTL_FEATURE_LOG_OUT) != 0},
	};

	if (op == CTL_OP_DELETE)
		f = (struct feature){0};
	return feature_set(t->features, be32_get(row->circuit), &f);
}

static int
lc_table_policer(void *arg, enum ctl_op op, const void *item)
{
	struct lc_table *t = arg;
	const struct ctl_policer *row = item;
	struct policer p = {
	    .rate_kbps = be32_get(row->rate),
	    .burst = be32_get(row->burst),
	    .excess = be32_get(row->excess),
	};

	if (op == CTL_OP_DELETE) {
		policer_delete(t->policers, be32_get(row->id));
		return 0;
	}
	memcpy(p.action, row->action, sizeof(p.action));
	memcpy(p.dscp, row->dscp, sizeof(p.dscp));
	return policer_set(t->policers, be32_get(row->id), &p);
}

static int
lc_table_pq(void *arg, enum ctl_op op, const void *item)
{
	struct lc_table *t = arg;
	const struct ctl_pq *row = item;
	struct pq_conf conf = {.rate_kbps = be32_get(row->rate),
			       .queues = row->queues};

	if (op == CTL_OP_DELETE) {
		queuing_pq_delete(t->queuings, be32_get(row->id));
		return 0;
	}
	memcpy(conf.map, row->map, sizeof(conf.map));
	for (unsigned i = 0; i < PQ_QUEUES; i++) {
		conf.queue[i].rate_kbps = be32_get(row->queue[i].rate);
		conf.queue[i].burst = be32_get(row->queue[i].burst);
		conf.queue[i].depth = be32_get(row->queue[i].depth);
	}
	return queuing_pq_set(t->queuings, be32_get(row->id), &conf);
}

static int
lc_table_asp_queues(void *arg, enum ctl_op op, const void *item)
{
	struct lc_table *t = arg;
	const struct ctl_ipsec_queues *row = item;
	struct asp_queues q;

	if (op == CTL_OP_DELETE) {
		queuing_asp_delete(t->queuings, be32_get(row->id));
		return 0;
	}
	for (unsigned i = 0; i < PQ_QUEUES; i++) {
		q.acl[FEATURE_IPV4][i] = be32_get(row->acl[i]);
		q.acl[FEATURE_IPV6][i] = be32_get(row->acl6[i]);
		q.dscp[i] = row->dscp[i];
	}
	return queuing_asp_set(t->queuings, be32_get(row->id), &q);
}

int
lc_table_apply(struct lc_table *t)
{
	int err = card_tables_activate(&t->fwd);
	int acl = acl_set_apply(t->acls);

	return err != 0 ? err : acl;
}

int
lc_table_rows(struct lc_table *t, enum ctl_type table, enum ctl_op op,
	      const uint8_t *items, size_t n)
{
	if (table == CTL_HOMINGS)
		return card_tables_each(t, lc_table_homing,
					sizeof(struct ctl_homing), op, items,
					n);
	if (table == CTL_ACL_ROWS)
		return card_tables_each(t, lc_table_acl_row,
					sizeof(struct ctl_acl_row), op, items,
					n);
	if (table == CTL_PQS)
		return card_tables_each(t, lc_table_pq, sizeof(struct ctl_pq),
					op, items, n);
	if (table == CTL_IPSEC_QUEUES)
		return card_tables_each(t, lc_table_asp_queues,
					sizeof(struct ctl_ipsec_queues), op,
					items, n);
	if (table == CTL_POLICERS)
		return card_tables_each(t, lc_table_policer,
					sizeof(struct ctl_policer), op, items,
					n);
	if (table == CTL_FEATURES)
		return card_tables_each(t, lc_table_feature,
					sizeof(struct ctl_feature), op, items,
					n);
	return card_tables_rows(&t->fwd, table, op, items, n);
}
