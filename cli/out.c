/*
 * Lines through filters to a sink. Called by the handlers by way of the faces
 * in out_text.c and out_json.c. Never looks into what it prints, but for
 * control octets, which a terminal must not get to see.
 */
#include "out.h"

#include <errno.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILTERS_MAX 8
#define FILTER_TEXT_MAX 256

enum filter_kind {
	F_INCLUDE,
	F_EXCLUDE,
	F_BEGIN,
	F_GREP,
	F_COUNT,
	F_JOIN,
	F_SAVE
};

struct filter {
	enum filter_kind kind;
	char text[FILTER_TEXT_MAX];
	regex_t regex;
	bool invert;
	bool begun;
	unsigned long count;
	char *held; /* F_JOIN: the line that may go on; F_SAVE: all of it */
	size_t octets;
};

struct out {
	struct out_sink sink;
	struct filter filters[FILTERS_MAX];
	size_t n_filters;
	bool json;
	bool failed;
	bool stopped;
};

struct out *
out_new(const struct out_sink *sink)
{
	struct out *o = calloc(1, sizeof(*o));

	if (o != NULL)
		o->sink = *sink;
	return o;
}

static void
filter_fini(struct filter *f)
{
	if (f->kind == F_GREP)
		regfree(&f->regex);
	free(f->held);
}

void
out_free(struct out **out)
{
	struct out *o = *out;

	if (o == NULL)
		return;
	for (size_t i = 0; i < o->n_filters; i++)
		filter_fini(&o->filters[i]);
	free(o);
	*out = NULL;
}

/* The word at *text, which moves behind it. */
static size_t
next_word(const char **text, const char **word)
{
	size_t n;

	*text += strspn(*text, " \t");
	*word = *text;
	n = strcspn(*text, " \t");
	*text += n;
	return n;
}

/* Copies n octets of text without blanks and quotes around them. */
static void
unquote(char out[FILTER_TEXT_MAX], const char *text, size_t n)
{
	while (n > 0 && (*text == ' ' || *text == '\t')) {
		text++;
		n--;
	}
	while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
		n--;
	if (n >= 2 && *text == '"' && text[n - 1] == '"') {
		text++;
		n -= 2;
	}
	(void)snprintf(out, FILTER_TEXT_MAX, "%.*s", (int)n, text);
}

static int
grep_new(struct filter *f, char why[OUT_WHY_MAX])
{
	const char *rest = f->text;
	const char *word;
	char regex[FILTER_TEXT_MAX];
	int flags = REG_EXTENDED | REG_NOSUB;
	size_t n;
	int rc;

	while (n = strspn(rest, " "), rest += n, *rest == '-') {
		n = next_word(&rest, &word);
		if (n == 2 && word[1] == 'i') {
			flags |= REG_ICASE;
		} else if (n == 2 && word[1] == 'v') {
			f->invert = true;
		} else {
			(void)snprintf(why, OUT_WHY_MAX,
				       "grep has -i and -v only");
			return -EINVAL;
		}
	}
	unquote(regex, rest, strlen(rest));
	rc = regcomp(&f->regex, regex, flags);
	if (rc == 0)
		return 0;
	(void)snprintf(why, OUT_WHY_MAX, "grep: ");
	regerror(rc, &f->regex, why + strlen(why), OUT_WHY_MAX - strlen(why));
	return -EINVAL;
}

static const struct {
	const char *word;
	enum filter_kind kind;
	bool text; /* one must follow */
} filter_words[] = {
    {"begin", F_BEGIN, true},     {"count", F_COUNT, false},
    {"exclude", F_EXCLUDE, true}, {"grep", F_GREP, true},
    {"include", F_INCLUDE, true}, {"join-lines", F_JOIN, false},
    {"save", F_SAVE, true},
};
#define FILTER_WORDS (sizeof(filter_words) / sizeof(filter_words[0]))

/* One stage: n octets of text. */
static int
filter_add(struct out *o, const char *text, size_t n, char why[OUT_WHY_MAX])
{
	const char *rest = text;
	const char *word;
	size_t len = next_word(&rest, &word);
	struct filter *f = &o->filters[o->n_filters];

	if (word + len > text + n)
		len = 0;
	if (len == 4 && strncmp(word, "json", 4) == 0) {
		o->json = true;
		return 0;
	}
	if (o->n_filters == FILTERS_MAX) {
		(void)snprintf(why, OUT_WHY_MAX, "more than %d pipes",
			       FILTERS_MAX);
		return -EINVAL;
	}
	if (o->n_filters > 0 && o->filters[o->n_filters - 1].kind == F_SAVE) {
		(void)snprintf(why, OUT_WHY_MAX, "after save stands nothing");
		return -EINVAL;
	}
	for (size_t i = 0; len > 0 && i < FILTER_WORDS; i++) {
		if (strncmp(word, filter_words[i].word, len) != 0)
			continue;
		memset(f, 0, sizeof(*f));
		f->kind = filter_words[i].kind;
		unquote(f->text, rest, (size_t)(text + n - rest));
		if (filter_words[i].text && f->text[0] == 0) {
			(void)snprintf(why, OUT_WHY_MAX, "%s what?",
				       filter_words[i].word);
			return -EINVAL;
		}
		if (f->kind == F_GREP && grep_new(f, why) != 0)
			return -EINVAL;
		o->n_filters++;
		return 0;
	}
	(void)snprintf(why, OUT_WHY_MAX,
		       "after | stands begin, count, exclude, grep, include, "
		       "join-lines, json or save");
	return -EINVAL;
}

int
out_pipes(struct out *o, const char *pipes, char why[OUT_WHY_MAX])
{
	bool quoted = false;
	const char *start = pipes;

	for (const char *at = pipes;; at++) {
		if (*at == '"')
			quoted = !quoted;
		if (*at != 0 && (*at != '|' || quoted))
			continue;
		int rc = filter_add(o, start, (size_t)(at - start), why);

		if (rc != 0 || *at == 0)
			return rc;
		start = at + 1;
	}
}

bool
out_is_json(const struct out *o)
{
	return o->json;
}

bool
out_failed(const struct out *o)
{
	return o->failed;
}

void
out_fail(struct out *o)
{
	o->failed = true;
}

bool
out_stopped(const struct out *o)
{
	return o->stopped;
}

/* Text behind what is held; without memory it is not kept. */
static void
filter_keep(struct filter *f, const char *text, const char *end)
{
	size_t n = strlen(text) + strlen(end);
	char *more = realloc(f->held, f->octets + n + 1);

	if (more == NULL)
		return;
	(void)snprintf(more + f->octets, n + 1, "%s%s", text, end);
	f->held = more;
	f->octets += n;
}

void
out_resume(struct out *o)
{
	o->stopped = false;
}

/* Does the line go on behind this filter? */
static bool
filter_passes(struct filter *f, const char *text)
{
	switch (f->kind) {
	case F_INCLUDE:
		return strstr(text, f->text) != NULL;
	case F_EXCLUDE:
		return strstr(text, f->text) == NULL;
	case F_BEGIN:
		f->begun = f->begun || strstr(text, f->text) != NULL;
		return f->begun;
	case F_GREP:
		return (regexec(&f->regex, text, 0, NULL, 0) == 0) != f->invert;
	case F_COUNT:
		f->count++;
		return false;
	case F_SAVE:
		filter_keep(f, text, "\n");
		return false;
	case F_JOIN:
		break;
	}
	return true;
}

static void
sink_line(struct out *o, char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = text[i] == '\t' ? ' ' : '.';
	if (!o->stopped && o->sink.line(o->sink.arg, text, n) != 0)
		o->stopped = true;
}

/*
 * Lines that begin with a blank belong to the one before: an object of the
 * configuration and what is in it become one line, to be searched whole. True
 * when a line came to its end: it is in *line, the caller's to free.
 */
static bool
filter_join(struct filter *f, const char *text, char **line)
{
	bool more = f->held != NULL && (text[0] == ' ' || text[0] == '\t');

	*line = NULL;
	if (!more) {
		*line = f->held;
		f->held = NULL;
		f->octets = 0;
	}
	filter_keep(f, more ? " " : "",
		    text + (more ? strspn(text, " \t") : 0));
	return *line != NULL;
}

static void
filter_line(struct out *o, char *text, size_t first)
{
	char *joined = NULL;

	for (size_t i = first; i < o->n_filters; i++) {
		struct filter *f = &o->filters[i];
		char *line = NULL;

		if (f->kind == F_JOIN) {
			if (!filter_join(f, text, &line))
				goto out;
			free(joined);
			joined = line;
			text = line;
		} else if (!filter_passes(f, text)) {
			goto out;
		}
	}
	sink_line(o, text, strlen(text));
out:
	free(joined);
}

/* text: ours to write to. */
static void
split_lines(struct out *o, char *text)
{
	char *end;

	while ((end = strchr(text, '\n')) != NULL) {
		*end = 0;
		filter_line(o, text, 0);
		text = end + 1;
	}
	filter_line(o, text, 0);
}

void
out_line(struct out *o, const char *format, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vasprintf(&text, format, ap);
	va_end(ap);
	if (n < 0)
		return;
	split_lines(o, text);
	free(text);
}

void
out_text(struct out *o, const char *text)
{
	char *copy = strdup(text);
	size_t n;

	if (copy == NULL)
		return;
	n = strlen(copy);
	if (n > 0 && copy[n - 1] == '\n')
		copy[n - 1] = 0;
	if (n > 0)
		split_lines(o, copy);
	free(copy);
}

void
out_plain(struct out *o, const char *text)
{
	char *copy = strdup(text);

	if (copy != NULL && !o->json)
		sink_line(o, copy, strlen(copy));
	free(copy);
}

static void
sink_lines(struct out *o, char *text)
{
	char *rest = text;
	char *line;

	while ((line = strsep(&rest, "\n")) != NULL)
		sink_line(o, line, strlen(line));
}

void
out_error(struct out *o, const char *format, ...)
{
	char *text;
	va_list ap;
	int n;

	o->failed = true;
	va_start(ap, format);
	n = vasprintf(&text, format, ap);
	va_end(ap);
	if (n < 0)
		return;
	if (o->json) {
		json_t *error = json_pack("{s:{s:s}}", "error", "text", text);
		char *dump = json_dumps(error, JSON_INDENT(2));

		if (dump != NULL)
			sink_lines(o, dump);
		free(dump);
		json_decref(error);
	} else {
		char *line = NULL;

		if (asprintf(&line, "%% %s", text) >= 0)
			sink_line(o, line, strlen(line));
		free(line);
	}
	free(text);
}

const char *
out_saved(const struct out *o, const char **text)
{
	const struct filter *f =
	    o->n_filters == 0 ? NULL : &o->filters[o->n_filters - 1];

	if (f == NULL || f->kind != F_SAVE)
		return NULL;
	*text = f->held != NULL ? f->held : "";
	return f->text;
}

void
out_end(struct out *o)
{
	char line[64];

	for (size_t i = 0; i < o->n_filters; i++) {
		struct filter *f = &o->filters[i];

		if (f->kind == F_COUNT) {
			(void)snprintf(line, sizeof(line), "Count: %lu lines",
				       f->count);
			filter_line(o, line, i + 1);
		} else if (f->kind == F_JOIN && f->held != NULL) {
			filter_line(o, f->held, i + 1);
		}
	}
}
