/*
 * From the configuration tree to interfaces, adjacencies and routes. A route is
 * installed while it leads somewhere: through an interface that is bound to a
 * circuit that is up; one through a tunnel that is down is held, so that what
 * it would carry is dropped and not taken by a wider route (clear-fallback). Of
 * several for one prefix the lowest distance is active,
 * a connected network (distance 0) before all.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "networks.h"
#include "running.h"

static uint32_t
mask_of(unsigned len)
{
	return len == 0 ? 0 : UINT32_MAX << (32 - len);
}

static uint32_t
context_number(struct chs *chs, const char *name)
{
	return RUNNING_LOCAL - 1 + running_id(chs->running, ID_CONTEXT, name);
}

static int
circuit_cmp(const void *key, const void *row)
{
	const struct ctl_circuit *c = row;

	return memcmp(key, &c->id, sizeof(c->id));
}

const struct ctl_circuit *
running_circuit(const struct tables *t, uint32_t id)
{
	struct be32 key = be32_put(id);

	return t->ncircuits == 0 ? NULL
				 : bsearch(&key, t->circuits, t->ncircuits,
					   sizeof(*t->circuits), circuit_cmp);
}

/* An adjacency of these properties, made when there is none yet. */
static int
adjacency(struct chs *chs, struct tables *t, enum ctl_adj_kind kind,
	  uint32_t circuit, const struct ip_addr *next_hop, uint32_t *id)
{
	const struct ctl_circuit *c = running_circuit(t, circuit);
	struct ctl_adj row = {.circuit = be32_put(circuit),
			      .kind = (uint8_t)kind,
			      .stage = be16_put(STAGE_NONE)};
	char hop[IP_ADDR_TEXT_MAX] = "-";
	char name[96];

	if (next_hop != NULL) {
		row.next_hop = *next_hop;
		(void)ip_addr_text(next_hop, hop);
	}
	(void)snprintf(name, sizeof(name), "%d %u %s", (int)kind, circuit, hop);
	*id = running_id(chs->running, ID_ADJ, name);
	if (*id == 0)
		return -ENOSPC;
	row.id = be32_put(*id);
	if (c != NULL && c->kind != CTL_CIRCUIT_TUNNEL)
		row.stage = be16_put(stage_id(c->slot, STAGE_EPPA));
	if (DERIVE_PUSH(t->adjs, t->nadjs, &row) !=
	    0) /* doubles are taken out at the end */
		return -ENOMEM;
	return 0;
}

/* "context/name" of an interface to the circuit it is bound to. */
struct binding {
	const char *context;
	const char *interface;
	uint32_t circuit;
	bool hold; /* a tunnel whose traffic takes no other way */
	char text[80];
};

struct bindings {
	struct binding *rows;
	size_t n;
};

static int
binding_compare(const void *a, const void *b)
{
	const struct binding *x = a;
	const struct binding *y = b;
	int c = strcmp(x->context, y->context);

	return c != 0 ? c : strcmp(x->interface, y->interface);
}

static int
bind_row(struct bindings *b, const struct binding *row)
{
	if (row->context == NULL || row->interface == NULL)
		return 0;
	return DERIVE_PUSH(b->rows, b->n, row);
}

static int
bind_one(struct bindings *b, const char *context, const char *interface,
	 uint32_t circuit, const char *text)
{
	struct binding row = {
	    .context = context, .interface = interface, .circuit = circuit};

	(void)snprintf(row.text, sizeof(row.text), "%s", text);
	return bind_row(b, &row);
}

static int
bind_tunnel(struct bindings *b, const struct running_tunnel *tunnel)
{
	const struct cfg_obj *obj = tunnel->obj;
	struct binding row = {.context = cfg_str(obj, CFG_TUNNEL_BIND_CONTEXT),
			      .interface =
				  cfg_str(obj, CFG_TUNNEL_BIND_INTERFACE),
			      .circuit = tunnel->circuit,
			      .hold = cfg_u32(obj, CFG_TUNNEL_CLEAR_FALLBACK) ==
				      CFG_FALLBACK_DISCARD};

	(void)snprintf(row.text, sizeof(row.text), "ipsec %s", tunnel->name);
	return bind_row(b, &row);
}

static int
bind_port(struct chs *chs, const struct running_port *port, struct bindings *b)
{
	struct cfg_iter it;
	const struct cfg_obj *pvc;
	char name[48];
	char text[80];
	int err;

	(void)snprintf(name, sizeof(name), "port %u/%u", port->slot,
		       port->port);
	(void)snprintf(text, sizeof(text), "ethernet %u/%u", port->slot,
		       port->port);
	err = bind_one(b, cfg_str(port->obj, CFG_PORT_BIND_CONTEXT),
		       cfg_str(port->obj, CFG_PORT_BIND_INTERFACE),
		       running_id(chs->running, ID_CIRCUIT, name), text);
	for (pvc = cfg_first(&it, port->obj, CFG_PVC); pvc != NULL && err == 0;
	     pvc = cfg_next(&it)) {
		unsigned vlan = cfg_u32(pvc, CFG_PVC_VLAN);

		(void)snprintf(name, sizeof(name), "pvc %u/%u:%u", port->slot,
			       port->port, vlan);
		(void)snprintf(text, sizeof(text), "ethernet %u/%u vlan-id %u",
			       port->slot, port->port, vlan);
		err =
		    bind_one(b, cfg_str(pvc, CFG_PVC_BIND_CONTEXT),
			     cfg_str(pvc, CFG_PVC_BIND_INTERFACE),
			     running_id(chs->running, ID_CIRCUIT, name), text);
	}
	return err;
}

static int
collect_bindings(struct chs *chs, const struct tables *t, struct bindings *b)
{
	int err = 0;

	for (size_t i = 0; i < t->nports && err == 0; i++)
		err = bind_port(chs, &t->ports[i], b);
	for (size_t i = 0; i < t->ntunnels && err == 0; i++)
		err = bind_tunnel(b, &t->tunnels[i]);
	if (b->n > 1)
		qsort(b->rows, b->n, sizeof(*b->rows), binding_compare);
	return err;
}

static int
add_interface(struct chs *chs, struct tables *t, const struct bindings *b,
	      const struct cfg_obj *context, const struct cfg_obj *obj)
{
	struct running_interface row = {
	    .context = cfg_str(context, CFG_CONTEXT_NAME),
	    .name = cfg_str(obj, CFG_INTERFACE_NAME),
	    .obj = obj,
	    .loopback = cfg_bool(obj, CFG_INTERFACE_LOOPBACK)};
	struct binding key = {.context = row.context, .interface = row.name};
	const struct binding *bound =
	    b->n == 0 ? NULL
		      : bsearch(&key, b->rows, b->n, sizeof(*b->rows),
				binding_compare);
	const struct ctl_circuit *c = NULL;
	bool shut = cfg_bool(obj, CFG_INTERFACE_SHUTDOWN);

	row.context_id = context_number(chs, row.context);
	if (cfg_has(obj, CFG_INTERFACE_ADDRESS)) {
		struct cfg_prefix a = cfg_prefix(obj, CFG_INTERFACE_ADDRESS);

		row.addr = a.addr;
		row.len = a.len;
	}
	if (bound != NULL) {
		row.circuit = bound->circuit;
		memcpy(row.binding, bound->text, sizeof(row.binding));
		c = running_circuit(t, bound->circuit);
	} else if (row.loopback) {
		(void)snprintf(row.binding, sizeof(row.binding), "(Loopback)");
	}
	row.mtu =
	    c != NULL ? be16_get(c->mtu) : cfg_u32(obj, CFG_INTERFACE_MTU);
	row.up = !shut && (row.loopback ||
			   (c != NULL && (c->flags & CTL_CIRCUIT_UP) != 0));
	row.held = !row.up && bound != NULL && bound->hold;
	if (DERIVE_PUSH(t->interfaces, t->ninterfaces, &row) != 0)
		return -ENOMEM;
	return 0;
}

static int
add_route(struct tables *t, const struct running_interface *i,
	  struct ip_addr prefix, unsigned len, uint32_t adj, char type)
{
	struct running_route row = {.row = {.context = be32_put(i->context_id),
					    .prefix = prefix,
					    .adj = be32_put(adj),
					    .len = (uint8_t)len},
				    .type = type,
				    .active = true,
				    .interface = i->name};

	if (DERIVE_PUSH(t->routes, t->nroutes, &row) != 0)
		return -ENOMEM;
	return 0;
}

/*
 * A network that lies behind a tunnel which is down: what is for it is dropped
 * and takes no other route, which might lead out in clear.
 */
static int
add_held(struct chs *chs, struct tables *t, const struct running_interface *i,
	 struct ip_addr first, unsigned len)
{
	uint32_t adj;
	int err = adjacency(chs, t, CTL_ADJ_DOWN, i->circuit, NULL, &adj);

	if (err == 0)
		err = add_route(t, i, first, len, adj, 'C');
	if (err == 0)
		t->routes[t->nroutes - 1].held = true;
	return err;
}

/* What one address of an interface brings: itself, its network, broadcasts. */
static int
add_address(struct chs *chs, struct tables *t,
	    const struct running_interface *i, uint32_t addr, unsigned len)
{
	const struct ctl_circuit *c = running_circuit(t, i->circuit);
	bool tunnel = c != NULL && c->kind == CTL_CIRCUIT_TUNNEL;
	uint32_t mask = mask_of(len);
	uint32_t adj;
	int err;

	if (i->held)
		return add_held(chs, t, i, ip_addr_v4(addr & mask), len);
	err = adjacency(chs, t, CTL_ADJ_LOCAL, 0, NULL, &adj);
	if (err == 0)
		err = add_route(t, i, ip_addr_v4(addr), 32, adj, 'L');
	/* Directed broadcasts are for us, not forwarded (RFC 2644). */
	if (err == 0 && len < 31 && !tunnel && !i->loopback)
		err = add_route(t, i, ip_addr_v4(addr | ~mask), 32, adj, 'L');
	if (err != 0 || len == 32 || c == NULL)
		return err;
	err = adjacency(chs, t, tunnel ? CTL_ADJ_TUNNEL : CTL_ADJ_ATTACHED,
			i->circuit, NULL, &adj);
	return err != 0
		   ? err
		   : add_route(t, i, ip_addr_v4(addr & mask), len, adj, 'C');
}

/* The same for IPv6: itself, its network, and that network's routers. */
static int
add_address6(struct chs *chs, struct tables *t,
	     const struct running_interface *i, const struct cfg_net *net)
{
	const struct ctl_circuit *c = running_circuit(t, i->circuit);
	bool tunnel = c != NULL && c->kind == CTL_CIRCUIT_TUNNEL;
	struct ip_addr first = ip_addr_mask(&net->addr, net->len);
	uint32_t adj;
	int err;

	if (i->held)
		return add_held(chs, t, i, first, net->len);
	err = adjacency(chs, t, CTL_ADJ_LOCAL, 0, NULL, &adj);
	if (err == 0)
		err = add_route(t, i, net->addr, 128, adj, 'L');
	/* Subnet-router anycast (RFC 4291 section 2.6.1); not on /127 (RFC
	 * 6164). */
	if (err == 0 && net->len < 127 && !tunnel && !i->loopback &&
	    !ip_addr_equal(&first, &net->addr))
		err = add_route(t, i, first, 128, adj, 'L');
	if (err != 0 || net->len == 128 || c == NULL)
		return err;
	err = adjacency(chs, t, tunnel ? CTL_ADJ_TUNNEL : CTL_ADJ_ATTACHED,
			i->circuit, NULL, &adj);
	return err != 0 ? err : add_route(t, i, first, net->len, adj, 'C');
}

static int
add_connected(struct chs *chs, struct tables *t,
	      const struct running_interface *i)
{
	const struct cfg_obj *obj;
	struct cfg_iter it;
	int err = 0;

	if (!i->up && !i->held)
		return 0;
	if (i->addr != 0 || i->len != 0)
		err = add_address(chs, t, i, i->addr, i->len);
	for (obj = cfg_first(&it, i->obj, CFG_SECONDARY);
	     obj != NULL && err == 0; obj = cfg_next(&it)) {
		struct cfg_prefix a = cfg_prefix(obj, CFG_SECONDARY_ADDRESS);

		err = add_address(chs, t, i, a.addr, a.len);
	}
	for (obj = cfg_first(&it, i->obj, CFG_ADDRESS6);
	     obj != NULL && err == 0; obj = cfg_next(&it)) {
		struct cfg_net net = cfg_net(obj, CFG_ADDRESS6_ADDRESS);

		err = add_address6(chs, t, i, &net);
	}
	return err;
}

static int
interface_cmp(const void *key, const void *row)
{
	const struct running_interface *i = row;

	return strcmp(key, i->name);
}

static const struct running_interface *
interface_named(const struct tables *t, size_t from, const char *name)
{
	/* Sorted by name within the context, as the tree is. */
	return from == t->ninterfaces
		   ? NULL
		   : bsearch(name, t->interfaces + from, t->ninterfaces - from,
			     sizeof(*t->interfaces), interface_cmp);
}

/* The adjacency of a static route through an interface. */
static int
static_adjacency(struct chs *chs, struct tables *t,
		 const struct running_interface *i,
		 const struct ip_addr *next_hop, uint32_t *adj)
{
	const struct ctl_circuit *c =
	    i == NULL ? NULL : running_circuit(t, i->circuit);

	*adj = 0;
	if (i != NULL && i->held)
		return adjacency(chs, t, CTL_ADJ_DOWN, i->circuit, NULL, adj);
	if (i == NULL || !i->up || c == NULL)
		return 0;
	if (c->kind == CTL_CIRCUIT_TUNNEL)
		return adjacency(chs, t, CTL_ADJ_TUNNEL, i->circuit, NULL, adj);
	if (next_hop->family == 0)
		return adjacency(chs, t, CTL_ADJ_ATTACHED, i->circuit, NULL,
				 adj);
	return adjacency(chs, t, CTL_ADJ_FORWARD, i->circuit, next_hop, adj);
}

/* A static route of either family, as it is configured. */
struct static_route {
	struct cfg_net net;
	struct ip_addr next_hop; /* family 0: none */
	const char *interface;
	const char *context; /* that looks the packet up */
	bool null0;
	uint32_t distance;
};

static void
static_read4(const struct cfg_obj *obj, struct static_route *r)
{
	*r = (struct static_route){
	    .net = cfg_net(obj, CFG_ROUTE_PREFIX),
	    .next_hop = cfg_ip(obj, CFG_ROUTE_NEXTHOP),
	    .interface = cfg_str(obj, CFG_ROUTE_INTERFACE),
	    .context = cfg_str(obj, CFG_ROUTE_CONTEXT),
	    .null0 = cfg_bool(obj, CFG_ROUTE_NULL0),
	    .distance = cfg_u32(obj, CFG_ROUTE_DISTANCE)};
}

static void
static_read6(const struct cfg_obj *obj, struct static_route *r)
{
	*r = (struct static_route){
	    .net = cfg_net(obj, CFG_ROUTE6_PREFIX),
	    .next_hop = cfg_ip(obj, CFG_ROUTE6_NEXTHOP),
	    .interface = cfg_str(obj, CFG_ROUTE6_INTERFACE),
	    .context = cfg_str(obj, CFG_ROUTE6_CONTEXT),
	    .null0 = cfg_bool(obj, CFG_ROUTE6_NULL0),
	    .distance = cfg_u32(obj, CFG_ROUTE6_DISTANCE)};
}

/* Routes of one context: where its interfaces begin, and their networks. */
struct context_routes {
	uint32_t id;
	size_t from;
	struct networks nets;
};

static int
add_static(struct chs *chs, struct tables *t, const struct context_routes *in,
	   const struct static_route *r)
{
	const struct running_interface *i = NULL;
	struct running_route row = {.next_hop = r->next_hop,
				    .distance = (uint16_t)r->distance,
				    .type = 'S',
				    .interface = ""};
	uint32_t adj = 0;
	int err;

	if (r->interface != NULL)
		i = interface_named(t, in->from, r->interface);
	else if (r->next_hop.family != 0)
		i = networks_find(t, &in->nets, &r->next_hop);
	if (r->null0)
		err = adjacency(chs, t, CTL_ADJ_NULL, 0, NULL, &adj);
	else if (r->context != NULL)
		err = adjacency(chs, t, CTL_ADJ_CONTEXT,
				context_number(chs, r->context), NULL, &adj);
	else
		err = static_adjacency(chs, t, i, &row.next_hop, &adj);
	if (err != 0)
		return err;
	row.row = (struct ctl_route){.context = be32_put(in->id),
				     .prefix = r->net.addr,
				     .adj = be32_put(adj),
				     .len = (uint8_t)r->net.len};
	row.active = adj != 0;
	row.into = r->context;
	if (i != NULL) {
		row.interface = i->name;
		row.held = i->held;
	}
	if (DERIVE_PUSH(t->routes, t->nroutes, &row) != 0)
		return -ENOMEM;
	return 0;
}

static int
add_statics(struct chs *chs, struct tables *t, const struct context_routes *in,
	    const struct cfg_obj *context, enum cfg_kind kind,
	    void (*read)(const struct cfg_obj *obj, struct static_route *r))
{
	const struct cfg_obj *obj;
	struct static_route r;
	struct cfg_iter it;
	int err = 0;

	for (obj = cfg_first(&it, context, kind); obj != NULL && err == 0;
	     obj = cfg_next(&it)) {
		read(obj, &r);
		err = add_static(chs, t, in, &r);
	}
	return err;
}

static int
derive_context(struct chs *chs, struct tables *t, const struct bindings *b,
	       const struct cfg_obj *context)
{
	struct context_routes in = {
	    .id = context_number(chs, cfg_str(context, CFG_CONTEXT_NAME)),
	    .from = t->ninterfaces};
	const struct cfg_obj *obj;
	struct cfg_iter it;
	int err = 0;

	for (obj = cfg_first(&it, context, CFG_INTERFACE);
	     obj != NULL && err == 0; obj = cfg_next(&it))
		err = add_interface(chs, t, b, context, obj);
	for (size_t i = in.from; i < t->ninterfaces && err == 0; i++)
		err = add_connected(chs, t, &t->interfaces[i]);
	if (err == 0)
		err = networks_collect(t, in.from, &in.nets);
	if (err == 0)
		err =
		    add_statics(chs, t, &in, context, CFG_ROUTE, static_read4);
	if (err == 0)
		err =
		    add_statics(chs, t, &in, context, CFG_ROUTE6, static_read6);
	free(in.nets.rows);
	return err;
}

static int
route_compare(const void *a, const void *b)
{
	const struct running_route *x = a;
	const struct running_route *y = b;
	int c =
	    memcmp(&x->row.context, &y->row.context, sizeof(x->row.context));

	if (c == 0)
		c = memcmp(&x->row.prefix, &y->row.prefix,
			   sizeof(x->row.prefix));
	if (c == 0)
		c = (int)x->row.len - (int)y->row.len;
	if (c == 0)
		c = (int)y->active - (int)x->active;
	/* Another route that somebody gave this very network comes first. */
	if (c == 0)
		c = (int)x->held - (int)y->held;
	if (c == 0)
		c = (int)x->distance - (int)y->distance;
	/* An own address before everything else for it. */
	if (c == 0)
		c = (y->type == 'L') - (x->type == 'L');
	return c;
}

/* The best of each prefix stays active, the others do not act. */
static void
choose_active(struct tables *t)
{
	for (size_t i = 1; i < t->nroutes; i++) {
		const struct ctl_route *before = &t->routes[i - 1].row;
		struct running_route *r = &t->routes[i];

		if (memcmp(&before->context, &r->row.context,
			   sizeof(before->context)) == 0 &&
		    memcmp(&before->prefix, &r->row.prefix,
			   sizeof(before->prefix)) == 0 &&
		    before->len == r->row.len)
			r->active = false;
	}
}

static int
adj_compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct be32));
}

static void
unique_adjs(struct tables *t)
{
	size_t n = 0;

	if (t->nadjs > 1)
		qsort(t->adjs, t->nadjs, sizeof(*t->adjs), adj_compare);
	for (size_t i = 0; i < t->nadjs; i++) {
		if (n == 0 || adj_compare(&t->adjs[n - 1], &t->adjs[i]) != 0)
			t->adjs[n++] = t->adjs[i];
	}
	t->nadjs = n;
}

int
derive_routes(struct chs *chs, struct tables *t)
{
	struct bindings b = {0};
	const struct cfg_obj *context;
	struct cfg_iter it;
	int err = collect_bindings(chs, t, &b);

	for (context = cfg_first(&it, cfg_root(t->tree), CFG_CONTEXT);
	     context != NULL && err == 0; context = cfg_next(&it))
		err = derive_context(chs, t, &b, context);
	free(b.rows);
	if (t->nroutes > 1)
		qsort(t->routes, t->nroutes, sizeof(*t->routes), route_compare);
	choose_active(t);
	unique_adjs(t);
	return err;
}
