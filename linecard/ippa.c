/*
 * The decisions of an ingress packet processor: link layer, reception checks,
 * longest prefix match, adjacency, TTL, next stage; one loop over the vector
 * for each, both families in it. Implements RFC 1812 sections 5.2.1
 * (forwarding) and 5.3.1 (TTL), RFC 1624 (checksum), RFC 8200 section 3 (hop
 * limit). It departs from RFC 1812 in sending no ICMP errors yet: what is
 * refused is counted under its reason.
 *
 * Outbound into a tunnel, TTL and lookup happen here, once; the loop through
 * the ePPA of the card looks nothing up. Inbound from a circuit-based tunnel
 * the packet comes here a second time, and only then its inner TTL falls.
 */
#include <errno.h>

#include "cap_link.h"
#include "fwd.h"
#include "ip6_check.h"
#include "ip_check.h"
#include "ip_cksum.h"
#include "ip_frag.h"
#include "ip_hdr.h"
#include "ippa.h"
#include "ippa6.h"
#include "local.h"
#include "stage.h"

static struct ipv4_hdr *
ippa_ip(const struct pkt_mem *mem, const struct pkt *p)
{
	return (struct ipv4_hdr *)pkt_data(mem, p);
}

/* --- link layer ----------------------------------------------------------- */

static bool
ippa_mac_ours(const struct lc_table *t, unsigned port, const uint8_t *dst)
{
	const struct circuit *c = circuit_get(
	    t->fwd.circuits, circuit_by_port(t->fwd.circuits, port, 0));

	for (unsigned i = 0; c != NULL && i < sizeof(c->mac); i++) {
		if (c->mac[i] != dst[i])
			return false;
	}
	return c != NULL;
}

/* The circuit that a frame came on. A tag of VLAN 0 only carries a priority. */
static enum pkt_fate
ippa_circuit(const struct lc_table *t, struct pkt *p, const struct cap_l2 *l2)
{
	unsigned vlan = l2->tags == 0 ? 0 : l2->vlan[0];
	uint32_t base = circuit_by_port(t->fwd.circuits, p->in_port, 0);
	const struct circuit *port = circuit_get(t->fwd.circuits, base);
	const struct circuit *c;

	if (port != NULL && !port->up)
		return PKT_DROP_PORT_DOWN;
	p->circuit_in =
	    l2->tags > 1 ? 0
			 : circuit_by_port(t->fwd.circuits, p->in_port, vlan);
	c = circuit_get(t->fwd.circuits, p->circuit_in);
	if (c == NULL)
		return l2->tags > 0 ? PKT_DROP_UNKNOWN_VLAN
				    : PKT_DROP_PORT_DOWN;
	if (!c->up)
		return PKT_DROP_PORT_DOWN;
	return c->bound ? PKT_GO : PKT_DROP_UNBOUND_CIRCUIT;
}

/* ARP of a wire is for the neighbor code of our ePPA. */
static enum pkt_fate
ippa_protocol(const struct ippa_frame *frame, struct pkt *p)
{
	switch (frame->ethertype) {
	case ETH_TYPE_IPV4:
	case ETH_TYPE_IPV6:
		return PKT_GO;
	case ETH_TYPE_ARP:
		if (!frame->wire)
			return PKT_DROP_ARP;
		p->flags |= PKT_F_NEIGHBOR;
		return PKT_GO;
	default:
		return PKT_DROP_UNKNOWN_PROTOCOL;
	}
}

static enum pkt_fate
ippa_locate_one(const struct lc_table *t, const struct pkt_mem *mem,
		struct ippa_frame *frame, struct pkt *p)
{
	struct cap_l2 l2;
	enum pkt_fate fate;
	int rc = cap_link_parse(frame->link, pkt_data(mem, p), p->len, &l2);

	frame->ethertype = 0;
	frame->cast = false;
	p->l2 = 0;
	if (rc < 0)
		return rc == -EBADMSG ? PKT_DROP_TRUNCATED
				      : PKT_DROP_UNKNOWN_PROTOCOL;
	p->l2 = (uint8_t)l2.offset;
	frame->ethertype = l2.ethertype;
	frame->cast = l2.cast != CAP_LINK_UNICAST;
	fate = ippa_circuit(t, p, &l2);
	if (fate == PKT_DROP_PORT_DOWN)
		return fate;
	if (frame->strict_mac && !frame->cast && l2.dst != NULL &&
	    !ippa_mac_ours(t, p->in_port, l2.dst))
		return PKT_DROP_BAD_MAC;
	return fate != PKT_GO ? fate : ippa_protocol(frame, p);
}

void
ippa_locate(const struct lc_table *t, const struct pkt_mem *mem,
	    struct ippa_frame *frame, struct pkt_vec *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		if (v->fate[i] == PKT_GO)
			v->fate[i] = (uint8_t)ippa_locate_one(t, mem, &frame[i],
							      &v->pkt[i]);
	}
}

void
ippa_strip(struct pkt_vec *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		struct pkt *p = &v->pkt[i];

		p->off = (uint16_t)(p->off + p->l2);
		p->len = (uint16_t)(p->len - p->l2);
		p->l2 = 0;
	}
}

/* --- reception ------------------------------------------------------------ */

static enum pkt_fate
ippa_check4(const struct pkt_mem *mem, unsigned wire, bool cast, struct pkt *p)
{
	const uint8_t *ip = pkt_data(mem, p);
	uint16_t length = 0;
	enum pkt_fate fate = ip_check_header(ip, p->len, wire, &length);

	if (fate != PKT_GO)
		return fate;
	p->len = length;
	return ip_check_addresses(ip, cast);
}

static enum pkt_fate
ippa_check6(const struct pkt_mem *mem, bool cast, struct pkt *p)
{
	const uint8_t *ip = pkt_data(mem, p);
	uint16_t length = 0;
	enum pkt_fate fate = ip6_check_header(ip, p->len, &length);

	if (fate != PKT_GO)
		return fate;
	p->len = length;
	return ip6_check_addresses(ip, cast);
}

/* How many octets of a frame that a capture cut lay behind the link header. */
static unsigned
ippa_wire(const struct ippa_frame *frame, const struct pkt *p)
{
	unsigned link = p->off - (unsigned)PKT_HEADROOM;

	if (p->off < PKT_HEADROOM || frame->wire_len < link + p->len)
		return p->len;
	return frame->wire_len - link;
}

void
ippa_check(const struct pkt_mem *mem, const struct ippa_frame *frame,
	   struct pkt_vec *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		struct pkt *p = &v->pkt[i];

		if (v->fate[i] != PKT_GO || p->flags & PKT_F_NEIGHBOR)
			continue;
		if (frame[i].ethertype == ETH_TYPE_IPV6) {
			v->fate[i] =
			    (uint8_t)ippa_check6(mem, frame[i].cast, p);
			if (frame[i].wire && v->fate[i] == PKT_GO)
				ippa6_mark_discovery(mem, p);
		} else {
			v->fate[i] = (uint8_t)ippa_check4(
			    mem, ippa_wire(&frame[i], p), frame[i].cast, p);
		}
	}
}

void
ippa_recheck(const struct pkt_mem *mem, struct pkt_vec *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		struct pkt *p = &v->pkt[i];

		if (v->fate[i] != PKT_GO)
			continue;
		if (p->len > 0 && pkt_data(mem, p)[0] >> 4 == 6)
			v->fate[i] = (uint8_t)ippa_check6(mem, false, p);
		else
			v->fate[i] =
			    (uint8_t)ippa_check4(mem, p->len, false, p);
	}
}

/* --- route ---------------------------------------------------------------- */

/* Context and destination of each packet; how many are IPv6. */
static unsigned
ippa_look(const struct lc_table *t, const struct pkt_mem *mem,
	  uint16_t own_eppa, struct pkt_vec *v, struct ippa_way *way)
{
	unsigned n6 = 0;

	for (unsigned i = 0; i < v->n; i++) {
		struct pkt *p = &v->pkt[i];
		const struct ipv4_hdr *ip = ippa_ip(mem, p);
		const struct circuit *c;

		way[i] = (struct ippa_way){.to = STAGE_NONE};
		if (v->fate[i] != PKT_GO)
			continue;
		if (p->flags & PKT_F_NEIGHBOR) {
			way[i].to = own_eppa;
			continue;
		}
		c = circuit_get(t->fwd.circuits, p->circuit_in);
		if (c == NULL) {
			v->fate[i] = PKT_DROP_BAD_HANDLE;
		} else if (!c->bound) {
			v->fate[i] = PKT_DROP_UNBOUND_CIRCUIT;
		} else {
			way[i].context = c->context;
			way[i].v6 = ip->version_ihl >> 4 == 6;
			way[i].dst = way[i].v6 ? 0 : be32_get(ip->dst);
			n6 += way[i].v6;
		}
	}
	return n6;
}

/*
 * The lookups, as one vector for each run of packets of one context. Packets
 * of IPv6 run along, and what they find does not count.
 */
static void
ippa_lookup(const struct fib_set *fibs, unsigned n, struct ippa_way *way)
{
	uint32_t dst[PKT_VEC_MAX];
	uint32_t value[PKT_VEC_MAX];

	for (unsigned i = 0; i < n; i++)
		dst[i] = way[i].dst;
	for (unsigned i = 0, end; i < n; i = end) {
		const struct fib *fib = fib_of(fibs, way[i].context);

		for (end = i + 1; end < n; end++) {
			if (way[end].context != way[i].context)
				break;
		}
		if (fib == NULL)
			continue;
		fib_lookup_vec(fib, dst + i, value + i, end - i);
		for (unsigned k = i; k < end; k++)
			way[k].adj = value[k];
	}
}

/* RFC 1812 section 5.3.1; the checksum follows by RFC 1624. */
static bool
ippa_ttl(struct ipv4_hdr *ip)
{
	struct be16 was = {{ip->ttl, ip->protocol}};

	if (ip->ttl <= 1)
		return false;
	ip->ttl--;
	ip->checksum = ip_cksum_update(ip->checksum, was,
				       (struct be16){{ip->ttl, ip->protocol}});
	return true;
}

enum pkt_fate
ippa_tunnel(const struct lc_table *t, uint16_t own_eppa, uint32_t circuit,
	    const void *ip, struct pkt *p, struct ippa_way *way)
{
	const struct circuit *c = circuit_get(t->fwd.circuits, circuit);

	if (c == NULL || c->kind != CIRCUIT_TUNNEL)
		return PKT_DROP_BAD_HANDLE;
	if (!c->up || !c->bound)
		return PKT_DROP_TUNNEL_DOWN;
	if (c->asp == STAGE_NONE)
		return PKT_DROP_NO_ASP;
	p->handle = circuit;
	p->circuit_out = circuit;
	p->flags |= PKT_F_PROTECT;
	way->circuit = circuit;
	if (!c->economical) {
		way->to = own_eppa;
		return PKT_GO;
	}
	/* What may be cut is, by the ASP. */
	if (c->mtu != 0 && p->len > c->mtu && !ip_frag_allowed(ip))
		return PKT_DROP_MTU_EXCEEDED;
	p->flags |= PKT_F_ECONOMICAL;
	way->to = c->asp;
	return PKT_GO;
}

static enum pkt_fate
ippa_down(const struct lc_table *t, uint32_t circuit)
{
	const struct circuit *c = circuit_get(t->fwd.circuits, circuit);

	return c != NULL && c->kind == CIRCUIT_TUNNEL ? PKT_DROP_TUNNEL_DOWN
						      : PKT_DROP_PORT_DOWN;
}

/* For the router itself, whatever route leads to its destination. */
static bool
ippa_is_local(const struct adj *adj, const struct ippa_way *way)
{
	return adj->kind == ADJ_LOCAL || way->dst == IP_CHECK_LIMITED_BROADCAST;
}

static bool
ippa_hop(struct ipv4_hdr *ip, const struct ippa_way *way)
{
	return way->v6 ? ippa6_hop_limit((uint8_t *)ip) : ippa_ttl(ip);
}

/* Another context looks the packet up. */
static const struct adj *
ippa_follow(const struct lc_table *t, const struct ipv4_hdr *ip,
	    struct ippa_way *way, const struct adj *adj)
{
	struct ip_addr dst =
	    way->v6 ? ip_addr_v6(((const struct ipv6_hdr *)ip)->dst)
		    : ip_addr_v4(way->dst);

	return fwd_follow(t->fwd.fibs, t->fwd.adjs, adj, &way->context, &dst,
			  &way->adj);
}

/*
 * What the adjacency makes of a packet; flags and handles of before are gone.
 */
static enum pkt_fate
ippa_adjacent(const struct lc_table *t, const struct pkt_mem *mem,
	      uint16_t own_eppa, struct pkt *p, struct ippa_way *way)
{
	struct ipv4_hdr *ip = ippa_ip(mem, p);
	const struct adj *adj = adj_get(t->fwd.adjs, way->adj);
	uint16_t opened = p->flags & PKT_F_OPENED;

	p->flags = 0;
	p->circuit_out = 0;
	p->handle = 0;
	if (adj->kind == ADJ_CONTEXT)
		adj = ippa_follow(t, ip, way, adj);
	if (ippa_is_local(adj, way)) {
		/* Who takes it asks whether it came in clear. */
		p->flags = opened;
		return local_deliver(t, (const uint8_t *)ip, p, way);
	}
	if (adj->kind == ADJ_NONE)
		return way->adj == 0 ? PKT_DROP_NO_ROUTE : PKT_DROP_BAD_HANDLE;
	if (adj->kind == ADJ_NULL)
		return PKT_DROP_NULL_ROUTE;
	if (adj->kind == ADJ_DOWN)
		return ippa_down(t, adj->circuit);
	if (!ippa_hop(ip, way))
		return PKT_DROP_TTL_EXPIRED;
	if (adj->kind == ADJ_TUNNEL)
		return ippa_tunnel(t, own_eppa, adj->circuit, ip, p, way);
	p->circuit_out = adj->circuit;
	p->handle = way->adj;
	way->circuit = adj->circuit;
	way->to = adj->stage;
	return PKT_GO;
}

/* Asks the memory for what the adjacencies of a vector lead to. */
static void
ippa_ahead(const struct lc_table *t, unsigned n, const struct ippa_way *way)
{
	for (unsigned i = 0; i < n; i++)
		adj_ahead(t->fwd.adjs, way[i].adj);
	for (unsigned i = 0; i < n; i++)
		circuit_ahead(t->fwd.circuits,
			      adj_get(t->fwd.adjs, way[i].adj)->circuit);
}

void
ippa_route(const struct lc_table *t, const struct pkt_mem *mem,
	   uint16_t own_eppa, struct pkt_vec *v, struct ippa_way *way)
{
	unsigned n6 = ippa_look(t, mem, own_eppa, v, way);

	if (n6 < v->n)
		ippa_lookup(t->fwd.fibs, v->n, way);
	if (n6 > 0)
		ippa6_lookup(t, mem, v, way);
	ippa_ahead(t, v->n, way);
	for (unsigned i = 0; i < v->n; i++) {
		if (v->fate[i] != PKT_GO || way[i].to != STAGE_NONE)
			continue;
		v->fate[i] = (uint8_t)ippa_adjacent(t, mem, own_eppa,
						    &v->pkt[i], &way[i]);
		if (v->fate[i] != PKT_GO)
			way[i].to = STAGE_NONE;
	}
}

void
ippa_loop(const struct lc_table *t, struct pkt_vec *v, struct ippa_way *way)
{
	for (unsigned i = 0; i < v->n; i++)
		circuit_ahead(t->fwd.circuits, v->pkt[i].handle);
	for (unsigned i = 0; i < v->n; i++) {
		struct pkt *p = &v->pkt[i];
		const struct circuit *c;

		way[i] = (struct ippa_way){.to = STAGE_NONE};
		if (v->fate[i] != PKT_GO)
			continue;
		c = circuit_get(t->fwd.circuits, p->handle);
		if (c == NULL || c->kind != CIRCUIT_TUNNEL)
			v->fate[i] = PKT_DROP_BAD_HANDLE;
		else if (c->asp == STAGE_NONE)
			v->fate[i] = PKT_DROP_NO_ASP;
		way[i].circuit = p->handle;
		if (v->fate[i] == PKT_GO)
			way[i].to = c->asp;
	}
}
