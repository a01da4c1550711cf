/* The grammar for C++ tests. */
#include "grammar_shim.h"

#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "commands_page.h"
#include "grammar.h"

struct grammar *
grammar_shim_new(void)
{
	struct grammar *g = NULL;

	return grammar_new(&g) == 0 ? g : NULL;
}

void
grammar_shim_free(struct grammar *g)
{
	grammar_free(&g);
}

int
grammar_shim_match(const struct grammar *g, const char *mode, int privilege,
		   const char *line)
{
	struct syntax_match match;
	struct syntax_error err;
	int rc = syntax_match(grammar_of(g, mode, privilege), line,
			      strlen(line), &match, &err);

	if (rc != 0)
		return rc;
	return match.row->tag != NULL;
}

static int
table_complete(const struct cmd_row *row)
{
	for (; row->pattern != NULL; row++)
		if (row->run == NULL || row->help == NULL || row->modes == 0 ||
		    row->privilege > CMD_PRIVILEGE_MAX)
			return 0;
	return 1;
}

int
grammar_shim_rows_complete(void)
{
	for (size_t t = 0; cmd_tables[t] != NULL; t++)
		if (!table_complete(cmd_tables[t]))
			return false;
	return true;
}

const char *
grammar_shim_word_without_help(const struct grammar *g)
{
	static const char *const lines[] = {"",
					    "show ",
					    "show ip ",
					    "show ipsec ",
					    "show ip interface ",
					    "show configuration ",
					    "terminal ",
					    "commit ",
					    "save "};
	struct syntax_next next[128];
	struct syntax_error err;

	for (size_t l = 0; l < sizeof(lines) / sizeof(lines[0]); l++) {
		int n =
		    syntax_follow(grammar_of(g, l == 7 ? "config" : "", 15),
				  lines[l], strlen(lines[l]), next, 128, &err);

		for (int i = 0; i < n; i++)
			if (next[i].word != NULL &&
			    (next[i].help == NULL || next[i].help[0] == 0))
				return next[i].word;
	}
	return NULL;
}

char *
grammar_shim_page(void)
{
	char *text = NULL;
	size_t octets = 0;
	FILE *file = open_memstream(&text, &octets);

	if (file == NULL)
		return NULL;
	(void)commands_page(file);
	(void)fclose(file);
	return text;
}
