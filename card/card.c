/*
 * The life of a packet processor and its loop. It sleeps until something is
 * there, for ever if need be: an idle card costs nothing. One pass takes every
 * control message that is there, then frames from the links that have some in
 * turn, then sends what is still on the outbound ones and tells the chassis
 * which rounds met how many fates.
 *
 * Called by linecard/ and asecard/, one struct card each. It never looks inside
 * a packet and never decides a fate but for links that are not there.
 *
 * SIGTERM: a handler that only sets *quit would be lost between the test and
 * the sleep, so while a card with quit runs, the signal is blocked in its
 * thread and read from a descriptor in the poll set.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "card_impl.h"
#include "log.h"

/* Frames taken before the control socket is looked at again. */
#define CARD_FRAMES_PER_PASS 16
/* How long a dead neighbour's link is listened to after the last frame: the
 * transport still reads what the kernel holds. */
#define CARD_DRAIN_MS 20
#define CARD_IDENTITY_MAX 32

static_assert(STATS_STAGES == STAGE_ID_MAX, "stats.h keeps a row per stage");
static_assert(STATS_FATES >= PKT_FATES, "stats.h keeps a row per fate");
static_assert(sizeof(struct stats_link) == sizeof(struct bp_link_counters),
	      "stats.h keeps the counters of bp_link.h");

static int
card_connect(struct card *card)
{
	char name[STAGE_NAME_MAX];
	char identity[CARD_IDENTITY_MAX];

	stage_name(card->args.stage, name);
	(void)snprintf(identity, sizeof identity, "%s.%u", name,
		       card->args.epoch);
	return bus_connect(card->args.bus, BUS_DEALER, card->args.endpoint,
			   identity, &card->ctl);
}

int
card_new(struct card **out, const struct card_args *args,
	 const struct card_ops *ops, void *arg)
{
	struct card *card = calloc(1, sizeof *card);
	int err = -ENOMEM;

	if (card == NULL)
		return -ENOMEM;
	card->args = *args;
	card->ops = ops;
	card->arg = arg;
	card->label = calloc(STATS_CIRCUITS, sizeof *card->label);
	if (card->label == NULL)
		goto fail;
	err = bp_new(
	    &card->bp,
	    &(struct bp_args){
		.bus = args->bus,
		.stage = args->stage,
		.epoch = args->epoch,
		.buffers = args->buffers,
		.pools_fd = args->pools_fd,
		.sent = (struct bp_link_counters *)args->stats->sent,
		.received =
		    (struct bp_link_counters *)args->stats->link_received,
		.bad_frames = &args->stats->dropped[PKT_DROP_BAD_FRAME],
	    });
	if (err != 0)
		goto fail;
	err = card_connect(card);
	if (err != 0)
		goto fail;
	*out = card;
	return 0;
fail:
	card_free(&card);
	return err;
}

void
card_free(struct card **card)
{
	struct card *c = *card;

	if (c == NULL)
		return;
	card_tap_close(c);
	card_trace_fini(c);
	card_rows_fini(c);
	bp_free(&c->bp);
	bus_close(&c->ctl);
	free(c->notices);
	free(c->label);
	free(c);
	*card = NULL;
}

struct bp *
card_bp(struct card *card)
{
	return card->bp;
}

struct stats *
card_stats(struct card *card)
{
	return card->args.stats;
}

const struct pkt_mem *
card_mem(const struct card *card)
{
	return bp_mem(card->bp);
}

uint16_t
card_stage(const struct card *card)
{
	return card->args.stage;
}

int
card_tell(struct card *card, enum ctl_type type, const void *body,
	  const void *tail, size_t tail_octets)
{
	int err = ctl_send(card->ctl, NULL, card->args.stage, type, body, tail,
			   tail_octets);

	if (err != 0)
		log_warn("card: message not sent type=%s err=%d",
			 ctl_name(type), -err);
	return err;
}

void
card_close_error(struct card *card, int err, const char *sentence)
{
	if (card->close_error != 0 || err == 0)
		return;
	card->close_error = err < 0 ? -err : err;
	(void)snprintf(card->close_sentence, sizeof card->close_sentence, "%s",
		       sentence);
}

/* What a packet ends as when the link to a stage is not there. */
static enum pkt_fate
card_fate_unlinked(uint16_t to)
{
	enum stage_role role = stage_role(to);

	return role == STAGE_ASP1 || role == STAGE_ASP2 ? PKT_DROP_NO_ASP
							: PKT_DROP_PORT_DOWN;
}

void
card_send(struct card *card, struct pkt_vec *v, unsigned i, uint16_t to)
{
	assert(v->fate[i] == PKT_GO);
	if (to >= STAGE_ID_MAX || !bp_connected(card->bp, to)) {
		v->fate[i] = (uint8_t)card_fate_unlinked(to);
		return;
	}
	if (card->tap_bits & 1U << POINT_LINK)
		card_tap_link(card, to, &v->pkt[i]);
	bp_put(card->bp, to, &v->pkt[i]);
	v->fate[i] = PKT_SENT;
}

void
card_send_vec(struct card *card, struct pkt_vec *v, uint16_t to)
{
	if (to >= STAGE_ID_MAX || !bp_connected(card->bp, to)) {
		memset(v->fate, (int)card_fate_unlinked(to), v->n);
		return;
	}
	for (unsigned i = 0; card->tap_bits & 1U << POINT_LINK && i < v->n; i++)
		card_tap_link(card, to, &v->pkt[i]);
	bp_put_vec(card->bp, to, v);
	memset(v->fate, PKT_SENT, v->n);
}

static void
card_count_fate(struct card *card, uint32_t round, unsigned fate)
{
	struct stats *stats = card->args.stats;

	assert(fate > PKT_SENT && fate < PKT_FATES);
	if (fate == PKT_TX)
		counter_add(&stats->transmitted, 1);
	else if (fate == PKT_PUNT)
		counter_add(&stats->punted, 1);
	else if (fate == PKT_ABSORBED)
		counter_add(&stats->fragments_absorbed, 1);
	else
		counter_add(&stats->dropped[fate], 1);
	pkt_tally_add(&card->tally, round);
}

/*
 * Fragments of the vector at hand count as absorbed only when it ends: what is
 * taken back before waits until then, so that the counter never falls below 0.
 */
static void
card_settle_absorbed(struct card *card)
{
	struct counter *absorbed = &card->args.stats->fragments_absorbed;
	uint64_t n = counter_get(absorbed);
	uint64_t back = card->unabsorbed < n ? card->unabsorbed : n;

	counter_set(absorbed, n - back);
	card->unabsorbed -= back;
}

void
card_end(struct card *card, struct pkt_vec *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		struct pkt *p = &v->pkt[i];
		unsigned fate = v->fate[i];

		if (fate == PKT_SENT)
			continue;
		if (p->trace != 0 && fate >= PKT_DROP_FIRST)
			card_trace_drop(card, p, fate, NULL);
		if (fate >= PKT_DROP_FIRST)
			card_notice(card, p, fate);
		/* A piece ends no packet of its round: the last one does. */
		card_count_fate(card, p->flags & PKT_F_PIECE ? 0 : p->round,
				fate);
		bp_end(card->bp, p);
	}
	if (card->unabsorbed != 0)
		card_settle_absorbed(card);
}

void
card_unabsorb(struct card *card, unsigned fragments, enum pkt_fate fate)
{
	struct stats *stats = card->args.stats;

	assert(fate >= PKT_DROP_FIRST);
	card->unabsorbed += fragments;
	counter_add(&stats->dropped[fate], fragments);
	card_settle_absorbed(card);
}

bool
card_take_buffer(struct card *card, struct pkt *p)
{
	struct pkt_pool *pool = bp_pool(card->bp);

	if (pool->nfree == 0)
		bp_collect(card->bp);
	return pkt_alloc(pool, p);
}

void
card_give(struct card *card, const struct pkt *p)
{
	bp_end(card->bp, p);
}

void
card_created(struct card *card, unsigned n)
{
	counter_add(&card->args.stats->fragments_created, n);
}

void
card_hold(struct card *card, struct pkt_vec *v, unsigned i)
{
	pkt_tally_add(&card->tally, v->pkt[i].round);
	bp_end(card->bp, &v->pkt[i]);
	v->fate[i] = PKT_SENT;
}

void
card_end_held(struct card *card, struct pkt *p, enum pkt_fate fate,
	      const uint8_t *frame)
{
	if (p->trace != 0 && fate >= PKT_DROP_FIRST)
		card_trace_drop(card, p, fate, frame);
	card_count_fate(card, 0, fate);
}

void
card_end_bare(struct card *card, uint32_t round, enum pkt_fate fate)
{
	card_count_fate(card, round, fate);
}

/* A vector that came over a link: one more station for each packet. */
static void
card_arrive(struct card *card, uint16_t from, struct pkt_vec *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		if (v->pkt[i].hop < UINT8_MAX)
			v->pkt[i].hop++;
	}
	if (card->tap_bits & 1U << POINT_ALL)
		card_tap_all(card, v);
	card->ops->vector(card->arg, from, v);
}

/* One frame of one link: true when there was one, refused or not. */
static bool
card_take(struct card *card, uint16_t from)
{
	int got = bp_take(card->bp, from, &card->vec);

	if (got == 1)
		card_arrive(card, from, &card->vec);
	else if (got < 0)
		log_warn("card: frame refused from=%u err=%d", from, -got);
	return got != 0;
}

/* One frame from each link in turn. The number of frames taken. */
static unsigned
card_links_take(struct card *card, const uint16_t *from, size_t n)
{
	unsigned taken = 0;

	for (size_t i = 0; i < n; i++)
		taken += card_take(card, from[i]) ? 1U : 0U;
	return taken;
}

/* True when there was something; false: each of these links was found empty. */
static bool
card_links_pass(struct card *card, const uint16_t *from, size_t n)
{
	unsigned taken = 0;
	unsigned now;

	do {
		now = card_links_take(card, from, n);
		taken += now;
	} while (now != 0 && taken < CARD_FRAMES_PER_PASS);
	return taken != 0;
}

/* Waits for a frame from one stage; false when none came in time. */
static bool
card_link_wait(struct card *card, uint16_t peer, long timeout_ms)
{
	struct bus_poll items[STAGE_ID_MAX];
	uint16_t from[STAGE_ID_MAX];
	size_t n = bp_poll_items(card->bp, items, STAGE_ID_MAX);

	(void)bp_inbound(card->bp, from, STAGE_ID_MAX);
	for (size_t i = 0; i < n; i++) {
		if (from[i] == peer)
			return bus_poll(&items[i], 1, timeout_ms) > 0;
	}
	return false;
}

void
card_drain(struct card *card, uint16_t peer)
{
	struct pkt_vec *v = &card->vec;

	/* Flushed each time: by value that is where buffers for the rest come
	 * from. */
	do {
		while (card_take(card, peer))
			bp_flush(card->bp);
	} while (card_link_wait(card, peer, CARD_DRAIN_MS) &&
		 card_take(card, peer));
	bp_close_in(card->bp, peer);
	v->n = 0;
	bp_close_out(card->bp, peer, v);
	for (unsigned i = 0; i < v->n; i++)
		v->fate[i] = (uint8_t)card_fate_unlinked(peer);
	card_end(card, v);
}

static void
card_tell_fates(struct card *card)
{
	struct ctl_fates fates[PKT_ROUNDS_OPEN];
	struct pkt_tally *tally = &card->tally;

	for (unsigned i = 0; i < tally->n; i++) {
		fates[i].round = be32_put(tally->at[i].round);
		fates[i].fates = be32_put(tally->at[i].fates);
	}
	if (tally->n != 0)
		(void)card_tell(card, CTL_FATES, &(struct ctl_none){0}, fates,
				tally->n * sizeof fates[0]);
	tally->n = 0;
}

static void
card_tell_probed(struct card *card)
{
	const struct stats *stats = card->args.stats;
	uint64_t sent = 0;
	uint64_t received = 0;

	for (unsigned i = 0; i < STATS_STAGES; i++) {
		sent += counter_get(&stats->sent[i].packets);
		received += counter_get(&stats->link_received[i].packets);
	}
	card->probe = false;
	(void)card_tell(card, CTL_PROBED,
			&(struct ctl_probe){
			    .nonce = be32_put(card->probe_nonce),
			    .sent = be64_put(sent),
			    .received = be64_put(received),
			},
			NULL, 0);
}

/* What woke a pass: the control socket, the signal, links. */
struct card_wake {
	bool control;
	bool leave;
	uint16_t from[STAGE_ID_MAX]; /* links to take from */
	size_t links;
};

/*
 * Sleeps until a message, a frame or the signal, unless something is waiting
 * here. Asking the sockets that have nothing would cost more than packets do.
 */
static void
card_wait(struct card *card, int signal_fd, struct card_wake *wake)
{
	struct bus_poll items[STAGE_ID_MAX + 2 + CARD_WAITS_MAX];
	uint16_t from[STAGE_ID_MAX];
	bool waiting = bp_waiting(card->bp); /* for buffers; now there are */
	long wait_ms = waiting || card->probe ? 0 : -1;
	size_t roles = 0;
	size_t n;

	items[0] = (struct bus_poll){.sock = card->ctl, .fd = -1};
	items[1] = (struct bus_poll){.fd = signal_fd};
	n = bp_poll_items(card->bp, items + 2, STAGE_ID_MAX);
	(void)bp_inbound(card->bp, from, STAGE_ID_MAX);
	*wake = (struct card_wake){0};
	if (card->ops->wait != NULL)
		roles = card->ops->wait(card->arg, items + 2 + n, &wait_ms);
	if (bus_poll(items, n + 2 + roles, wait_ms) <= 0 && !waiting &&
	    card->ops->woken == NULL)
		return;
	if (card->ops->woken != NULL)
		card->ops->woken(card->arg, items + 2 + n, roles);
	wake->control = items[0].ready;
	wake->leave = items[1].ready;
	for (size_t i = 0; i < n; i++) {
		if (items[i + 2].ready || waiting)
			wake->from[wake->links++] = from[i];
	}
}

/*
 * One pass over what woke us. A probe is answered when every link was found
 * empty after the question, so then each is asked.
 */
static void
card_pass(struct card *card, struct card_wake *wake)
{
	bool took;

	if (wake->control)
		(void)card_ctl_take(card);
	if (card->probe)
		wake->links = bp_inbound(card->bp, wake->from, STAGE_ID_MAX);
	took = card_links_pass(card, wake->from, wake->links);
	if (card->ops->pass != NULL)
		card->ops->pass(card->arg);
	/*
	 * In this order: buffers are home before their fates are told, so that
	 * when the chassis admits a new round for the fates of an old one, the
	 * old one's buffers are there. That is why nobody waits for a buffer
	 * and sending one home needs no message.
	 */
	bp_flush(card->bp);
	if (card->taps != 0)
		card_tap_pass(card);
	card_notice_flush(card);
	card_tell_fates(card);
	if (card->probe && !took)
		card_tell_probed(card);
}

static void
card_loop(struct card *card, int signal_fd)
{
	const volatile int *quit = card->args.quit;
	struct card_wake wake;

	while (!card->leave && (quit == NULL || *quit == 0)) {
		card_wait(card, signal_fd, &wake);
		card_pass(card, &wake);
		card->leave = card->leave || wake.leave;
	}
}

int
card_run(struct card *card)
{
	int signal_fd = -1;
	sigset_t term;
	sigset_t was;
	int err;

	err = card_tell(card, CTL_HELLO,
			&(struct ctl_hello){
			    .pid = be32_put((uint32_t)getpid()),
			    .epoch = be32_put(card->args.epoch),
			    .engine = card->args.engine,
			},
			NULL, 0);
	if (err != 0)
		return err;
	if (card->args.quit == NULL) {
		card_loop(card, -1);
		return 0;
	}
	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	(void)pthread_sigmask(SIG_BLOCK, &term, &was);
	signal_fd = signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK);
	err = signal_fd < 0 ? -errno : 0;
	if (err == 0) {
		card_loop(card, signal_fd);
		(void)close(signal_fd);
	}
	(void)pthread_sigmask(SIG_SETMASK, &was, NULL);
	return err;
}
