/*
 * What a command prints: one face for each form. A handler fetches JSON first
 * and prints from it, so text and JSON cannot disagree; what stands behind a
 * pipe ("| include text") is done here, line by line.
 */
#ifndef OUT_H
#define OUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define OUT_WHY_MAX 160

/*
 * Where finished lines go: n octets, no line end. Non-zero: nobody wants more
 * (the pager's q); the rest of the output is dropped then.
 */
struct out_sink {
	int (*line)(void *arg, const char *text, size_t n);
	void *arg;
};

struct out;

/* sink: copied. NULL without memory. The caller owns it until out_free(). */
struct out *out_new(const struct out_sink *sink);
/* Accepts NULL, leaves NULL. */
void out_free(struct out **out);

/*
 * What stands behind the first "|": "include TEXT", "exclude TEXT", "begin
 * TEXT", "grep [-i] [-v] REGEX", "count", "join-lines", "json", chained with
 * "|", and at their end "save FILE". -EINVAL and a sentence in why.
 */
int out_pipes(struct out *o, const char *pipes, char why[OUT_WHY_MAX]);

/* Does the user want JSON? */
bool out_is_json(const struct out *o);

/* One line of text; a newline inside begins another. */
void out_line(struct out *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A text of many lines, as it is. */
void out_text(struct out *o, const char *text);

/* "% ..." (or {"error":...}): passes no filter, and the command has failed. */
void out_error(struct out *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A line that passes no filter: the caret under an error. */
void out_plain(struct out *o, const char *text);
bool out_failed(const struct out *o);
/* The command has failed, and the error was printed. */
void out_fail(struct out *o);

/* Nobody reads any more: a handler may stop. */
bool out_stopped(const struct out *o);
/* It was, and there is a last word. */
void out_resume(struct out *o);

/* The end: what filters still hold (a count) is printed. */
void out_end(struct out *o);

/*
 * After out_end(): the name of the file that the output is to be saved to, and
 * the output; NULL without "save". Borrowed until out_free().
 */
const char *out_saved(const struct out *o, const char **text);

/* out_json.c: the whole answer as JSON, keys in the order they came. */
void out_json(struct out *o, const json_t *data);

/* out_text.c: a column of a table, one per key of the rows. */
struct out_column {
	const char *head;
	const char *key;
	int width; /* at least; negative: to the right */
	const char *(*text)(const json_t *row, char *buf, size_t octets);
};

/* Heads and rows (an array of objects). */
void out_table(struct out *o, const struct out_column *columns, size_t n,
	       const json_t *rows);
/* The same with a line of dashes between them. */
void out_table_ruled(struct out *o, const struct out_column *columns, size_t n,
		     const json_t *rows);

/* Values of an object as text, "-" or 0 when missing. */
const char *out_string(const json_t *object, const char *key);
json_int_t out_integer(const json_t *object, const char *key);

#endif
