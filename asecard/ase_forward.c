/*
 * Where packets go from an ASP. Sealed ones are routed here, in the context of
 * the tunnel's end point. Opened ones of a circuit-based tunnel go back to the
 * iPPA that admitted them, as do those of transport mode, which are the
 * router's own; those of an economical tunnel are routed here when the route
 * leads straight out of a port, else (into another tunnel, to the router
 * itself, or with addresses that only the iPPA judges) they go back too, TTL
 * untouched. Both families alike.
 */
#include "ase.h"
#include "fwd.h"
#include "ip6_addr.h"
#include "ip_cksum.h"
#include "ip_hdr.h"

/* What becomes of a packet whose route leads elsewhere than out of a port. */
static const uint8_t ase_adj_fates[] = {
    [ADJ_NONE] = PKT_DROP_NO_ROUTE,  [ADJ_NULL] = PKT_DROP_NULL_ROUTE,
    [ADJ_LOCAL] = PKT_DROP_NO_ROUTE, [ADJ_FORWARD] = PKT_GO,
    [ADJ_ATTACHED] = PKT_GO,         [ADJ_TUNNEL] = PKT_DROP_RECURSIVE_TUNNEL,
    [ADJ_DOWN] = PKT_DROP_PORT_DOWN,
};

static uint8_t *
ase_ip(const struct ase *ase, const struct pkt *p)
{
	return pkt_data(card_mem(ase->card), p);
}

static bool
ase_is_v6(const uint8_t *ip)
{
	return ip[0] >> 4 == 6;
}

static struct ip_addr
ase_dst(const uint8_t *ip)
{
	const struct ipv4_hdr *v4 = (const struct ipv4_hdr *)ip;
	const struct ipv6_hdr *v6 = (const struct ipv6_hdr *)ip;

	return ase_is_v6(ip) ? ip_addr_get(6, v6->dst)
			     : ip_addr_get(4, v4->dst.b);
}

static struct ip_addr
ase_src(const uint8_t *ip)
{
	const struct ipv4_hdr *v4 = (const struct ipv4_hdr *)ip;
	const struct ipv6_hdr *v6 = (const struct ipv6_hdr *)ip;

	return ase_is_v6(ip) ? ip_addr_get(6, v6->src)
			     : ip_addr_get(4, v4->src.b);
}

/* The adjacency of an address; id 0 and kind ADJ_NONE where no route leads. */
static const struct adj *
ase_lookup(const struct ase *ase, uint32_t context, const struct ip_addr *dst,
	   uint32_t *id)
{
	return fwd_lookup(ase->fwd.fibs, ase->fwd.adjs, &context, dst, id);
}

static void
ase_say_unrouted(struct ase *ase, struct pkt *p, uint32_t context, uint32_t id,
		 const struct ip_addr *dst)
{
	char addr[IP_ADDR_TEXT_MAX];

	card_say(ase->card, p,
		 &(struct card_said){.kind = CTL_SAID_ROUTE,
				     .context = context,
				     .adj = id,
				     .addr = *dst},
		 "%s in context 0x%08x: adjacency %u", ip_addr_text(dst, addr),
		 context, id);
}

/* Out of a port: to the ePPA of the adjacency's circuit. */
static void
ase_emit(struct ase *ase, struct pkt_vec *v, unsigned i, const struct adj *adj,
	 uint32_t id, uint32_t context, const struct ip_addr *dst)
{
	struct pkt *p = &v->pkt[i];
	char addr[IP_ADDR_TEXT_MAX];
	char name[STAGE_NAME_MAX];

	p->circuit_out = adj->circuit;
	p->handle = id;
	if (p->trace != 0)
		card_say(ase->card, p,
			 &(struct card_said){.kind = CTL_SAID_ROUTE,
					     .context = context,
					     .circuit = adj->circuit,
					     .adj = id,
					     .addr = *dst,
					     .next_hop = adj->next_hop,
					     .goes = true,
					     .to = adj->stage},
			 "%s is routed out of circuit %u: to %s",
			 ip_addr_text(dst, addr), adj->circuit,
			 stage_name(adj->stage, name));
	if (ase->vec.job[i] == ASE_OPEN ||
	    !ase_cut_outer(ase, v, i, adj->stage))
		card_send(ase->card, v, i, adj->stage);
}

enum pkt_fate
ase_adj_fate(const struct adj *adj)
{
	return adj->kind < sizeof ase_adj_fates
		   ? (enum pkt_fate)ase_adj_fates[adj->kind]
		   : PKT_DROP_BAD_HANDLE;
}

static void
ase_forward_sealed(struct ase *ase, struct pkt_vec *v, unsigned i)
{
	struct ip_addr dst = ase_dst(ase_ip(ase, &v->pkt[i]));
	uint32_t context = ase->vec.circuit[i]->outer_context;
	uint32_t id;
	const struct adj *adj = ase_lookup(ase, context, &dst, &id);

	v->fate[i] = (uint8_t)ase_adj_fate(adj);
	if (v->fate[i] == PKT_GO)
		ase_emit(ase, v, i, adj, id, context, &dst);
	else if (v->pkt[i].trace != 0)
		ase_say_unrouted(ase, &v->pkt[i], context, id, &dst);
}

/* To the iPPA (or controller) that admitted it, which looks it up. */
static void
ase_return(struct ase *ase, struct pkt_vec *v, unsigned i)
{
	struct pkt *p = &v->pkt[i];
	char name[STAGE_NAME_MAX];

	if (p->trace != 0)
		card_say(ase->card, p,
			 &(struct card_said){.goes = true, .to = p->in_stage},
			 "to %s, which looks it up",
			 stage_name(p->in_stage, name));
	card_send(ase->card, v, i, p->in_stage);
}

/* IPv4: neither 0/8, 127/8, multicast nor reserved (RFC 1812 section 5.3.7). */
static bool
ase_addr_plain(const struct ip_addr *addr)
{
	uint8_t first = addr->octets[0];

	if (addr->family == 6)
		return ip6_is_plain(addr->octets);
	return first != 0 && first != 127 && first < 224;
}

/* IPv6 extension headers are for the iPPA to walk, whatever the mode. */
static bool
ase_is_extended(const uint8_t *ip)
{
	uint8_t next = ((const struct ipv6_hdr *)ip)->next_header;

	return ase_is_v6(ip) &&
	       (next == 0 || next == 43 || next == 44 || next == 60);
}

/*
 * The inner TTL falls where the route is looked up (RFC 1812 section 5.3.1, RFC
 * 8200 section 3). False: it was spent.
 */
static bool
ase_ttl_decrement(uint8_t *ip)
{
	struct ipv4_hdr *v4 = (struct ipv4_hdr *)ip;
	struct ipv6_hdr *v6 = (struct ipv6_hdr *)ip;
	uint8_t *ttl = ase_is_v6(ip) ? &v6->hop_limit : &v4->ttl;
	struct be16 was = {{v4->ttl, v4->protocol}};

	if (*ttl <= 1)
		return false;
	--*ttl;
	if (!ase_is_v6(ip))
		v4->checksum = ip_cksum_update(
		    v4->checksum, was, (struct be16){{v4->ttl, v4->protocol}});
	return true;
}

/* Economical: the ASP has seen that header and lengths fit. */
static void
ase_forward_economical(struct ase *ase, struct pkt_vec *v, unsigned i)
{
	struct pkt *p = &v->pkt[i];
	uint8_t *ip = ase_ip(ase, p);
	struct ip_addr dst = ase_dst(ip);
	struct ip_addr src = ase_src(ip);
	const struct adj *adj;
	uint32_t id;

	if (!ase->vec.circuit[i]->bound) {
		v->fate[i] = PKT_DROP_UNBOUND_CIRCUIT;
		return;
	}
	if (!ase_is_v6(ip) && ip_cksum(ip, (size_t)(ip[0] & 0xf) * 4) != 0) {
		v->fate[i] = PKT_DROP_BAD_CHECKSUM;
		return;
	}
	adj = ase_lookup(ase, ase->vec.circuit[i]->context, &dst, &id);
	if (adj->kind == ADJ_LOCAL || adj->kind == ADJ_TUNNEL ||
	    adj->kind == ADJ_DOWN || ase_policy_selects(ase, adj->circuit) ||
	    !ase_addr_plain(&dst) || !ase_addr_plain(&src) ||
	    ase_is_extended(ip)) {
		ase_return(ase, v, i);
		return;
	}
	v->fate[i] = (uint8_t)ase_adj_fate(adj);
	if (v->fate[i] != PKT_GO && p->trace != 0)
		ase_say_unrouted(ase, p, ase->vec.circuit[i]->context, id,
				 &dst);
	if (v->fate[i] == PKT_GO && !ase_ttl_decrement(ip))
		v->fate[i] = PKT_DROP_TTL_EXPIRED;
	if (v->fate[i] != PKT_GO)
		return;
	p->flags = 0;
	ase_emit(ase, v, i, adj, id, ase->vec.circuit[i]->context, &dst);
}

void
ase_forward(struct ase *ase, struct pkt_vec *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		if (v->fate[i] != PKT_GO)
			continue;
		if (ase->vec.job[i] != ASE_OPEN)
			ase_forward_sealed(ase, v, i);
		else if (ase->vec.circuit[i]->economical &&
			 !ase->vec.found[i]->transport)
			ase_forward_economical(ase, v, i);
		else
			ase_return(ase, v, i);
	}
}
