/*
 * sesim-chassis: options and signals; the work is in chs.c.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bus.h"
#include "chassis.h"
#include "log.h"
#include "pkt_journey.h"
#include "secret.h"

static volatile sig_atomic_t quit;

static void
on_signal(int number)
{
	(void)number;
	quit = 1;
}

enum option_id {
	OPT_NAME = 1,
	OPT_CONFIG,
	OPT_RUN_DIR,
	OPT_BIN_DIR,
	OPT_TRANSPORT,
	OPT_ENGINE,
	OPT_REPLAY,
	OPT_SEED,
	OPT_ROUND_PACKETS,
	OPT_ROUNDS_OPEN,
	OPT_TELNET,
	OPT_SSH,
	OPT_WIRE,
	OPT_ROUTER,
	OPT_SECRET_KEY,
	OPT_READY_FD,
	OPT_KEYS_FD,
	OPT_LOG_LEVEL,
	OPT_HELP
};

static const struct option options[] = {
    {"name", required_argument, NULL, OPT_NAME},
    {"config", required_argument, NULL, OPT_CONFIG},
    {"run-dir", required_argument, NULL, OPT_RUN_DIR},
    {"bin-dir", required_argument, NULL, OPT_BIN_DIR},
    {"transport", required_argument, NULL, OPT_TRANSPORT},
    {"engine", required_argument, NULL, OPT_ENGINE},
    {"replay", no_argument, NULL, OPT_REPLAY},
    {"seed", required_argument, NULL, OPT_SEED},
    {"round-packets", required_argument, NULL, OPT_ROUND_PACKETS},
    {"rounds-open", required_argument, NULL, OPT_ROUNDS_OPEN},
    {"telnet", required_argument, NULL, OPT_TELNET},
    {"ssh", required_argument, NULL, OPT_SSH},
    {"wire", required_argument, NULL, OPT_WIRE},
    {"router", required_argument, NULL, OPT_ROUTER},
    {"secret-key", required_argument, NULL, OPT_SECRET_KEY},
    {"ready-fd", required_argument, NULL, OPT_READY_FD},
    {"keys-fd", required_argument, NULL, OPT_KEYS_FD},
    {"log-level", required_argument, NULL, OPT_LOG_LEVEL},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0}};

static const char usage[] =
    "usage: sesim-chassis --run-dir DIR --bin-dir DIR [--name NAME]\n"
    "    [--config FILE] [--transport ipc|tcp|inproc] [--engine ENGINE]\n"
    "    [--replay] [--seed N] [--round-packets N] [--rounds-open N]\n"
    "    [--telnet PORT] [--ssh PORT] [--secret-key FILE] [--ready-fd N]\n"
    "    [--keys-fd N]\n"
    "    [--router N]\n"
    "    [--wire SLOT/PORT=PATH|fd:N|lab:N|interface:NAME ...]\n"
    "    [--log-level error|warn|info|debug]\n"
    "The active controller of one router. sesim(1) starts it.\n";

#define MAIN_WIRES_MAX 64

struct main_args {
	struct chassis_args chassis;
	const char *wire[MAIN_WIRES_MAX];
	enum bus_transport transport;
	enum log_level level;
};

static int
parse_number(const char *text, unsigned long long max, unsigned long long *n)
{
	char *end;

	errno = 0;
	*n = strtoull(text, &end, 0);
	if (errno != 0 || end == text || *end != '\0' || *n > max ||
	    text[0] == '-') {
		(void)fprintf(
		    stderr, "sesim-chassis: %s: expected a number up to %llu\n",
		    text, max);
		return -EINVAL;
	}
	return 0;
}

/* Options whose value is a number; 1 when id is none of them. */
static int
parse_numeric(struct chassis_args *c, int id, const char *text)
{
	unsigned long long n = 0;
	int err = parse_number(
	    text, id == OPT_SEED ? ULLONG_MAX : (unsigned long long)INT_MAX,
	    &n);

	if (err != 0)
		return err;
	switch (id) {
	case OPT_SEED:
		c->seeded = true;
		c->seed = n;
		return 0;
	case OPT_ROUND_PACKETS:
		c->round_packets = (uint32_t)n;
		return 0;
	case OPT_ROUTER:
		c->router = (unsigned)n;
		return n < PKT_JOURNEY_ROUTERS ? 0 : -EINVAL;
	case OPT_ROUNDS_OPEN:
		c->rounds_open = (uint32_t)n;
		return 0;
	case OPT_TELNET:
		c->telnet_port = (int)n;
		return 0;
	case OPT_SSH:
		c->ssh_port = (int)n;
		return 0;
	case OPT_READY_FD:
		c->ready_fd = (int)n;
		return 0;
	default:
		c->keys_fd = (int)n;
		return 0;
	}
}

static int
parse_option(struct main_args *args, int id, const char *text)
{
	struct chassis_args *c = &args->chassis;

	switch (id) {
	case OPT_NAME:
		c->name = text;
		return 0;
	case OPT_CONFIG:
		c->config_path = text;
		return 0;
	case OPT_RUN_DIR:
		c->run_dir = text;
		return 0;
	case OPT_BIN_DIR:
		c->bin_dir = text;
		return 0;
	case OPT_ENGINE:
		c->engine = text;
		return 0;
	case OPT_REPLAY:
		c->replay = true;
		return 0;
	case OPT_WIRE:
		if (c->nwires == MAIN_WIRES_MAX)
			return -EINVAL;
		args->wire[c->nwires++] = text;
		return 0;
	case OPT_SECRET_KEY:
		c->secret_key = text;
		return 0;
	case OPT_TRANSPORT:
		return bus_transport_parse(text, &args->transport);
	case OPT_LOG_LEVEL:
		return log_level_parse(text, &args->level);
	case '?':
		return -EINVAL;
	default:
		return parse_numeric(c, id, text);
	}
}

static int
run(struct main_args *args)
{
	struct bus_keys keys = {0};
	bool have_keys = args->chassis.keys_fd >= 0;
	struct bus *bus = NULL;
	int status;

	if (have_keys && bus_keys_read(args->chassis.keys_fd, &keys) != 0) {
		log_error("chassis: no keys on descriptor %d",
			  args->chassis.keys_fd);
		return 3;
	}
	status = bus_new(&bus, args->transport, args->chassis.run_dir,
			 have_keys ? &keys : NULL);
	secret_wipe(&keys, sizeof(keys));
	if (status != 0) {
		log_error("chassis: the backplane can not be opened");
		return 3;
	}
	args->chassis.bus = bus;
	status = chassis_run(&args->chassis);
	bus_free(&bus);
	return status;
}

int
main(int argc, char **argv)
{
	struct sigaction act = {.sa_handler = on_signal};
	pid_t parent = getppid();
	struct main_args args = {.transport = BUS_IPC,
				 .level = LOG_LEVEL_WARN,
				 .chassis = {.name = "router",
					     .engine = "auto",
					     .telnet_port = -1,
					     .ssh_port = -1,
					     .ready_fd = -1,
					     .keys_fd = -1,
					     .quit = &quit}};
	int id;

	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
		return 3;
	while ((id = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (id == OPT_HELP) {
			(void)fputs(usage, stdout);
			return 0;
		}
		if (parse_option(&args, id, optarg) != 0) {
			(void)fputs(usage, stderr);
			return 2;
		}
	}
	if (optind != argc || args.chassis.run_dir == NULL ||
	    args.chassis.bin_dir == NULL) {
		(void)fputs(usage, stderr);
		return 2;
	}
	args.chassis.wires = args.wire;
	(void)sigaction(SIGTERM, &act, NULL);
	act.sa_handler = SIG_IGN;
	(void)sigaction(SIGINT, &act, NULL);
	(void)sigaction(SIGPIPE, &act, NULL);
	log_init(args.chassis.name, args.level);
	return run(&args);
}
