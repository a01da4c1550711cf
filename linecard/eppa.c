/*
 * The decisions of an egress packet processor. A packet for a tunnel circuit
 * that is not sealed meets the egress features of that circuit and goes back to
 * the iPPA of its card (the loop of the circuit-based mode); one for a port or
 * PVC becomes a frame. The clear-leak guard stands here, at the last stage
 * before the wire: it asks the descriptor, not the tables, so that no table
 * error can let a packet out in the clear.
 *
 * Next hops have no ARP on capture-file ports: their addresses are made from
 * the IP address (02:00 and the four octets of IPv4, 02:06 and the last four of
 * IPv6).
 */
#include <string.h>

#include "eppa.h"
#include "ip_frag.h"
#include "ip_hdr.h"

static bool
eppa_too_large(const struct circuit *c, const struct pkt *p)
{
	return c->mtu != 0 && p->len > c->mtu;
}

static enum pkt_fate
eppa_decide_tunnel(const struct circuit *c, const struct pkt_mem *mem,
		   struct pkt *p, struct eppa_way *way)
{
	/* Sealed packets leave by ports; the loop is for clear ones. */
	if ((p->flags & (PKT_F_PROTECT | PKT_F_SEALED)) != PKT_F_PROTECT ||
	    p->handle != p->circuit_out)
		return PKT_DROP_BAD_HANDLE;
	if (!c->up)
		return PKT_DROP_TUNNEL_DOWN;
	/* What may be cut is, by the ASP. */
	if (eppa_too_large(c, p) && !ip_frag_allowed(pkt_data(mem, p)))
		return PKT_DROP_MTU_EXCEEDED;
	p->flags |= PKT_F_LOOPED;
	way->loop = true;
	return PKT_GO;
}

static enum pkt_fate
eppa_decide_port(const struct circuit *c, const struct pkt_mem *mem,
		 unsigned slot, const struct pkt *p)
{
	if ((p->flags & PKT_F_PROTECT) && !(p->flags & PKT_F_SEALED))
		return PKT_DROP_CLEAR_LEAK;
	if (c == NULL || c->slot != slot)
		return PKT_DROP_BAD_HANDLE;
	if (!c->up)
		return PKT_DROP_PORT_DOWN;
	/* What may be cut is, on its way out (RFC 1812 section 5.2.6). */
	return eppa_too_large(c, p) && !ip_frag_allowed(pkt_data(mem, p))
		   ? PKT_DROP_MTU_EXCEEDED
		   : PKT_GO;
}

void
eppa_decide(const struct lc_table *t, const struct pkt_mem *mem, unsigned slot,
	    struct pkt_vec *v, struct eppa_way *way)
{
	for (unsigned i = 0; i < v->n; i++)
		circuit_ahead(t->fwd.circuits, v->pkt[i].circuit_out);
	for (unsigned i = 0; i < v->n; i++) {
		struct pkt *p = &v->pkt[i];
		const struct circuit *c =
		    circuit_get(t->fwd.circuits, p->circuit_out);

		way[i] = (struct eppa_way){.circuit = c};
		if (v->fate[i] != PKT_GO)
			continue;
		if (c != NULL && c->kind == CIRCUIT_TUNNEL)
			v->fate[i] =
			    (uint8_t)eppa_decide_tunnel(c, mem, p, &way[i]);
		else
			v->fate[i] = (uint8_t)eppa_decide_port(c, mem, slot, p);
	}
}

bool
eppa_next_hop(const struct lc_table *t, const struct pkt_mem *mem,
	      const struct pkt *p, struct ip_addr *hop)
{
	const struct adj *adj = adj_get(t->fwd.adjs, p->handle);
	const uint8_t *ip = pkt_data(mem, p) + p->l2;
	unsigned octets = p->len - (unsigned)p->l2;

	if (adj->kind == ADJ_FORWARD) {
		*hop = adj->next_hop;
		return hop->family != 0;
	}
	if (adj->kind != ADJ_ATTACHED || octets < sizeof(struct ipv4_hdr))
		return false;
	if (ip[0] >> 4 == 4)
		*hop = ip_addr_get(4, &((const struct ipv4_hdr *)ip)->dst);
	else if (ip[0] >> 4 == 6 && octets >= sizeof(struct ipv6_hdr))
		*hop = ip_addr_v6(((const struct ipv6_hdr *)ip)->dst);
	else
		return false;
	return true;
}

/*
 * Of a group, the group's (RFC 1112 section 6.4, RFC 2464 section 7); else
 * 02:00 and an IPv4 address, 02:06 and the last four octets of an IPv6 one.
 */
void
eppa_made_up(const struct ip_addr *hop, uint8_t mac[6])
{
	const uint8_t *o = hop->octets;

	if (hop->family == 6) {
		bool group = o[0] == 0xff;

		mac[0] = group ? 0x33 : 0x02;
		mac[1] = group ? 0x33 : 0x06;
		memcpy(mac + 2, o + 12, 4);
	} else if (o[0] >> 4 == 14) {
		mac[0] = 0x01;
		mac[1] = 0x00;
		mac[2] = 0x5e;
		mac[3] = o[1] & 0x7f;
		memcpy(mac + 4, o + 2, 2);
	} else if (ip_addr_to_v4(hop) == UINT32_MAX) {
		memset(mac, 0xff, 6);
	} else {
		mac[0] = 0x02;
		mac[1] = 0x00;
		memcpy(mac + 2, o, 4);
	}
}

static void
eppa_put_header(uint8_t *at, const struct circuit *c, unsigned version,
		const uint8_t mac[6])
{
	struct eth_hdr *eth = (struct eth_hdr *)at;
	struct vlan_tag *tag = (struct vlan_tag *)(eth + 1);
	struct be16 type =
	    be16_put(version == 6 ? ETH_TYPE_IPV6 : ETH_TYPE_IPV4);

	memcpy(eth->dst, mac, sizeof(eth->dst));
	memcpy(eth->src, c->mac, sizeof(eth->src));
	if (c->kind != CIRCUIT_PVC) {
		eth->type = type;
		return;
	}
	eth->type = be16_put(ETH_TYPE_VLAN);
	tag->tci = be16_put(c->vlan);
	tag->type = type;
}

static enum pkt_fate
eppa_rewrite_one(const struct lc_table *t, const struct pkt_mem *mem,
		 const struct eppa_way *way, struct pkt *p)
{
	const struct circuit *c = way->circuit;
	unsigned octets = sizeof(struct eth_hdr);
	const uint8_t *mac = way->mac;
	uint8_t made_up[6];
	unsigned version;
	struct ip_addr hop;

	if (c->kind == CIRCUIT_PVC)
		octets += sizeof(struct vlan_tag);
	if (pkt_headroom(p) < octets || p->len > UINT16_MAX - octets)
		return PKT_DROP_BAD_FRAME;
	if (!way->resolved) {
		if (!eppa_next_hop(t, mem, p, &hop))
			return PKT_DROP_BAD_HANDLE;
		eppa_made_up(&hop, made_up);
		mac = made_up;
	}
	version = pkt_data(mem, p)[0] >> 4;
	p->off = (uint16_t)(p->off - octets);
	p->len = (uint16_t)(p->len + octets);
	p->l2 = (uint8_t)octets;
	eppa_put_header(pkt_data(mem, p), c, version, mac);
	return PKT_GO;
}

void
eppa_rewrite(const struct lc_table *t, const struct pkt_mem *mem,
	     const struct eppa_way *way, struct pkt_vec *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		if (v->fate[i] == PKT_GO && !way[i].loop)
			v->fate[i] = (uint8_t)eppa_rewrite_one(t, mem, &way[i],
							       &v->pkt[i]);
	}
}
