/*
 * `sesim replay`: reads the options, checks what can be checked before anything
 * is started, runs, and tells. The work is in replay_run.c.
 */
#include "replay_main.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "keys.h"

static unsigned
count_inputs(const struct replay_args *args)
{
	unsigned n = 0;

	for (unsigned i = 0; i < args->nbinds; i++)
		n += args->bind[i].kind == REPLAY_IN;
	return n;
}

/* Standard error where standard output is for JSON alone. */
static FILE *
banner_file(const struct replay_args *args)
{
	return args->json != NULL && strcmp(args->json, "-") == 0 ? stderr
								  : stdout;
}

static void
banner(const struct replay_args *args)
{
	FILE *file = banner_file(args);

	if (args->seeded)
		(void)fprintf(file,
			      "*** seed %llu: sequence numbers and IVs repeat"
			      " from run to run; for tests and labs only ***\n",
			      (unsigned long long)args->seed);
	if (count_inputs(args) > 1)
		(void)fprintf(file,
			      "Several input ports: packets are merged by"
			      " capture time; what ties leave open may differ"
			      " from run to run.\n");
}

/* The configuration is read once here; the chassis reads the file again. */
static int
check(const struct replay_args *args)
{
	struct conf conf;
	char why[1024];
	int status = 0;
	int err = conf_load(&conf, args->config, args->secret_key);

	if (err != 0)
		return err == -EINVAL ? 2 : 3;
	if (replay_check_ports(args, conf.tree) != 0)
		status = 2;
	if (status == 0 && args->keys_dir != NULL &&
	    keys_write(conf.tree, args->keys_dir, why, sizeof(why)) != 0) {
		(void)fprintf(stderr, "%s: %s\n", args->command, why);
		status = 3;
	}
	conf_fini(&conf);
	return status;
}

/* Journeys, to their file or behind the summary; errno, told. */
static int
report_journeys(const struct replay_args *args, const json_t *journeys)
{
	FILE *out = stdout;
	int rc = 0;

	if (args->trace_path != NULL)
		out = fopen(args->trace_path, "we");
	if (out == NULL)
		rc = errno;
	else if (journey_view(out, args->trace_form, journeys) != 0)
		rc = EIO;
	if (out != NULL && out != stdout && fclose(out) != 0 && rc == 0)
		rc = errno;
	if (rc != 0)
		(void)fprintf(stderr, "%s: --trace-format %s: %s\n",
			      args->command,
			      args->trace_path != NULL ? args->trace_path : "-",
			      strerror(rc));
	return rc;
}

static int
report(const struct replay_args *args, const struct replay_result *result)
{
	bool json_only = args->json != NULL && strcmp(args->json, "-") == 0;
	/* A document stands alone on standard output. */
	bool document =
	    args->trace_path == NULL && args->trace_form >= JOURNEY_JSON;
	const json_t *sentence;
	size_t i;
	int status = result->status;

	if (result->sums != NULL && !json_only && !document)
		replay_print(result);
	if (result->journeys != NULL && args->trace != 0 &&
	    (!json_only || args->trace_path != NULL) &&
	    report_journeys(args, result->journeys) != 0)
		status = 3;
	(void)fflush(stdout);
	json_array_foreach(result->problems, i, sentence) {
		(void)fprintf(stderr, "%s: %s\n", args->command,
			      json_string_value(sentence));
	}
	if (result->sums != NULL && args->json != NULL &&
	    replay_write_json(result->sums, args->json, args->command) != 0)
		status = 3;
	return status;
}

int
replay_main(int argc, char **argv)
{
	struct replay_args *args = calloc(1, sizeof(*args));
	struct replay_result result;
	uint64_t begin_ns = clock_monotonic();
	int parsed;
	int status;

	if (args == NULL)
		return 3;
	parsed = replay_parse(args, argc, argv);
	args->begin_ns = begin_ns;
	if (parsed != 0) {
		free(args);
		return parsed < 0 ? 2 : 0;
	}
	status = check(args);
	if (status == 0) {
		banner(args);
		replay_run(args, &result);
		status = report(args, &result);
		replay_result_fini(&result);
	}
	free(args);
	return status;
}
