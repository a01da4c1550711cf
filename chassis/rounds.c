/*
 * Admission by rounds. A round is what the ports admit up to one instant of the
 * captures' time: the chassis names the instant (no later than what every port
 * can see ahead), each iPPA admits up to it and says how many packets that
 * were. Every processor reports how many packets of which round met their fate.
 * A few rounds are open at once; when the oldest has as many fates as packets,
 * nothing of it is inside any more, and the writers may write it, sorted.
 *
 * So the packets inside are never more than the rounds that are open hold,
 * every pool and link is as large as that, nobody inside waits for anybody, and
 * an output is in order of arrival whatever path its packets took.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "clock.h"
#include "log.h"
#include "own.h"
#include "rounds_impl.h"

/* Longer than a card that hangs is let live (CHS_HEARTBEAT_NS). */
#define STALL_NS (UINT64_C(30) * CLOCK_SECOND_NS)
/* Least room of a card among many: less, and rounds cost more than packets. */
#define SHARE_MIN 512
/* A round's packets: so many, and one more for so many admitted before. */
#define SIZE_FIRST 192
#define SIZE_GROWTH 32
#define PROGRESS_NS (UINT64_C(200) * CLOCK_MS_NS)

void
rounds_problem(struct rounds *r, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	(void)json_array_append_new(r->problems, json_string(text));
}

void
rounds_flush(struct chs *chs, uint32_t number)
{
	punt_flush(chs, number);
	struct ctl_round body = {.round = be32_put(number)};

	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		if (chs->rounds->writes[i])
			chs_tell(chs, &chs->proc[i], CTL_FLUSH, &body, NULL, 0);
	}
}

void
rounds_gather(struct chs *chs, uint32_t number)
{
	struct ctl_round body = {.round = be32_put(number)};

	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		enum stage_role role = stage_role(i);

		if ((role == STAGE_ASP1 || role == STAGE_ASP2) &&
		    chs_live(&chs->proc[i]))
			chs_tell(chs, &chs->proc[i], CTL_GATHER, &body, NULL,
				 0);
	}
}

static struct round *
round_of(struct rounds *r, uint32_t number)
{
	for (unsigned i = 0; i < r->nopen; i++) {
		if (r->open[i].number == number)
			return &r->open[i];
	}
	return NULL;
}

/* The instant up to which the next round admits; ~0: all that is left. */
static uint64_t
next_limit(const struct rounds *r, uint64_t *first)
{
	uint64_t limit = UINT64_MAX;

	*first = UINT64_MAX;
	for (unsigned i = 0; i < STAGE_ID_MAX; i++) {
		const struct home *home = &r->home[i];

		if (!home->reads || home->ended)
			continue;
		if (home->limit_ns < limit)
			limit = home->limit_ns;
		if (home->next_ns < *first)
			*first = home->next_ns;
	}
	return limit;
}

/*
 * With a pace, no packet before its time: the captures' clock runs from the
 * first packet on, at pace seconds a second. False: nothing is due yet.
 */
static bool
pace_limit(struct rounds *r, uint64_t first, uint64_t *limit)
{
	uint64_t now = clock_monotonic();
	uint64_t due;

	r->wake_ns = 0;
	if (r->pace <= 0.0 || first == UINT64_MAX)
		return true;
	if (!r->paced) {
		r->paced = true;
		r->pace_wall_ns = now;
		r->pace_capture_ns = first;
	}
	due = r->pace_capture_ns +
	      (uint64_t)((double)(now - r->pace_wall_ns) * r->pace);
	if (first > due) {
		r->wake_ns =
		    now + (uint64_t)((double)(first - due) / r->pace) + 1;
		return false;
	}
	if (due < *limit)
		*limit = due;
	return true;
}

/*
 * Rounds grow with what was admitted: each packet inside needs a buffer, and
 * one that was never used costs the system's making pages for it in every
 * process, several times what a packet costs otherwise. So a small capture is
 * let in by small rounds that use the same buffers again.
 */
static uint32_t
round_size(const struct chs *chs)
{
	uint64_t size = SIZE_FIRST + chs->rounds->admitted / SIZE_GROWTH;

	return size < chs->round_packets ? (uint32_t)size : chs->round_packets;
}

/* A round ends at the nearest horizon: more in view of one card than of the
 * others would only lie there, and a card alone sees a whole round ahead. */
uint32_t
rounds_share(const struct chs *chs)
{
	uint32_t size = round_size(chs);
	uint32_t least = size < SHARE_MIN ? size : SHARE_MIN;
	uint32_t cards = 0;
	uint32_t share;

	for (unsigned i = 0; i < STAGE_ID_MAX; i++) {
		const struct home *home = &chs->rounds->home[i];

		cards += home->reads && !home->ended;
	}
	share = size / (cards > 0 ? cards : 1);
	return share > least ? share : least;
}

static void
admit(struct chs *chs, uint64_t limit)
{
	struct rounds *r = chs->rounds;
	struct round *round = &r->open[r->nopen++];
	struct ctl_admit body;

	*round = (struct round){.number = ++r->number};
	body = (struct ctl_admit){.round = be32_put(round->number),
				  .per_card = be32_put(rounds_share(chs)),
				  .until_ns = be64_put(limit)};
	for (uint16_t i = 0; i < STAGE_ID_MAX; i++) {
		if (!r->home[i].reads || r->home[i].ended)
			continue;
		round->answers++;
		chs_tell(chs, &chs->proc[i], CTL_ADMIT, &body, NULL, 0);
	}
	r->asking = true;
}

static bool
all_ended(const struct rounds *r)
{
	for (unsigned i = 0; i < STAGE_ID_MAX; i++) {
		if (r->home[i].reads && !r->home[i].ended)
			return false;
	}
	return true;
}

/*
 * What waits at the controller is worked on when the rest of its round has met
 * its fate, oldest round first: then it is all there, and can be taken in order
 * of arrival, so that what the router answers depends on the input alone. The
 * same holds, before that, for what waits at ASPs.
 */
static bool
settle(struct chs *chs, struct round *round)
{
	if (round->answers != 0 ||
	    round->fates + round->held + round->gathered < round->admitted)
		return false;
	if (round->gathered != 0) {
		round->gathered = 0;
		rounds_gather(chs, round->number);
		return false;
	}
	if (round->tasks != 0) {
		round->held = 0;
		round->tasks = 0;
		own_release(chs, round->number);
	}
	return round->fates == round->admitted;
}

/* Closes the rounds that are complete, oldest first. */
static void
retire(struct chs *chs)
{
	struct rounds *r = chs->rounds;
	uint32_t number = 0;

	while (r->nopen > 0 && settle(chs, &r->open[0])) {
		number = r->open[0].number;
		r->nopen--;
		memmove(&r->open[0], &r->open[1],
			r->nopen * sizeof(r->open[0]));
	}
	if (number != 0)
		rounds_flush(chs, number);
}

/*
 * Own packets that lead into tunnels are a round of their own, begun when
 * nothing else is inside: an SA's sequence numbers are given in the order of
 * arrival at its ASP, and the order of a capture must be theirs, or the far
 * end's replay window refuses what comes late. Which rounds come before it
 * depends on the input alone. True: it is due, and nothing is admitted.
 */
static bool
own_round(struct chs *chs)
{
	struct rounds *r = chs->rounds;
	uint32_t after = own_late_after(chs);

	if (after == 0 || (r->phase == ROUNDS_RUNNING && r->number < after))
		return false;
	if (r->nopen == 0) {
		r->open[r->nopen++] = (struct round){.number = ++r->number};
		own_send_late(chs, r->number);
	}
	return true;
}

static void
progress(struct chs *chs)
{
	struct rounds *r = chs->rounds;
	uint64_t now = clock_monotonic();
	uint64_t packets = 0;
	uint64_t octets = 0;

	if (now - r->progress_ns < PROGRESS_NS)
		return;
	r->progress_ns = now;
	for (unsigned i = 1; i < STAGE_ID_MAX; i++) {
		const struct stats *s = chs->proc[i].stats;

		if (s == NULL || stage_role((uint16_t)i) != STAGE_IPPA)
			continue;
		packets += counter_get(&s->received);
		for (unsigned p = 0; p < STATS_PORTS; p++)
			octets += counter_get(&s->port[p].rx_octets);
	}
	client_event(chs, &r->client,
		     json_pack("{s:s, s:I, s:I}", "event", "progress",
			       "received", (json_int_t)packets, "octets",
			       (json_int_t)octets));
}

/* Input stops, and what is open will not be completed by anybody. */
static void
give_up(struct chs *chs)
{
	struct rounds *r = chs->rounds;

	r->stopping = true;
	rounds_gather(chs, UINT32_MAX);
	rounds_quiesce(chs);
	own_abandon(chs);
	if (r->number != 0)
		rounds_flush(chs, r->number);
	r->nopen = 0;
	r->phase = ROUNDS_DRAINING;
}

/*
 * Nobody has told of a packet for long, and rounds are open: packets were lost
 * inside (a refused frame, say). That must end the run, not hold it for ever.
 */
static bool
stalled(struct rounds *r)
{
	if (r->nopen == 0 || clock_monotonic() - r->moved_ns < STALL_NS)
		return false;
	rounds_problem(r, "nothing moves, and not every packet has met its"
			  " fate: packets were lost inside");
	return true;
}

void
rounds_step(struct chs *chs)
{
	struct rounds *r = chs->rounds;
	uint64_t first;
	uint64_t limit;

	if (r == NULL || r->phase == ROUNDS_OPENING || r->phase == ROUNDS_DONE)
		return;
	retire(chs);
	progress(chs);
	if (stalled(r))
		give_up(chs);
	if (r->phase == ROUNDS_RUNNING && (r->stopping || all_ended(r)))
		r->phase = ROUNDS_DRAINING;
	if (own_round(chs))
		return;
	if (r->phase == ROUNDS_DRAINING && r->nopen == 0) {
		rounds_end(chs);
		return;
	}
	if (r->phase != ROUNDS_RUNNING || r->asking ||
	    r->nopen >= chs->rounds_open)
		return;
	limit = next_limit(r, &first);
	if (pace_limit(r, first, &limit))
		admit(chs, limit);
}

uint64_t
rounds_deadline(const struct chs *chs)
{
	const struct rounds *r = chs->rounds;
	uint64_t next = UINT64_MAX;

	if (r == NULL || chs->waiting > 0)
		return UINT64_MAX;
	if (r->wake_ns != 0)
		next = r->wake_ns;
	if (r->nopen > 0 && r->moved_ns + STALL_NS < next)
		next = r->moved_ns + STALL_NS;
	return next;
}

void
rounds_stop(struct chs *chs)
{
	if (chs->rounds != NULL && !chs->rounds->stopping) {
		chs->rounds->stopping = true;
		rounds_problem(
		    chs->rounds,
		    "interrupted: input stopped, the rest was drained");
	}
}

void
rounds_admitted(struct chs *chs, struct proc *proc, const struct ctl_in *in)
{
	const struct ctl_admitted *body = in->body;
	struct rounds *r = chs->rounds;
	struct round *round;
	struct home *home;

	if (r == NULL)
		return;
	r->moved_ns = clock_monotonic();
	home = &r->home[proc->stage];
	home->next_ns = be64_get(body->next_ns);
	home->limit_ns = be64_get(body->limit_ns);
	home->ended = be32_get(body->ended) != 0;
	if (be32_get(body->error) != 0)
		rounds_problem(r, "%.*s", (int)in->tail_octets,
			       (const char *)in->tail);
	round = round_of(r, be32_get(body->round));
	if (round == NULL) {
		if (be32_get(body->round) == 0 && r->asked > 0)
			r->asked--;
		return;
	}
	round->admitted += be32_get(body->packets);
	r->admitted += be32_get(body->packets);
	if (round->answers > 0 && --round->answers == 0)
		r->asking = false;
}

void
rounds_fates(struct chs *chs, const struct ctl_fates *fates, size_t n)
{
	struct rounds *r = chs->rounds;

	if (r != NULL)
		r->moved_ns = clock_monotonic();
	for (size_t i = 0; r != NULL && i < n; i++) {
		struct round *round = round_of(r, be32_get(fates[i].round));

		if (round != NULL)
			round->fates += be32_get(fates[i].fates);
		else
			log_warn("rounds: fates of a round that is not open");
	}
}

void
rounds_gathered(struct chs *chs, const struct ctl_fates *counts, size_t n)
{
	struct rounds *r = chs->rounds;

	if (r != NULL)
		r->moved_ns = clock_monotonic();
	for (size_t i = 0; r != NULL && i < n; i++) {
		struct round *round = round_of(r, be32_get(counts[i].round));

		if (round != NULL)
			round->gathered += be32_get(counts[i].fates);
	}
}

void
rounds_tally(struct chs *chs, struct pkt_tally *tally)
{
	struct ctl_fates fates[PKT_ROUNDS_OPEN];

	for (unsigned i = 0; i < tally->n; i++)
		fates[i] =
		    (struct ctl_fates){.round = be32_put(tally->at[i].round),
				       .fates = be32_put(tally->at[i].fates)};
	rounds_fates(chs, fates, tally->n);
	tally->n = 0;
}

void
rounds_hold(struct chs *chs, uint32_t number, bool packet)
{
	struct round *round =
	    chs->rounds != NULL ? round_of(chs->rounds, number) : NULL;

	if (round == NULL)
		return;
	round->tasks++;
	round->held += packet;
}

void
rounds_originated(struct chs *chs, uint32_t number)
{
	struct round *round =
	    chs->rounds != NULL ? round_of(chs->rounds, number) : NULL;

	if (round != NULL)
		round->admitted++;
}

void
rounds_death(struct chs *chs, const struct proc *proc)
{
	struct rounds *r = chs->rounds;
	char name[STAGE_NAME_MAX];

	stage_name(proc->stage, name);
	if (r == NULL) {
		log_error("rounds: stage=%s died before the replay began",
			  name);
		chs->leaving = true;
		return;
	}
	if (r->phase == ROUNDS_DONE)
		return;
	r->lost[proc->stage] = true;
	r->stopping = true;
	rounds_problem(
	    r,
	    "%s died: input stopped, the rest was drained; what it held is"
	    " lost-in-%s",
	    name, name);
	if (r->phase == ROUNDS_OPENING)
		return;
	give_up(chs);
}

void
rounds_free(struct chs *chs)
{
	struct rounds *r = chs->rounds;

	if (r == NULL)
		return;
	json_decref(r->problems);
	free(r);
	chs->rounds = NULL;
}
