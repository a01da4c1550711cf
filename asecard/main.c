/*
 * sesim-asecard: one ASP as a process. Reads the options, follows its parent
 * into death, keeps its memory from core dumps and debuggers (it holds keys),
 * and runs the card until the chassis or SIGTERM ends it.
 *
 * Exit status: 0 ended as told, 1 the card failed, 2 wrong usage, 3 the machine
 * refused something.
 */
#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "asecard.h"
#include "bus.h"
#include "log.h"
#include "secret.h"
#include "stage.h"
#include "stats.h"

static volatile sig_atomic_t quit;

static_assert(sizeof(sig_atomic_t) == sizeof(int), "quit is read as an int");

struct main_options {
	struct asecard_args args;
	enum bus_transport transport;
	const char *run_dir;
	int stats_fd;
	int keys_fd;
	enum log_level level;
};

static const char main_usage[] =
    "usage: sesim-asecard --slot N --asp 1|2 --epoch N --buffers N\n"
    "           --endpoint E --transport ipc|tcp --run-dir DIR --stats-fd N\n"
    "           [--keys-fd N] [--pools-fd N] [--engine openssl|ipsec-mb|auto]\n"
    "           [--log-level error|warn|info|debug]\n"
    "One ASP of an ASE card; started by sesim-chassis.\n";

enum main_option {
	MAIN_SLOT = 1,
	MAIN_ASP,
	MAIN_EPOCH,
	MAIN_BUFFERS,
	MAIN_ENDPOINT,
	MAIN_TRANSPORT,
	MAIN_RUN_DIR,
	MAIN_STATS_FD,
	MAIN_KEYS_FD,
	MAIN_POOLS_FD,
	MAIN_ENGINE,
	MAIN_LOG_LEVEL,
	MAIN_HELP
};

static const struct option main_options[] = {
    {"slot", required_argument, NULL, MAIN_SLOT},
    {"asp", required_argument, NULL, MAIN_ASP},
    {"epoch", required_argument, NULL, MAIN_EPOCH},
    {"buffers", required_argument, NULL, MAIN_BUFFERS},
    {"endpoint", required_argument, NULL, MAIN_ENDPOINT},
    {"transport", required_argument, NULL, MAIN_TRANSPORT},
    {"run-dir", required_argument, NULL, MAIN_RUN_DIR},
    {"stats-fd", required_argument, NULL, MAIN_STATS_FD},
    {"keys-fd", required_argument, NULL, MAIN_KEYS_FD},
    {"pools-fd", required_argument, NULL, MAIN_POOLS_FD},
    {"engine", required_argument, NULL, MAIN_ENGINE},
    {"log-level", required_argument, NULL, MAIN_LOG_LEVEL},
    {"help", no_argument, NULL, MAIN_HELP},
    {NULL, 0, NULL, 0},
};

static void
main_on_term(int number)
{
	(void)number;
	quit = 1;
}

/* A number of at most max; -EINVAL for anything else. */
static int
main_number(const char *text, unsigned long max, unsigned long *value)
{
	char *end;
	unsigned long n;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno != 0 || *end != '\0' || n > max)
		return -EINVAL;
	*value = n;
	return 0;
}

static int
main_level(const char *word, enum log_level *level)
{
	static const char *const words[] = {
	    [LOG_LEVEL_ERROR] = "error",
	    [LOG_LEVEL_WARN] = "warn",
	    [LOG_LEVEL_INFO] = "info",
	    [LOG_LEVEL_DEBUG] = "debug",
	};

	for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i], word) == 0) {
			*level = (enum log_level)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* Options whose argument is a number. */
static int
main_option_number(struct main_options *o, int option, const char *text)
{
	unsigned long n;
	unsigned long max = option == MAIN_SLOT  ? STAGE_SLOT_MAX
			    : option == MAIN_ASP ? 2
						 : (unsigned long)INT_MAX;

	if (main_number(text, max, &n) != 0)
		return -EINVAL;
	switch (option) {
	case MAIN_SLOT:
		o->args.slot = (unsigned)n;
		break;
	case MAIN_ASP:
		o->args.asp = (unsigned)n;
		break;
	case MAIN_EPOCH:
		o->args.epoch = (uint32_t)n;
		break;
	case MAIN_BUFFERS:
		o->args.buffers = (uint32_t)n;
		break;
	case MAIN_STATS_FD:
		o->stats_fd = (int)n;
		break;
	case MAIN_POOLS_FD:
		o->args.pools_fd = (int)n;
		break;
	default:
		o->keys_fd = (int)n;
		break;
	}
	return 0;
}

static int
main_option(struct main_options *o, int option, const char *text)
{
	switch (option) {
	case MAIN_SLOT:
	case MAIN_ASP:
	case MAIN_EPOCH:
	case MAIN_BUFFERS:
	case MAIN_STATS_FD:
	case MAIN_KEYS_FD:
	case MAIN_POOLS_FD:
		return main_option_number(o, option, text);
	case MAIN_ENDPOINT:
		o->args.endpoint = text;
		return 0;
	case MAIN_TRANSPORT:
		return bus_transport_parse(text, &o->transport);
	case MAIN_RUN_DIR:
		o->run_dir = text;
		return 0;
	case MAIN_ENGINE:
		o->args.engine = text;
		return 0;
	case MAIN_LOG_LEVEL:
		return main_level(text, &o->level);
	default:
		return -EINVAL;
	}
}

/* 0: go on, 1: help was wanted, -EINVAL: wrong usage. */
static int
main_parse(int argc, char **argv, struct main_options *o)
{
	int option;

	while ((option = getopt_long(argc, argv, "", main_options, NULL)) !=
	       -1) {
		if (option == MAIN_HELP)
			return 1;
		if (main_option(o, option, optarg) != 0)
			return -EINVAL;
	}
	if (optind != argc || o->args.slot == 0 || o->args.asp == 0 ||
	    o->args.buffers == 0 || o->args.endpoint == NULL ||
	    o->run_dir == NULL || o->stats_fd < 0)
		return -EINVAL;
	return 0;
}

/*
 * Dies with its parent. The parent may have died before prctl(): then we have
 * another one by now (or had one from the first), and go ourselves.
 */
static int
main_follow_parent(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
		return -errno;
	return parent != 1 && getppid() == parent ? 0 : -ESRCH;
}

static int
main_protect(void)
{
	const struct rlimit none = {0, 0};

	if (prctl(PR_SET_DUMPABLE, 0) != 0 ||
	    setrlimit(RLIMIT_CORE, &none) != 0)
		return -errno;
	return 0;
}

static int
main_signals(void)
{
	struct sigaction term = {.sa_handler = main_on_term};
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	if (sigaction(SIGTERM, &term, NULL) != 0 ||
	    sigaction(SIGINT, &ignore, NULL) != 0 ||
	    sigaction(SIGPIPE, &ignore, NULL) != 0)
		return -errno;
	return 0;
}

static int
main_run(struct main_options *o)
{
	struct stats *stats = NULL;
	struct bus_keys keys;
	struct bus *bus = NULL;
	int err = 0;

	if (o->keys_fd >= 0)
		err = bus_keys_read(o->keys_fd, &keys);
	if (err == 0)
		err = stats_map(o->stats_fd, &stats);
	if (err == 0)
		err = bus_new(&bus, o->transport, o->run_dir,
			      o->keys_fd >= 0 ? &keys : NULL);
	secret_wipe(&keys, sizeof keys);
	if (err != 0) {
		log_error("ase: not started err=%d", -err);
		stats_unmap(&stats);
		return 3;
	}
	o->args.bus = bus;
	o->args.stats = stats;
	o->args.quit = (const volatile int *)&quit;
	err = asecard_run(&o->args);
	bus_free(&bus);
	stats_unmap(&stats);
	if (err != 0)
		log_error("ase: ended err=%d", -err);
	return err == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct main_options o = {.args.engine = "auto",
				 .stats_fd = -1,
				 .keys_fd = -1,
				 .level = LOG_LEVEL_WARN};
	char name[STAGE_NAME_MAX];
	pid_t parent = getppid();
	int err = main_parse(argc, argv, &o);

	if (err != 0) {
		(void)fputs(main_usage, err > 0 ? stdout : stderr);
		return err > 0 ? 0 : 2;
	}
	log_init(stage_name(stage_id(o.args.slot,
				     o.args.asp == 1 ? STAGE_ASP1 : STAGE_ASP2),
			    name),
		 o.level);
	if (main_protect() != 0 || main_signals() != 0 ||
	    main_follow_parent(parent) != 0) {
		log_error("ase: not started");
		return 3;
	}
	return main_run(&o);
}
