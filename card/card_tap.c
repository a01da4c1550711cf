/*
 * Capture points of a card: each a file of its own, or a feed to somebody who
 * looks on (capture/cap_feed.h), opened by name from the chassis, recorded in
 * order of arrival (capture/cap_order.h), flushed when the chassis says that a
 * round is complete. Taps of ports are Ethernet; all others carry the SmartEdge
 * header of link type 32, with the context and the handle of the circuit a
 * packet is on.
 *
 * What arrives at the stage and what a link carries is recorded by the card
 * itself, which knows context and handle from the circuit rows that passed
 * through it; the other points by the role. A packet that can not be recorded
 * goes on all the same; the first error of a point is told in CLOSED.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cap_feed.h"
#include "cap_filter.h"
#include "cap_link.h"
#include "cap_order.h"
#include "card_impl.h"
#include "clock.h"
#include "redback.h"

#define CARD_COMMENT_MAX 32

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

/* What filters are held against: a frame as it is, else the packet behind. */
static bool
card_tap_wants(const struct card_tap *tap, const struct cap_out *out,
	       unsigned l2)
{
	const uint8_t *data = out->data;

	if (tap->filter == NULL || tap->point.tap == POINT_FRAME)
		return true;
	if (point_is_ethernet(&tap->point))
		return cap_filter_matches(tap->filter, CAP_LINK_ETHERNET, data,
					  out->octets, out->octets);
	return cap_filter_matches(tap->filter, CAP_LINK_RAW, data + l2,
				  out->octets - l2, out->octets - l2);
}

/* Never waits: what there is no room for is counted. */
static void
card_tap_feed(struct card *card, struct card_tap *tap, uint32_t trace,
	      const struct cap_out *out)
{
	int rc = cap_feed_send(tap->feed, CAP_FEED_PACKET, tap->iface, trace,
			       tap->dropped, out);

	if (rc == -EAGAIN)
		tap->dropped++;
	else if (rc == 0)
		tap->told = tap->dropped;
	tap->gone = rc == -EPIPE;
	card->taps_gone |= tap->gone;
}

static void
card_tap_record(struct card *card, struct card_tap *tap, const struct pkt *p,
		const uint8_t *data, const struct card_label *label)
{
	bool ethernet = point_is_ethernet(&tap->point) != 0;
	bool frame = p->l2 > 0 && p->l2 <= p->len; /* as a port read it */
	char comment[CARD_COMMENT_MAX];
	struct redback_hdr header;
	struct cap_out out = {
	    .time_ns = p->time_ns,
	    .data = data,
	    .octets = p->len,
	    .iface = tap->iface,
	};
	int err;

	if (tap->gone || !card_tap_wants(tap, &out, frame ? p->l2 : 0))
		return;
	if (!ethernet) {
		redback_write(&header, label->context, label->handle,
			      out.octets,
			      frame ? REDBACK_ETHERNET_RECEIVED : REDBACK_IPV4,
			      frame ? p->l2 : 0);
		out.prefix = &header;
		out.prefix_octets = sizeof header;
	}
	if (tap->order == NULL) {
		card_tap_feed(card, tap, p->trace, &out);
		return;
	}
	if (p->trace != 0) {
		(void)snprintf(comment, sizeof comment, "trace %u", p->trace);
		out.comment = comment;
	}
	err = cap_order_add(tap->order, p->round, p->order_ns, pkt_order_tie(p),
			    &out);
	if (err != 0)
		card_tap_failed(card, tap, err);
}

/* A frame of a link, as it leaves; a file has it where it stood. */
static void
card_tap_raw(void *arg, uint16_t to, const uint8_t *frame, size_t octets)
{
	struct card *card = arg;
	struct cap_out out = {
	    .time_ns = clock_wall(), .data = frame, .octets = (uint32_t)octets};

	for (unsigned i = 0; i < card->taps; i++) {
		struct card_tap *tap = &card->tap[i];
		int err = 0;

		if (tap->point.tap != POINT_FRAME || tap->point.to != to ||
		    tap->gone)
			continue;
		out.iface = tap->iface;
		if (tap->order == NULL)
			card_tap_feed(card, tap, 0, &out);
		else
			err = cap_order_add(tap->order, 0, 0, 0, &out);
		if (err != 0)
			card_tap_failed(card, tap, err);
	}
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
	int err = cap_write_open(&writer, path, format, why);

	if (err != 0)
		return err;
	err = cap_write_iface(writer, point_link(&tap->point),
			      point_format(&tap->point, name), &tap->iface);
	if (err == 0)
		err = cap_order_new(&tap->order, writer);
	if (err != 0) {
		(void)cap_write_close(&writer);
		return cap_error_set(why, err, "%s: %s", path, strerror(-err));
	}
	return 0;
}

/* A listener's socket for the tap's point, and a filter. */
static int
card_tap_connect(struct card_tap *tap, const char *path, const char *filter,
		 struct cap_error *why)
{
	int err = 0;

	if (filter[0] != '\0')
		err = cap_filter_new(&tap->filter, filter, why);
	if (err != 0)
		return err;
	err = cap_feed_connect(path, &tap->feed);
	if (err == 0)
		err = cap_feed_send(tap->feed, CAP_FEED_HELLO, tap->iface, 0, 0,
				    NULL);
	if (err == 0)
		return 0;
	if (tap->feed >= 0)
		(void)close(tap->feed);
	cap_filter_free(&tap->filter);
	return cap_error_set(why, err, "%s: %s", path, strerror(-err));
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
	if (point_has_to(point) && !stage_valid(point->to))
		return -EINVAL;
	return 0;
}

/* The points that are open, as bits; frames are watched where one asks. */
static void
card_tap_index(struct card *card)
{
	card->tap_bits = 0;
	for (unsigned i = 0; i < card->taps; i++)
		card->tap_bits |= 1U << card->tap[i].point.tap;
	bp_watch(card->bp,
		 card->tap_bits & 1U << POINT_FRAME ? card_tap_raw : NULL,
		 card);
}

static void
card_tap_end(struct card *card, struct card_tap *tap)
{
	int err = 0;

	if (tap->order != NULL)
		err = cap_order_close(&tap->order);
	else
		(void)close(tap->feed);
	cap_filter_free(&tap->filter);
	if (err != 0)
		card_tap_failed(card, tap, err);
}

/* Points whose listeners have left. */
static void
card_tap_sweep(struct card *card)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < card->taps; i++) {
		struct card_tap *tap = &card->tap[i];

		if (tap->order == NULL &&
		    (tap->gone || !cap_feed_alive(tap->feed)))
			card_tap_end(card, tap);
		else
			card->tap[kept++] = *tap;
	}
	card->taps = kept;
	card->taps_gone = false;
	card_tap_index(card);
}

static int
card_tap_add(struct card *card, const struct ctl_point *body, const char *path,
	     const char *filter, struct cap_error *why)
{
	struct card_tap *tap = &card->tap[card->taps];
	int err;

	*tap = (struct card_tap){.feed = -1, .iface = be16_get(body->number)};
	err = card_tap_point(card, body, &tap->point);
	if (err != 0)
		return err;
	err = body->flags & CTL_PORT_FEED
		  ? card_tap_connect(tap, path, filter, why)
		  : card_tap_file(tap, path,
				  body->flags & CTL_PORT_PCAPNG ? CAP_PCAPNG
								: CAP_PCAP,
				  why);
	if (err != 0)
		return err;
	card->taps++;
	card_tap_index(card);
	return 0;
}

void
card_tap_open(struct card *card, const struct ctl_in *in)
{
	const struct ctl_point *body = in->body;
	char path[CTL_PATH_MAX + CARD_FILTER_MAX];
	struct cap_error why = {"the stage has no such capture point"};
	size_t n;
	int err;

	card_tap_sweep(card);
	if (in->tail_octets == 0 || in->tail_octets + 1 >= sizeof path ||
	    card->taps == CARD_TAPS_MAX) {
		card_opened(
		    card, CTL_OPENED, -ENOSPC,
		    "no path, too long a path, or too many capture points");
		return;
	}
	memcpy(path, in->tail, in->tail_octets);
	path[in->tail_octets] = path[in->tail_octets + 1] = '\0';
	n = strlen(path);
	err = card_tap_add(card, body, path, path + n + 1, &why);
	if (err != 0 || !(body->flags & CTL_PORT_FEED))
		card_opened(card, CTL_OPENED, err, err != 0 ? why.text : NULL);
}

void
card_tap_flush(struct card *card, uint32_t round)
{
	for (unsigned i = 0; i < card->taps; i++) {
		int err = 0;

		if (card->tap[i].order != NULL)
			err = cap_order_flush(card->tap[i].order, round);
		if (err != 0)
			card_tap_failed(card, &card->tap[i], err);
	}
}

void
card_tap_pass(struct card *card)
{
	for (unsigned i = 0; i < card->taps; i++) {
		struct card_tap *tap = &card->tap[i];

		if (tap->order == NULL && tap->dropped != tap->told &&
		    cap_feed_send(tap->feed, CAP_FEED_COUNT, tap->iface, 0,
				  tap->dropped, NULL) == 0)
			tap->told = tap->dropped;
	}
	if (card->taps_gone)
		card_tap_sweep(card);
}

void
card_tap_close(struct card *card)
{
	for (unsigned i = 0; i < card->taps; i++)
		card_tap_end(card, &card->tap[i]);
	card->taps = 0;
	if (card->bp != NULL)
		card_tap_index(card);
}
