/*
 * Exec commands that change something: the session's mode and settings, the
 * transaction. Called through the table by exec.c. What they change of the
 * router they ask of the chassis; nothing here knows the configuration.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "exec.h"
#include "shell.h"

#define PATH_MAX_OCTETS 1024
#define PLACE_MAX 1200

const struct syntax_arg cmd_args[CMD_ARGS] = {
    [CMD_ARG_COMMENT] = {.name = "comment",
			 .type = SYNTAX_TEXT,
			 .max = 255,
			 .help = "Why, in words"},
    [CMD_ARG_CONTEXT] = {.name = "context",
			 .type = SYNTAX_NAME,
			 .max = 32,
			 .help = "Context name"},
    [CMD_ARG_DETAIL] = {.name = "detail",
			.type = SYNTAX_ENUM,
			.choices =
			    (const struct syntax_choice[]){
				{"detail", 1, "Everything that is known"},
				{NULL, 0, NULL}},
			.help = "Everything that is known"},
    [CMD_ARG_FILE] = {.name = "file",
		      .type = SYNTAX_NAME,
		      .max = 1023,
		      .help = "File name"},
    [CMD_ARG_LEVEL] = {.name = "level",
		       .type = SYNTAX_U32,
		       .max = 15,
		       .help = "Privilege level"},
    [CMD_ARG_LINES] = {.name = "number",
		       .type = SYNTAX_U32,
		       .max = 512,
		       .help = "Lines or columns; 0 for no limit"},
    [CMD_ARG_PORT] = {.name = "port",
		      .type = SYNTAX_SLOT_UNIT,
		      .min = 1,
		      .max = 255,
		      .help = "Slot and port"},
    [CMD_ARG_TUNNEL] = {.name = "tunnel",
			.type = SYNTAX_NAME,
			.max = 50,
			.help = "Tunnel name"},
};

int
cmd_text(const struct syntax_match *match, enum cmd_arg arg, char *text,
	 size_t octets)
{
	const struct syntax_value *v = &match->values[arg];

	text[0] = 0;
	if (!v->set)
		return 0;
	if (v->len >= octets)
		return -ENAMETOOLONG;
	memcpy(text, v->text, v->len);
	text[v->len] = 0;
	return 0;
}

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
static int
load_lines(struct shell *sh, FILE *file, const char *path, struct out *o)
{
	struct ask_error error;
	json_t *data = NULL;
	char *line = NULL;
	size_t room = 0;
	unsigned number = 0;
	ssize_t n;
	int rc = 0;

	while (rc == 0 && (n = getline(&line, &room, file)) >= 0) {
		number++;
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			line[--n] = 0;
		if (syntax_is_blank(line, (size_t)n))
			continue;
		if (strcmp(line, "end") == 0)
			break;
		rc = ask(sh->ask,
			 json_pack("{s:s,s:s}", "op", "line", "line", line),
			 &data, &error);
		json_decref(data);
		data = NULL;
	}
	free(line);
	if (rc != 0)
		out_error(o, "%s:%u:%zu: %s", path, number, error.column,
			  error.text);
	return rc;
}

static void
load_file(struct shell *sh, const char *path, struct out *o)
{
	FILE *file = fopen(path, "re");
	int rc;

	if (file == NULL) {
		out_error(o, "Can't open %s: %s", path, strerror(errno));
		return;
	}
	rc = ask_plain(sh, "configure", o);
	if (rc == 0)
		rc = load_lines(sh, file, path, o);
	if (rc == 0)
		rc = ask_plain(sh, "end", o);
	if (rc == 0)
		out_line(o, "Transaction committed.");
	else if (ask_plain(sh, "abort", o) == 0)
		(void)ask_plain(sh, "end", o); /* of nothing */
	(void)fclose(file);
	leave_config(sh);
}

static void
cmd_configure(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	char path[PATH_MAX_OCTETS];

	if (cmd_text(match, CMD_ARG_FILE, path, sizeof(path)) != 0) {
		out_error(o, "The name of the file is too long");
		return;
	}
	/* "config term": where a name may stand, words are written out. */
	if (path[0] != 0 && strncmp(path, "terminal", strlen(path)) != 0) {
		if (sh->privilege < CMD_PRIVILEGE_MAX)
			out_error(o, "Privilege level %d is needed",
				  CMD_PRIVILEGE_MAX);
		else
			load_file(sh, path, o);
		return;
	}
	if (ask_plain(sh, "configure", o) == 0 && sh->mode[0] == 0)
		(void)snprintf(sh->mode, sizeof(sh->mode), "config");
}

/*
 * Commits; end: and leaves. Where the chassis does not say which mode it is in
 * then, a transaction that changed something began again in the outermost.
 */
static int
commit(struct shell *sh, const char *op, const char *comment, struct out *o)
{
	json_t *request = json_pack("{s:s}", "op", op);
	json_t *data = NULL;
	bool changed;
	int rc;

	if (comment[0] != 0 && request != NULL)
		(void)json_object_set_new(request, "comment",
					  json_string(comment));
	rc = ask_op(sh, request, o, &data);
	if (rc != 0)
		return rc;
	changed = !json_is_false(json_object_get(data, "changed"));
	if (json_object_get(data, "mode") == NULL && changed)
		(void)snprintf(sh->mode, sizeof(sh->mode), "config");
	if (out_is_json(o))
		out_json(o, data);
	else if (changed)
		out_line(o, "Transaction committed.");
	json_decref(data);
	return 0;
}

static void
cmd_commit(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	char comment[256];
	struct ask_error error;

	(void)cmd_text(match, CMD_ARG_COMMENT, comment, sizeof(comment));
	if (commit(sh, "commit", comment, o) == 0)
		(void)shell_hello(sh, &error);
}

static void
cmd_end(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	(void)match;
	if (commit(sh, "end", "", o) == 0)
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

static void
cmd_exit(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	(void)match;
	(void)o;
	sh->quit = true;
}

static void
cmd_enable(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	const struct syntax_value *v = &match->values[CMD_ARG_LEVEL];
	int level = v->set ? (int)v->n : CMD_PRIVILEGED;

	if (level > sh->privilege_max)
		out_error(o, "Access denied: %s may have level %d at most",
			  sh->user[0] != 0 ? sh->user : "this session",
			  sh->privilege_max);
	else if (v->set || level > sh->privilege)
		sh->privilege = level;
}

/* Back to what the prompt ">" stands for. */
static void
cmd_disable(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	(void)match;
	(void)o;
	sh->privilege =
	    sh->privilege_start < CMD_PRIVILEGED ? sh->privilege_start : 6;
}

static void
cmd_context(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	struct ask_error error;
	json_t *data = NULL;
	char name[SHELL_NAME_MAX];

	if (cmd_text(match, CMD_ARG_CONTEXT, name, sizeof(name)) != 0)
		return;
	/* The chassis knows which contexts there are: ask for its routes. */
	if (ask(sh->ask,
		json_pack("{s:s,s:s,s:{s:s}}", "op", "show", "topic",
			  "ip-route", "args", "context", name),
		&data, &error) != 0) {
		exec_refused(o, &error, 0);
		return;
	}
	json_decref(data);
	(void)snprintf(sh->context, sizeof(sh->context), "%s", name);
}

static void
cmd_terminal_length(struct shell *sh, const struct syntax_match *match,
		    struct out *o)
{
	(void)o;
	sh->length = (unsigned)match->values[CMD_ARG_LINES].n;
	sh->length_set = true;
}

static void
cmd_terminal_width(struct shell *sh, const struct syntax_match *match,
		   struct out *o)
{
	(void)o;
	sh->width = (unsigned)match->values[CMD_ARG_LINES].n;
	sh->width_set = true;
}

/* Whole or not at all: written beside the old file and put in its place. */
static int
save_text(const char *path, const char *text)
{
	char beside[PLACE_MAX];
	size_t n = strlen(text);
	FILE *file;
	bool failed;

	(void)snprintf(beside, sizeof(beside), "%s.%d.new", path,
		       (int)getpid());
	file = fopen(beside, "wxe");
	if (file == NULL)
		return -errno;
	failed = fwrite(text, 1, n, file) != n;
	failed |= fflush(file) != 0 || fsync(fileno(file)) != 0;
	failed |= fclose(file) != 0;
	if (!failed && rename(beside, path) == 0)
		return 0;
	(void)unlink(beside);
	return -EIO;
}

static void
cmd_save(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	char path[PATH_MAX_OCTETS];
	json_t *data = NULL;
	int rc;

	if (cmd_text(match, CMD_ARG_FILE, path, sizeof(path)) != 0)
		return;
	rc = ask_op(
	    sh,
	    json_pack("{s:s,s:s}", "op", "configuration", "which", "running"),
	    o, &data);
	if (rc != 0)
		return;
	rc = save_text(path, out_string(data, "text"));
	json_decref(data);
	if (rc != 0)
		out_error(o, "Can't write %s: %s", path, strerror(-rc));
}

static void
cmd_help(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	(void)sh;
	(void)match;
	out_line(o, "A word may be shortened as long as it stays the only one "
		    "that begins so.");
	out_line(o, "?     alone: what may follow; behind letters: which words "
		    "begin so");
	out_line(o, "Tab   completes a word");
	out_line(o, "Esc ? types a question mark");
	out_line(o, "| begin, count, exclude, grep, include, json: what is "
		    "done with the output of show");
}

#define BOTH (CMD_EXEC | CMD_CONFIG)

const struct cmd_row cmd_exec_rows[] = {
    {"abort", CMD_CONFIG, 10, cmd_abort, NULL,
     "Discard the transaction and return to exec mode"},
    {"commit [comment <comment>]", CMD_CONFIG, 10, cmd_commit, NULL,
     "Commit configuration changes"},
    {"configure [{terminal|<file>}]", CMD_EXEC, 10, cmd_configure, NULL,
     "Enter configuration mode, or load a file as one transaction"},
    {"context <context>", CMD_EXEC, 0, cmd_context, NULL,
     "Work in another context"},
    {"disable", CMD_EXEC, 0, cmd_disable, NULL,
     "Drop into the unprivileged exec mode"},
    {"enable [<level>]", CMD_EXEC, 0, cmd_enable, NULL,
     "Raise the privilege level"},
    {"end", CMD_CONFIG, 10, cmd_end, NULL,
     "Commit configuration changes and return to exec mode"},
    {"exit", CMD_CONFIG, 0, cmd_exit_config, NULL, "Leave this mode"},
    {"exit", CMD_EXEC, 0, cmd_exit, NULL, "Leave the session"},
    {"help", BOTH, 0, cmd_help, NULL, "How to get help"},
    {"logout", CMD_EXEC, 0, cmd_exit, NULL, "Leave the session"},
    {"save configuration <file>", CMD_EXEC, 15, cmd_save, NULL,
     "Save the running configuration to a file"},
    {"terminal length <number>", BOTH, 0, cmd_terminal_length, NULL,
     "Lines of a page; 0 for no paging"},
    {"terminal width <number>", BOTH, 0, cmd_terminal_width, NULL,
     "Columns of the terminal; 0 for no limit"},
    {NULL, 0, 0, NULL, NULL, NULL},
};

const struct syntax_word cmd_words[] = {
    {"abort", "Discard configuration changes and return to exec mode"},
    {"asp", "Advanced Services Processors"},
    {"backplane", "Links between processors and what crossed them"},
    {"brief", "One line each"},
    {"candidate", "The configuration as it would be after a commit"},
    {"card", "Cards and their processors"},
    {"chassis", "Slots of the chassis"},
    {"comment", "Say why"},
    {"commit", "Commit configuration changes"},
    {"configuration", "System configuration"},
    {"configure", "Enter configuration mode"},
    {"context", "Work in a context"},
    {"counters", "Packets by stage and by reason"},
    {"detail", "Everything that is known"},
    {"disable", "Drop into unprivileged exec mode"},
    {"enable", "Raise the privilege level"},
    {"end", "Commit configuration changes and return to exec mode"},
    {"exit", "Leave this mode"},
    {"help", "How to get help"},
    {"interface", "Interfaces"},
    {"ip", "Internet Protocol"},
    {"ipsec", "IP security"},
    {"length", "Lines of a page"},
    {"logout", "Leave the session"},
    {"port", "Ports"},
    {"route", "Routing table"},
    {"sa", "Security associations"},
    {"save", "Save to a file"},
    {"show", "Show running system information"},
    {"terminal", "Settings of this terminal"},
    {"transaction", "Open configuration transactions"},
    {"tunnel", "Tunnels"},
    {"version", "Software version"},
    {"width", "Columns of the terminal"},
    {NULL, NULL},
};
