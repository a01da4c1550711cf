/*
 * Words for what stations found: ids of rows become the objects of the running
 * configuration that they were made from. What has gone meanwhile has no name,
 * and is left out.
 */
#include <stdio.h>
#include <string.h>

#include "journey.h"
#include "print.h"

const char *
journey_context(struct chs *chs, uint32_t id)
{
	const struct tables *t = running_tables(chs->running);
	const struct cfg_obj *context;
	struct cfg_iter it;

	for (context = cfg_first(&it, cfg_root(t->tree), CFG_CONTEXT);
	     context != NULL; context = cfg_next(&it)) {
		const char *name = cfg_str(context, CFG_CONTEXT_NAME);

		if (derive_context_id(chs, name) == id)
			return name;
	}
	return NULL;
}

const struct running_route *
journey_route(const struct tables *t, uint32_t context,
	      const struct ip_addr *addr, uint32_t adj)
{
	const struct running_route *best = NULL;

	for (size_t i = 0; i < t->nroutes; i++) {
		const struct running_route *r = &t->routes[i];

		if (!r->active || be32_get(r->row.context) != context ||
		    !ip_addr_in_prefix(addr, &r->row.prefix, r->row.len) ||
		    (best != NULL && best->row.len >= r->row.len))
			continue;
		best = r;
	}
	/* What the processor found says whether this is the one it used. */
	return best != NULL && be32_get(best->row.adj) == adj ? best : NULL;
}

const char *
journey_route_text(const struct running_route *route, char *text, size_t octets)
{
	char prefix[IP_ADDR_TEXT_MAX];
	char hop[IP_ADDR_TEXT_MAX];
	const char *family = route->row.prefix.family == 6 ? "ipv6" : "ip";

	(void)ip_addr_text(&route->row.prefix, prefix);
	if (route->type != 'S')
		(void)snprintf(text, octets, "interface %s %s address",
			       route->interface, family);
	else if (route->into != NULL)
		(void)snprintf(text, octets, "%s route %s/%u context %s",
			       family, prefix, route->row.len, route->into);
	else
		(void)snprintf(text, octets, "%s route %s/%u %s", family,
			       prefix, route->row.len,
			       route->next_hop.family != 0
				   ? ip_addr_text(&route->next_hop, hop)
			       : route->interface[0] != '\0' ? route->interface
							     : "null0");
	return text;
}

const struct cfg_obj *
journey_acl(const struct tables *t, uint32_t id)
{
	for (size_t i = 0; i < t->nacls; i++) {
		if (t->acls[i].id == id)
			return t->acls[i].obj;
	}
	return NULL;
}

/* "seq 20 deny ip any any", as show configuration has it. */
static void
row_text(const struct cfg_obj *obj, char *text, size_t octets)
{
	static const struct cfg_print_opts opts = {.secrets =
						       CFG_SECRETS_HIDDEN};
	const struct cfg_row *row;

	text[0] = '\0';
	for (unsigned i = 0; (row = cfg_row_get(i)) != NULL; i++) {
		if (row->makes == cfg_obj_kind(obj)) {
			(void)cfg_row_text(obj, row, &opts, text, octets);
			return;
		}
	}
}

const char *
journey_acl_text(const struct tables *t, uint32_t id, uint32_t seq, char *text,
		 size_t octets)
{
	const struct cfg_obj *obj = journey_acl(t, id);
	const struct cfg_obj *row = NULL;
	bool v6 = obj != NULL && cfg_obj_kind(obj) == CFG_ACL6;
	char line[CFG_LINE_OCTETS] = "no row fits, and what no row permits is"
				     " denied";

	if (obj == NULL) {
		(void)snprintf(text, octets, "an access list without rows");
		return text;
	}
	if (seq != 0)
		row =
		    cfg_find_number(obj, v6 ? CFG_ACL6_ROW : CFG_ACL_ROW, seq);
	if (row != NULL)
		row_text(row, line, sizeof(line));
	(void)snprintf(
	    text, octets, "%s access-list %s%s%s", v6 ? "ipv6" : "ip",
	    cfg_str(obj, CFG_FIELD_OF(cfg_obj_kind(obj), CFG_ACL_NAME)),
	    row != NULL ? " " : ": ", line);
	return text;
}

const struct running_sa *
journey_sa(const struct tables *t, uint32_t id)
{
	for (size_t i = 0; i < t->nsas; i++) {
		if (be32_get(t->sas[i].row.id) == id)
			return &t->sas[i];
	}
	return NULL;
}

const struct running_tunnel *
journey_tunnel(const struct tables *t, uint32_t circuit)
{
	for (size_t i = 0; i < t->ntunnels; i++) {
		if (t->tunnels[i].circuit == circuit)
			return &t->tunnels[i];
	}
	return NULL;
}

const struct running_policy *
journey_policy(const struct tables *t, uint32_t id)
{
	for (size_t i = 0; i < t->npolicies; i++) {
		if (be32_get(t->policies[i].row.id) == id)
			return &t->policies[i];
	}
	return NULL;
}

/* The object that a circuit is, and the kind its qos lines have. */
static const struct cfg_obj *
circuit_obj(const struct tables *t, uint32_t circuit, enum cfg_kind *qos)
{
	const struct running_tunnel *tunnel = journey_tunnel(t, circuit);
	const struct ctl_circuit *c = running_circuit(t, circuit);

	*qos = CFG_TUNNEL_QOS;
	if (tunnel != NULL)
		return tunnel->obj;
	for (size_t i = 0; c != NULL && i < t->nports; i++) {
		const struct running_port *port = &t->ports[i];

		if (port->slot != c->slot || port->port != c->port)
			continue;
		*qos = c->kind == CTL_CIRCUIT_PVC ? CFG_PVC_QOS : CFG_PORT_QOS;
		return c->kind == CTL_CIRCUIT_PVC
			   ? cfg_find_number(port->obj, CFG_PVC,
					     be16_get(c->vlan))
			   : port->obj;
	}
	return NULL;
}

const char *
journey_qos(const struct tables *t, uint32_t circuit, unsigned use)
{
	enum cfg_kind kind;
	const struct cfg_obj *obj = circuit_obj(t, circuit, &kind);
	const struct cfg_obj *qos;
	struct cfg_iter it;

	if (obj == NULL)
		return NULL;
	for (qos = cfg_first(&it, obj, kind); qos != NULL;
	     qos = cfg_next(&it)) {
		if (cfg_u32(qos, CFG_FIELD_OF(kind, CFG_PORT_QOS_USE)) == use)
			return cfg_str(qos,
				       CFG_FIELD_OF(kind, CFG_PORT_QOS_POLICY));
	}
	return NULL;
}

/* --- of a station --------------------------------------------------------- */

static void
put_text(json_t *found, const char *key, const char *text)
{
	if (text != NULL)
		(void)json_object_set_new(found, key, json_string(text));
}

static void
put_addr(json_t *found, const char *key, const struct ip_addr *addr)
{
	char text[IP_ADDR_TEXT_MAX];

	if (addr->family == 4 || addr->family == 6)
		put_text(found, key, ip_addr_text(addr, text));
}

static void
put_number(json_t *found, const char *key, uint32_t n)
{
	if (n != 0)
		(void)json_object_set_new(found, key, json_integer(n));
}

static void
found_route(struct chs *chs, const struct ctl_traced *said, json_t *found)
{
	const struct tables *t = running_tables(chs->running);
	const struct running_route *route = journey_route(
	    t, be32_get(said->context), &said->addr, be32_get(said->adj));
	char text[160];
	char prefix[IP_ADDR_TEXT_MAX];

	put_addr(found, "looked_up", &said->addr);
	if (route == NULL)
		return;
	(void)snprintf(text, sizeof(text), "%s/%u",
		       ip_addr_text(&route->row.prefix, prefix),
		       route->row.len);
	put_text(found, "prefix", text);
	put_text(found, "route", journey_route_text(route, text, sizeof(text)));
}

static void
found_feature(const struct tables *t, const struct ctl_traced *said,
	      json_t *found)
{
	uint32_t circuit = be32_get(said->circuit);
	char text[512];

	if (said->kind == CTL_SAID_ACL)
		put_text(found, "access_list",
			 journey_acl_text(t, be32_get(said->list),
					  be32_get(said->row), text,
					  sizeof(text)));
	if (said->kind == CTL_SAID_METER)
		put_text(found, "qos_policy",
			 journey_qos(t, circuit,
				     said->direction == 1 ? CFG_QOS_POLICING
							  : CFG_QOS_METERING));
	if (said->kind == CTL_SAID_QUEUE) {
		put_text(found, "qos_policy",
			 journey_qos(t, circuit, CFG_QOS_QUEUING));
		(void)json_object_set_new(found, "queue",
					  json_integer(said->queue));
	}
}

static void
found_policy(const struct tables *t, const struct ctl_traced *said,
	     json_t *found)
{
	const struct running_policy *p =
	    journey_policy(t, be32_get(said->list));

	put_number(found, "entry", be32_get(said->entry));
	put_number(found, "row", be32_get(said->row));
	if (p == NULL)
		return;
	put_text(found,
		 cfg_obj_kind(p->owner) == CFG_TUNNEL ? "tunnel" : "selection",
		 cfg_str(p->owner, cfg_obj_kind(p->owner) == CFG_TUNNEL
				       ? CFG_TUNNEL_NAME
				       : CFG_SELECTION_NAME));
	put_text(found, "access_list", cfg_str(p->acl, CFG_IPSEC_ACL_NAME));
}

static void
found_sa(const struct tables *t, const struct ctl_traced *said, json_t *found)
{
	const struct running_sa *sa = journey_sa(t, be32_get(said->sa));
	char spi[16];

	(void)snprintf(spi, sizeof(spi), "0x%x", be32_get(said->spi));
	put_text(found, "spi", spi);
	put_text(found, "ipsec_sa",
		 sa != NULL ? cfg_str(sa->obj, CFG_SA_NAME) : NULL);
}

static void
found_mac(const struct ctl_traced *said, json_t *found)
{
	static const uint8_t none[6];
	char text[18];

	if (memcmp(said->mac, none, sizeof(none)) == 0)
		return;
	(void)snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x",
		       said->mac[0], said->mac[1], said->mac[2], said->mac[3],
		       said->mac[4], said->mac[5]);
	put_text(found, "neighbor", text);
}

json_t *
journey_found_json(struct chs *chs, const struct station *s)
{
	const struct tables *t = running_tables(chs->running);
	const struct ctl_traced *said = &s->said;
	json_t *found = json_object();
	char text[96];

	if (be32_get(said->context) != 0)
		put_text(found, "context",
			 journey_context(chs, be32_get(said->context)));
	if (be32_get(said->circuit) != 0)
		put_text(found, "circuit",
			 running_circuit_text(t, be32_get(said->circuit), text,
					      sizeof(text)));
	if (said->kind == CTL_SAID_ROUTE)
		found_route(chs, said, found);
	if (said->kind == CTL_SAID_POLICY)
		found_policy(t, said, found);
	found_feature(t, said, found);
	if (said->kind == CTL_SAID_SEAL || said->kind == CTL_SAID_OPEN)
		found_sa(t, said, found);
	put_addr(found, "next_hop", &said->next_hop);
	put_number(found, "mtu", be16_get(said->mtu));
	found_mac(said, found);
	return found;
}
