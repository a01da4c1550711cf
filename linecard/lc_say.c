/*
 * Sentences for journeys: addresses, contexts and stages in words. Only traced
 * packets come here, so nothing is in a hurry. A drop speaks for itself: the
 * card library says its reason.
 */
#include <stdio.h>

#include "ip_hdr.h"
#include "lc_say.h"

#define LC_SAY_LOCAL UINT32_C(0x40080001)
#define LC_SAY_TEXT 48

/* The destination that was looked up; p begins with its IP header. */
static const char *
lc_say_address(const struct lc *lc, const struct pkt *p,
	       const struct ippa_way *way, char text[LC_SAY_TEXT])
{
	const struct ipv6_hdr *ip =
	    (const void *)pkt_data(card_mem(lc->card), p);
	struct ip_addr addr =
	    way->v6 ? ip_addr_v6(ip->dst) : ip_addr_v4(way->dst);

	return ip_addr_text(&addr, text);
}

static const char *
lc_say_context(uint32_t context, char text[LC_SAY_TEXT])
{
	(void)snprintf(text, LC_SAY_TEXT,
		       context == LC_SAY_LOCAL ? "context local (0x%08x)"
					       : "context 0x%08x",
		       context);
	return text;
}

static const char *
lc_say_hop(const struct lc *lc, const struct pkt *p, char text[LC_SAY_TEXT])
{
	struct ip_addr hop = {0};

	(void)eppa_next_hop(&lc->table, card_mem(lc->card), p, &hop);
	return ip_addr_text(&hop, text);
}

/* What the lookup led to, without the next stage. */
static void
lc_say_found(const struct lc *lc, const struct pkt *p,
	     const struct ippa_way *way, char *text, size_t octets)
{
	const struct adj *adj = adj_get(lc->table.fwd.adjs, way->adj);
	char hop[LC_SAY_TEXT];

	if (p->flags & PKT_F_PROTECT)
		(void)snprintf(text, octets, "tunnel circuit %u, %s",
			       way->circuit,
			       p->flags & PKT_F_ECONOMICAL ? "economical"
							   : "circuit-based");
	else if (adj->kind == ADJ_FORWARD || adj->kind == ADJ_ATTACHED)
		(void)snprintf(text, octets, "circuit %u, next hop %s",
			       way->circuit, lc_say_hop(lc, p, hop));
	else if (p->handle != 0)
		(void)snprintf(text, octets,
			       "the router itself, ESP of tunnel circuit %u",
			       p->handle);
	else
		(void)snprintf(text, octets, "the router itself");
}

static const char *const lc_say_actions[] = {[SPD_PROTECT] = "protect",
					     [SPD_BYPASS] = "bypass",
					     [SPD_DISCARD] = "discard"};

/* What was looked up, in ids, for who knows the names. */
static void
lc_said_way(const struct lc *lc, const struct pkt *p,
	    const struct ippa_way *way, struct card_said *said)
{
	const struct ipv6_hdr *ip =
	    (const void *)pkt_data(card_mem(lc->card), p);

	*said = (struct card_said){.kind = CTL_SAID_ROUTE,
				   .context = way->context,
				   .circuit = way->circuit,
				   .adj = way->adj};
	said->addr = way->v6 ? ip_addr_v6(ip->dst) : ip_addr_v4(way->dst);
	if (!(p->flags & PKT_F_PROTECT))
		(void)eppa_next_hop(&lc->table, card_mem(lc->card), p,
				    &said->next_hop);
	said->goes = way->to != STAGE_NONE;
	said->to = way->to;
}

static void
lc_say_policy(struct lc *lc, struct pkt *p, const struct spd_rule *rule)
{
	card_say(lc->card, p,
		 &(struct card_said){.kind = CTL_SAID_POLICY,
				     .circuit = rule->circuit,
				     .list = rule->id,
				     .entry = (uint32_t)(rule->order >> 32),
				     .row = (uint32_t)rule->order},
		 "security policy: entry %u row %u says %s",
		 (unsigned)(rule->order >> 32), (unsigned)rule->order,
		 lc_say_actions[rule->action]);
}

void
lc_say_way(struct lc *lc, struct pkt *p, unsigned fate,
	   const struct ippa_way *way)
{
	struct card_said said;
	char found[128];
	char address[LC_SAY_TEXT];
	char context[LC_SAY_TEXT];
	char stage[STAGE_NAME_MAX];

	if (way->policy != NULL)
		lc_say_policy(lc, p, way->policy);
	lc_said_way(lc, p, way, &said);
	if (fate != PKT_GO) {
		if (way->context != 0)
			card_say(lc->card, p, &said, "%s in %s: adjacency %u",
				 lc_say_address(lc, p, way, address),
				 lc_say_context(way->context, context),
				 way->adj);
		return;
	}
	stage_name(way->to, stage);
	if (p->flags & PKT_F_LOOPED) {
		said = (struct card_said){.kind = CTL_SAID_LOOP,
					  .circuit = way->circuit,
					  .goes = true,
					  .to = way->to};
		card_say(lc->card, p, &said,
			 "back from the loop, tunnel circuit %u: to %s",
			 way->circuit, stage);
		return;
	}
	lc_say_found(lc, p, way, found, sizeof(found));
	card_say(lc->card, p, &said, "%s in %s -> %s: to %s",
		 lc_say_address(lc, p, way, address),
		 lc_say_context(way->context, context), found, stage);
}

void
lc_say_out(struct lc *lc, struct pkt *p, const struct eppa_way *way)
{
	char address[LC_SAY_TEXT];
	const struct circuit *c = way->circuit;
	struct card_said said = {.kind = CTL_SAID_SENT,
				 .circuit = p->circuit_out,
				 .adj = p->handle,
				 .mtu = c->mtu,
				 .port = c->port,
				 .mac = way->resolved ? way->mac : NULL};

	if (way->loop) {
		said.kind = CTL_SAID_LOOP;
		said.goes = true;
		said.to = stage_id(lc->slot, STAGE_IPPA);
		card_say(
		    lc->card, p, &said,
		    "egress features of tunnel circuit %u: %u octets, MTU %u; "
		    "looped to %u/ippa",
		    p->circuit_out, p->len, c->mtu, lc->slot);
		return;
	}
	(void)eppa_next_hop(&lc->table, card_mem(lc->card), p, &said.next_hop);
	card_say(lc->card, p, &said,
		 "sent on port %u/%u, circuit %u, to %s: %u octets", c->slot,
		 c->port, p->circuit_out, lc_say_hop(lc, p, address), p->len);
}
