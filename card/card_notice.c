/*
 * Drops that somebody must hear of: the controller gets the head of the packet
 * and its place, and makes the ICMP error. The packet itself ends here, with
 * its reason; so an error costs the path of packets nothing, and the sums know
 * two packets: one dropped, one originated.
 *
 * What is told of a pass goes out before the fates of that pass, so the
 * controller hears of every drop of a round before the round can be complete.
 * In a replay it is told all of them and chooses in order of arrival; live,
 * where nothing holds a flood, it is told so many a second.
 */
#include <stdlib.h>
#include <string.h>

#include "card_impl.h"
#include "icmp.h"

#define NOTICES_OCTETS (UINT32_C(1) << 16)
#define NOTICES_PER_SECOND 1000
#define NOTICES_AT_ONCE 1000

void
card_notice_flush(struct card *card)
{
	if (card->notice_octets != 0)
		(void)card_tell(card, CTL_NOTICES, &(struct ctl_none){0},
				card->notices, card->notice_octets);
	card->notice_octets = 0;
}

static bool
card_notice_due(struct card *card, const struct pkt *p)
{
	bool due =
	    p->round != 0 || bucket_take(&card->notice_rate, p->order_ns,
					 NOTICES_PER_SECOND, NOTICES_AT_ONCE);
	struct stats *stats = card->args.stats;

	counter_add(due ? &stats->notices : &stats->notices_refused, 1);
	return due;
}

/* Own packets came by no circuit: of answers nobody is told; of ping's probes,
 * which nothing caused, whoever pings. */
static bool
card_notice_room(struct card *card, const struct pkt *p)
{
	if ((p->circuit_in == 0 && p->in_stage != 0) || p->len <= p->l2 ||
	    !card_notice_due(card, p))
		return false;
	if (card->notices == NULL)
		card->notices = malloc(NOTICES_OCTETS);
	if (card->notices == NULL)
		return false;
	if (card->notice_octets + sizeof(struct ctl_notice) + ICMP_QUOTE_V6 >
	    NOTICES_OCTETS)
		card_notice_flush(card);
	return true;
}

void
card_notice(struct card *card, const struct pkt *p, unsigned fate)
{
	const uint8_t *ip = pkt_data(card_mem(card), p) + p->l2;
	size_t octets;
	struct ctl_notice n = {.time_ns = be64_put(p->time_ns),
			       .order_ns = be64_put(p->order_ns),
			       .index = be32_put(p->index),
			       .round = be32_put(p->round),
			       .circuit_in = be32_put(p->circuit_in),
			       .circuit_out = be32_put(p->circuit_out),
			       .in_stage = be16_put(p->in_stage),
			       .trace = be32_put(p->trace),
			       .flags = be16_put(p->flags),
			       .mtu = be16_put(p->mtu),
			       .in_port = p->in_port,
			       .hop = p->hop,
			       .fate = (uint8_t)fate};

	if (icmp_error_of(fate) == ICMP_ERROR_NONE ||
	    !card_notice_room(card, p))
		return;
	octets = icmp_quote_octets(ip[0] >> 4, (size_t)(p->len - p->l2));
	n.octets = be16_put((uint16_t)octets);
	memcpy(card->notices + card->notice_octets, &n, sizeof(n));
	card->notice_octets += sizeof(n);
	memcpy(card->notices + card->notice_octets, ip, octets);
	card->notice_octets += octets;
}
