/*
 * The table of exec commands: what an operator types outside the configuration
 * language. A command is one row here and its handler; matching, help and
 * completion come from the pattern (config/syntax.h), docs/commands.md from the
 * row.
 */
#ifndef CMD_H
#define CMD_H

#include "out.h"
#include "syntax.h"

struct shell;

enum cmd_mode {
	CMD_EXEC = 1 << 0,
	CMD_CONFIG = 1 << 1 /* in every configuration mode */
};

/* From this level on the prompt is "#" and the router can be changed. */
#define CMD_PRIVILEGED 10
#define CMD_PRIVILEGE_MAX 15

struct cmd_row {
	const char *pattern; /* NULL ends a table */
	unsigned modes;      /* enum cmd_mode */
	int privilege;
	/*
	 * Prints to o, errors by out_error(). Everything it needs of the line
	 * is in match: match->row->tag is this row.
	 */
	void (*run)(struct shell *sh, const struct syntax_match *match,
		    struct out *o);
	const char *topic; /* of a show: what the chassis is asked for */
	const char *help;
};

/* The arguments of all rows, by place in struct syntax_match's values. */
enum cmd_arg {
	CMD_ARG_ACCESS_LIST,
	CMD_ARG_ACTIVE,
	CMD_ARG_ALL,
	CMD_ARG_ASP,
	CMD_ARG_COMMAND,
	CMD_ARG_COMMENT,
	CMD_ARG_COMMITS,
	CMD_ARG_CONFIRMED,
	CMD_ARG_ADDRESS,
	CMD_ARG_CONTEXT,
	CMD_ARG_COUNT,
	CMD_ARG_DETAIL,
	CMD_ARG_DF,
	CMD_ARG_FILE,
	CMD_ARG_FILTER,
	CMD_ARG_GROUP,
	CMD_ARG_HOPS,
	CMD_ARG_INTERVAL,
	CMD_ARG_JOURNEY,
	CMD_ARG_LEVEL,
	CMD_ARG_LINES,
	CMD_ARG_MINUTES,
	CMD_ARG_ONE_IN,
	CMD_ARG_POOL,
	CMD_ARG_PORT,
	CMD_ARG_PROCESS,
	CMD_ARG_SECONDS,
	CMD_ARG_WITHIN,
	CMD_ARG_SLOT,
	CMD_ARG_TARGET,
	CMD_ARG_SIZE,
	CMD_ARG_SOURCE,
	CMD_ARG_TIMEOUT,
	CMD_ARG_TUNNEL,
	CMD_ARGS
};

extern const struct syntax_arg cmd_args[CMD_ARGS];
extern const struct syntax_word cmd_words[];

extern const struct cmd_row cmd_asp_rows[];
extern const struct cmd_row cmd_commit_rows[];
extern const struct cmd_row cmd_debug_rows[];
extern const struct cmd_row cmd_exec_rows[];
extern const struct cmd_row cmd_file_rows[];
extern const struct cmd_row cmd_monitor_rows[];
extern const struct cmd_row cmd_show_rows[];
extern const struct cmd_row cmd_feature_rows[];
extern const struct cmd_row cmd_trace_rows[];

/* Asks for the row's topic and prints it; and what was asked for of it. */
void cmd_show(struct shell *sh, const struct syntax_match *match,
	      struct out *o);
/* Has the chassis count the row's topic anew. */
void cmd_clear(struct shell *sh, const struct syntax_match *match,
	       struct out *o);
json_t *cmd_show_args(const struct shell *sh, const struct syntax_match *match);

/* cmd_ping.c: the handlers that print as events come. */
void cmd_ping(struct shell *sh, const struct syntax_match *match,
	      struct out *o);
void cmd_traceroute(struct shell *sh, const struct syntax_match *match,
		    struct out *o);

/* All of them; NULL ends the list. */
extern const struct cmd_row *const cmd_tables[];

/* The text of an argument: borrowed from the line, "" when it was left out. */
int cmd_text(const struct syntax_match *match, enum cmd_arg arg, char *text,
	     size_t octets);

#endif
