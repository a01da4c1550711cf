/*
 * `sesim status` and `sesim down`: what runs, and its end. A router is known by
 * the lock that its keeper holds; what it is made of is asked of its chassis.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hand.h"
#include "replay_main.h"
#include "rundir.h"
#include "up.h"

#define ANSWER_MS 3000
#define DOWN_MS 3000
#define ROUTERS_MAX 512

struct router {
	char name[RUNDIR_NAME_MAX + 1];
	pid_t keeper;
};

struct routers {
	char root[RUNDIR_PATH_MAX];
	unsigned n;
	struct router router[ROUTERS_MAX];
};

static void
add(void *arg, const char *name, pid_t keeper)
{
	struct routers *all = arg;

	if (all->n == ROUTERS_MAX)
		return;
	(void)snprintf(all->router[all->n].name, sizeof(all->router[0].name),
		       "%s", name);
	all->router[all->n++].keeper = keeper;
}

/* 0, or exit status 3, told. */
static int
find_all(struct routers *all, const char *command)
{
	char why[RUNDIR_WHY_MAX] = "";
	int err = rundir_root(all->root, why);

	if (err == 0) {
		rundir_sweep(all->root);
		err = rundir_each(all->root, add, all);
	}
	if (err == 0)
		return 0;
	(void)fprintf(stderr, "sesim %s: %s\n", command,
		      why[0] != '\0' ? why : strerror(-err));
	return 3;
}

/* What the chassis says of itself; without one, only that the keeper lives. */
static json_t *
ask(const char *root, const struct router *router)
{
	char path[RUNDIR_PATH_MAX + RUNDIR_NAME_MAX + 2];
	char endpoint[BUS_ENDPOINT_MAX];
	struct bus *bus = NULL;
	struct hand *hand = NULL;
	json_t *answer = NULL;
	json_t *data;
	int err;

	(void)snprintf(path, sizeof(path), "%s/%s", root, router->name);
	err = bus_new(&bus, BUS_IPC, path, NULL);
	if (err == 0)
		err = hand_endpoint(BUS_IPC, path, endpoint);
	if (err == 0)
		err = hand_open(&hand, bus, endpoint);
	if (err == 0) /* no answer is an answer: answer stays NULL */
		(void)hand_ask(hand, json_pack("{s:s}", "op", "status"),
			       ANSWER_MS, &answer);
	hand_close(&hand);
	bus_free(&bus);
	data = json_incref(json_object_get(answer, "data"));
	json_decref(answer);
	if (!json_is_object(data)) {
		json_decref(data);
		data =
		    json_pack("{s:s, s:[]}", "state", "no answer", "processes");
	}
	(void)json_object_set_new(data, "name", json_string(router->name));
	(void)json_object_set_new(data, "keeper", json_integer(router->keeper));
	(void)json_object_set_new(data, "run_dir", json_string(path));
	return data;
}

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "-";
}

static void
print_router(const json_t *router)
{
	const json_t *cli = json_object_get(router, "cli");
	const json_t *p;
	size_t i;

	(void)printf(
	    "%s: %s, generation %lld, keeper %lld\n", text_of(router, "name"),
	    text_of(router, "state"),
	    (long long)json_integer_value(
		json_object_get(router, "generation")),
	    (long long)json_integer_value(json_object_get(router, "keeper")));
	if (cli != NULL)
		(void)printf("  command line: telnet %s, ssh %s, socket %s\n",
			     text_of(cli, "telnet"), text_of(cli, "ssh"),
			     text_of(cli, "socket"));
	json_array_foreach(json_object_get(router, "processes"), i, p) {
		const char *name = text_of(p, "stage");

		(void)printf(
		    "  %-8s pid %-8lld %s\n",
		    strcmp(name, "-") != 0 ? name : text_of(p, "name"),
		    (long long)json_integer_value(json_object_get(p, "pid")),
		    text_of(p, "state"));
	}
}

static int
show(const struct routers *all, bool json)
{
	json_t *list = json_array();
	json_t *words;
	const json_t *router;
	size_t i;
	int err = 0;

	for (unsigned n = 0; n < all->n; n++)
		(void)json_array_append_new(list,
					    ask(all->root, &all->router[n]));
	words = json_pack("{s:O}", "routers", list);
	if (json) {
		err = replay_write_json(words, "-", "sesim status");
	} else if (all->n == 0) {
		(void)puts("no router is running");
	} else {
		json_array_foreach(list, i, router) {
			print_router(router);
		}
	}
	json_decref(words);
	json_decref(list);
	return err == 0 ? 0 : 3;
}

int
status_main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"json", no_argument, NULL, 'j'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0}};
	struct routers *all;
	bool json = false;
	bool wrong = false;
	int status;
	int id;

	while ((id = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (id == 'h') {
			(void)puts("usage: sesim status [--json]\n"
				   "The routers that run, their processes, and"
				   " where their command lines listen.");
			return 0;
		}
		json |= id == 'j';
		wrong |= id != 'j';
	}
	if (wrong || optind != argc) {
		(void)fputs("usage: sesim status [--json]\n", stderr);
		return 2;
	}
	all = calloc(1, sizeof(*all));
	if (all == NULL)
		return 3;
	status = find_all(all, "status");
	if (status == 0)
		status = show(all, json);
	free(all);
	return status;
}

/* The lock is asked again behind pidfd_open(), so the number is no other's. */
static int
end(const char *root, const struct router *router)
{
	struct pollfd item = {.events = POLLIN};
	int err = 0;

	item.fd = (int)syscall(SYS_pidfd_open, router->keeper, 0);
	if (item.fd < 0)
		return errno == ESRCH ? 0 : -errno;
	if (rundir_keeper(root, router->name) == router->keeper) {
		if (syscall(SYS_pidfd_send_signal, item.fd, SIGTERM, NULL, 0) !=
		    0)
			err = -errno;
		else if (poll(&item, 1, DOWN_MS) <= 0)
			(void)syscall(SYS_pidfd_send_signal, item.fd, SIGKILL,
				      NULL, 0);
	}
	(void)close(item.fd);
	return err;
}

/* The one that is meant; NULL: none, and *status is what to end with. */
static const struct router *
choose(const struct routers *all, const char *name, int *status)
{
	*status = 0;
	for (unsigned i = 0; i < all->n && name != NULL; i++) {
		if (strcmp(all->router[i].name, name) == 0)
			return &all->router[i];
	}
	if (name != NULL) {
		(void)printf("router %s is not running\n", name);
		return NULL;
	}
	if (all->n == 1)
		return &all->router[0];
	if (all->n == 0) {
		(void)puts("no router is running");
		return NULL;
	}
	(void)fputs("sesim down: several routers are running; name one of:",
		    stderr);
	for (unsigned i = 0; i < all->n; i++)
		(void)fprintf(stderr, " %s", all->router[i].name);
	(void)fputc('\n', stderr);
	*status = 2;
	return NULL;
}

int
down_main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	const struct router *router;
	struct routers *all;
	int status;
	int err;

	if (name != NULL && strcmp(name, "--help") == 0) {
		(void)puts("usage: sesim down [NAME]\nStops a router; NAME may"
			   " be left out when one runs.");
		return 0;
	}
	if (argc > 2 || (name != NULL && name[0] == '-')) {
		(void)fputs("usage: sesim down [NAME]\n", stderr);
		return 2;
	}
	all = calloc(1, sizeof(*all));
	if (all == NULL)
		return 3;
	status = find_all(all, "down");
	router = status == 0 ? choose(all, name, &status) : NULL;
	if (router != NULL) {
		err = end(all->root, router);
		if (err == 0)
			(void)printf("router %s is down\n", router->name);
		else
			(void)fprintf(stderr, "sesim down: %s: %s\n",
				      router->name, strerror(-err));
		status = err == 0 ? 0 : 3;
	}
	free(all);
	return status;
}
