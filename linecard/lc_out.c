/*
 * What an egress processor does with packets: decides (eppa.c), counts by
 * circuit and port, shows frames at the capture points "tunnel" and "tx", and
 * writes them to the far end of their port or sends them round the loop. A
 * frame that its far end took a copy of has left: its buffer is free at once.
 */
#include <errno.h>

#include "clock.h"
#include "lc.h"
#include "lc_depart.h"
#include "lc_feature.h"
#include "lc_queue.h"
#include "lc_say.h"
#include "pkt_journey.h"

static void
lc_out_tap(struct lc *lc, enum point_tap tap, const struct pkt_vec *v)
{
	bool loop = tap == POINT_TUNNEL;

	if (!card_taps(lc->card, tap))
		return;
	for (unsigned i = 0; i < v->n; i++) {
		const struct circuit *c = lc->out_way[i].circuit;

		/* What is cut is seen in pieces. */
		if (v->fate[i] == PKT_GO && lc->out_way[i].loop == loop &&
		    !lc->out_way[i].held &&
		    (loop || !lc_cut_needed(&v->pkt[i], c)))
			card_tap(lc->card, tap, &v->pkt[i], c->context,
				 c->handle);
	}
}

static void
lc_out_count_circuits(struct lc *lc, const struct pkt_vec *v)
{
	struct stats *stats = card_stats(lc->card);

	for (unsigned i = 0; i < v->n; i++) {
		const struct pkt *p = &v->pkt[i];
		struct stats_circuit *row = &stats->circuit[p->circuit_out];

		if (v->fate[i] != PKT_GO || lc->out_way[i].held)
			continue;
		counter_add(&row->out_packets, 1);
		counter_add(&row->out_octets, p->len);
	}
}

enum pkt_fate
lc_out_frame(struct lc *lc, const struct pkt *p, unsigned port,
	     const uint8_t *frame)
{
	struct stats_port *row;
	int rc;

	if (port >= STATS_PORTS)
		return PKT_DROP_BAD_HANDLE;
	rc = port_write(&lc->port[port], p, pkt_journey_tell(p->trace, p->hop),
			frame);
	if (rc != 0)
		return rc == -EAGAIN ? PKT_DROP_WIRE_FULL
				     : PKT_DROP_OUTPUT_FAILED;
	row = &card_stats(lc->card)->port[port];
	counter_add(&row->tx_packets, 1);
	counter_add(&row->tx_octets, p->len);
	return PKT_TX;
}

/* Out of the port of a circuit, whole or in pieces. */
static enum pkt_fate
lc_out_wire(struct lc *lc, struct pkt *p, const uint8_t *frame,
	    const struct circuit *c)
{
	return lc_cut_needed(p, c) ? lc_cut_frame(lc, p, frame, c)
				   : lc_out_frame(lc, p, c->port, frame);
}

enum pkt_fate
lc_out_departs(struct lc *lc, struct pkt *p, const uint8_t *frame,
	       const struct circuit *c)
{
	struct stats_circuit *row =
	    &card_stats(lc->card)->circuit[p->circuit_out];

	counter_add(&row->out_packets, 1);
	counter_add(&row->out_octets, (uint64_t)p->len - p->l2);
	if (card_taps(lc->card, POINT_TX) && !lc_cut_needed(p, c))
		card_tap_frame(lc->card, POINT_TX, p, frame, c->context,
			       c->handle);
	if (p->trace != 0)
		card_say(lc->card, p,
			 &(struct card_said){.kind = CTL_SAID_SENT,
					     .port = c->port,
					     .circuit = p->circuit_out,
					     .mtu = c->mtu,
					     .head = frame},
			 "its turn: sent on port %u/%u, circuit %u: %u"
			 " octets",
			 c->slot, c->port, p->circuit_out, p->len);
	return lc_out_wire(lc, p, frame, c);
}

/* Every packet goes round the loop, and no journey tells of it. */
static bool
lc_out_all_loop(const struct lc *lc, const struct pkt_vec *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		if (v->fate[i] != PKT_GO || v->pkt[i].trace != 0 ||
		    !lc->out_way[i].loop || lc->out_way[i].held)
			return false;
	}
	return true;
}

static void
lc_out_leave(struct lc *lc, struct pkt_vec *v)
{
	if (lc_out_all_loop(lc, v))
		card_send_vec(lc->card, v, stage_id(lc->slot, STAGE_IPPA));
	for (unsigned i = 0; i < v->n; i++) {
		struct pkt *p = &v->pkt[i];
		const struct eppa_way *way = &lc->out_way[i];

		if (v->fate[i] != PKT_GO)
			continue;
		if (way->held && lc_depart_hold(lc, v, i) == 0)
			continue;
		if (p->trace != 0)
			lc_say_out(lc, p, way);
		if (way->loop)
			card_send(lc->card, v, i,
				  stage_id(lc->slot, STAGE_IPPA));
		else
			v->fate[i] = (uint8_t)lc_out_wire(
			    lc, p, pkt_data(card_mem(lc->card), p),
			    way->circuit);
	}
	card_end(lc->card, v);
}

static void
lc_out_rest(struct lc *lc, struct pkt_vec *v)
{
	eppa_rewrite(&lc->table, card_mem(lc->card), lc->out_way, v);
	lc_out_tap(lc, POINT_TX, v);
	lc_out_leave(lc, v);
}

void
lc_out_resolved(struct lc *lc)
{
	struct pkt_vec *v = &lc->resolved;

	if (v->n == 0)
		return;
	eppa_decide(&lc->table, card_mem(lc->card), lc->slot, v, lc->out_way);
	/* Their features have had them, but for the queues of live ports. */
	if (feature_in_vec(lc->table.features, FEATURE_OUT, v))
		lc_depart_mark(lc, v);
	/* Whose next hop is another now waits no second time. */
	lc_neighbor_resolve(lc, v, false);
	lc_out_rest(lc, v);
	v->n = 0;
	lc_depart_now(lc);
}

void
lc_out_vector(void *arg, uint16_t from, struct pkt_vec *v)
{
	struct lc *lc = arg;

	(void)from;
	lc_neighbor_take(lc, v);
	lc_out_resolved(lc);
	eppa_decide(&lc->table, card_mem(lc->card), lc->slot, v, lc->out_way);
	if (feature_in_vec(lc->table.features, FEATURE_OUT, v)) {
		lc_depart_mark(lc, v);
		lc_feature_out(lc, v);
		lc_queue_out(lc, v);
	}
	lc_out_count_circuits(lc, v);
	lc_out_tap(lc, POINT_TUNNEL, v);
	lc_neighbor_resolve(lc, v, true);
	lc_out_rest(lc, v);
	lc_depart_now(lc);
}

size_t
lc_out_wait(void *arg, struct bus_poll *items, long *wait_ms)
{
	struct lc *lc = arg;
	uint64_t next = lc_neighbor_due(lc);
	uint64_t departs = lc_depart_due_ns(lc);
	uint64_t now;
	uint64_t ms;

	(void)items;
	if (departs < next)
		next = departs;
	if (next == NEIGHBOR_NO_TIME || *wait_ms == 0)
		return 0;
	now = clock_monotonic();
	ms = next <= now ? 0 : (next - now + CLOCK_MS_NS - 1) / CLOCK_MS_NS;
	if (ms < 3600000 && (*wait_ms < 0 || ms < (uint64_t)*wait_ms))
		*wait_ms = (long)ms;
	return 0;
}

void
lc_out_woken(void *arg, const struct bus_poll *items, size_t n)
{
	struct lc *lc = arg;

	(void)items;
	(void)n;
	lc_neighbor_expire(lc);
	lc_depart_now(lc);
}
