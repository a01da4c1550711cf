/*
 * Rules of QoS policies: each says all that it must, one name is one policy,
 * and what is applied is there and of that use.
 */
#include "validate_impl.h"

void
check_qos(struct check *c, const struct cfg_obj *parent,
	  const struct cfg_obj *obj)
{
	(void)parent;
	if (!cfg_has(obj, CFG_QOS_RATE))
		check_fail(c, obj, CFG_QOS_NAME,
			   "without a rate; expected rate KBPS burst OCTETS");
}

void
check_pq(struct check *c, const struct cfg_obj *parent,
	 const struct cfg_obj *obj)
{
	uint32_t queues = cfg_u32(obj, CFG_PQ_QUEUES);
	const struct cfg_obj *o;
	struct cfg_iter it;

	(void)parent;
	if (cfg_find(c->root, CFG_QOS, cfg_str(obj, CFG_PQ_NAME)) != NULL)
		check_fail(c, obj, CFG_PQ_NAME,
			   "there is a policing or metering policy of this "
			   "name; expected another name");
	for (o = cfg_first(&it, obj, CFG_PQ_QUEUE); o != NULL;
	     o = cfg_next(&it)) {
		if (cfg_u32(o, CFG_PQ_QUEUE_NUMBER) >= queues)
			check_fail(c, o, CFG_PQ_QUEUE_NUMBER,
				   "the policy has %u queues; expected a queue "
				   "from 0 to %u, or another num-queues",
				   queues, queues - 1);
	}
	for (o = cfg_first(&it, obj, CFG_PQ_MAP); o != NULL;
	     o = cfg_next(&it)) {
		if (cfg_u32(o, CFG_PQ_MAP_QUEUE) >= queues)
			check_fail(c, o, CFG_PQ_MAP_QUEUE,
				   "the policy has %u queues; expected a queue "
				   "from 0 to %u, or another num-queues",
				   queues, queues - 1);
	}
}

void
check_ipsec_qos(struct check *c, const struct cfg_obj *context,
		const struct cfg_obj *obj)
{
	const struct cfg_obj *o;
	struct cfg_iter it;

	for (o = cfg_first(&it, obj, CFG_IPSEC_QUEUE); o != NULL;
	     o = cfg_next(&it)) {
		const char *name = cfg_str(o, CFG_IPSEC_QUEUE_LIST);

		if (cfg_find(context, CFG_ACL, name) == NULL &&
		    cfg_find(context, CFG_ACL6, name) == NULL &&
		    cfg_find(context, CFG_IPSEC_ACL, name) == NULL)
			check_fail(c, o, CFG_IPSEC_QUEUE_LIST,
				   "there is no ip access-list and no ipsec "
				   "access-list %s in this context; expected "
				   "one that is configured",
				   name);
	}
}

/* A policy for queuing: priority queues or, at a tunnel, towards the ASP. */
static void
queuing_check(struct check *c, const struct cfg_obj *use, enum cfg_field place,
	      const char *name, const char *context)
{
	bool tunnel = cfg_obj_kind(use) == CFG_TUNNEL_QOS;
	const struct cfg_obj *in =
	    context == NULL || !tunnel
		? NULL
		: cfg_find(c->root, CFG_CONTEXT, context);

	if (cfg_find(c->root, CFG_PQ, name) != NULL ||
	    (in != NULL && cfg_find(in, CFG_IPSEC_QOS, name) != NULL))
		return;
	check_fail(c, use, place,
		   "there is no qos policy %s pq%s; expected one that is "
		   "configured",
		   name,
		   tunnel ? ", and no ipsec qos policy of this name in the "
			    "tunnel's context"
			  : "");
}

static void
policy_check(struct check *c, const struct cfg_obj *use, const char *context)
{
	enum cfg_kind of = cfg_obj_kind(use);
	enum cfg_field place = CFG_FIELD_OF(of, CFG_PORT_QOS_POLICY);
	const char *name = cfg_str(use, place);
	enum cfg_qos_kind kind =
	    (enum cfg_qos_kind)cfg_u32(use, CFG_FIELD_OF(of, CFG_PORT_QOS_USE));
	const char *word = kind == CFG_QOS_POLICING ? "policing" : "metering";
	const struct cfg_obj *policy = cfg_find(c->root, CFG_QOS, name);

	if (kind == CFG_QOS_QUEUING)
		queuing_check(c, use, place, name, context);
	else if (policy == NULL)
		check_fail(c, use, place,
			   "there is no qos policy %s; expected one that is "
			   "configured",
			   name);
	else if (cfg_u32(policy, CFG_QOS_KIND) != kind)
		check_fail(c, use, place,
			   "qos policy %s is not for %s; expected qos policy "
			   "%s %s",
			   name, word, name, word);
}

void
check_circuit_qos(struct check *c, const struct cfg_obj *circuit,
		  enum cfg_kind kind, const char *context)
{
	const struct cfg_obj *use;
	struct cfg_iter it;

	for (use = cfg_first(&it, circuit, kind); use != NULL;
	     use = cfg_next(&it))
		policy_check(c, use, context);
}
