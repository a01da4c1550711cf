/*
 * The subcommands of `sesim lab`.
 */
#include "lab.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
    {"up", lab_up_main, "starts the nodes and links of a topology"},
    {"down", lab_down_main, "ends them"},
    {"status", lab_status_main, "routers, cards, tunnels and links"},
    {"validate", lab_validate_main, "every mistake in a topology"},
    {"restart", lab_restart_main, "one router, links stay"},
    {"exec", lab_exec_main, "commands at a router"},
    {"cli", lab_cli_main, "the command line of a router"},
    {"save", lab_save_main, "what runs, back into the files"},
    {"impair", lab_impair_main, "delay, loss, rate and state of a link"},
    {"replay", lab_replay_main, "captures through all of it, repeatable"},
    {"graph", lab_graph_main, "a picture: Mermaid, DOT or SVG"},
    {"generate", lab_generate_main, "a topology with configurations"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
print_usage(FILE *file)
{
	(void)fputs("usage: sesim lab COMMAND TOPOLOGY [ARGUMENT...]\n\n",
		    file);
	for (size_t i = 0; i < COMMANDS; i++)
		(void)fprintf(file, "  %-10s %s\n", commands[i].name,
			      commands[i].help);
	(void)fputs("\nTOPOLOGY is a file, its folder, or the name of a lab"
		    " that is up.\nsesim lab COMMAND --help tells the"
		    " options.\n",
		    file);
}

int
lab_words(const struct lab_usage *usage, int argc, char **argv)
{
	int words = argc - 1;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			(void)fputs(usage->text, stdout);
			return 1;
		}
		if (argv[i][0] == '-' && argv[i][1] != '\0')
			words = -1;
	}
	if (words >= usage->least && words <= usage->most)
		return 0;
	(void)fputs(usage->text, stderr);
	return 2;
}

int
lab_main(int argc, char **argv)
{
	if (argc < 2) {
		print_usage(stderr);
		return 2;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		print_usage(stdout);
		return 0;
	}
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].name, argv[1]) == 0)
			return commands[i].run(argc - 1, argv + 1);
	}
	(void)fprintf(stderr, "sesim lab: unknown command %s\n\n", argv[1]);
	print_usage(stderr);
	return 2;
}
