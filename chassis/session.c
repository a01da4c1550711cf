/*
 * Configuration sessions: each has a candidate of its own, a snapshot of the
 * running tree and the lines typed since. Nothing acts before commit, which
 * puts what the candidate changed onto the running tree as it is by then,
 * checks the whole, and hands it to push_commit(). An object that somebody else
 * changed meanwhile is a conflict, and nothing happens.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "clock.h"
#include "diff.h"
#include "parse.h"
#include "print.h"
#include "push.h"
#include "running.h"
#include "validate.h"

struct session {
	struct cfg_editor *editor; /* NULL: not configuring */
	struct cfg_tree *base;     /* what the candidate was made from */
	uint64_t since_ns;
};

struct session *
session_new(void)
{
	return calloc(1, sizeof(struct session));
}

static void
leave(struct session *s)
{
	cfg_editor_free(&s->editor);
	cfg_tree_free(&s->base);
}

void
session_free(struct session **at)
{
	if (*at == NULL)
		return;
	leave(*at);
	free(*at);
	*at = NULL;
}

static json_t *
mode_of(const struct session *s)
{
	return json_pack("{s:s, s:i}", "mode", cfg_editor_prompt(s->editor),
			 "kind", (int)cfg_editor_mode(s->editor));
}

static json_t *
no_transaction(void)
{
	return client_error(
	    "invalid", -1, "no configuration session; enter `configure` first");
}

/* A fresh candidate of the running tree. */
static int
renew(struct chs *chs, struct session *s,
      int (*put)(struct cfg_editor *ed, const struct cfg_tree *tree))
{
	const struct cfg_tree *tree = running_tree(chs->running);
	int err = 0;

	cfg_tree_free(&s->base);
	s->base = cfg_tree_snapshot(tree);
	if (s->base == NULL)
		return -ENOMEM;
	if (s->editor == NULL) {
		s->editor = cfg_editor_new(tree, running_key(chs->running));
		err = s->editor != NULL ? 0 : -ENOMEM;
	} else {
		err = put(s->editor, tree);
	}
	s->since_ns = clock_wall();
	return err;
}

json_t *
session_configure(struct chs *chs, struct session *s, const json_t *rq)
{
	(void)rq;
	if (s->editor == NULL && renew(chs, s, cfg_editor_reset) != 0)
		return client_error("machine", -1, "out of memory");
	return client_ok(mode_of(s));
}

static const char *
kind_of(int err)
{
	return err == -ENODATA    ? "incomplete"
	       : err == -ENOTUNIQ ? "ambiguous"
				  : "invalid";
}

json_t *
session_line(struct chs *chs, struct session *s, const json_t *rq)
{
	const json_t *text = json_object_get(rq, "line");
	struct cfg_error error = {0};
	enum cfg_outcome outcome;
	json_t *data;
	int err;

	(void)chs;
	if (s->editor == NULL)
		return no_transaction();
	if (!json_is_string(text))
		return client_error("invalid", -1, "no line");
	err = cfg_edit_line(s->editor, json_string_value(text),
			    json_string_length(text), &outcome, &error);
	if (err != 0)
		return client_error(
		    kind_of(err), error.column > 0 ? (int)error.column - 1 : -1,
		    "%s", error.text);
	data = mode_of(s);
	(void)json_object_set_new(data, "outcome",
				  json_string(outcome == CFG_LINE_EXIT ? "exit"
					      : outcome == CFG_LINE_END
						  ? "end"
						  : "applied"));
	return client_ok(data);
}

json_t *
session_mode_exit(struct chs *chs, struct session *s, const json_t *rq)
{
	struct cfg_error error = {0};
	enum cfg_outcome outcome;

	if (s->editor == NULL)
		return no_transaction();
	if (cfg_edit_line(s->editor, "exit", 4, &outcome, &error) != 0)
		return client_error("invalid", -1, "%s", error.text);
	if (outcome == CFG_LINE_EXIT)
		return session_end(chs, s, rq);
	return client_ok(mode_of(s));
}

static json_t *
refused(const struct cfg_errors *errors)
{
	json_t *list = json_array();
	json_t *answer;
	char text[800];

	for (unsigned i = 0; i < errors->n; i++) {
		(void)snprintf(text, sizeof(text), "%s%s%s",
			       errors->list[i].object,
			       errors->list[i].object[0] != '\0' ? ": " : "",
			       errors->list[i].text);
		(void)json_array_append_new(list, json_string(text));
	}
	answer = client_error("validation", -1, "%s",
			      errors->n > 0
				  ? json_string_value(json_array_get(list, 0))
				  : "the configuration is not valid");
	(void)json_object_set_new(json_object_get(answer, "error"), "all",
				  list);
	return answer;
}

/* Puts the session's changes onto the running tree and makes that run. */
static json_t *
commit_tree(struct chs *chs, struct session *s)
{
	struct cfg_tree *merged = NULL;
	struct cfg_errors errors = {0};
	struct cfg_error error = {0};
	json_t *answer = NULL;
	char why[512] = "";
	int err = cfg_rebase(s->base, cfg_editor_tree(s->editor),
			     running_tree(chs->running), &merged, &error);

	if (err == -EBUSY)
		return client_error("conflict", -1, "%s%s%s", error.object,
				    error.object[0] != '\0' ? ": " : "",
				    error.text);
	if (err != 0)
		return client_error("machine", -1, "%s", strerror(-err));
	if (cfg_validate(merged, &errors) != 0)
		answer = refused(&errors);
	cfg_errors_fini(&errors);
	if (answer == NULL) {
		err = push_commit(chs, merged, why, sizeof(why));
		if (err != 0)
			answer =
			    client_error("machine", -1, "%s",
					 why[0] != '\0' ? why : strerror(-err));
	}
	cfg_tree_free(&merged);
	return answer;
}

json_t *
session_commit(struct chs *chs, struct session *s, const json_t *rq)
{
	bool changed;
	json_t *answer = NULL;

	(void)rq;
	if (s->editor == NULL)
		return no_transaction();
	changed = cfg_editor_edits(s->editor) > 0;
	if (changed)
		answer = commit_tree(chs, s);
	if (answer == NULL && changed &&
	    renew(chs, s, cfg_editor_committed) != 0)
		answer = client_error("machine", -1, "out of memory");
	if (answer != NULL)
		return answer;
	return client_ok(json_pack(
	    "{s:i, s:b, s:s}", "generation", (int)chs->generation, "changed",
	    (int)changed, "mode", cfg_editor_prompt(s->editor)));
}

json_t *
session_abort(struct chs *chs, struct session *s, const json_t *rq)
{
	(void)rq;
	if (s->editor == NULL)
		return no_transaction();
	if (renew(chs, s, cfg_editor_reset) != 0)
		return client_error("machine", -1, "out of memory");
	return client_ok(mode_of(s));
}

/* `end`, and `exit` from the outermost mode: commit and leave. */
json_t *
session_end(struct chs *chs, struct session *s, const json_t *rq)
{
	json_t *answer;

	if (s->editor == NULL)
		return no_transaction();
	answer = session_commit(chs, s, rq);
	if (json_is_true(json_object_get(answer, "ok"))) {
		leave(s);
		(void)json_object_set_new(json_object_get(answer, "data"),
					  "mode", json_string(""));
	}
	return answer;
}

/* Text as it comes, in a string that doubles. */
struct text {
	char *at;
	size_t n;
	size_t room;
};

static int
collect(void *arg, const char *octets, size_t n)
{
	struct text *text = arg;

	if (text->n + n + 1 > text->room) {
		size_t room = 2 * (text->n + n + 1);
		char *more = realloc(text->at, room);

		if (more == NULL)
			return -ENOMEM;
		text->at = more;
		text->room = room;
	}
	memcpy(text->at + text->n, octets, n);
	text->n += n;
	text->at[text->n] = '\0';
	return 0;
}

json_t *
session_configuration(struct chs *chs, struct session *s, const json_t *rq)
{
	const char *which = json_string_value(json_object_get(rq, "which"));
	const struct cfg_tree *tree = running_tree(chs->running);
	struct cfg_print_opts opts = {
	    .key = running_key(chs->running),
	    .section = json_string_value(json_object_get(rq, "section"))};
	struct text text = {0};
	json_t *data;
	int err;

	if (which != NULL && strcmp(which, "candidate") == 0) {
		if (s->editor == NULL)
			return no_transaction();
		tree = cfg_editor_tree(s->editor);
	}
	if (which != NULL && strcmp(which, "changes") == 0) {
		if (s->editor == NULL)
			return no_transaction();
		err = cfg_diff_text(s->base, cfg_editor_tree(s->editor),
				    collect, &text);
	} else {
		err = cfg_print(tree, &opts, collect, &text);
	}
	if (err != 0) {
		free(text.at);
		return client_error("machine", -1,
				    err == -ENOKEY
					? "no key to encrypt secrets with: give"
					  " --secret-key FILE"
					: "%s",
				    strerror(-err));
	}
	data = json_pack("{s:s}", "text", text.at != NULL ? text.at : "");
	free(text.at);
	return client_ok(data);
}

json_t *
session_transaction(struct chs *chs, struct session *s)
{
	json_t *list = json_array();

	if (s != NULL && s->editor != NULL)
		(void)json_array_append_new(
		    list,
		    json_pack("{s:s, s:i, s:I}", "mode",
			      cfg_editor_prompt(s->editor), "edits",
			      (int)cfg_editor_edits(s->editor), "since",
			      (json_int_t)(s->since_ns / CLOCK_SECOND_NS)));
	return json_pack("{s:o, s:i}", "transactions", list, "generation",
			 (int)chs->generation);
}
