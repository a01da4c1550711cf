/*
 * Metering, queues and writing of held frames. A frame goes from the round's
 * list to its circuit's queues when the round is complete, and to the port when
 * its time has come: when a packet of a complete round is as late as that, or
 * at the end of the input. What it then bears as its place in the order of
 * arrival is the instant of its departure, so the writer at the port puts it
 * among the port's other frames.
 */
#include "lc_depart.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "ip_mark.h"
#include "lc_queue.h"

struct lc_held {
	struct pkt pkt;
	uint8_t frame[];
};

void
lc_depart_fini(struct lc *lc)
{
	struct lc_depart *d = &lc->depart;

	for (unsigned i = 0; i < d->count; i++)
		free(d->slot[i]);
	free(d->slot);
	free(d->spare);
	free(d->fresh);
	free(d->queued);
	*d = (struct lc_depart){0};
}

static bool
lc_depart_holds(const struct lc *lc, const struct pkt *p,
		const struct eppa_way *way, const struct feature *f)
{
	unsigned port = way->circuit->port;

	if (p->round != 0)
		return f->pq != 0 || f->policer[FEATURE_OUT] != 0;
	return f->pq != 0 && port < STATS_PORTS && lc->port[port].wire;
}

void
lc_depart_mark(struct lc *lc, struct pkt_vec *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		const struct feature *f = feature_get(
		    lc->table.features, v->pkt[i].circuit_out, FEATURE_OUT);
		struct eppa_way *way = &lc->out_way[i];

		way->held = f != NULL && v->fate[i] == PKT_GO && !way->loop &&
			    lc_depart_holds(lc, &v->pkt[i], way, f);
	}
}

/* --- holding -------------------------------------------------------------- */

/* Room for one more frame everywhere. */
static int
lc_depart_grow(struct lc_depart *d)
{
	unsigned room = d->room == 0 ? 256 : 2 * d->room;
	struct lc_held **slot;
	uint32_t *spare;
	uint32_t *fresh;

	if (d->nspare > 0 || d->count < d->room)
		return 0;
	slot = realloc(d->slot, room * sizeof(*slot));
	d->slot = slot != NULL ? slot : d->slot;
	spare = realloc(d->spare, room * sizeof(*spare));
	d->spare = spare != NULL ? spare : d->spare;
	fresh = realloc(d->fresh, room * sizeof(*fresh));
	d->fresh = fresh != NULL ? fresh : d->fresh;
	if (slot == NULL || spare == NULL || fresh == NULL)
		return -ENOMEM;
	d->room = room;
	return 0;
}

int
lc_depart_hold(struct lc *lc, struct pkt_vec *v, unsigned i)
{
	const struct pkt *p = &v->pkt[i];
	struct lc_depart *d = &lc->depart;
	struct lc_held *held;
	uint32_t at;

	if (lc_depart_grow(d) != 0)
		return -ENOMEM;
	held = malloc(sizeof(*held) + p->len);
	if (held == NULL)
		return -ENOMEM;
	held->pkt = *p;
	memcpy(held->frame, pkt_data(card_mem(lc->card), p), p->len);
	at = d->nspare > 0 ? d->spare[--d->nspare] : d->count++;
	d->slot[at] = held;
	d->fresh[d->nfresh++] = at;
	d->live |= p->round == 0;
	card_hold(lc->card, v, i);
	return 0;
}

static void
lc_depart_forget(struct lc_depart *d, uint32_t at)
{
	free(d->slot[at]);
	d->slot[at] = NULL;
	d->spare[d->nspare++] = at;
}

/* --- leaving -------------------------------------------------------------- */

static void
lc_depart_end(struct lc *lc, uint32_t at, enum pkt_fate fate)
{
	struct lc_held *held = lc->depart.slot[at];

	card_end_held(lc->card, &held->pkt, fate, held->frame);
	lc_depart_forget(&lc->depart, at);
}

/* The frame leaves by its port, as a packet of this round and instant. */
static void
lc_depart_send(struct lc *lc, uint32_t at, uint32_t round, uint64_t ns)
{
	struct lc_held *held = lc->depart.slot[at];
	const struct circuit *c =
	    circuit_get(lc->table.fwd.circuits, held->pkt.circuit_out);
	enum pkt_fate fate = PKT_DROP_BAD_HANDLE;

	held->pkt.round = round;
	held->pkt.order_ns = ns;
	if (c != NULL)
		fate = lc_out_departs(lc, &held->pkt, held->frame, c);
	lc_depart_end(lc, at, fate);
}

/* False: dropped. */
static bool
lc_depart_meter(struct lc *lc, struct lc_held *held, const struct feature *f)
{
	const struct policer *policer =
	    policer_get(lc->table.policers, f->policer[FEATURE_OUT]);
	uint32_t circuit = held->pkt.circuit_out;
	struct stats_feature *stats = &card_stats(lc->card)->feature[circuit];
	uint32_t octets = (uint32_t)held->pkt.len - held->pkt.l2;
	enum policer_colour colour;

	if (policer == NULL)
		return true;
	colour = policer_take(
	    policer, feature_policing(lc->table.features, circuit, FEATURE_OUT),
	    held->pkt.order_ns, octets);
	counter_add(&stats->colour[colour].packets, 1);
	counter_add(&stats->colour[colour].octets, octets);
	if (policer->action[colour] == POLICER_MARK)
		ip_mark_set(held->frame + held->pkt.l2, policer->dscp[colour]);
	return policer->action[colour] != POLICER_DROP;
}

/* What leaves the queues of a circuit by an instant. */
static void
lc_depart_drain(struct lc *lc, struct pq *pq, uint32_t round, uint64_t until_ns)
{
	uint64_t ns;
	uint32_t at;

	while (pq_depart(pq, until_ns, &at, &ns)) {
		if (at != PQ_NONE)
			lc_depart_send(lc, at, round, ns);
	}
}

/* Remembers that a circuit has queues here. */
static void
lc_depart_remember(struct lc_depart *d, uint32_t circuit)
{
	uint16_t *more;

	for (unsigned i = 0; i < d->nqueued; i++) {
		if (d->queued[i] == circuit)
			return;
	}
	more = realloc(d->queued, (d->nqueued + 1) * sizeof(*more));
	/* Without memory its last packets leave at the end. */
	if (more == NULL)
		return;
	d->queued = more;
	d->queued[d->nqueued++] = (uint16_t)circuit;
}

static void
lc_depart_queue(struct lc *lc, uint32_t at, struct pq *pq, uint32_t round)
{
	struct lc_held *held = lc->depart.slot[at];
	struct pkt *p = &held->pkt;
	unsigned queue = pq_conf(pq)->map[ip_mark_get(held->frame + p->l2)];
	uint32_t circuit = p->circuit_out;
	uint32_t octets = (uint32_t)p->len - p->l2;
	int err;

	lc_depart_remember(&lc->depart, circuit);
	lc_depart_drain(lc, pq, round, p->order_ns);
	err = pq_arrive(pq, p->order_ns, queue, octets, at);
	lc_queue_count(lc, circuit, queue, octets, err != 0);
	if (p->trace != 0)
		card_say(lc->card, p,
			 &(struct card_said){.kind = CTL_SAID_QUEUE,
					     .circuit = circuit,
					     .queue = (uint8_t)queue,
					     .direction = 2,
					     .head = held->frame},
			 "queue %u of circuit %u%s", queue, circuit,
			 err != 0 ? ": full" : "");
	if (err != 0)
		lc_depart_end(lc, at, PKT_DROP_QUEUE_FULL);
}

/* One frame of a complete round, in order of arrival. */
static void
lc_depart_one(struct lc *lc, uint32_t at, uint32_t round)
{
	struct lc_held *held = lc->depart.slot[at];
	const struct feature *f =
	    feature_get(lc->table.features, held->pkt.circuit_out, FEATURE_OUT);
	struct pq *pq = lc_queue_of(lc, held->pkt.circuit_out);

	if (held->pkt.order_ns > lc->depart.now_ns)
		lc->depart.now_ns = held->pkt.order_ns;
	if (f != NULL && !lc_depart_meter(lc, held, f))
		lc_depart_end(lc, at, PKT_DROP_POLICER_EXCEEDED);
	else if (pq != NULL)
		lc_depart_queue(lc, at, pq, round);
	else
		lc_depart_send(lc, at, round, held->pkt.order_ns);
}

/* Every circuit's queues, as far as the clock has come. */
static void
lc_depart_drain_all(struct lc *lc, uint32_t round, uint64_t until_ns)
{
	for (unsigned i = 0; i < lc->depart.nqueued; i++) {
		uint32_t circuit = lc->depart.queued[i];
		struct pq *pq = lc_queue_of(lc, circuit);

		if (pq == NULL)
			continue;
		lc_depart_drain(lc, pq, round, until_ns);
		lc_queue_depth(lc, circuit, pq);
	}
}

struct lc_depart_key {
	uint64_t order_ns;
	uint64_t tie;
	uint32_t round;
	uint32_t at;
};

static int
lc_depart_compare(const void *a, const void *b)
{
	const struct lc_depart_key *x = a;
	const struct lc_depart_key *y = b;

	if (x->round != y->round)
		return x->round < y->round ? -1 : 1;
	if (x->order_ns != y->order_ns)
		return x->order_ns < y->order_ns ? -1 : 1;
	return x->tie < y->tie ? -1 : x->tie > y->tie;
}

/* Those of complete rounds, sorted; the rest stays fresh. */
static unsigned
lc_depart_due(struct lc_depart *d, uint32_t round, struct lc_depart_key *key)
{
	unsigned due = 0;
	unsigned kept = 0;

	for (unsigned i = 0; i < d->nfresh; i++) {
		const struct pkt *p = &d->slot[d->fresh[i]]->pkt;

		if (p->round > round) {
			d->fresh[kept++] = d->fresh[i];
			continue;
		}
		key[due++] = (struct lc_depart_key){
		    p->order_ns, pkt_order_tie(p), p->round, d->fresh[i]};
	}
	d->nfresh = kept;
	qsort(key, due, sizeof(*key), lc_depart_compare);
	return due;
}

void
lc_depart_flush(struct lc *lc, uint32_t round)
{
	struct lc_depart *d = &lc->depart;
	struct lc_depart_key *key;
	unsigned due;

	if (d->count == d->nspare)
		return;
	key = malloc((d->nfresh + 1) * sizeof(*key));
	/* Without memory they wait for the next round, or the end. */
	if (key == NULL)
		return;
	due = lc_depart_due(d, round, key);
	for (unsigned i = 0; i < due; i++)
		lc_depart_one(lc, key[i].at, round);
	free(key);
	lc_depart_drain_all(lc, round, d->now_ns);
}

/* --- live ----------------------------------------------------------------- */

/* Its queues are gone: what waited in them waits no more, nor changes places.
 */
static void
lc_depart_orphans(struct lc *lc, uint32_t circuit, uint64_t now_ns)
{
	struct lc_depart *d = &lc->depart;
	struct lc_depart_key *key = malloc((d->count + 1) * sizeof(*key));
	unsigned n = 0;

	for (uint32_t at = 0; key != NULL && at < d->count; at++) {
		const struct pkt *p;

		if (d->slot[at] == NULL ||
		    d->slot[at]->pkt.circuit_out != circuit)
			continue;
		p = &d->slot[at]->pkt;
		key[n++] = (struct lc_depart_key){p->order_ns, pkt_order_tie(p),
						  0, at};
	}
	if (n > 1)
		qsort(key, n, sizeof(*key), lc_depart_compare);
	for (unsigned i = 0; i < n; i++)
		lc_depart_send(lc, key[i].at, 0, now_ns);
	free(key);
}

void
lc_depart_now(struct lc *lc)
{
	struct lc_depart *d = &lc->depart;
	uint64_t now;
	unsigned fresh = d->nfresh;

	if (!d->live || d->count == d->nspare)
		return;
	now = clock_monotonic();
	d->nfresh = 0;
	for (unsigned i = 0; i < fresh; i++) {
		d->slot[d->fresh[i]]->pkt.order_ns = now;
		lc_depart_one(lc, d->fresh[i], 0);
	}
	for (unsigned i = 0; i < d->nqueued; i++) {
		if (lc_queue_of(lc, d->queued[i]) == NULL)
			lc_depart_orphans(lc, d->queued[i], now);
	}
	lc_depart_drain_all(lc, 0, now);
}

uint64_t
lc_depart_due_ns(struct lc *lc)
{
	struct lc_depart *d = &lc->depart;
	uint64_t first = UINT64_MAX;
	uint64_t ns;

	for (unsigned i = 0; d->live && i < d->nqueued; i++) {
		struct pq *pq = lc_queue_of(lc, d->queued[i]);

		if (pq != NULL && pq_next_ns(pq, &ns) && ns < first)
			first = ns;
		else if (pq == NULL && d->count != d->nspare)
			first = 0;
	}
	return first;
}

void
lc_depart_close(struct lc *lc)
{
	struct lc_depart *d = &lc->depart;

	lc_depart_flush(lc, UINT32_MAX);
	lc_depart_drain_all(lc, UINT32_MAX, UINT64_MAX);
	for (uint32_t at = 0; at < d->count; at++) {
		if (d->slot[at] != NULL)
			lc_depart_send(lc, at, UINT32_MAX,
				       d->slot[at]->pkt.order_ns);
	}
}
