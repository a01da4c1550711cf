/*
 * `sesim lab up`: everything is checked, then the keeper is started and waited
 * for until every node is ready. Nothing is started when something is wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bindir.h"
#include "clock.h"
#include "keeper.h"
#include "lab.h"
#include "lab_file.h"
#include "lab_keep.h"

#define READY_MS 300000
#define END_MS 5000
#define SAID_MAX (256 * 1024)

static const char usage[] =
    "usage: sesim lab up TOPOLOGY [--engine openssl|ipsec-mb|auto]\n"
    "    [--secret-key FILE]\n"
    "Starts the nodes and links of a topology and returns when every node is\n"
    "ready. TOPOLOGY is a file, or the folder of topology.yaml.\n";

struct lab_up {
	const char *what;
	const char *engine;
	const char *secret_key;
	char key_path[PATH_MAX];
	struct lab_file file;
	struct rundir dir;
	uint64_t begun_ns;
};

/* 0, 1: help was given, 2. */
static int
parse(struct lab_up *up, int argc, char **argv)
{
	static const struct option options[] = {
	    {"engine", required_argument, NULL, 'e'},
	    {"secret-key", required_argument, NULL, 'k'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0}};
	int id;

	while ((id = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (id == 'h') {
			(void)fputs(usage, stdout);
			return 1;
		}
		if (id == 'e')
			up->engine = optarg;
		else if (id == 'k')
			up->secret_key = optarg;
		else
			return 2;
	}
	if (optind + 1 != argc) {
		(void)fputs(usage, stderr);
		return 2;
	}
	up->what = argv[optind];
	if (up->engine != NULL && strcmp(up->engine, "openssl") != 0 &&
	    strcmp(up->engine, "ipsec-mb") != 0 &&
	    strcmp(up->engine, "auto") != 0) {
		(void)fprintf(stderr,
			      "sesim lab up: --engine %s: expected openssl,"
			      " ipsec-mb or auto\n",
			      up->engine);
		return 2;
	}
	if (up->secret_key != NULL &&
	    realpath(up->secret_key, up->key_path) == NULL) {
		(void)fprintf(stderr, "sesim lab up: %s: %s\n", up->secret_key,
			      strerror(errno));
		return 2;
	}
	return 0;
}

/* What the keeper said: 0 when the lab is up. */
static int
take_words(const struct lab_up *up, const char *text, size_t n)
{
	json_t *words = json_loadb(text, n, 0, NULL);
	const json_t *failed = json_object_get(words, "failed");
	const char *error = json_string_value(json_object_get(words, "error"));
	int status = (int)json_integer_value(json_object_get(words, "exit"));
	const json_t *row;
	size_t i;

	if (json_is_true(json_object_get(words, "ready"))) {
		json_decref(words);
		return 0;
	}
	json_array_foreach(failed, i, row) {
		(void)fprintf(stderr, "sesim lab up: node %s: %s\n",
			      json_string_value(json_object_get(row, "node")),
			      json_string_value(json_object_get(row, "error")));
	}
	if (json_array_size(failed) == 0)
		(void)fprintf(stderr, "sesim lab up: %s\n",
			      error != NULL
				  ? error
				  : "the keeper ended; see keeper.log in the"
				    " run directory of the lab");
	json_decref(words);
	(void)up;
	return status != 0 ? status : 3;
}

static int
await(const struct lab_up *up, int fd)
{
	struct pollfd item = {.fd = fd, .events = POLLIN};
	char *text = malloc(SAID_MAX);
	size_t n = 0;
	int status;

	if (text == NULL)
		return 3;
	while (n < SAID_MAX && memchr(text, '\n', n) == NULL) {
		ssize_t got;
		int ready = poll(&item, 1, READY_MS);

		if (ready < 0 && errno == EINTR)
			continue;
		got = ready > 0 ? read(fd, text + n, SAID_MAX - n) : 0;
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	status = take_words(up, text, n);
	free(text);
	return status;
}

/* Waits for the keeper of a lab that did not start; it ends by itself. */
static void
await_end(const struct lab_up *up)
{
	char text[24] = "";
	struct pollfd item = {.events = POLLIN};

	if (pread(up->dir.lock_fd, text, sizeof(text) - 1, 0) <= 0)
		return;
	item.fd =
	    (int)syscall(SYS_pidfd_open, (pid_t)strtol(text, NULL, 10), 0);
	if (item.fd < 0)
		return; /* gone already */
	(void)poll(&item, 1, END_MS);
	(void)close(item.fd);
}

static int
start(struct lab_up *up)
{
	struct keeper_start start = {
	    .dir = &up->dir, .daemon = true, .lab = up->file.path};
	char bin_dir[PATH_MAX];
	int pipe_fd[2];
	pid_t pid;
	int status = 3;
	int err = bindir_find(bin_dir, sizeof(bin_dir));

	if (err == 0 && pipe2(pipe_fd, O_CLOEXEC) != 0)
		err = -errno;
	if (err == 0) {
		start.bin_dir = bin_dir;
		start.ready_fd = pipe_fd[1];
		if (up->engine != NULL)
			keeper_arg(&start, "--engine", up->engine);
		if (up->secret_key != NULL)
			keeper_arg(&start, "--secret-key", up->key_path);
		err = keeper_start(&start, &pid);
		(void)close(pipe_fd[1]);
		if (err == 0)
			status = await(up, pipe_fd[0]);
		if (status != 0)
			await_end(up);
		(void)close(pipe_fd[0]);
	}
	if (err != 0)
		(void)fprintf(stderr, "sesim lab up: %s\n", strerror(-err));
	return status;
}

/* So that the lab can be named without its file. */
static void
note_path(const struct lab_up *up)
{
	char link[RUNDIR_PATH_MAX + 16];

	(void)snprintf(link, sizeof(link), "%s/topology", up->dir.path);
	(void)unlink(link);
	if (symlink(up->file.path, link) != 0)
		(void)fprintf(stderr, "sesim lab up: %s: %s\n", link,
			      strerror(errno));
}

static void
print_up(const struct lab_up *up)
{
	const struct topology *t = up->file.topology;
	uint64_t took = clock_monotonic() - up->begun_ns;

	(void)printf("lab %s is up: %u node%s, %u link%s, in %.1f s\n", t->name,
		     t->nnodes, t->nnodes == 1 ? "" : "s", t->nlinks,
		     t->nlinks == 1 ? "" : "s", (double)took / 1e9);
}

static int
open_dir(struct lab_up *up)
{
	char name[RUNDIR_NAME_MAX + 2];
	char why[RUNDIR_WHY_MAX];
	int err;

	lab_file_dir_name(&up->file, name);
	err = rundir_open(&up->dir, name, why);
	if (err == -EBUSY) {
		(void)fprintf(stderr,
			      "sesim lab up: lab %s is up already; end it with"
			      " `sesim lab down %s`\n",
			      up->file.topology->name, up->file.topology->name);
		return 2;
	}
	if (err != 0) {
		(void)fprintf(stderr, "sesim lab up: %s\n", why);
		return 3;
	}
	err = lab_clear(up->dir.path);
	if (err == 0)
		return 0;
	(void)fprintf(stderr,
		      "sesim lab up: what an earlier keeper left does not go:"
		      " %s\n",
		      strerror(-err));
	(void)close(up->dir.lock_fd);
	return 3;
}

/*
 * Whether this machine can run the lab: 0; 1: not, and that is told; 2: a node
 * is wrong.
 */
static int
check_machine(const struct lab_up *up)
{
	const struct topology *t = up->file.topology;
	int status = 0;

	for (unsigned i = 0; i < t->nnodes; i++) {
		const struct topology_node *n = &t->node[i];
		char why[LAB_WHY_MAX] = "";
		const char *lacks = lab_end_lacks(n, why);

		if (lacks != NULL) {
			(void)printf("skipped: %s (node %s is a %s)\n", lacks,
				     n->name, topology_kind_word(n->kind));
			return 1;
		}
		if (why[0] == '\0')
			continue;
		(void)fprintf(stderr,
			      "%s:%u:%u: node %s: %s; expected an interface of"
			      " this machine\n",
			      t->path, n->line, n->column, n->name, why);
		status = 2;
	}
	return status;
}

int
lab_up_main(int argc, char **argv)
{
	struct lab_up up = {.begun_ns = clock_monotonic()};
	int status = parse(&up, argc, argv);

	if (status != 0)
		return status == 1 ? 0 : status;
	status =
	    lab_file_load(&up.file, "sesim lab up", up.what, up.secret_key);
	if (status == 0)
		status = check_machine(&up);
	if (status == 1) {
		lab_file_fini(&up.file);
		return 0;
	}
	if (status == 0)
		status = open_dir(&up);
	if (status == 0) {
		note_path(&up);
		status = start(&up);
		if (status == 0)
			print_up(&up);
		(void)close(up.dir.lock_fd);
	}
	lab_file_fini(&up.file);
	return status;
}
