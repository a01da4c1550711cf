/*
 * Writes the page. Where an exec command comes from (reference, section 5) is
 * said here, by its first words: what is not listed is ours.
 */
#include "commands_page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "commands.h"

static const struct {
	const char *head;
	const char *source;
} sources[] = {
    {"show version", "documented"},
    {"show chassis", "documented"},
    {"show hardware", "documented"},
    {"show port", "documented"},
    {"show configuration", "documented"},
    {"show arp", "documented"},
    {"show circuit counters", "documented"},
    {"enable", "documented"},
    {"end", "documented"},
    {"commit", "documented"},
    {"terminal length", "documented"},
    {"terminal width", "documented"},
    {"terminal monitor", "name documented, arguments ours"},
    {"abort", "name documented, arguments ours"},
    {"configure", "name documented, arguments ours"},
    {"copy", "name documented, arguments ours"},
    {"delete", "name documented, arguments ours"},
    {"directory", "name documented, arguments ours"},
    {"disable", "name documented, arguments ours"},
    {"exit", "name documented, arguments ours"},
    {"help", "name documented, arguments ours"},
    {"pwd", "name documented, arguments ours"},
    {"save", "name documented, arguments ours"},
    {"traceroute", "name documented, arguments ours"},
    {"show access-group", "name documented, arguments ours"},
    {"show administrators", "name documented, arguments ours"},
    {"show alias", "name documented, arguments ours"},
    {"show asp", "ours, by analogy"},
    {"show packet-trace", "ours, by analogy"},
    {"clear packet-trace", "ours, by analogy"},
    {"show", "general knowledge of the product"},
    {"clear", "general knowledge of the product"},
    {"ping", "general knowledge of the product"},
    {"mkdir", "general knowledge of the product"},
    {"rename", "general knowledge of the product"},
    {"context", "documented"},
};

static const char *
source_of(const char *pattern)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		size_t n = strlen(sources[i].head);

		if (strncmp(pattern, sources[i].head, n) == 0 &&
		    (pattern[n] == 0 || pattern[n] == ' ' || pattern[n] == '-'))
			return sources[i].source;
	}
	return "ours, by analogy";
}

static int
row_compare(const void *a, const void *b)
{
	const struct cmd_row *const *x = a;
	const struct cmd_row *const *y = b;

	return strcmp((*x)->pattern, (*y)->pattern);
}

/* All rows of all tables, sorted; the caller's to free(). */
static const struct cmd_row **
rows_sorted(size_t *n)
{
	const struct cmd_row **rows;

	*n = 0;
	for (size_t t = 0; cmd_tables[t] != NULL; t++)
		for (size_t i = 0; cmd_tables[t][i].pattern != NULL; i++)
			++*n;
	rows = calloc(*n, sizeof(*rows));
	if (rows == NULL)
		return NULL;
	*n = 0;
	for (size_t t = 0; cmd_tables[t] != NULL; t++)
		for (size_t i = 0; cmd_tables[t][i].pattern != NULL; i++)
			rows[(*n)++] = &cmd_tables[t][i];
	qsort(rows, *n, sizeof(*rows), row_compare);
	return rows;
}

static void
put_row(FILE *file, const struct cmd_row *row)
{
	const char *modes = row->modes == CMD_EXEC     ? "exec"
			    : row->modes == CMD_CONFIG ? "configuration"
						       : "all";

	(void)fprintf(file, "| `");
	for (const char *c = row->pattern; *c != 0; c++)
		(void)fprintf(file, *c == '|' ? "\\|" : "%c", *c);
	(void)fprintf(file, "` | %s | %d | %s | %s |\n", modes, row->privilege,
		      row->help, source_of(row->pattern));
}

static int
standard_out(void *arg, const char *text, size_t octets)
{
	return fwrite(text, 1, octets, arg) == octets ? 0 : -EIO;
}

int
commands_page(FILE *file)
{
	const struct cmd_row **rows;
	size_t n;

	if (cfg_commands(standard_out, file) != 0)
		return -EIO;
	(void)fputs("# Exec commands\n\n"
		    "Made from the tables of `cli/`. Modes: exec, "
		    "configuration, or all. In configuration\nmodes `do "
		    "COMMAND` runs one of exec. The level can be changed by "
		    "`privilege exec`.\n\n"
		    "| command | mode | level | what it does | source |\n"
		    "|---|---|---|---|---|\n",
		    file);
	rows = rows_sorted(&n);
	for (size_t i = 0; rows != NULL && i < n; i++)
		put_row(file, rows[i]);
	free(rows);
	return rows == NULL || fflush(file) != 0 ? -EIO : 0;
}
