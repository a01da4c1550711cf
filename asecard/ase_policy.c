/*
 * The selectors of tunnels, held against what is sealed and what was opened.
 * A tunnel is bound to a list of its own (ipsec-access-list) or to the whole
 * selection that chooses it; either way a packet belongs to the tunnel where
 * the first entry that matches says: protect, through this tunnel. So an entry
 * that comes first and says something else counts against an opened packet too,
 * as the decorrelated entries of the RFC would (section 4.4.1, appendix B).
 * A tunnel that is bound to none carries any to any.
 *
 * RFC 4301 sections 5.1, 5.2 and 6.2.
 */
#include "ase.h"

/* Seen by everybody who asks which entries are in use. */
static void
ase_policy_count(struct ase *ase, const struct spd_rule *rule)
{
	counter_add(&card_stats(ase->card)->policy[rule->id], 1);
}

static bool
ase_policy_protects(const struct spd_rule *rule, uint32_t circuit)
{
	return rule != NULL && rule->action == SPD_PROTECT &&
	       rule->circuit == circuit;
}

/*
 * An ICMP error whose own headers do not belong to the SA is judged by the
 * packet that it quotes (RFC 4301 section 6.2), unless an entry discards it.
 */
static const struct spd_rule *
ase_policy_match(const struct spd *spd, enum spd_direction dir,
		 const struct ip_flow *flow, const uint8_t *ip, unsigned octets,
		 uint32_t circuit)
{
	const struct spd_rule *rule = spd_match(spd, dir, flow);
	const struct spd_rule *quoted;

	if (ase_policy_protects(rule, circuit) ||
	    (rule != NULL && rule->action == SPD_DISCARD))
		return rule;
	quoted = spd_match_quoted(spd, dir, flow, ip, octets);
	return ase_policy_protects(quoted, circuit) ? quoted : rule;
}

static enum pkt_fate
ase_policy_one(struct ase *ase, struct pkt *p, uint32_t circuit,
	       enum spd_direction dir)
{
	const struct spd *spd = spd_set_of(ase->fwd.spds, circuit);
	const uint8_t *ip = pkt_data(card_mem(ase->card), p);
	const struct spd_rule *rule;
	struct ip_flow flow;

	if (spd == NULL)
		return PKT_GO;
	if (ip_flow_parse(ip, p->len, &flow) != 0)
		return PKT_DROP_BAD_IP_HEADER;
	rule = ase_policy_match(spd, dir, &flow, ip, p->len, circuit);
	if (rule != NULL)
		ase_policy_count(ase, rule);
	if (p->trace != 0 && rule != NULL)
		card_say(
		    ase->card, p,
		    &(struct card_said){.kind = CTL_SAID_POLICY,
					.circuit = circuit,
					.list = rule->id,
					.entry = (uint32_t)(rule->order >> 32),
					.row = (uint32_t)rule->order},
		    "selectors: entry %u row %u, %s tunnel circuit %u",
		    (unsigned)(rule->order >> 32), (unsigned)rule->order,
		    rule->action == SPD_PROTECT ? "protect through" : "not for",
		    rule->circuit);
	return ase_policy_protects(rule, circuit) ? PKT_GO
						  : PKT_DROP_SELECTOR_MISMATCH;
}

static void
ase_policy_vec(struct ase *ase, struct pkt_vec *v, enum spd_direction dir)
{
	if (spd_set_idle(ase->fwd.spds))
		return;
	for (unsigned i = 0; i < v->n; i++) {
		struct esp_sa *sa =
		    dir == SPD_IN ? ase->vec.found[i] : ase->vec.sa[i];
		enum pkt_fate fate;

		if ((ase->vec.job[i] == ASE_OPEN) != (dir == SPD_IN) ||
		    v->fate[i] != PKT_GO || sa == NULL)
			continue;
		fate = ase_policy_one(ase, &v->pkt[i], sa->circuit, dir);
		if (fate != PKT_GO)
			esp_drop(v, i, sa, fate);
	}
}

void
ase_policy_out(struct ase *ase, struct pkt_vec *v)
{
	ase_policy_vec(ase, v, SPD_OUT);
}

void
ase_policy_in(struct ase *ase, struct pkt_vec *v)
{
	ase_policy_vec(ase, v, SPD_IN);
}

bool
ase_policy_selects(const struct ase *ase, uint32_t circuit)
{
	return !spd_set_idle(ase->fwd.spds) &&
	       spd_set_of(ase->fwd.spds, circuit) != NULL;
}
