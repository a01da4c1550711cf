/*
 * From the configuration tree to interfaces, adjacencies and routes. A route is
 * installed while it leads somewhere: through an interface that is bound to a
 * circuit that is up. Of several for one prefix the lowest distance is active,
 * a connected network (distance 0) before all.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "running.h"

static uint32_t
mask_of(unsigned len)
{
	return len == 0 ? 0 : UINT32_MAX << (32 - len);
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
bind_one(struct bindings *b, const char *context, const char *interface,
	 uint32_t circuit, const char *text)
{
	struct binding row = {
	    .context = context, .interface = interface, .circuit = circuit};

	if (context == NULL || interface == NULL)
		return 0;
	(void)snprintf(row.text, sizeof(row.text), "%s", text);
	if (DERIVE_PUSH(b->rows, b->n, &row) != 0)
		return -ENOMEM;
	return 0;
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
	char text[80];
	int err = 0;

	for (size_t i = 0; i < t->nports && err == 0; i++)
		err = bind_port(chs, &t->ports[i], b);
	for (size_t i = 0; i < t->ntunnels && err == 0; i++) {
		const struct running_tunnel *tunnel = &t->tunnels[i];

		(void)snprintf(text, sizeof(text), "ipsec %s", tunnel->name);
		err = bind_one(b, cfg_str(tunnel->obj, CFG_TUNNEL_BIND_CONTEXT),
			       cfg_str(tunnel->obj, CFG_TUNNEL_BIND_INTERFACE),
			       tunnel->circuit, text);
	}
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

	row.context_id = RUNNING_LOCAL - 1 +
			 running_id(chs->running, ID_CONTEXT, row.context);
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

/* What one address of an interface brings: itself, its network, broadcasts. */
static int
add_address(struct chs *chs, struct tables *t,
	    const struct running_interface *i, uint32_t addr, unsigned len)
{
	const struct ctl_circuit *c = running_circuit(t, i->circuit);
	bool tunnel = c != NULL && c->kind == CTL_CIRCUIT_TUNNEL;
	uint32_t mask = mask_of(len);
	uint32_t adj;
	int err = adjacency(chs, t, CTL_ADJ_LOCAL, 0, NULL, &adj);

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

static int
add_connected(struct chs *chs, struct tables *t,
	      const struct running_interface *i)
{
	const struct cfg_obj *obj;
	struct cfg_iter it;
	int err = 0;

	if (!i->up)
		return 0;
	if (i->addr != 0 || i->len != 0)
		err = add_address(chs, t, i, i->addr, i->len);
	for (obj = cfg_first(&it, i->obj, CFG_SECONDARY);
	     obj != NULL && err == 0; obj = cfg_next(&it)) {
		struct cfg_prefix a = cfg_prefix(obj, CFG_SECONDARY_ADDRESS);

		err = add_address(chs, t, i, a.addr, a.len);
	}
	return err;
}

/*
 * Connected networks of a context, sorted: a next hop is found by halving. They
 * do not overlap (a rule of the schema).
 */
struct network {
	uint32_t first;
	uint32_t last;
	size_t interface;
};

struct networks {
	struct network *rows;
	size_t n;
};

static int
network_compare(const void *a, const void *b)
{
	const struct network *x = a;
	const struct network *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static int
add_network(struct networks *nets, uint32_t addr, unsigned len, size_t i)
{
	struct network row = {.first = addr & mask_of(len),
			      .last = addr | ~mask_of(len),
			      .interface = i};

	if (DERIVE_PUSH(nets->rows, nets->n, &row) != 0)
		return -ENOMEM;
	return 0;
}

static int
collect_networks(const struct tables *t, size_t from, struct networks *nets)
{
	const struct cfg_obj *obj;
	struct cfg_iter it;
	int err = 0;

	for (size_t i = from; i < t->ninterfaces && err == 0; i++) {
		const struct running_interface *row = &t->interfaces[i];

		if (row->addr != 0 || row->len != 0)
			err = add_network(nets, row->addr, row->len, i);
		for (obj = cfg_first(&it, row->obj, CFG_SECONDARY);
		     obj != NULL && err == 0; obj = cfg_next(&it)) {
			struct cfg_prefix a =
			    cfg_prefix(obj, CFG_SECONDARY_ADDRESS);

			err = add_network(nets, a.addr, a.len, i);
		}
	}
	if (nets->n > 1)
		qsort(nets->rows, nets->n, sizeof(*nets->rows),
		      network_compare);
	return err;
}

static const struct running_interface *
interface_towards(const struct tables *t, const struct networks *nets,
		  uint32_t next_hop)
{
	size_t low = 0;
	size_t high = nets->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (next_hop < nets->rows[mid].first)
			high = mid;
		else if (next_hop > nets->rows[mid].last)
			low = mid + 1;
		else
			return &t->interfaces[nets->rows[mid].interface];
	}
	return NULL;
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
	if (i == NULL || !i->up || c == NULL)
		return 0;
	if (c->kind == CTL_CIRCUIT_TUNNEL)
		return adjacency(chs, t, CTL_ADJ_TUNNEL, i->circuit, NULL, adj);
	if (next_hop->family == 0)
		return adjacency(chs, t, CTL_ADJ_ATTACHED, i->circuit, NULL,
				 adj);
	return adjacency(chs, t, CTL_ADJ_FORWARD, i->circuit, next_hop, adj);
}

static int
add_static(struct chs *chs, struct tables *t, size_t from, uint32_t context,
	   const struct networks *nets, const struct cfg_obj *obj)
{
	struct cfg_prefix p = cfg_prefix(obj, CFG_ROUTE_PREFIX);
	const char *name = cfg_str(obj, CFG_ROUTE_INTERFACE);
	uint32_t next_hop = cfg_ipv4(obj, CFG_ROUTE_NEXTHOP);
	const struct running_interface *i = NULL;
	struct running_route row = {
	    .next_hop =
		next_hop == 0 ? (struct ip_addr){0} : ip_addr_v4(next_hop),
	    .distance = (uint16_t)cfg_u32(obj, CFG_ROUTE_DISTANCE),
	    .type = 'S',
	    .interface = ""};
	uint32_t adj = 0;
	int err;

	if (name != NULL)
		i = interface_named(t, from, name);
	else if (next_hop != 0)
		i = interface_towards(t, nets, next_hop);
	if (cfg_bool(obj, CFG_ROUTE_NULL0))
		err = adjacency(chs, t, CTL_ADJ_NULL, 0, NULL, &adj);
	else
		err = static_adjacency(chs, t, i, &row.next_hop, &adj);
	if (err != 0)
		return err;
	row.row = (struct ctl_route){.context = be32_put(context),
				     .prefix = ip_addr_v4(p.addr),
				     .adj = be32_put(adj),
				     .len = (uint8_t)p.len};
	row.active = adj != 0;
	if (i != NULL)
		row.interface = i->name;
	if (DERIVE_PUSH(t->routes, t->nroutes, &row) != 0)
		return -ENOMEM;
	return 0;
}

static int
derive_context(struct chs *chs, struct tables *t, const struct bindings *b,
	       const struct cfg_obj *context)
{
	uint32_t id = RUNNING_LOCAL - 1 +
		      running_id(chs->running, ID_CONTEXT,
				 cfg_str(context, CFG_CONTEXT_NAME));
	size_t from = t->ninterfaces;
	struct networks nets = {0};
	const struct cfg_obj *obj;
	struct cfg_iter it;
	int err = 0;

	for (obj = cfg_first(&it, context, CFG_INTERFACE);
	     obj != NULL && err == 0; obj = cfg_next(&it))
		err = add_interface(chs, t, b, context, obj);
	for (size_t i = from; i < t->ninterfaces && err == 0; i++)
		err = add_connected(chs, t, &t->interfaces[i]);
	if (err == 0)
		err = collect_networks(t, from, &nets);
	for (obj = cfg_first(&it, context, CFG_ROUTE); obj != NULL && err == 0;
	     obj = cfg_next(&it))
		err = add_static(chs, t, from, id, &nets, obj);
	free(nets.rows);
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
