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

int
derive_uses(struct chs *chs, struct tables *t, const struct cfg_obj *circuit,
	    enum cfg_kind uses, struct ctl_feature *row)
{
	const struct cfg_obj *use;
	struct cfg_iter it;
	int err = 0;

	for (use = cfg_first(&it, circuit, uses); use != NULL && err == 0;
	     use = cfg_next(&it)) {
		const char *name =
		    cfg_str(use, CFG_FIELD_OF(uses, CFG_PORT_QOS_POLICY));

		err = add_policer(
		    chs, t, name,
		    cfg_u32(use, CFG_FIELD_OF(uses, CFG_PORT_QOS_USE)) ==
			    CFG_QOS_POLICING
			? &row->policing
			: &row->metering);
	}
	return err;
}
