/*
 * Features of circuits over vectors: which packets have any is found first,
 * what they say of themselves is parsed once, then each feature is a loop. A
 * list that a circuit names and that has no row denies all: the end of every
 * list is a denial.
 */
#include "lc_feature.h"

#include "ip_flow.h"
#include "ip_mark.h"
#include "log.h"

/* The packets of a vector that have a feature. */
struct lc_featured {
	enum feature_direction direction;
	unsigned n;
	uint16_t at[PKT_VEC_MAX]; /* in the vector */
	const struct feature *feature[PKT_VEC_MAX];
	struct ip_flow flow[PKT_VEC_MAX];
};

static uint32_t
lc_feature_circuit(const struct pkt *p, enum feature_direction direction)
{
	return direction == FEATURE_IN ? p->circuit_in : p->circuit_out;
}

static void
lc_feature_find(const struct lc *lc, struct pkt_vec *v, struct lc_featured *f)
{
	const struct pkt_mem *mem = card_mem(lc->card);

	f->n = 0;
	for (unsigned i = 0; i < v->n; i++) {
		const struct pkt *p = &v->pkt[i];
		const struct feature *feature = feature_get(
		    lc->table.features, lc_feature_circuit(p, f->direction),
		    f->direction);

		if (feature == NULL || v->fate[i] != PKT_GO)
			continue;
		if (ip_flow_parse(pkt_data(mem, p), p->len, &f->flow[f->n]) !=
		    0) {
			v->fate[i] = PKT_DROP_BAD_IP_HEADER;
			continue;
		}
		f->at[f->n] = (uint16_t)i;
		f->feature[f->n++] = feature;
	}
}

static uint8_t
lc_feature_said(enum feature_direction direction)
{
	return direction == FEATURE_IN ? 1 : 2;
}

/* --- access lists --------------------------------------------------------- */

static void
lc_feature_log(const struct lc *lc, const struct lc_featured *f, unsigned k,
	       uint32_t circuit, const struct acl_row *row)
{
	const struct ip_flow *flow = &f->flow[k];
	struct ip_addr src = ip_flow_src(flow);
	struct ip_addr dst = ip_flow_dst(flow);
	const struct circuit *c = circuit_get(lc->table.fwd.circuits, circuit);
	char from[IP_ADDR_TEXT_MAX];
	char to[IP_ADDR_TEXT_MAX];

	log_warn("acl: denied circuit=%u handle=0x%llx direction=%s seq=%u"
		 " protocol=%u src=%s port=%u dst=%s port=%u",
		 circuit, c != NULL ? (unsigned long long)c->handle : 0,
		 f->direction == FEATURE_IN ? "in" : "out",
		 row != NULL ? row->seq : 0, flow->protocol,
		 ip_addr_text(&src, from), flow->src_port,
		 ip_addr_text(&dst, to), flow->dst_port);
}

/* What the list says, and what is counted and told of it. */
static bool
lc_feature_permits(struct lc *lc, const struct lc_featured *f, unsigned k,
		   struct pkt *p, uint32_t list)
{
	uint32_t circuit = lc_feature_circuit(p, f->direction);
	struct stats *stats = card_stats(lc->card);
	const struct acl *acl = acl_set_get(lc->table.acls, list);
	const struct acl_row *row =
	    acl == NULL ? NULL : acl_match(acl, &f->flow[k]);
	bool permit = row != NULL && row->permit;

	if (row != NULL && row->counter != 0)
		counter_add(&stats->acl_hit[row->counter], 1);
	if (f->feature[k]->count[f->direction])
		counter_add(permit ? &stats->feature[circuit].acl_permitted
				   : &stats->feature[circuit].acl_denied,
			    1);
	if (!permit && f->feature[k]->log[f->direction])
		lc_feature_log(lc, f, k, circuit, row);
	if (p->trace != 0)
		card_say(lc->card, p,
			 &(struct card_said){.kind = CTL_SAID_ACL,
					     .circuit = circuit,
					     .list = list,
					     .row = row == NULL ? 0 : row->seq,
					     .direction =
						 lc_feature_said(f->direction)},
			 "access list %s on circuit %u: %s %u",
			 f->direction == FEATURE_IN ? "in" : "out", circuit,
			 row == NULL ? "denied, no row fits:"
			 : permit    ? "permitted by row"
				     : "denied by row",
			 row == NULL ? 0 : row->seq);
	return permit;
}

static void
lc_feature_acl(struct lc *lc, struct pkt_vec *v, const struct lc_featured *f)
{
	for (unsigned k = 0; k < f->n; k++) {
		unsigned i = f->at[k];
		unsigned family =
		    f->flow[k].family == 4 ? FEATURE_IPV4 : FEATURE_IPV6;
		uint32_t list = f->feature[k]->acl[f->direction][family];

		if (list != 0 &&
		    !lc_feature_permits(lc, f, k, &v->pkt[i], list))
			v->fate[i] = PKT_DROP_ACL_DENIED;
	}
}

/* --- policing and metering ------------------------------------------------ */

static const char *const lc_feature_colours[POLICER_COLOURS] = {
    [POLICER_CONFORM] = "conforms",
    [POLICER_EXCEED] = "exceeds",
    [POLICER_VIOLATE] = "violates"};

/* False: dropped. */
static bool
lc_feature_meter(struct lc *lc, const struct lc_featured *f, struct pkt *p,
		 const struct policer *policer)
{
	uint32_t circuit = lc_feature_circuit(p, f->direction);
	struct stats_feature *stats = &card_stats(lc->card)->feature[circuit];
	enum policer_colour colour = policer_take(
	    policer,
	    feature_policing(lc->table.features, circuit, f->direction),
	    p->order_ns, p->len);

	counter_add(&stats->colour[colour].packets, 1);
	counter_add(&stats->colour[colour].octets, p->len);
	if (p->trace != 0)
		card_say(lc->card, p,
			 &(struct card_said){.kind = CTL_SAID_METER,
					     .circuit = circuit,
					     .row = colour,
					     .direction =
						 lc_feature_said(f->direction)},
			 "%s on circuit %u: %s",
			 f->direction == FEATURE_IN ? "policing" : "metering",
			 circuit, lc_feature_colours[colour]);
	if (policer->action[colour] == POLICER_MARK)
		ip_mark_set(pkt_data(card_mem(lc->card), p),
			    policer->dscp[colour]);
	return policer->action[colour] != POLICER_DROP;
}

static void
lc_feature_police(struct lc *lc, struct pkt_vec *v, const struct lc_featured *f)
{
	for (unsigned k = 0; k < f->n; k++) {
		unsigned i = f->at[k];
		const struct policer *policer = policer_get(
		    lc->table.policers, f->feature[k]->policer[f->direction]);

		if (policer == NULL || v->fate[i] != PKT_GO ||
		    (f->direction == FEATURE_OUT && lc->out_way[i].held))
			continue;
		if (!lc_feature_meter(lc, f, &v->pkt[i], policer))
			v->fate[i] = PKT_DROP_POLICER_EXCEEDED;
	}
}

void
lc_feature_in(struct lc *lc, struct pkt_vec *v)
{
	struct lc_featured f;

	if (!feature_in_vec(lc->table.features, FEATURE_IN, v))
		return;
	f.direction = FEATURE_IN;
	lc_feature_find(lc, v, &f);
	lc_feature_acl(lc, v, &f);
	lc_feature_police(lc, v, &f);
}

void
lc_feature_out(struct lc *lc, struct pkt_vec *v)
{
	struct lc_featured f;

	f.direction = FEATURE_OUT;
	lc_feature_find(lc, v, &f);
	lc_feature_acl(lc, v, &f);
	lc_feature_police(lc, v, &f);
}
