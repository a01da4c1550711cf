/*
 * Rules between objects, one row each. Called with a whole tree before anything
 * starts, and at a commit with what that changes. It
 * says all that is wrong, in order of lines, and changes nothing. What one line
 * can tell by itself was refused by the editor already.
 *
 * Lenient on purpose: contexts beside local do not ask for `service
 * multiple-contexts`, a next hop need not be on a connected network, and the
 * context of a tunnel's end points need not name the ASP group.
 */
#include "validate.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipsec_alg.h"
#include "validate_impl.h"

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

void
check_fail(struct check *c, const struct cfg_obj *obj, enum cfg_field field,
	   const char *format, ...)
{
	struct cfg_errors *errors = c->errors;
	struct cfg_error *e;
	va_list ap;

	errors->found++;
	/* More than fit are kept until they are sorted; 16 times as many. */
	if (errors->n == CFG_ERRORS_MAX * 16)
		return;
	if (errors->n == c->size) {
		unsigned size = c->size == 0 ? 16 : c->size * 2;
		struct cfg_error *list =
		    realloc(errors->list, size * sizeof(*list));

		if (list == NULL) {
			c->no_memory = true;
			return;
		}
		errors->list = list;
		c->size = size;
	}
	e = &errors->list[errors->n++];
	*e = (struct cfg_error){.fault = SYNTAX_INVALID};
	cfg_field_place(obj, field, &e->line, &e->column);
	cfg_obj_text(obj, e->object, sizeof(e->object));
	va_start(ap, format);
	(void)vsnprintf(e->text, sizeof(e->text), format, ap);
	va_end(ap);
}

/* Whether the interface of the context is there; says so if not. */
static const struct cfg_obj *
bind_find(struct check *c, const struct cfg_obj *obj,
	  enum cfg_field interface_field, enum cfg_field context_field)
{
	const char *name = cfg_str(obj, interface_field);
	const char *context_name = cfg_str(obj, context_field);
	const struct cfg_obj *context, *interface;

	if (name == NULL)
		return NULL;
	context = cfg_find(c->root, CFG_CONTEXT, context_name);
	if (context == NULL) {
		check_fail(
		    c, obj, context_field,
		    "there is no context %s; expected one that is configured",
		    context_name);
		return NULL;
	}
	interface = cfg_find(context, CFG_INTERFACE, name);
	if (interface == NULL) {
		check_fail(
		    c, obj, interface_field,
		    "there is no interface %s in context %s; expected one that "
		    "is configured there",
		    name, context_name);
	} else if (cfg_bool(interface, CFG_INTERFACE_LOOPBACK)) {
		check_fail(c, obj, interface_field,
			   "interface %s is a loopback, which has no circuit; "
			   "expected another interface",
			   name);
	}
	return interface;
}

static void
context_check(struct check *c, const struct cfg_obj *parent,
	      const struct cfg_obj *obj)
{
	const char *group = cfg_str(obj, CFG_CONTEXT_ASP_GROUP);

	(void)parent;
	if (group != NULL && cfg_find(c->root, CFG_GROUP, group) == NULL)
		check_fail(
		    c, obj, CFG_CONTEXT_ASP_GROUP,
		    "there is no asp group %s; expected one that is configured",
		    group);
}

/* A route could not name such an interface. */
static void
interface_check(struct check *c, const struct cfg_obj *parent,
		const struct cfg_obj *obj)
{
	const char *name = cfg_str(obj, CFG_INTERFACE_NAME);
	unsigned a, b, d, e;
	struct ip_addr addr;
	char rest;

	check_interface_groups(c, parent, obj);
	if (strcmp(name, "null0") == 0 || strcmp(name, "context") == 0 ||
	    sscanf(name, "%3u.%3u.%3u.%3u%c", &a, &b, &d, &e, &rest) == 4 ||
	    ip_addr_parse(name, &addr) == 0)
		check_fail(c, obj, CFG_INTERFACE_NAME,
			   "ip route would read %s as something else; expected "
			   "another name",
			   name);
}

static void
secondary_check(struct check *c, const struct cfg_obj *parent,
		const struct cfg_obj *obj)
{
	if (!cfg_has(parent, CFG_INTERFACE_ADDRESS))
		check_fail(
		    c, obj, CFG_SECONDARY_ADDRESS,
		    "interface %s has no primary address; expected ip address "
		    "without secondary first",
		    cfg_str(parent, CFG_INTERFACE_NAME));
}

static void
route_check(struct check *c, const struct cfg_obj *parent,
	    const struct cfg_obj *obj)
{
	const char *name = cfg_str(obj, CFG_ROUTE_INTERFACE);

	if (name != NULL && cfg_find(parent, CFG_INTERFACE, name) == NULL)
		check_fail(
		    c, obj, CFG_ROUTE_INTERFACE,
		    "there is no interface %s in context %s; expected an "
		    "interface, a next hop's address or null0",
		    name, cfg_str(parent, CFG_CONTEXT_NAME));
}

static void
route6_check(struct check *c, const struct cfg_obj *parent,
	     const struct cfg_obj *obj)
{
	const char *name = cfg_str(obj, CFG_ROUTE6_INTERFACE);

	if (name != NULL && cfg_find(parent, CFG_INTERFACE, name) == NULL)
		check_fail(
		    c, obj, CFG_ROUTE6_INTERFACE,
		    "there is no interface %s in context %s; expected an "
		    "interface, a next hop's address or null0",
		    name, cfg_str(parent, CFG_CONTEXT_NAME));
}

static void
sa_check(struct check *c, const struct cfg_obj *parent,
	 const struct cfg_obj *obj)
{
	(void)parent;
	if (cfg_bool(obj, CFG_SA_ESN) && cfg_bool(obj, CFG_SA_WINDOW_OFF))
		check_fail(
		    c, obj, CFG_SA_ESN,
		    "extended sequence numbers without an anti-replay window "
		    "can not be told apart (RFC 4303 section 2.2.1); expected "
		    "anti-replay-window 64");
}

static void
admin_check(struct check *c, const struct cfg_obj *parent,
	    const struct cfg_obj *obj)
{
	(void)parent;
	if (!cfg_has(obj, CFG_ADMIN_PASSWORD))
		check_fail(
		    c, obj, CFG_ADMIN_NAME,
		    "without a password; expected administrator NAME password "
		    "WORD");
	if (cfg_u32(obj, CFG_ADMIN_START) > cfg_u32(obj, CFG_ADMIN_MAX))
		check_fail(
		    c, obj, CFG_ADMIN_START,
		    "privilege start %u is above privilege max %u; expected "
		    "at most that",
		    cfg_u32(obj, CFG_ADMIN_START), cfg_u32(obj, CFG_ADMIN_MAX));
}

static void
port_check(struct check *c, const struct cfg_obj *parent,
	   const struct cfg_obj *obj)
{
	struct cfg_slot_unit number = cfg_slot_unit(obj, CFG_PORT_NUMBER);
	const struct cfg_obj *slot =
	    cfg_find_number(c->root, CFG_CARD, number.slot);
	const struct cfg_card *card;

	(void)parent;
	bind_find(c, obj, CFG_PORT_BIND_INTERFACE, CFG_PORT_BIND_CONTEXT);
	check_circuit_groups(c, obj, CFG_PORT_GROUP,
			     cfg_str(obj, CFG_PORT_BIND_CONTEXT),
			     cfg_str(obj, CFG_PORT_BIND_INTERFACE));
	check_circuit_qos(c, obj, CFG_PORT_QOS,
			  cfg_str(obj, CFG_PORT_BIND_CONTEXT));
	if (cfg_has(obj, CFG_PORT_BIND_INTERFACE) &&
	    cfg_has(obj, CFG_PORT_ENCAPSULATION))
		check_fail(c, obj, CFG_PORT_BIND_INTERFACE,
			   "bound, and with encapsulation dot1q; expected the "
			   "binding in a dot1q pvc");
	if (slot == NULL) {
		check_fail(
		    c, obj, CFG_PORT_NUMBER,
		    "no card is configured in slot %u; expected card TYPE %u",
		    number.slot, number.slot);
		return;
	}
	card = cfg_card(cfg_u32(slot, CFG_CARD_TYPE));
	if (card->ports == 0)
		check_fail(
		    c, obj, CFG_PORT_NUMBER,
		    "card %s in slot %u has no ports; expected the slot of a "
		    "line card",
		    card->name, number.slot);
	else if (number.unit > card->ports)
		check_fail(
		    c, obj, CFG_PORT_NUMBER,
		    "card %s in slot %u has no port %u; expected a port from "
		    "1 to %u",
		    card->name, number.slot, number.unit, card->ports);
}

static void
pvc_check(struct check *c, const struct cfg_obj *parent,
	  const struct cfg_obj *obj)
{
	bind_find(c, obj, CFG_PVC_BIND_INTERFACE, CFG_PVC_BIND_CONTEXT);
	check_circuit_groups(c, obj, CFG_PVC_GROUP,
			     cfg_str(obj, CFG_PVC_BIND_CONTEXT),
			     cfg_str(obj, CFG_PVC_BIND_INTERFACE));
	check_circuit_qos(c, obj, CFG_PVC_QOS,
			  cfg_str(obj, CFG_PVC_BIND_CONTEXT));
	if (cfg_u32(parent, CFG_PORT_ENCAPSULATION) != CFG_ENCAPSULATION_DOT1Q)
		check_fail(
		    c, obj, CFG_PVC_VLAN,
		    "the port is not encapsulation dot1q; expected that in "
		    "the port first");
}

static void
asp_check(struct check *c, const struct cfg_obj *parent,
	  const struct cfg_obj *obj)
{
	struct cfg_slot_unit number = cfg_slot_unit(obj, CFG_ASP_NUMBER);
	const struct cfg_obj *slot =
	    cfg_find_number(c->root, CFG_CARD, number.slot);

	(void)parent;
	if (slot == NULL)
		check_fail(
		    c, obj, CFG_ASP_NUMBER,
		    "no card is configured in slot %u; expected card ase %u",
		    number.slot, number.slot);
	else if (cfg_card(cfg_u32(slot, CFG_CARD_TYPE))->asps < number.unit)
		check_fail(
		    c, obj, CFG_ASP_NUMBER,
		    "card %s in slot %u has no ASP; expected the slot of an "
		    "ase card",
		    cfg_card(cfg_u32(slot, CFG_CARD_TYPE))->name, number.slot);
}

static void
group_check(struct check *c, const struct cfg_obj *parent,
	    const struct cfg_obj *obj)
{
	const char *pool = cfg_str(obj, CFG_GROUP_POOL);

	(void)parent;
	if (pool != NULL && cfg_find(c->root, CFG_POOL, pool) == NULL)
		check_fail(
		    c, obj, CFG_GROUP_POOL,
		    "there is no asp pool %s; expected one that is configured",
		    pool);
	if (cfg_u32(obj, CFG_GROUP_TRAFFIC_ACTION) == CFG_TRAFFIC_BYPASS)
		check_fail(
		    c, obj, CFG_GROUP_TRAFFIC_ACTION,
		    "bypass would send in clear what IPsec is to protect; "
		    "expected traffic-action drop");
}

/* One direction of a manual tunnel. */
static void
tunnel_sa_check(struct check *c, const struct cfg_obj *obj,
		enum cfg_field field)
{
	const char *name = cfg_str(obj, field);
	const char *in = cfg_str(obj, CFG_TUNNEL_CONTEXT);
	const struct cfg_obj *context, *sa;

	if (name == NULL)
		return;
	in = in == NULL ? "local" : in;
	context = cfg_find(c->root, CFG_CONTEXT, in);
	sa = context == NULL ? NULL : cfg_find(context, CFG_SA, name);
	if (sa == NULL)
		check_fail(
		    c, obj, field,
		    "there is no ipsec sa %s in context %s; expected one that "
		    "is configured there",
		    name, in);
	else if (!cfg_has(sa, CFG_SA_ESP_SPI) && !cfg_has(sa, CFG_SA_AH_SPI))
		check_fail(c, obj, field,
			   "ipsec sa %s has neither esp nor ah; expected one "
			   "of them, or both",
			   name);
	else
		tunnel_around_check(c, obj, sa, field);
}

/* A tunnel that is up must be able to have an ASP some day. */
static void
tunnel_asp_check(struct check *c, const struct cfg_obj *obj)
{
	const char *name = cfg_str(obj, CFG_TUNNEL_ASP_GROUP);
	const struct cfg_obj *group, *pool = NULL;

	if (name == NULL) {
		check_fail(c, obj, CFG_TUNNEL_NAME,
			   "not shut down, and without an asp-group; expected "
			   "asp-group NAME, or shutdown");
		return;
	}
	group = cfg_find(c->root, CFG_GROUP, name);
	if (group == NULL)
		return;
	if (cfg_has(group, CFG_GROUP_POOL))
		pool =
		    cfg_find(c->root, CFG_POOL, cfg_str(group, CFG_GROUP_POOL));
	if (cfg_bool(group, CFG_GROUP_SHUTDOWN) || pool == NULL ||
	    cfg_count(pool, CFG_ASP) == 0)
		check_fail(
		    c, obj, CFG_TUNNEL_ASP_GROUP,
		    "not shut down, and asp group %s can never have an ASP "
		    "(%s); expected a pool with asp SLOT/ASP, or shutdown",
		    name,
		    cfg_bool(group, CFG_GROUP_SHUTDOWN) ? "it is shut down"
		    : pool == NULL                      ? "it has no pool"
							: "its pool is empty");
}

static void
tunnel_complete_check(struct check *c, const struct cfg_obj *obj)
{
	static const struct {
		enum cfg_field field;
		const char *right;
	} needs[] = {
	    {CFG_TUNNEL_LOCAL, "peer-end-point local A remote A"},
	    {CFG_TUNNEL_REMOTE, "remote A in peer-end-point"},
	    {CFG_TUNNEL_SA_IN, "ipsec-sa in NAME"},
	    {CFG_TUNNEL_SA_OUT, "ipsec-sa out NAME"},
	};

	for (unsigned i = 0; i < NELEM(needs); i++) {
		if (cfg_has(obj, needs[i].field))
			continue;
		check_fail(
		    c, obj, CFG_TUNNEL_NAME,
		    "not shut down, and incomplete; expected %s, or shutdown",
		    needs[i].right);
		return;
	}
}

static void
tunnel_ends_check(struct check *c, const struct cfg_obj *obj)
{
	struct ip_addr local = cfg_ip(obj, CFG_TUNNEL_LOCAL);
	struct ip_addr remote = cfg_ip(obj, CFG_TUNNEL_REMOTE);

	if (local.family == 0 || remote.family == 0)
		return;
	if (local.family != remote.family)
		check_fail(c, obj, CFG_TUNNEL_REMOTE,
			   "the end points are of two families, IPv%u and "
			   "IPv%u; expected both of one",
			   local.family, remote.family);
	else if (ip_addr_equal(&local, &remote))
		check_fail(
		    c, obj, CFG_TUNNEL_REMOTE,
		    "both end points are the same; expected another router's "
		    "address behind remote");
}

static void
tunnel_check(struct check *c, const struct cfg_obj *parent,
	     const struct cfg_obj *obj)
{
	const char *group = cfg_str(obj, CFG_TUNNEL_ASP_GROUP);
	const char *context = cfg_str(obj, CFG_TUNNEL_CONTEXT);
	enum cfg_keying keying =
	    (enum cfg_keying)cfg_u32(obj, CFG_TUNNEL_KEYING);

	(void)parent;
	check_tunnel_keys(c, obj);
	if (keying == CFG_KEYING_ON_DEMAND &&
	    !cfg_bool(obj, CFG_TUNNEL_SHUTDOWN)) {
		check_fail(c, obj, CFG_TUNNEL_KEYING,
			   "on-demand tunnels are not supported yet; expected "
			   "shutdown, or tunnel ipsec %s",
			   cfg_str(obj, CFG_TUNNEL_NAME));
		return;
	}
	bind_find(c, obj, CFG_TUNNEL_BIND_INTERFACE, CFG_TUNNEL_BIND_CONTEXT);
	check_circuit_groups(c, obj, CFG_TUNNEL_GROUP,
			     cfg_str(obj, CFG_TUNNEL_BIND_CONTEXT),
			     cfg_str(obj, CFG_TUNNEL_BIND_INTERFACE));
	check_circuit_qos(c, obj, CFG_TUNNEL_QOS,
			  cfg_str(obj, CFG_TUNNEL_BIND_CONTEXT));
	check_tunnel_features(c, obj);
	if (context != NULL && cfg_find(c->root, CFG_CONTEXT, context) == NULL)
		check_fail(
		    c, obj, CFG_TUNNEL_CONTEXT,
		    "there is no context %s; expected one that is configured",
		    context);
	if (group != NULL && cfg_find(c->root, CFG_GROUP, group) == NULL)
		check_fail(
		    c, obj, CFG_TUNNEL_ASP_GROUP,
		    "there is no asp group %s; expected one that is configured",
		    group);
	tunnel_ends_check(c, obj);
	tunnel_outer_check(c, obj);
	tunnel_sa_check(c, obj, CFG_TUNNEL_SA_IN);
	tunnel_sa_check(c, obj, CFG_TUNNEL_SA_OUT);
	if (cfg_bool(obj, CFG_TUNNEL_SHUTDOWN))
		return;
	if (keying == CFG_KEYING_MANUAL)
		tunnel_complete_check(c, obj);
	tunnel_asp_check(c, obj);
}

typedef void check_fn(struct check *c, const struct cfg_obj *parent,
		      const struct cfg_obj *obj);

/* What no rule of a tunnel, PVC, interface or route looks at. */
#define NEVER_LOOKED_AT                                                        \
	CFG_TUNNEL, CFG_TUNNEL_GROUP, CFG_TUNNEL_GROUP6, CFG_TUNNEL_QOS,       \
	    CFG_ROUTE, CFG_ROUTE6, CFG_SECONDARY, CFG_ADDRESS6, CFG_ARP,       \
	    CFG_NEIGHBOR6, CFG_ADMIN, CFG_ALIAS, CFG_MACRO, CFG_MACRO_STEP,    \
	    CFG_LEVEL, CFG_ACL_ROW, CFG_ACL6_ROW, CFG_PVC, CFG_PVC_GROUP,      \
	    CFG_PVC_GROUP6, CFG_PVC_QOS

/*
 * The rules. apart: kinds that a rule does not look at, but in the object
 * itself and below it: where nothing else changed, it is run over the objects
 * that changed, else over all. Without a list it always is.
 */
static const struct rule {
	enum cfg_kind kind;
	check_fn *check;
	const enum cfg_kind *apart;
} rules[] = {
    {CFG_CONTEXT, context_check, NULL},
    {CFG_INTERFACE, interface_check,
     KINDS(NEVER_LOOKED_AT, CFG_INTERFACE, CFG_INTERFACE_GROUP,
	   CFG_INTERFACE_GROUP6, CFG_SA, CFG_CARD, CFG_PORT, CFG_POOL, CFG_ASP,
	   CFG_GROUP)},
    {CFG_SECONDARY, secondary_check, NULL},
    {CFG_ROUTE, route_check,
     KINDS(NEVER_LOOKED_AT, CFG_SA, CFG_CARD, CFG_PORT, CFG_POOL, CFG_ASP,
	   CFG_GROUP)},
    {CFG_ROUTE6, route6_check,
     KINDS(NEVER_LOOKED_AT, CFG_SA, CFG_CARD, CFG_PORT, CFG_POOL, CFG_ASP,
	   CFG_GROUP)},
    {CFG_SA, sa_check,
     KINDS(NEVER_LOOKED_AT, CFG_SA, CFG_INTERFACE, CFG_CARD, CFG_PORT, CFG_POOL,
	   CFG_ASP, CFG_GROUP)},
    {CFG_ADMIN, admin_check, NULL},
    {CFG_PORT, port_check, NULL},
    {CFG_PVC, pvc_check,
     KINDS(NEVER_LOOKED_AT, CFG_SA, CFG_CARD, CFG_POOL, CFG_ASP, CFG_GROUP)},
    {CFG_ASP, asp_check, NULL},
    {CFG_GROUP, group_check, NULL},
    {CFG_TUNNEL, tunnel_check, KINDS(NEVER_LOOKED_AT, CFG_CARD, CFG_PORT)},
    {CFG_ACL, check_acl, NULL},
    {CFG_ACL6, check_acl, NULL},
    {CFG_QOS, check_qos, NULL},
    {CFG_PQ, check_pq, NULL},
    {CFG_IPSEC_QOS, check_ipsec_qos, NULL},
    {CFG_IKE_PROPOSAL, check_ike_proposal, NULL},
    {CFG_IKE_POLICY, check_ike_policy, NULL},
    {CFG_IPSEC_PROPOSAL, check_ipsec_proposal, NULL},
    {CFG_IPSEC_POLICY, check_ipsec_policy, NULL},
    {CFG_SUBSCRIBER, check_subscriber, NULL},
};

static const struct rule *
rule_of(enum cfg_kind kind)
{
	for (unsigned i = 0; i < NELEM(rules); i++) {
		if (rules[i].kind == kind)
			return &rules[i];
	}
	return NULL;
}

static bool
is_due(const struct check *c, enum cfg_kind kind)
{
	const struct rule *rule = rule_of(kind);

	return rule != NULL && check_apart(c, rule->apart);
}

/* Whether a rule of this kind, or of one below it, is to be run over all. */
static bool
due_below(const struct check *c, enum cfg_kind kind)
{
	if (is_due(c, kind))
		return true;
	for (unsigned k = CFG_ROOT + 1; k < CFG_KINDS; k++) {
		if (cfg_kind_get((enum cfg_kind)k)->parent == kind &&
		    due_below(c, (enum cfg_kind)k))
			return true;
	}
	return false;
}

/* Runs what is due over all that is below parent. */
static void
walk(struct check *c, const struct cfg_obj *parent)
{
	struct cfg_iter it;
	const struct cfg_obj *obj;

	for (unsigned k = CFG_ROOT + 1; k < CFG_KINDS; k++) {
		enum cfg_kind kind = (enum cfg_kind)k;
		bool due;

		if (cfg_kind_get(kind)->parent != cfg_obj_kind(parent) ||
		    cfg_count(parent, kind) == 0 || !due_below(c, kind))
			continue;
		due = is_due(c, kind);
		for (obj = cfg_first(&it, parent, kind); obj != NULL;
		     obj = cfg_next(&it)) {
			if (due)
				rule_of(kind)->check(c, parent, obj);
			if (cfg_has_kinds(obj))
				walk(c, obj);
		}
	}
}

/* Below these two the rules that are not due are run over what differs. */
struct changed {
	struct check *c;
	const struct cfg_obj *parent;
};

static int
changed_pair(void *arg, const struct cfg_obj *was, const struct cfg_obj *now)
{
	const struct changed *at = arg;
	struct changed below = {.c = at->c, .parent = now};
	enum cfg_kind kind;
	int err = 0;

	if (now == NULL)
		return 0;
	kind = cfg_obj_kind(now);
	if (rule_of(kind) != NULL && !is_due(at->c, kind))
		rule_of(kind)->check(at->c, at->parent, now);
	for (unsigned k = CFG_ROOT + 1; k < CFG_KINDS && err == 0; k++) {
		if (cfg_kind_get((enum cfg_kind)k)->parent == kind)
			err = cfg_pairs(was, now, (enum cfg_kind)k,
					changed_pair, &below);
	}
	return err;
}

static int
walk_changed(struct check *c)
{
	struct changed at = {.c = c, .parent = c->root};
	int err = 0;

	for (unsigned k = CFG_ROOT + 1; k < CFG_KINDS && err == 0; k++) {
		if (cfg_kind_get((enum cfg_kind)k)->parent == CFG_ROOT)
			err = cfg_pairs(c->changes->was, c->root,
					(enum cfg_kind)k, changed_pair, &at);
	}
	return err;
}

static int
error_compare(const void *a, const void *b)
{
	const struct cfg_error *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return strcmp(x->text, y->text);
}

/* In order of lines, and not too many. */
static int
told(struct check *c)
{
	struct cfg_errors *errors = c->errors;

	if (c->no_memory)
		return -ENOMEM;
	if (errors->found == 0)
		return 0;
	qsort(errors->list, errors->n, sizeof(*errors->list), error_compare);
	if (errors->n > CFG_ERRORS_MAX)
		errors->n = CFG_ERRORS_MAX;
	return -EINVAL;
}

static int
validate(struct check *c)
{
	int err = 0;

	walk(c, c->root);
	if (c->changes != NULL)
		err = walk_changed(c);
	check_once(c);
	check_ip(c);
	check_policies(c);
	check_release(c);
	return err != 0 ? err : told(c);
}

int
cfg_validate(const struct cfg_tree *tree, struct cfg_errors *errors)
{
	struct check c = {.root = cfg_root(tree), .errors = errors};

	*errors = (struct cfg_errors){.n = 0};
	return validate(&c);
}

int
cfg_validate_change(const struct cfg_tree *was, const struct cfg_tree *now,
		    struct cfg_errors *errors)
{
	struct changes changes;
	struct check c = {
	    .root = cfg_root(now), .changes = &changes, .errors = errors};
	int err = changes_find(&changes, was, now);

	*errors = (struct cfg_errors){.n = 0};
	return err != 0 ? err : validate(&c);
}

int
cfg_warnings(const struct cfg_tree *tree, struct cfg_errors *warnings)
{
	struct check c = {.root = cfg_root(tree), .errors = warnings};

	*warnings = (struct cfg_errors){.n = 0};
	check_unwise(&c);
	check_unwise_policies(&c);
	return told(&c) == -ENOMEM ? -ENOMEM : 0;
}

void
cfg_errors_fini(struct cfg_errors *errors)
{
	free(errors->list);
	*errors = (struct cfg_errors){.n = 0};
}
