/*
 * The controller's lookup. Its FIB and its list of own addresses are made anew
 * from the rows that the cards run, at the first packet after a commit; rows of
 * circuits and adjacencies are read where they are. So a commit costs nothing
 * here, and a router that says nothing has no FIB.
 */
#include "inject.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ends.h"
#include "fib_set.h"
#include "ip_frag.h"
#include "ip_hdr.h"
#include "log.h"
#include "running.h"
#include "spd_set.h"

/* An address of ours. */
struct address {
	uint32_t context;
	struct ip_addr addr;
	uint32_t circuit; /* its interface is bound to; 0: a loopback */
	bool primary;
	uint8_t icmp; /* enum cfg_icmp */
};

struct inject {
	struct fib_set *fibs;
	struct spd_set *spds;      /* NULL: no interface has a selection */
	struct ends *ends;         /* NULL: no tunnel in transport mode */
	struct address *addresses; /* in order of context and address */
	size_t naddresses;
	bool stale;
};

int
inject_new(struct inject **inject)
{
	*inject = calloc(1, sizeof(**inject));
	if (*inject == NULL)
		return -ENOMEM;
	(*inject)->stale = true;
	return 0;
}

static void
clear(struct inject *inject)
{
	fib_set_free(&inject->fibs);
	spd_set_free(&inject->spds);
	ends_free(&inject->ends);
	free(inject->addresses);
	inject->addresses = NULL;
	inject->naddresses = 0;
}

void
inject_free(struct inject **inject)
{
	if (*inject != NULL)
		clear(*inject);
	free(*inject);
	*inject = NULL;
}

void
inject_changed(struct chs *chs)
{
	chs->inject->stale = true;
}

/* --- tables --------------------------------------------------------------- */

static int
add_routes(struct inject *inject, const struct tables *t)
{
	int err = 0;

	for (size_t i = 0; i < t->nroutes && err == 0; i++) {
		const struct ctl_route *row = &t->routes[i].row;

		if (t->routes[i].active)
			err = fib_set_note(inject->fibs, be32_get(row->context),
					   &row->prefix, row->len,
					   be32_get(row->adj));
	}
	return err != 0 ? err : fib_set_apply(inject->fibs);
}

static int
add_address(struct inject *inject, const struct running_interface *i,
	    struct ip_addr addr, bool primary)
{
	struct address row = {.context = i->context_id,
			      .addr = addr,
			      .circuit = i->circuit,
			      .primary = primary,
			      .icmp =
				  (uint8_t)cfg_u32(i->obj, CFG_INTERFACE_ICMP)};

	if (!i->up || addr.family == 0)
		return 0;
	return DERIVE_PUSH(inject->addresses, inject->naddresses, &row);
}

static int
address_compare(const void *a, const void *b)
{
	const struct address *x = a;
	const struct address *y = b;

	if (x->context != y->context)
		return x->context < y->context ? -1 : 1;
	return memcmp(&x->addr, &y->addr, sizeof(x->addr));
}

static int
add_interface(struct inject *inject, const struct running_interface *row)
{
	const struct cfg_obj *obj;
	struct cfg_iter it;
	bool primary = true;
	int err = 0;

	if (row->addr != 0)
		err = add_address(inject, row, ip_addr_v4(row->addr), true);
	for (obj = cfg_first(&it, row->obj, CFG_SECONDARY);
	     obj != NULL && err == 0; obj = cfg_next(&it))
		err = add_address(
		    inject, row,
		    ip_addr_v4(cfg_prefix(obj, CFG_SECONDARY_ADDRESS).addr),
		    false);
	for (obj = cfg_first(&it, row->obj, CFG_ADDRESS6);
	     obj != NULL && err == 0; obj = cfg_next(&it)) {
		err = add_address(inject, row,
				  cfg_net(obj, CFG_ADDRESS6_ADDRESS).addr,
				  primary);
		primary = false;
	}
	return err;
}

static int
add_addresses(struct inject *inject, const struct tables *t)
{
	int err = 0;

	for (size_t i = 0; i < t->ninterfaces && err == 0; i++)
		err = add_interface(inject, &t->interfaces[i]);
	if (inject->naddresses > 1)
		qsort(inject->addresses, inject->naddresses,
		      sizeof(*inject->addresses), address_compare);
	return err;
}

/* -ENOMEM leaves no table: nothing is answered until the next commit. */
static void
refresh(struct chs *chs)
{
	struct inject *inject = chs->inject;
	const struct tables *t = running_tables(chs->running);
	int err = -ENOMEM;

	if (!inject->stale)
		return;
	inject->stale = false;
	clear(inject);
	inject->fibs = fib_set_new();
	if (inject->fibs != NULL)
		err = add_routes(inject, t);
	if (err == 0)
		err = add_addresses(inject, t);
	if (err == 0)
		err = policy_selections(t, &inject->spds);
	if (err == 0)
		err = ends_new(t, &inject->ends);
	if (err != 0) {
		log_error("inject: no tables error=%s", strerror(-err));
		clear(inject);
	}
}

static int
adj_compare(const void *key, const void *row)
{
	const struct ctl_adj *adj = row;

	return memcmp(key, &adj->id, sizeof(adj->id));
}

static const struct ctl_adj *
adj_of(struct chs *chs, uint32_t context, const struct ip_addr *dst)
{
	const struct tables *t = running_tables(chs->running);
	struct be32 id = be32_put(0);

	if (chs->inject->fibs != NULL)
		id = be32_put(fib_set_lookup(chs->inject->fibs, context, dst));
	return be32_get(id) == 0 || t->nadjs == 0
		   ? NULL
		   : bsearch(&id, t->adjs, t->nadjs, sizeof(*t->adjs),
			     adj_compare);
}

static struct ip_addr
destination(struct chs *chs, const struct pkt *p)
{
	const uint8_t *ip = pkt_data(bp_mem(chs->bp), p);

	if (ip[0] >> 4 == 4)
		return ip_addr_get(4, &((const struct ipv4_hdr *)ip)->dst);
	return ip_addr_get(6, ((const struct ipv6_hdr *)(const void *)ip)->dst);
}

/* --- routes --------------------------------------------------------------- */

static bool
leaves_by_port(const struct ctl_adj *adj)
{
	return adj != NULL &&
	       (adj->kind == CTL_ADJ_FORWARD || adj->kind == CTL_ADJ_ATTACHED);
}

/* The ePPA where a circuit-based tunnel's own packets begin their loop. */
static enum pkt_fate
tunnel_home(struct chs *chs, const struct ctl_circuit *c, uint16_t *to)
{
	const struct ctl_adj *adj =
	    adj_of(chs, be32_get(c->outer_context), &c->remote);

	if (!leaves_by_port(adj))
		return adj == NULL ? PKT_DROP_NO_ROUTE
				   : PKT_DROP_RECURSIVE_TUNNEL;
	*to = be16_get(adj->stage);
	return PKT_GO;
}

static enum pkt_fate
into_tunnel(struct chs *chs, uint32_t circuit, struct pkt *p, uint16_t *to)
{
	const struct ctl_circuit *c =
	    running_circuit(running_tables(chs->running), circuit);

	if (c == NULL || c->kind != CTL_CIRCUIT_TUNNEL)
		return PKT_DROP_BAD_HANDLE;
	if ((c->flags & CTL_CIRCUIT_UP) == 0 ||
	    (c->flags & CTL_CIRCUIT_BOUND) == 0)
		return PKT_DROP_TUNNEL_DOWN;
	if (be16_get(c->asp) == STAGE_NONE)
		return PKT_DROP_NO_ASP;
	p->handle = circuit;
	p->circuit_out = circuit;
	p->flags = PKT_F_PROTECT;
	if ((c->flags & CTL_CIRCUIT_ECONOMICAL) == 0)
		return tunnel_home(chs, c, to);
	/* What may be cut is, by the ASP. */
	if (be16_get(c->mtu) != 0 && p->len > be16_get(c->mtu) &&
	    !ip_frag_allowed(pkt_data(bp_mem(chs->bp), p)))
		return PKT_DROP_MTU_EXCEEDED;
	p->flags |= PKT_F_ECONOMICAL;
	*to = be16_get(c->asp);
	return PKT_GO;
}

/*
 * What the selection of the interface says of a packet of ours: none of the
 * router's own traffic is exempt (RFC 4301 section 5).
 */
static enum pkt_fate
leaving(struct chs *chs, const struct spd *spd, struct pkt *p, uint16_t *to)
{
	const uint8_t *ip = pkt_data(bp_mem(chs->bp), p);
	const struct spd_rule *rule;
	struct ip_flow flow;

	if (ip_flow_parse(ip, p->len, &flow) != 0)
		return PKT_DROP_BAD_IP_HEADER;
	rule = spd_match_packet(spd, SPD_OUT, &flow, ip, p->len);
	if (rule != NULL)
		counter_add(&chs->xcrp->policy[rule->id], 1);
	if (rule == NULL || rule->action == SPD_DISCARD)
		return PKT_DROP_SPD_DISCARD;
	return rule->action == SPD_PROTECT
		   ? into_tunnel(chs, rule->circuit, p, to)
		   : PKT_GO;
}

/*
 * Where the interface has a selection, that decides alone; else what goes from
 * end point to end point of a tunnel in transport mode is that tunnel's.
 */
static enum pkt_fate
out_of_port(struct chs *chs, const struct ctl_adj *adj, uint32_t context,
	    struct pkt *p, uint16_t *to)
{
	const struct spd *spd =
	    chs->inject->spds == NULL
		? NULL
		: spd_set_of(chs->inject->spds, be32_get(adj->circuit));
	uint32_t tunnel;

	p->handle = be32_get(adj->id);
	p->circuit_out = be32_get(adj->circuit);
	*to = be16_get(adj->stage);
	if (spd != NULL)
		return leaving(chs, spd, p, to);
	tunnel = ends_of(chs->inject->ends, context, SPD_OUT,
			 pkt_data(bp_mem(chs->bp), p), p->len);
	return tunnel == 0 ? PKT_GO : into_tunnel(chs, tunnel, p, to);
}

bool
inject_unprotected(struct chs *chs, uint32_t context, const struct pkt *p)
{
	refresh(chs);
	return (p->flags & PKT_F_OPENED) == 0 &&
	       ends_of(chs->inject->ends, context, SPD_IN,
		       pkt_data(bp_mem(chs->bp), p), p->len) != 0;
}

enum pkt_fate
inject_route(struct chs *chs, uint32_t context, struct pkt *p, uint16_t *to)
{
	struct ip_addr dst = destination(chs, p);
	const struct ctl_adj *adj;

	refresh(chs);
	adj = adj_of(chs, context, &dst);
	p->flags = 0;
	p->circuit_out = 0;
	p->handle = 0;
	if (adj == NULL)
		return PKT_DROP_NO_ROUTE;
	switch (adj->kind) {
	case CTL_ADJ_LOCAL:
		*to = 0;
		return PKT_GO;
	case CTL_ADJ_FORWARD:
	case CTL_ADJ_ATTACHED:
		return out_of_port(chs, adj, context, p, to);
	case CTL_ADJ_TUNNEL:
		return into_tunnel(chs, be32_get(adj->circuit), p, to);
	case CTL_ADJ_NULL:
		return PKT_DROP_NULL_ROUTE;
	case CTL_ADJ_DOWN: /* held for a tunnel that is down */
		return PKT_DROP_TUNNEL_DOWN;
	default:
		return PKT_DROP_PORT_DOWN;
	}
}

/* --- addresses ------------------------------------------------------------ */

bool
inject_is_ours(struct chs *chs, uint32_t context, const struct ip_addr *addr)
{
	struct address key = {.context = context, .addr = *addr};

	refresh(chs);
	return chs->inject->naddresses != 0 &&
	       bsearch(&key, chs->inject->addresses, chs->inject->naddresses,
		       sizeof(key), address_compare) != NULL;
}

bool
inject_is_local(struct chs *chs, uint32_t context, const struct ip_addr *addr)
{
	const struct ctl_adj *adj;

	refresh(chs);
	adj = adj_of(chs, context, addr);
	return adj != NULL && adj->kind == CTL_ADJ_LOCAL;
}

bool
inject_address_of(struct chs *chs, uint32_t circuit, unsigned family,
		  struct ip_addr *addr)
{
	const struct address *found = NULL;

	refresh(chs);
	for (size_t i = 0; i < chs->inject->naddresses; i++) {
		const struct address *a = &chs->inject->addresses[i];

		if (a->circuit == circuit && a->addr.family == family &&
		    (found == NULL || (a->primary && !found->primary)))
			found = a;
	}
	if (found != NULL)
		*addr = found->addr;
	return found != NULL;
}

unsigned
inject_icmp_of(struct chs *chs, uint32_t circuit)
{
	refresh(chs);
	for (size_t i = 0; i < chs->inject->naddresses; i++) {
		const struct address *a = &chs->inject->addresses[i];

		if (a->circuit == circuit)
			return a->icmp;
	}
	return CFG_ICMP_ALL;
}

/* A loopback's address before all others: it is always there. */
static bool
any_address(const struct inject *inject, uint32_t context, unsigned family,
	    struct ip_addr *addr)
{
	const struct address *found = NULL;

	for (size_t i = 0; i < inject->naddresses; i++) {
		const struct address *a = &inject->addresses[i];

		if (a->context == context && a->addr.family == family &&
		    (found == NULL || (a->circuit == 0 && found->circuit != 0)))
			found = a;
	}
	if (found != NULL)
		*addr = found->addr;
	return found != NULL;
}

bool
inject_source(struct chs *chs, uint32_t context, const struct ip_addr *dst,
	      struct ip_addr *src)
{
	const struct ctl_adj *adj;

	refresh(chs);
	if (inject_is_ours(chs, context, dst)) {
		*src = *dst;
		return true;
	}
	adj = adj_of(chs, context, dst);
	return (adj != NULL && inject_address_of(chs, be32_get(adj->circuit),
						 dst->family, src)) ||
	       any_address(chs->inject, context, dst->family, src);
}
