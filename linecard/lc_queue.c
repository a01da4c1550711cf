/*
 * Priority within vectors. Packets change places among the places that their
 * circuit's packets have in the vector, and so no other circuit's packets move.
 * With the place goes the packet's place in the order of arrival (its clock and
 * number), or the writers at the ports, who sort by it, would undo the priority
 * after the ASP has numbered the packets. Packets of two rounds keep their
 * order: a round is written before the next.
 */
#include "lc_queue.h"

#include <string.h>

#include "ip_flow.h"
#include "ip_mark.h"

/* The packets of one circuit in a vector: their places, and who gets them. */
struct lc_places {
	unsigned n;
	unsigned next; /* of the new order */
	uint16_t at[PKT_VEC_MAX];
	uint16_t from[PKT_VEC_MAX];
};

static void
lc_places_next(struct lc_places *places, uint32_t i)
{
	if (i != PQ_NONE)
		places->from[places->next++] = (uint16_t)i;
}

static bool
lc_places_one_round(const struct pkt_vec *v, const struct lc_places *places)
{
	for (unsigned k = 1; k < places->n; k++) {
		if (v->pkt[places->at[k]].round != v->pkt[places->at[0]].round)
			return false;
	}
	return true;
}

/* way: beside the packets, or NULL. Fates are all PKT_GO. */
static void
lc_places_move(struct pkt_vec *v, struct ippa_way *way,
	       const struct lc_places *places)
{
	struct pkt pkt[PKT_VEC_MAX];
	struct ippa_way ways[PKT_VEC_MAX];

	if (!lc_places_one_round(v, places))
		return;
	for (unsigned k = 0; k < places->n; k++) {
		pkt[k] = v->pkt[places->from[k]];
		if (way != NULL)
			ways[k] = way[places->from[k]];
		pkt[k].order_ns = v->pkt[places->at[k]].order_ns;
		pkt[k].index = v->pkt[places->at[k]].index;
		pkt[k].in_port = v->pkt[places->at[k]].in_port;
	}
	for (unsigned k = 0; k < places->n; k++) {
		v->pkt[places->at[k]] = pkt[k];
		if (way != NULL)
			way[places->at[k]] = ways[k];
	}
}

/* --- priority queues of a circuit ----------------------------------------- */

struct pq *
lc_queue_of(struct lc *lc, uint32_t circuit)
{
	const struct feature *f =
	    feature_get(lc->table.features, circuit, FEATURE_OUT);
	const struct pq_conf *conf;
	uint32_t version;

	if (f == NULL || f->pq == 0)
		return NULL;
	conf = queuing_pq(lc->table.queuings, f->pq, &version);
	return conf == NULL
		   ? NULL
		   : feature_pq(lc->table.features, circuit, conf, version);
}

void
lc_queue_count(struct lc *lc, uint32_t circuit, unsigned queue, uint32_t octets,
	       bool dropped)
{
	struct stats_feature *stats = &card_stats(lc->card)->feature[circuit];

	counter_add(dropped ? &stats->queue[queue].dropped
			    : &stats->queue[queue].packets,
		    1);
	counter_add(dropped ? &stats->queue[queue].dropped_octets
			    : &stats->queue[queue].octets,
		    octets);
}

void
lc_queue_depth(struct lc *lc, uint32_t circuit, const struct pq *pq)
{
	struct stats_feature *stats = &card_stats(lc->card)->feature[circuit];

	for (unsigned i = 0; i < PQ_QUEUES; i++)
		counter_set(&stats->queue[i].depth, pq_depth(pq, i));
}

/* One packet arrives; what leaves before it goes first. */
static void
lc_queue_arrive(struct lc *lc, struct pkt_vec *v, unsigned i, struct pq *pq,
		struct lc_places *places)
{
	struct pkt *p = &v->pkt[i];
	unsigned queue =
	    pq_conf(pq)->map[ip_mark_get(pkt_data(card_mem(lc->card), p))];
	uint32_t item;
	uint64_t at_ns;
	int err;

	while (pq_depart(pq, p->order_ns, &item, &at_ns))
		lc_places_next(places, item);
	err = pq_arrive(pq, p->order_ns, queue, p->len, i);
	lc_queue_count(lc, p->circuit_out, queue, p->len, err != 0);
	if (p->trace != 0)
		card_say(lc->card, p,
			 &(struct card_said){.kind = CTL_SAID_QUEUE,
					     .circuit = p->circuit_out,
					     .queue = (uint8_t)queue,
					     .direction = 2},
			 "queue %u of circuit %u%s", queue, p->circuit_out,
			 err != 0 ? ": full" : "");
	if (err != 0)
		v->fate[i] = PKT_DROP_QUEUE_FULL;
	else
		places->at[places->n++] = (uint16_t)i;
}

/* All packets of one circuit, from the first on. */
static void
lc_queue_circuit(struct lc *lc, struct pkt_vec *v, unsigned first,
		 struct pq *pq, bool done[PKT_VEC_MAX])
{
	uint32_t circuit = v->pkt[first].circuit_out;
	struct lc_places places = {.n = 0};
	uint32_t item;

	for (unsigned i = first; i < v->n; i++) {
		if (v->fate[i] != PKT_GO || v->pkt[i].circuit_out != circuit)
			continue;
		done[i] = true;
		lc_queue_arrive(lc, v, i, pq, &places);
	}
	while (pq_release(pq, &item))
		lc_places_next(&places, item);
	lc_queue_depth(lc, circuit, pq);
	lc_places_move(v, NULL, &places);
}

void
lc_queue_out(struct lc *lc, struct pkt_vec *v)
{
	bool done[PKT_VEC_MAX];

	memset(done, 0, sizeof(done));
	for (unsigned i = 0; i < v->n; i++) {
		struct pq *pq;

		if (v->fate[i] != PKT_GO || done[i] || lc->out_way[i].held)
			continue;
		pq = lc_queue_of(lc, v->pkt[i].circuit_out);
		if (pq != NULL)
			lc_queue_circuit(lc, v, i, pq, done);
	}
}

/* --- priority towards the ASP --------------------------------------------- */

static unsigned
lc_queue_select(struct lc *lc, const struct asp_queues *q, const struct pkt *p)
{
	const uint8_t *ip = pkt_data(card_mem(lc->card), p);
	struct ip_flow flow;

	if (ip_flow_parse(ip, p->len, &flow) != 0)
		return PQ_QUEUES - 1;
	for (unsigned i = 0; i < PQ_QUEUES; i++) {
		const struct acl *acl = acl_set_get(
		    lc->table.acls,
		    q->acl[flow.family == 4 ? FEATURE_IPV4 : FEATURE_IPV6][i]);
		const struct acl_row *row =
		    acl == NULL ? NULL : acl_match(acl, &flow);

		if (row != NULL && row->permit &&
		    (q->dscp[i] == ASP_DSCP_ANY || q->dscp[i] == flow.tos >> 2))
			return i;
	}
	return PQ_QUEUES - 1;
}

static void
lc_queue_tunnel(struct lc *lc, struct pkt_vec *v, unsigned first,
		const struct asp_queues *q, bool done[PKT_VEC_MAX])
{
	uint32_t circuit = v->pkt[first].circuit_out;
	struct lc_places places = {.n = 0};
	uint8_t queue[PKT_VEC_MAX];

	for (unsigned i = first; i < v->n; i++) {
		struct pkt *p = &v->pkt[i];

		if (v->fate[i] != PKT_GO || p->circuit_out != circuit)
			continue;
		done[i] = true;
		queue[i] = (uint8_t)lc_queue_select(lc, q, p);
		places.at[places.n++] = (uint16_t)i;
		lc_queue_count(lc, circuit, queue[i], p->len, false);
		if (p->trace != 0)
			card_say(lc->card, p,
				 &(struct card_said){.kind = CTL_SAID_QUEUE,
						     .circuit = circuit,
						     .queue = queue[i]},
				 "queue %u towards the ASP, tunnel circuit"
				 " %u",
				 queue[i], circuit);
	}
	for (unsigned level = 0; level < PQ_QUEUES; level++) {
		for (unsigned k = 0; k < places.n; k++) {
			if (queue[places.at[k]] == level)
				lc_places_next(&places, places.at[k]);
		}
	}
	lc_places_move(v, lc->in_way, &places);
}

void
lc_queue_asp(struct lc *lc, struct pkt_vec *v)
{
	bool done[PKT_VEC_MAX];

	if (!feature_in_vec(lc->table.features, FEATURE_ASP, v))
		return;
	memset(done, 0, sizeof(done));
	for (unsigned i = 0; i < v->n; i++) {
		const struct feature *f;
		const struct asp_queues *q;

		if (v->fate[i] != PKT_GO || done[i])
			continue;
		f = feature_get(lc->table.features, v->pkt[i].circuit_out,
				FEATURE_ASP);
		q = f == NULL ? NULL
			      : queuing_asp(lc->table.queuings, f->asp_queues);
		if (q != NULL)
			lc_queue_tunnel(lc, v, i, q, done);
	}
}
