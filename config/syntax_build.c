/*
 * All patterns of a mode as one tree, whose branches share their beginnings. A
 * pattern is added from left to right behind all the nodes that its beginning
 * leads to. Called once for each mode when
 * a program starts; syntax.c walks what is made here.
 */
#include "syntax.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "syntax_impl.h"

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

/* The nodes that the beginnings of a pattern lead to. */
struct front {
	struct syntax_node **at;
	size_t n, room;
};

/* What a pattern is added for. */
struct build {
	struct syntax *syn;
	const struct syntax_row *row;
};

static int
front_put(struct front *f, struct syntax_node *node)
{
	if (node == NULL)
		return -ENOMEM;
	if (node->depth > SYNTAX_WORDS_MAX)
		return -EINVAL;
	if (f->n == f->room) {
		size_t room = f->room == 0 ? 16 : 2 * f->room;
		struct syntax_node **at = realloc(f->at, room * sizeof(*at));

		if (at == NULL)
			return -ENOMEM;
		f->at = at;
		f->room = room;
	}
	f->at[f->n++] = node;
	return 0;
}

static int
front_join(struct front *f, const struct front *more)
{
	int rc = 0;

	for (size_t i = 0; i < more->n && rc == 0; i++)
		rc = front_put(f, more->at[i]);
	return rc;
}

/* One word or argument behind every node of the front. */
static int
token_add(const struct build *b, const char *text, size_t len, struct front *f)
{
	enum syntax_coding coding = SYNTAX_PLAIN;
	unsigned index = 0;
	int rc = 0;

	if (*text == '<' &&
	    (text[len - 1] != '>' ||
	     arg_find(b->row, text + 1, len - 2, &index, &coding) != 0))
		return -EINVAL;
	for (size_t i = 0; i < f->n && rc == 0; i++) {
		f->at[i] = *text == '<'
			       ? arg_add(f->at[i], b->row, index, coding)
			       : word_add(b->syn, f->at[i], text, len);
		if (f->at[i] == NULL)
			rc = -ENOMEM;
		else if (f->at[i]->depth > SYNTAX_WORDS_MAX)
			rc = -EINVAL;
	}
	return rc;
}

static int part_add(const struct build *b, const char *p, const char *end,
		    struct front *f);

/* Each of the alternatives p .. close behind f; what they lead to, to out. */
static int
group_add(const struct build *b, const char *p, const char *close,
	  const struct front *f, struct front *out)
{
	int rc = 0;

	for (; p <= close && rc == 0; p++) {
		const char *end = alternative_end(p, close);
		struct front one = {0};

		rc = front_join(&one, f);
		if (rc == 0)
			rc = part_add(b, p, end, &one);
		if (rc == 0)
			rc = front_join(out, &one);
		free(one.at);
		p = end;
	}
	return rc;
}

/* A part of a pattern behind every node of the front, which moves on. */
static int
part_add(const struct build *b, const char *p, const char *end, struct front *f)
{
	int rc = 0;

	while (rc == 0 && p < end) {
		if (*p == ' ') {
			p++;
		} else if (*p == '[' || *p == '{') {
			const char *close = bracket_close(p);
			struct front out = {0};

			if (close == NULL)
				return -EINVAL;
			if (*p == '[')
				rc = front_join(&out, f);
			if (rc == 0)
				rc = group_add(b, p + 1, close, f, &out);
			free(f->at);
			*f = out;
			p = close + 1;
		} else {
			size_t len = *p == '<' ? strcspn(p, ">") + 1
					       : strcspn(p, " <>[]{}|");

			if (len == 0 || len > (size_t)(end - p))
				return -EINVAL;
			rc = token_add(b, p, len, f);
			p += len;
		}
	}
	return rc;
}

int
syntax_add(struct syntax *syn, const struct syntax_row *row,
	   enum syntax_form form, const char *pattern)
{
	const struct build b = {syn, row};
	struct front f = {0};
	int rc = front_put(&f, syn->root);

	assert(row->n_args <= SYNTAX_ARGS_MAX);
	if (rc == 0 && form != SYNTAX_SET)
		rc = token_add(&b, form == SYNTAX_NO ? "no" : "default",
			       form == SYNTAX_NO ? 2 : 7, &f);
	if (rc == 0)
		rc = part_add(&b, pattern, pattern + strlen(pattern), &f);
	for (size_t i = 0; i < f.n && rc == 0; i++) {
		if (f.at[i]->accept != NULL)
			continue;
		f.at[i]->accept = row;
		f.at[i]->form = form;
	}
	free(f.at);
	return rc;
}
