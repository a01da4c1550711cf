/*
 * Builds the syntaxes of all modes from two tables: cmd.h's and config's.
 * Called once by terminal.c. Does not run anything and knows no command by
 * name.
 */
#include "grammar.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

static_assert(CMD_ARGS <= SYNTAX_ARGS_MAX,
	      "a line has room for every argument of exec commands");

const struct cmd_row *const cmd_tables[] = {cmd_commit_rows,  cmd_debug_rows,
					    cmd_exec_rows,    cmd_asp_rows,
					    cmd_feature_rows, cmd_file_rows,
					    cmd_trace_rows,   cmd_show_rows,
					    cmd_monitor_rows, NULL};

struct grammar {
	struct syntax *exec[2]; /* below CMD_PRIVILEGED, and from there on */
	struct syntax *modes[CFG_KINDS];
	struct syntax_word *words;
	struct syntax_row *rows;
	size_t n_rows;
};

static size_t
words_count(const struct syntax_word *words)
{
	size_t n = 0;

	while (words[n].word != NULL)
		n++;
	return n;
}

static size_t
table_count(const struct cmd_row *table)
{
	size_t n = 0;

	while (table[n].pattern != NULL)
		n++;
	return n;
}

/* One list of helps out of two; ours first, so that ours wins. */
static int
words_new(struct grammar *g)
{
	size_t ours = words_count(cmd_words);
	size_t theirs = words_count(cfg_words());

	g->words = calloc(ours + theirs + 1, sizeof(*g->words));
	if (g->words == NULL)
		return -ENOMEM;
	memcpy(g->words, cmd_words, ours * sizeof(*g->words));
	memcpy(g->words + ours, cfg_words(), theirs * sizeof(*g->words));
	return 0;
}

/* A row of an exec table into the syntaxes of the modes it stands in. */
static int
add_command(struct grammar *g, const struct cmd_row *cmd)
{
	struct syntax_row *row = &g->rows[g->n_rows++];
	int rc = 0;

	*row = (struct syntax_row){.pattern = cmd->pattern,
				   .args = cmd_args,
				   .n_args = CMD_ARGS,
				   .tag = cmd};
	if ((cmd->modes & CMD_EXEC) != 0)
		rc = syntax_add(g->exec[1], row, SYNTAX_SET, row->pattern);
	if (rc == 0 && (cmd->modes & CMD_EXEC) != 0 &&
	    cmd->privilege < CMD_PRIVILEGED)
		rc = syntax_add(g->exec[0], row, SYNTAX_SET, row->pattern);
	for (unsigned k = 0; k < CFG_KINDS && rc == 0; k++)
		if ((cmd->modes & CMD_CONFIG) != 0 && g->modes[k] != NULL)
			rc = syntax_add(g->modes[k], row, SYNTAX_SET,
					row->pattern);
	return rc;
}

static int
add_table(struct grammar *g, const struct cmd_row *table)
{
	int rc = 0;

	for (; table->pattern != NULL && rc == 0; table++)
		rc = add_command(g, table);
	return rc;
}

static int
add_config(struct grammar *g, const struct cfg_row *cfg)
{
	static const enum syntax_form forms[] = {SYNTAX_NO, SYNTAX_DEFAULT};
	struct syntax_row *row = &g->rows[g->n_rows++];
	enum cfg_kind kind = cfg->makes != CFG_ROOT ? cfg->makes : cfg->mode;
	const struct cfg_kind_def *def = cfg_kind_get(kind);
	struct syntax *syn = g->modes[cfg->mode];
	int rc;

	*row = (struct syntax_row){.pattern = cfg->pattern,
				   .args = def->fields,
				   .n_args = def->n_fields};
	if (syn == NULL)
		return -EINVAL;
	rc = syntax_add(syn, row, SYNTAX_SET, cfg->pattern);
	for (unsigned i = 0; i < 2 && rc == 0; i++) {
		/* What makes an object has no default (config/parse.h). */
		if (forms[i] == SYNTAX_DEFAULT && cfg->makes != CFG_ROOT)
			break;
		if (cfg->no != NULL)
			rc = syntax_add(syn, row, forms[i], cfg->no);
		if (rc == 0 && cfg_row_negates(cfg))
			rc = syntax_add(syn, row, forms[i], cfg->pattern);
	}
	return rc;
}

static int
syntaxes_new(struct grammar *g)
{
	g->exec[0] = syntax_new(g->words);
	g->exec[1] = syntax_new(g->words);
	if (g->exec[0] == NULL || g->exec[1] == NULL)
		return -ENOMEM;
	for (unsigned k = 0; k < CFG_KINDS; k++) {
		if (k != CFG_ROOT && cfg_kind_get(k)->prompt == NULL)
			continue;
		g->modes[k] = syntax_new(g->words);
		if (g->modes[k] == NULL)
			return -ENOMEM;
	}
	return 0;
}

static int
rows_new(struct grammar *g)
{
	unsigned n_config = 0;
	size_t n = 0;
	int rc = 0;

	while (cfg_row_get(n_config) != NULL)
		n_config++;
	for (size_t t = 0; cmd_tables[t] != NULL; t++)
		n += table_count(cmd_tables[t]);
	g->rows = calloc(n + n_config, sizeof(*g->rows));
	if (g->rows == NULL)
		return -ENOMEM;
	for (size_t t = 0; cmd_tables[t] != NULL && rc == 0; t++)
		rc = add_table(g, cmd_tables[t]);
	for (unsigned i = 0; i < n_config && rc == 0; i++)
		rc = add_config(g, cfg_row_get(i));
	return rc;
}

int
grammar_new(struct grammar **grammar)
{
	struct grammar *g = calloc(1, sizeof(*g));
	int rc;

	if (g == NULL)
		return -ENOMEM;
	rc = words_new(g);
	if (rc == 0)
		rc = syntaxes_new(g);
	if (rc == 0)
		rc = rows_new(g);
	if (rc != 0) {
		grammar_free(&g);
		return rc;
	}
	*grammar = g;
	return 0;
}

void
grammar_free(struct grammar **grammar)
{
	struct grammar *g = *grammar;

	if (g == NULL)
		return;
	for (unsigned k = 0; k < CFG_KINDS; k++)
		syntax_free(&g->modes[k]);
	syntax_free(&g->exec[0]);
	syntax_free(&g->exec[1]);
	free(g->rows);
	free(g->words);
	free(g);
	*grammar = NULL;
}

const struct syntax *
grammar_of(const struct grammar *g, const char *prompt, int privilege)
{
	if (prompt[0] == 0)
		return g->exec[privilege >= CMD_PRIVILEGED ? 1 : 0];
	for (unsigned k = 0; k < CFG_KINDS; k++) {
		const char *word = cfg_kind_get(k)->prompt;

		if (g->modes[k] != NULL && word != NULL &&
		    strcmp(word, prompt) == 0)
			return g->modes[k];
	}
	return g->modes[CFG_ROOT];
}
