/*
 * From the configuration tree to QoS policies: the rows of those that stand at
 * some circuit. A policy keeps its id, so that changing it changes what its
 * circuits are held to and nothing else.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "derive_qos.h"

/* The three fields of a colour, in their order in the schema. */
static void
put_colour(const struct cfg_obj *obj, enum cfg_field action, unsigned colour,
	   struct ctl_policer *row)
{
	enum cfg_field dscp = (enum cfg_field)(action + 1);
	enum cfg_field precedence = (enum cfg_field)(action + 2);

	row->action[colour] = cfg_u32(obj, action) == CFG_QOS_DROP
				  ? CTL_POLICER_DROP
				  : CTL_POLICER_PASS;
	if (cfg_has(obj, dscp)) {
		row->action[colour] = CTL_POLICER_MARK;
		row->dscp[colour] = (uint8_t)cfg_u32(obj, dscp);
	} else if (cfg_has(obj, precedence)) {
		/* RFC 2474 section 4.2.2: class selectors. */
		row->action[colour] = CTL_POLICER_MARK;
		row->dscp[colour] = (uint8_t)(cfg_u32(obj, precedence) << 3);
	}
}

static int
add_policer(struct chs *chs, struct tables *t, const char *name,
	    struct be32 *id)
{
	const struct cfg_obj *obj =
	    name == NULL ? NULL : cfg_find(cfg_root(t->tree), CFG_QOS, name);
	struct ctl_policer row;

	*id = be32_put(0);
	if (obj == NULL)
		return 0;
	memset(&row, 0, sizeof(row));
	row.id = be32_put(running_id(chs->running, ID_POLICER, name));
	if (be32_get(row.id) == 0)
		return -ENOSPC;
	*id = row.id;
	for (size_t i = 0; i < t->npolicers; i++) {
		if (be32_get(t->policers[i].id) == be32_get(row.id))
			return 0;
	}
	row.rate = be32_put(cfg_u32(obj, CFG_QOS_RATE));
	row.burst = be32_put(cfg_u32(obj, CFG_QOS_BURST));
	row.excess = be32_put(cfg_u32(obj, CFG_QOS_EXCESS));
	put_colour(obj, CFG_QOS_CONFORM_ACTION, 0, &row);
	put_colour(obj, CFG_QOS_EXCEED_ACTION, 1, &row);
	put_colour(obj, CFG_QOS_VIOLATE_ACTION, 2, &row);
	return DERIVE_PUSH(t->policers, t->npolicers, &row);
}

/* --- priority queues ------------------------------------------------------ */

/*
 * Where nothing else is said: the class selectors in order of their precedence
 * (RFC 2474 section 4.2.2), two or four of them in a queue where there are
 * fewer. CS7 goes first, default forwarding last.
 */
static uint8_t
default_queue(unsigned dscp, unsigned queues)
{
	return (uint8_t)((7 - dscp / 8) * queues / 8);
}

static void
put_pq(const struct cfg_obj *obj, struct ctl_pq *row)
{
	unsigned queues = cfg_u32(obj, CFG_PQ_QUEUES);
	const struct cfg_obj *o;
	struct cfg_iter it;

	row->rate = be32_put(cfg_u32(obj, CFG_PQ_RATE));
	row->queues = (uint8_t)queues;
	for (unsigned i = 0; i < CTL_DSCPS; i++)
		row->map[i] = default_queue(i, queues);
	for (o = cfg_first(&it, obj, CFG_PQ_MAP); o != NULL; o = cfg_next(&it))
		row->map[cfg_u32(o, CFG_PQ_MAP_DSCP)] =
		    (uint8_t)cfg_u32(o, CFG_PQ_MAP_QUEUE);
	for (unsigned i = 0; i < CTL_QUEUES; i++)
		row->queue[i].depth = be32_put(CFG_PQ_DEPTH);
	for (o = cfg_first(&it, obj, CFG_PQ_QUEUE); o != NULL;
	     o = cfg_next(&it)) {
		unsigned i = cfg_u32(o, CFG_PQ_QUEUE_NUMBER);

		row->queue[i].rate = be32_put(cfg_u32(o, CFG_PQ_QUEUE_RATE));
		row->queue[i].burst = be32_put(cfg_u32(o, CFG_PQ_QUEUE_BURST));
		row->queue[i].depth = be32_put(cfg_u32(o, CFG_PQ_QUEUE_DEPTH));
	}
}

static int
add_pq(struct chs *chs, struct tables *t, const struct cfg_obj *obj,
       struct be32 *id)
{
	struct ctl_pq row;

	memset(&row, 0, sizeof(row));
	row.id = be32_put(
	    running_id(chs->running, ID_PQ, cfg_str(obj, CFG_PQ_NAME)));
	if (be32_get(row.id) == 0)
		return -ENOSPC;
	*id = row.id;
	for (size_t i = 0; i < t->npqs; i++) {
		if (be32_get(t->pqs[i].id) == be32_get(row.id))
			return 0;
	}
	put_pq(obj, &row);
	return DERIVE_PUSH(t->pqs, t->npqs, &row);
}

/* --- priority towards the ASP --------------------------------------------- */

static int
put_ipsec_queues(struct chs *chs, struct tables *t,
		 const struct cfg_obj *context, const struct cfg_obj *obj,
		 struct ctl_ipsec_queues *row)
{
	const struct cfg_obj *o;
	struct cfg_iter it;
	int err = 0;

	memset(row->dscp, CTL_DSCP_ANY, sizeof(row->dscp));
	for (o = cfg_first(&it, obj, CFG_IPSEC_QUEUE); o != NULL && err == 0;
	     o = cfg_next(&it)) {
		unsigned i = cfg_u32(o, CFG_IPSEC_QUEUE_NUMBER);
		uint32_t ids[2] = {0, 0};

		err = derive_list(chs, t, context,
				  cfg_str(o, CFG_IPSEC_QUEUE_LIST), ids);
		row->acl[i] = be32_put(ids[0]);
		row->acl6[i] = be32_put(ids[1]);
		if (cfg_has(o, CFG_IPSEC_QUEUE_DSCP))
			row->dscp[i] =
			    (uint8_t)cfg_u32(o, CFG_IPSEC_QUEUE_DSCP);
	}
	return err;
}

static int
add_ipsec_queues(struct chs *chs, struct tables *t,
		 const struct cfg_obj *context, const struct cfg_obj *obj,
		 struct be32 *id)
{
	struct ctl_ipsec_queues row;
	char name[128];
	int err;

	memset(&row, 0, sizeof(row));
	(void)snprintf(name, sizeof(name), "%s/%s",
		       cfg_str(context, CFG_CONTEXT_NAME),
		       cfg_str(obj, CFG_IPSEC_QOS_NAME));
	row.id = be32_put(running_id(chs->running, ID_IPSEC_QUEUES, name));
	if (be32_get(row.id) == 0)
		return -ENOSPC;
	*id = row.id;
	for (size_t i = 0; i < t->nipsec_queues; i++) {
		if (be32_get(t->ipsec_queues[i].id) == be32_get(row.id))
			return 0;
	}
	err = put_ipsec_queues(chs, t, context, obj, &row);
	return err != 0 ? err
			: DERIVE_PUSH(t->ipsec_queues, t->nipsec_queues, &row);
}

/* A name for queuing: priority queues, else priority towards the ASP. */
static int
add_queuing(struct chs *chs, struct tables *t, const struct cfg_obj *context,
	    const char *name, struct ctl_feature *row)
{
	const struct cfg_obj *pq = cfg_find(cfg_root(t->tree), CFG_PQ, name);
	const struct cfg_obj *ipsec =
	    context == NULL ? NULL : cfg_find(context, CFG_IPSEC_QOS, name);

	if (pq != NULL)
		return add_pq(chs, t, pq, &row->queuing);
	if (ipsec == NULL)
		return 0;
	return add_ipsec_queues(chs, t, context, ipsec, &row->ipsec_queuing);
}

int
derive_uses(struct chs *chs, struct tables *t, const struct cfg_obj *context,
	    const struct cfg_obj *circuit, enum cfg_kind uses,
	    struct ctl_feature *row)
{
	const struct cfg_obj *use;
	struct cfg_iter it;
	int err = 0;

	for (use = cfg_first(&it, circuit, uses); use != NULL && err == 0;
	     use = cfg_next(&it)) {
		const char *name =
		    cfg_str(use, CFG_FIELD_OF(uses, CFG_PORT_QOS_POLICY));

		switch ((enum cfg_qos_kind)cfg_u32(
		    use, CFG_FIELD_OF(uses, CFG_PORT_QOS_USE))) {
		case CFG_QOS_POLICING:
			err = add_policer(chs, t, name, &row->policing);
			break;
		case CFG_QOS_METERING:
			err = add_policer(chs, t, name, &row->metering);
			break;
		case CFG_QOS_QUEUING:
			err = add_queuing(chs, t, context, name, row);
			break;
		}
	}
	return err;
}
