/*
 * Matching: a line is walked down the tree of patterns by all readings at once,
 * word by word, so that a pattern may begin as another does. Called for
 * configuration lines and for exec commands; knows nothing of what they mean.
 */
#include "syntax.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "syntax_impl.h"

void
syntax_walk_init(struct syntax_walk *w, const struct syntax *syn,
		 const char *line, size_t len)
{
	w->line = line;
	w->len = len;
	w->at = 0;
	w->states[0] = syn->root;
	w->n = 1;
	w->n_spans = 0;
	w->text = false;
}

/* A reading of one word at one place, and the whole word it stands for. */
struct reading {
	enum syntax_rank rank;
	const char *word;
	bool several;
};

static enum syntax_rank
word_rank(const char *word, const char *text, size_t len)
{
	if (strncmp(word, text, len) != 0)
		return SYNTAX_RANK_NONE;
	return word[len] == '\0' ? SYNTAX_RANK_EXACT : SYNTAX_RANK_PREFIX;
}

/* A better reading replaces; an equal abbreviation of another word blurs. */
static void
reading_merge(struct reading *best, enum syntax_rank rank, const char *word)
{
	if (rank == SYNTAX_RANK_NONE || rank < best->rank)
		return;
	if (rank > best->rank) {
		best->several = false;
		best->word = word;
	} else if (best->word != word && strcmp(best->word, word) != 0) {
		best->several = true;
	}
	best->rank = rank;
}

static void
reading_of(const struct syntax_edge *edge, const char *text,
	   const struct syntax_span *span, struct reading *r)
{
	size_t len = span->end - span->begin;
	const char *word = text + span->begin;
	struct syntax_choice choice;
	struct syntax_value value;

	*r = (struct reading){.rank = SYNTAX_RANK_NONE, .word = ""};
	if (edge->word != NULL) {
		if (!span->quoted)
			reading_merge(r, word_rank(edge->word, word, len),
				      edge->word);
	} else if (syntax_type_has_words(edge->arg)) {
		for (unsigned i = 0;
		     !span->quoted && syntax_choice_get(edge->arg, i, &choice);
		     i++)
			reading_merge(r, word_rank(choice.word, word, len),
				      choice.word);
		if (r->rank == SYNTAX_RANK_NONE && !span->quoted &&
		    edge->arg->type == SYNTAX_CODE &&
		    syntax_value_parse(edge->arg, edge->coding, word, len,
				       &value))
			r->rank = SYNTAX_RANK_TYPED;
	} else if (edge->arg->type == SYNTAX_TEXT) {
		r->rank = SYNTAX_RANK_FREE;
	} else if (syntax_value_parse(edge->arg, edge->coding, word, len,
				      &value)) {
		if (syntax_type_is_free(edge->arg, edge->coding))
			r->rank = SYNTAX_RANK_FREE;
		else if (!span->quoted)
			r->rank = SYNTAX_RANK_TYPED;
	}
}

/* The best reading over all edges of all states. */
static void
walk_best(const struct syntax_walk *w, const struct syntax_span *span,
	  struct reading *best)
{
	struct reading r;

	*best = (struct reading){.rank = SYNTAX_RANK_NONE, .word = ""};
	for (unsigned s = 0; s < w->n; s++) {
		for (unsigned i = 0; i < w->states[s]->n_edges; i++) {
			reading_of(&w->states[s]->edges[i], w->line, span, &r);
			reading_merge(best, r.rank, r.word);
			best->several |= r.rank == best->rank && r.several;
		}
	}
}

/* Whether the word may be shown: not where a secret may stand. */
static bool
walk_is_secret(const struct syntax_walk *w)
{
	for (unsigned s = 0; s < w->n; s++) {
		for (unsigned i = 0; i < w->states[s]->n_edges; i++) {
			const struct syntax_arg *arg =
			    w->states[s]->edges[i].arg;

			if (arg != NULL && arg->type == SYNTAX_SECRET)
				return true;
		}
	}
	return false;
}

static bool
walk_has_arg(const struct syntax_walk *w)
{
	for (unsigned s = 0; s < w->n; s++) {
		for (unsigned i = 0; i < w->states[s]->n_edges; i++) {
			const struct syntax_arg *arg =
			    w->states[s]->edges[i].arg;

			if (arg != NULL && arg->type != SYNTAX_ENUM)
				return true;
		}
	}
	return false;
}

static int
walk_refuse(const struct syntax_walk *w, const struct syntax_span *span,
	    bool several, struct syntax_error *err)
{
	size_t len = span->end - span->begin;

	*err = (struct syntax_error){
	    .fault = several ? SYNTAX_AMBIGUOUS : SYNTAX_INVALID,
	    .column = span->begin - (span->quoted ? 1 : 0),
	};
	if (len > 40)
		len = 40;
	if (walk_is_secret(w))
		(void)snprintf(err->wrong, sizeof(err->wrong),
			       "this secret does not fit");
	else {
		(void)snprintf(err->word, sizeof(err->word), "%.*s", (int)len,
			       w->line + span->begin);
		(void)snprintf(err->wrong, sizeof(err->wrong),
			       several           ? "ambiguous word \"%s\""
			       : walk_has_arg(w) ? "\"%s\" does not fit here"
						 : "unknown word \"%s\"",
			       err->word);
	}
	syntax_walk_expected(w, several ? err->word : "", err->right,
			     sizeof(err->right));
	return several ? -ENOTUNIQ : -EINVAL;
}

int
syntax_walk_step(struct syntax_walk *w, const struct syntax_span *span,
		 struct syntax_error *err)
{
	const struct syntax_node *next[SYNTAX_STATES_MAX];
	struct reading best, r;
	unsigned n = 0;

	walk_best(w, span, &best);
	if (best.rank == SYNTAX_RANK_NONE || w->n_spans == SYNTAX_WORDS_MAX)
		return walk_refuse(w, span, false, err);
	if (best.rank == SYNTAX_RANK_PREFIX && best.several)
		return walk_refuse(w, span, true, err);
	for (unsigned s = 0; s < w->n; s++) {
		for (unsigned i = 0; i < w->states[s]->n_edges; i++) {
			const struct syntax_edge *edge =
			    &w->states[s]->edges[i];

			reading_of(edge, w->line, span, &r);
			if (r.rank != best.rank || n == SYNTAX_STATES_MAX)
				continue;
			next[n++] = edge->child;
			w->text |=
			    edge->arg != NULL && edge->arg->type == SYNTAX_TEXT;
		}
	}
	w->spans[w->n_spans++] = *span;
	for (unsigned i = 0; i < n; i++)
		w->states[i] = next[i];
	w->n = n;
	return 0;
}

/* A text reaches to the last octet of the line that is no blank. */
static int
text_check(struct syntax_walk *w, const struct syntax_arg *arg,
	   struct syntax_error *err)
{
	struct syntax_span *span = &w->spans[w->n_spans - 1];

	span->begin -= span->quoted ? 1 : 0;
	span->quoted = false;
	span->end = w->len;
	while (span->end > span->begin &&
	       strchr(" \t\r", w->line[span->end - 1]) != NULL)
		span->end--;
	if (span->end - span->begin <= arg->max)
		return 0;
	*err = (struct syntax_error){.fault = SYNTAX_INVALID,
				     .column = span->begin};
	(void)snprintf(err->wrong, sizeof(err->wrong), "a text of %zu octets",
		       span->end - span->begin);
	(void)snprintf(err->right, sizeof(err->right), "expected at most %u",
		       arg->max);
	return -EINVAL;
}

/* Decodes the words of the path to an accepting node. */
static int
match_fill(struct syntax_walk *w, const struct syntax_node *node,
	   struct syntax_match *match, struct syntax_error *err)
{
	const struct syntax_node *n;
	struct syntax_match m = {.row = node->accept, .form = node->form};
	int rc = 0;

	for (n = node; n->parent != NULL && rc == 0; n = n->parent) {
		const struct syntax_edge *edge =
		    &n->parent->edges[n->parent_edge];
		struct syntax_value *v = &m.values[edge->index];
		const struct syntax_span *span = &w->spans[n->depth - 1];

		if (edge->arg == NULL)
			continue;
		if (edge->arg->type == SYNTAX_TEXT)
			rc = text_check(w, edge->arg, err);
		(void)syntax_value_parse(edge->arg, edge->coding,
					 w->line + span->begin,
					 span->end - span->begin, v);
		v->set = true;
		v->coding = edge->coding;
		v->text = w->line + span->begin;
		v->len = span->end - span->begin;
		v->column = span->begin - (span->quoted ? 1 : 0);
	}
	if (rc == 0)
		*match = m;
	return rc;
}

int
syntax_match(const struct syntax *syn, const char *line, size_t len,
	     struct syntax_match *match, struct syntax_error *err)
{
	struct syntax_walk w;
	struct syntax_span span;
	int rc = 0;

	syntax_walk_init(&w, syn, line, len);
	while (rc == 0 && !w.text && syntax_span_next(line, len, &w.at, &span))
		rc = syntax_walk_step(&w, &span, err);
	if (rc != 0)
		return rc;
	for (unsigned s = 0; s < w.n; s++) {
		if (w.states[s]->accept != NULL)
			return match_fill(&w, w.states[s], match, err);
	}
	*err = (struct syntax_error){.fault = SYNTAX_INCOMPLETE, .column = len};
	while (err->column > 0 &&
	       strchr(" \t\r", line[err->column - 1]) != NULL)
		err->column--;
	(void)snprintf(err->wrong, sizeof(err->wrong),
		       "the line ends too early");
	syntax_walk_expected(&w, "", err->right, sizeof(err->right));
	return -ENODATA;
}
