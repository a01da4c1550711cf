/*
 * The life of the controller as a whole: set out, tell who started it, turn the
 * loop until it is time, leave cleanly.
 */
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "answer.h"
#include "chs.h"
#include "client.h"
#include "clock.h"
#include "commit.h"
#include "debug.h"
#include "events.h"
#include "inject.h"
#include "journey.h"
#include "keying.h"
#include "log.h"
#include "own.h"
#include "path_mtu.h"
#include "ping.h"
#include "push.h"
#include "rates.h"
#include "rounds.h"
#include "running.h"
#include "slot.h"
#include "tallies.h"
#include "wires.h"

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
	int err = proc_start_cli(&chs->cli, &chs->common,
				 chs->args->telnet_port, chs->args->ssh_port);

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
	int err = slot_match(chs);

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
	chs->events = events_new();
	chs->rates = rates_new();
	chs->debug = calloc(1, sizeof(*chs->debug));
	if (chs->events == NULL || chs->rates == NULL || chs->debug == NULL ||
	    journeys_new(&chs->journeys) != 0)
		err = -ENOMEM;
	if (err == 0)
		err = clients_new(&chs->clients);
	if (err == 0)
		err = bus_listen(args->bus, BUS_ROUTER, "ctl", &chs->ctl,
				 chs->endpoint);
	if (err == 0)
		err = publish_endpoint(chs);
	if (err == 0)
		err = inject_new(&chs->inject);
	if (err == 0)
		err = answer_new(&chs->answer);
	if (err == 0)
		err = own_new(&chs->own);
	if (err == 0)
		err = pings_new(&chs->pings);
	if (err == 0)
		err = path_mtus_new(&chs->path_mtus);
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
	uint64_t deadline = clock_monotonic() + SLOT_STOP_NS;

	chs->leaving = true;
	rounds_free(chs);
	chs_tell_all(chs, CTL_SHUTDOWN, &none);
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++)
		proc_term(&chs->proc[i]);
	proc_term(&chs->cli);
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		if (chs->proc[i].state != PROC_NONE)
			slot_stop(chs, &chs->proc[i], deadline);
	}
	proc_stop(&chs->cli, deadline);
	punt_close(chs);
	own_free(&chs->own);
	pings_free(&chs->pings);
	path_mtus_free(&chs->path_mtus);
	answer_free(&chs->answer);
	inject_free(&chs->inject);
	pools_close(chs);
	clients_free(&chs->clients);
	commits_end(chs);
	events_free(&chs->events);
	free(chs->seen);
	tallies_free(&chs->cleared);
	rates_free(&chs->rates);
	journeys_free(&chs->journeys);
	keying_free(&chs->keying);
	free(chs->debug);
	chs->debug = NULL;
	running_free(&chs->running);
	seqlog_close(&chs->seqlog);
	wires_close(chs);
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
	chs->common.buffers = pools_buffers(chs);
	if (err == 0)
		err = open_parts(chs);
	if (err == 0)
		err = wires_open(chs, text, sizeof(text));
	if (err == 0)
		err = start_all(chs, text, sizeof(text));
	if (err == 0)
		err = wires_await(chs, text, sizeof(text));
	if (err == 0)
		err = commits_new(chs);
	if (err == 0)
		events_tunnels(chs, NULL, running_tables(chs->running));
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
		slot_bury_all(chs);
		clients_deferred(chs);
		rounds_step(chs);
		ping_step(chs);
		commit_step(chs);
		keying_step(chs);
	}
	close_parts(chs);
	free(chs);
	return status;
}
