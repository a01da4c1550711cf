/*
 * A pattern and values back to the line an operator would type. An optional
 * part is written when a value in it is set, of alternatives the first whose
 * values can be written; a part without any argument is written where it stands
 * by itself only.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "syntax.h"

struct writer {
	const struct syntax_arg *args;
	unsigned n_args;
	syntax_text_fn *value;
	void *arg;
	char *out;
	size_t octets, len;
};

static const char *
close_of(const char *p)
{
	unsigned depth = 0;

	for (;; p++) {
		if (*p == '[' || *p == '{')
			depth++;
		else if ((*p == ']' || *p == '}') && --depth == 0)
			return p;
	}
}

static const char *
end_of(const char *p, const char *end)
{
	unsigned depth = 0;

	for (; p < end && (*p != '|' || depth > 0); p++) {
		if (*p == '[' || *p == '{')
			depth++;
		else if (*p == ']' || *p == '}')
			depth--;
	}
	return p;
}

/* The argument named between < and >, and its coding. */
static unsigned
arg_of(const struct writer *w, const char *p, enum syntax_coding *coding)
{
	size_t len = strcspn(p, ":>");

	*coding = p[len] != ':'       ? SYNTAX_PLAIN
		  : p[len + 1] == 'h' ? SYNTAX_HEX
		  : p[len + 1] == 'a' ? SYNTAX_ASCII
				      : SYNTAX_SEALED;
	for (unsigned i = 0; i < w->n_args; i++) {
		if (syntax_arg_is(&w->args[i], p, len))
			return i;
	}
	return 0;
}

/* Whether any argument between p and end can be written. */
static bool
part_is_set(const struct writer *w, const char *p, const char *end)
{
	enum syntax_coding coding;

	for (; p < end; p++) {
		unsigned i;

		if (*p != '<')
			continue;
		i = arg_of(w, p + 1, &coding);
		if (w->value(w->arg, i, coding, NULL, 0) > 0)
			return true;
	}
	return false;
}

static int
put(struct writer *w, const char *text, size_t len)
{
	if (w->len + len + 2 > w->octets)
		return -ENOSPC;
	if (w->len > 0)
		w->out[w->len++] = ' ';
	memcpy(w->out + w->len, text, len);
	w->len += len;
	w->out[w->len] = '\0';
	return 0;
}

static int
put_arg(struct writer *w, const char *p)
{
	enum syntax_coding coding;
	unsigned i = arg_of(w, p, &coding);
	char text[1024];
	int n = w->value(w->arg, i, coding, text, sizeof(text));

	if (n <= 0)
		return n;
	return put(w, text, (size_t)n);
}

static int part_write(struct writer *w, const char *p, const char *end);

/* Of alternatives between brackets, p .. close, the first that is set. */
static int
group_write(struct writer *w, const char *p, const char *close)
{
	const char *end = end_of(p, close);

	while (end < close && !part_is_set(w, p, end)) {
		p = end + 1;
		end = end_of(p, close);
	}
	return part_is_set(w, p, end) ? part_write(w, p, end) : 0;
}

static int
part_write(struct writer *w, const char *p, const char *end)
{
	int rc = 0;

	while (rc == 0 && p < end) {
		if (*p == ' ') {
			p++;
		} else if (*p == '<') {
			rc = put_arg(w, p + 1);
			p += strcspn(p, ">") + 1;
		} else if (*p == '[' || *p == '{') {
			const char *close = close_of(p);

			rc = group_write(w, p + 1, close);
			p = close + 1;
		} else {
			size_t len = strcspn(p, " <[{");

			if (len > (size_t)(end - p))
				len = (size_t)(end - p);
			rc = put(w, p, len);
			p += len;
		}
	}
	return rc;
}

int
syntax_write(const char *pattern, const struct syntax_arg *args,
	     unsigned n_args, syntax_text_fn *value, void *arg, char *out,
	     size_t octets)
{
	struct writer w = {args, n_args, value, arg, out, octets, 0};
	int rc;

	out[0] = '\0';
	rc = part_write(&w, pattern, pattern + strlen(pattern));
	return rc < 0 ? rc : (int)w.len;
}
