/*
 * The decisions of an egress packet processor. A packet for a tunnel circuit
 * that is not sealed meets the egress features of that circuit and goes back to
 * the iPPA of its card (the loop of the circuit-based mode); one for a port or
 * PVC becomes a frame. The clear-leak guard stands here, at the last stage
 * before the wire: it asks the descriptor, not the tables, so that no table
 * error can let a packet out in the clear.
 *
 * Next hops have no ARP on capture-file ports: their addresses are made from
 * the IPv4 address (02:00 and its four octets).
 */
#include <string.h>

#include "eppa.h"
#include "ip_hdr.h"

static bool
eppa_too_large(const struct circuit *c, const struct pkt *p)
{
	return c->mtu != 0 && p->len > c->mtu;
}

static enum pkt_fate
eppa_decide_tunnel(const struct circuit *c, struct pkt *p, struct eppa_way *way)
{
	/* Sealed packets leave by ports; the loop is for clear ones. */
	if ((p->flags & (PKT_F_PROTECT | PKT_F_SEALED)) != PKT_F_PROTECT ||
	    p->handle != p->circuit_out)
		return PKT_DROP_BAD_HANDLE;
	if (!c->up)
		return PKT_DROP_TUNNEL_DOWN;
	if (eppa_too_large(c, p))
		return PKT_DROP_MTU_EXCEEDED;
	p->flags |= PKT_F_LOOPED;
	way->loop = true;
	return PKT_GO;
}

static enum pkt_fate
eppa_decide_port(const struct circuit *c, unsigned slot, const struct pkt *p)
{
	if ((p->flags & PKT_F_PROTECT) && !(p->flags & PKT_F_SEALED))
		return PKT_DROP_CLEAR_LEAK;
	if (c == NULL || c->slot != slot)
		return PKT_DROP_BAD_HANDLE;
	if (!c->up)
		return PKT_DROP_PORT_DOWN;
	return eppa_too_large(c, p) ? PKT_DROP_MTU_EXCEEDED : PKT_GO;
}

void
eppa_decide(const struct lc_table *t, unsigned slot, struct pkt_vec *v,
	    struct eppa_way *way)
{
	for (unsigned i = 0; i < v->n; i++) {
		struct pkt *p = &v->pkt[i];
		const struct circuit *c =
		    circuit_get(t->fwd.circuits, p->circuit_out);

		way[i] = (struct eppa_way){.circuit = c};
		if (v->fate[i] != PKT_GO)
			continue;
		if (c != NULL && c->kind == CIRCUIT_TUNNEL)
			v->fate[i] = (uint8_t)eppa_decide_tunnel(c, p, &way[i]);
		else
			v->fate[i] = (uint8_t)eppa_decide_port(c, slot, p);
	}
}

static void
eppa_put_header(uint8_t *at, const struct circuit *c, uint32_t next_hop)
{
	struct eth_hdr *eth = (struct eth_hdr *)at;
	struct vlan_tag *tag = (struct vlan_tag *)(eth + 1);
	struct be32 hop = be32_put(next_hop);

	eth->dst[0] = 0x02; /* locally administered, unicast */
	eth->dst[1] = 0x00;
	memcpy(&eth->dst[2], hop.b, sizeof(hop.b));
	memcpy(eth->src, c->mac, sizeof(eth->src));
	if (c->kind != CIRCUIT_PVC) {
		eth->type = be16_put(ETH_TYPE_IPV4);
		return;
	}
	eth->type = be16_put(ETH_TYPE_VLAN);
	tag->tci = be16_put(c->vlan);
	tag->type = be16_put(ETH_TYPE_IPV4);
}

void
eppa_rewrite(const struct pkt_mem *mem, const struct eppa_way *way,
	     struct pkt_vec *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		struct pkt *p = &v->pkt[i];
		unsigned octets = sizeof(struct eth_hdr);

		if (v->fate[i] != PKT_GO || way[i].loop)
			continue;
		if (way[i].circuit->kind == CIRCUIT_PVC)
			octets += sizeof(struct vlan_tag);
		if (pkt_headroom(p) < octets || p->len > UINT16_MAX - octets) {
			v->fate[i] = PKT_DROP_BAD_FRAME;
			continue;
		}
		p->off = (uint16_t)(p->off - octets);
		p->len = (uint16_t)(p->len + octets);
		p->l2 = (uint8_t)octets;
		eppa_put_header(pkt_data(mem, p), way[i].circuit, p->next_hop);
	}
}
