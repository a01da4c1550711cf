/*
 * Slots: the processes of cards start, are matched with the configuration, die,
 * are buried and started again with their full tables; who hangs is killed.
 */
#include "slot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "asps.h"
#include "client.h"
#include "clock.h"
#include "events.h"
#include "keying.h"
#include "log.h"
#include "push.h"
#include "rates.h"
#include "rounds.h"
#include "running.h"
#include "wires.h"

#define HEARTBEATS_MISSED 3
#define DEATHS_AT_ONCE 5
#define STEADY_NS (UINT64_C(10) * 1000000000)

static const char *
event_facility(const struct proc *proc)
{
	if (proc->stage == STAGE_NONE)
		return "CLI";
	return stage_role(proc->stage) == STAGE_ASP1 ||
		       stage_role(proc->stage) == STAGE_ASP2
		   ? "ASP"
		   : "CARD";
}

/* A death is only noted here; chs_bury_all() acts on it. */
void
slot_note_death(struct chs *chs, struct proc *proc)
{
	char name[STAGE_NAME_MAX] = "cli";
	char how[80];

	if (!proc_reap(proc, how, sizeof(how)))
		return;
	if (proc->stage != STAGE_NONE)
		stage_name(proc->stage, name);
	proc->unburied = true;
	chs->deaths = true;
	if (proc->ordered) {
		proc->ordered = false;
		event_add(chs, EVENT_NOTICE, event_facility(proc),
			  proc->shut ? "SHUTDOWN" : "RELOAD", "%s %s", name,
			  proc->shut ? "is shut down" : "is reloaded");
		return;
	}
	if (!chs->leaving)
		log_warn("chs: process died stage=%s %s", name, how);
	event_add(chs, EVENT_CRITICAL, event_facility(proc), "DOWN",
		  "%s is down: process %s", name, how);
	if (clock_monotonic() - proc->started_ns > STEADY_NS)
		proc->deaths = 0;
	proc->deaths++;
}

static int
slot_start(struct chs *chs, struct proc *proc)
{
	const struct chassis_spawn *spawn = chs->args->spawn;
	int err;

	proc->epoch++;
	proc->generation = 0;
	if (proc->stats == NULL) {
		err = stats_new(&proc->stats_fd, &proc->stats);
		if (err != 0)
			return err;
	}
	err = pools_join(chs, proc);
	if (err != 0)
		return err;
	chs->common.nwires =
	    wires_fds(chs, chs->common.wire_fds, PROC_WIRES_MAX);
	if (spawn == NULL) {
		err = proc_start_card(proc, &chs->common);
		pools_started(proc);
		return err;
	}
	proc->state = PROC_STARTING;
	proc->started_ns = proc->heard_ns = clock_monotonic();
	return spawn->start(spawn->arg, proc->stage, proc->epoch,
			    chs->common.buffers, proc->pools_end_fd,
			    chs->endpoint, proc->stats);
}

void
slot_stop(struct chs *chs, struct proc *proc, uint64_t deadline_ns)
{
	struct ctl_none none = {{{0}}};

	chs_tell(chs, proc, CTL_SHUTDOWN, &none, NULL, 0);
	proc->state = PROC_DEAD;
	if (chs->args->spawn != NULL)
		chs->args->spawn->join(chs->args->spawn->arg, proc->stage);
	else
		proc_stop(proc, deadline_ns);
	pools_leave(proc);
	stats_unmap(&proc->stats);
	if (proc->stats_fd >= 0)
		(void)close(proc->stats_fd);
	proc->stats_fd = -1;
	proc->state = PROC_NONE;
}

/* A card that the configuration has no more: as a death that was wanted. */
static void
remove_card(struct chs *chs, struct proc *proc)
{
	proc->shut = false;
	slot_stop(chs, proc, clock_monotonic() + SLOT_STOP_NS);
	if (links_drain(chs, proc) == 0)
		pools_reclaim(chs, proc);
}

static bool
all_hello(struct chs *chs, void *arg)
{
	(void)arg;
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		if (chs->proc[i].state == PROC_STARTING)
			return false;
	}
	return true;
}

int
slot_match(struct chs *chs)
{
	char name[STAGE_NAME_MAX];

	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		struct proc *proc = &chs->proc[i];
		bool wanted =
		    stage_valid(i) && running_has_stage(chs->running, i);
		int err = 0;

		if (!wanted && proc->state != PROC_NONE)
			remove_card(chs, proc);
		else if (wanted && proc->state == PROC_NONE)
			err = slot_start(chs, proc);
		if (err != 0) {
			(void)snprintf(chs->push_why, sizeof(chs->push_why),
				       "%s can not be started from %s: %s",
				       stage_name(i, name), chs->common.bin_dir,
				       strerror(-err));
			log_error("chs: %s", chs->push_why);
			return err;
		}
	}
	return chs_wait(chs, all_hello, NULL);
}

/* A restarted card gets links, its full tables, and is as it was. */
static void
restart(struct chs *chs, struct proc *proc)
{
	char name[STAGE_NAME_MAX];
	int err;

	proc->restart_ns = 0;
	err = slot_start(chs, proc);
	if (err == 0)
		err = chs_wait(chs, all_hello, NULL);
	if (err == 0)
		err = links_up(chs);
	if (err == 0 && chs_live(proc))
		err = push_all_to(chs, proc);
	stage_name(proc->stage, name);
	if (err != 0)
		log_error("chs: not restarted stage=%s error=%s", name,
			  strerror(-err));
	else
		log_info("chs: restarted stage=%s epoch=%u", name, proc->epoch);
	if (err == 0)
		event_add(chs, EVENT_NOTICE, event_facility(proc), "UP",
			  "%s is up again", name);
}

static void
restart_cli(struct chs *chs)
{
	int err = proc_start_cli(&chs->cli, &chs->common,
				 chs->args->telnet_port, chs->args->ssh_port);

	chs->cli.restart_ns = 0;
	if (err != 0)
		log_error("chs: no command line error=%s", strerror(-err));
}

static void
bury(struct chs *chs, struct proc *proc)
{
	int err = -ESRCH;

	proc->unburied = false;
	if (proc->stage != STAGE_NONE)
		err = links_drain(chs, proc);
	else
		clients_cli_gone(chs->clients);
	if (chs->args->replay) {
		rounds_death(chs, proc);
		return;
	}
	if (err == 0)
		pools_reclaim(chs, proc);
	asps_note_sas(chs, proc);
	keying_died(chs, proc);
	/* At once the first times; a card that keeps dying waits a second. */
	if (!proc->shut)
		proc->restart_ns =
		    clock_monotonic() +
		    (proc->deaths > DEATHS_AT_ONCE ? CLOCK_SECOND_NS : 1);
}

void
slot_bury_all(struct chs *chs)
{
	uint64_t now;

	while (chs->deaths && !chs->leaving) {
		chs->deaths = false;
		for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
			if (chs->proc[i].unburied)
				bury(chs, &chs->proc[i]);
		}
		if (chs->cli.unburied)
			bury(chs, &chs->cli);
		/* A spare takes the seat before the dead one is back. */
		asps_settle(chs);
	}
	now = clock_monotonic();
	for (uint16_t i = 1; i < STAGE_ID_MAX && !chs->leaving; i++) {
		struct proc *proc = &chs->proc[i];

		if (proc->restart_ns != 0 && proc->restart_ns <= now + 1) {
			restart(chs, proc);
			asps_settle(chs);
		}
	}
	if (chs->cli.restart_ns != 0 && chs->cli.restart_ns <= now + 1)
		restart_cli(chs);
}

/* The processes of a slot, or the one stage of it, that an order is about. */
struct order {
	unsigned slot;
	uint16_t only; /* or STAGE_NONE */
};

static struct proc *
ordered(struct chs *chs, const struct order *order, uint16_t stage)
{
	if (stage_slot(stage) != order->slot ||
	    (order->only != STAGE_NONE && order->only != stage))
		return NULL;
	return chs_proc(chs, stage);
}

static bool
all_ended(struct chs *chs, void *arg)
{
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		const struct proc *proc = ordered(chs, arg, i);

		if (proc != NULL && proc->pid > 0)
			return false;
	}
	return true;
}

int
slot_reload(struct chs *chs, unsigned slot, uint16_t only)
{
	struct order order = {.slot = slot, .only = only};
	int err;

	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		struct proc *proc = ordered(chs, &order, i);

		if (proc == NULL)
			continue;
		proc->ordered = proc->pid > 0;
		proc->deaths = 0;
		proc_term(proc);
		if (proc->pid == 0)
			proc->restart_ns = proc->shut ? 0 : clock_monotonic();
	}
	err = chs_wait(chs, all_ended, &order);
	for (uint16_t i = 1; i < STAGE_ID_MAX && err == -ETIMEDOUT; i++) {
		if (ordered(chs, &order, i) != NULL)
			proc_kill(&chs->proc[i]);
	}
	if (err == -ETIMEDOUT)
		err = chs_wait(chs, all_ended, &order);
	slot_bury_all(chs);
	return err;
}

/* One heartbeat every five seconds for who has said nothing since the last. */
void
slot_heartbeats(struct chs *chs)
{
	struct ctl_none none = {{{0}}};
	uint64_t now = clock_monotonic();

	if (now < chs->heartbeat_ns)
		return;
	chs->heartbeat_ns = now + CHS_HEARTBEAT_NS;
	/* Not while one of them is being answered. */
	if (chs->waiting == 0)
		clients_bury(chs);
	events_refused(chs);
	rates_sample(chs, now);
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		struct proc *proc = &chs->proc[i];

		if (!chs_live(proc) || now - proc->heard_ns < CHS_HEARTBEAT_NS)
			continue;
		if (proc->unanswered++ >= HEARTBEATS_MISSED && proc->pid > 0) {
			log_warn("chs: stage=%u hangs, killed", i);
			proc_kill(proc);
			continue;
		}
		chs_tell(chs, proc, CTL_HEARTBEAT, &none, NULL, 0);
	}
}
