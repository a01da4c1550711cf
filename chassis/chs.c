/*
 * The loop of the controller. One thread; nothing here blocks but the poll.
 *
 * Where the chassis must hear from cards before it goes on (a commit, a link, a
 * drain) it waits in chs_wait(), which turns the same loop while requests of
 * clients are put aside; so such a step reads from top to bottom. A death seen
 * while waiting is noted (the dead are not waited for) and buried by the outer
 * loop.
 */
#include "chs.h"

#include <errno.h>

#include "client.h"
#include "clock.h"
#include "commit.h"
#include "log.h"
#include "ping.h"
#include "rounds.h"
#include "slot.h"

#define POLL_MAX (2 * STAGE_ID_MAX + 4) /* processes, links, and ours */

bool
chs_live(const struct proc *proc)
{
	return proc->state == PROC_UP;
}

struct proc *
chs_proc(struct chs *chs, uint16_t stage)
{
	if (!stage_valid(stage) || chs->proc[stage].state == PROC_NONE)
		return NULL;
	return &chs->proc[stage];
}

void
chs_tell(struct chs *chs, struct proc *proc, enum ctl_type type,
	 const void *body, const void *tail, size_t tail_octets)
{
	int err;

	if (!chs_live(proc) || proc->stage == 0)
		return;
	err = ctl_send(chs->ctl, &proc->peer, 0, type, body, tail, tail_octets);
	if (err != 0 && err != -EHOSTUNREACH)
		log_warn("chs: message not sent type=%s stage=%u error=%d",
			 ctl_name((unsigned)type), proc->stage, err);
}

void
chs_tell_all(struct chs *chs, enum ctl_type type, const void *body)
{
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++)
		chs_tell(chs, &chs->proc[i], type, body, NULL, 0);
}

static void
receive(struct chs *chs)
{
	struct ctl_in in;
	int got;

	for (unsigned i = 0; i < 64; i++) {
		got = ctl_recv(chs->ctl, CTL_CHASSIS, &in);
		if (got == 0)
			return;
		if (got < 0) {
			log_warn("chs: control message refused error=%d", got);
			continue;
		}
		if (in.type == CTL_REQUEST)
			clients_request(chs, &in);
		else
			chs_card_message(chs, &in);
		ctl_in_done(&in);
	}
}

static uint64_t
next_deadline(const struct chs *chs, uint64_t until_ns)
{
	uint64_t next =
	    chs->heartbeat_ns < until_ns ? chs->heartbeat_ns : until_ns;
	uint64_t round = rounds_deadline(chs);

	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		uint64_t at = chs->proc[i].restart_ns;

		if (at != 0 && at < next)
			next = at;
	}
	if (chs->cli.restart_ns != 0 && chs->cli.restart_ns < next)
		next = chs->cli.restart_ns;
	if (chs->waiting == 0 && commit_deadline(chs) < next)
		next = commit_deadline(chs);
	if (chs->waiting == 0 && ping_deadline(chs) < next)
		next = ping_deadline(chs);
	return round < next ? round : next;
}

/*
 * Everything that can wake the chassis; from *first on the processes watched,
 * in the order of watched.
 */
static size_t
poll_items(struct chs *chs, struct bus_poll *items, size_t *first,
	   struct proc **watched, size_t *nwatched)
{
	size_t n = 0;

	items[n++] = (struct bus_poll){.sock = chs->ctl};
	if (chs->signal_fd >= 0)
		items[n++] = (struct bus_poll){.fd = chs->signal_fd};
	*first = n;
	for (uint16_t i = 1; i <= STAGE_ID_MAX; i++) {
		struct proc *proc =
		    i < STAGE_ID_MAX ? &chs->proc[i] : &chs->cli;

		if (proc->pid <= 0)
			continue;
		items[n++] = (struct bus_poll){.fd = proc->pidfd};
		watched[(*nwatched)++] = proc;
	}
	return n + bp_poll_items(chs->bp, items + n, POLL_MAX - n);
}

static bool
any_ready(const struct bus_poll *items, size_t first, size_t n)
{
	for (size_t i = first; i < n; i++) {
		if (items[i].ready)
			return true;
	}
	return false;
}

void
chs_turn(struct chs *chs, uint64_t until_ns)
{
	struct bus_poll items[POLL_MAX];
	struct proc *watched[STAGE_ID_MAX + 1];
	size_t nwatched = 0;
	size_t first;
	size_t n = poll_items(chs, items, &first, watched, &nwatched);
	uint64_t now = clock_monotonic();
	uint64_t next = next_deadline(chs, until_ns);
	long wait_ms =
	    next <= now ? 0
			: (long)((next - now + CLOCK_MS_NS - 1) / CLOCK_MS_NS);

	if (bus_poll(items, n, wait_ms) > 0) {
		/* First what they said, then that they died: last words count.
		 */
		if (items[0].ready)
			receive(chs);
		if (any_ready(items, first + nwatched, n))
			punt_take(chs);
		for (size_t i = 0; i < nwatched; i++) {
			if (items[first + i].ready)
				slot_note_death(chs, watched[i]);
		}
	}
	slot_heartbeats(chs);
	if ((chs->signal_fd >= 0 && items[1].ready) ||
	    (chs->args->quit != NULL && *chs->args->quit))
		chs->leaving = true;
}

int
chs_wait(struct chs *chs, bool (*done)(struct chs *, void *), void *arg)
{
	uint64_t until = clock_monotonic() + CHS_WAIT_NS;

	chs->waiting++;
	while (!done(chs, arg) && !chs->leaving && clock_monotonic() < until)
		chs_turn(chs, until);
	chs->waiting--;
	if (done(chs, arg))
		return 0;
	return chs->leaving ? -ECANCELED : -ETIMEDOUT;
}
