/*
 * IPv6 at an ingress processor. Link-local addresses belong to a circuit, not
 * to a context, so they are no routes: the circuit's own is ours, and a packet
 * from or to another one is not forwarded (RFC 4291 section 2.5.6). Of
 * multicast we take what every router listens to on a link: all nodes, all
 * routers and solicited-node addresses; the rest is not routed.
 */
#include "ippa6.h"

#include "ip6_addr.h"
#include "ip_hdr.h"
#include "local.h"
#include "stage.h"

#define ND_FIRST 133 /* ICMPv6 types of neighbor discovery: RFC 4861 */
#define ND_LAST 137

static const struct ipv6_hdr *
ippa6_ip(const struct pkt_mem *mem, const struct pkt *p)
{
	return (const struct ipv6_hdr *)pkt_data(mem, p);
}

/*
 * RFC 4861 section 7.1: a hop limit of 255 tells that no router was between.
 */
static bool
ippa6_is_discovery(const struct ipv6_hdr *ip, const struct pkt *p)
{
	const uint8_t *type = (const uint8_t *)(ip + 1);

	return ip->next_header == IP_PROTO_ICMPV6 && ip->hop_limit == 255 &&
	       p->len > sizeof(*ip) && *type >= ND_FIRST && *type <= ND_LAST;
}

void
ippa6_mark_discovery(const struct pkt_mem *mem, struct pkt *p)
{
	if (ippa6_is_discovery(ippa6_ip(mem, p), p))
		p->flags |= PKT_F_NEIGHBOR;
}

static bool
ippa6_is_own_link_local(const struct circuit *c, const uint8_t dst[16])
{
	static const uint8_t none[8];

	return c != NULL && memcmp(c->link_local, none, 8) != 0 &&
	       dst[0] == 0xfe && dst[1] == 0x80 &&
	       memcmp(dst + 2, none, 6) == 0 &&
	       memcmp(dst + 8, c->link_local, 8) == 0;
}

/* True: the address decided, here or in local_deliver(). */
static bool
ippa6_link(const struct lc_table *t, const struct ipv6_hdr *ip, struct pkt *p,
	   struct ippa_way *way, uint8_t *fate)
{
	const struct circuit *c = circuit_get(t->fwd.circuits, p->circuit_in);
	bool here = ippa6_is_own_link_local(c, ip->dst) ||
		    ip6_is_all_here(ip->dst) || ip6_is_solicited_node(ip->dst);

	if (ippa6_is_discovery(ip, p)) {
		*fate = PKT_DROP_NEIGHBOR_DISCOVERY;
		return true;
	}
	if (here) {
		p->flags = 0;
		p->circuit_out = 0;
		p->handle = 0;
		*fate = (uint8_t)local_deliver(t, (const uint8_t *)ip, p, way);
		if (*fate != PKT_GO)
			way->to = STAGE_NONE;
		return true;
	}
	if (ip6_is_multicast(ip->dst))
		*fate = PKT_DROP_MULTICAST;
	else if (ip6_is_link_local(ip->dst) || ip6_is_unspecified(ip->src))
		*fate = PKT_DROP_LINK_SCOPE;
	return *fate != PKT_GO;
}

/* The packets that a FIB decides on: which of the vector, and their way. */
static unsigned
ippa6_gather(const struct lc_table *t, const struct pkt_mem *mem,
	     struct pkt_vec *v, struct ippa_way *way, uint8_t at[PKT_VEC_MAX],
	     const uint8_t *dst[PKT_VEC_MAX])
{
	unsigned n = 0;

	for (unsigned i = 0; i < v->n; i++) {
		const struct ipv6_hdr *ip = ippa6_ip(mem, &v->pkt[i]);

		if (!way[i].v6 || v->fate[i] != PKT_GO ||
		    ippa6_link(t, ip, &v->pkt[i], &way[i], &v->fate[i]))
			continue;
		at[n] = (uint8_t)i;
		dst[n++] = ip->dst;
	}
	return n;
}

void
ippa6_lookup(const struct lc_table *t, const struct pkt_mem *mem,
	     struct pkt_vec *v, struct ippa_way *way)
{
	uint8_t at[PKT_VEC_MAX];
	const uint8_t *dst[PKT_VEC_MAX];
	uint32_t value[PKT_VEC_MAX];
	unsigned n = ippa6_gather(t, mem, v, way, at, dst);

	for (unsigned i = 0, end; i < n; i = end) {
		uint32_t context = way[at[i]].context;
		const struct fib6 *fib = fib6_of(t->fwd.fibs, context);

		for (end = i + 1; end < n; end++) {
			if (way[at[end]].context != context)
				break;
		}
		for (unsigned k = i; k < end; k++)
			way[at[k]].adj = 0;
		if (fib == NULL)
			continue;
		fib6_lookup_vec(fib, dst + i, value + i, end - i);
		for (unsigned k = i; k < end; k++)
			way[at[k]].adj = value[k];
	}
	/* Own addresses take packets of the link; beyond, nobody does. */
	for (unsigned i = 0; i < n; i++) {
		const struct ipv6_hdr *ip = ippa6_ip(mem, &v->pkt[at[i]]);

		if (ip6_is_link_local(ip->src) &&
		    adj_get(t->fwd.adjs, way[at[i]].adj)->kind != ADJ_LOCAL)
			v->fate[at[i]] = PKT_DROP_LINK_SCOPE;
	}
}

bool
ippa6_hop_limit(uint8_t *ip)
{
	struct ipv6_hdr *h = (struct ipv6_hdr *)ip;

	if (h->hop_limit <= 1)
		return false;
	h->hop_limit--;
	return true;
}
