/*
 * Looking words up in the session's settings. Called by exec.c before and while
 * a line is matched; runs nothing.
 */
#include "alias.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "shell.h"

#define WORDS_MAX 10
#define WORD_MAX 256

static const json_t *
settings(const struct shell *sh, const char *kind)
{
	return json_object_get(sh->settings, kind);
}

/* The next word at *at, which moves behind it; false at the end. */
static bool
next_word(const char **at, char word[WORD_MAX])
{
	size_t n;

	*at += strspn(*at, " \t");
	n = strcspn(*at, " \t");
	if (n == 0 || n >= WORD_MAX)
		return false;
	memcpy(word, *at, n);
	word[n] = 0;
	*at += n;
	return true;
}

bool
alias_expand(const struct shell *sh, const char *typed, char *line)
{
	const char *at = typed;
	char word[WORD_MAX];
	const char *text;
	int n;

	if (!next_word(&at, word))
		return false;
	text =
	    json_string_value(json_object_get(settings(sh, "aliases"), word));
	if (text == NULL)
		return false;
	n = snprintf(line, ALIAS_LINE_MAX, "%s%s", text, at);
	return n > 0 && n < ALIAS_LINE_MAX;
}

/* Copies the command of a macro; $1 to $9 are the words typed behind it. */
static bool
step_fill(const char *step, char words[WORDS_MAX][WORD_MAX], char *line)
{
	size_t n = 0;

	for (const char *c = step; *c != 0; c++) {
		const char *put = c;
		size_t octets = 1;

		if (c[0] == '$' && c[1] >= '1' && c[1] <= '9') {
			put = words[c[1] - '0'];
			octets = strlen(put);
			c++;
		}
		if (n + octets >= ALIAS_LINE_MAX)
			return false;
		memcpy(line + n, put, octets);
		n += octets;
	}
	line[n] = 0;
	return true;
}

bool
alias_step(const struct shell *sh, const char *typed, unsigned i, char *line)
{
	char words[WORDS_MAX][WORD_MAX] = {{0}};
	const char *at = typed;
	const char *step;

	if (json_object_size(settings(sh, "macros")) == 0)
		return false;
	for (unsigned w = 0; w < WORDS_MAX; w++) {
		if (!next_word(&at, words[w]))
			break;
	}
	step = json_string_value(json_array_get(
	    json_object_get(settings(sh, "macros"), words[0]), i));
	return step != NULL && step_fill(step, words, line);
}

/* Whether pattern begins with all words of head. */
static bool
begins(const char *pattern, const char *head)
{
	size_t n = strlen(head);

	return strncmp(pattern, head, n) == 0 &&
	       (pattern[n] == 0 || pattern[n] == ' ');
}

int
alias_level(const struct shell *sh, const char *pattern, int level)
{
	size_t longest = 0;
	const char *head;
	json_t *value;

	json_object_foreach((json_t *)settings(sh, "levels"), head, value) {
		if (strlen(head) < longest || !begins(pattern, head))
			continue;
		longest = strlen(head);
		level = (int)json_integer_value(value);
	}
	return level;
}

bool
alias_levels(const struct shell *sh)
{
	return json_object_size(settings(sh, "levels")) > 0;
}
