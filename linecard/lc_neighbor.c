/*
 * Neighbors at an egress processor: answers to ARP and neighbor discovery,
 * what is learnt from them, and the packets that wait for a link address.
 * Called by lc_out.c, lc_ctl.c and the card's loop; the table is neighbor.c,
 * messages are arp.c and nd.c. On ports whose far end is a capture file nobody
 * is asked: static entries count there, and the rest is made up (eppa.c).
 *
 * RFC 826; RFC 4861 sections 7.2.2 to 7.2.5. We send no router advertisements
 * and no redirects, and answer for our own addresses alone (no proxy).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arp.h"
#include "clock.h"
#include "ip6_addr.h"
#include "ip_hdr.h"
#include "lc.h"
#include "nd.h"

#define LC_NEIGHBOR_FRAME_MAX 128
#define LC_NEIGHBOR_SHARE 8 /* of the pool, that may wait */

static const uint8_t lc_broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/* A frame of our own; dst: a station or a group. */
static void
lc_neighbor_send(struct lc *lc, const struct circuit *c, const uint8_t dst[6],
		 uint16_t type, const void *payload, unsigned octets)
{
	uint8_t frame[LC_NEIGHBOR_FRAME_MAX];
	struct eth_hdr *eth = (struct eth_hdr *)frame;
	struct vlan_tag *tag = (struct vlan_tag *)(eth + 1);
	unsigned header = sizeof(*eth);
	struct pkt p = {.time_ns = 0};
	struct stats *stats = card_stats(lc->card);

	memcpy(eth->dst, dst, sizeof(eth->dst));
	memcpy(eth->src, c->mac, sizeof(eth->src));
	eth->type = be16_put(type);
	if (c->kind == CIRCUIT_PVC) {
		eth->type = be16_put(ETH_TYPE_VLAN);
		tag->tci = be16_put(c->vlan);
		tag->type = be16_put(type);
		header += (unsigned)sizeof(*tag);
	}
	memcpy(frame + header, payload, octets);
	p.len = (uint16_t)(header + octets);
	counter_add(&stats->originated, 1);
	if (lc_out_frame(lc, &p, c->port, frame) == PKT_TX)
		counter_add(&stats->transmitted, 1);
	else
		counter_add(&stats->dropped[PKT_DROP_WIRE_FULL], 1);
}

static void
lc_neighbor_arp(struct lc *lc, const struct circuit *c, enum arp_op op,
		uint32_t sender, uint32_t target, const uint8_t *mac)
{
	struct arp arp = {
	    .op = (uint16_t)op, .sender = sender, .target = target};
	uint8_t packet[ARP_OCTETS];

	memcpy(arp.sender_mac, c->mac, sizeof(arp.sender_mac));
	if (mac != NULL)
		memcpy(arp.target_mac, mac, sizeof(arp.target_mac));
	arp_write(&arp, packet);
	lc_neighbor_send(lc, c, mac != NULL ? mac : lc_broadcast, ETH_TYPE_ARP,
			 packet, sizeof(packet));
}

static void
lc_neighbor_nd(struct lc *lc, const struct circuit *c, struct nd *nd,
	       const uint8_t *mac)
{
	struct ip_addr dst = ip_addr_v6(nd->dst);
	uint8_t packet[ND_OCTETS];
	uint8_t group[6];

	memcpy(nd->mac, c->mac, sizeof(nd->mac));
	nd_write(nd, packet);
	if (mac == NULL)
		eppa_made_up(&dst, group);
	lc_neighbor_send(lc, c, mac != NULL ? mac : group, ETH_TYPE_IPV6,
			 packet, sizeof(packet));
}

/* ff02::1:ff00:0/104 and the last three octets of target. */
static void
lc_neighbor_solicited_node(const uint8_t target[16], uint8_t group[16])
{
	static const uint8_t first[13] = {0xff, 0x02, [11] = 1, [12] = 0xff};

	memcpy(group, first, sizeof(first));
	memcpy(group + 13, target + 13, 3);
}

/* struct neighbor_ops */
static void
lc_neighbor_solicit(void *arg, uint32_t circuit, const struct ip_addr *target,
		    const uint8_t *mac)
{
	struct lc *lc = arg;
	const struct circuit *c = circuit_get(lc->table.fwd.circuits, circuit);
	struct nd nd = {.type = ND_SOLICITATION};
	struct ip_addr own;

	if (c == NULL || !c->up ||
	    !neighbor_own_near(lc->neighbors, circuit, target, &own))
		return;
	if (target->family == 4) {
		lc_neighbor_arp(lc, c, ARP_REQUEST, ip_addr_to_v4(&own),
				ip_addr_to_v4(target), mac);
		return;
	}
	memcpy(nd.src, own.octets, sizeof(nd.src));
	memcpy(nd.target, target->octets, sizeof(nd.target));
	if (mac != NULL)
		memcpy(nd.dst, target->octets, sizeof(nd.dst));
	else
		lc_neighbor_solicited_node(target->octets, nd.dst);
	lc_neighbor_nd(lc, c, &nd, mac);
}

/*
 * struct neighbor_ops. Drops end at once. What goes on is gathered, and sent
 * before the next vector is decided on: lc->out_way is nobody's until then.
 */
static void
lc_neighbor_release(void *arg, const struct pkt *p, enum pkt_fate fate)
{
	struct lc *lc = arg;
	struct pkt_vec *v = fate == PKT_GO ? &lc->resolved : &lc->ended;

	if (v->n == PKT_VEC_MAX)
		lc_out_resolved(lc);
	(void)pkt_vec_push(v, p);
	if (fate == PKT_GO)
		return;
	v->fate[0] = (uint8_t)fate;
	card_end(lc->card, v);
	v->n = 0;
}

static const struct neighbor_ops lc_neighbor_ops = {
    .solicit = lc_neighbor_solicit,
    .release = lc_neighbor_release,
};

int
lc_neighbor_init(struct lc *lc, unsigned buffers)
{
	lc->neighbors =
	    neighbor_new(&lc_neighbor_ops, lc, buffers / LC_NEIGHBOR_SHARE);
	return lc->neighbors == NULL ? -ENOMEM : 0;
}

static int
lc_neighbor_row(void *arg, enum ctl_op op, const void *item)
{
	struct lc *lc = arg;
	const struct ctl_neighbor *row = item;
	struct neighbor_table *t = lc->neighbors;
	uint32_t circuit = be32_get(row->circuit);
	const struct circuit *c;

	if (t == NULL || (row->addr.family != 4 && row->addr.family != 6) ||
	    (row->kind != CTL_NEIGHBOR_OWN && row->kind != CTL_NEIGHBOR_STATIC))
		return -EINVAL;
	/* Other cards' circuits are other cards' links. */
	c = circuit_get(lc->table.fwd.circuits, circuit);
	if (op != CTL_OP_DELETE && (c == NULL || c->slot != lc->slot))
		return 0;
	if (op == CTL_OP_DELETE) {
		if (row->kind == CTL_NEIGHBOR_OWN)
			neighbor_own_delete(t, circuit, &row->addr);
		else
			neighbor_static_delete(t, circuit, &row->addr);
		return 0;
	}
	return row->kind == CTL_NEIGHBOR_OWN
		   ? neighbor_own_set(t, circuit, &row->addr)
		   : neighbor_static_set(t, circuit, &row->addr, row->mac);
}

int
lc_neighbor_rows(struct lc *lc, enum ctl_op op, const uint8_t *items, size_t n)
{
	return card_tables_each(lc, lc_neighbor_row,
				sizeof(struct ctl_neighbor), op, items, n);
}

/* --- what stations say ---------------------------------------------------- */

static enum pkt_fate
lc_neighbor_take_arp(struct lc *lc, const struct circuit *c,
		     const struct pkt *p)
{
	struct ip_addr sender;
	struct ip_addr target;
	struct arp arp;
	bool ours;

	if (arp_read(pkt_data(card_mem(lc->card), p), p->len, &arp) != 0)
		return PKT_DROP_BAD_NEIGHBOR;
	sender = ip_addr_v4(arp.sender);
	target = ip_addr_v4(arp.target);
	ours = neighbor_is_own(lc->neighbors, p->circuit_in, &target);
	/* Of a probe (RFC 5227) nothing is learnt, nor from our own address. */
	if (arp.sender != 0 &&
	    !neighbor_is_own(lc->neighbors, p->circuit_in, &sender))
		neighbor_learn(lc->neighbors, p->circuit_in, &sender,
			       arp.sender_mac, ours, clock_monotonic(),
			       ARP_LIFE_NS);
	if (ours && arp.op == ARP_REQUEST)
		lc_neighbor_arp(lc, c, ARP_REPLY, arp.target, arp.sender,
				arp.sender_mac);
	return PKT_PUNT;
}

/* RFC 4861 section 7.2.4. */
static void
lc_neighbor_advertise(struct lc *lc, const struct circuit *c,
		      const struct nd *asked)
{
	struct nd nd = {.type = ND_ADVERTISEMENT,
			.flags = ND_F_ROUTER | ND_F_OVERRIDE};
	bool nobody = ip6_is_unspecified(asked->src);

	memcpy(nd.src, asked->target, sizeof(nd.src));
	memcpy(nd.target, asked->target, sizeof(nd.target));
	if (nobody) {
		nd.dst[0] = 0xff;
		nd.dst[1] = 0x02;
		nd.dst[15] = 1;
	} else {
		memcpy(nd.dst, asked->src, sizeof(nd.dst));
		nd.flags |= ND_F_SOLICITED;
	}
	lc_neighbor_nd(lc, c, &nd,
		       !nobody && asked->has_mac ? asked->mac : NULL);
}

static enum pkt_fate
lc_neighbor_take_nd(struct lc *lc, const struct circuit *c, const struct pkt *p)
{
	const uint8_t *at = pkt_data(card_mem(lc->card), p);
	uint64_t now = clock_monotonic();
	struct ip_addr target;
	struct ip_addr src;
	struct nd nd;

	/* Router solicitations and the like are heard, and not answered. */
	if (p->len > 40 && at[40] != ND_SOLICITATION &&
	    at[40] != ND_ADVERTISEMENT)
		return PKT_PUNT;
	if (nd_read(at, p->len, &nd) != 0)
		return PKT_DROP_BAD_NEIGHBOR;
	target = ip_addr_v6(nd.target);
	src = ip_addr_v6(nd.src);
	if (nd.type == ND_ADVERTISEMENT) {
		if (nd.has_mac &&
		    !neighbor_is_own(lc->neighbors, p->circuit_in, &target))
			neighbor_learn(lc->neighbors, p->circuit_in, &target,
				       nd.mac, false, now, ND_LIFE_NS);
		return PKT_PUNT;
	}
	if (!neighbor_is_own(lc->neighbors, p->circuit_in, &target))
		return PKT_PUNT;
	if (nd.has_mac)
		neighbor_learn(lc->neighbors, p->circuit_in, &src, nd.mac, true,
			       now, ND_LIFE_NS);
	lc_neighbor_advertise(lc, c, &nd);
	return PKT_PUNT;
}

void
lc_neighbor_take(struct lc *lc, struct pkt_vec *v)
{
	/* iPPAs send such packets from wires alone. */
	for (unsigned i = 0; lc->wires > 0 && i < v->n; i++) {
		const struct pkt *p = &v->pkt[i];
		const struct circuit *c;

		if (!(p->flags & PKT_F_NEIGHBOR) || v->fate[i] != PKT_GO)
			continue;
		c = circuit_get(lc->table.fwd.circuits, p->circuit_in);
		if (c == NULL || c->slot != lc->slot || p->len == 0)
			v->fate[i] = PKT_DROP_BAD_HANDLE;
		else if (pkt_data(card_mem(lc->card), p)[0] >> 4 == 6)
			v->fate[i] = (uint8_t)lc_neighbor_take_nd(lc, c, p);
		else
			v->fate[i] = (uint8_t)lc_neighbor_take_arp(lc, c, p);
	}
}

/* --- who leaves ----------------------------------------------------------- */

static bool
lc_neighbor_is_group(const struct ip_addr *hop)
{
	return hop->family == 6 ? hop->octets[0] == 0xff
				: hop->octets[0] >= 224;
}

static void
lc_neighbor_resolve_one(struct lc *lc, struct pkt_vec *v, unsigned i,
			bool may_wait, uint64_t now)
{
	struct pkt *p = &v->pkt[i];
	struct eppa_way *way = &lc->out_way[i];
	const uint8_t *mac;
	struct ip_addr hop;
	enum pkt_fate fate;

	if (!eppa_next_hop(&lc->table, card_mem(lc->card), p, &hop) ||
	    lc_neighbor_is_group(&hop))
		return;
	mac = neighbor_find(lc->neighbors, p->circuit_out, &hop, now);
	if (mac != NULL) {
		memcpy(way->mac, mac, sizeof(way->mac));
		way->resolved = true;
		return;
	}
	if (!lc->port[way->circuit->port].wire)
		return;
	if (!may_wait) {
		v->fate[i] = PKT_DROP_UNRESOLVED_NEIGHBOR;
		return;
	}
	fate = neighbor_wait(lc->neighbors, p->circuit_out, &hop, now, p);
	if (fate == PKT_GO && p->trace != 0)
		card_say(lc->card, p,
			 &(struct card_said){.kind = CTL_SAID_WAIT,
					     .circuit = p->circuit_out,
					     .next_hop = hop},
			 "waits for its next hop's link address");
	v->fate[i] = (uint8_t)(fate == PKT_GO ? PKT_SENT : fate);
}

void
lc_neighbor_resolve(struct lc *lc, struct pkt_vec *v, bool may_wait)
{
	uint64_t now;

	if (lc->wires == 0 && neighbor_is_empty(lc->neighbors))
		return;
	now = clock_monotonic();
	for (unsigned i = 0; i < v->n; i++) {
		const struct eppa_way *way = &lc->out_way[i];

		if (v->fate[i] == PKT_GO && !way->loop &&
		    way->circuit->port < STATS_PORTS)
			lc_neighbor_resolve_one(lc, v, i, may_wait, now);
	}
}

/* --- time, and questions of the controller -------------------------------- */

uint64_t
lc_neighbor_due(const struct lc *lc)
{
	return neighbor_next_ns(lc->neighbors);
}

void
lc_neighbor_expire(struct lc *lc)
{
	if (neighbor_next_ns(lc->neighbors) == NEIGHBOR_NO_TIME)
		return;
	neighbor_expire(lc->neighbors, clock_monotonic());
	lc_out_resolved(lc);
}

void
lc_neighbor_ask(struct lc *lc, const struct ctl_in *in)
{
	const struct ctl_neighbor_ask *ask = in->body;
	struct ctl_neighbor_entry *list;
	struct neighbor_row row;
	uint64_t now = clock_monotonic();
	size_t n = 0;

	if (ask->clear != 0)
		neighbor_clear(lc->neighbors, 0);
	while (neighbor_row(lc->neighbors, n, now, &row))
		n++;
	list = calloc(n + 1, sizeof(*list));
	for (size_t i = 0; list != NULL && i < n; i++) {
		(void)neighbor_row(lc->neighbors, i, now, &row);
		list[i] = (struct ctl_neighbor_entry){
		    .circuit = be32_put(row.circuit),
		    .addr = row.addr,
		    .state = (uint8_t)row.state,
		    .left_s = be32_put(
			row.left_ns == NEIGHBOR_NO_TIME
			    ? UINT32_MAX
			    : (uint32_t)(row.left_ns / CLOCK_SECOND_NS))};
		memcpy(list[i].mac, row.mac, sizeof(row.mac));
	}
	(void)card_tell(lc->card, CTL_NEIGHBOR_LIST, ask, list,
			list == NULL ? 0 : n * sizeof(*list));
	free(list);
}
