/*
 * What a station found, changed and is to blame for, as lines of text, made
 * from its JSON, so that whoever prints journeys prints the same.
 */
#include <stdio.h>
#include <string.h>

#include "journey.h"

#define WORDS_OCTETS 1024

static void
add(char *line, const char *separator, const char *format, const char *a,
    const char *b)
{
	size_t n = strlen(line);

	(void)snprintf(line + n, WORDS_OCTETS - n, "%s",
		       n == 0 || line[n - 1] == ' ' ? "" : separator);
	n = strlen(line);
	(void)snprintf(line + n, WORDS_OCTETS - n, format, a, b);
}

static void
add_found(json_t *lines, const json_t *found)
{
	char line[WORDS_OCTETS] = "";
	char number[24];
	const char *key;
	const json_t *value;

	json_object_foreach((json_t *)(uintptr_t)found, key, value) {
		char word[32];

		(void)snprintf(word, sizeof(word), "%s", key);
		for (char *c = word; *c != '\0'; c++)
			*c = *c == '_' ? ' ' : *c;
		(void)snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
			       json_integer_value(value));
		add(line, ", ", "%s %s", word,
		    json_is_string(value) ? json_string_value(value) : number);
	}
	if (line[0] != '\0')
		(void)json_array_append_new(lines,
					    json_sprintf("found: %s", line));
}

static void
add_list(json_t *lines, const char *head, const char *separator,
	 const json_t *list)
{
	char line[WORDS_OCTETS] = "";
	const json_t *text;
	size_t i;

	json_array_foreach(list, i, text)
		add(line, separator, "%s%s", json_string_value(text), "");
	if (line[0] != '\0')
		(void)json_array_append_new(lines,
					    json_sprintf("%s: %s", head, line));
}

json_t *
journey_lines(const json_t *station)
{
	json_t *lines = json_array();
	const json_t *cause = json_object_get(station, "cause");

	add_found(lines, json_object_get(station, "found"));
	add_list(lines, "changed", "; ", json_object_get(station, "changes"));
	if (cause != NULL)
		(void)json_array_append_new(
		    lines, json_sprintf("because of: %s",
					json_string_value(
					    json_object_get(cause, "object"))));
	add_list(lines, "to change it", " / ",
		 json_object_get(cause, "commands"));
	return lines;
}
