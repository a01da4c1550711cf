/*
 * `sesim capture`: what passes points of a running router, while it passes. It
 * listens at a socket in the router's run directory, asks the chassis for the
 * points, and writes what their cards send. When it ends, for whatever reason,
 * the cards see it and the points are closed.
 */
#include "capture_main.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "feeds.h"
#include "hand.h"
#include "keys.h"
#include "rundir.h"

#define ANSWER_MS 5000

struct capture {
	const char *command;
	const char *write;
	const char *filter;
	const char *keys_dir;
	const char *secret_key;
	uint64_t count;
	const char *router;
	char **points;
	int npoints;
	char run_dir[RUNDIR_PATH_MAX + RUNDIR_NAME_MAX + 2];
};

static volatile sig_atomic_t quit;

enum { OPT_WRITE = 1, OPT_FILTER, OPT_COUNT, OPT_KEYS, OPT_SECRET, OPT_HELP };

static const struct option options[] = {
    {"write", required_argument, NULL, OPT_WRITE},
    {"filter", required_argument, NULL, OPT_FILTER},
    {"count", required_argument, NULL, OPT_COUNT},
    {"keys-dir", required_argument, NULL, OPT_KEYS},
    {"secret-key", required_argument, NULL, OPT_SECRET},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0}};

static const char usage[] =
    "usage: sesim capture ROUTER POINT... --write FILE|-|PIPE\n"
    "    [--filter FILTER] [--count N] [--keys-dir DIR] [--secret-key FILE]\n"
    "\n"
    "Records what passes points of a running router, as one pcapng with an\n"
    "interface for each point and a comment for each packet.\n"
    "  POINT              1/ippa:rx, 2/eppa:tx, 1/eppa:tunnel, 3/asp1:clear,\n"
    "                     3/asp1:sealed, 1/ippa..3/asp1, 3/asp1, xcrp, or the\n"
    "                     frames of a link, 1/ippa..3/asp1:frame\n"
    "  --write FILE|-     where to; - is standard output, as in\n"
    "                     sesim capture r 2/eppa:tx --write - | program\n"
    "  --filter FILTER    as in pcap-filter(7)\n"
    "  --count N          so many packets, else until interrupted\n"
    "  --keys-dir DIR     keys for Wireshark: WIRESHARK_CONFIG_DIR=DIR\n"
    "Exit status: 0 done; 2 wrong usage; 3 the machine or a dependency"
    " failed.\n";

static void
interrupted(int sig)
{
	(void)sig;
	quit = 1;
}

static int
wrong(const struct capture *c, const char *format, const char *what)
{
	(void)fprintf(stderr, "%s: ", c->command);
	(void)fprintf(stderr, format, what);
	(void)fputc('\n', stderr);
	return 2;
}

static int
parse_count(struct capture *c, const char *text)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 10);

	if (end == text || *end != '\0' || text[0] == '-' || n == 0)
		return wrong(c, "--count %s: expected a number from 1", text);
	c->count = n;
	return 0;
}

/* 0; -1: help was given; 2. */
static int
parse(struct capture *c, int argc, char **argv)
{
	int id;

	while ((id = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (id == OPT_HELP) {
			(void)fputs(usage, stdout);
			return -1;
		}
		if (id == OPT_WRITE)
			c->write = optarg;
		else if (id == OPT_FILTER)
			c->filter = optarg;
		else if (id == OPT_KEYS)
			c->keys_dir = optarg;
		else if (id == OPT_SECRET)
			c->secret_key = optarg;
		else if (id != OPT_COUNT || parse_count(c, optarg) != 0)
			return 2;
	}
	if (argc - optind < 2)
		return wrong(c, "expected a router and a point%s", "");
	if (c->write == NULL)
		return wrong(c, "expected --write FILE%s", "");
	c->router = argv[optind];
	c->points = argv + optind + 1;
	c->npoints = argc - optind - 1;
	return 0;
}

static int
failed(const struct capture *c, const char *text)
{
	(void)fprintf(stderr, "%s: %s\n", c->command, text);
	return 3;
}

/* The answer's data, the caller's; else NULL and an exit status. */
static json_t *
ask(const struct capture *c, json_t *request, int *status)
{
	char endpoint[BUS_ENDPOINT_MAX];
	struct bus *bus = NULL;
	struct hand *hand = NULL;
	json_t *answer = NULL;
	json_t *data = NULL;
	int err = bus_new(&bus, BUS_IPC, c->run_dir, NULL);

	if (err == 0)
		err = hand_endpoint(BUS_IPC, c->run_dir, endpoint);
	if (err == 0)
		err = hand_open(&hand, bus, endpoint);
	if (err == 0)
		err = hand_ask(hand, request, ANSWER_MS, &answer);
	else
		json_decref(request);
	hand_close(&hand);
	bus_free(&bus);
	*status = err == 0 ? 0 : failed(c, "the router does not answer");
	if (err == 0 && !json_is_true(json_object_get(answer, "ok"))) {
		const char *text = json_string_value(
		    json_object_get(json_object_get(answer, "error"), "text"));

		*status = wrong(c, "%s", text != NULL ? text : "refused");
	}
	if (*status == 0)
		data = json_incref(json_object_get(answer, "data"));
	json_decref(answer);
	return data;
}

/* The keys of what the router runs now. */
static int
write_keys(const struct capture *c)
{
	char path[] = "/tmp/sesim-conf-XXXXXX";
	char why[512] = "the configuration can not be read";
	struct conf conf = {NULL};
	int status;
	json_t *data =
	    ask(c, json_pack("{s:s}", "op", "configuration"), &status);
	const char *text = json_string_value(json_object_get(data, "text"));
	int fd;

	if (data == NULL)
		return status;
	fd = text == NULL ? -1 : mkstemp(path);
	status = fd < 0 || write(fd, text, strlen(text)) < 0 ? 3 : 0;
	if (fd >= 0)
		(void)close(fd);
	if (status == 0 && conf_load(&conf, path, c->secret_key) != 0)
		status = 3;
	if (status == 0 &&
	    keys_write(conf.tree, c->keys_dir, why, sizeof(why)) != 0)
		status = 3;
	if (status != 0)
		(void)failed(c, why);
	conf_fini(&conf);
	if (fd >= 0)
		(void)unlink(path);
	json_decref(data);
	return status;
}

static int
open_points(const struct capture *c, struct feeds *feeds, const char *path)
{
	json_t *points = json_array();
	struct cap_error why = {""};
	json_t *data;
	json_t *request;
	int status = 0;

	for (int i = 0; i < c->npoints; i++) {
		if (feeds_add(feeds, "", c->points[i], &why) < 0) {
			json_decref(points);
			return wrong(c, "%s", why.text);
		}
		(void)json_array_append_new(points, json_string(c->points[i]));
	}
	request = json_pack("{s:s, s:s, s:o}", "op", "capture", "socket", path,
			    "points", points);
	if (c->filter != NULL)
		(void)json_object_set_new(request, "filter",
					  json_string(c->filter));
	data = ask(c, request, &status);
	json_decref(data);
	return status;
}

/* What a card could not say for want of room, it says when it is asked. */
static void
ask_dropped(const struct capture *c)
{
	json_t *points = json_array();
	int status;

	for (int i = 0; i < c->npoints; i++)
		(void)json_array_append_new(points, json_string(c->points[i]));
	json_decref(ask(c,
			json_pack("{s:s, s:b, s:o}", "op", "capture", "tell", 1,
				  "points", points),
			&status));
}

static int
run(const struct capture *c, struct feeds *feeds, const char *path)
{
	struct cap_error why = {""};
	int status = open_points(c, feeds, path);
	int err;

	if (status != 0)
		return status;
	err = feeds_await(feeds, &quit, &why);
	if (err == 0) {
		(void)fprintf(stderr, "%s: recording\n", c->command);
		err = feeds_run(feeds, c->count, &quit, &why);
		ask_dropped(c);
		feeds_finish(feeds, c->count);
	}
	if (err != 0 && err != -EINTR)
		return failed(c, why.text);
	(void)fprintf(stderr, "%s: %llu packets written, %llu dropped\n",
		      c->command, (unsigned long long)feeds_written(feeds),
		      (unsigned long long)feeds_dropped(feeds));
	return 0;
}

static int
output(const struct capture *c)
{
	if (strcmp(c->write, "-") == 0)
		return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	return open(c->write, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
}

static int
find_router(struct capture *c)
{
	char root[RUNDIR_PATH_MAX];
	char why[RUNDIR_WHY_MAX] = "";

	if (rundir_root(root, why) != 0)
		return failed(c, why);
	(void)snprintf(c->run_dir, sizeof(c->run_dir), "%s/%s", root,
		       c->router);
	if (rundir_keeper(root, c->router) == 0)
		return wrong(c, "no router %s runs", c->router);
	return 0;
}

int
capture_main(int argc, char **argv)
{
	struct capture c = {.command = "sesim capture"};
	struct cap_error why = {""};
	struct feeds *feeds = NULL;
	char path[sizeof(c.run_dir) + 24];
	int status = parse(&c, argc, argv);
	int out = -1;

	if (status == 0)
		status = find_router(&c);
	if (status == 0 && c.keys_dir != NULL)
		status = write_keys(&c);
	if (status != 0)
		return status < 0 ? 0 : status;
	(void)signal(SIGINT, interrupted);
	(void)signal(SIGTERM, interrupted);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)snprintf(path, sizeof(path), "%s/c%ld", c.run_dir,
		       (long)getpid());
	out = output(&c);
	if (out < 0 || feeds_new(&feeds, path, out, &why) != 0)
		status = failed(&c, out < 0 ? strerror(errno) : why.text);
	if (status == 0)
		status = run(&c, feeds, path);
	feeds_free(&feeds);
	return status;
}
