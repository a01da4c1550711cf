/*
 * Capture points of a card: each a file of its own, opened by name from the
 * chassis, recorded in order of arrival (capture/cap_order.h), flushed when the
 * chassis says that a round is complete. Taps of ports are Ethernet; all others
 * carry the SmartEdge header of link type 32, with the context and the handle
 * of the circuit a packet is on.
 *
 * What arrives at the stage and what a link carries is recorded by the card
 * itself, which knows context and handle from the circuit rows that passed
 * through it; the other points by the role. A packet that can not be recorded
 * goes on all the same; the first error of a point is told in CLOSED.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cap_link.h"
#include "cap_order.h"
#include "card_impl.h"
#include "redback.h"

bool
card_taps(const struct card *card, enum point_tap tap)
{
	return (card->tap_bits & 1U << tap) != 0;
}

static void
card_tap_failed(struct card *card, const struct card_tap *tap, int err)
{
	char name[POINT_NAME_MAX];
	char sentence[CARD_SENTENCE_MAX];

	(void)snprintf(sentence, sizeof sentence,
		       "the capture of %s can not be written: %s",
		       point_format(&tap->point, name), strerror(-err));
	card_close_error(card, err, sentence);
}

static void
card_tap_record(struct card *card, struct card_tap *tap, const struct pkt *p,
		const uint8_t *data, const struct card_label *label)
{
	bool ethernet = point_is_ethernet(&tap->point) != 0;
	bool frame = p->l2 > 0 && p->l2 <= p->len; /* as a port read it */
	struct redback_hdr header;
	struct cap_out out = {
	    .time_ns = p->time_ns,
	    .data = data,
	    .octets = p->len,
	    .iface = tap->iface,
	};
	int err;

	if (!ethernet) {
		redback_write(&header, label->context, label->handle,
			      out.octets,
			      frame ? REDBACK_ETHERNET_RECEIVED : REDBACK_IPV4,
			      frame ? p->l2 : 0);
		out.prefix = &header;
		out.prefix_octets = sizeof header;
	}
	err = cap_order_add(tap->order, p->round, p->order_ns, pkt_order_tie(p),
			    &out);
	if (err != 0)
		card_tap_failed(card, tap, err);
}

void
card_tap_frame(struct card *card, enum point_tap at, const struct pkt *p,
	       const uint8_t *frame, uint32_t context, uint64_t circuit_handle)
{
	struct card_label label = {circuit_handle, context};

	for (unsigned i = 0; i < card->taps; i++) {
		if (card->tap[i].point.tap == at)
			card_tap_record(card, &card->tap[i], p, frame, &label);
	}
}

void
card_tap(struct card *card, enum point_tap at, const struct pkt *p,
	 uint32_t context, uint64_t circuit_handle)
{
	card_tap_frame(card, at, p, pkt_data(bp_mem(card->bp), p), context,
		       circuit_handle);
}

void
card_tap_label(struct card *card, const uint8_t *items, size_t n)
{
	const struct ctl_circuit *row = (const void *)items;

	for (size_t i = 0; i < n; i++) {
		uint32_t id = be32_get(row[i].id);

		if (id < STATS_CIRCUITS)
			card->label[id] = (struct card_label){
			    .handle = be64_get(row[i].handle),
			    .context = be32_get(row[i].context)};
	}
}

/* Of the circuit it was sent to, else of the one it came by. */
static const struct card_label *
card_tap_label_of(const struct card *card, const struct pkt *p)
{
	uint32_t id = p->circuit_out != 0 ? p->circuit_out : p->circuit_in;

	return &card->label[id < STATS_CIRCUITS ? id : 0];
}

void
card_tap_all(struct card *card, const struct pkt_vec *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		const struct card_label *label =
		    card_tap_label_of(card, &v->pkt[i]);

		card_tap(card, POINT_ALL, &v->pkt[i], label->context,
			 label->handle);
	}
}

void
card_tap_link(struct card *card, uint16_t to, const struct pkt *p)
{
	for (unsigned i = 0; i < card->taps; i++) {
		struct card_tap *tap = &card->tap[i];

		if (tap->point.tap == POINT_LINK && tap->point.to == to)
			card_tap_record(card, tap, p,
					pkt_data(bp_mem(card->bp), p),
					card_tap_label_of(card, p));
	}
}

/* A file for the tap's point; its order is the tap's then. */
static int
card_tap_file(struct card_tap *tap, const char *path, enum cap_format format,
	      struct cap_error *why)
{
	struct cap_write *writer = NULL;
	char name[POINT_NAME_MAX];
	uint16_t link = point_is_ethernet(&tap->point) ? CAP_LINK_ETHERNET
						       : CAP_LINK_REDBACK;
	int err = cap_write_open(&writer, path, format, why);

	if (err != 0)
		return err;
	err = cap_write_iface(writer, link, point_format(&tap->point, name),
			      &tap->iface);
	if (err == 0)
		err = cap_order_new(&tap->order, writer);
	if (err != 0) {
		(void)cap_write_close(&writer);
		return cap_error_set(why, err, "%s: %s", path, strerror(-err));
	}
	return 0;
}

/* 0: the message names a point that this stage has. */
static int
card_tap_point(const struct card *card, const struct ctl_point *body,
	       struct point *point)
{
	*point = (struct point){be16_get(body->stage), be16_get(body->to),
				(enum point_tap)body->tap};
	if (point->stage != card->args.stage || body->tap >= POINT_TAPS)
		return -EINVAL;
	if (point->tap == POINT_LINK && !stage_valid(point->to))
		return -EINVAL;
	return 0;
}

void
card_tap_open(struct card *card, const struct ctl_in *in)
{
	const struct ctl_point *body = in->body;
	struct card_tap *tap = &card->tap[card->taps];
	enum cap_format format =
	    body->flags & CTL_PORT_PCAPNG ? CAP_PCAPNG : CAP_PCAP;
	char path[CTL_PATH_MAX];
	struct cap_error why = {"the stage has no such capture point"};
	int err = -ENOSPC;

	if (in->tail_octets == 0 || in->tail_octets >= sizeof path ||
	    card->taps == CARD_TAPS_MAX) {
		card_opened(
		    card, CTL_OPENED, err,
		    "no path, too long a path, or too many capture points");
		return;
	}
	memcpy(path, in->tail, in->tail_octets);
	path[in->tail_octets] = '\0';
	err = card_tap_point(card, body, &tap->point);
	if (err == 0)
		err = card_tap_file(tap, path, format, &why);
	if (err == 0) {
		card->taps++;
		card->tap_bits |= 1U << tap->point.tap;
	}
	card_opened(card, CTL_OPENED, err, err != 0 ? why.text : NULL);
}

void
card_tap_flush(struct card *card, uint32_t round)
{
	for (unsigned i = 0; i < card->taps; i++) {
		int err = cap_order_flush(card->tap[i].order, round);

		if (err != 0)
			card_tap_failed(card, &card->tap[i], err);
	}
}

void
card_tap_close(struct card *card)
{
	for (unsigned i = 0; i < card->taps; i++) {
		int err = cap_order_close(&card->tap[i].order);

		if (err != 0)
			card_tap_failed(card, &card->tap[i], err);
	}
	card->taps = 0;
	card->tap_bits = 0;
}
