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
	bool ipv6 = cfg_obj_kind(obj) == CFG_ACL6;
	unsigned n = cfg_count(obj, ipv6 ? CFG_ACL6_ROW : CFG_ACL_ROW);

	(void)parent;
	if (n > CFG_ACL_ROWS_MAX)
		check_fail(c, obj, ipv6 ? CFG_ACL6_NAME : CFG_ACL_NAME,
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

/* Access groups of one kind of object, by family. */
struct groups {
	enum cfg_kind kind; /* of the groups */
	enum cfg_kind interface;
	enum cfg_kind list;
	const char *word;
};

static struct groups
groups_of(enum cfg_kind kind, bool ipv6)
{
	return (struct groups){.kind = ipv6 ? CFG_GROUP6_OF(kind) : kind,
			       .interface = ipv6 ? CFG_INTERFACE_GROUP6
						 : CFG_INTERFACE_GROUP,
			       .list = ipv6 ? CFG_ACL6 : CFG_ACL,
			       .word = ipv6 ? "ipv6" : "ip"};
}

static void
group_check(struct check *c, const struct cfg_obj *context,
	    const struct cfg_obj *group, const struct groups *g)
{
	if (context != NULL &&
	    cfg_find(context, g->list, group_name(group)) == NULL)
		check_fail(c, group, group_place(group),
			   "there is no %s access-list %s in context %s; "
			   "expected one that is configured there",
			   g->word, group_name(group),
			   cfg_str(context, CFG_CONTEXT_NAME));
}

void
check_interface_groups(struct check *c, const struct cfg_obj *context,
		       const struct cfg_obj *interface)
{
	const struct cfg_obj *group;
	struct cfg_iter it;

	for (unsigned family = 0; family < 2; family++) {
		struct groups g = groups_of(CFG_INTERFACE_GROUP, family == 1);

		for (group = cfg_first(&it, interface, g.kind); group != NULL;
		     group = cfg_next(&it))
			group_check(c, context, group, &g);
	}
}

static void
circuit_groups_check(struct check *c, const struct cfg_obj *circuit,
		     const struct groups *g, const struct cfg_obj *context,
		     const struct cfg_obj *interface)
{
	const struct cfg_obj *group;
	struct cfg_iter it;

	for (group = cfg_first(&it, circuit, g->kind); group != NULL;
	     group = cfg_next(&it)) {
		uint32_t direction =
		    cfg_u32(group, CFG_FIELD_OF(g->kind,
						CFG_INTERFACE_GROUP_DIRECTION));

		group_check(c, context, group, g);
		if (interface == NULL ||
		    cfg_find_number(interface, g->interface, direction) == NULL)
			continue;
		check_fail(c, group, group_place(group),
			   "interface %s, which this is bound to, has an %s "
			   "access-group %s already; expected one of the two",
			   cfg_str(interface, CFG_INTERFACE_NAME), g->word,
			   direction == CFG_IN ? "in" : "out");
	}
}

void
check_circuit_groups(struct check *c, const struct cfg_obj *circuit,
		     enum cfg_kind kind, const char *context_name,
		     const char *interface_name)
{
	const struct cfg_obj *context = NULL;
	const struct cfg_obj *interface = NULL;

	if (interface_name != NULL && context_name != NULL)
		context = cfg_find(c->root, CFG_CONTEXT, context_name);
	if (context != NULL)
		interface = cfg_find(context, CFG_INTERFACE, interface_name);
	for (unsigned family = 0; family < 2; family++) {
		struct groups g = groups_of(kind, family == 1);

		circuit_groups_check(c, circuit, &g, context, interface);
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
	for (group = cfg_first(&it, tunnel, CFG_TUNNEL_GROUP6); group != NULL;
	     group = cfg_next(&it))
		economical_refuse(c, group, group_place(group),
				  "ipv6 access-group");
	for (group = cfg_first(&it, tunnel, CFG_TUNNEL_QOS); group != NULL;
	     group = cfg_next(&it))
		economical_refuse(
		    c, group, CFG_FIELD_OF(CFG_TUNNEL_QOS, CFG_PORT_QOS_POLICY),
		    "qos policy");
	if (context != NULL)
		in = cfg_find(c->root, CFG_CONTEXT, context);
	if (in != NULL && name != NULL)
		interface = cfg_find(in, CFG_INTERFACE, name);
	if (interface != NULL &&
	    cfg_count(interface, CFG_INTERFACE_GROUP) +
		    cfg_count(interface, CFG_INTERFACE_GROUP6) >
		0)
		check_fail(c, tunnel, CFG_TUNNEL_MODE,
			   "economical, and bound to interface %s, which has "
			   "an access-group; expected mode circuit-based, or "
			   "no access-group there",
			   name);
}
