/*
 * sesim-linecard: one packet processor of a line card as a process. Reads the
 * options, follows its parent into death, and runs the card until the chassis
 * or SIGTERM ends it.
 *
 * Exit status: 0 ended as told, 1 the card failed, 2 wrong usage, 3 the machine
 * refused something.
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "card_start.h"
#include "linecard.h"
#include "log.h"
#include "stage.h"

static volatile sig_atomic_t quit;

static_assert(sizeof(sig_atomic_t) == sizeof(int), "quit is read as an int");

static const char main_usage[] =
    "usage: sesim-linecard --slot N --ppa ingress|egress --epoch N\n"
    "           --buffers N --endpoint E --transport ipc|tcp --run-dir DIR\n"
    "           --stats-fd N [--keys-fd N] [--pools-fd N]\n"
    "           [--log-level error|warn|info|debug]\n"
    "One packet processor of a line card; started by sesim-chassis.\n";

static void
main_on_term(int number)
{
	(void)number;
	quit = 1;
}

static int
main_ppa(void *arg, const char *text)
{
	enum stage_role *role = arg;

	if (strcmp(text, "ingress") == 0)
		*role = STAGE_IPPA;
	else if (strcmp(text, "egress") == 0)
		*role = STAGE_EPPA;
	else
		return -EINVAL;
	return 0;
}

static const struct card_start_option main_options[] = {
    {"ppa", main_ppa},
    {NULL, NULL},
};

static int
main_run(struct card_start *s, enum stage_role role)
{
	struct linecard_args args = {
	    .slot = s->slot,
	    .egress = role == STAGE_EPPA,
	    .epoch = s->epoch,
	    .buffers = s->buffers,
	    .pools_fd = s->pools_fd,
	    .endpoint = s->endpoint,
	    .quit = (const volatile int *)&quit,
	};
	int err = card_start_open(s);

	if (err != 0) {
		log_error("lc: not started err=%d", -err);
		return 3;
	}
	args.bus = s->bus;
	args.stats = s->stats;
	err = linecard_run(&args);
	card_start_close(s);
	if (err != 0)
		log_error("lc: ended err=%d", -err);
	return err == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct card_start s = CARD_START_INIT(LOG_LEVEL_INFO);
	enum stage_role role = STAGE_XCRP;
	char name[STAGE_NAME_MAX];
	pid_t parent = getppid();
	int err = card_start_parse(&s, argc, argv, main_options, &role);

	if (err != 0 || role == STAGE_XCRP) {
		(void)fputs(main_usage, err > 0 ? stdout : stderr);
		return err > 0 ? 0 : 2;
	}
	log_init(stage_name(stage_id(s.slot, role), name), s.level);
	if (card_start_process(parent, main_on_term) != 0) {
		log_error("lc: not started");
		return 3;
	}
	return main_run(&s, role);
}
