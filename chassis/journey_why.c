/*
 * Why a packet was dropped, in terms of the configuration: the object that
 * caused it, and what an operator would type to change it. From what the
 * stations of the journey found, and the running tables. A drop that only the
 * packet itself is to blame for has no object.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hdr_view.h"
#include "journey.h"
#include "pkt_fate.h"

#define WHY_OBJECT 384
#define WHY_COMMANDS 4
#define WHY_COMMAND 192

struct why {
	struct chs *chs;
	const struct tables *t;
	const struct journey_found *f;
	const struct ctl_traced *said; /* the drop */
	struct hdr_view hdr;           /* the packet then */
	char object[WHY_OBJECT];
	char command[WHY_COMMANDS][WHY_COMMAND];
	unsigned commands;
};

static void __attribute__((format(printf, 2, 3)))
object(struct why *w, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(w->object, sizeof(w->object), format, ap);
	va_end(ap);
}

static void __attribute__((format(printf, 2, 3)))
command(struct why *w, const char *format, ...)
{
	va_list ap;

	if (w->commands == WHY_COMMANDS)
		return;
	va_start(ap, format);
	(void)vsnprintf(w->command[w->commands++], WHY_COMMAND, format, ap);
	va_end(ap);
}

/* --- where it stands ------------------------------------------------------ */

/* "port ethernet 1/1 dot1q pvc 100" or "tunnel ipsec to-branch". */
static const char *
circuit_text(const struct why *w, uint32_t id, char *text, size_t octets)
{
	const struct running_tunnel *tunnel = journey_tunnel(w->t, id);
	const struct ctl_circuit *c = running_circuit(w->t, id);

	if (tunnel != NULL)
		(void)snprintf(text, octets, "tunnel ipsec %s", tunnel->name);
	else if (c == NULL)
		(void)snprintf(text, octets, "a circuit that is no more");
	else if (c->kind == CTL_CIRCUIT_PVC)
		(void)snprintf(text, octets, "port ethernet %u/%u dot1q pvc %u",
			       c->slot, c->port, be16_get(c->vlan));
	else
		(void)snprintf(text, octets, "port ethernet %u/%u", c->slot,
			       c->port);
	return text;
}

/* The commands into a circuit's mode. */
static void
enter_circuit(struct why *w, uint32_t id)
{
	const struct ctl_circuit *c = running_circuit(w->t, id);
	char text[96];

	if (c != NULL && c->kind == CTL_CIRCUIT_PVC) {
		command(w, "port ethernet %u/%u", c->slot, c->port);
		command(w, "dot1q pvc %u", be16_get(c->vlan));
	} else if (c != NULL) {
		command(w, "%s", circuit_text(w, id, text, sizeof(text)));
	}
}

/* The context that the packet was looked up in; "local" where none was. */
static const char *
context_of(const struct why *w)
{
	const char *name = NULL;

	if (w->f->route != NULL)
		name = journey_context(w->chs,
				       be32_get(w->f->route->said.context));
	return name != NULL ? name : "local";
}

static const char *
context_of_circuit(const struct why *w, uint32_t id)
{
	const struct ctl_circuit *c = running_circuit(w->t, id);
	const char *name =
	    c == NULL ? NULL : journey_context(w->chs, be32_get(c->context));

	return name != NULL ? name : "local";
}

static uint32_t
circuit_of(const struct why *w)
{
	return be32_get(w->said->circuit);
}

/* --- routes --------------------------------------------------------------- */

/* An interface that has the network, and leads nowhere now; NULL: none. */
static const struct running_interface *
interface_down(const struct why *w, const struct ip_addr *addr)
{
	uint32_t v4 = ip_addr_to_v4(addr);

	for (size_t i = 0; i < w->t->ninterfaces; i++) {
		const struct running_interface *in = &w->t->interfaces[i];

		if (addr->family == 4 && !in->up && in->circuit != 0 &&
		    in->len > 0 && ((in->addr ^ v4) >> (32 - in->len)) == 0 &&
		    strcmp(in->context, context_of(w)) == 0)
			return in;
	}
	return NULL;
}

static void
why_no_route(struct why *w)
{
	const char *family = w->hdr.family == 6 ? "ipv6" : "ip";
	struct ip_addr addr =
	    w->f->route != NULL && w->f->route->said.addr.family != 0
		? w->f->route->said.addr
		: w->hdr.dst;
	const struct running_interface *down = interface_down(w, &addr);
	char text[IP_ADDR_TEXT_MAX];
	char circuit[96];

	if (down != NULL) {
		object(w, "%s: shutdown, and interface %s has the network",
		       circuit_text(w, down->circuit, circuit, sizeof(circuit)),
		       down->name);
		enter_circuit(w, down->circuit);
		command(w, "no shutdown");
		return;
	}
	object(w, "context %s: no %s route covers %s", context_of(w), family,
	       ip_addr_text(&addr, text));
	command(w, "context %s", context_of(w));
	command(w, "%s route %s/%u <next-hop>", family, text,
		ip_addr_bits(&addr));
}

static const struct running_route *
route_of(const struct why *w)
{
	const struct ctl_traced *r;

	if (w->f->route == NULL)
		return NULL;
	r = &w->f->route->said;
	return journey_route(w->t, be32_get(r->context), &r->addr,
			     be32_get(r->adj));
}

/* The route that led there. */
static void
why_route(struct why *w)
{
	const struct running_route *route = route_of(w);
	char text[WHY_COMMAND - 4];

	if (route == NULL)
		return;
	(void)journey_route_text(route, text, sizeof(text));
	object(w, "context %s %s", context_of(w), text);
	command(w, "context %s", context_of(w));
	if (route->type == 'S')
		command(w, "no %s", text);
}

static void
why_recursive(struct why *w)
{
	uint32_t tunnel =
	    w->f->sa != NULL ? be32_get(w->f->sa->said.circuit) : circuit_of(w);
	char text[IP_ADDR_TEXT_MAX];
	char name[96];

	why_route(w);
	w->commands = 0;
	command(w, "context %s", context_of(w));
	command(w, "%s route %s/%u <next-hop outside of %s>",
		w->hdr.family == 6 ? "ipv6" : "ip",
		ip_addr_text(&w->hdr.dst, text), ip_addr_bits(&w->hdr.dst),
		circuit_text(w, tunnel, name, sizeof(name)));
}

/* --- circuits ------------------------------------------------------------- */

/* The circuit that the route leads to, else the one the drop names. */
static uint32_t
circuit_out_of(const struct why *w)
{
	uint32_t id = circuit_of(w);

	if (w->f->route != NULL && be32_get(w->f->route->said.circuit) != 0)
		id = be32_get(w->f->route->said.circuit);
	return id;
}

static void
why_port_down(struct why *w)
{
	const struct running_route *route = route_of(w);
	uint32_t id = circuit_out_of(w);
	const struct ctl_circuit *c;
	char text[96];

	/* A route that is down names its interface, and that its circuit. */
	for (size_t i = 0; route != NULL && i < w->t->ninterfaces; i++) {
		if (strcmp(w->t->interfaces[i].name, route->interface) == 0 &&
		    w->t->interfaces[i].circuit != 0)
			id = w->t->interfaces[i].circuit;
	}
	c = running_circuit(w->t, id);
	circuit_text(w, id, text, sizeof(text));
	if (c != NULL && !(c->flags & CTL_CIRCUIT_UP)) {
		object(w, "%s: shutdown, or its card is", text);
		enter_circuit(w, id);
		command(w, "no shutdown");
	} else if (c != NULL) {
		object(w, "%s: its processor is not there", text);
		command(w, "exec: reload card %u", c->slot);
	}
}

static void
why_vlan(struct why *w)
{
	const struct station *s = w->f->received;
	unsigned slot = s != NULL ? stage_slot(be16_get(s->said.stage)) : 0;
	struct hdr_view hdr = {0};

	if (s == NULL)
		return;
	hdr_view_read(&hdr, s->head, be16_get(s->said.head), s->said.l2);
	object(w, "port ethernet %u/%u: no dot1q pvc %u", slot, s->said.port,
	       hdr.vlan);
	command(w, "port ethernet %u/%u", slot, s->said.port);
	command(w, "encapsulation dot1q");
	command(w, "dot1q pvc %u", hdr.vlan);
	command(w, "bind interface <interface> <context>");
}

static void
why_unbound(struct why *w)
{
	char text[96];

	object(w, "%s: no bind interface",
	       circuit_text(w, circuit_of(w), text, sizeof(text)));
	enter_circuit(w, circuit_of(w));
	command(w, "bind interface <interface> <context>");
}

static void
why_mtu(struct why *w)
{
	uint32_t id = circuit_of(w);
	const struct running_tunnel *tunnel = journey_tunnel(w->t, id);
	const struct ctl_circuit *c = running_circuit(w->t, id);
	unsigned mtu = be16_get(w->said->mtu);
	char text[96];

	if (mtu == 0 && c != NULL)
		mtu = be16_get(c->mtu);
	object(w, "%s: mtu %u, and the packet has %u octets%s",
	       circuit_text(w, id, text, sizeof(text)), mtu,
	       be16_get(w->said->octets) - w->said->l2,
	       w->hdr.df ? " and DF" : "");
	enter_circuit(w, id);
	if (tunnel != NULL) {
		command(w, "ip mtu %u",
			be16_get(w->said->octets) - w->said->l2);
		if (w->hdr.df)
			command(w, "df clear");
	} else {
		command(w, "mtu %u", be16_get(w->said->octets) - w->said->l2);
	}
}

/* --- tunnels -------------------------------------------------------------- */

/* The tunnel that has a part in the drop: of the route, else of the circuit. */
static const struct running_tunnel *
tunnel_of(const struct why *w)
{
	const struct running_route *route = route_of(w);
	const struct running_tunnel *tunnel =
	    journey_tunnel(w->t, circuit_out_of(w));

	for (size_t i = 0;
	     tunnel == NULL && route != NULL && i < w->t->ninterfaces; i++) {
		if (strcmp(w->t->interfaces[i].name, route->interface) == 0)
			tunnel =
			    journey_tunnel(w->t, w->t->interfaces[i].circuit);
	}
	return tunnel;
}

static void
why_tunnel_down(struct why *w)
{
	const struct running_tunnel *tunnel = tunnel_of(w);

	if (tunnel == NULL)
		return;
	command(w, "tunnel ipsec %s", tunnel->name);
	if (cfg_bool(tunnel->obj, CFG_TUNNEL_SHUTDOWN)) {
		object(w, "tunnel ipsec %s shutdown", tunnel->name);
		command(w, "no shutdown");
	} else if (tunnel->asp == STAGE_NONE) {
		object(w, "tunnel ipsec %s asp-group %s: no ASP of it is up",
		       tunnel->name,
		       cfg_str(tunnel->obj, CFG_TUNNEL_ASP_GROUP));
		command(w, "asp-group <group>");
	} else {
		object(w, "tunnel ipsec %s: no SA to seal with", tunnel->name);
		command(w, "ipsec-sa out <sa>");
	}
}

static void
why_no_asp(struct why *w)
{
	const struct running_tunnel *tunnel = tunnel_of(w);

	if (tunnel == NULL)
		return;
	object(w, "tunnel ipsec %s asp-group %s: its ASP is not there",
	       tunnel->name, cfg_str(tunnel->obj, CFG_TUNNEL_ASP_GROUP));
	command(w, "asp pool <pool>");
	command(w, "asp <slot/asp>");
}

static void
why_no_sa(struct why *w)
{
	const char *context = context_of(w);
	char dst[IP_ADDR_TEXT_MAX];

	object(w, "context %s: no ipsec sa with SPI 0x%x for %s", context,
	       w->hdr.spi, ip_addr_text(&w->hdr.dst, dst));
	command(w, "context %s", context);
	command(w, "ipsec sa <sa>");
	command(w, "%s spi 0x%x <algorithms and keys>",
		w->hdr.sa == 51 ? "ah" : "esp", w->hdr.spi);
	command(w, "tunnel ipsec <tunnel> ... ipsec-sa in <sa>");
}

/* The inbound SA by what the packet itself says, else what a station found. */
static const struct running_sa *
sa_of(const struct why *w)
{
	if (w->f->sa != NULL)
		return journey_sa(w->t, be32_get(w->f->sa->said.sa));
	for (size_t i = 0; i < w->t->nsas; i++) {
		const struct ctl_sa *row = &w->t->sas[i].row;

		if (w->hdr.sa != 0 && row->direction == CTL_SA_IN &&
		    row->protocol == w->hdr.sa &&
		    be32_get(row->spi) == w->hdr.spi &&
		    ip_addr_equal(&row->dst, &w->hdr.dst))
			return &w->t->sas[i];
	}
	return NULL;
}

static void
why_sa(struct why *w)
{
	const struct running_sa *sa = sa_of(w);
	const char *name;
	const char *context;

	if (sa == NULL)
		return;
	name = cfg_str(sa->obj, CFG_SA_NAME);
	context = journey_context(w->chs, be32_get(sa->row.context));
	command(w, "context %s", context != NULL ? context : "local");
	command(w, "ipsec sa %s", name);
	switch (w->said->fate) {
	case PKT_DROP_REPLAY:
		object(w, "ipsec sa %s anti-replay-window %u", name,
		       be16_get(sa->row.replay_window));
		command(w, "anti-replay-window <larger>");
		break;
	case PKT_DROP_SA_EXPIRED:
		object(w, "ipsec sa %s lifetime", name);
		command(w, "lifetime seconds <more>");
		break;
	case PKT_DROP_SEQUENCE_EXHAUSTED:
		object(w, "ipsec sa %s: its last sequence number was used",
		       name);
		command(w, "extended-sequence-number");
		break;
	default:
		object(w, "ipsec sa %s: algorithm or key is not the sender's",
		       name);
		command(w, "%s spi 0x%x <algorithms and keys>",
			sa->row.protocol == 51 ? "ah" : "esp",
			be32_get(sa->row.spi));
		break;
	}
}

/* --- policies ------------------------------------------------------------- */

/* A row that permits the packet, in front of the one that does not. */
static void
permit_before(struct why *w, const struct cfg_obj *obj, uint32_t row)
{
	bool v6 = cfg_obj_kind(obj) == CFG_ACL6;
	enum cfg_kind kind = v6 ? CFG_ACL6_ROW : CFG_ACL_ROW;
	char seq[24] = "";
	char src[IP_ADDR_TEXT_MAX];
	char dst[IP_ADDR_TEXT_MAX];

	if (row != 0) {
		while (row > 1 && cfg_find_number(obj, kind, row) != NULL)
			row--;
		(void)snprintf(seq, sizeof(seq), "seq %u ", row);
	}
	command(w, "%spermit %s host %s host %s", seq, v6 ? "ipv6" : "ip",
		ip_addr_text(&w->hdr.src, src), ip_addr_text(&w->hdr.dst, dst));
}

static void
why_acl(struct why *w)
{
	const struct ctl_traced *acl =
	    w->f->acl != NULL ? &w->f->acl->said : NULL;
	const struct cfg_obj *obj;
	char text[WHY_OBJECT - 96];
	char circuit[96];
	uint32_t row;
	bool v6;

	if (acl == NULL)
		return;
	row = be32_get(acl->row);
	obj = journey_acl(w->t, be32_get(acl->list));
	object(
	    w, "%s (%s on %s)",
	    journey_acl_text(w->t, be32_get(acl->list), row, text,
			     sizeof(text)),
	    acl->direction == 1 ? "in" : "out",
	    circuit_text(w, be32_get(acl->circuit), circuit, sizeof(circuit)));
	if (obj == NULL)
		return;
	v6 = cfg_obj_kind(obj) == CFG_ACL6;
	command(w, "context %s", context_of_circuit(w, be32_get(acl->circuit)));
	command(w, "%s access-list %s", v6 ? "ipv6" : "ip",
		cfg_str(obj, CFG_FIELD_OF(cfg_obj_kind(obj), CFG_ACL_NAME)));
	permit_before(w, obj, row);
}

static void
why_qos(struct why *w)
{
	bool queue = w->said->fate == PKT_DROP_QUEUE_FULL;
	const struct station *s = queue ? w->f->queue : w->f->meter;
	const char *name;
	char circuit[96];
	bool in;

	if (s == NULL)
		return;
	in = s->said.direction == 1;
	name = journey_qos(w->t, be32_get(s->said.circuit),
			   queue ? CFG_QOS_QUEUING
			   : in  ? CFG_QOS_POLICING
				 : CFG_QOS_METERING);
	if (name == NULL)
		return;
	object(w, "qos policy %s%s%u on %s", name,
	       queue ? " queue "
	       : in  ? " policing "
		     : " metering ",
	       queue ? s->said.queue : 0U,
	       circuit_text(w, be32_get(s->said.circuit), circuit,
			    sizeof(circuit)));
	if (!queue)
		object(w, "qos policy %s (%s on %s)", name,
		       in ? "policing" : "metering", circuit);
	command(w, "qos policy %s %s", name,
		queue ? "pq"
		: in  ? "policing"
		      : "metering");
	if (queue)
		command(w, "queue %u depth <more>", s->said.queue);
	else
		command(w, "rate <kbit/s> burst <octets>");
}

static void
why_selection(struct why *w)
{
	const struct station *s = w->f->policy;
	const struct running_policy *p =
	    s == NULL ? NULL : journey_policy(w->t, be32_get(s->said.list));
	const struct ctl_circuit *c = running_circuit(w->t, circuit_of(w));
	char text[96];

	if (p == NULL) {
		object(w, "%s: no entry of its selectors describes the packet",
		       circuit_text(w, circuit_of(w), text, sizeof(text)));
		if (c != NULL && c->kind == CTL_CIRCUIT_TUNNEL)
			enter_circuit(w, circuit_of(w));
		command(w, c != NULL && c->kind == CTL_CIRCUIT_TUNNEL
			       ? "ipsec-access-list <list>"
			       : "ipsec selection <selection> ... seq <seq>");
		return;
	}
	command(w, "context %s", context_of(w));
	if (cfg_obj_kind(p->owner) == CFG_SELECTION) {
		object(w, "ipsec selection %s seq %u access-list %s row %u",
		       cfg_str(p->owner, CFG_SELECTION_NAME),
		       be32_get(s->said.entry),
		       cfg_str(p->acl, CFG_IPSEC_ACL_NAME),
		       be32_get(s->said.row));
		command(w, "ipsec selection %s",
			cfg_str(p->owner, CFG_SELECTION_NAME));
		command(w, "no seq %u", be32_get(s->said.entry));
	} else {
		object(w, "tunnel ipsec %s ipsec-access-list %s",
		       cfg_str(p->owner, CFG_TUNNEL_NAME),
		       cfg_str(p->acl, CFG_IPSEC_ACL_NAME));
		command(w, "ipsec access-list %s",
			cfg_str(p->acl, CFG_IPSEC_ACL_NAME));
		command(w, "seq <seq> permit <selectors>");
	}
}

static void
why_neighbor(struct why *w)
{
	const struct ip_addr *hop =
	    w->f->route != NULL && w->f->route->said.next_hop.family != 0
		? &w->f->route->said.next_hop
		: &w->hdr.dst;
	uint32_t id = circuit_out_of(w);
	char text[IP_ADDR_TEXT_MAX];
	char circuit[96];

	object(w, "%s: nobody there answers for %s",
	       circuit_text(w, id, circuit, sizeof(circuit)),
	       ip_addr_text(hop, text));
	command(w, "context %s", context_of_circuit(w, id));
	command(w, "interface <interface>");
	command(w, "%s %s <mac>", hop->family == 6 ? "ipv6 neighbor" : "ip arp",
		text);
}

/* --- the table ------------------------------------------------------------ */

static void (*const whys[PKT_FATES])(struct why *w) = {
    [PKT_DROP_NO_ROUTE] = why_no_route,
    [PKT_DROP_NULL_ROUTE] = why_route,
    [PKT_DROP_RECURSIVE_TUNNEL] = why_recursive,
    [PKT_DROP_PORT_DOWN] = why_port_down,
    [PKT_DROP_UNKNOWN_VLAN] = why_vlan,
    [PKT_DROP_UNBOUND_CIRCUIT] = why_unbound,
    [PKT_DROP_MTU_EXCEEDED] = why_mtu,
    [PKT_DROP_TUNNEL_DOWN] = why_tunnel_down,
    [PKT_DROP_NO_ASP] = why_no_asp,
    [PKT_DROP_NO_SA] = why_no_sa,
    [PKT_DROP_REPLAY] = why_sa,
    [PKT_DROP_INTEGRITY] = why_sa,
    [PKT_DROP_BAD_PADDING] = why_sa,
    [PKT_DROP_BAD_ESP_LENGTH] = why_sa,
    [PKT_DROP_SA_EXPIRED] = why_sa,
    [PKT_DROP_SEQUENCE_EXHAUSTED] = why_sa,
    [PKT_DROP_ACL_DENIED] = why_acl,
    [PKT_DROP_POLICER_EXCEEDED] = why_qos,
    [PKT_DROP_QUEUE_FULL] = why_qos,
    [PKT_DROP_SELECTOR_MISMATCH] = why_selection,
    [PKT_DROP_SPD_DISCARD] = why_selection,
    [PKT_DROP_UNPROTECTED] = why_selection,
    [PKT_DROP_UNRESOLVED_NEIGHBOR] = why_neighbor,
    [PKT_DROP_NEIGHBOR_QUEUE_FULL] = why_neighbor,
};

json_t *
journey_why(struct chs *chs, const struct journey_found *f)
{
	struct why w = {.chs = chs,
			.t = running_tables(chs->running),
			.f = f,
			.said = &f->drop->said};
	json_t *commands;

	if (w.said->fate >= PKT_FATES || whys[w.said->fate] == NULL)
		return NULL;
	hdr_view_read(&w.hdr, f->drop->head, be16_get(w.said->head),
		      w.said->l2);
	whys[w.said->fate](&w);
	if (w.object[0] == '\0')
		return NULL;
	commands = json_array();
	for (unsigned i = 0; i < w.commands; i++)
		(void)json_array_append_new(commands,
					    json_string(w.command[i]));
	return json_pack("{s:s, s:o}", "object", w.object, "commands",
			 commands);
}
