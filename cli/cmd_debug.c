/*
 * debug: which events of the router's inside are lines of the log. Called
 * through the table by exec.c; the chassis keeps the switches.
 */
#include "cmd.h"
#include "exec.h"
#include "shell.h"

static void
turn(struct shell *sh, const struct syntax_match *match, int on, struct out *o)
{
	const struct cmd_row *cmd = match->row->tag;
	struct ask_error error;
	json_t *data = NULL;

	if (ask(sh->ask,
		json_pack("{s:s, s:s, s:b}", "op", "debug", "topic", cmd->topic,
			  "on", on),
		&data, &error) != 0)
		exec_refused(o, &error, 0);
	json_decref(data);
}

static void
cmd_debug(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	turn(sh, match, 1, o);
}

static void
cmd_no_debug(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	turn(sh, match, 0, o);
}

#define BOTH (CMD_EXEC | CMD_CONFIG)
#define ROWS(words, help)                                                      \
	{"debug " words, CMD_EXEC, 10, cmd_debug, words, "Say " help},         \
	    {"no debug " words, CMD_EXEC, 10,                                  \
	     cmd_no_debug,      words,    "Say no more " help},                \
	{                                                                      \
		"undebug " words, CMD_EXEC, 10, cmd_no_debug, words,           \
		    "Say no more " help                                        \
	}

const struct cmd_row cmd_debug_rows[] = {
    ROWS("all", "everything there is to debug"),
    ROWS("asp", "what happens to seats, tables and numbers of ASPs"),
    ROWS("ip drop", "which packets are dropped with a word to their sender"),
    ROWS("ip packet", "which packets come for the router itself"),
    ROWS("ipsec packet", "how many packets each SA seals and opens"),
    ROWS("ipsec sa", "which SAs ASPs get and lose"),
    {"show debugging", BOTH, 0, cmd_show, "debugging",
     "What of the inside is said in the log"},
    {NULL, 0, 0, NULL, NULL, NULL},
};
