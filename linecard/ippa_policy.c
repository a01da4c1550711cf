/*
 * Which packets are protected, pass or are discarded, by the ordered entries of
 * the interface they leave by or came in on. The outbound database belongs to
 * the outside interface, as that is the protection boundary (RFC 4301 section
 * 3.1): the route decides which interface that is, the entries decide before
 * anything leaves by it. A route into a tunnel interface has chosen already,
 * and what an ASP has sealed is not held against them again; nesting is not
 * done.
 *
 * RFC 4301 sections 5.1 (outbound), 5.2 (inbound) and 6 (ICMP errors: outbound
 * by what they quote, in clear from outside by entries of their own): no entry
 * means discard.
 */
#include "ippa_policy.h"

#include "ip_hdr.h"
#include "stage.h"

#define IPPA_NATT_PORT 4500 /* RFC 3948 */

/* What an SA of ours may open, and only the homing knows. */
static bool
ippa_policy_sealed(const struct ip_flow *flow)
{
	return flow->protocol == IP_PROTO_ESP ||
	       flow->protocol == IP_PROTO_AH ||
	       (flow->protocol == IP_PROTO_UDP &&
		(flow->flags & IP_FLOW_PORTS) != 0 &&
		flow->dst_port == IPPA_NATT_PORT);
}

/* A packet in clear from outside. */
static enum pkt_fate
ippa_policy_clear(const struct spd *spd, const struct ip_flow *flow,
		  struct counter *hits)
{
	const struct spd_rule *rule = spd_match(spd, SPD_IN, flow);

	if (rule != NULL)
		counter_add(&hits[rule->id], 1);
	if (rule == NULL || rule->action == SPD_DISCARD)
		return PKT_DROP_SPD_DISCARD;
	return rule->action == SPD_PROTECT ? PKT_DROP_UNPROTECTED : PKT_GO;
}

void
ippa_policy_in(const struct lc_table *t, const struct pkt_mem *mem,
	       struct counter *hits, struct pkt_vec *v)
{
	if (spd_set_idle(t->fwd.spds))
		return;
	for (unsigned i = 0; i < v->n; i++) {
		const struct pkt *p = &v->pkt[i];
		const struct spd *spd = spd_set_of(t->fwd.spds, p->circuit_in);
		struct ip_flow flow;

		if (v->fate[i] != PKT_GO || spd == NULL)
			continue;
		if (ip_flow_parse(pkt_data(mem, p), p->len, &flow) != 0)
			v->fate[i] = PKT_DROP_BAD_IP_HEADER;
		else if (!ippa_policy_sealed(&flow))
			v->fate[i] =
			    (uint8_t)ippa_policy_clear(spd, &flow, hits);
	}
}

/*
 * Whether a packet that looks sealed is: AH and ESP to the router are for its
 * SAs, which say themselves what they do not know; of UDP only what goes to an
 * ASP.
 */
static bool
ippa_policy_ours(const struct lc_table *t, const struct ip_flow *flow,
		 const struct ippa_way *way)
{
	enum stage_role role = stage_role(way->to);

	if (role == STAGE_ASP1 || role == STAGE_ASP2)
		return true;
	return flow->protocol != IP_PROTO_UDP &&
	       adj_get(t->fwd.adjs, way->adj)->kind == ADJ_LOCAL;
}

static enum pkt_fate
ippa_policy_leave(const struct lc_table *t, uint16_t own_eppa,
		  const struct spd *spd, const struct ip_flow *flow,
		  struct counter *hits, const void *ip, struct pkt *p,
		  struct ippa_way *way)
{
	const struct spd_rule *rule =
	    spd_match_packet(spd, SPD_OUT, flow, ip, p->len);

	if (rule != NULL)
		counter_add(&hits[rule->id], 1);
	way->policy = rule;
	if (rule == NULL || rule->action == SPD_DISCARD)
		return PKT_DROP_SPD_DISCARD;
	if (rule->action == SPD_BYPASS)
		return PKT_GO;
	return ippa_tunnel(t, own_eppa, rule->circuit, ip, p, way);
}

static enum pkt_fate
ippa_policy_one(const struct lc_table *t, const struct pkt_mem *mem,
		uint16_t own_eppa, struct counter *hits, struct pkt *p,
		struct ippa_way *way)
{
	const struct spd *came = spd_set_of(t->fwd.spds, p->circuit_in);
	const struct spd *leaves = spd_set_of(t->fwd.spds, p->circuit_out);
	enum pkt_fate fate = PKT_GO;
	struct ip_flow flow;

	if (p->flags & PKT_F_PROTECT)
		leaves = NULL;
	if (came == NULL && leaves == NULL)
		return PKT_GO;
	if (ip_flow_parse(pkt_data(mem, p), p->len, &flow) != 0)
		return PKT_DROP_BAD_IP_HEADER;
	if (came != NULL && ippa_policy_sealed(&flow) &&
	    !ippa_policy_ours(t, &flow, way))
		fate = ippa_policy_clear(came, &flow, hits);
	if (fate == PKT_GO && leaves != NULL)
		fate = ippa_policy_leave(t, own_eppa, leaves, &flow, hits,
					 pkt_data(mem, p), p, way);
	return fate;
}

void
ippa_policy_out(const struct lc_table *t, const struct pkt_mem *mem,
		uint16_t own_eppa, struct counter *hits, struct pkt_vec *v,
		struct ippa_way *way)
{
	if (spd_set_idle(t->fwd.spds))
		return;
	for (unsigned i = 0; i < v->n; i++) {
		if (v->fate[i] != PKT_GO)
			continue;
		v->fate[i] = (uint8_t)ippa_policy_one(t, mem, own_eppa, hits,
						      &v->pkt[i], &way[i]);
		if (v->fate[i] != PKT_GO)
			way[i].to = STAGE_NONE;
	}
}
