/*
 * IPv6 at the other end: what mirror.c does with addresses and routes of IPv4,
 * for those of IPv6. An interface may have several addresses, so one is taken
 * away where another comes. The input port's interface gets an address of its
 * own out of 2001:2::/48 (RFC 5180), as it gets one of 198.18.0.0/15.
 */
#include <stdio.h>
#include <string.h>

#include "ip_addr.h"
#include "mirror_impl.h"

static struct cfg_net
network_of(const struct cfg_obj *address)
{
	struct cfg_net n = cfg_net(address, CFG_ADDRESS6_ADDRESS);

	n.addr = ip_addr_mask(&n.addr, n.len);
	return n;
}

static int
move(struct mirror *m, const struct cfg_obj *route, const char *to)
{
	struct cfg_net p = cfg_net(route, CFG_ROUTE6_PREFIX);
	struct ip_addr hop = cfg_ip(route, CFG_ROUTE6_NEXTHOP);
	const char *name = cfg_str(route, CFG_ROUTE6_INTERFACE);
	char a[IP_ADDR_TEXT_MAX];
	char b[IP_ADDR_TEXT_MAX];
	int err;

	(void)ip_addr_text(&p.addr, a);
	if (hop.family == 0)
		err = mirror_type(m, "no ipv6 route %s/%u \"%s\"", a, p.len,
				  name);
	else if (name == NULL)
		err = mirror_type(m, "no ipv6 route %s/%u %s", a, p.len,
				  ip_addr_text(&hop, b));
	else
		err = mirror_type(m, "no ipv6 route %s/%u %s \"%s\"", a, p.len,
				  ip_addr_text(&hop, b), name);
	return err != 0 ? err
			: mirror_type(m, "ipv6 route %s/%u %s", a, p.len, to);
}

/* Whether a route of the context leads into an interface. */
static bool
leads_into(const struct cfg_obj *route, const struct cfg_obj *interface)
{
	const char *name = cfg_str(route, CFG_ROUTE6_INTERFACE);
	struct ip_addr hop = cfg_ip(route, CFG_ROUTE6_NEXTHOP);
	struct cfg_iter it;

	if (name != NULL)
		return strcmp(name, cfg_str(interface, CFG_INTERFACE_NAME)) ==
		       0;
	if (hop.family == 0)
		return false;
	for (const struct cfg_obj *a = cfg_first(&it, interface, CFG_ADDRESS6);
	     a != NULL; a = cfg_next(&it)) {
		struct cfg_net n = network_of(a);

		if (ip_addr_in_prefix(&hop, &n.addr, n.len))
			return true;
	}
	return false;
}

int
mirror6_turn_routes(struct mirror *m, const struct cfg_obj *context,
		    const struct cfg_obj *interface, const char *input)
{
	char to[160]; /* an interface has at most 127 */
	struct cfg_iter it;
	int err = 0;

	(void)snprintf(to, sizeof(to), "\"%s\"", input);
	for (const struct cfg_obj *r = cfg_first(&it, context, CFG_ROUTE6);
	     r != NULL && err == 0; r = cfg_next(&it)) {
		if (leads_into(r, interface))
			err = move(m, r, to);
	}
	return err;
}

int
mirror6_network(struct mirror *m, const char *context,
		const struct ip_addr *first, unsigned len, const char *input)
{
	const struct cfg_obj *now =
	    cfg_find(cfg_root(mirror_tree(m)), CFG_CONTEXT, context);
	char a[IP_ADDR_TEXT_MAX];
	struct cfg_iter it;

	for (const struct cfg_obj *r = cfg_first(&it, now, CFG_ROUTE6);
	     r != NULL; r = cfg_next(&it)) {
		struct cfg_net p = cfg_net(r, CFG_ROUTE6_PREFIX);
		const char *name = cfg_str(r, CFG_ROUTE6_INTERFACE);

		if (p.len == len && ip_addr_equal(&p.addr, first) &&
		    name != NULL && strcmp(name, input) == 0)
			return 0;
	}
	return mirror_type(m, "ipv6 route %s/%u \"%s\"", ip_addr_text(first, a),
			   len, input);
}

int
mirror6_renumber_input(struct mirror *m, const struct cfg_obj *input,
		       const char *tunnel_interface, unsigned number)
{
	const char *name = cfg_str(input, CFG_INTERFACE_NAME);
	char a[IP_ADDR_TEXT_MAX];
	char n[IP_ADDR_TEXT_MAX];
	struct cfg_iter it;
	int err = 0;

	if (cfg_count(input, CFG_ADDRESS6) == 0)
		return 0;
	for (const struct cfg_obj *o = cfg_first(&it, input, CFG_ADDRESS6);
	     o != NULL && err == 0; o = cfg_next(&it)) {
		struct cfg_net own = cfg_net(o, CFG_ADDRESS6_ADDRESS);
		struct cfg_net net = network_of(o);

		if (tunnel_interface != NULL)
			err = mirror_type(m, "ipv6 route %s/%u \"%s\"",
					  ip_addr_text(&net.addr, n), net.len,
					  tunnel_interface);
		if (err == 0)
			err = mirror_type(m, "interface \"%s\"", name);
		if (err == 0)
			err = mirror_type(m, "no ipv6 address %s/%u",
					  ip_addr_text(&own.addr, a), own.len);
	}
	return err != 0 ? err
			: mirror_type(m, "ipv6 address 2001:2:0:%x::1/64",
				      number & 0xffff);
}

/* The other host of a tunnel's own little network. */
int
mirror6_turn_tunnel_address(struct mirror *m, const struct cfg_obj *interface)
{
	const char *name = cfg_str(interface, CFG_INTERFACE_NAME);
	char a[IP_ADDR_TEXT_MAX];
	struct cfg_iter it;
	int err = 0;

	for (const struct cfg_obj *o = cfg_first(&it, interface, CFG_ADDRESS6);
	     o != NULL && err == 0; o = cfg_next(&it)) {
		struct cfg_net own = cfg_net(o, CFG_ADDRESS6_ADDRESS);
		struct ip_addr other = own.addr;
		uint8_t *last = &other.octets[15];

		if (own.len == 128)
			continue;
		if (own.len == 127)
			*last ^= 1;
		else
			*last = (uint8_t)(*last == 0xff ? 0xfe : *last + 1);
		err = mirror_type(m, "interface \"%s\"", name);
		if (err == 0)
			err = mirror_type(m, "no ipv6 address %s/%u",
					  ip_addr_text(&own.addr, a), own.len);
		if (err == 0)
			err = mirror_type(m, "ipv6 address %s/%u",
					  ip_addr_text(&other, a), own.len);
	}
	return err;
}

/* ---- The outer side ---- */

const struct cfg_obj *
mirror6_outer(const struct cfg_obj *context, const struct ip_addr *local,
	      unsigned *len)
{
	struct cfg_iter it;
	struct cfg_iter below;

	for (const struct cfg_obj *i = cfg_first(&it, context, CFG_INTERFACE);
	     i != NULL; i = cfg_next(&it)) {
		for (const struct cfg_obj *o =
			 cfg_first(&below, i, CFG_ADDRESS6);
		     o != NULL; o = cfg_next(&below)) {
			struct cfg_net n = cfg_net(o, CFG_ADDRESS6_ADDRESS);

			if (!ip_addr_equal(&n.addr, local))
				continue;
			*len = n.len;
			return i;
		}
	}
	return NULL;
}

int
mirror6_turn_address(struct mirror *m, const struct cfg_obj *interface,
		     const struct ip_addr *local, const struct ip_addr *remote,
		     unsigned len, bool again)
{
	const char *name = cfg_str(interface, CFG_INTERFACE_NAME);
	char a[IP_ADDR_TEXT_MAX];
	int err = mirror_type(m, "interface \"%s\"", name);

	if (err == 0 && !again)
		err = mirror_type(m, "no ipv6 address %s/%u",
				  ip_addr_text(local, a), len);
	if (err == 0)
		err = mirror_type(m, "ipv6 address %s/%u",
				  ip_addr_text(remote, a), len);
	if (err == 0 && !ip_addr_in_prefix(local, remote, len))
		err = mirror_type(m, "ipv6 route %s/128 \"%s\"",
				  ip_addr_text(local, a), name);
	return err;
}

int
mirror6_turn_next_hops(struct mirror *m, const struct cfg_obj *context,
		       const struct ip_addr *remote,
		       const struct ip_addr *local)
{
	char to[IP_ADDR_TEXT_MAX];
	struct cfg_iter it;
	int err = 0;

	(void)ip_addr_text(local, to);
	for (const struct cfg_obj *r = cfg_first(&it, context, CFG_ROUTE6);
	     r != NULL && err == 0; r = cfg_next(&it)) {
		struct ip_addr hop = cfg_ip(r, CFG_ROUTE6_NEXTHOP);

		if (cfg_str(r, CFG_ROUTE6_INTERFACE) == NULL &&
		    ip_addr_equal(&hop, remote))
			err = move(m, r, to);
	}
	return err;
}
