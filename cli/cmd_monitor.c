/*
 * monitor: a show command again and again, until a key, Ctrl-C, or as often as
 * was asked for. On a terminal each round begins at the top of the screen; to a
 * program rounds come one after the other. Called through the table by exec.c,
 * whose exec_line() runs each round.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "exec.h"
#include "shell.h"

#define LINE_OCTETS 512
#define INTERVAL_S 5

/* A line of the command inside is a line of ours: our pipes see it. */
static int
pass_line(void *arg, const char *text, size_t n)
{
	struct out *o = arg;

	out_line(o, "%.*s", (int)n, text);
	return out_stopped(o) ? -1 : 0;
}

static void
head(struct shell *sh, struct out *o, const char *line, unsigned interval_s)
{
	static const char top[] = "\033[H\033[J";
	time_t now = time(NULL);
	char text[64] = "";
	struct tm tm;

	sh->lines = 0; /* a new page */
	if (!sh->batch)
		(void)shell_write(sh, top, sizeof(top) - 1);
	if (localtime_r(&now, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &tm);
	if (!out_is_json(o))
		out_line(o, "%s: %s, every %u s", text, line, interval_s);
}

static void
cmd_monitor(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	const struct syntax_value *interval = &match->values[CMD_ARG_SECONDS];
	const struct syntax_value *count = &match->values[CMD_ARG_COUNT];
	unsigned seconds = interval->set ? (unsigned)interval->n : INTERVAL_S;
	struct out_sink sink = {.line = pass_line, .arg = o};
	char shown[LINE_OCTETS];
	char line[LINE_OCTETS + 16];

	if (cmd_text(match, CMD_ARG_COMMAND, shown, sizeof(shown)) != 0) {
		out_error(o, "The command is too long");
		return;
	}
	(void)snprintf(line, sizeof(line), "show %s%s", shown,
		       out_is_json(o) ? " | json" : "");
	for (uint64_t i = 1;; i++) {
		head(sh, o, line, seconds);
		if (exec_line(sh, line, 0, &sink) != 0) {
			out_fail(o);
			return;
		}
		if ((count->set && i >= count->n) || out_stopped(o) ||
		    shell_pause(sh, seconds * 1000))
			return;
	}
}

#define BOTH (CMD_EXEC | CMD_CONFIG)

const struct cmd_row cmd_monitor_rows[] = {
    {"monitor [interval <seconds>] [count <count>] show <command>", BOTH, 0,
     cmd_monitor, NULL, "Show something again and again, until a key"},
    {NULL, 0, 0, NULL, NULL, NULL},
};
