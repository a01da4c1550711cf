/*
 * Fragments for the router itself become packets here, between the lookup that
 * found them to be ours and the links: ESP and AH are led to their ASP, the
 * rest to the controller, as if they had come whole. A fragment that is held
 * has met its fate (absorbed), so that its round can end; when its datagram is
 * given up, what it held is counted as dropped instead.
 */
#include "lc.h"
#include "local.h"

static void
lc_join_drop(void *arg, unsigned fragments, enum pkt_fate fate)
{
	struct lc *lc = arg;

	card_unabsorb(lc->card, fragments, fate);
}

/* Made when it is needed first: most cards never see a fragment for them. */
static struct ip_reass *
lc_join_reass(struct lc *lc)
{
	if (lc->reass == NULL)
		lc->reass = ip_reass_new(lc_join_drop, lc);
	return lc->reass;
}

static enum pkt_fate
lc_join_one(struct lc *lc, struct pkt *p, struct ippa_way *way)
{
	uint8_t *ip = pkt_data(card_mem(lc->card), p);
	struct ip_reass *reass = lc_join_reass(lc);
	unsigned octets = p->len;
	enum pkt_fate fate;

	if (reass == NULL)
		return PKT_DROP_NO_BUFFER;
	fate = ip_reass_take(reass, p->order_ns, way->context, ip,
			     (unsigned)PKT_BUF_OCTETS - p->off, &octets);
	if (p->trace != 0 && fate == PKT_ABSORBED)
		card_say(lc->card, p,
			 &(struct card_said){.kind = CTL_SAID_JOIN},
			 "a fragment for us: held until the "
			 "others have come");
	if (fate != PKT_GO)
		return fate;
	p->len = (uint16_t)octets;
	if (p->trace != 0)
		card_say(lc->card, p,
			 &(struct card_said){.kind = CTL_SAID_JOIN},
			 "the last fragment: %u octets whole", octets);
	return local_deliver(&lc->table, ip, p, way);
}

void
lc_join(struct lc *lc, struct pkt_vec *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		struct ippa_way *way = &lc->in_way[i];

		if (v->fate[i] != PKT_GO || !way->fragment)
			continue;
		way->fragment = false;
		v->fate[i] = (uint8_t)lc_join_one(lc, &v->pkt[i], way);
		if (v->fate[i] != PKT_GO)
			way->to = STAGE_NONE;
	}
}

void
lc_join_end(struct lc *lc)
{
	if (lc->reass != NULL)
		ip_reass_expire(lc->reass, UINT64_MAX);
}
