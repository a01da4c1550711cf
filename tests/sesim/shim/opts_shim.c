/*
 * Options of a replay for C++.
 */
#include "opts_shim.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay_main.h"

#define WORDS_MAX 40

static void
show(const struct replay_args *args, struct opts_shim *opts)
{
	*opts = (struct opts_shim){.pace = args->pace,
				   .seed = args->seed,
				   .seeded = args->seeded,
				   .trace = args->trace,
				   .binds = args->nbinds};
	(void)snprintf(opts->filter, sizeof(opts->filter), "%s",
		       args->trace_filter != NULL ? args->trace_filter : "");
	(void)snprintf(opts->engine, sizeof(opts->engine), "%s", args->engine);
	(void)snprintf(opts->first, sizeof(opts->first), "%s",
		       args->bind[0].name);
	(void)snprintf(opts->path, sizeof(opts->path), "%s",
		       args->bind[0].path);
}

int
opts_shim_parse(const char *words, struct opts_shim *opts)
{
	struct replay_args *args = calloc(1, sizeof(*args));
	char *text = strdup(words);
	char *argv[WORDS_MAX + 1] = {NULL};
	char *save = NULL;
	int argc = 0;
	int err = -1;

	for (char *w = strtok_r(text, " ", &save);
	     w != NULL && argc < WORDS_MAX; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	optind = 0; /* getopt_long() begins anew */
	if (args != NULL)
		err = replay_parse(args, argc, argv);
	if (err == 0)
		show(args, opts);
	free(args);
	free(text);
	return err;
}
