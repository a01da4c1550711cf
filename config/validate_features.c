/*
 * Rules of circuit features: what is applied is there, once, and where it can
 * work. An economical tunnel has no circuit at an ePPA: its packets go from the
 * iPPA straight to the ASP and from the ASP to the egress card, so there is no
 * place where a feature of the tunnel's circuit could act.
 */
#include "validate_impl.h"

void
check_acl(struct check *c, const struct cfg_obj *parent,
	  const struct cfg_obj *obj)
{
	unsigned n = cfg_count(obj, CFG_ACL_ROW);

	(void)parent;
	if (n > CFG_ACL_ROWS_MAX)
		check_fail(c, obj, CFG_ACL_NAME,
			   "an access list of %u rows; expected at most %u", n,
			   CFG_ACL_ROWS_MAX);
}

static const char *
group_name(const struct cfg_obj *group)
{
	return cfg_str(
	    group, CFG_FIELD_OF(cfg_obj_kind(group), CFG_INTERFACE_GROUP_NAME));
}

static enum cfg_field
group_place(const struct cfg_obj *group)
{
	return CFG_FIELD_OF(cfg_obj_kind(group), CFG_INTERFACE_GROUP_NAME);
}

static void
group_check(struct check *c, const struct cfg_obj *context,
	    const struct cfg_obj *group)
{
	if (context != NULL &&
	    cfg_find(context, CFG_ACL, group_name(group)) == NULL)
		check_fail(c, group, group_place(group),
			   "there is no ip access-list %s in context %s; "
			   "expected one that is configured there",
			   group_name(group),
			   cfg_str(context, CFG_CONTEXT_NAME));
}

void
check_interface_groups(struct check *c, const struct cfg_obj *context,
		       const struct cfg_obj *interface)
{
	const struct cfg_obj *group;
	struct cfg_iter it;

	for (group = cfg_first(&it, interface, CFG_INTERFACE_GROUP);
	     group != NULL; group = cfg_next(&it))
		group_check(c, context, group);
}

void
check_circuit_groups(struct check *c, const struct cfg_obj *circuit,
		     enum cfg_kind kind, const char *context_name,
		     const char *interface_name)
{
	const struct cfg_obj *context = NULL;
	const struct cfg_obj *interface = NULL;
	const struct cfg_obj *group;
	struct cfg_iter it;

	if (interface_name != NULL && context_name != NULL)
		context = cfg_find(c->root, CFG_CONTEXT, context_name);
	if (context != NULL)
		interface = cfg_find(context, CFG_INTERFACE, interface_name);
	for (group = cfg_first(&it, circuit, kind); group != NULL;
	     group = cfg_next(&it)) {
		uint32_t direction = cfg_u32(
		    group, CFG_FIELD_OF(kind, CFG_INTERFACE_GROUP_DIRECTION));

		group_check(c, context, group);
		if (interface != NULL &&
		    cfg_find_number(interface, CFG_INTERFACE_GROUP,
				    direction) != NULL)
			check_fail(c, group, group_place(group),
				   "interface %s, which this is bound to, has "
				   "an ip access-group %s already; expected "
				   "one of the two",
				   interface_name,
				   direction == CFG_IN ? "in" : "out");
	}
}

static void
economical_refuse(struct check *c, const struct cfg_obj *obj,
		  enum cfg_field field, const char *feature)
{
	check_fail(c, obj, field,
		   "%s on an economical tunnel, whose packets pass no ePPA "
		   "where the circuit's features are; expected mode "
		   "circuit-based, or no %s",
		   feature, feature);
}

void
check_tunnel_features(struct check *c, const struct cfg_obj *tunnel)
{
	const char *context = cfg_str(tunnel, CFG_TUNNEL_BIND_CONTEXT);
	const char *name = cfg_str(tunnel, CFG_TUNNEL_BIND_INTERFACE);
	const struct cfg_obj *in = NULL, *interface = NULL, *group;
	struct cfg_iter it;

	if (cfg_u32(tunnel, CFG_TUNNEL_MODE) != CFG_MODE_ECONOMICAL)
		return;
	for (group = cfg_first(&it, tunnel, CFG_TUNNEL_GROUP); group != NULL;
	     group = cfg_next(&it))
		economical_refuse(c, group, group_place(group),
				  "ip access-group");
	for (group = cfg_first(&it, tunnel, CFG_TUNNEL_QOS); group != NULL;
	     group = cfg_next(&it))
		economical_refuse(
		    c, group, CFG_FIELD_OF(CFG_TUNNEL_QOS, CFG_PORT_QOS_POLICY),
		    "qos policy");
	if (context != NULL)
		in = cfg_find(c->root, CFG_CONTEXT, context);
	if (in != NULL && name != NULL)
		interface = cfg_find(in, CFG_INTERFACE, name);
	if (interface != NULL && cfg_count(interface, CFG_INTERFACE_GROUP) > 0)
		check_fail(c, tunnel, CFG_TUNNEL_MODE,
			   "economical, and bound to interface %s, which has "
			   "an ip access-group; expected mode circuit-based, "
			   "or no ip access-group there",
			   name);
}
