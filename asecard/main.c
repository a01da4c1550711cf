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
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "asecard.h"
#include "card_start.h"
#include "log.h"
#include "stage.h"

static volatile sig_atomic_t quit;

static_assert(sizeof(sig_atomic_t) == sizeof(int), "quit is read as an int");

struct main_own {
	unsigned asp; /* 0: not told */
	const char *engine;
};

static const char main_usage[] =
    "usage: sesim-asecard --slot N --asp 1|2 --epoch N --buffers N\n"
    "           --endpoint E --transport ipc|tcp --run-dir DIR --stats-fd N\n"
    "           [--keys-fd N] [--pools-fd N]\n"
    "           [--engine openssl|ipsec-mb|auto]\n"
    "           [--log-level error|warn|info|debug]\n"
    "One ASP of an ASE card; started by sesim-chassis.\n";

static void
main_on_term(int number)
{
	(void)number;
	quit = 1;
}

static int
main_asp(void *arg, const char *text)
{
	struct main_own *own = arg;
	unsigned long n;
	int err = card_start_number(text, 2, &n);

	if (err == 0)
		own->asp = (unsigned)n;
	return err;
}

static int
main_engine(void *arg, const char *text)
{
	struct main_own *own = arg;

	own->engine = text;
	return 0;
}

static const struct card_start_option main_options[] = {
    {"asp", main_asp},
    {"engine", main_engine},
    {NULL, NULL},
};

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
main_run(struct card_start *s, const struct main_own *own)
{
	struct asecard_args args = {
	    .slot = s->slot,
	    .asp = own->asp,
	    .epoch = s->epoch,
	    .buffers = s->buffers,
	    .pools_fd = s->pools_fd,
	    .engine = own->engine,
	    .endpoint = s->endpoint,
	    .quit = (const volatile int *)&quit,
	};
	int err = card_start_open(s);

	if (err != 0) {
		log_error("ase: not started err=%d", -err);
		return 3;
	}
	args.bus = s->bus;
	args.stats = s->stats;
	err = asecard_run(&args);
	card_start_close(s);
	if (err != 0)
		log_error("ase: ended err=%d", -err);
	return err == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct card_start s = CARD_START_INIT(LOG_LEVEL_WARN);
	struct main_own own = {.engine = "auto"};
	char name[STAGE_NAME_MAX];
	pid_t parent = getppid();
	int err = card_start_parse(&s, argc, argv, main_options, &own);

	if (err != 0 || own.asp == 0) {
		(void)fputs(main_usage, err > 0 ? stdout : stderr);
		return err > 0 ? 0 : 2;
	}
	log_init(
	    stage_name(stage_id(s.slot, own.asp == 1 ? STAGE_ASP1 : STAGE_ASP2),
		       name),
	    s.level);
	if (main_protect() != 0 ||
	    card_start_process(parent, main_on_term) != 0) {
		log_error("ase: not started");
		return 3;
	}
	return main_run(&s, &own);
}
