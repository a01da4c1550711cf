/*
 * One line of a session: through the grammar of the mode it is typed in to a
 * handler (cmd_exec.c, cmd_show.c), or, where it is of the configuration
 * language, whole to the chassis, whose candidate it edits. Called by shell.c.
 *
 * A line of the configuration is never judged here: the chassis also tries the
 * enclosing modes. Only when it knows less about the line than we do (a show
 * command with a mistake in it, say) is our own error the one that is shown.
 */
#include "exec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alias.h"
#include "cmd.h"
#include "flash.h"
#include "syntax.h"

#define FOLLOW_MAX 256
#define HELP_WIDTH 22

/* Where the pipe stands, outside quotes; the length of the line if nowhere. */
static size_t
pipe_find(const char *line)
{
	bool quoted = false;
	size_t i;

	for (i = 0; line[i] != 0; i++) {
		if (line[i] == '"')
			quoted = !quoted;
		if (line[i] == '|' && !quoted)
			break;
	}
	return i;
}

static void
print_caret(struct out *o, size_t column)
{
	char line[512];

	if (column > sizeof(line) - 2)
		return;
	memset(line, ' ', column);
	line[column] = '^';
	line[column + 1] = 0;
	out_plain(o, line);
}

/* What the grammar did not like; text: the line. */
static void
print_fault(struct out *o, const struct syntax_error *err, size_t caret,
	    const char *line)
{
	switch (err->fault) {
	case SYNTAX_INCOMPLETE:
		out_error(o, "Incomplete command");
		break;
	case SYNTAX_AMBIGUOUS:
		out_error(o, "Ambiguous command: \"%s\"", line);
		break;
	case SYNTAX_INVALID:
		print_caret(o, caret + err->column);
		out_error(o, "Invalid input at '^' marker");
		break;
	}
	if (err->right[0] != 0 && err->fault != SYNTAX_AMBIGUOUS) {
		char text[sizeof(err->right) + 8];

		(void)snprintf(text, sizeof(text), "  %s", err->right);
		out_plain(o, text);
	}
}

void
exec_refused(struct out *o, const struct ask_error *error, size_t caret)
{
	if (strcmp(error->kind, "incomplete") == 0) {
		out_error(o, "Incomplete command");
	} else if (strcmp(error->kind, "invalid") == 0 && error->column > 0) {
		print_caret(o, caret + error->column - 1);
		out_error(o, "Invalid input at '^' marker");
	} else {
		out_error(o, "%s", error->text);
		return;
	}
	if (error->text[0] != 0) {
		char text[sizeof(error->text) + 8];

		(void)snprintf(text, sizeof(text), "  %s", error->text);
		out_plain(o, text);
	}
}

/* What "| save FILE" kept. */
static void
save_output(struct shell *sh, struct out *o)
{
	char path[FLASH_PATH_MAX];
	const char *text;
	const char *name = out_saved(o, &text);
	int err;

	if (name == NULL || out_failed(o) ||
	    flash_path_any(sh, name, path, o) != 0)
		return;
	err = flash_write(path, text, strlen(text));
	if (err != 0)
		out_error(o, "Can't write %s: %s", name, strerror(-err));
}

/* Runs a row of the exec tables. */
static void
run_command(struct shell *sh, const struct syntax_match *match,
	    const char *pipes, struct out *o)
{
	const struct cmd_row *cmd = match->row->tag;
	char why[OUT_WHY_MAX];

	int level = alias_level(sh, cmd->pattern, cmd->privilege);

	if (level > sh->privilege) {
		out_error(o, "Privilege level %d is needed", level);
		return;
	}
	if (pipes != NULL && out_pipes(o, pipes, why) != 0) {
		out_error(o, "%s", why);
		return;
	}
	cmd->run(sh, match, o);
	out_end(o);
	save_output(sh, o);
}

/* A line of the configuration language: to the chassis, whole. */
static void
run_config(struct shell *sh, const char *line, size_t caret,
	   const struct syntax_error *ours, struct out *o)
{
	struct ask_error error;
	json_t *data = NULL;
	const char *mode;
	int rc =
	    ask(sh->ask, json_pack("{s:s,s:s}", "op", "line", "line", line),
		&data, &error);

	if (rc == 0) {
		mode = json_string_value(json_object_get(data, "mode"));
		if (mode != NULL)
			(void)snprintf(sh->mode, sizeof(sh->mode), "%s", mode);
		json_decref(data);
		return;
	}
	if (rc == -EREMOTEIO && ours != NULL && error.column > 0 &&
	    ours->column + 1 > error.column)
		print_fault(o, ours, caret, line);
	else if (rc == -EREMOTEIO && strcmp(error.kind, "ambiguous") == 0)
		out_error(o, "Ambiguous command: \"%s\"", line);
	else
		exec_refused(o, &error, caret);
}

/*
 * The row of an exec command. One that a configured level lets down to where
 * the session is stands in the grammar of the higher levels only.
 */
static int
match_line(struct shell *sh, const char *line, size_t head,
	   struct syntax_match *match, struct syntax_error *err)
{
	struct syntax_error higher = {0};
	int rc = syntax_match(grammar_of(sh->grammar, sh->mode, sh->privilege),
			      line, head, match, err);

	if (rc == 0 || sh->mode[0] != 0 || !alias_levels(sh))
		return rc;
	if (syntax_match(grammar_of(sh->grammar, "", CMD_PRIVILEGE_MAX), line,
			 head, match, &higher) != 0)
		return rc;
	return 0;
}

static void
run_line(struct shell *sh, const char *line, size_t caret, struct out *o)
{
	size_t len = strlen(line);
	size_t head = pipe_find(line);
	const char *pipes = head < len ? line + head + 1 : NULL;
	struct syntax_match match;
	struct syntax_error err = {0};
	int rc = match_line(sh, line, head, &match, &err);

	if (rc == 0 && match.row->tag != NULL)
		run_command(sh, &match, pipes, o);
	else if (sh->mode[0] != 0)
		run_config(sh, line, caret, rc == 0 ? NULL : &err, o);
	else
		print_fault(o, &err, caret, line);
}

/* The commands of a macro, up to the first that fails. */
static int
run_macro(struct shell *sh, const char *line, size_t caret,
	  const struct out_sink *sink)
{
	char step[ALIAS_LINE_MAX];
	int rc = 0;

	if (sh->depth == ALIAS_DEPTH_MAX)
		return -ELOOP;
	sh->depth++;
	for (unsigned i = 0; rc == 0 && alias_step(sh, line, i, step); i++)
		rc = exec_line(sh, step, caret, sink);
	sh->depth--;
	return rc;
}

/* "do COMMAND" in a configuration mode: a command of exec, the mode stays. */
static int
run_do(struct shell *sh, const char *line, size_t caret,
       const struct out_sink *sink)
{
	size_t skip = strspn(line, " \t") + 2;
	char mode[SHELL_NAME_MAX];
	int rc;

	memcpy(mode, sh->mode, sizeof(mode));
	sh->mode[0] = 0;
	rc = exec_line(sh, line + skip, caret + skip, sink);
	memcpy(sh->mode, mode, sizeof(mode));
	return rc;
}

static bool
is_do(const char *line)
{
	line += strspn(line, " \t");
	return line[0] == 'd' && line[1] == 'o' &&
	       (line[2] == ' ' || line[2] == '\t');
}

int
exec_line(struct shell *sh, const char *line, size_t caret,
	  const struct out_sink *sink)
{
	char expanded[ALIAS_LINE_MAX];
	struct out *o;
	char name[48];
	size_t column;
	int rc;

	if (syntax_is_blank(line, strlen(line)))
		return 0;
	if (sh->mode[0] != 0 && is_do(line))
		return run_do(sh, line, caret, sink);
	if (sh->mode[0] == 0 && alias_step(sh, line, 0, expanded))
		return run_macro(sh, line, caret, sink);
	if (sh->mode[0] == 0 && alias_expand(sh, line, expanded))
		line = expanded;
	o = out_new(sink);
	if (o == NULL)
		return -ENOMEM;
	if (syntax_forbidden(line, strlen(line), &column, name) != NULL)
		out_error(o, "A line may not hold %s", name);
	else
		run_line(sh, line, caret, o);
	rc = out_failed(o) ? -EINVAL : 0;
	out_free(&o);
	return rc;
}

/* The words that may stand behind a pipe. */
static void
pipe_help(struct out *o)
{
	static const char *const rows[][2] = {
	    {"begin", "From the first line that holds TEXT on"},
	    {"count", "How many lines"},
	    {"exclude", "Lines that do not hold TEXT"},
	    {"grep", "Lines that match a regular expression [-i] [-v]"},
	    {"include", "Lines that hold TEXT"},
	    {"join-lines", "Lines that are indented behind the one before"},
	    {"json", "The same data as JSON"},
	    {"save", "Write the output to a file of /flash"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		out_line(o, "  %-*s%s", HELP_WIDTH, rows[i][0], rows[i][1]);
}

static void
print_follow(struct out *o, const struct syntax_next *next, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const char *word = next[i].end            ? "<cr>"
				   : next[i].word != NULL ? next[i].word
							  : next[i].placeholder;

		out_line(o, "  %-*s%s", HELP_WIDTH, word,
			 next[i].help != NULL ? next[i].help : "");
	}
}

void
exec_help(struct shell *sh, const char *line, size_t caret,
	  const struct out_sink *sink)
{
	const struct syntax *syn =
	    grammar_of(sh->grammar, sh->mode, sh->privilege);
	struct syntax_next *next = calloc(FOLLOW_MAX, sizeof(*next));
	struct out *o = out_new(sink);
	struct syntax_error err = {0};
	size_t len = strlen(line);
	int n = 0;

	if (o == NULL || next == NULL) {
		free(next);
		out_free(&o);
		return;
	}
	if (pipe_find(line) < len)
		pipe_help(o);
	else
		n = syntax_follow(syn, line, len, next, FOLLOW_MAX, &err);
	if (n < 0)
		print_fault(o, &err, caret, line);
	else
		print_follow(o, next,
			     (unsigned)n < FOLLOW_MAX ? (unsigned)n
						      : FOLLOW_MAX);
	free(next);
	out_free(&o);
}

int
exec_complete(struct shell *sh, const char *line, char *out, size_t octets,
	      const struct out_sink *sink)
{
	const struct syntax *syn =
	    grammar_of(sh->grammar, sh->mode, sh->privilege);
	int rc;

	if (line[pipe_find(line)] != 0)
		return -ENOENT;
	rc = syntax_complete(syn, line, strlen(line), out, octets);
	if (rc == -ENOTUNIQ && sink != NULL)
		exec_help(sh, line, 0, sink);
	return rc;
}

int
exec_end(struct shell *sh, const struct out_sink *sink)
{
	if (sh->mode[0] == 0)
		return 0;
	return exec_line(sh, "end", 0, sink);
}
