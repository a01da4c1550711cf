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

void
lc_say_way(struct lc *lc, struct pkt *p, unsigned fate,
	   const struct ippa_way *way)
{
	char found[128];
	char address[LC_SAY_TEXT];
	char context[LC_SAY_TEXT];
	char stage[STAGE_NAME_MAX];

	if (way->policy != NULL)
		card_trace(lc->card, p,
			   "security policy: entry %u row %u says %s",
			   (unsigned)(way->policy->order >> 32),
			   (unsigned)way->policy->order,
			   lc_say_actions[way->policy->action]);
	if (fate != PKT_GO) {
		if (way->context != 0)
			card_trace(lc->card, p, "%s in %s: adjacency %u",
				   lc_say_address(lc, p, way, address),
				   lc_say_context(way->context, context),
				   way->adj);
		return;
	}
	stage_name(way->to, stage);
	if (p->flags & PKT_F_LOOPED) {
		card_trace(lc->card, p,
			   "back from the loop, tunnel circuit %u: to %s",
			   way->circuit, stage);
		return;
	}
	lc_say_found(lc, p, way, found, sizeof(found));
	card_trace(lc->card, p, "%s in %s -> %s: to %s",
		   lc_say_address(lc, p, way, address),
		   lc_say_context(way->context, context), found, stage);
}

void
lc_say_out(struct lc *lc, struct pkt *p, const struct eppa_way *way)
{
	char address[LC_SAY_TEXT];
	const struct circuit *c = way->circuit;

	if (way->loop)
		card_trace(
		    lc->card, p,
		    "egress features of tunnel circuit %u: %u octets, MTU %u; "
		    "looped to %u/ippa",
		    p->circuit_out, p->len, c->mtu, lc->slot);
	else
		card_trace(lc->card, p,
			   "sent on port %u/%u, circuit %u, to %s: %u octets",
			   c->slot, c->port, p->circuit_out,
			   lc_say_hop(lc, p, address), p->len);
}
