/*
 * What may be used once only. Every use is a row in a list; the list is sorted,
 * and neighbours that are equal are an error of the later one. RFC 4301 section
 * 4.1: an SA of unicast traffic is told by SPI and destination; so two tunnels
 * cannot share them.
 */
#include <stdlib.h>
#include <string.h>

#include "validate_impl.h"

struct use {
	const char *context, *name; /* what is used, together with n */
	uint64_t n;
	const struct cfg_obj *obj; /* by whom */
	enum cfg_field field;
	unsigned line;
};

struct uses {
	struct check *c;
	struct use *list;
	size_t n, size;
};

static void
use_add(struct uses *u, const char *context, const char *name, uint64_t n,
	const struct cfg_obj *obj, enum cfg_field field)
{
	unsigned line, column;

	if (u->n == u->size) {
		size_t size = u->size == 0 ? 64 : u->size * 2;
		struct use *list = realloc(u->list, size * sizeof(*list));

		if (list == NULL) {
			u->c->no_memory = true;
			return;
		}
		u->list = list;
		u->size = size;
	}
	cfg_field_place(obj, field, &line, &column);
	u->list[u->n++] = (struct use){
	    context == NULL ? "local" : context, name, n, obj, field, line};
}

/* By what is used alone. */
static int
use_order(const struct use *x, const struct use *y)
{
	int order = strcmp(x->context, y->context);

	if (order == 0)
		order = strcmp(x->name, y->name);
	if (order != 0)
		return order;
	return x->n < y->n ? -1 : x->n > y->n ? 1 : 0;
}

static int
use_compare(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int order = use_order(x, y);

	if (order != 0)
		return order;
	return x->line < y->line ? -1 : x->line > y->line ? 1 : 0;
}

typedef void clash_fn(struct check *c, const struct use *first,
		      const struct use *again, const char *first_text);

/* Reports each use after the first; the list is empty then. */
static void
uses_report(struct uses *u, clash_fn *report)
{
	char text[CFG_OBJECT_OCTETS];
	const struct use *first = u->list;

	if (u->n > 1)
		qsort(u->list, u->n, sizeof(*u->list), use_compare);
	for (size_t i = 1; i < u->n; i++) {
		if (use_order(first, &u->list[i]) != 0) {
			first = &u->list[i];
			continue;
		}
		cfg_obj_text(first->obj, text, sizeof(text));
		report(u->c, first, &u->list[i], text);
	}
	u->n = 0;
}

static void
bind_add(struct uses *u, const struct cfg_obj *obj, enum cfg_field interface,
	 enum cfg_field context)
{
	if (cfg_has(obj, interface))
		use_add(u, cfg_str(obj, context), cfg_str(obj, interface), 0,
			obj, interface);
}

static void
bind_clash(struct check *c, const struct use *first, const struct use *again,
	   const char *first_text)
{
	(void)first;
	check_fail(
	    c, again->obj, again->field,
	    "interface %s of context %s is bound already, to %s; expected an "
	    "interface of its own",
	    again->name, again->context, first_text);
}

static void
bindings_once(struct uses *u)
{
	const struct cfg_obj *root = u->c->root, *obj, *pvc;
	struct cfg_iter it, in;

	for (obj = cfg_first(&it, root, CFG_PORT); obj != NULL;
	     obj = cfg_next(&it)) {
		bind_add(u, obj, CFG_PORT_BIND_INTERFACE,
			 CFG_PORT_BIND_CONTEXT);
		for (pvc = cfg_first(&in, obj, CFG_PVC); pvc != NULL;
		     pvc = cfg_next(&in))
			bind_add(u, pvc, CFG_PVC_BIND_INTERFACE,
				 CFG_PVC_BIND_CONTEXT);
	}
	for (obj = cfg_first(&it, root, CFG_TUNNEL); obj != NULL;
	     obj = cfg_next(&it))
		bind_add(u, obj, CFG_TUNNEL_BIND_INTERFACE,
			 CFG_TUNNEL_BIND_CONTEXT);
	uses_report(u, bind_clash);
}

static void
sa_clash(struct check *c, const struct use *first, const struct use *again,
	 const char *first_text)
{
	(void)first;
	check_fail(
	    c, again->obj, again->field,
	    "ipsec sa %s of context %s is used already, by %s; expected an SA "
	    "of its own",
	    again->name, again->context, first_text);
}

static void
sas_once(struct uses *u)
{
	static const enum cfg_field fields[] = {CFG_TUNNEL_SA_IN,
						CFG_TUNNEL_SA_OUT};
	const struct cfg_obj *obj;
	struct cfg_iter it;

	for (obj = cfg_first(&it, u->c->root, CFG_TUNNEL); obj != NULL;
	     obj = cfg_next(&it)) {
		for (unsigned i = 0; i < 2; i++) {
			if (cfg_has(obj, fields[i]))
				use_add(u, cfg_str(obj, CFG_TUNNEL_CONTEXT),
					cfg_str(obj, fields[i]), 0, obj,
					fields[i]);
		}
	}
	uses_report(u, sa_clash);
}

static void
spi_clash(struct check *c, const struct use *first, const struct use *again,
	  const char *first_text)
{
	(void)first;
	check_fail(
	    c, again->obj, again->field,
	    "inbound SPI 0x%x to the same local address in context %s is that "
	    "of %s already (RFC 4301 section 4.1); expected another SPI",
	    (unsigned)(again->n >> 32), again->context, first_text);
}

/* ESP and AH have SPIs of their own: n is SPI << 32 | protocol. */
static void
spi_add(struct uses *u, const char *context, const struct cfg_obj *tunnel,
	const struct cfg_obj *sa, enum cfg_field field, unsigned protocol)
{
	if (cfg_has(sa, field))
		use_add(u, context, cfg_str(tunnel, CFG_TUNNEL_LOCAL),
			(uint64_t)cfg_u32(sa, field) << 32 | protocol, tunnel,
			CFG_TUNNEL_SA_IN);
}

static void
spis_once(struct uses *u)
{
	const struct cfg_obj *obj;
	struct cfg_iter it;

	for (obj = cfg_first(&it, u->c->root, CFG_TUNNEL); obj != NULL;
	     obj = cfg_next(&it)) {
		const char *in = cfg_str(obj, CFG_TUNNEL_CONTEXT);
		const char *name = cfg_str(obj, CFG_TUNNEL_SA_IN);
		const struct cfg_obj *context, *sa = NULL;

		context = cfg_find(u->c->root, CFG_CONTEXT,
				   in == NULL ? "local" : in);
		if (context != NULL && name != NULL)
			sa = cfg_find(context, CFG_SA, name);
		if (sa == NULL || !cfg_has(obj, CFG_TUNNEL_LOCAL))
			continue;
		spi_add(u, in, obj, sa, CFG_SA_ESP_SPI, 50);
		spi_add(u, in, obj, sa, CFG_SA_AH_SPI, 51);
	}
	uses_report(u, spi_clash);
}

static void
asp_clash(struct check *c, const struct use *first, const struct use *again,
	  const char *first_text)
{
	(void)first;
	(void)first_text;
	check_fail(
	    c, again->obj, again->field,
	    "this ASP is in another pool already; expected each ASP in one "
	    "pool");
}

static void
asps_once(struct uses *u)
{
	const struct cfg_obj *pool, *asp;
	struct cfg_iter it, in;

	for (pool = cfg_first(&it, u->c->root, CFG_POOL); pool != NULL;
	     pool = cfg_next(&it)) {
		for (asp = cfg_first(&in, pool, CFG_ASP); asp != NULL;
		     asp = cfg_next(&in)) {
			struct cfg_slot_unit n =
			    cfg_slot_unit(asp, CFG_ASP_NUMBER);

			use_add(u, "", "", n.slot << 8 | n.unit, asp,
				CFG_ASP_NUMBER);
		}
	}
	uses_report(u, asp_clash);
}

/* A network of an interface: n is first address << 8 | length. */
static void
network_add(struct uses *u, const struct cfg_obj *interface,
	    const struct cfg_obj *obj, enum cfg_field field)
{
	struct cfg_prefix p;
	uint32_t mask;

	if (!cfg_has(obj, field))
		return;
	p = cfg_prefix(obj, field);
	mask = p.len == 0 ? 0 : UINT32_MAX << (32 - p.len);
	use_add(u, "", cfg_str(interface, CFG_INTERFACE_NAME),
		(uint64_t)(p.addr & mask) << 8 | p.len, obj, field);
}

static int
network_compare(const void *a, const void *b)
{
	const struct use *x = a, *y = b;

	return x->n < y->n ? -1 : x->n > y->n ? 1 : strcmp(x->name, y->name);
}

static uint64_t
network_last(const struct use *u)
{
	return (u->n >> 8) + ((UINT64_C(1) << (32 - (u->n & 0xff))) - 1);
}

/* Two interfaces of one context on one network: neither could be chosen. */
static void
networks_report(struct uses *u)
{
	const struct use *wide = u->list;

	if (u->n > 1)
		qsort(u->list, u->n, sizeof(*u->list), network_compare);
	for (size_t i = 1; i < u->n; i++) {
		const struct use *x = &u->list[i], *late;

		late = x->line >= wide->line ? x : wide;
		if (x->n >> 8 <= network_last(wide) &&
		    strcmp(x->name, wide->name) != 0)
			check_fail(
			    u->c, late->obj, late->field,
			    "the network of interface %s overlaps that of "
			    "interface %s; expected networks apart",
			    late->name, late == x ? wide->name : x->name);
		if (network_last(x) > network_last(wide))
			wide = x;
	}
	u->n = 0;
}

static void
networks_once(struct uses *u)
{
	const struct cfg_obj *context, *interface, *obj;
	struct cfg_iter it, in, more;

	for (context = cfg_first(&it, u->c->root, CFG_CONTEXT); context != NULL;
	     context = cfg_next(&it)) {
		for (interface = cfg_first(&in, context, CFG_INTERFACE);
		     interface != NULL; interface = cfg_next(&in)) {
			network_add(u, interface, interface,
				    CFG_INTERFACE_ADDRESS);
			for (obj = cfg_first(&more, interface, CFG_SECONDARY);
			     obj != NULL; obj = cfg_next(&more))
				network_add(u, interface, obj,
					    CFG_SECONDARY_ADDRESS);
		}
		networks_report(u);
	}
}

/* Routes lie sorted by prefix: those of one prefix are neighbours. */
static void
routes_once(struct check *c)
{
	const struct cfg_obj *context, *route, *before;
	struct cfg_iter it, in;

	for (context = cfg_first(&it, c->root, CFG_CONTEXT); context != NULL;
	     context = cfg_next(&it)) {
		before = NULL;
		for (route = cfg_first(&in, context, CFG_ROUTE); route != NULL;
		     route = cfg_next(&in)) {
			struct cfg_prefix a,
			    b = cfg_prefix(route, CFG_ROUTE_PREFIX);

			a = cfg_prefix(before == NULL ? route : before,
				       CFG_ROUTE_PREFIX);
			if (before != NULL && a.addr == b.addr &&
			    a.len == b.len &&
			    cfg_u32(before, CFG_ROUTE_DISTANCE) ==
				cfg_u32(route, CFG_ROUTE_DISTANCE))
				check_fail(
				    c, route, CFG_ROUTE_PREFIX,
				    "a second route to this network at the "
				    "same distance, and several paths are not "
				    "supported yet; expected another distance");
			before = route;
		}
	}
}

void
check_once(struct check *c)
{
	struct uses u = {.c = c};

	if (check_reads(c, KINDS(CFG_PORT, CFG_PVC, CFG_TUNNEL)))
		bindings_once(&u);
	if (check_reads(c, KINDS(CFG_TUNNEL)))
		sas_once(&u);
	if (check_reads(c, KINDS(CFG_TUNNEL, CFG_CONTEXT, CFG_SA)))
		spis_once(&u);
	asps_once(&u);
	if (check_reads(c, KINDS(CFG_CONTEXT, CFG_INTERFACE, CFG_SECONDARY)))
		networks_once(&u);
	if (check_reads(c, KINDS(CFG_CONTEXT, CFG_ROUTE)))
		routes_once(c);
	free(u.list);
}
