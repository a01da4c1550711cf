/*
 * Commands of the configuration transaction: entering it, by hand or with a
 * file, and the ways out. Called through the table by exec.c. What they change
 * of the router they ask of the chassis; nothing here knows the configuration.
 */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "exec.h"
#include "flash.h"
#include "shell.h"

#define CONFIRM_MINUTES 10
#define MINUTE_S 60

/* Asks an op without arguments; the answer's mode becomes the session's. */
static int
ask_op(struct shell *sh, json_t *request, struct out *o, json_t **data)
{
	struct ask_error error;
	const char *mode;
	int rc = ask(sh->ask, request, data, &error);

	if (rc != 0) {
		exec_refused(o, &error, 0);
		return rc;
	}
	mode = json_string_value(json_object_get(*data, "mode"));
	if (mode != NULL)
		(void)snprintf(sh->mode, sizeof(sh->mode), "%s", mode);
	return 0;
}

static int
ask_plain(struct shell *sh, const char *op, struct out *o)
{
	json_t *data = NULL;
	int rc = ask_op(sh, json_pack("{s:s}", "op", op), o, &data);

	json_decref(data);
	return rc;
}

static void
leave_config(struct shell *sh)
{
	struct ask_error error;

	sh->mode[0] = 0;
	(void)shell_hello(sh, &error); /* the hostname may be another now */
}

/* A file of configuration lines as one transaction. */
static void
load_file(struct shell *sh, const char *path, struct out *o)
{
	json_t *data = NULL;
	int rc = ask_plain(sh, "configure", o);

	if (rc == 0)
		rc = ask_op(sh,
			    json_pack("{s:s,s:s}", "op", "load", "path", path),
			    o, &data);
	json_decref(data);
	if (rc == 0)
		rc = ask_plain(sh, "end", o);
	if (rc == 0)
		out_line(o, "Transaction committed.");
	else if (ask_plain(sh, "abort", o) == 0)
		(void)ask_plain(sh, "end", o); /* of nothing */
	leave_config(sh);
}

static void
cmd_configure(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	char name[FLASH_PATH_MAX];
	char path[FLASH_PATH_MAX];

	if (cmd_text(match, CMD_ARG_FILE, name, sizeof(name)) != 0) {
		out_error(o, "The name of the file is too long");
		return;
	}
	/* "config term": where a name may stand, words are written out. */
	if (name[0] != 0 && strncmp(name, "terminal", strlen(name)) != 0) {
		if (sh->privilege < CMD_PRIVILEGE_MAX)
			out_error(o, "Privilege level %d is needed",
				  CMD_PRIVILEGE_MAX);
		else if (flash_path_any(sh, name, path, o) == 0)
			load_file(sh, path, o);
		return;
	}
	if (ask_plain(sh, "configure", o) == 0 && sh->mode[0] == 0)
		(void)snprintf(sh->mode, sizeof(sh->mode), "config");
}

/* What the chassis said of a commit. */
static void
commit_print(const json_t *data, struct out *o)
{
	long long left = out_integer(data, "rollback_s");
	const json_t *text;
	size_t i;

	json_array_foreach(json_object_get(data, "warnings"), i, text)
		out_line(o, "%% Warning: %s", json_string_value(text));
	if (json_is_true(json_object_get(data, "changed")) ||
	    json_is_true(json_object_get(data, "confirmed")))
		out_line(o, "Transaction committed.");
	if (left > 0)
		out_line(o,
			 "Commit confirmed ,it will be rolled back within "
			 "%lld %s",
			 left < MINUTE_S ? left
					 : (left + MINUTE_S - 1) / MINUTE_S,
			 left < MINUTE_S ? "seconds" : "minutes");
}

/*
 * Commits; end: and leaves. Where the chassis does not say which mode it is in
 * then, a transaction that changed something began again in the outermost.
 */
static int
commit(struct shell *sh, json_t *request, struct out *o)
{
	json_t *data = NULL;
	int rc = ask_op(sh, request, o, &data);

	if (rc != 0)
		return rc;
	if (json_object_get(data, "mode") == NULL &&
	    !json_is_false(json_object_get(data, "changed")))
		(void)snprintf(sh->mode, sizeof(sh->mode), "config");
	if (out_is_json(o))
		out_json(o, data);
	else
		commit_print(data, o);
	json_decref(data);
	return 0;
}

static void
cmd_commit(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	const struct syntax_value *minutes = &match->values[CMD_ARG_MINUTES];
	const struct syntax_value *within = &match->values[CMD_ARG_WITHIN];
	json_t *request = json_pack("{s:s}", "op", "commit");
	char comment[256];
	struct ask_error error;

	(void)cmd_text(match, CMD_ARG_COMMENT, comment, sizeof(comment));
	if (comment[0] != 0)
		(void)json_object_set_new(request, "comment",
					  json_string(comment));
	if (match->values[CMD_ARG_CONFIRMED].set)
		(void)json_object_set_new(
		    request, "confirmed",
		    json_integer(within->set ? (json_int_t)within->n
				 : minutes->set
				     ? (json_int_t)minutes->n * MINUTE_S
				     : (json_int_t)CONFIRM_MINUTES * MINUTE_S));
	if (commit(sh, request, o) == 0)
		(void)shell_hello(sh, &error);
}

/* The candidate becomes an earlier configuration; a commit makes it act. */
static void
cmd_rollback(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	json_t *data = NULL;

	if (ask_op(sh,
		   json_pack("{s:s,s:I}", "op", "rollback", "commits",
			     (json_int_t)match->values[CMD_ARG_COMMITS].n),
		   o, &data) == 0)
		out_line(o,
			 "The candidate is the configuration of %u commits "
			 "ago; commit makes it run.",
			 (unsigned)match->values[CMD_ARG_COMMITS].n);
	json_decref(data);
}

static void
cmd_end(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	(void)match;
	if (commit(sh, json_pack("{s:s}", "op", "end"), o) == 0)
		leave_config(sh);
}

/* Discards what was typed since the last commit; the chassis says the mode. */
static void
cmd_abort(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	(void)match;
	(void)ask_plain(sh, "abort", o);
}

/* From an inner mode to the one around it; from the outermost as `end`. */
static void
cmd_exit_config(struct shell *sh, const struct syntax_match *match,
		struct out *o)
{
	if (strcmp(sh->mode, "config") == 0)
		cmd_end(sh, match, o);
	else
		(void)ask_plain(sh, "mode-exit", o);
}

const struct cmd_row cmd_commit_rows[] = {
    {"abort", CMD_CONFIG, 10, cmd_abort, NULL,
     "Discard the transaction and return to exec mode"},
    {"commit [<confirmed> [{<minutes>|seconds <within>}]] [comment <comment>]",
     CMD_CONFIG, 10, cmd_commit, NULL, "Commit configuration changes"},
    {"configure [{terminal|<file>}]", CMD_EXEC, 10, cmd_configure, NULL,
     "Enter configuration mode, or load a file as one transaction"},
    {"end", CMD_CONFIG, 10, cmd_end, NULL,
     "Commit configuration changes and return to exec mode"},
    {"exit", CMD_CONFIG, 0, cmd_exit_config, NULL, "Leave this mode"},
    {"rollback <commits>", CMD_CONFIG, 15, cmd_rollback, NULL,
     "Put back the configuration of an earlier commit"},
    {NULL, 0, 0, NULL, NULL, NULL},
};
