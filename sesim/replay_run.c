/*
 * One replay from start to end: a router is started (a keeper and its
 * processes, or threads), told what to do in one request, listened to until it
 * says that it is done, and ended; then the outputs are put in place.
 *
 * Three things can end it early: a signal (reading stops, the rest drains), the
 * chassis's death (outputs are cut back to whole records), and a refusal.
 * Signals are blocked and read from a descriptor, so nothing here is
 * asynchronous.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "progress.h"
#include "replay_files.h"
#include "replay_main.h"
#include "replay_router.h"

struct replay {
	const struct replay_args *args;
	struct replay_result *result;
	struct replay_files *files;
	struct rundir dir;
	bool has_dir;
	struct replay_router router;
	bool has_router;
	int signal_fd;
	unsigned signals;
	sigset_t old_mask;
	uint64_t received; /* last heard of */
	json_t *done;      /* the chassis's last event */
	bool ended;        /* the router has, before it was told to */
	uint64_t elapsed_ns;
	struct progress progress;
};

uint64_t
replay_cpu_ns(void)
{
	static const int who[] = {RUSAGE_SELF, RUSAGE_CHILDREN};
	uint64_t us = 0;

	for (unsigned i = 0; i < 2; i++) {
		struct rusage u;

		if (getrusage(who[i], &u) != 0)
			continue;
		us += (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) *
			  1000000 +
		      (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
	}
	return us * 1000;
}

static int
tell(const struct replay *r, int status, const char *what)
{
	(void)fprintf(stderr, "%s: %s\n", r->args->command, what);
	return status;
}

static void
problem(struct replay *r, const char *what)
{
	(void)json_array_append_new(r->result->problems, json_string(what));
}

/* ---- Start ---- */

static int
catch_signals(struct replay *r)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, &r->old_mask) != 0)
		return -errno;
	r->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return r->signal_fd < 0 ? -errno : 0;
}

/* ---- The run ---- */

static json_t *
make_request(const struct replay *r)
{
	const struct replay_args *a = r->args;
	json_t *request = json_pack(
	    "{s:s, s:o, s:o, s:{s:f}, s:b, s:b}", "op", "replay", "ports",
	    replay_files_ports(r->files), "points",
	    replay_files_points(r->files), "pace", "factor", a->pace,
	    "strict_mac", (int)a->strict_mac, "silent", (int)a->silent);
	json_t *trace;

	if (a->trace == 0)
		return request;
	trace = json_pack("{s:i}", "count", (int)a->trace);
	if (a->trace_filter != NULL)
		(void)json_object_set_new(trace, "filter",
					  json_string(a->trace_filter));
	(void)json_object_set_new(request, "trace", trace);
	return request;
}

/* An answer of the chassis: 0, or the exit status of its refusal, told. */
static int
take_answer(struct replay *r, const json_t *words)
{
	const json_t *error = json_object_get(words, "error");
	const char *text = json_string_value(json_object_get(error, "text"));
	int status = (int)json_integer_value(json_object_get(error, "exit"));

	if (json_is_true(json_object_get(words, "ok")))
		return 0;
	return tell(r, status != 0 ? status : 3,
		    text != NULL ? text : "the router refused the replay");
}

static void
take_event(struct replay *r, json_t *words)
{
	const char *event = json_string_value(json_object_get(words, "event"));
	uint64_t octets =
	    (uint64_t)json_integer_value(json_object_get(words, "octets"));

	if (event != NULL && strcmp(event, "progress") == 0) {
		r->received = (uint64_t)json_integer_value(
		    json_object_get(words, "received"));
		/* A record's head is 16 octets in a pcap. */
		progress_show(&r->progress, octets + 16 * r->received,
			      r->received);
	} else if (event != NULL && strcmp(event, "done") == 0) {
		json_decref(r->done);
		r->done = json_incref(words);
	}
}

/* All messages that are there. 0, or the exit status. */
static int
take_messages(struct replay *r)
{
	for (;;) {
		json_t *words = NULL;
		bool event = false;
		int status = 0;
		int n = hand_take(r->router.hand, &words, &event);

		if (n == 0)
			return 0;
		if (n < 0)
			return tell(r, 3, "a message of the router is damaged");
		if (event)
			take_event(r, words);
		else
			status = take_answer(r, words);
		json_decref(words);
		if (status != 0)
			return status;
	}
}

/* The first stops reading, so that the rest drains; the second ends it all. */
static void
take_signals(struct replay *r)
{
	struct signalfd_siginfo info;

	while (read(r->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (++r->signals == 1) {
			problem(r, "interrupted: reading stopped, what was"
				   " inside went its way");
			(void)hand_send(
			    r->router.hand,
			    json_pack("{s:s}", "op", "replay-stop"));
		} else if (r->router.keeper > 0) {
			(void)kill(r->router.keeper, SIGTERM);
		}
	}
}

/* Until the chassis is done or dead. 0, or the exit status of a refusal. */
static int
listen_to_router(struct replay *r)
{
	int status = 0;

	while (status == 0 && r->done == NULL && !r->ended) {
		struct bus_poll items[3] = {{.sock = hand_sock(r->router.hand)},
					    {.fd = r->signal_fd},
					    {.fd = r->router.fd}};

		(void)bus_poll(items, 3, -1);
		/* Its last words count, also when it is dead already. */
		status = take_messages(r);
		if (items[1].ready)
			take_signals(r);
		r->ended = items[2].ready;
	}
	if (status == 0 && r->done == NULL)
		problem(r, "the chassis died; outputs hold what was written"
			   " until then");
	return status;
}

static int
converse(struct replay *r)
{
	char endpoint[BUS_ENDPOINT_MAX];
	int status = replay_router_await(&r->router, r->signal_fd);
	int err;

	if (status != 0)
		return status;
	err = hand_endpoint(r->args->transport, r->dir.path, endpoint);
	if (err == 0)
		err = hand_open(&r->router.hand, r->router.bus, endpoint);
	if (err == 0)
		err = hand_send(r->router.hand, make_request(r));
	if (err != 0)
		return tell(r, 3, strerror(-err));
	progress_begin(&r->progress, replay_files_octets(r->files));
	status = listen_to_router(r);
	progress_end(&r->progress);
	return status;
}

/* ---- End ---- */

static void
clean_up(struct replay *r)
{
	if (r->has_router)
		replay_router_end(&r->router);
	if (r->signal_fd >= 0)
		(void)close(r->signal_fd);
	(void)sigprocmask(SIG_SETMASK, &r->old_mask, NULL);
	if (!r->has_dir)
		return;
	rundir_remove(r->dir.path);
	(void)close(r->dir.lock_fd);
}

static void
add_problems(struct replay *r)
{
	json_t *all = json_object_get(r->done, "problems");
	json_t *one;
	size_t i;

	json_array_foreach(all, i, one) {
		(void)json_array_append(r->result->problems, one);
	}
	r->result->journeys = json_incref(json_object_get(r->done, "journeys"));
}

/* What the chassis can not know. */
static void
complete_sums(struct replay *r)
{
	const struct replay_args *a = r->args;
	json_t *sums = r->result->sums;
	double s = (double)r->elapsed_ns / 1e9;
	double n =
	    (double)json_integer_value(json_object_get(sums, "received"));

	(void)json_object_set_new(sums, "elapsed_s", json_real(s));
	(void)json_object_set_new(sums, "packets_per_s",
				  json_real(s > 0 ? n / s : 0));
	(void)json_object_set_new(
	    sums, "cpu_s",
	    json_real((double)(replay_cpu_ns() - a->begin_cpu_ns) / 1e9));
	(void)json_object_set_new(
	    sums, "transport", json_string(bus_transport_name(a->transport)));
	if (json_object_get(sums, "engine") == NULL)
		(void)json_object_set_new(
		    sums, "engine",
		    json_string(strcmp(a->engine, "auto") == 0 ? "openssl"
							       : a->engine));
	(void)json_object_set_new(sums, "seed",
				  a->seeded ? json_integer((json_int_t)a->seed)
					    : json_null());
	if (json_array_size(r->result->problems) > 0)
		(void)json_object_set(sums, "problems", r->result->problems);
	if (json_array_size(r->result->journeys) > 0)
		(void)json_object_set(sums, "journeys", r->result->journeys);
}

static void
move_number(json_t *from, const char *from_key, json_t *to, const char *to_key,
	    json_int_t n)
{
	json_int_t a = json_integer_value(json_object_get(from, from_key));
	json_int_t b = json_integer_value(json_object_get(to, to_key));

	(void)json_object_set_new(from, from_key, json_integer(a - n));
	(void)json_object_set_new(to, to_key, json_integer(b + n));
}

/*
 * A transmit side that was killed had counted packets whose octets it still
 * held: they are lost there, and its port sent what its output has.
 */
static void
settle_port(struct replay *r, const char *stage, const char *name, json_t *port)
{
	json_t *sums = r->result->sums;
	char lost[32];
	uint64_t packets;
	uint64_t octets;
	json_int_t held;

	if (!replay_files_held(r->files, name, &packets, &octets))
		return;
	held = json_integer_value(json_object_get(port, "tx_packets")) -
	       (json_int_t)packets;
	if (held <= 0)
		return;
	(void)snprintf(lost, sizeof(lost), "lost-in-%s", stage);
	move_number(sums, "transmitted", json_object_get(sums, "dropped"), lost,
		    held);
	(void)json_object_set_new(port, "tx_packets",
				  json_integer((json_int_t)packets));
	(void)json_object_set_new(port, "tx_octets",
				  json_integer((json_int_t)octets));
}

static void
settle_deaths(struct replay *r)
{
	json_t *ports = json_object_get(r->result->sums, "ports");
	const json_t *stage;
	const char *name;
	json_t *port;
	size_t i;

	json_array_foreach(json_object_get(r->result->sums, "died"), i, stage) {
		const char *text = json_string_value(stage);
		size_t len = strcspn(text, "/") + 1;

		if (strcmp(text + len - 1, "/eppa") != 0)
			continue;
		json_object_foreach(ports, name, port) {
			if (strncmp(name, text, len) == 0)
				settle_port(r, text, name, port);
		}
	}
}

/* The run began: outputs go to their places, and the sums are drawn. */
static void
conclude(struct replay *r)
{
	struct replay_result *res = r->result;
	int err;

	if (r->done != NULL) {
		add_problems(r);
		res->status =
		    (int)json_integer_value(json_object_get(r->done, "exit"));
		res->sums = json_incref(json_object_get(r->done, "result"));
	}
	err = replay_files_finish(r->files, res->status != 0 || r->done == NULL,
				  res->problems);
	if (r->done != NULL)
		settle_deaths(r);
	if (err != 0)
		res->status = 3;
	else if (res->status == 0 && json_array_size(res->problems) > 0)
		res->status = 1;
	r->elapsed_ns = clock_monotonic() - r->args->begin_ns;
}

static int
prepare(struct replay *r)
{
	char name[RUNDIR_NAME_MAX];
	char root[RUNDIR_PATH_MAX];
	char why[RUNDIR_WHY_MAX];
	int status;
	int err;

	if (rundir_root(root, why) != 0)
		return tell(r, 3, why);
	rundir_sweep(root);
	(void)snprintf(name, sizeof(name), "r%ld", (long)getpid());
	if (rundir_open(&r->dir, name, why) != 0)
		return tell(r, 3, why);
	r->has_dir = true;
	status = replay_files_open(&r->files, r->args, r->dir.path,
				   r->result->problems);
	if (status != 0)
		return status;
	err = catch_signals(r);
	if (err == 0) {
		r->has_router = true;
		err = replay_router_start(&r->router, r->args, &r->dir);
	}
	if (err != 0)
		return tell(r, 3,
			    err == -ENOENT
				? "the programs of the router are not there"
				: strerror(-err));
	return 0;
}

void
replay_run(const struct replay_args *args, struct replay_result *result)
{
	struct replay r = {.args = args, .result = result, .signal_fd = -1};

	*result = (struct replay_result){.problems = json_array()};
	(void)sigprocmask(SIG_BLOCK, NULL, &r.old_mask);
	result->status = prepare(&r);
	if (result->status == 0)
		result->status = converse(&r);
	if (result->status == 0) {
		conclude(&r);
		/* Where the router died, this is all that is known. */
		if (result->sums == NULL)
			result->sums = json_pack("{s:I}", "received",
						 (json_int_t)r.received);
	}
	clean_up(&r);
	if (result->sums != NULL)
		complete_sums(&r);
	replay_files_free(&r.files);
	json_decref(r.done);
}

void
replay_result_fini(struct replay_result *result)
{
	json_decref(result->sums);
	json_decref(result->problems);
	json_decref(result->journeys);
	*result = (struct replay_result){0};
}
