/*
 * From the configuration tree to circuits and tunnels; seats.c says which ASP a
 * tunnel is homed on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keying.h"
#include "running.h"
#include "seats.h"

int
derive_push(void *array_at, size_t *n, size_t octets, const void *row)
{
	char *array;

	memcpy((void *)&array, array_at, sizeof(array));
	/* The capacity is the next power of two, so it need not be kept. */
	if ((*n & (*n - 1)) == 0) {
		array = realloc(array, (*n == 0 ? 1 : 2 * *n) * octets);
		if (array == NULL)
			return -ENOMEM;
		memcpy(array_at, (void *)&array, sizeof(array));
	}
	memcpy(array + *n * octets, row, octets);
	++*n;
	return 0;
}

uint32_t
derive_context_id(struct chs *chs, const char *name)
{
	uint32_t n =
	    running_id(chs->running, ID_CONTEXT, name != NULL ? name : "local");

	return n == 0 ? 0 : RUNNING_LOCAL - 1 + n;
}

static const struct cfg_obj *
find_interface(const struct tables *t, const char *context, const char *name)
{
	const struct cfg_obj *c =
	    context == NULL ? NULL
			    : cfg_find(cfg_root(t->tree), CFG_CONTEXT, context);

	return c == NULL || name == NULL ? NULL
					 : cfg_find(c, CFG_INTERFACE, name);
}

/* Our own port addresses: 02:5e:RR:RR:SS:PP, RR a hash of the router's name. */
static void
port_mac(const struct chs *chs, unsigned slot, unsigned port, uint8_t mac[6])
{
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (const char *p = chs->args->name; *p != '\0'; p++)
		hash = (hash ^ (uint8_t)*p) * 16777619U;
	hash ^= hash >> 16;
	mac[0] = 0x02;
	mac[1] = 0x5e;
	mac[2] = (uint8_t)(hash >> 8);
	mac[3] = (uint8_t)hash;
	mac[4] = (uint8_t)slot;
	mac[5] = (uint8_t)port;
}

/*
 * slot/port:channel:subchannel/unit-type/level/id as 64 bits: slot 8, port 8,
 * channel 10 (1023: none), subchannel 6 (63: none), type 4, level 4, id 24.
 * The widths beyond the published hexadecimal example are our reading.
 */
static uint64_t
circuit_handle(unsigned slot, unsigned port, uint32_t id)
{
	return (uint64_t)slot << 56 | (uint64_t)port << 48 |
	       (uint64_t)1023 << 38 | (uint64_t)63 << 32 | (uint64_t)1 << 28 |
	       (uint64_t)2 << 24 | id;
}

bool
derive_card_serves(const struct tables *t, unsigned slot)
{
	const struct cfg_obj *card =
	    cfg_find_number(cfg_root(t->tree), CFG_CARD, slot);

	return card != NULL && !cfg_bool(card, CFG_CARD_SHUTDOWN);
}

static uint16_t
circuit_mtu(const struct tables *t, const char *context, const char *interface,
	    uint32_t port_mtu)
{
	const struct cfg_obj *obj = find_interface(t, context, interface);
	uint32_t mtu = obj == NULL ? 0 : cfg_u32(obj, CFG_INTERFACE_MTU);

	return (uint16_t)(mtu != 0 && mtu < port_mtu ? mtu : port_mtu);
}

/* What every circuit has, from where it is bound. */
static int
base_circuit(struct chs *chs, const struct tables *t, const char *name,
	     const char *context, const char *interface, struct ctl_circuit *c)
{
	uint32_t id = running_id(chs->running, ID_CIRCUIT, name);

	if (id == 0)
		return -ENOSPC;
	memset(c, 0, sizeof(*c));
	c->id = be32_put(id);
	c->asp = be16_put(STAGE_NONE);
	if (find_interface(t, context, interface) != NULL) {
		c->flags |= CTL_CIRCUIT_BOUND;
		c->context = be32_put(derive_context_id(chs, context));
	}
	return 0;
}

static int
add_pvc(struct chs *chs, struct tables *t, const struct running_port *port,
	const struct cfg_obj *pvc)
{
	const char *context = cfg_str(pvc, CFG_PVC_BIND_CONTEXT);
	const char *interface = cfg_str(pvc, CFG_PVC_BIND_INTERFACE);
	unsigned vlan = cfg_u32(pvc, CFG_PVC_VLAN);
	struct ctl_circuit c;
	char name[48];
	int err;

	(void)snprintf(name, sizeof(name), "pvc %u/%u:%u", port->slot,
		       port->port, vlan);
	err = base_circuit(chs, t, name, context, interface, &c);
	if (err != 0)
		return err;
	c.kind = CTL_CIRCUIT_PVC;
	c.slot = (uint8_t)port->slot;
	c.port = (uint8_t)port->port;
	c.vlan = be16_put((uint16_t)vlan);
	c.mtu = be16_put(circuit_mtu(t, context, interface,
				     cfg_u32(port->obj, CFG_PORT_MTU)));
	c.handle =
	    be64_put(circuit_handle(port->slot, port->port, be32_get(c.id)));
	if (port->up && !cfg_bool(pvc, CFG_PVC_SHUTDOWN))
		c.flags |= CTL_CIRCUIT_UP;
	port_mac(chs, port->slot, port->port, c.mac);
	running_link_local(find_interface(t, context, interface), c.mac,
			   c.link_local);
	if (DERIVE_PUSH(t->circuits, t->ncircuits, &c) != 0)
		return -ENOMEM;
	return 0;
}

static int
add_port(struct chs *chs, struct tables *t, const struct cfg_obj *obj)
{
	struct cfg_slot_unit number = cfg_slot_unit(obj, CFG_PORT_NUMBER);
	struct running_port port = {.slot = number.slot,
				    .port = number.unit,
				    .up = derive_card_serves(t, number.slot) &&
					  !cfg_bool(obj, CFG_PORT_SHUTDOWN),
				    .obj = obj};
	const char *context = cfg_str(obj, CFG_PORT_BIND_CONTEXT);
	const char *interface = cfg_str(obj, CFG_PORT_BIND_INTERFACE);
	struct ctl_circuit c;
	struct cfg_iter it;
	char name[48];
	int err;

	(void)snprintf(name, sizeof(name), "port %u/%u", port.slot, port.port);
	err = base_circuit(chs, t, name, context, interface, &c);
	if (err != 0)
		return err;
	c.kind = CTL_CIRCUIT_PORT;
	c.slot = (uint8_t)port.slot;
	c.port = (uint8_t)port.port;
	c.mtu = be16_put(
	    circuit_mtu(t, context, interface, cfg_u32(obj, CFG_PORT_MTU)));
	c.handle =
	    be64_put(circuit_handle(port.slot, port.port, be32_get(c.id)));
	c.flags |= port.up ? CTL_CIRCUIT_UP : 0;
	port_mac(chs, port.slot, port.port, c.mac);
	running_link_local(find_interface(t, context, interface), c.mac,
			   c.link_local);
	if (DERIVE_PUSH(t->circuits, t->ncircuits, &c) != 0)
		return -ENOMEM;
	if (DERIVE_PUSH(t->ports, t->nports, &port) != 0)
		return -ENOMEM;
	for (obj = cfg_first(&it, obj, CFG_PVC); obj != NULL && err == 0;
	     obj = cfg_next(&it))
		err = add_pvc(chs, t, &port, obj);
	return err;
}

static const struct cfg_obj *
find_sa(const struct tables *t, const char *context, const char *name)
{
	const struct cfg_obj *c = cfg_find(cfg_root(t->tree), CFG_CONTEXT,
					   context != NULL ? context : "local");

	return c == NULL || name == NULL ? NULL : cfg_find(c, CFG_SA, name);
}

/* An ipsec sa is one SA or two: ESP, AH, or AH around ESP. */
static uint32_t
sa_id(struct chs *chs, const char *context, const struct cfg_obj *sa,
      enum cfg_field spi)
{
	char name[128];

	if (sa == NULL || !cfg_has(sa, spi))
		return 0;
	(void)snprintf(
	    name, sizeof(name), "%s/%s%s", context != NULL ? context : "local",
	    cfg_str(sa, CFG_SA_NAME), spi == CFG_SA_AH_SPI ? "/ah" : "");
	return running_id(chs->running, ID_SA, name);
}

/* With automatic keys it is up while its ASP has SAs of it. */
static void
tunnel_state(const struct chs *chs, struct running_tunnel *tunnel, bool shut)
{
	const char *cause = "-";

	tunnel->up = !shut && tunnel->asp != STAGE_NONE;
	if (tunnel->up && tunnel->automatic)
		tunnel->up =
		    keying_up(chs, tunnel->circuit, tunnel->asp, &cause);
	tunnel->cause = shut                        ? "configuredDown"
			: tunnel->asp == STAGE_NONE ? "aspHomingFailure"
						    : cause;
}

static int
add_tunnel(struct chs *chs, struct tables *t, const struct cfg_obj *obj,
	   struct homing *h)
{
	const char *context = cfg_str(obj, CFG_TUNNEL_CONTEXT);
	bool shut = cfg_bool(obj, CFG_TUNNEL_SHUTDOWN);
	struct running_tunnel tunnel = {
	    .automatic = cfg_u32(obj, CFG_TUNNEL_KEYING) != CFG_KEYING_MANUAL,
	    .name = cfg_str(obj, CFG_TUNNEL_NAME),
	    .economical = cfg_u32(obj, CFG_TUNNEL_MODE) == CFG_MODE_ECONOMICAL,
	    .asp = STAGE_NONE,
	    .local = cfg_ip(obj, CFG_TUNNEL_LOCAL),
	    .remote = cfg_ip(obj, CFG_TUNNEL_REMOTE),
	    .obj = obj,
	    .in = find_sa(t, context, cfg_str(obj, CFG_TUNNEL_SA_IN)),
	    .out = find_sa(t, context, cfg_str(obj, CFG_TUNNEL_SA_OUT))};
	struct ctl_circuit c;
	uint8_t mac[6];
	char name[80];
	int err;

	(void)snprintf(name, sizeof(name), "tunnel %s", tunnel.name);
	err = base_circuit(chs, t, name, cfg_str(obj, CFG_TUNNEL_BIND_CONTEXT),
			   cfg_str(obj, CFG_TUNNEL_BIND_INTERFACE), &c);
	if (err != 0)
		return err;
	if (!shut)
		tunnel.asp = homing_choose(chs, t, obj, h);
	tunnel.circuit = be32_get(c.id);
	tunnel_state(chs, &tunnel, shut);
	tunnel.sa_in = sa_id(chs, context, tunnel.in, CFG_SA_ESP_SPI);
	tunnel.sa_out = sa_id(chs, context, tunnel.out, CFG_SA_ESP_SPI);
	tunnel.ah_in = sa_id(chs, context, tunnel.in, CFG_SA_AH_SPI);
	tunnel.ah_out = sa_id(chs, context, tunnel.out, CFG_SA_AH_SPI);
	c.kind = CTL_CIRCUIT_TUNNEL;
	c.slot = 255;
	c.port = 16;
	c.flags |= (tunnel.up ? CTL_CIRCUIT_UP : 0) |
		   (tunnel.economical ? CTL_CIRCUIT_ECONOMICAL : 0);
	c.mtu = be16_put((uint16_t)cfg_u32(obj, CFG_TUNNEL_MTU));
	c.handle = be64_put(circuit_handle(255, 16, tunnel.circuit));
	c.asp = be16_put(tunnel.asp);
	c.sa_out = be32_put(tunnel.sa_out != 0 ? tunnel.sa_out : tunnel.ah_out);
	c.outer_context = be32_put(derive_context_id(chs, context));
	/* In transport mode a packet stays in the context of its end points. */
	if (cfg_u32(obj, CFG_TUNNEL_IPSEC_MODE) == CFG_IPSEC_TRANSPORT &&
	    (c.flags & CTL_CIRCUIT_BOUND) == 0) {
		c.flags |= CTL_CIRCUIT_BOUND;
		c.context = c.outer_context;
	}
	c.remote = tunnel.remote;
	port_mac(chs, 255, tunnel.circuit & 0xff, mac);
	running_link_local(
	    find_interface(t, cfg_str(obj, CFG_TUNNEL_BIND_CONTEXT),
			   cfg_str(obj, CFG_TUNNEL_BIND_INTERFACE)),
	    mac, c.link_local);
	if (DERIVE_PUSH(t->circuits, t->ncircuits, &c) != 0)
		return -ENOMEM;
	if (DERIVE_PUSH(t->tunnels, t->ntunnels, &tunnel) != 0)
		return -ENOMEM;
	return 0;
}

static int
circuit_compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct be32)); /* id, wire order */
}

int
derive_circuits(struct chs *chs, struct tables *t)
{
	const struct cfg_obj *root = cfg_root(t->tree);
	const struct cfg_obj *obj;
	struct homing h;
	struct cfg_iter it;
	int err = derive_seats(chs, t);

	homing_begin(chs, t, &h);
	for (obj = cfg_first(&it, root, CFG_PORT); obj != NULL && err == 0;
	     obj = cfg_next(&it))
		err = add_port(chs, t, obj);
	for (obj = cfg_first(&it, root, CFG_TUNNEL); obj != NULL && err == 0;
	     obj = cfg_next(&it))
		err = add_tunnel(chs, t, obj, &h);
	if (t->ncircuits > 1)
		qsort(t->circuits, t->ncircuits, sizeof(*t->circuits),
		      circuit_compare);
	return err;
}
