/*
 * The text face: tables in the layouts of the SmartEdge. A column is as wide as
 * its row says; a longer value pushes the rest of its line, as on the real one,
 * rather than being cut.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"

#define CELL_MAX 256
#define LINE_MAX_OCTETS 2048

const char *
out_string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "-";
}

json_int_t
out_integer(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static const char *
cell_text(const struct out_column *c, const json_t *row, char buf[CELL_MAX])
{
	const json_t *v = json_object_get(row, c->key);

	if (c->text != NULL)
		return c->text(row, buf, CELL_MAX);
	if (json_is_integer(v)) {
		(void)snprintf(buf, CELL_MAX, "%" JSON_INTEGER_FORMAT,
			       json_integer_value(v));
		return buf;
	}
	if (json_is_boolean(v))
		return json_is_true(v) ? "yes" : "no";
	return out_string(row, c->key);
}

static void
cell_add(char line[LINE_MAX_OCTETS], const struct out_column *c,
	 const char *text, bool last)
{
	size_t n = strlen(line);
	bool right = c->width < 0;

	if (last && !right)
		(void)snprintf(line + n, LINE_MAX_OCTETS - n, "%s", text);
	else if (right)
		(void)snprintf(line + n, LINE_MAX_OCTETS - n, "%*s%s",
			       -c->width, text, last ? "" : "  ");
	else
		(void)snprintf(line + n, LINE_MAX_OCTETS - n, "%-*s ", c->width,
			       text);
}

static void
table_line(struct out *o, char line[LINE_MAX_OCTETS])
{
	size_t n = strlen(line);

	while (n > 0 && line[n - 1] == ' ')
		line[--n] = 0;
	out_line(o, "%s", line);
}

static void
table_head(struct out *o, const struct out_column *columns, size_t n)
{
	char line[LINE_MAX_OCTETS] = "";

	for (size_t c = 0; c < n; c++)
		cell_add(line, &columns[c], columns[c].head, c == n - 1);
	table_line(o, line);
}

static void
table_rows(struct out *o, const struct out_column *columns, size_t n,
	   const json_t *rows)
{
	char line[LINE_MAX_OCTETS];
	char buf[CELL_MAX];
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		line[0] = 0;
		for (size_t c = 0; c < n; c++)
			cell_add(line, &columns[c],
				 cell_text(&columns[c], row, buf), c == n - 1);
		table_line(o, line);
		if (out_stopped(o))
			return;
	}
}

void
out_table(struct out *o, const struct out_column *columns, size_t n,
	  const json_t *rows)
{
	table_head(o, columns, n);
	table_rows(o, columns, n, rows);
}

void
out_table_ruled(struct out *o, const struct out_column *columns, size_t n,
		const json_t *rows)
{
	table_head(o, columns, n);
	out_line(
	    o, "%s",
	    "------------------------------------------------------------------"
	    "------------");
	table_rows(o, columns, n, rows);
}
