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
#include <time.h>

#include "client.h"
#include "clock.h"
#include "commit.h"
#include "diff.h"
#include "parse.h"
#include "print.h"
#include "running.h"

/* A first screen is told at once; more costs less in larger pieces. */
#define PIECE_OCTETS 4096
#define PIECE_OCTETS_MAX 65536

struct session {
	struct bus_peer peer; /* whom pieces of a long answer go to */
	char who[64];
	char from[64];
	uint64_t login_ns;         /* of the wall clock */
	struct cfg_editor *editor; /* NULL: not configuring */
	struct cfg_tree *base;     /* what the candidate was made from */
	uint64_t since_ns;
};

struct session *
session_new(const struct bus_peer *peer)
{
	struct session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->peer = *peer;
	s->login_ns = clock_wall();
	return s;
}

void
session_name(struct session *s, const char *who, const char *from)
{
	(void)snprintf(s->who, sizeof(s->who), "%s", who);
	(void)snprintf(s->from, sizeof(s->from), "%s", from);
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

/* Puts the session's changes onto the running tree and makes that run. */
static json_t *
commit_changes(struct chs *chs, struct session *s, const char *comment)
{
	struct commit_by by = {s->who, s->from, comment};
	struct cfg_tree *merged = NULL;
	struct cfg_error error = {0};
	json_t *answer;
	int err = cfg_rebase(s->base, cfg_editor_tree(s->editor),
			     running_tree(chs->running), &merged, &error);

	if (err == -EBUSY)
		return client_error("conflict", -1, "%s%s%s", error.object,
				    error.object[0] != '\0' ? ": " : "",
				    error.text);
	if (err != 0)
		return client_error("machine", -1, "%s", strerror(-err));
	answer = commit_tree(chs, merged, &by);
	cfg_tree_free(&merged);
	return answer;
}

/* Seconds within which the commit is to be confirmed, 0: it stays. */
static int
confirm_seconds(const json_t *rq, unsigned *seconds)
{
	const json_t *n = json_object_get(rq, "confirmed");
	json_int_t value = json_integer_value(n);

	*seconds = 0;
	if (n == NULL)
		return 0;
	if (!json_is_integer(n) || value < 1 || value > COMMIT_CONFIRM_MAX)
		return -EINVAL;
	*seconds = (unsigned)value;
	return 0;
}

static bool
leaving(const json_t *rq)
{
	const char *op = json_string_value(json_object_get(rq, "op"));

	return op != NULL && strcmp(op, "commit") != 0;
}

/* The sentences of a list that another has not. */
static json_t *
fresh(const json_t *list, const json_t *was)
{
	json_t *text, *news = json_array();
	const json_t *old;
	size_t i, k;

	json_array_foreach(list, i, text) {
		json_array_foreach(was, k, old) {
			if (json_equal(text, old))
				break;
		}
		if (k == json_array_size(was))
			(void)json_array_append(news, text);
	}
	return news;
}

/*
 * What the commit's answer says, besides that it is done; warned: of what was
 * warned before it.
 */
static json_t *
committed(struct chs *chs, const struct session *s, bool changed,
	  bool confirmed, const json_t *warned)
{
	json_t *data = json_pack("{s:i, s:b, s:b, s:s}", "generation",
				 (int)chs->generation, "changed", (int)changed,
				 "confirmed", (int)confirmed, "mode",
				 cfg_editor_prompt(s->editor));
	unsigned left = commit_confirm_left(chs);

	if (left > 0)
		(void)json_object_set_new(data, "rollback_s",
					  json_integer(left));
	if (changed) {
		json_t *now = commit_warnings(chs);

		(void)json_object_set_new(data, "warnings", fresh(now, warned));
		json_decref(now);
	}
	return client_ok(data);
}

json_t *
session_commit(struct chs *chs, struct session *s, const json_t *rq)
{
	const char *comment = json_string_value(json_object_get(rq, "comment"));
	struct cfg_tree *before = NULL;
	json_t *answer = NULL;
	json_t *warned = NULL;
	bool confirmed = false;
	unsigned seconds;
	bool changed;

	if (s->editor == NULL)
		return no_transaction();
	if (confirm_seconds(rq, &seconds) != 0)
		return client_error("invalid", -1,
				    "seconds to confirm in: expected 1 to %d",
				    COMMIT_CONFIRM_MAX);
	changed = cfg_editor_edits(s->editor) > 0;
	if (changed && seconds > 0)
		before = cfg_tree_snapshot(running_tree(chs->running));
	if (changed)
		warned = commit_warnings(chs);
	if (changed)
		answer = commit_changes(chs, s, comment != NULL ? comment : "");
	/* Leaving with nothing changed is no word on the commit before. */
	if (answer == NULL && seconds == 0 && (changed || !leaving(rq)))
		confirmed = commit_confirm(chs);
	if (answer == NULL && before != NULL &&
	    commit_wait_confirm(chs, before, seconds) != 0)
		answer = client_error("machine", -1, "out of memory");
	cfg_tree_free(&before);
	if (answer == NULL && changed &&
	    renew(chs, s, cfg_editor_committed) != 0)
		answer = client_error("machine", -1, "out of memory");
	if (answer == NULL)
		answer = committed(chs, s, changed, confirmed, warned);
	json_decref(warned);
	return answer;
}

/* A file of configuration lines, all or nothing, into the candidate. */
json_t *
session_load(struct chs *chs, struct session *s, const json_t *rq)
{
	const char *path = json_string_value(json_object_get(rq, "path"));
	struct cfg_error error = {0};
	char text[1400];
	int err;

	(void)chs;
	if (s->editor == NULL)
		return no_transaction();
	if (path == NULL)
		return client_error("invalid", -1, "no path");
	err = cfg_edit_file(s->editor, path, &error);
	if (err == 0)
		return client_ok(mode_of(s));
	if (error.line == 0 && err != -EINVAL)
		return client_error("file", -1, "Can't open %s: %s", path,
				    strerror(-err));
	cfg_error_format(&error, path, text, sizeof(text));
	return client_error("file", -1, "%s", text);
}

/* The candidate becomes what ran n commits ago; a commit makes it act. */
json_t *
session_rollback(struct chs *chs, struct session *s, const json_t *rq)
{
	const json_t *n = json_object_get(rq, "commits");
	const struct history *h = commit_history(chs);
	const struct history_entry *e =
	    json_is_integer(n) && json_integer_value(n) >= 0 &&
		    json_integer_value(n) < HISTORY_MAX
		? history_get(h, (unsigned)json_integer_value(n))
		: NULL;

	if (s->editor == NULL)
		return no_transaction();
	if (e == NULL)
		return client_error("invalid", -1,
				    "there is no such commit; expected 0 (the "
				    "newest) to %u, as show configuration "
				    "history lists them",
				    history_count(h) - 1);
	if (cfg_editor_replace(s->editor, e->tree) != 0)
		return client_error("machine", -1, "out of memory");
	return client_ok(mode_of(s));
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

/* Text as it comes: in a string that doubles, or told in pieces of lines. */
struct text {
	char *at;
	size_t n;
	size_t room;
	struct chs *chs; /* NULL: in one */
	const struct session *s;
	uint32_t number;
	size_t piece; /* octets of the next one; they grow */
};

static int
tell_piece(struct text *text)
{
	int err;

	if (text->n == 0)
		return 0;
	err = client_piece(text->chs, &text->s->peer, text->number,
			   json_pack("{s:s#}", "text", text->at, (int)text->n));
	text->n = 0;
	if (text->piece < PIECE_OCTETS_MAX)
		text->piece *= 2;
	return err;
}

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
	/* Text comes in whole lines. */
	return text->chs != NULL && text->n >= text->piece ? tell_piece(text)
							   : 0;
}

/* The head's line about who changed the configuration last; NULL: nobody. */
static const char *
last_change(const struct chs *chs, char *text, size_t octets)
{
	const struct history_entry *e = history_get(commit_history(chs), 0);
	time_t at = e == NULL ? 0 : (time_t)(e->time_ns / CLOCK_SECOND_NS);
	char when[40] = "";
	struct tm tm;

	if (e == NULL || strcmp(e->who, "-") == 0)
		return NULL;
	if (localtime_r(&at, &tm) != NULL)
		(void)strftime(when, sizeof(when), "%a %b %e %H:%M:%S %Y", &tm);
	(void)snprintf(text, octets,
		       "Configuration last changed by user '%s' at %s", e->who,
		       when);
	return text;
}

json_t *
session_configuration(struct chs *chs, struct session *s, const json_t *rq)
{
	const char *which = json_string_value(json_object_get(rq, "which"));
	const struct cfg_tree *tree = running_tree(chs->running);
	char note[HISTORY_TEXT_MAX];
	struct cfg_print_opts opts = {
	    .key = running_key(chs->running),
	    .note = last_change(chs, note, sizeof(note)),
	    .section = json_string_value(json_object_get(rq, "section"))};
	bool stream = json_is_true(json_object_get(rq, "stream"));
	struct text text = {.chs = stream ? chs : NULL,
			    .s = s,
			    .number = client_asked(chs),
			    .piece = PIECE_OCTETS};
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
	/* What was not told yet. */
	data = json_pack("{s:s#}", "text", text.at != NULL ? text.at : "",
			 (int)text.n);
	free(text.at);
	return client_ok(data);
}

void
session_transaction(const struct session *s, json_t *list)
{
	if (s->editor == NULL)
		return;
	(void)json_array_append_new(
	    list, json_pack("{s:s, s:s, s:s, s:i, s:I}", "user", s->who, "from",
			    s->from, "mode", cfg_editor_prompt(s->editor),
			    "edits", (int)cfg_editor_edits(s->editor), "since",
			    (json_int_t)(s->since_ns / CLOCK_SECOND_NS)));
}

void
session_user(const struct session *s, json_t *list)
{
	if (s->who[0] == '\0')
		return;
	(void)json_array_append_new(
	    list,
	    json_pack("{s:s, s:s, s:I, s:b}", "user", s->who, "from", s->from,
		      "since", (json_int_t)(s->login_ns / CLOCK_SECOND_NS),
		      "configuring", (int)(s->editor != NULL)));
}
