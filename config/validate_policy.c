/*
 * What policies must fulfil: the lists, tunnels and selections that they name
 * exist, and no two of them say different things of the same packets without
 * the operator being told. Selectors that two tunnels share word for word are
 * an error, for no packet could tell which is meant; such that overlap are a
 * warning, for routes or the order of entries decide then; so is an entry that
 * an earlier one leaves nothing to.
 *
 * Selector sets are sorted by their remote ends, so that only those are held
 * against each other whose remote ends meet.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "selector.h"
#include "validate_impl.h"

/* One set of selectors and who says it. */
struct claim {
	struct spd_selector selector;
	const char *context;       /* only there a packet could mean both */
	const struct cfg_obj *obj; /* the tunnel, or the entry of a selection */
	const char *list;          /* the access list, and its row */
	uint32_t row;
	uint32_t order;     /* of the entry */
	const char *tunnel; /* NULL: bypassed or discarded */
	uint32_t action;    /* then */
};

struct claims {
	struct check *c;
	struct claim *at;
	size_t n;
	size_t room;
};

static void
claim_add(struct claims *s, const struct claim *claim)
{
	if (s->n == s->room) {
		size_t room = s->room == 0 ? 64 : 2 * s->room;
		struct claim *at = realloc(s->at, room * sizeof(*at));

		if (at == NULL) {
			s->c->no_memory = true;
			return;
		}
		s->at = at;
		s->room = room;
	}
	s->at[s->n++] = *claim;
}

/* A claim for each row of a list. */
static void
claims_of_list(struct claims *s, const struct cfg_obj *list, struct claim claim)
{
	const struct cfg_obj *row;
	struct cfg_iter it;

	claim.list = cfg_str(list, CFG_IPSEC_ACL_NAME);
	for (row = cfg_first(&it, list, CFG_IPSEC_ACL_ROW); row != NULL;
	     row = cfg_next(&it)) {
		cfg_selector(row, &claim.selector);
		claim.row = cfg_u32(row, CFG_IPSEC_ACL_ROW_SEQ);
		claim_add(s, &claim);
	}
}

static int
claim_compare(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int order = strcmp(x->context, y->context);

	if (order == 0)
		order = memcmp(x->selector.remote[0], y->selector.remote[0],
			       sizeof(x->selector.remote[0]));
	if (order == 0)
		order = x->order < y->order ? -1 : x->order > y->order;
	return order != 0 ? order : x->row < y->row ? -1 : x->row > y->row;
}

typedef void meet_fn(struct check *c, const struct claim *a,
		     const struct claim *b);

/* Gives every pair that some packet belongs to both of. */
static void
claims_meet(struct claims *s, meet_fn *meet)
{
	if (s->n > 1)
		qsort(s->at, s->n, sizeof(*s->at), claim_compare);
	for (size_t i = 0; i < s->n; i++) {
		const struct claim *a = &s->at[i];

		for (size_t k = i + 1; k < s->n; k++) {
			const struct claim *b = &s->at[k];

			if (strcmp(a->context, b->context) != 0 ||
			    memcmp(b->selector.remote[0], a->selector.remote[1],
				   sizeof(a->selector.remote[1])) > 0)
				break;
			if (spd_selector_overlaps(&a->selector, &b->selector))
				meet(s->c, a, b);
		}
	}
	s->n = 0;
}

/* ---- Selectors of tunnels ---- */

static const char *
name_or_local(const struct cfg_obj *obj, enum cfg_field field)
{
	const char *name = cfg_str(obj, field);

	return name != NULL ? name : "local";
}

/* The list of a tunnel, looked up where its SAs are. */
static const struct cfg_obj *
tunnel_list(struct check *c, const struct cfg_obj *tunnel)
{
	const char *name = cfg_str(tunnel, CFG_TUNNEL_ACCESS_LIST);
	const struct cfg_obj *context = cfg_find(
	    c->root, CFG_CONTEXT, name_or_local(tunnel, CFG_TUNNEL_CONTEXT));

	return name == NULL || context == NULL
		   ? NULL
		   : cfg_find(context, CFG_IPSEC_ACL, name);
}

static void
tunnels_meet(struct check *c, const struct claim *a, const struct claim *b)
{
	const struct claim *late = cfg_line(a->obj) > cfg_line(b->obj) ? a : b;
	const struct claim *first = late == a ? b : a;

	if (a->obj != b->obj && spd_selector_equal(&a->selector, &b->selector))
		check_fail(c, late->obj, CFG_TUNNEL_ACCESS_LIST,
			   "seq %u of access list %s says the same as seq %u "
			   "of %s, which tunnel %s has; expected selectors of "
			   "its own",
			   late->row, late->list, first->row, first->list,
			   first->tunnel);
}

static void
tunnels_overlap(struct check *c, const struct claim *a, const struct claim *b)
{
	const struct claim *late = cfg_line(a->obj) > cfg_line(b->obj) ? a : b;
	const struct claim *first = late == a ? b : a;

	if (a->obj != b->obj)
		check_fail(c, late->obj, CFG_TUNNEL_ACCESS_LIST,
			   "seq %u of access list %s overlaps seq %u of %s, "
			   "which tunnel %s has; where both match, the route "
			   "decides",
			   late->row, late->list, first->row, first->list,
			   first->tunnel);
}

static void
tunnels_check(struct claims *s, meet_fn *meet)
{
	const struct cfg_obj *tunnel, *list;
	struct cfg_iter it;

	for (tunnel = cfg_first(&it, s->c->root, CFG_TUNNEL); tunnel != NULL;
	     tunnel = cfg_next(&it)) {
		list = tunnel_list(s->c, tunnel);
		if (list != NULL)
			claims_of_list(
			    s, list,
			    (struct claim){
				.context = name_or_local(
				    tunnel, CFG_TUNNEL_BIND_CONTEXT),
				.obj = tunnel,
				.tunnel = cfg_str(tunnel, CFG_TUNNEL_NAME)});
	}
	claims_meet(s, meet);
}

static void
tunnel_lists_check(struct check *c)
{
	const struct cfg_obj *tunnel;
	struct cfg_iter it;

	for (tunnel = cfg_first(&it, c->root, CFG_TUNNEL); tunnel != NULL;
	     tunnel = cfg_next(&it)) {
		if (cfg_has(tunnel, CFG_TUNNEL_ACCESS_LIST) &&
		    tunnel_list(c, tunnel) == NULL)
			check_fail(
			    c, tunnel, CFG_TUNNEL_ACCESS_LIST,
			    "there is no ipsec access-list %s in context %s; "
			    "expected one that is configured there",
			    cfg_str(tunnel, CFG_TUNNEL_ACCESS_LIST),
			    name_or_local(tunnel, CFG_TUNNEL_CONTEXT));
	}
}

/* ---- Selections ---- */

static bool
claims_differ(const struct claim *a, const struct claim *b)
{
	if (a->tunnel == NULL || b->tunnel == NULL)
		return a->tunnel != b->tunnel || a->action != b->action;
	return strcmp(a->tunnel, b->tunnel) != 0;
}

static void
entries_meet(struct check *c, const struct claim *a, const struct claim *b)
{
	const struct claim *late = a->order > b->order ? a : b;
	const struct claim *first = late == a ? b : a;

	if (a->order != b->order && claims_differ(a, b) &&
	    spd_selector_equal(&a->selector, &b->selector))
		check_fail(c, late->obj, CFG_SELECTION_ROW_SEQ,
			   "seq %u of access list %s says the same as seq %u "
			   "of %s in entry %u, which does something else with "
			   "it; expected selectors of its own",
			   late->row, late->list, first->row, first->list,
			   first->order);
}

static void
entries_overlap(struct check *c, const struct claim *a, const struct claim *b)
{
	const struct claim *late = a->order > b->order ? a : b;
	const struct claim *first = late == a ? b : a;

	if (a->order == b->order)
		return;
	if (spd_selector_covers(&first->selector, &late->selector))
		check_fail(c, late->obj, CFG_SELECTION_ROW_SEQ,
			   "seq %u of access list %s is never reached: seq %u "
			   "of %s in entry %u comes before it and covers it",
			   late->row, late->list, first->row, first->list,
			   first->order);
	else if (claims_differ(a, b) && a->tunnel != NULL && b->tunnel != NULL)
		check_fail(c, late->obj, CFG_SELECTION_ROW_SEQ,
			   "seq %u of access list %s overlaps seq %u of %s in "
			   "entry %u, which comes first and takes what both "
			   "match to tunnel %s",
			   late->row, late->list, first->row, first->list,
			   first->order, first->tunnel);
}

static void
entry_tunnel_check(struct check *c, const char *context,
		   const struct cfg_obj *entry)
{
	const char *name = cfg_str(entry, CFG_SELECTION_ROW_TUNNEL);
	const struct cfg_obj *tunnel;
	const char *bound;

	if (name == NULL)
		return;
	tunnel = cfg_find(c->root, CFG_TUNNEL, name);
	if (tunnel == NULL) {
		check_fail(c, entry, CFG_SELECTION_ROW_TUNNEL,
			   "there is no tunnel ipsec %s; expected one that is "
			   "configured",
			   name);
		return;
	}
	bound = cfg_str(tunnel, CFG_TUNNEL_BIND_CONTEXT);
	if (cfg_has(tunnel, CFG_TUNNEL_BIND_INTERFACE) && bound != NULL &&
	    strcmp(bound, context) != 0)
		check_fail(c, entry, CFG_SELECTION_ROW_TUNNEL,
			   "tunnel %s is bound in context %s and the selection "
			   "is in %s; expected both in one context, or a "
			   "tunnel that is not bound",
			   name, bound, context);
}

static void
entry_check(struct check *c, const struct cfg_obj *context,
	    const struct cfg_obj *entry)
{
	const char *name = cfg_str(entry, CFG_SELECTION_ROW_ACCESS_LIST);
	const char *in = cfg_str(context, CFG_CONTEXT_NAME);

	entry_tunnel_check(c, in, entry);
	if (name == NULL || cfg_find(context, CFG_IPSEC_ACL, name) == NULL)
		check_fail(c, entry, CFG_SELECTION_ROW_ACCESS_LIST,
			   "there is no ipsec access-list %s in context %s; "
			   "expected one that is configured there",
			   name, in);
}

static void
entry_claims(struct claims *s, const struct cfg_obj *context,
	     const struct cfg_obj *entry)
{
	const char *name = cfg_str(entry, CFG_SELECTION_ROW_ACCESS_LIST);
	const struct cfg_obj *list =
	    name == NULL ? NULL : cfg_find(context, CFG_IPSEC_ACL, name);

	if (list != NULL)
		claims_of_list(
		    s, list,
		    (struct claim){
			.context = cfg_str(context, CFG_CONTEXT_NAME),
			.obj = entry,
			.order = cfg_u32(entry, CFG_SELECTION_ROW_SEQ),
			.tunnel = cfg_str(entry, CFG_SELECTION_ROW_TUNNEL),
			.action = cfg_u32(entry, CFG_SELECTION_ROW_ACTION)});
}

static void
selections_check(struct claims *s, meet_fn *meet)
{
	const struct cfg_obj *context, *selection, *entry;
	struct cfg_iter it, in, below;

	for (context = cfg_first(&it, s->c->root, CFG_CONTEXT); context != NULL;
	     context = cfg_next(&it)) {
		for (selection = cfg_first(&in, context, CFG_SELECTION);
		     selection != NULL; selection = cfg_next(&in)) {
			entry = cfg_first(&below, selection, CFG_SELECTION_ROW);
			while (entry != NULL) {
				entry_claims(s, context, entry);
				entry = cfg_next(&below);
			}
			claims_meet(s, meet);
		}
	}
}

/* A tunnel's inbound check has one list to hold against: RFC 4301, 5.2. */
struct chosen {
	const char *tunnel;
	const struct cfg_obj *selection;
	const char *context;
	const struct cfg_obj *entry;
};

static int
chosen_compare(const void *a, const void *b)
{
	const struct chosen *x = a, *y = b;
	int order = strcmp(x->tunnel, y->tunnel);
	unsigned i = cfg_line(x->entry), k = cfg_line(y->entry);

	return order != 0 ? order : i < k ? -1 : i > k;
}

static void
chosen_once(struct check *c, struct chosen *list, size_t n)
{
	if (n > 1)
		qsort(list, n, sizeof(*list), chosen_compare);
	for (size_t i = 1; i < n; i++) {
		const struct chosen *a = &list[i - 1], *b = &list[i];

		if (strcmp(a->tunnel, b->tunnel) != 0 ||
		    a->selection == b->selection)
			continue;
		check_fail(c, b->entry, CFG_SELECTION_ROW_TUNNEL,
			   "tunnel %s is chosen by selection %s of context %s "
			   "already; expected a tunnel of its own",
			   b->tunnel, cfg_str(a->selection, CFG_SELECTION_NAME),
			   a->context);
	}
}

/* Room for all of a selection is there. */
static size_t
chosen_by(const char *context, const struct cfg_obj *selection,
	  struct chosen *list)
{
	const struct cfg_obj *entry;
	struct cfg_iter it;
	size_t n = 0;

	for (entry = cfg_first(&it, selection, CFG_SELECTION_ROW);
	     entry != NULL; entry = cfg_next(&it)) {
		const char *tunnel = cfg_str(entry, CFG_SELECTION_ROW_TUNNEL);

		if (tunnel != NULL)
			list[n++] =
			    (struct chosen){tunnel, selection, context, entry};
	}
	return n;
}

static void
chosen_check(struct check *c)
{
	const struct cfg_obj *context, *selection;
	struct chosen *list = NULL, *more;
	struct cfg_iter it, in;
	size_t n = 0;

	for (context = cfg_first(&it, c->root, CFG_CONTEXT); context != NULL;
	     context = cfg_next(&it)) {
		for (selection = cfg_first(&in, context, CFG_SELECTION);
		     selection != NULL; selection = cfg_next(&in)) {
			more = realloc(
			    list,
			    (n + cfg_count(selection, CFG_SELECTION_ROW) + 1) *
				sizeof(*list));
			c->no_memory |= more == NULL;
			if (more == NULL)
				continue;
			list = more;
			n += chosen_by(cfg_str(context, CFG_CONTEXT_NAME),
				       selection, list + n);
		}
	}
	chosen_once(c, list, n);
	free(list);
}

/* ---- Interfaces ---- */

/* Whether a tunnel is bound to the interface. */
static bool
is_tunnels(struct check *c, const char *context, const char *interface)
{
	const struct cfg_obj *tunnel;
	struct cfg_iter it;

	for (tunnel = cfg_first(&it, c->root, CFG_TUNNEL); tunnel != NULL;
	     tunnel = cfg_next(&it)) {
		const char *bound = cfg_str(tunnel, CFG_TUNNEL_BIND_INTERFACE);

		if (bound != NULL && strcmp(bound, interface) == 0 &&
		    strcmp(name_or_local(tunnel, CFG_TUNNEL_BIND_CONTEXT),
			   context) == 0)
			return true;
	}
	return false;
}

static void
interface_check(struct check *c, const struct cfg_obj *context,
		const struct cfg_obj *interface)
{
	const char *name = cfg_str(interface, CFG_INTERFACE_SELECTION);
	const char *in = cfg_str(context, CFG_CONTEXT_NAME);

	if (name == NULL)
		return;
	if (cfg_find(context, CFG_SELECTION, name) == NULL)
		check_fail(c, interface, CFG_INTERFACE_SELECTION,
			   "there is no ipsec selection %s in context %s; "
			   "expected one that is configured there",
			   name, in);
	if (cfg_bool(interface, CFG_INTERFACE_LOOPBACK) ||
	    is_tunnels(c, in, cfg_str(interface, CFG_INTERFACE_NAME)))
		check_fail(c, interface, CFG_INTERFACE_SELECTION,
			   "a selection stands where clear packets leave and "
			   "arrive; expected it on the interface of a port or "
			   "PVC");
}

static bool
is_used(const struct cfg_obj *context, const char *selection)
{
	const struct cfg_obj *interface;
	struct cfg_iter it;

	for (interface = cfg_first(&it, context, CFG_INTERFACE);
	     interface != NULL; interface = cfg_next(&it)) {
		const char *name = cfg_str(interface, CFG_INTERFACE_SELECTION);

		if (name != NULL && strcmp(name, selection) == 0)
			return true;
	}
	return false;
}

static void
context_check(struct check *c, const struct cfg_obj *context)
{
	const struct cfg_obj *obj, *entry;
	struct cfg_iter it, in;

	for (obj = cfg_first(&it, context, CFG_INTERFACE); obj != NULL;
	     obj = cfg_next(&it))
		interface_check(c, context, obj);
	for (obj = cfg_first(&it, context, CFG_SELECTION); obj != NULL;
	     obj = cfg_next(&it)) {
		for (entry = cfg_first(&in, obj, CFG_SELECTION_ROW);
		     entry != NULL; entry = cfg_next(&in))
			entry_check(c, context, entry);
	}
}

void
check_policies(struct check *c)
{
	struct claims s = {.c = c};
	const struct cfg_obj *context;
	struct cfg_iter it;

	tunnel_lists_check(c);
	chosen_check(c);
	for (context = cfg_first(&it, c->root, CFG_CONTEXT); context != NULL;
	     context = cfg_next(&it))
		context_check(c, context);
	selections_check(&s, entries_meet);
	tunnels_check(&s, tunnels_meet);
	free(s.at);
}

static void
unused_check(struct check *c, const struct cfg_obj *context)
{
	const struct cfg_obj *obj;
	struct cfg_iter it;

	for (obj = cfg_first(&it, context, CFG_SELECTION); obj != NULL;
	     obj = cfg_next(&it)) {
		const char *name = cfg_str(obj, CFG_SELECTION_NAME);

		if (!is_used(context, name))
			check_fail(c, obj, CFG_SELECTION_NAME,
				   "no interface has it, so it selects "
				   "nothing; expected ipsec apply-selection %s "
				   "in an interface",
				   name);
	}
}

void
check_unwise_policies(struct check *c)
{
	struct claims s = {.c = c};
	const struct cfg_obj *context;
	struct cfg_iter it;

	for (context = cfg_first(&it, c->root, CFG_CONTEXT); context != NULL;
	     context = cfg_next(&it))
		unused_check(c, context);
	selections_check(&s, entries_overlap);
	tunnels_check(&s, tunnels_overlap);
	free(s.at);
}
