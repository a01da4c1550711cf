/*
 * What an ingress processor does with packets: it admits frames from its ports
 * in the order of their arrival, counts them, shows them at the capture point
 * "rx", tells journeys, and sends packets where ippa.c decided.
 */
#include <string.h>

#include "cap_link.h"
#include "ip_hdr.h"
#include "ippa_policy.h"
#include "lc.h"
#include "lc_feature.h"
#include "lc_queue.h"
#include "lc_say.h"

static uint16_t
lc_in_own_eppa(const struct lc *lc)
{
	return stage_id(lc->slot, STAGE_EPPA);
}

/* --- frames of ports ------------------------------------------------------ */

/*
 * A frame that did not come by Ethernet gets a header made up for the capture
 * point: from nobody to our port. It is written over the link header or into
 * the headroom, neither of which anybody needs any more.
 */
static void
lc_in_dress(struct lc *lc, struct pkt *p, const struct ippa_frame *frame,
	    const struct circuit *c)
{
	struct eth_hdr eth = {.type = be16_put(frame->ethertype)};
	unsigned octets = sizeof(eth);

	if (c != NULL)
		memcpy(eth.dst, c->mac, sizeof(eth.dst));
	p->len = (uint16_t)(p->len - p->l2 + octets);
	p->off = (uint16_t)(p->off + p->l2 - octets);
	p->l2 = (uint8_t)octets;
	memcpy(pkt_data(card_mem(lc->card), p), &eth, octets);
}

/* What ports received is at the port, and among all that arrives here. */
static void
lc_in_tap_rx(struct lc *lc)
{
	if (!card_taps(lc->card, POINT_RX) && !card_taps(lc->card, POINT_ALL))
		return;
	for (unsigned i = 0; i < lc->vec.n; i++) {
		struct pkt seen = lc->vec.pkt[i];
		uint32_t id = seen.circuit_in != 0
				  ? seen.circuit_in
				  : circuit_by_port(lc->table.fwd.circuits,
						    seen.in_port, 0);
		const struct circuit *c =
		    circuit_get(lc->table.fwd.circuits, id);

		if (lc->frame[i].link != CAP_LINK_ETHERNET)
			lc_in_dress(lc, &seen, &lc->frame[i], c);
		card_tap(lc->card, POINT_RX, &seen, c != NULL ? c->context : 0,
			 c != NULL ? c->handle : 0);
		card_tap(lc->card, POINT_ALL, &seen, c != NULL ? c->context : 0,
			 c != NULL ? c->handle : 0);
	}
}

static void
lc_in_pick(struct lc *lc, struct pkt *p, const struct ippa_frame *frame)
{
	bool ethernet = frame->link == CAP_LINK_ETHERNET;
	struct pkt seen = *p;

	if (!ethernet) { /* other link headers are not shown */
		seen.off = (uint16_t)(p->off + p->l2);
		seen.len = (uint16_t)(p->len - p->l2);
		seen.l2 = 0;
	}
	if (p->trace == 0) /* else another router began the journey */
		p->trace = card_trace_pick(lc->card, p->in_port,
					   pkt_data(card_mem(lc->card), &seen),
					   seen.len, ethernet);
	seen.trace = p->trace;
	if (p->trace != 0)
		card_say(
		    lc->card, &seen,
		    &(struct card_said){.kind = CTL_SAID_RECEIVED,
					.port = p->in_port,
					.circuit = p->circuit_in},
		    "received on port %u/%u: %u octets, packet %u, circuit %u",
		    lc->slot, p->in_port, p->len, p->index + 1, p->circuit_in);
}

void
lc_in_count_port(struct lc *lc, unsigned port, uint32_t octets)
{
	struct stats *stats = card_stats(lc->card);

	counter_add(&stats->received, 1);
	counter_add(&stats->port[port].rx_packets, 1);
	counter_add(&stats->port[port].rx_octets, octets);
}

static void
lc_in_count_circuits(struct lc *lc, const struct pkt_vec *v)
{
	struct stats *stats = card_stats(lc->card);

	for (unsigned i = 0; i < v->n; i++) {
		const struct pkt *p = &v->pkt[i];
		struct stats_circuit *row = &stats->circuit[p->circuit_in];

		if (v->fate[i] != PKT_GO)
			continue;
		counter_add(&row->in_packets, 1);
		counter_add(&row->in_octets, p->len);
	}
}

/* To the controller at its pace; from: the stage that it came from. */
static void
lc_in_punt(struct lc *lc, uint16_t from, struct pkt_vec *v, unsigned i)
{
	const struct pkt *p = &v->pkt[i];

	if (!punt_rate_take(&lc->punt_rate, card_stats(lc->card), from, p,
			    pkt_data(card_mem(lc->card), p)))
		v->fate[i] = PKT_DROP_PUNT_RATE;
}

/* The stage that the whole vector goes to; STAGE_NONE: not all to one, or one
 * of them has more to it. */
static uint16_t
lc_in_one_way(const struct lc *lc, const struct pkt_vec *v)
{
	uint16_t to = v->n > 0 ? lc->in_way[0].to : STAGE_NONE;

	if (to == stage_id(0, STAGE_XCRP))
		return STAGE_NONE;
	for (unsigned i = 0; i < v->n; i++) {
		if (v->fate[i] != PKT_GO || v->pkt[i].trace != 0 ||
		    lc->in_way[i].to != to)
			return STAGE_NONE;
	}
	return to;
}

/* Sends what has a way, ends the rest. */
static void
lc_in_leave(struct lc *lc, uint16_t from, struct pkt_vec *v)
{
	uint16_t to = lc_in_one_way(lc, v);

	if (to != STAGE_NONE)
		card_send_vec(lc->card, v, to);
	for (unsigned i = 0; to == STAGE_NONE && i < v->n; i++) {
		struct pkt *p = &v->pkt[i];

		if (p->trace != 0)
			lc_say_way(lc, p, v->fate[i], &lc->in_way[i]);
		if (v->fate[i] == PKT_GO &&
		    (lc->in_way[i].to == stage_id(0, STAGE_XCRP) ||
		     lc->in_way[i].ike))
			lc_in_punt(lc, from, v, i);
		if (v->fate[i] == PKT_GO)
			card_send(lc->card, v, i, lc->in_way[i].to);
	}
	card_end(lc->card, v);
}

/* The route, and what the security policy makes of it. */
static void
lc_in_route(struct lc *lc, struct pkt_vec *v)
{
	const struct pkt_mem *mem = card_mem(lc->card);
	uint16_t eppa = lc_in_own_eppa(lc);

	ippa_route(&lc->table, mem, eppa, v, lc->in_way);
	lc_join(lc, v);
	ippa_policy_out(&lc->table, mem, eppa, card_stats(lc->card)->policy, v,
			lc->in_way);
}

/* The vector that was gathered from the ports goes all the way. */
void
lc_in_received(struct lc *lc)
{
	const struct pkt_mem *mem = card_mem(lc->card);
	struct pkt_vec *v = &lc->vec;
	bool traced = lc->wire_traced || card_traces(lc->card);

	ippa_locate(&lc->table, mem, lc->frame, v);
	for (unsigned i = 0; traced && i < v->n; i++)
		lc_in_pick(lc, &v->pkt[i], &lc->frame[i]);
	lc->wire_traced = false;
	lc_in_tap_rx(lc);
	ippa_strip(v);
	ippa_check(mem, lc->frame, v);
	lc_in_count_circuits(lc, v);
	lc_feature_in(lc, v);
	ippa_policy_in(&lc->table, mem, card_stats(lc->card)->policy, v);
	lc_in_route(lc, v);
	lc_queue_asp(lc, v);
	lc_in_leave(lc, card_stage(lc->card), v);
	v->n = 0;
}

/* The frames of a port up to a clock. */
static uint32_t
lc_in_admit_port(struct lc *lc, struct port *port, uint32_t round,
		 uint64_t last_ns)
{
	struct pkt_vec *v = &lc->vec;
	struct port_staged *s;
	uint32_t admitted = 0;

	while ((s = port_first(port)) != NULL && s->pkt.order_ns <= last_ns) {
		s->pkt.round = round;
		lc_in_count_port(lc, port->number, s->frame.wire_len);
		if (s->bare) {
			card_end_bare(lc->card, round, PKT_DROP_FRAME_TOO_LONG);
		} else {
			lc->frame[v->n] = s->frame;
			pkt_vec_push(v, &s->pkt);
		}
		port_shift(port);
		admitted++;
		if (v->n == PKT_VEC_MAX)
			lc_in_received(lc);
	}
	return admitted;
}

uint32_t
lc_in_admit(struct lc *lc, uint32_t round, uint64_t until_ns)
{
	uint32_t admitted = 0;
	struct port *port;
	uint64_t last_ns;

	lc->vec.n = 0;
	while ((port = ahead_next(&lc->ahead, until_ns, &last_ns)) != NULL)
		admitted += lc_in_admit_port(lc, port, round, last_ns);
	lc_in_received(lc);
	return admitted;
}

/* --- packets of links ----------------------------------------------------- */

/*
 * A link carries packets of both kinds at most from ASPs or the controller (to
 * be looked up) and from the own ePPA (looped); the flags tell them apart, and
 * what fits neither is refused.
 */
static bool
lc_in_is_loop(const struct pkt *p)
{
	return (p->flags & PKT_F_LOOPED) != 0;
}

void
lc_in_vector(void *arg, uint16_t from, struct pkt_vec *v)
{
	struct lc *lc = arg;
	const struct pkt_mem *mem = card_mem(lc->card);
	bool loop = from == lc_in_own_eppa(lc);

	for (unsigned i = 0; i < v->n; i++) {
		if (lc_in_is_loop(&v->pkt[i]) != loop)
			v->fate[i] = PKT_DROP_BAD_HANDLE;
	}
	if (loop) {
		ippa_loop(&lc->table, v, lc->in_way);
	} else {
		ippa_recheck(mem, v);
		lc_feature_in(lc, v);
		lc_in_route(lc, v);
		lc_queue_asp(lc, v);
	}
	lc_in_leave(lc, from, v);
}
