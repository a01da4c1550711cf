/*
 * Starting a router in the background. `up` checks the configuration, takes
 * the lock of the router's run directory, starts the keeper with it, and
 * returns when the chassis says through a pipe that it is ready.
 */
#include "up.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bindir.h"
#include "conf.h"
#include "keeper.h"
#include "rundir.h"

#define END_MS 2000
#define READY_MS 30000
#define READY_OCTETS 4096
#define UP_WIRES_MAX 16

struct up {
	const char *config;
	const char *name;
	const char *telnet; /* or NULL */
	const char *ssh;    /* or NULL */
	const char *secret_key;
	const char *engine;
	const char *wire[UP_WIRES_MAX];
	unsigned nwires;
	char wire_path[UP_WIRES_MAX][PATH_MAX + 16];
	char name_text[RUNDIR_NAME_MAX + 1];
	char config_path[PATH_MAX];
	char boot[PATH_MAX]; /* the saved configuration, without --config */
	char key_path[PATH_MAX];
};

static const struct option options[] = {
    {"config", required_argument, NULL, 'c'},
    {"name", required_argument, NULL, 'n'},
    {"telnet", required_argument, NULL, 't'},
    {"ssh", required_argument, NULL, 's'},
    {"secret-key", required_argument, NULL, 'k'},
    {"engine", required_argument, NULL, 'e'},
    {"wire", required_argument, NULL, 'w'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

static const char usage[] =
    "usage: sesim up {--config FILE|--name NAME} [--name NAME] [--telnet "
    "PORT|0]\n"
    "    [--ssh PORT|0] [--secret-key FILE] [--engine openssl|ipsec-mb|"
    "auto]\n"
    "    [--wire SLOT/PORT=PATH|interface:NAME ...]\n"
    "Starts one router in the background and returns when it is ready.\n"
    "  --config FILE  default: what NAME saved by `save configuration`\n"
    "  --name NAME    default: the configuration's hostname\n"
    "  --telnet PORT  the command line on a port of 127.0.0.1, 0: any free\n"
    "                 one; needs an administrator in the configuration\n"
    "  --ssh PORT     likewise, by SSH\n"
    "  --wire SLOT/PORT=PATH            the port's cable: a UNIX SEQPACKET\n"
    "                 socket that somebody listens on, a frame a message\n"
    "  --wire SLOT/PORT=interface:NAME  an interface of the machine; needs\n"
    "                 CAP_NET_RAW\n"
    "Then: sesim status, sesim cli, sesim down\n";

static int
wrong(const char *what, const char *value, const char *right)
{
	(void)fprintf(stderr, "sesim up: %s %s: %s\n", what, value, right);
	return -EINVAL;
}

static int
check_port(const char *option, const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end != '\0' || n < 0 || n > 65535)
		return wrong(option, text, "expected a port from 0 to 65535");
	return 0;
}

static int
check_engine(const char *text)
{
	if (strcmp(text, "auto") != 0 && strcmp(text, "openssl") != 0 &&
	    strcmp(text, "ipsec-mb") != 0)
		return wrong("--engine", text,
			     "expected openssl, ipsec-mb or auto");
	return 0;
}

/* The chassis runs elsewhere: a path is made whole. */
static int
take_wire(struct up *up, const char *text)
{
	const char *far = strchr(text, '=');
	char whole[PATH_MAX];
	unsigned slot;
	unsigned port;

	if (far == NULL || far[1] == '\0' ||
	    sscanf(text, "%u/%u=", &slot, &port) != 2)
		return wrong("--wire", text,
			     "expected SLOT/PORT=PATH or "
			     "SLOT/PORT=interface:NAME");
	if (up->nwires == UP_WIRES_MAX)
		return wrong("--wire", text, "there are too many of them");
	if (strncmp(far + 1, "interface:", 10) == 0) {
		up->wire[up->nwires++] = text;
		return 0;
	}
	if (realpath(far + 1, whole) == NULL)
		return wrong("--wire", text, strerror(errno));
	(void)snprintf(up->wire_path[up->nwires],
		       sizeof(up->wire_path[up->nwires]), "%u/%u=%s", slot,
		       port, whole);
	up->wire[up->nwires] = up->wire_path[up->nwires];
	up->nwires++;
	return 0;
}

/* 0; 1: help was asked for; -EINVAL, told. */
static int
parse(struct up *up, int argc, char **argv)
{
	int id;
	int err = 0;

	while (err == 0 &&
	       (id = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (id) {
		case 'c':
			up->config = optarg;
			break;
		case 'n':
			up->name = optarg;
			break;
		case 't':
			up->telnet = optarg;
			err = check_port("--telnet", optarg);
			break;
		case 's':
			up->ssh = optarg;
			err = check_port("--ssh", optarg);
			break;
		case 'k':
			up->secret_key = optarg;
			break;
		case 'e':
			up->engine = optarg;
			err = check_engine(optarg);
			break;
		case 'w':
			err = take_wire(up, optarg);
			break;
		case 'h':
			(void)fputs(usage, stdout);
			return 1;
		default:
			err = -EINVAL;
		}
	}
	if (err == 0 && optind != argc)
		err = wrong("argument", argv[optind], "expected options only");
	if (err == 0 && up->config == NULL && up->name == NULL)
		err = wrong("--config", "FILE",
			    "is missing; expected it, or --name of a router "
			    "that saved its configuration");
	if (err != 0)
		(void)fputs("Try: sesim up --help\n", stderr);
	return err;
}

static bool
has_administrator(const struct cfg_tree *tree)
{
	struct cfg_iter it;

	for (const struct cfg_obj *c =
		 cfg_first(&it, cfg_root(tree), CFG_CONTEXT);
	     c != NULL; c = cfg_next(&it)) {
		if (cfg_count(c, CFG_ADMIN) > 0)
			return true;
	}
	return false;
}

/*
 * Without --config a router boots from what `save configuration` left in its
 * own /flash. 0, or the exit status.
 */
static int
boot_path(struct up *up)
{
	char root[RUNDIR_PATH_MAX];
	char why[RUNDIR_WHY_MAX];
	int n;

	if (up->config != NULL)
		return 0;
	if (!rundir_name_valid(up->name)) {
		(void)wrong("--name", up->name, "is no name of a router");
		return 2;
	}
	if (rundir_root(root, why) != 0) {
		(void)fprintf(stderr, "sesim up: %s\n", why);
		return 3;
	}
	n = snprintf(up->boot, sizeof(up->boot), "%s/%s/flash/redback.cfg",
		     root, up->name);
	if (n < 0 || n >= (int)sizeof(up->boot) ||
	    access(up->boot, R_OK) != 0) {
		(void)wrong("--name", up->name,
			    "has no saved configuration to boot from; expected "
			    "--config FILE");
		return 2;
	}
	up->config = up->boot;
	return 0;
}

/* 0, or the exit status. Fills name and paths. */
static int
check(struct up *up)
{
	struct conf conf;
	int err = boot_path(up);
	bool admin;

	if (err != 0)
		return err;
	err = conf_load(&conf, up->config, up->secret_key);
	if (err != 0)
		return err == -EINVAL ? 2 : 3;
	(void)snprintf(up->name_text, sizeof(up->name_text), "%s",
		       up->name != NULL
			   ? up->name
			   : cfg_str(cfg_root(conf.tree), CFG_ROOT_HOSTNAME));
	admin = has_administrator(conf.tree);
	conf_fini(&conf);
	if (!rundir_name_valid(up->name_text) ||
	    (up->name != NULL && strlen(up->name) > RUNDIR_NAME_MAX)) {
		(void)wrong("--name",
			    up->name != NULL ? up->name : up->name_text,
			    "expected 1 to 32 letters, digits, '.', '_' or"
			    " '-', not of the form rNUMBER");
		return 2;
	}
	if ((up->telnet != NULL || up->ssh != NULL) && !admin) {
		(void)wrong(up->telnet != NULL ? "--telnet" : "--ssh",
			    up->telnet != NULL ? up->telnet : up->ssh,
			    "nobody could log in; configure `administrator"
			    " NAME password WORD` in a context");
		return 2;
	}
	if (realpath(up->config, up->config_path) == NULL ||
	    (up->secret_key != NULL &&
	     realpath(up->secret_key, up->key_path) == NULL)) {
		(void)wrong("file", up->config, strerror(errno));
		return 3;
	}
	return 0;
}

/* The chassis's line: 0 when ready, told with where the command line is. */
static int
take_line(const struct up *up, const char *line, size_t len)
{
	json_t *words = json_loadb(line, len, 0, NULL);
	const json_t *cli = json_object_get(words, "cli");
	const json_t *telnet = json_object_get(cli, "telnet");
	const json_t *ssh = json_object_get(cli, "ssh");
	const char *error = json_string_value(json_object_get(words, "error"));
	int status = (int)json_integer_value(json_object_get(words, "exit"));

	if (json_is_true(json_object_get(words, "ready"))) {
		(void)printf("router %s is up\n", up->name_text);
		if (json_is_string(telnet))
			(void)printf("telnet %s\n", json_string_value(telnet));
		if (json_is_string(ssh))
			(void)printf("ssh %s\n", json_string_value(ssh));
		status = 0;
	} else {
		(void)fprintf(stderr, "%s%s\n",
			      error != NULL ? "" : "sesim up: ",
			      error != NULL ? error
					    : "the router did not start; see"
					      " keeper.log in its run"
					      " directory");
		status = status != 0 ? status : 3;
	}
	json_decref(words);
	return status;
}

static int
await(const struct up *up, int fd)
{
	char line[READY_OCTETS];
	size_t len = 0;
	struct pollfd item = {.fd = fd, .events = POLLIN};

	while (len < sizeof(line) && memchr(line, '\n', len) == NULL) {
		ssize_t n;
		int ready = poll(&item, 1, READY_MS);

		if (ready < 0 && errno == EINTR)
			continue;
		n = ready > 0 ? read(fd, line + len, sizeof(line) - len) : 0;
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	return take_line(up, line, len);
}

/* Waits for the keeper of a router that did not start; it ends by itself. */
static void
await_end(const struct rundir *dir)
{
	char text[24] = "";
	struct pollfd item = {.events = POLLIN};

	if (pread(dir->lock_fd, text, sizeof(text) - 1, 0) <= 0)
		return;
	item.fd =
	    (int)syscall(SYS_pidfd_open, (pid_t)strtol(text, NULL, 10), 0);
	if (item.fd < 0)
		return; /* gone already */
	(void)poll(&item, 1, END_MS);
	(void)close(item.fd);
}

static int
start(const struct up *up, const struct rundir *dir)
{
	struct keeper_start start = {.dir = dir, .daemon = true};
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
		keeper_arg(&start, "--name", up->name_text);
		keeper_arg(&start, "--config", up->config_path);
		if (up->engine != NULL)
			keeper_arg(&start, "--engine", up->engine);
		if (up->telnet != NULL)
			keeper_arg(&start, "--telnet", up->telnet);
		if (up->ssh != NULL)
			keeper_arg(&start, "--ssh", up->ssh);
		if (up->secret_key != NULL)
			keeper_arg(&start, "--secret-key", up->key_path);
		for (unsigned i = 0; i < up->nwires; i++)
			keeper_arg(&start, "--wire", up->wire[i]);
		err = keeper_start(&start, &pid);
		(void)close(pipe_fd[1]);
		if (err == 0)
			status = await(up, pipe_fd[0]);
		if (status != 0)
			await_end(dir);
		(void)close(pipe_fd[0]);
	}
	if (err != 0)
		(void)fprintf(stderr, "sesim up: %s: %s\n", up->name_text,
			      strerror(-err));
	return status;
}

int
up_main(int argc, char **argv)
{
	struct up up = {.config = NULL};
	struct rundir dir;
	char why[RUNDIR_WHY_MAX];
	int parsed = parse(&up, argc, argv);
	int status;
	int err;

	if (parsed != 0)
		return parsed < 0 ? 2 : 0;
	status = check(&up);
	if (status != 0)
		return status;
	err = rundir_open(&dir, up.name_text, why);
	if (err == -EBUSY) {
		(void)fprintf(stderr,
			      "sesim up: %s is running already; end it with"
			      " `sesim down %s`, or choose another --name\n",
			      up.name_text, up.name_text);
		return 2;
	}
	if (err != 0) {
		(void)fprintf(stderr, "sesim up: %s\n", why);
		return 3;
	}
	status = start(&up, &dir);
	(void)close(dir.lock_fd);
	return status;
}
