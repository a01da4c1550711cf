/*
 * QoS policies as JSON: what each says, and the circuits that use it.
 */
#include <stdio.h>
#include <string.h>

#include "running.h"
#include "show.h"

/* Which of a circuit's policies, as its row has them. */
typedef uint32_t of_fn(const struct ctl_feature *f);

static uint32_t
of_policing(const struct ctl_feature *f)
{
	return be32_get(f->policing);
}

static uint32_t
of_metering(const struct ctl_feature *f)
{
	return be32_get(f->metering);
}

static uint32_t
of_queuing(const struct ctl_feature *f)
{
	return be32_get(f->queuing);
}

static uint32_t
of_ipsec_queuing(const struct ctl_feature *f)
{
	return be32_get(f->ipsec_queuing);
}

static json_t *
users(struct chs *chs, of_fn *of, enum id_space space, const char *name)
{
	const struct tables *t = running_tables(chs->running);
	uint32_t id = running_id(chs->running, space, name);
	json_t *list = json_array();
	char text[80];

	for (size_t i = 0; i < t->nfeatures; i++) {
		if (id != 0 && of(&t->features[i]) == id)
			(void)json_array_append_new(
			    list, json_string(running_circuit_text(
				      t, be32_get(t->features[i].circuit), text,
				      sizeof(text))));
	}
	return list;
}

static json_t *
policer_row(struct chs *chs, const struct cfg_obj *obj)
{
	const char *name = cfg_str(obj, CFG_QOS_NAME);
	bool policing = cfg_u32(obj, CFG_QOS_KIND) == CFG_QOS_POLICING;

	return json_pack(
	    "{s:s, s:s, s:I, s:I, s:I, s:o}", "name", name, "kind",
	    policing ? "policing" : "metering", "rate",
	    (json_int_t)cfg_u32(obj, CFG_QOS_RATE), "burst",
	    (json_int_t)cfg_u32(obj, CFG_QOS_BURST), "excess_burst",
	    (json_int_t)cfg_u32(obj, CFG_QOS_EXCESS), "circuits",
	    users(chs, policing ? of_policing : of_metering, ID_POLICER, name));
}

static json_t *
pq_row(struct chs *chs, const struct cfg_obj *obj)
{
	const char *name = cfg_str(obj, CFG_PQ_NAME);

	return json_pack("{s:s, s:s, s:I, s:I, s:o}", "name", name, "kind",
			 "pq", "rate", (json_int_t)cfg_u32(obj, CFG_PQ_RATE),
			 "queues", (json_int_t)cfg_u32(obj, CFG_PQ_QUEUES),
			 "circuits", users(chs, of_queuing, ID_PQ, name));
}

static json_t *
ipsec_row(struct chs *chs, const struct cfg_obj *context,
	  const struct cfg_obj *obj)
{
	const char *name = cfg_str(obj, CFG_IPSEC_QOS_NAME);
	const char *in = cfg_str(context, CFG_CONTEXT_NAME);
	char id[128];

	(void)snprintf(id, sizeof(id), "%s/%s", in, name);
	return json_pack("{s:s, s:s, s:s, s:i, s:o}", "name", name, "kind",
			 "ipsec", "context", in, "queues", STATS_QUEUES,
			 "circuits",
			 users(chs, of_ipsec_queuing, ID_IPSEC_QUEUES, id));
}

json_t *
show_qos_policy(struct chs *chs, const json_t *args)
{
	const struct cfg_obj *root =
	    cfg_root(running_tables(chs->running)->tree);
	json_t *list = json_array();
	const struct cfg_obj *obj, *context;
	struct cfg_iter it, in;

	(void)args;
	for (obj = cfg_first(&it, root, CFG_QOS); obj != NULL;
	     obj = cfg_next(&it))
		(void)json_array_append_new(list, policer_row(chs, obj));
	for (obj = cfg_first(&it, root, CFG_PQ); obj != NULL;
	     obj = cfg_next(&it))
		(void)json_array_append_new(list, pq_row(chs, obj));
	for (context = cfg_first(&it, root, CFG_CONTEXT); context != NULL;
	     context = cfg_next(&it)) {
		for (obj = cfg_first(&in, context, CFG_IPSEC_QOS); obj != NULL;
		     obj = cfg_next(&in))
			(void)json_array_append_new(
			    list, ipsec_row(chs, context, obj));
	}
	return json_pack("{s:o}", "policies", list);
}
