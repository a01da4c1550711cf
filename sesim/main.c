/*
 * sesim: the operator's hand. A table of subcommands; under the name
 * sesim-keeper the parent of a chassis.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "attach.h"
#include "capture_main.h"
#include "compare.h"
#include "keeper.h"
#include "lab.h"
#include "log.h"
#include "replay_main.h"
#include "up.h"

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
};

static const struct command commands[] = {
    {"replay", replay_main, "one router, captures in, captures out"},
    {"compare", compare_main, "the two forwarding modes side by side"},
    {"up", up_main, "starts a router in the background"},
    {"down", down_main, "stops it"},
    {"status", status_main, "lists routers that run"},
    {"lab", lab_main, "many routers and their links, from a topology"},
    {"capture", capture_main, "records what passes a router that runs"},
    {"cli", attach_main, "the command line of a router that runs"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
usage(FILE *file)
{
	(void)fputs("usage: sesim COMMAND [OPTION...]\n\n", file);
	for (size_t i = 0; i < COMMANDS; i++)
		(void)fprintf(file, "  %-10s %s\n", commands[i].name,
			      commands[i].help);
	(void)fputs("\nsesim COMMAND --help tells the options; sesim --version"
		    " the version.\n",
		    file);
}

static int
run(int argc, char **argv)
{
	if (argc < 2) {
		usage(stderr);
		return 2;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		usage(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		(void)puts("sesim " SESIM_VERSION);
		return 0;
	}
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].name, argv[1]) == 0)
			return commands[i].run(argc - 1, argv + 1);
	}
	(void)fprintf(stderr, "sesim: unknown command %s\n\n", argv[1]);
	usage(stderr);
	return 2;
}

int
main(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char *name = argc > 0 ? argv[0] : "sesim";
	int status;

	if (slash != NULL)
		name = slash + 1;
	if (strcmp(name, "sesim-keeper") == 0)
		return keeper_main(argc, argv);
	log_init("sesim", LOG_LEVEL_WARN);
	(void)signal(SIGPIPE, SIG_IGN);
	status = run(argc, argv);
	/* A result that could not be written is no result. */
	if (fflush(stdout) != 0 || ferror(stdout))
		return status == 0 ? 3 : status;
	return status;
}
