/* What syntax.c, syntax_follow.c and syntax_value.c share; nobody else. */
#ifndef SYNTAX_IMPL_H
#define SYNTAX_IMPL_H

#include "syntax.h"

#define SYNTAX_STATES_MAX 8

/* How well a word of the line fits an edge; the best reading wins. */
enum syntax_rank {
	SYNTAX_RANK_NONE,
	SYNTAX_RANK_PREFIX,
	SYNTAX_RANK_FREE,
	SYNTAX_RANK_TYPED,
	SYNTAX_RANK_EXACT,
};

struct syntax_edge {
	char *word;                   /* a keyword, or NULL: */
	const struct syntax_arg *arg; /* an argument, */
	unsigned index;               /* its place in the row's table */
	enum syntax_coding coding;
	const char *help;
	struct syntax_node *child;
};

/* A node of the tree of all patterns: it has one path from the root. */
struct syntax_node {
	struct syntax_node *parent;
	unsigned parent_edge, depth;
	struct syntax_edge *edges;
	unsigned n_edges;
	const struct syntax_row *accept; /* the row whose pattern ends here */
	enum syntax_form form;
};

struct syntax {
	struct syntax_node *root;
	const struct syntax_word *words;
};

struct syntax_span {
	size_t begin, end;
	bool quoted;
};

/* All the readings of the line so far. */
struct syntax_walk {
	const char *line;
	size_t len, at;
	const struct syntax_node *states[SYNTAX_STATES_MAX];
	unsigned n;
	struct syntax_span spans[SYNTAX_WORDS_MAX];
	unsigned n_spans;
	bool text; /* the last word was a text to the end of the line */
};

void syntax_walk_init(struct syntax_walk *w, const struct syntax *syn,
		      const char *line, size_t len);
bool syntax_span_next(const char *line, size_t len, size_t *at,
		      struct syntax_span *span);
/* Takes one word. 0, -EINVAL or -ENOTUNIQ with *err. */
int syntax_walk_step(struct syntax_walk *w, const struct syntax_span *span,
		     struct syntax_error *err);
/* What may stand here; of words those that begin with prefix ("": all). */
void syntax_walk_expected(const struct syntax_walk *w, const char *prefix,
			  char *text, size_t octets);

/* The i-th choice of an ENUM or CODE; false from the end on. */
bool syntax_choice_get(const struct syntax_arg *arg, unsigned i,
		       struct syntax_choice *choice);
/* Whether the word is a value of the argument; fills *value if so. */
bool syntax_value_parse(const struct syntax_arg *arg, enum syntax_coding coding,
			const char *text, size_t len,
			struct syntax_value *value);
/* Whether words stand for values of it: ENUM and CODE. */
bool syntax_type_has_words(const struct syntax_arg *arg);
bool syntax_type_is_free(const struct syntax_arg *arg,
			 enum syntax_coding coding);

/* syntax_addr.c */
bool syntax_mac_parse(const char *text, size_t len, uint64_t *value);
int syntax_mac_text(uint64_t v, char *text, size_t octets);

#endif
