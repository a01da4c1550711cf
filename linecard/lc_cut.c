/*
 * Packets that are larger than the circuit they leave by, cut on their way out
 * (RFC 791 section 3.2, RFC 1812 section 5.2.6). Called by lc_out.c when a
 * frame is written, so features, queues and the wait for a link address see one
 * packet and the wire sees its pieces. They are made in memory of our own, one
 * after the other: an egress processor takes no buffers. What may not be cut
 * has been refused by eppa_decide().
 */
#include <errno.h>
#include <string.h>

#include "ip_frag.h"
#include "lc.h"

/* A piece leaves: it is seen at the port, and on the wire. */
static enum pkt_fate
lc_cut_send(struct lc *lc, const struct pkt *piece, const struct circuit *c,
	    const uint8_t *frame)
{
	if (card_taps(lc->card, POINT_TX))
		card_tap_frame(lc->card, POINT_TX, piece, frame, c->context,
			       c->handle);
	return lc_out_frame(lc, piece, c->port, frame);
}

/* Beside the packet that was counted for the circuit: n more, octets more. */
static void
lc_cut_count(struct lc *lc, const struct pkt *p, unsigned n, uint64_t octets)
{
	struct stats_circuit *row =
	    &card_stats(lc->card)->circuit[p->circuit_out];

	card_created(lc->card, n);
	counter_add(&row->out_packets, n);
	counter_add(&row->out_octets, octets);
}

enum pkt_fate
lc_cut_frame(struct lc *lc, struct pkt *p, const uint8_t *frame,
	     const struct circuit *c)
{
	uint8_t at[PKT_OCTETS_MAX];
	enum pkt_fate fate = PKT_TX;
	struct pkt piece = *p;
	uint64_t octets = 0;
	struct ip_frag plan;
	int err = ip_frag_plan(&plan, frame + p->l2, (unsigned)p->len - p->l2,
			       c->mtu, 0);

	if (err != 0 || (unsigned)c->mtu + p->l2 > sizeof(at))
		return err == -EINVAL ? PKT_DROP_BAD_IP_HEADER
				      : PKT_DROP_MTU_EXCEEDED;
	if (p->trace != 0)
		card_trace(lc->card, p,
			   "cut into %u pieces of at most %u octets",
			   plan.pieces, c->mtu);
	memcpy(at, frame, p->l2);
	for (unsigned i = 0; i < plan.pieces; i++) {
		unsigned n = ip_frag_piece(&plan, i, at + p->l2);

		octets += n;
		piece.len = (uint16_t)(p->l2 + n);
		fate = lc_cut_send(lc, &piece, c, at);
		/* The last one's fate is that of the packet. */
		if (i + 1 < plan.pieces)
			card_end_bare(lc->card, 0, fate);
	}
	lc_cut_count(lc, p, plan.pieces - 1,
		     octets - ((uint64_t)p->len - p->l2));
	return fate;
}
