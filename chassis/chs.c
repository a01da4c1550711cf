/*
 * The life of the controller: start everything, turn the loop, bury and restart
 * what dies, leave cleanly. One thread; nothing here blocks but the poll.
 *
 * Where the chassis must hear from cards before it goes on (a commit, a link, a
 * drain) it waits in chs_wait(), which turns the same loop while requests of
 * clients are put aside; so such a step reads from top to bottom. A death seen
 * while waiting is noted (the dead are not waited for) and buried by the outer
 * loop.
 */
#include "chs.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"
#include "log.h"
#include "push.h"
#include "rounds.h"
#include "running.h"

#define POLL_MAX (2 * STAGE_ID_MAX + 4) /* processes, links, and ours */
#define HEARTBEATS_MISSED 3
#define DEATHS_AT_ONCE 5
/* For all processes together: the chassis itself has a second. */
#define STOP_NS (UINT64_C(700) * CLOCK_MS_NS)
#define STEADY_NS (UINT64_C(10) * 1000000000)

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

/* A death is only noted here; chs_bury_all() acts on it. */
static void
note_death(struct chs *chs, struct proc *proc)
{
	char name[STAGE_NAME_MAX] = "cli";
	char how[80];

	if (!proc_reap(proc, how, sizeof(how)))
		return;
	if (proc->stage != STAGE_NONE)
		stage_name(proc->stage, name);
	if (!chs->leaving)
		log_warn("chs: process died stage=%s %s", name, how);
	proc->unburied = true;
	chs->deaths = true;
	if (clock_monotonic() - proc->started_ns > STEADY_NS)
		proc->deaths = 0;
	proc->deaths++;
}

static int
start(struct chs *chs, struct proc *proc)
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

static void
stop(struct chs *chs, struct proc *proc, uint64_t deadline_ns)
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
	stop(chs, proc, clock_monotonic() + STOP_NS);
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
chs_match_processes(struct chs *chs)
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
			err = start(chs, proc);
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
	err = start(chs, proc);
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
}

static void
restart_cli(struct chs *chs)
{
	int err =
	    proc_start_cli(&chs->cli, &chs->common, chs->args->telnet_port);

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
	if (chs->args->replay) {
		rounds_death(chs, proc);
		return;
	}
	if (err == 0)
		pools_reclaim(chs, proc);
	/* At once the first times; a card that keeps dying waits a second. */
	proc->restart_ns =
	    clock_monotonic() +
	    (proc->deaths > DEATHS_AT_ONCE ? CLOCK_SECOND_NS : 1);
}

static void
bury_all(struct chs *chs)
{
	uint64_t now = clock_monotonic();

	while (chs->deaths && !chs->leaving) {
		chs->deaths = false;
		for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
			if (chs->proc[i].unburied)
				bury(chs, &chs->proc[i]);
		}
		if (chs->cli.unburied)
			bury(chs, &chs->cli);
	}
	for (uint16_t i = 1; i < STAGE_ID_MAX && !chs->leaving; i++) {
		struct proc *proc = &chs->proc[i];

		if (proc->restart_ns != 0 && proc->restart_ns <= now + 1)
			restart(chs, proc);
	}
	if (chs->cli.restart_ns != 0 && chs->cli.restart_ns <= now + 1)
		restart_cli(chs);
}

/* One heartbeat every five seconds for who has said nothing since the last. */
static void
heartbeats(struct chs *chs)
{
	struct ctl_none none = {{{0}}};
	uint64_t now = clock_monotonic();

	if (now < chs->heartbeat_ns)
		return;
	chs->heartbeat_ns = now + CHS_HEARTBEAT_NS;
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
				note_death(chs, watched[i]);
		}
	}
	heartbeats(chs);
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

/* Tells who started us, once: ready, or why not. */
static void
tell_starter(struct chs *chs, json_t *words)
{
	char *line = words != NULL ? json_dumps(words, JSON_COMPACT) : NULL;

	if (line != NULL && chs->args->ready_fd >= 0) {
		if (dprintf(chs->args->ready_fd, "%s\n", line) < 0)
			log_warn("chs: nobody waits for readiness");
	}
	free(line);
	json_decref(words);
	if (chs->args->ready_fd >= 0)
		(void)close(chs->args->ready_fd);
}

static bool
cli_listens(struct chs *chs, void *arg)
{
	(void)arg;
	return clients_cli(chs->clients) != NULL || chs->cli.pid == 0;
}

static int
start_cli(struct chs *chs, char *why, size_t why_octets)
{
	const json_t *said;
	const char *error;
	int err =
	    proc_start_cli(&chs->cli, &chs->common, chs->args->telnet_port);

	if (err == 0)
		err = chs_wait(chs, cli_listens, NULL);
	said = clients_cli(chs->clients);
	error = json_string_value(json_object_get(said, "error"));
	if (err == 0 && (said == NULL || error != NULL)) {
		(void)snprintf(why, why_octets, "the command line: %s",
			       error != NULL ? error : "sesim-cli ended");
		err = -ECHILD;
	}
	return err;
}

static int
start_all(struct chs *chs, char *why, size_t why_octets)
{
	int err = chs_match_processes(chs);

	if (err == 0)
		err = links_up(chs);
	if (err == 0)
		err = push_commit(chs, NULL, why, why_octets);
	if (err == 0 && !chs->args->replay)
		err = start_cli(chs, why, why_octets);
	return err;
}

/* The endpoint of the control socket, where it is not known beforehand. */
static int
publish_endpoint(const struct chs *chs)
{
	char path[200];
	FILE *file;
	int n;

	if (bus_transport_of(chs->args->bus) != BUS_TCP)
		return 0;
	n = snprintf(path, sizeof(path), "%s/ctl.endpoint", chs->args->run_dir);
	if (n < 0 || n >= (int)sizeof(path))
		return -ENAMETOOLONG;
	file = fopen(path, "we");
	if (file == NULL)
		return -errno;
	n = fprintf(file, "%s\n", chs->endpoint);
	return fclose(file) == 0 && n > 0 ? 0 : -EIO;
}

/*
 * SIGTERM as something to wait for: a handler that sets a flag between a look
 * at it and the sleep would be slept over.
 */
static int
open_signal(struct chs *chs)
{
	sigset_t set;

	if (chs->args->quit == NULL)
		return 0;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	chs->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (chs->signal_fd < 0)
		return -errno;
	return sigprocmask(SIG_BLOCK, &set, NULL) == 0 ? 0 : -errno;
}

static int
open_parts(struct chs *chs)
{
	const struct chassis_args *args = chs->args;
	int err;

	chs->pairs =
	    calloc((size_t)STAGE_ID_MAX * STAGE_ID_MAX, sizeof(*chs->pairs));
	if (chs->pairs == NULL)
		return -ENOMEM;
	err = open_signal(chs);
	if (err == 0)
		err = clients_new(&chs->clients);
	if (err == 0)
		err = bus_listen(args->bus, BUS_ROUTER, "ctl", &chs->ctl,
				 chs->endpoint);
	if (err == 0)
		err = publish_endpoint(chs);
	if (err == 0)
		err = punt_open(chs);
	return err;
}

static void
prepare(struct chs *chs, const struct chassis_args *args)
{
	uint32_t packets =
	    args->round_packets != 0 ? args->round_packets : CHS_ROUND_PACKETS;
	uint32_t open =
	    args->rounds_open != 0 ? args->rounds_open : CHS_ROUNDS_OPEN;

	chs->args = args;
	chs->started_ns = clock_monotonic();
	chs->heartbeat_ns = chs->started_ns + CHS_HEARTBEAT_NS;
	chs->round_packets = packets;
	chs->rounds_open = open < PKT_ROUNDS_OPEN ? open : PKT_ROUNDS_OPEN - 1;
	for (uint16_t i = 0; i < STAGE_ID_MAX; i++) {
		chs->proc[i].stage = i;
		chs->proc[i].pidfd = -1;
		chs->proc[i].stats_fd = -1;
		chs->proc[i].pools_fd = -1;
		chs->proc[i].pools_end_fd = -1;
		chs->pool[i].fd = -1;
	}
	chs->signal_fd = -1;
	chs->cli.stage = STAGE_NONE;
	chs->cli.pidfd = -1;
	chs->cli.pools_fd = -1;
	chs->cli.pools_end_fd = -1;
	/* The chassis itself, as a stage: always up, never told anything. */
	chs->proc[0].state = PROC_UP;
	chs->proc[0].epoch = 1;
	chs->common =
	    (struct proc_common){.bin_dir = args->bin_dir,
				 .run_dir = args->run_dir,
				 .endpoint = chs->endpoint,
				 .engine = args->engine,
				 .transport = bus_transport_of(args->bus),
				 .keys_fd = args->keys_fd};
}

static void
close_parts(struct chs *chs)
{
	struct ctl_none none = {{{0}}};
	uint64_t deadline = clock_monotonic() + STOP_NS;

	chs->leaving = true;
	rounds_free(chs);
	chs_tell_all(chs, CTL_SHUTDOWN, &none);
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++)
		proc_term(&chs->proc[i]);
	proc_term(&chs->cli);
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		if (chs->proc[i].state != PROC_NONE)
			stop(chs, &chs->proc[i], deadline);
	}
	proc_stop(&chs->cli, deadline);
	punt_close(chs);
	pools_close(chs);
	clients_free(&chs->clients);
	running_free(&chs->running);
	seqlog_close(&chs->seqlog);
	bus_close(&chs->ctl);
	if (chs->signal_fd >= 0)
		(void)close(chs->signal_fd);
	free(chs->pairs);
}

/* 0, or the exit status; why: for who started us. */
static int
set_out(struct chs *chs, json_t **why)
{
	char text[512] = "";
	int err = running_load(chs, text, sizeof(text));

	if (err == -EINVAL) {
		*why = json_pack("{s:s, s:i}", "error", text, "exit", 2);
		return 2;
	}
	chs->common.buffers = (chs->rounds_open + 2) * chs->round_packets *
			      running_ports(chs->running);
	if (err == 0)
		err = open_parts(chs);
	if (err == 0)
		err = start_all(chs, text, sizeof(text));
	if (err == 0)
		return 0;
	if (text[0] == '\0')
		(void)snprintf(
		    text, sizeof(text), "the router did not start: %s",
		    chs->push_why[0] != '\0' ? chs->push_why : strerror(-err));
	*why = json_pack("{s:s, s:i}", "error", text, "exit", 3);
	return 3;
}

int
chassis_run(const struct chassis_args *args)
{
	struct chs *chs = calloc(1, sizeof(*chs));
	json_t *words = NULL;
	int status;

	if (chs == NULL)
		return 3;
	prepare(chs, args);
	status = set_out(chs, &words);
	if (status == 0)
		words = clients_ready(chs);
	tell_starter(chs, words);
	chs->ready = status == 0;
	while (status == 0 && !chs->leaving) {
		chs_turn(chs, UINT64_MAX);
		bury_all(chs);
		clients_deferred(chs);
		rounds_step(chs);
	}
	close_parts(chs);
	free(chs);
	return status;
}
