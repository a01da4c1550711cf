/*
 * Rules of IPv6 networks and routes, and of routes between contexts: what
 * validate_once.c does for IPv4, with addresses that do not fit into its
 * numbers. Called by cfg_validate().
 */
#include <stdlib.h>
#include <string.h>

#include "validate_impl.h"

/* An address of an interface, with the network that it makes. */
struct place {
	struct ip_addr first;
	struct ip_addr addr;
	unsigned len;
	const char *interface;
	const struct cfg_obj *obj;
	unsigned line;
};

struct places {
	struct place *list;
	size_t n;
	size_t size;
};

static void
place_add(struct check *c, struct places *p, const struct cfg_obj *interface,
	  const struct cfg_obj *obj)
{
	struct cfg_net net = cfg_net(obj, CFG_ADDRESS6_ADDRESS);
	unsigned column;

	if (p->n == p->size) {
		size_t size = p->size == 0 ? 32 : p->size * 2;
		void *list = realloc(p->list, size * sizeof(*p->list));

		if (list == NULL) {
			c->no_memory = true;
			return;
		}
		p->list = list;
		p->size = size;
	}
	p->list[p->n] =
	    (struct place){.first = ip_addr_mask(&net.addr, net.len),
			   .addr = net.addr,
			   .len = net.len,
			   .interface = cfg_str(interface, CFG_INTERFACE_NAME),
			   .obj = obj};
	cfg_field_place(obj, CFG_ADDRESS6_ADDRESS, &p->list[p->n].line,
			&column);
	p->n++;
}

/* By network, the wider first: what holds another stands before it. */
static int
place_compare(const void *a, const void *b)
{
	const struct place *x = a;
	const struct place *y = b;
	int c = memcmp(&x->first, &y->first, sizeof(x->first));

	if (c == 0)
		c = (int)x->len - (int)y->len;
	if (c == 0)
		c = strcmp(x->interface, y->interface);
	return c != 0 ? c : memcmp(&x->addr, &y->addr, sizeof(x->addr));
}

static void
place_clash(struct check *c, const struct place *wide, const struct place *x)
{
	const struct place *late = x->line >= wide->line ? x : wide;
	const struct place *early = late == x ? wide : x;

	if (strcmp(x->interface, wide->interface) != 0)
		check_fail(c, late->obj, CFG_ADDRESS6_ADDRESS,
			   "the network of interface %s overlaps that of "
			   "interface %s; expected networks apart",
			   late->interface, early->interface);
	else if (ip_addr_equal(&x->addr, &wide->addr))
		check_fail(c, late->obj, CFG_ADDRESS6_ADDRESS,
			   "interface %s has this address already, with length "
			   "%u; expected one of them",
			   late->interface, early->len);
}

static void
places_report(struct check *c, struct places *p)
{
	const struct place *wide = p->list;

	if (p->n > 1)
		qsort(p->list, p->n, sizeof(*p->list), place_compare);
	for (size_t i = 1; i < p->n; i++) {
		const struct place *x = &p->list[i];

		if (ip_addr_in_prefix(&x->first, &wide->first, wide->len))
			place_clash(c, wide, x);
		else
			wide = x;
	}
	p->n = 0;
}

/* Two interfaces of one context on one network: neither could be chosen. */
static void
networks6(struct check *c, const struct cfg_obj *context, struct places *p)
{
	const struct cfg_obj *interface;
	const struct cfg_obj *obj;
	struct cfg_iter in;
	struct cfg_iter more;

	for (interface = cfg_first(&in, context, CFG_INTERFACE);
	     interface != NULL; interface = cfg_next(&in)) {
		for (obj = cfg_first(&more, interface, CFG_ADDRESS6);
		     obj != NULL; obj = cfg_next(&more))
			place_add(c, p, interface, obj);
	}
	places_report(c, p);
}

/* Routes lie sorted by prefix: those of one prefix are neighbours. */
static void
routes6(struct check *c, const struct cfg_obj *context)
{
	const struct cfg_obj *before = NULL;
	const struct cfg_obj *route;
	struct cfg_iter in;

	for (route = cfg_first(&in, context, CFG_ROUTE6); route != NULL;
	     route = cfg_next(&in)) {
		if (before != NULL &&
		    strcmp(cfg_str(before, CFG_ROUTE6_PREFIX),
			   cfg_str(route, CFG_ROUTE6_PREFIX)) == 0 &&
		    cfg_u32(before, CFG_ROUTE6_DISTANCE) ==
			cfg_u32(route, CFG_ROUTE6_DISTANCE))
			check_fail(c, route, CFG_ROUTE6_PREFIX,
				   "a second route to this network at the same "
				   "distance, and several paths are not "
				   "supported yet; expected another distance");
		before = route;
	}
}

/* Routes that another context looks up: it is there, and may be asked. */
static void
routes_between(struct check *c, const struct cfg_obj *context,
	       enum cfg_kind kind, enum cfg_field field)
{
	const char *own = cfg_str(context, CFG_CONTEXT_NAME);
	const struct cfg_obj *route;
	struct cfg_iter in;

	for (route = cfg_first(&in, context, kind); route != NULL;
	     route = cfg_next(&in)) {
		const char *name = cfg_str(route, field);

		if (name == NULL)
			continue;
		if (cfg_find(c->root, CFG_CONTEXT, name) == NULL)
			check_fail(c, route, field,
				   "there is no context %s; expected one that "
				   "is configured",
				   name);
		else if (strcmp(name, own) == 0)
			check_fail(c, route, field,
				   "the route leads into its own context; "
				   "expected another one");
		else if (!cfg_bool(c->root, CFG_ROOT_INTER_CONTEXT))
			check_fail(c, route, field,
				   "a route into another context; expected "
				   "service inter-context routing first");
	}
}

void
check_ip(struct check *c)
{
	struct places p = {0};
	const struct cfg_obj *context;
	struct cfg_iter it;

	if (!check_reads(c, KINDS(CFG_ROOT, CFG_CONTEXT, CFG_INTERFACE,
				  CFG_ADDRESS6, CFG_ROUTE, CFG_ROUTE6)))
		return;
	for (context = cfg_first(&it, c->root, CFG_CONTEXT); context != NULL;
	     context = cfg_next(&it)) {
		networks6(c, context, &p);
		routes6(c, context);
		routes_between(c, context, CFG_ROUTE, CFG_ROUTE_CONTEXT);
		routes_between(c, context, CFG_ROUTE6, CFG_ROUTE6_CONTEXT);
	}
	free(p.list);
}
