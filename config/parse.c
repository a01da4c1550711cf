/*
 * The editor: a candidate, the mode it is in, and lines applied one by one. A
 * line finds its mode: the current one or the nearest enclosing one in which it
 * parses whole. Called by the loader and by the command line's sessions; what a
 * line does is in apply.c.
 */
#include "parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse_impl.h"

struct cfg_editor *
cfg_editor_new(const struct cfg_tree *tree, const uint8_t *key)
{
	struct cfg_editor *ed = calloc(1, sizeof(*ed));

	if (ed == NULL)
		return NULL;
	ed->cfg = cfg_tree_cfg(tree);
	ed->key = key;
	ed->tree = cfg_tree_snapshot(tree);
	if (ed->tree == NULL)
		cfg_editor_free(&ed);
	return ed;
}

void
cfg_editor_free(struct cfg_editor **ed)
{
	if (*ed == NULL)
		return;
	apply_leave(*ed, 0);
	cfg_tree_free(&(*ed)->tree);
	free(*ed);
	*ed = NULL;
}

const struct cfg_tree *
cfg_editor_tree(const struct cfg_editor *ed)
{
	return ed->tree;
}

int
cfg_editor_committed(struct cfg_editor *ed, const struct cfg_tree *tree)
{
	struct cfg_tree *copy = cfg_tree_snapshot(tree);
	struct cfg_path path = ed->path;

	if (copy == NULL)
		return -ENOMEM;
	while (path.depth > 0 && cfg_tree_find(copy, &path) == NULL)
		path.depth--;
	apply_leave(ed, path.depth);
	cfg_tree_free(&ed->tree);
	ed->tree = copy;
	ed->edits = 0;
	return 0;
}

int
cfg_editor_reset(struct cfg_editor *ed, const struct cfg_tree *tree)
{
	int err = cfg_editor_committed(ed, tree);

	if (err == 0)
		apply_leave(ed, 0);
	return err;
}

int
cfg_editor_replace(struct cfg_editor *ed, const struct cfg_tree *tree)
{
	int err = cfg_editor_reset(ed, tree);

	if (err == 0)
		ed->edits = 1;
	return err;
}

unsigned
cfg_editor_edits(const struct cfg_editor *ed)
{
	return ed->edits;
}

void
cfg_editor_line(struct cfg_editor *ed, unsigned line)
{
	ed->line = line;
}

static enum cfg_kind
mode_at(const struct cfg_editor *ed, unsigned depth)
{
	return depth == 0 ? CFG_ROOT : ed->path.step[depth - 1].kind;
}

enum cfg_kind
cfg_editor_mode(const struct cfg_editor *ed)
{
	return mode_at(ed, ed->path.depth);
}

const char *
cfg_editor_prompt(const struct cfg_editor *ed)
{
	return cfg_kind_get(cfg_editor_mode(ed))->prompt;
}

const struct syntax *
cfg_editor_syntax(const struct cfg_editor *ed)
{
	return cfg_syntax(ed->cfg, cfg_editor_mode(ed));
}

/* Whether b tells more than a: parsing got further there. */
static bool
further(const struct syntax_error *a, const struct syntax_error *b)
{
	if (a->column != b->column)
		return b->column > a->column;
	return b->fault == SYNTAX_INCOMPLETE && a->fault != b->fault;
}

/* The mode the line parses whole in: its depth. Else the furthest error. */
static int
mode_find(const struct cfg_editor *ed, const char *line, size_t len,
	  struct syntax_match *match, unsigned *depth, struct syntax_error *err)
{
	struct syntax_error here;
	int rc = -EINVAL;

	for (unsigned i = ed->path.depth + 1; i-- > 0;) {
		int r = syntax_match(cfg_syntax(ed->cfg, mode_at(ed, i)), line,
				     len, match, &here);

		if (r == 0) {
			*depth = i;
			return 0;
		}
		if (i == ed->path.depth || further(err, &here)) {
			*err = here;
			rc = r;
		}
	}
	return rc;
}

static int
line_check(struct cfg_editor *ed, const char *line, size_t len,
	   struct cfg_error *err)
{
	const char *what;
	char name[48];
	size_t column;

	if (len > SYNTAX_LINE_MAX)
		return apply_refuse(ed, err, SYNTAX_LINE_MAX,
				    "a line of %zu octets; expected at most %u",
				    len, (unsigned)SYNTAX_LINE_MAX);
	what = syntax_forbidden(line, len, &column, name);
	if (what == NULL)
		return 0;
	return apply_refuse(ed, err, column,
			    "%s; expected printing characters in UTF-8", what);
}

int
cfg_edit_line(struct cfg_editor *ed, const char *line, size_t len,
	      enum cfg_outcome *outcome, struct cfg_error *err)
{
	struct syntax_match match;
	struct syntax_error wrong = {0};
	unsigned depth = 0;
	int rc = line_check(ed, line, len, err);

	if (rc != 0)
		return rc;
	*outcome = CFG_LINE_BLANK;
	if (syntax_is_blank(line, len))
		return 0;
	rc = mode_find(ed, line, len, &match, &depth, &wrong);
	if (rc != 0) {
		(void)apply_refuse(ed, err, wrong.column, "%s; %s", wrong.wrong,
				   wrong.right);
		err->fault = wrong.fault;
		return rc;
	}
	*outcome = CFG_LINE_APPLIED;
	if (match.row->tag != NULL)
		return apply_match(ed, &match, depth, err);
	if (strcmp(match.row->pattern, "end") == 0)
		*outcome = CFG_LINE_END;
	else if (ed->path.depth == 0)
		*outcome = CFG_LINE_EXIT;
	else
		apply_leave(ed, ed->path.depth - 1);
	return 0;
}

void
cfg_error_format(const struct cfg_error *err, const char *file, char *text,
		 size_t octets)
{
	const char *between = err->object[0] == '\0' ? "" : ": ";

	if (file == NULL || err->line == 0)
		(void)snprintf(
		    text, octets, "%s%s%s%s%s", file == NULL ? "" : file,
		    file == NULL ? "" : ": ", err->object, between, err->text);
	else
		(void)snprintf(text, octets, "%s:%u:%u: %s%s%s", file,
			       err->line, err->column == 0 ? 1 : err->column,
			       err->object, between, err->text);
}
