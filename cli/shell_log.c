/*
 * Lines of the router's log on a terminal: those asked for, and with `terminal
 * monitor` those that come. Who watches asks once a second; who does not costs
 * nothing.
 */
#include "shell.h"

#include <libcli.h>
#include <string.h>

static json_t *
log_since(struct shell *sh, uint64_t since)
{
	struct ask_error error;
	json_t *data = NULL;

	(void)ask(sh->ask,
		  json_pack("{s:s,s:s,s:{s:I}}", "op", "show", "topic", "log",
			    "args", "since", (json_int_t)since),
		  &data, &error);
	return data;
}

void
shell_log_lines(const json_t *data, struct out *o)
{
	const json_t *event;
	size_t i;

	json_array_foreach(json_object_get(data, "events"), i, event)
		out_line(o, "%s", out_string(event, "line"));
}

/* Once a second while libcli waits for a key. */
static int
on_second(struct cli_def *cli)
{
	struct shell *sh = cli_get_context(cli);
	json_t *data = sh->monitor ? log_since(sh, sh->log_seen) : NULL;
	const json_t *event;
	size_t i;

	json_array_foreach(json_object_get(data, "events"), i, event) {
		const char *line = out_string(event, "line");

		(void)shell_write(sh, "\r\n", 2);
		(void)shell_write(sh, line, strlen(line));
	}
	if (i > 0) {
		sh->log_seen = (uint64_t)out_integer(data, "last");
		cli_reprompt(cli);
	}
	json_decref(data);
	return CLI_OK;
}

void
shell_monitor(struct shell *sh, bool on)
{
	json_t *data = on ? log_since(sh, UINT32_MAX) : NULL;

	sh->monitor = on;
	if (data != NULL)
		sh->log_seen = (uint64_t)out_integer(data, "last");
	json_decref(data);
	if (sh->cli != NULL)
		cli_regular(sh->cli, on ? on_second : NULL);
}
