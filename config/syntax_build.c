/*
 * All patterns of a mode as one tree: each pattern is spelled out into its
 * plain forms, and forms share their beginnings. Called once for each mode when
 * a program starts; syntax.c walks what is made here.
 */
#include "syntax.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "syntax_impl.h"

#define PATTERN_MAX 1024

static struct syntax_node *
node_new(struct syntax_node *parent, unsigned edge)
{
	struct syntax_node *node = calloc(1, sizeof(*node));

	if (node == NULL)
		return NULL;
	node->parent = parent;
	node->parent_edge = edge;
	node->depth = parent == NULL ? 0 : parent->depth + 1;
	return node;
}

static void
node_free(struct syntax_node *node)
{
	if (node == NULL)
		return;
	for (unsigned i = 0; i < node->n_edges; i++) {
		free(node->edges[i].word);
		node_free(node->edges[i].child);
	}
	free(node->edges);
	free(node);
}

struct syntax *
syntax_new(const struct syntax_word *words)
{
	struct syntax *syn = calloc(1, sizeof(*syn));

	if (syn == NULL)
		return NULL;
	syn->words = words;
	syn->root = node_new(NULL, 0);
	if (syn->root == NULL)
		syntax_free(&syn);
	return syn;
}

void
syntax_free(struct syntax **syn)
{
	if (*syn == NULL)
		return;
	node_free((*syn)->root);
	free(*syn);
	*syn = NULL;
}

/* A new edge and the node behind it; word is the edge's from here on. */
static struct syntax_node *
edge_add(struct syntax_node *node, char *word)
{
	struct syntax_edge *edges;
	struct syntax_node *child = NULL;

	edges = realloc(node->edges, (node->n_edges + 1) * sizeof(*edges));
	if (edges != NULL) {
		node->edges = edges;
		child = node_new(node, node->n_edges);
	}
	if (child == NULL) {
		free(word);
		return NULL;
	}
	edges[node->n_edges++] =
	    (struct syntax_edge){.word = word, .help = "", .child = child};
	return child;
}

static struct syntax_node *
word_add(struct syntax *syn, struct syntax_node *node, const char *text,
	 size_t len)
{
	struct syntax_node *child;
	char *word;

	for (unsigned i = 0; i < node->n_edges; i++) {
		const char *have = node->edges[i].word;

		if (have != NULL && strlen(have) == len &&
		    memcmp(have, text, len) == 0)
			return node->edges[i].child;
	}
	word = strndup(text, len);
	if (word == NULL)
		return NULL;
	child = edge_add(node, word);
	if (child == NULL)
		return NULL;
	for (const struct syntax_word *w = syn->words;
	     w != NULL && w->word != NULL; w++) {
		if (strcmp(w->word, word) == 0)
			node->edges[node->n_edges - 1].help = w->help;
	}
	return child;
}

static enum syntax_coding
coding_of(const char *text, size_t len)
{
	static const char *const names[] = {
	    [SYNTAX_HEX] = "hex",
	    [SYNTAX_ASCII] = "ascii",
	    [SYNTAX_SEALED] = "sealed",
	};

	for (unsigned i = SYNTAX_HEX; i <= SYNTAX_SEALED; i++) {
		if (strlen(names[i]) == len && memcmp(names[i], text, len) == 0)
			return (enum syntax_coding)i;
	}
	return SYNTAX_PLAIN;
}

/* text: what stands between < and >. */
static int
arg_find(const struct syntax_row *row, const char *text, size_t len,
	 unsigned *index, enum syntax_coding *coding)
{
	const char *colon = memchr(text, ':', len);
	size_t name = colon == NULL ? len : (size_t)(colon - text);

	*coding =
	    colon == NULL ? SYNTAX_PLAIN : coding_of(colon + 1, len - name - 1);
	for (unsigned i = 0; i < row->n_args; i++) {
		if (strlen(row->args[i].name) == name &&
		    memcmp(row->args[i].name, text, name) == 0) {
			*index = i;
			return 0;
		}
	}
	return -EINVAL;
}

static struct syntax_node *
arg_add(struct syntax_node *node, const struct syntax_row *row, unsigned index,
	enum syntax_coding coding)
{
	const struct syntax_arg *arg = &row->args[index];
	struct syntax_node *child;
	struct syntax_edge *edge;

	for (unsigned i = 0; i < node->n_edges; i++) {
		if (node->edges[i].arg == arg &&
		    node->edges[i].coding == coding)
			return node->edges[i].child;
	}
	child = edge_add(node, NULL);
	if (child == NULL)
		return NULL;
	edge = &node->edges[node->n_edges - 1];
	edge->arg = arg;
	edge->index = index;
	edge->coding = coding;
	edge->help = arg->help;
	return child;
}

/* One plain form: words and arguments only. */
static int
form_add(struct syntax *syn, const struct syntax_row *row,
	 enum syntax_form form, const char *text)
{
	struct syntax_node *node = syn->root;
	enum syntax_coding coding;
	unsigned index;

	if (form != SYNTAX_SET)
		node = form == SYNTAX_NO ? word_add(syn, node, "no", 2)
					 : word_add(syn, node, "default", 7);
	while (node != NULL && *(text += strspn(text, " ")) != '\0') {
		size_t len = strcspn(text, " ");

		if (*text != '<') {
			node = word_add(syn, node, text, len);
		} else if (text[len - 1] != '>' ||
			   arg_find(row, text + 1, len - 2, &index, &coding) !=
			       0) {
			return -EINVAL;
		} else {
			node = arg_add(node, row, index, coding);
		}
		text += len;
	}
	if (node == NULL)
		return -ENOMEM;
	if (node->depth > SYNTAX_WORDS_MAX)
		return -EINVAL;
	if (node->accept == NULL) {
		node->accept = row;
		node->form = form;
	}
	return 0;
}

/* The bracket that closes the one at p; NULL without. */
static const char *
bracket_close(const char *p)
{
	unsigned depth = 0;

	for (; *p != '\0'; p++) {
		if (*p == '[' || *p == '{')
			depth++;
		else if ((*p == ']' || *p == '}') && --depth == 0)
			return p;
	}
	return NULL;
}

/* The end of the alternative that begins at p, before end. */
static const char *
alternative_end(const char *p, const char *end)
{
	unsigned depth = 0;

	for (; p < end; p++) {
		if (*p == '[' || *p == '{')
			depth++;
		else if (*p == ']' || *p == '}')
			depth--;
		else if (*p == '|' && depth == 0)
			break;
	}
	return p;
}

/* Spells out the first bracket, and with each of its readings the rest. */
static int
pattern_add(struct syntax *syn, const struct syntax_row *row,
	    enum syntax_form form, const char *pattern)
{
	const char *open = strpbrk(pattern, "[{"), *close, *p;
	char text[PATTERN_MAX];
	int rc = 0;

	if (open == NULL)
		return form_add(syn, row, form, pattern);
	close = bracket_close(open);
	if (close == NULL || strlen(pattern) >= sizeof(text))
		return -EINVAL;
	if (*open == '[') {
		(void)snprintf(text, sizeof(text), "%.*s%s",
			       (int)(open - pattern), pattern, close + 1);
		rc = pattern_add(syn, row, form, text);
	}
	for (p = open + 1; p <= close && rc == 0; p++) {
		const char *end = alternative_end(p, close);

		(void)snprintf(text, sizeof(text), "%.*s%.*s%s",
			       (int)(open - pattern), pattern, (int)(end - p),
			       p, close + 1);
		rc = pattern_add(syn, row, form, text);
		p = end;
	}
	return rc;
}

int
syntax_add(struct syntax *syn, const struct syntax_row *row,
	   enum syntax_form form, const char *pattern)
{
	assert(row->n_args <= SYNTAX_ARGS_MAX);
	return pattern_add(syn, row, form, pattern);
}
