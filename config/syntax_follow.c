/*
 * Help and completion: what may follow the words of a line, as words of
 * patterns, choices of arguments, placeholders for values, and the end. Also
 * the sentence of what was expected where a line went wrong.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "syntax_impl.h"

#define EXPECTED_MAX 14

bool
syntax_span_next(const char *line, size_t len, size_t *at,
		 struct syntax_span *span)
{
	size_t i = *at, end;

	while (i < len && strchr(" \t\r", line[i]) != NULL && line[i] != '\0')
		i++;
	if (i == len)
		return false;
	*span = (struct syntax_span){.begin = i};
	if (line[i] == '"') {
		const char *close = memchr(line + i + 1, '"', len - i - 1);

		end = close == NULL ? len : (size_t)(close - line) + 1;
		if (close != NULL && (end == len || line[end] == ' ' ||
				      line[end] == '\t' || line[end] == '\r')) {
			*span = (struct syntax_span){i + 1, end - 1, true};
			*at = end;
			return true;
		}
	}
	while (i < len && line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
		i++;
	span->end = *at = i;
	return true;
}

bool
syntax_token(const char *line, size_t len, size_t *at, size_t *begin,
	     size_t *end)
{
	struct syntax_span span;

	if (!syntax_span_next(line, len, at, &span))
		return false;
	*begin = span.begin;
	*end = span.end;
	return true;
}

bool
syntax_is_blank(const char *line, size_t len)
{
	struct syntax_span span;
	size_t at = 0;

	return !syntax_span_next(line, len, &at, &span) ||
	       (!span.quoted && line[span.begin] == '!');
}

/* Octets of the UTF-8 character at p; 0: not UTF-8 (RFC 3629 section 4). */
static size_t
utf8_octets(const uint8_t *p, size_t len)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = p[0] < 0x80   ? 1
		   : p[0] < 0xc2 ? 0
		   : p[0] < 0xe0 ? 2
		   : p[0] < 0xf0 ? 3
		   : p[0] < 0xf5 ? 4
				 : 0;
	uint32_t c;

	if (n <= 1)
		return n;
	if (n > len)
		return 0;
	c = p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	return n;
}

const char *
syntax_forbidden(const char *line, size_t len, size_t *column,
		 char name[static 48])
{
	const uint8_t *p = (const uint8_t *)line;

	for (size_t i = 0; i < len;) {
		size_t n = utf8_octets(p + i, len - i);

		*column = i;
		if (p[i] == 0)
			return "a NUL octet";
		if ((p[i] < 0x20 && p[i] != '\t' &&
		     !(p[i] == '\r' && i + 1 == len)) ||
		    p[i] == 0x7f) {
			(void)snprintf(name, 48, "a control octet 0x%02x",
				       p[i]);
			return name;
		}
		if (n == 0) {
			(void)snprintf(
			    name, 48, "octet 0x%02x, which is not UTF-8", p[i]);
			return name;
		}
		i += n;
	}
	return NULL;
}

/* Where candidates are gathered. */
struct gather {
	struct syntax_next *next;
	unsigned n, max;
	const char *prefix;
	size_t prefix_len;
};

static void
gather_add(struct gather *g, const struct syntax_next *next)
{
	if (next->word != NULL &&
	    strncmp(next->word, g->prefix, g->prefix_len) != 0)
		return;
	for (unsigned i = 0; i < g->n; i++) {
		const struct syntax_next *have = &g->next[i];

		if (next->word != NULL && have->word != NULL &&
		    strcmp(next->word, have->word) == 0)
			return;
		if (next->word == NULL && have->word == NULL &&
		    strcmp(next->placeholder, have->placeholder) == 0)
			return;
	}
	if (g->n < g->max)
		g->next[g->n++] = *next;
}

static void
gather_arg(struct gather *g, const struct syntax_edge *edge)
{
	struct syntax_next next = {.help = edge->help};
	struct syntax_choice choice;
	size_t i;

	if (syntax_type_has_words(edge->arg)) {
		for (i = 0; syntax_choice_get(edge->arg, (unsigned)i, &choice);
		     i++) {
			next.word = choice.word;
			next.help =
			    choice.help == NULL ? edge->help : choice.help;
			gather_add(g, &next);
		}
		if (edge->arg->type == SYNTAX_ENUM)
			return;
		next = (struct syntax_next){.help = edge->help};
	}
	(void)snprintf(next.placeholder, sizeof(next.placeholder), "%s",
		       edge->arg->name);
	for (i = 0; next.placeholder[i] != '\0'; i++) {
		char c = next.placeholder[i];

		if (c >= 'a' && c <= 'z')
			next.placeholder[i] = (char)(c - 'a' + 'A');
	}
	gather_add(g, &next);
}

static void
gather_states(struct gather *g, const struct syntax_walk *w)
{
	struct syntax_next end = {
	    .end = true, .help = "", .placeholder = "<cr>"};

	for (unsigned s = 0; s < w->n; s++) {
		const struct syntax_node *node = w->states[s];

		for (unsigned i = 0; i < node->n_edges; i++) {
			struct syntax_next next = {
			    .word = node->edges[i].word,
			    .help = node->edges[i].help,
			};

			if (next.word != NULL)
				gather_add(g, &next);
			else
				gather_arg(g, &node->edges[i]);
		}
		if (node->accept != NULL && g->prefix_len == 0)
			gather_add(g, &end);
	}
}

static int
next_compare(const void *a, const void *b)
{
	const struct syntax_next *x = a, *y = b;

	if (x->end != y->end)
		return x->end ? 1 : -1;
	if ((x->word == NULL) != (y->word == NULL))
		return x->word == NULL ? 1 : -1;
	return x->word != NULL ? strcmp(x->word, y->word)
			       : strcmp(x->placeholder, y->placeholder);
}

int
syntax_follow(const struct syntax *syn, const char *line, size_t len,
	      struct syntax_next *next, unsigned max, struct syntax_error *err)
{
	struct gather g = {.next = next, .max = max, .prefix = ""};
	struct syntax_walk w;
	struct syntax_span span;
	int rc = 0;

	syntax_walk_init(&w, syn, line, len);
	while (!w.text && syntax_span_next(line, len, &w.at, &span)) {
		if (w.at == len && !span.quoted) {
			g.prefix = line + span.begin;
			g.prefix_len = span.end - span.begin;
			break;
		}
		rc = syntax_walk_step(&w, &span, err);
		if (rc < 0)
			return rc;
	}
	gather_states(&g, &w);
	qsort(g.next, g.n, sizeof(*g.next), next_compare);
	return (int)g.n;
}

/* How many octets a and b share from the beginning. */
static size_t
shared_octets(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] != '\0' && a[n] == b[n])
		n++;
	return n;
}

int
syntax_complete(const struct syntax *syn, const char *line, size_t len,
		char *out, size_t octets)
{
	struct syntax_next next[256];
	struct syntax_error err;
	int n = syntax_follow(syn, line, len, next, 256, &err);
	size_t typed = 0, shared;
	unsigned words = 0;

	while (typed < len && line[len - typed - 1] != ' ' &&
	       line[len - typed - 1] != '\t')
		typed++;
	while (n > 0 && words < (unsigned)n && next[words].word != NULL)
		words++;
	if (words == 0)
		return -ENOENT;
	shared = strlen(next[0].word);
	for (unsigned i = 1; i < words; i++) {
		size_t s = shared_octets(next[0].word, next[i].word);

		shared = s < shared ? s : shared;
	}
	if (shared <= typed && words > 1)
		return -ENOTUNIQ;
	n = snprintf(out, octets, "%.*s%s", (int)(shared - typed),
		     next[0].word + typed, words == 1 ? " " : "");
	return n < 0 || (size_t)n >= octets ? -ENOSPC : 0;
}

/* "expected a, b or c": words by name, values by what they look like. */
void
syntax_walk_expected(const struct syntax_walk *w, const char *prefix,
		     char *text, size_t octets)
{
	struct syntax_next next[64];
	struct gather g = {.next = next,
			   .max = 64,
			   .prefix = prefix,
			   .prefix_len = strlen(prefix)};
	char list[EXPECTED_MAX][160];
	unsigned n = 0;
	size_t at;

	gather_states(&g, w);
	qsort(next, g.n, sizeof(next[0]), next_compare);
	for (unsigned i = 0; i < g.n && n < EXPECTED_MAX; i++) {
		if (next[i].word != NULL)
			(void)snprintf(list[n++], sizeof(list[0]), "%s",
				       next[i].word);
	}
	for (unsigned s = 0; s < w->n && prefix[0] == '\0'; s++) {
		for (unsigned i = 0; i < w->states[s]->n_edges; i++) {
			const struct syntax_edge *e = &w->states[s]->edges[i];

			if (e->arg != NULL && e->arg->type != SYNTAX_ENUM &&
			    n < EXPECTED_MAX)
				syntax_expects(e->arg, e->coding, list[n++],
					       sizeof(list[0]));
		}
	}
	if (g.n > 0 && next[g.n - 1].end && n < EXPECTED_MAX)
		(void)snprintf(list[n++], sizeof(list[0]),
			       "the end of the line");
	at = (size_t)snprintf(text, octets, "expected ");
	for (unsigned i = 0; i < n && at < octets; i++)
		at += (size_t)snprintf(text + at, octets - at, "%s%s",
				       i == 0      ? ""
				       : i + 1 < n ? ", "
				       : g.n > n   ? ", ... "
						   : " or ",
				       list[i]);
}
