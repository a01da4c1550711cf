/*
 * What the chassis says to a card: one row of a table for each message, generic
 * part first, then, where the row says so, the role's own handler. A message
 * that fails its checks is counted and let go; the card lives on.
 *
 * An endpoint that could not be opened is answered with an empty name; a link
 * that could not be connected with silence, which the chassis's deadline turns
 * into the failure of this card.
 */
#include <errno.h>
#include <string.h>

#include "card_impl.h"
#include "log.h"

static void
card_link_listen(struct card *card, const struct ctl_in *in)
{
	const struct ctl_link *body = in->body;
	char endpoint[BUS_ENDPOINT_MAX] = "";
	int err = bp_listen(card->bp, be16_get(body->peer),
			    be32_get(body->epoch), endpoint);

	if (err != 0) {
		log_error("card: link not opened from=%u err=%d",
			  be16_get(body->peer), -err);
		endpoint[0] = '\0';
	}
	(void)card_tell(card, CTL_LINK_READY, body, endpoint, strlen(endpoint));
}

static void
card_link_connect(struct card *card, const struct ctl_in *in)
{
	const struct ctl_link *body = in->body;
	char endpoint[BUS_ENDPOINT_MAX];
	int err = -ENAMETOOLONG;

	if (in->tail_octets < sizeof endpoint) {
		memcpy(endpoint, in->tail, in->tail_octets);
		endpoint[in->tail_octets] = '\0';
		err = bp_connect(card->bp, be16_get(body->peer),
				 be32_get(body->epoch), endpoint);
	}
	if (err != 0)
		log_error("card: link not connected to=%u err=%d",
			  be16_get(body->peer), -err);
	else
		(void)card_tell(card, CTL_LINK_UP, body, NULL, 0);
}

static void
card_link_drain(struct card *card, const struct ctl_in *in)
{
	struct ctl_link body = *(const struct ctl_link *)in->body;
	uint16_t peer = be16_get(body.peer);
	uint64_t packets;

	if (peer >= STATS_STAGES) {
		log_warn("card: drain of no stage peer=%u", peer);
		return;
	}
	card_drain(card, peer);
	packets = counter_get(&card->args.stats->link_received[peer].packets);
	body.packets = be64_put(packets);
	(void)card_tell(card, CTL_LINK_DRAINED, &body, NULL, 0);
}

static void
card_reclaim(struct card *card, const struct ctl_in *in)
{
	const struct ctl_reclaim *body = in->body;
	uint16_t stage = be16_get(body->stage);
	uint32_t epoch = be32_get(body->epoch);
	uint32_t got;

	if (!stage_valid(stage)) {
		log_warn("card: reclaim from no stage stage=%u", stage);
		return;
	}
	got = bp_reclaim(card->bp, stage, epoch);
	log_info("card: reclaimed from=%u epoch=%u buffers=%u", stage, epoch,
		 got);
}

void
card_opened(struct card *card, enum ctl_type type, int error,
	    const char *sentence)
{
	struct ctl_opened body = {
	    .error = be32_put((uint32_t)(error < 0 ? -error : error))};

	(void)card_tell(card, type, &body, sentence,
			sentence != NULL ? strlen(sentence) : 0);
}

static void
card_flush(struct card *card, const struct ctl_in *in)
{
	const struct ctl_round *body = in->body;

	card_tap_flush(card, be32_get(body->round));
}

static void
card_probe(struct card *card, const struct ctl_in *in)
{
	const struct ctl_probe *body = in->body;

	card->probe = true;
	card->probe_nonce = be32_get(body->nonce);
}

static void
card_closed(struct card *card, const struct ctl_in *in)
{
	(void)in;
	/* What the role still had to send is recorded by now. */
	card_tap_close(card);
	card_opened(card, CTL_CLOSED, card->close_error,
		    card->close_error != 0 ? card->close_sentence : NULL);
}

static void
card_heartbeat(struct card *card, const struct ctl_in *in)
{
	(void)in;
	(void)card_tell(card, CTL_ALIVE, &(struct ctl_none){0}, NULL, 0);
}

static void
card_shutdown(struct card *card, const struct ctl_in *in)
{
	(void)in;
	card->leave = true;
}

static const struct card_row {
	void (*before)(struct card *card, const struct ctl_in *in);
	bool role; /* the role's handler comes next */
	void (*after)(struct card *card, const struct ctl_in *in);
} rows[] = {
#define X(table) [CTL_##table] = {.before = card_rows_take},
    CTL_TABLES(X)
#undef X
	[CTL_LINK_LISTEN] = {.before = card_link_listen},
    [CTL_LINK_CONNECT] = {.before = card_link_connect},
    [CTL_LINK_DRAIN] = {.before = card_link_drain},
    [CTL_NEIGHBOR_ASK] = {.role = true},
    [CTL_PREPARE] = {.before = card_rows_prepare},
    [CTL_ACTIVATE] = {.before = card_rows_activate},
    [CTL_RETIRE] = {.before = card_rows_retire},
    [CTL_DISCARD] = {.before = card_rows_discard},
    [CTL_RECLAIM] = {.before = card_reclaim},
    [CTL_SEQ_GRANT] = {.role = true},
    [CTL_PATH_MTU] = {.role = true},
    [CTL_IKE_ASK] = {.role = true},
    [CTL_GATHER] = {.role = true},
    [CTL_PORT_OPEN] = {.role = true},
    [CTL_POINT_OPEN] = {.before = card_tap_open},
    [CTL_TRACE_SET] = {.before = card_trace_set},
    [CTL_ADMIT] = {.role = true},
    [CTL_FLUSH] = {.role = true, .after = card_flush},
    [CTL_PROBE] = {.before = card_probe},
    [CTL_CLOSE] = {.role = true, .after = card_closed},
    [CTL_HEARTBEAT] = {.before = card_heartbeat},
    [CTL_SHUTDOWN] = {.before = card_shutdown},
};

static void
card_hear(struct card *card, const struct ctl_in *in)
{
	const struct card_row *row;

	if ((unsigned)in->type >= sizeof rows / sizeof rows[0])
		return;
	row = &rows[in->type];
	if (row->before != NULL)
		row->before(card, in);
	if (row->role && card->ops->message != NULL)
		card->ops->message(card->arg, in);
	if (row->after != NULL)
		row->after(card, in);
}

bool
card_ctl_take(struct card *card)
{
	struct ctl_in in;
	bool heard = false;
	int got;

	while (!card->leave) {
		got = ctl_recv(card->ctl, CTL_CARD, &in);
		if (got == 0)
			break;
		heard = true;
		if (got < 0) {
			card->refused++; /* and logged by ctl_recv() */
			continue;
		}
		card_hear(card, &in);
		ctl_in_done(&in);
	}
	return heard;
}
