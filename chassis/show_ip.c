/*
 * What the router knows of networks, as JSON: interfaces, routes, tunnels, SAs.
 */
#include <stdio.h>
#include <string.h>

#include "alg_engine_id.h"
#include "clock.h"
#include "ipsec_alg.h"
#include "keying.h"
#include "path_mtu.h"
#include "running.h"
#include "show.h"
#include "tallies.h"

static_assert(SA_COUNTERS_MAX == STATS_SA_COUNTERS, "one counter a column");

static uint32_t
context_of(struct chs *chs, const char *name)
{
	const struct cfg_obj *root = cfg_root(running_tree(chs->running));

	if (cfg_find(root, CFG_CONTEXT, name) == NULL)
		return 0;
	return RUNNING_LOCAL - 1 + running_id(chs->running, ID_CONTEXT, name);
}

static const char *
net_text(const struct ip_addr *addr, unsigned len,
	 char text[IP_ADDR_TEXT_MAX + 4])
{
	char a[IP_ADDR_TEXT_MAX];

	(void)snprintf(text, IP_ADDR_TEXT_MAX + 4, "%s/%u",
		       ip_addr_text(addr, a), len);
	return text;
}

static const char *
route_leads(const struct running_route *r, char *text, size_t octets)
{
	if (r->into == NULL)
		return r->interface[0] != '\0' ? r->interface : "null0";
	(void)snprintf(text, octets, "context %s", r->into);
	return text;
}

static json_t *
route_row(struct chs *chs, const struct running_route *r)
{
	char prefix[IP_ADDR_TEXT_MAX + 4];
	char next_hop[IP_ADDR_TEXT_MAX] = "";
	char type[2] = {r->type, '\0'};
	char into[64];

	if (r->type == 'L')
		type[0] = 'C';
	if (r->next_hop.family != 0)
		(void)ip_addr_text(&r->next_hop, next_hop);
	return json_pack(
	    "{s:s, s:s, s:s, s:i, s:i, s:s, s:b, s:b, s:I}", "type", type,
	    "prefix", net_text(&r->row.prefix, r->row.len, prefix), "next_hop",
	    next_hop, "distance", (int)r->distance, "metric", 0, "interface",
	    route_leads(r, into, sizeof(into)), "active", (int)r->active,
	    "held", (int)r->held, "uptime_s",
	    (json_int_t)((clock_monotonic() - chs->started_ns) /
			 CLOCK_SECOND_NS));
}

static json_t *
routes_of(struct chs *chs, const json_t *args, uint8_t family)
{
	const struct tables *t = running_tables(chs->running);
	const char *name = json_string_value(json_object_get(args, "context"));
	json_t *list = json_array();
	uint32_t context;

	name = name != NULL ? name : "local";
	context = context_of(chs, name);
	if (context == 0) {
		json_decref(list);
		return json_pack("{s:o}", "error",
				 json_sprintf("no context \"%s\"", name));
	}
	for (size_t i = 0; i < t->nroutes; i++) {
		const struct running_route *r = &t->routes[i];

		/* Own addresses and broadcasts act, but are not listed. */
		if (be32_get(r->row.context) == context && r->type != 'L' &&
		    r->row.prefix.family == family)
			(void)json_array_append_new(list, route_row(chs, r));
	}
	return json_pack("{s:s, s:o}", "context", name, "routes", list);
}

json_t *
show_ip_route(struct chs *chs, const json_t *args)
{
	return routes_of(chs, args, 4);
}

json_t *
show_ipv6_route(struct chs *chs, const json_t *args)
{
	return routes_of(chs, args, 6);
}

static json_t *
interface_row(const struct running_interface *i, const char *address)
{
	return json_pack("{s:s, s:s, s:s, s:i, s:s, s:s}", "name", i->name,
			 "context", i->context, "address", address, "mtu",
			 (int)(i->mtu != 0 ? i->mtu : 1500), "state",
			 i->up             ? "Up"
			 : i->circuit != 0 ? "Bound"
					   : "UnBound",
			 "binding", i->binding);
}

static void
interface_row4(const struct tables *t, const struct running_interface *i,
	       json_t *list)
{
	char address[IP_ADDR_TEXT_MAX + 4] = "";
	struct ip_addr addr = ip_addr_v4(i->addr);

	(void)t;
	if (i->addr != 0 || i->len != 0)
		(void)net_text(&addr, i->len, address);
	(void)json_array_append_new(list, interface_row(i, address));
}

/* A row for each address, the link-local one first. */
static void
interface_rows6(const struct tables *t, const struct running_interface *i,
		json_t *list)
{
	static const uint8_t none[8];
	const struct ctl_circuit *c = running_circuit(t, i->circuit);
	uint8_t octets[16] = {0xfe, 0x80};
	char address[IP_ADDR_TEXT_MAX + 4];
	const struct cfg_obj *obj;
	struct ip_addr addr;
	struct cfg_iter it;

	if (c != NULL && memcmp(c->link_local, none, sizeof(none)) != 0) {
		memcpy(octets + 8, c->link_local, 8);
		addr = ip_addr_v6(octets);
		(void)json_array_append_new(
		    list, interface_row(i, net_text(&addr, 64, address)));
	}
	for (obj = cfg_first(&it, i->obj, CFG_ADDRESS6); obj != NULL;
	     obj = cfg_next(&it)) {
		struct cfg_net net = cfg_net(obj, CFG_ADDRESS6_ADDRESS);

		(void)json_array_append_new(
		    list,
		    interface_row(i, net_text(&net.addr, net.len, address)));
	}
}

static json_t *
interfaces_of(struct chs *chs, const json_t *args,
	      void (*rows)(const struct tables *t,
			   const struct running_interface *i, json_t *list))
{
	const struct tables *t = running_tables(chs->running);
	const char *context =
	    json_string_value(json_object_get(args, "context"));
	json_t *list = json_array();

	for (size_t i = 0; i < t->ninterfaces; i++) {
		if (context == NULL ||
		    strcmp(context, t->interfaces[i].context) == 0)
			rows(t, &t->interfaces[i], list);
	}
	return json_pack("{s:o}", "interfaces", list);
}

json_t *
show_ip_interface(struct chs *chs, const json_t *args)
{
	return interfaces_of(chs, args, interface_row4);
}

json_t *
show_ipv6_interface(struct chs *chs, const json_t *args)
{
	return interfaces_of(chs, args, interface_rows6);
}

/* What the ASP says runs the SA; what was asked for, until it has said. */
static const char *
sa_engine_of(struct chs *chs, uint16_t asp, uint32_t sa)
{
	const struct stats *s = stage_valid(asp) ? chs->proc[asp].stats : NULL;
	uint64_t id = ALG_ENGINE_AUTO;

	if (s != NULL && sa < STATS_SAS)
		id = counter_get(&s->sa_engine[sa]);
	return id == ALG_ENGINE_AUTO || id >= ALG_ENGINE_MAX
		   ? chs->common.engine
		   : alg_engine_word((unsigned)id);
}

#define ENCAPSULATION_MAX 32

static const char *
protocols(uint32_t esp, uint32_t ah)
{
	return ah == 0 ? "ESP" : esp == 0 ? "AH" : "AH+ESP";
}

/* What is between IP and ESP: "-", or UDP with its ports. */
static const char *
encapsulation(const struct cfg_obj *tunnel, char text[ENCAPSULATION_MAX])
{
	if (!cfg_bool(tunnel, CFG_TUNNEL_UDP))
		return "-";
	(void)snprintf(text, ENCAPSULATION_MAX, "UDP %u to %u",
		       cfg_u32(tunnel, CFG_TUNNEL_UDP_LOCAL),
		       cfg_u32(tunnel, CFG_TUNNEL_UDP_REMOTE));
	return text;
}

/* Packets that the SAs of a tunnel refused; 0 is no SA. */
static json_t *
refused(struct chs *chs, const struct running_tunnel *t, enum sa_counter which)
{
	return json_integer(
	    (json_int_t)(tally_sa(chs, t->asp, t->sa_in, which) +
			 tally_sa(chs, t->asp, t->ah_in, which)));
}

static void
tunnel_detail_put(struct chs *chs, const struct running_tunnel *t, json_t *row)
{
	const char *group = cfg_str(t->obj, CFG_TUNNEL_ASP_GROUP);
	const char *in = t->in != NULL ? cfg_str(t->in, CFG_SA_NAME) : "-";
	const char *out = t->out != NULL ? cfg_str(t->out, CFG_SA_NAME) : "-";

	(void)json_object_update_new(
	    row,
	    json_pack(
		"{s:s, s:i, s:s, s:s, s:o, s:o, s:o}", "asp_group",
		group != NULL ? group : "-", "mtu",
		(int)cfg_u32(t->obj, CFG_TUNNEL_MTU), "sa_in", in, "sa_out",
		out, "replay_drops", refused(chs, t, SA_COUNTER_REPLAY),
		"integrity_failures", refused(chs, t, SA_COUNTER_INTEGRITY),
		"selector_mismatches", refused(chs, t, SA_COUNTER_SELECTOR)));
}

static json_t *
tunnel_row(struct chs *chs, const struct running_tunnel *t)
{
	const char *context = cfg_str(t->obj, CFG_TUNNEL_CONTEXT);
	const char *interface = cfg_str(t->obj, CFG_TUNNEL_BIND_INTERFACE);
	char asp[STAGE_NAME_MAX] = "-";
	char local[IP_ADDR_TEXT_MAX];
	char remote[IP_ADDR_TEXT_MAX];
	bool transport =
	    cfg_u32(t->obj, CFG_TUNNEL_IPSEC_MODE) == CFG_IPSEC_TRANSPORT;
	char around[ENCAPSULATION_MAX];
	uint32_t in = t->sa_in != 0 ? t->sa_in : t->ah_in;
	uint32_t out = t->sa_out != 0 ? t->sa_out : t->ah_out;
	json_t *row;
	bool up = t->up && chs_proc(chs, t->asp) != NULL &&
		  chs_live(&chs->proc[t->asp]);

	if (t->asp != STAGE_NONE)
		(void)snprintf(asp, sizeof(asp), "%u/%u", stage_slot(t->asp),
			       stage_role(t->asp) == STAGE_ASP1 ? 1 : 2);
	row = json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s,"
	    " s:s, s:I, s:I, s:I, s:I}",
	    "name", t->name, "protocols", protocols(t->sa_out, t->ah_out),
	    "ipsec_mode", transport ? "transport" : "tunnel", "encapsulation",
	    encapsulation(t->obj, around), "type",
	    !t->automatic ? "manual" : "static", "state", up ? "Up" : "Down",
	    "mode", t->economical ? "economical" : "circuit-based", "asp", asp,
	    "local", ip_addr_text(&t->local, local), "remote",
	    ip_addr_text(&t->remote, remote), "cause",
	    t->up && !up ? "aspSoftReset" : t->cause, "context",
	    context != NULL ? context : "local", "interface",
	    interface != NULL ? interface : "", "in_packets",
	    (json_int_t)tally_sa(chs, t->asp, in, SA_COUNTER_PACKETS),
	    "in_octets",
	    (json_int_t)tally_sa(chs, t->asp, in, SA_COUNTER_OCTETS),
	    "out_packets",
	    (json_int_t)tally_sa(chs, t->asp, out, SA_COUNTER_PACKETS),
	    "out_octets",
	    (json_int_t)tally_sa(chs, t->asp, out, SA_COUNTER_OCTETS));
	tunnel_detail_put(chs, t, row);
	return row;
}

json_t *
show_ipsec_tunnel(struct chs *chs, const json_t *args)
{
	const char *only = json_string_value(json_object_get(args, "name"));
	json_t *list = json_array();
	struct running_tunnel t;

	for (size_t i = 0; running_tunnel(chs->running, i, &t); i++) {
		if (only == NULL || strcmp(only, t.name) == 0)
			(void)json_array_append_new(list, tunnel_row(chs, &t));
	}
	return json_pack("{s:o}", "tunnels", list);
}

/* What is left until a limit; JSON null where there is none. */
static json_t *
left(uint64_t limit, uint64_t used, uint64_t unit)
{
	return limit == 0
		   ? json_null()
		   : json_integer((
			 json_int_t)(used < limit ? (limit - used) / unit : 0));
}

/* Its age, and what of its life is left: in a replay only octets count here. */
static void
sa_life_put(struct chs *chs, const struct running_sa *sa, json_t *row)
{
	uint32_t id = be32_get(sa->row.id);
	uint64_t now = clock_monotonic();
	uint64_t born = sa->obj == NULL
			    ? be64_get(sa->row.born_ns)
			    : seqlog_born(chs->seqlog, sa->print, now);
	uint64_t age = born == 0 ? 0 : now - born;
	uint64_t octets = tally_sa(chs, sa->asp, id, SA_COUNTER_LIFE_OCTETS);
	uint64_t reached = tally_sa(chs, sa->asp, id, SA_COUNTER_LIFE_REACHED);

	(void)json_object_set_new(
	    row, "age_s", json_integer((json_int_t)(age / CLOCK_SECOND_NS)));
	(void)json_object_set_new(
	    row, "left_s",
	    left(be64_get(sa->row.hard_ns), age, CLOCK_SECOND_NS));
	(void)json_object_set_new(
	    row, "left_octets", left(be64_get(sa->row.hard_octets), octets, 1));
	(void)json_object_set_new(row, "life",
				  json_string(reached == 0   ? "current"
					      : reached == 1 ? "soft limit"
							     : "ended"));
	(void)json_object_set_new(row, "extended_sequence_number",
				  json_boolean(sa->row.esn));
}

static const char *
negotiated_encapsulation(const struct running_sa *sa,
			 char text[ENCAPSULATION_MAX])
{
	if ((sa->row.flags & CTL_SA_UDP) == 0)
		return "-";
	(void)snprintf(text, ENCAPSULATION_MAX, "UDP %u to %u",
		       be16_get(sa->row.udp_local),
		       be16_get(sa->row.udp_remote));
	return text;
}

/* What packets of the SA look like. */
static void
sa_form_put(const struct running_sa *sa, const struct tables *t, json_t *row)
{
	const struct cfg_obj *tunnel = t->tunnels[sa->tunnel].obj;
	bool transport = sa->row.mode == CTL_SA_TRANSPORT;
	bool ah = sa->row.protocol == 51;
	char text[ENCAPSULATION_MAX];

	(void)json_object_set_new(
	    row, "mode", json_string(transport ? "transport" : "tunnel"));
	(void)json_object_set_new(
	    row, "encapsulation",
	    json_string(ah                ? "-"
			: sa->obj == NULL ? negotiated_encapsulation(sa, text)
					  : encapsulation(tunnel, text)));
	(void)json_object_set_new(row, "bundled",
				  json_boolean(be32_get(sa->row.bundle) != 0));
}

static json_t *
sa_row(struct chs *chs, const struct running_sa *sa)
{
	const struct tables *t = running_tables(chs->running);
	uint32_t id = be32_get(sa->row.id);
	json_t *counters = json_object();
	char spi[16];
	char asp[STAGE_NAME_MAX];
	json_t *row;

#define X(cid, cname, sentence)                                                \
	(void)json_object_set_new(counters, cname,                             \
				  json_integer((json_int_t)tally_sa(           \
				      chs, sa->asp, id, SA_COUNTER_##cid)));
	SA_COUNTERS(X)
#undef X
	(void)snprintf(spi, sizeof(spi), "0x%08x", be32_get(sa->row.spi));
	(void)snprintf(asp, sizeof(asp), "%u/%u", stage_slot(sa->asp),
		       stage_role(sa->asp) == STAGE_ASP1 ? 1 : 2);
	row = json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i,"
	    " s:I, s:I, s:I, s:I, s:I, s:o}",
	    "name", sa->obj == NULL ? "-" : cfg_str(sa->obj, CFG_SA_NAME),
	    "tunnel", t->tunnels[sa->tunnel].name, "direction",
	    sa->row.direction == CTL_SA_IN ? "in" : "out", "protocol",
	    sa->row.protocol == 51 ? "AH" : "ESP", "spi", spi, "encryption",
	    ipsec_alg_get((enum ipsec_alg_id)sa->row.encryption)->name,
	    "authentication",
	    ipsec_alg_get((enum ipsec_alg_id)sa->row.authentication)->name,
	    "engine", sa_engine_of(chs, sa->asp, id), "asp", asp,
	    "replay_window", (int)be16_get(sa->row.replay_window), "packets",
	    (json_int_t)tally_sa(chs, sa->asp, id, SA_COUNTER_PACKETS),
	    "octets", (json_int_t)tally_sa(chs, sa->asp, id, SA_COUNTER_OCTETS),
	    "replay_drops",
	    (json_int_t)tally_sa(chs, sa->asp, id, SA_COUNTER_REPLAY),
	    "integrity_failures",
	    (json_int_t)tally_sa(chs, sa->asp, id, SA_COUNTER_INTEGRITY),
	    "sequence",
	    (json_int_t)tally_sa(chs, sa->asp, id, SA_COUNTER_SEQUENCE),
	    "counters", counters);
	sa_life_put(chs, sa, row);
	(void)json_object_set_new(
	    row, "path_mtu", json_integer((json_int_t)path_mtu_of(chs, id)));
	(void)json_object_set_new(
	    row, "warning",
	    json_string(
		be32_get(sa->row.bundle) == 0 &&
			ipsec_alg_pair_unauthenticated(
			    (enum ipsec_alg_id)sa->row.encryption,
			    (enum ipsec_alg_id)sa->row.authentication)
		    ? "encryption alone, packets can be changed in flight"
		    : ""));
	sa_form_put(sa, t, row);
	return row;
}

/* The i-th negotiated SA as if it were configured: without an object. */
static bool
negotiated(const struct chs *chs, size_t i, struct running_sa *sa)
{
	const struct tables *t = running_tables(chs->running);
	uint16_t asp = STAGE_NONE;
	const struct ctl_ike_sa *of = keying_sa_at(chs, i, &asp);

	if (of == NULL)
		return false;
	*sa = (struct running_sa){.asp = asp, .tunnel = t->ntunnels};
	sa->row = (struct ctl_sa){.id = of->id,
				  .spi = of->spi,
				  .circuit = of->circuit,
				  .src = of->src,
				  .dst = of->dst,
				  .bundle = of->bundle,
				  .direction = of->direction,
				  .protocol = of->protocol,
				  .encryption = of->encryption,
				  .authentication = of->authentication,
				  .mode = of->mode,
				  .flags = of->flags,
				  .esn = of->esn,
				  .replay_window = of->replay_window,
				  .udp_local = of->udp_local,
				  .udp_remote = of->udp_remote,
				  .born_ns = of->born_ns,
				  .hard_ns = of->hard_ns,
				  .hard_octets = of->hard_octets};
	for (size_t k = 0; k < t->ntunnels; k++) {
		if (t->tunnels[k].circuit == be32_get(of->circuit))
			sa->tunnel = k;
	}
	return true;
}

json_t *
show_ipsec_sa(struct chs *chs, const json_t *args)
{
	const struct tables *t = running_tables(chs->running);
	const char *only = json_string_value(json_object_get(args, "tunnel"));
	json_t *list = json_array();
	struct running_sa of_ike;

	for (size_t i = 0; i < t->nsas; i++) {
		const struct running_sa *sa = &t->sas[i];

		if (only == NULL ||
		    strcmp(only, t->tunnels[sa->tunnel].name) == 0)
			(void)json_array_append_new(list, sa_row(chs, sa));
	}
	for (size_t i = 0; negotiated(chs, i, &of_ike); i++) {
		if (of_ike.tunnel < t->ntunnels &&
		    (only == NULL ||
		     strcmp(only, t->tunnels[of_ike.tunnel].name) == 0))
			(void)json_array_append_new(list, sa_row(chs, &of_ike));
	}
	return json_pack("{s:o}", "sas", list);
}
