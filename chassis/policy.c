/*
 * From access lists and selections of the configuration to policy lists: one
 * for each tunnel with selectors, for its ASP alone, and one for each
 * selection, for all iPPAs and ASPs; and which circuits are held against which.
 *
 * A tunnel that a selection chooses and that has no access list of its own is
 * bound to the whole selection: what it opens must be what the selection would
 * have sent through it. It needs no interface; then what it opens is looked up
 * in the context of the selection.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "running.h"
#include "selector.h"
#include "spd_set.h"

#define NAME_MAX_OCTETS 320

/* Which list chooses a tunnel, sorted by name. */
struct chosen {
	const char *tunnel;
	uint32_t list;
	uint32_t context;
};

struct chosen_list {
	struct chosen *at;
	size_t n;
};

/* What the rows of one access list have in common in one policy list. */
struct claim {
	char name[NAME_MAX_OCTETS]; /* of the policy list, for ids */
	uint32_t list;
	uint32_t entry;
	uint32_t circuit;
	enum ctl_policy_action action;
	uint16_t asp; /* that alone has it; STAGE_NONE: all that select */
	const char *tunnel;
	const struct cfg_obj *owner;
};

static void
row_fill(const struct spd_selector *s, struct ctl_policy *row)
{
	row->family = s->family;
	memcpy(row->local, s->local, sizeof(row->local));
	memcpy(row->remote, s->remote, sizeof(row->remote));
	for (unsigned i = 0; i < CTL_POLICY_FIELDS; i++)
		row->field[i] = (struct ctl_range){be32_put(s->range[i].first),
						   be32_put(s->range[i].last)};
}

static int
add_rows(struct chs *chs, struct tables *t, const struct claim *claim,
	 const struct cfg_obj *acl)
{
	const struct cfg_obj *obj;
	struct cfg_iter it;
	int err = 0;

	for (obj = cfg_first(&it, acl, CFG_IPSEC_ACL_ROW);
	     obj != NULL && err == 0; obj = cfg_next(&it)) {
		uint32_t seq = cfg_u32(obj, CFG_IPSEC_ACL_ROW_SEQ);
		struct running_policy row = {.asp = claim->asp,
					     .tunnel = claim->tunnel,
					     .owner = claim->owner,
					     .acl = acl,
					     .obj = obj};
		char name[NAME_MAX_OCTETS + 32];
		uint32_t id;

		(void)snprintf(name, sizeof(name), "%s/%u/%u", claim->name,
			       claim->entry, seq);
		id = running_id(chs->running, ID_POLICY, name);
		if (id == 0)
			return -ENOSPC;
		row.row = (struct ctl_policy){
		    .id = be32_put(id),
		    .list = be32_put(claim->list),
		    .entry = be32_put(claim->entry),
		    .row = be32_put(seq),
		    .circuit = be32_put(claim->circuit),
		    .action = (uint8_t)claim->action,
		};
		cfg_selector(obj, &row.selector);
		row_fill(&row.selector, &row.row);
		err = DERIVE_PUSH(t->policies, t->npolicies, &row);
	}
	return err;
}

static int
add_bind(struct tables *t, uint32_t circuit, uint32_t list, uint16_t asp)
{
	struct running_bind row = {
	    .row = {.circuit = be32_put(circuit), .list = be32_put(list)},
	    .asp = asp};

	return DERIVE_PUSH(t->binds, t->nbinds, &row);
}

static const struct cfg_obj *
find_acl(const struct cfg_obj *context, const char *name)
{
	return context == NULL || name == NULL
		   ? NULL
		   : cfg_find(context, CFG_IPSEC_ACL, name);
}

/* ---- Selections ---- */

static int
tunnel_compare(const void *key, const void *row)
{
	const struct running_tunnel *t = row;

	return strcmp(key, t->name);
}

/* Tunnels are derived in the order of their names, as the tree has them. */
static const struct running_tunnel *
find_tunnel(const struct tables *t, const char *name)
{
	return t->ntunnels == 0 ? NULL
				: bsearch(name, t->tunnels, t->ntunnels,
					  sizeof(*t->tunnels), tunnel_compare);
}

static int
add_entry(struct chs *chs, struct tables *t, const struct cfg_obj *context,
	  uint32_t context_id, const struct cfg_obj *entry, struct claim *claim,
	  struct chosen_list *chosen)
{
	const char *name = cfg_str(entry, CFG_SELECTION_ROW_TUNNEL);
	const struct cfg_obj *acl =
	    find_acl(context, cfg_str(entry, CFG_SELECTION_ROW_ACCESS_LIST));
	const struct running_tunnel *tunnel =
	    name == NULL ? NULL : find_tunnel(t, name);

	if (acl == NULL || (name != NULL && tunnel == NULL))
		return -EINVAL; /* no such tree passes the validation */
	claim->entry = cfg_u32(entry, CFG_SELECTION_ROW_SEQ);
	claim->tunnel = name;
	claim->circuit = tunnel == NULL ? 0 : tunnel->circuit;
	claim->action = CTL_POLICY_PROTECT;
	if (name == NULL)
		claim->action = (enum ctl_policy_action)cfg_u32(
		    entry, CFG_SELECTION_ROW_ACTION);
	else if (DERIVE_PUSH(
		     chosen->at, chosen->n,
		     (&(struct chosen){name, claim->list, context_id})) != 0)
		return -ENOMEM;
	return add_rows(chs, t, claim, acl);
}

static uint32_t
selection_list(struct chs *chs, const char *context, const char *name,
	       char text[NAME_MAX_OCTETS])
{
	(void)snprintf(text, NAME_MAX_OCTETS, "selection %s/%s", context, name);
	return running_id(chs->running, ID_POLICY_LIST, text);
}

static int
add_selection(struct chs *chs, struct tables *t, const struct cfg_obj *context,
	      const struct cfg_obj *selection, struct chosen_list *chosen)
{
	const char *in = cfg_str(context, CFG_CONTEXT_NAME);
	uint32_t context_id =
	    RUNNING_LOCAL - 1 + running_id(chs->running, ID_CONTEXT, in);
	struct claim claim = {.asp = STAGE_NONE, .owner = selection};
	const struct cfg_obj *entry;
	struct cfg_iter it;
	int err = 0;

	claim.list = selection_list(
	    chs, in, cfg_str(selection, CFG_SELECTION_NAME), claim.name);
	if (claim.list == 0)
		return -ENOSPC;
	for (entry = cfg_first(&it, selection, CFG_SELECTION_ROW);
	     entry != NULL && err == 0; entry = cfg_next(&it))
		err = add_entry(chs, t, context, context_id, entry, &claim,
				chosen);
	return err;
}

/* The circuit of a port or PVC whose interface has a selection. */
static int
bind_circuit(struct chs *chs, struct tables *t, const struct cfg_obj *obj,
	     enum cfg_field interface_field, enum cfg_field context_field,
	     const char *circuit)
{
	const char *name = cfg_str(obj, interface_field);
	const char *in = cfg_str(obj, context_field);
	const struct cfg_obj *context =
	    in == NULL ? NULL : cfg_find(cfg_root(t->tree), CFG_CONTEXT, in);
	const struct cfg_obj *interface =
	    context == NULL || name == NULL
		? NULL
		: cfg_find(context, CFG_INTERFACE, name);
	const char *selection =
	    interface == NULL ? NULL
			      : cfg_str(interface, CFG_INTERFACE_SELECTION);
	char text[NAME_MAX_OCTETS];
	uint32_t list;

	if (selection == NULL)
		return 0;
	list = selection_list(chs, in, selection, text);
	if (list == 0)
		return -ENOSPC;
	return add_bind(t, running_id(chs->running, ID_CIRCUIT, circuit), list,
			STAGE_NONE);
}

static int
bind_port(struct chs *chs, struct tables *t, const struct running_port *port)
{
	const struct cfg_obj *pvc;
	struct cfg_iter it;
	char name[48];
	int err;

	(void)snprintf(name, sizeof(name), "port %u/%u", port->slot,
		       port->port);
	err = bind_circuit(chs, t, port->obj, CFG_PORT_BIND_INTERFACE,
			   CFG_PORT_BIND_CONTEXT, name);
	for (pvc = cfg_first(&it, port->obj, CFG_PVC); pvc != NULL && err == 0;
	     pvc = cfg_next(&it)) {
		(void)snprintf(name, sizeof(name), "pvc %u/%u:%u", port->slot,
			       port->port, cfg_u32(pvc, CFG_PVC_VLAN));
		err = bind_circuit(chs, t, pvc, CFG_PVC_BIND_INTERFACE,
				   CFG_PVC_BIND_CONTEXT, name);
	}
	return err;
}

/* ---- Tunnels ---- */

static int
chosen_compare(const void *a, const void *b)
{
	const struct chosen *x = a;
	const struct chosen *y = b;

	return strcmp(x->tunnel, y->tunnel);
}

static int
circuit_compare(const void *key, const void *row)
{
	const struct ctl_circuit *c = row;

	return memcmp(key, &c->id, sizeof(c->id));
}

/* A tunnel without an interface opens into the context that chooses it. */
static void
tunnel_context(struct tables *t, const struct running_tunnel *tunnel,
	       uint32_t context)
{
	struct be32 key = be32_put(tunnel->circuit);
	struct ctl_circuit *c = bsearch(&key, t->circuits, t->ncircuits,
					sizeof(*t->circuits), circuit_compare);

	if (c == NULL || (c->flags & CTL_CIRCUIT_BOUND) != 0)
		return;
	c->flags |= CTL_CIRCUIT_BOUND;
	c->context = be32_put(context);
}

/* Selectors of the tunnel's own: for its ASP alone. */
static int
add_tunnel_list(struct chs *chs, struct tables *t,
		const struct running_tunnel *tunnel, const struct cfg_obj *acl)
{
	struct claim claim = {.circuit = tunnel->circuit,
			      .action = CTL_POLICY_PROTECT,
			      .asp = tunnel->asp,
			      .tunnel = tunnel->name,
			      .owner = tunnel->obj};
	int err;

	(void)snprintf(claim.name, sizeof(claim.name), "tunnel %s",
		       tunnel->name);
	claim.list = running_id(chs->running, ID_POLICY_LIST, claim.name);
	if (claim.list == 0)
		return -ENOSPC;
	err = add_rows(chs, t, &claim, acl);
	return err != 0 ? err
			: add_bind(t, tunnel->circuit, claim.list, tunnel->asp);
}

static int
add_tunnel(struct chs *chs, struct tables *t,
	   const struct running_tunnel *tunnel,
	   const struct chosen_list *chosen)
{
	const char *in = cfg_str(tunnel->obj, CFG_TUNNEL_CONTEXT);
	const struct cfg_obj *acl = find_acl(
	    cfg_find(cfg_root(t->tree), CFG_CONTEXT, in != NULL ? in : "local"),
	    cfg_str(tunnel->obj, CFG_TUNNEL_ACCESS_LIST));
	struct chosen key = {.tunnel = tunnel->name};
	const struct chosen *by =
	    chosen->n == 0 ? NULL
			   : bsearch(&key, chosen->at, chosen->n,
				     sizeof(*chosen->at), chosen_compare);

	if (by != NULL)
		tunnel_context(t, tunnel, by->context);
	/* What is down carries nothing; it would be a list for everybody. */
	if (tunnel->asp == STAGE_NONE)
		return 0;
	if (acl != NULL)
		return add_tunnel_list(chs, t, tunnel, acl);
	return by == NULL ? 0
			  : add_bind(t, tunnel->circuit, by->list, tunnel->asp);
}

static int
row_compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct be32)); /* id or circuit */
}

int
derive_policies(struct chs *chs, struct tables *t)
{
	const struct cfg_obj *context, *selection;
	struct chosen_list chosen = {0};
	struct cfg_iter it, in;
	int err = 0;

	for (context = cfg_first(&it, cfg_root(t->tree), CFG_CONTEXT);
	     context != NULL && err == 0; context = cfg_next(&it)) {
		for (selection = cfg_first(&in, context, CFG_SELECTION);
		     selection != NULL && err == 0; selection = cfg_next(&in))
			err =
			    add_selection(chs, t, context, selection, &chosen);
	}
	for (size_t i = 0; i < t->nports && err == 0; i++)
		err = bind_port(chs, t, &t->ports[i]);
	if (chosen.n > 1)
		qsort(chosen.at, chosen.n, sizeof(*chosen.at), chosen_compare);
	for (size_t i = 0; i < t->ntunnels && err == 0; i++)
		err = add_tunnel(chs, t, &t->tunnels[i], &chosen);
	free(chosen.at);
	if (t->npolicies > 1)
		qsort(t->policies, t->npolicies, sizeof(*t->policies),
		      row_compare);
	if (t->nbinds > 1)
		qsort(t->binds, t->nbinds, sizeof(*t->binds), row_compare);
	return err;
}

static int
selection_rule(struct spd_set *set, const struct running_policy *p)
{
	struct spd_rule rule = {
	    .order =
		(uint64_t)be32_get(p->row.entry) << 32 | be32_get(p->row.row),
	    .id = be32_get(p->row.id),
	    .circuit = be32_get(p->row.circuit),
	    .action = p->row.action,
	    .selector = p->selector,
	};

	return spd_set_rule(set, be32_get(p->row.list), &rule);
}

int
policy_selections(const struct tables *t, struct spd_set **spds)
{
	struct spd_set *set = NULL;
	int err = 0;

	for (size_t i = 0; i < t->nbinds && err == 0; i++) {
		const struct running_bind *bind = &t->binds[i];

		if (bind->asp != STAGE_NONE)
			continue;
		if (set == NULL)
			set = spd_set_new();
		err = set == NULL
			  ? -ENOMEM
			  : spd_set_bind(set, be32_get(bind->row.circuit),
					 be32_get(bind->row.list));
	}
	for (size_t i = 0; set != NULL && i < t->npolicies && err == 0; i++) {
		if (t->policies[i].asp == STAGE_NONE)
			err = selection_rule(set, &t->policies[i]);
	}
	if (err == 0 && set != NULL)
		err = spd_set_apply(set);
	if (err != 0)
		spd_set_free(&set);
	*spds = set;
	return err;
}
