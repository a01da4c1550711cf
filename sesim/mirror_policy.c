/*
 * Security policy at the other end: source and destination of every selector
 * change places, and where a selection instead of a route leads into a tunnel,
 * the networks that it protects lie on the input port, as those behind a
 * route's tunnel do. Called by mirror.c.
 */
#include <stdio.h>
#include <string.h>

#include "mirror_impl.h"
#include "selector.h"

#define LINE_OCTETS 512

static int
turn_row(struct mirror *m, const struct cfg_obj *row)
{
	char text[LINE_OCTETS];
	uint32_t seq = cfg_u32(row, CFG_IPSEC_ACL_ROW_SEQ);
	int err = mirror_type(m, "no seq %u", seq);

	cfg_selector_turned(row, text, sizeof(text));
	return err != 0 ? err : mirror_type(m, "seq %u permit %s", seq, text);
}

static int
turn_list(struct mirror *m, const struct cfg_obj *list)
{
	const struct cfg_obj *row;
	struct cfg_iter it;
	int err = mirror_type(m, "ipsec access-list \"%s\"",
			      cfg_str(list, CFG_IPSEC_ACL_NAME));

	for (row = cfg_first(&it, list, CFG_IPSEC_ACL_ROW);
	     row != NULL && err == 0; row = cfg_next(&it))
		err = turn_row(m, row);
	return err;
}

int
mirror_selectors(struct mirror *m)
{
	const struct cfg_obj *context, *list;
	struct cfg_iter it, in;
	int err = 0;

	for (context = cfg_first(&it, cfg_root(m->tree), CFG_CONTEXT);
	     context != NULL && err == 0; context = cfg_next(&it)) {
		if (cfg_count(context, CFG_IPSEC_ACL) == 0)
			continue;
		err = mirror_type(m, "context \"%s\"",
				  cfg_str(context, CFG_CONTEXT_NAME));
		for (list = cfg_first(&in, context, CFG_IPSEC_ACL);
		     list != NULL && err == 0; list = cfg_next(&in))
			err = turn_list(m, list);
	}
	return err;
}

/* ---- Selections ---- */

static bool
protects(const struct cfg_obj *entry, const char *tunnel)
{
	const char *name = cfg_str(entry, CFG_SELECTION_ROW_TUNNEL);

	return name != NULL && strcmp(name, tunnel) == 0;
}

static bool
chooses(const struct cfg_obj *context, const char *tunnel)
{
	const struct cfg_obj *selection, *entry;
	struct cfg_iter it, in;

	for (selection = cfg_first(&it, context, CFG_SELECTION);
	     selection != NULL; selection = cfg_next(&it)) {
		for (entry = cfg_first(&in, selection, CFG_SELECTION_ROW);
		     entry != NULL; entry = cfg_next(&in)) {
			if (protects(entry, tunnel))
				return true;
		}
	}
	return false;
}

const struct cfg_obj *
mirror_chooser(const struct mirror *m, const char *tunnel)
{
	const struct cfg_obj *context;
	struct cfg_iter it;

	for (context = cfg_first(&it, cfg_root(m->tree), CFG_CONTEXT);
	     context != NULL; context = cfg_next(&it)) {
		if (chooses(context, tunnel))
			return context;
	}
	return NULL;
}

/* The route of this very network in the context; NULL: none. */
static const struct cfg_obj *
route_of(const struct cfg_obj *context, uint32_t addr, unsigned len)
{
	const struct cfg_obj *route;
	struct cfg_iter it;

	for (route = cfg_first(&it, context, CFG_ROUTE); route != NULL;
	     route = cfg_next(&it)) {
		struct cfg_prefix p = cfg_prefix(route, CFG_ROUTE_PREFIX);

		if (p.addr == addr && p.len == len)
			return route;
	}
	return NULL;
}

/* Whether another row has brought the network there already. */
static bool
is_there(struct mirror *m, uint32_t addr, unsigned len, const char *context,
	 const char *input)
{
	const struct cfg_obj *now =
	    cfg_find(cfg_root(mirror_tree(m)), CFG_CONTEXT, context);
	const struct cfg_obj *route = route_of(now, addr, len);
	const char *name =
	    route == NULL ? NULL : cfg_str(route, CFG_ROUTE_INTERFACE);

	return name != NULL && strcmp(name, input) == 0;
}

static int
network_there(struct mirror *m, const struct cfg_obj *context,
	      const struct cfg_obj *row, const char *input)
{
	const char *text = cfg_str(row, CFG_IPSEC_ACL_ROW_DESTINATION);
	const char *slash = strchr(text, '/');
	const struct cfg_obj *route;
	struct ip_addr first, last;
	char a[MIRROR_ADDRESS_MAX];
	unsigned len = 0;
	bool any;

	if (slash == NULL || sscanf(slash + 1, "%3u", &len) != 1 ||
	    cfg_selector_net(text, strlen(text), &first, &last, &any) != 0)
		return 0;
	if (first.family == 6)
		return mirror6_network(m, cfg_str(context, CFG_CONTEXT_NAME),
				       &first, len, input);
	if (is_there(m, ip_addr_to_v4(&first), len,
		     cfg_str(context, CFG_CONTEXT_NAME), input))
		return 0;
	route = route_of(context, ip_addr_to_v4(&first), len);
	if (route != NULL)
		return mirror_turn_route(m, route, input);
	return mirror_type(m, "ip route %s/%u \"%s\"",
			   mirror_address(ip_addr_to_v4(&first), a), len,
			   input);
}

static int
entry_networks(struct mirror *m, const struct cfg_obj *context,
	       const struct cfg_obj *entry, const char *input)
{
	const struct cfg_obj *list =
	    cfg_find(context, CFG_IPSEC_ACL,
		     cfg_str(entry, CFG_SELECTION_ROW_ACCESS_LIST));
	const struct cfg_obj *row;
	struct cfg_iter it;
	int err = 0;

	for (row = cfg_first(&it, list, CFG_IPSEC_ACL_ROW);
	     row != NULL && err == 0; row = cfg_next(&it))
		err = network_there(m, context, row, input);
	return err;
}

int
mirror_chosen_networks(struct mirror *m, const struct cfg_obj *context,
		       const char *tunnel, const char *input)
{
	const struct cfg_obj *selection, *entry;
	struct cfg_iter it, in;
	int err = mirror_type(m, "context \"%s\"",
			      cfg_str(context, CFG_CONTEXT_NAME));

	for (selection = cfg_first(&it, context, CFG_SELECTION);
	     selection != NULL; selection = cfg_next(&it)) {
		for (entry = cfg_first(&in, selection, CFG_SELECTION_ROW);
		     entry != NULL && err == 0; entry = cfg_next(&in)) {
			if (protects(entry, tunnel))
				err = entry_networks(m, context, entry, input);
		}
	}
	return err;
}
