/*
 * Journeys as people read them: text, JSON, a Mermaid sequence diagram, SVG.
 * They come from the chassis as JSON (chassis/journey.h), of one router or of
 * several.
 */
#ifndef JOURNEY_VIEW_H
#define JOURNEY_VIEW_H

#include <jansson.h>
#include <stdio.h>

enum journey_form {
	JOURNEY_BRIEF, /* a line for each station */
	JOURNEY_TEXT,  /* all that is known */
	JOURNEY_JSON,
	JOURNEY_MERMAID,
	JOURNEY_SVG,
	JOURNEY_FORMS
};

/* "brief", "text", "json", "mermaid", "svg"; -EINVAL. */
int journey_form(const char *word, enum journey_form *form);

/*
 * An array of journeys. SVG and Mermaid are one document; of several journeys
 * it holds one below the other. -ENOMEM, -EIO.
 */
int journey_view(FILE *out, enum journey_form form, const json_t *journeys);

/*
 * Joins what routers told of the same packets: by journey number, stations in
 * the order in which they were visited. Each of lists is an array of journeys;
 * the result is the caller's. NULL without memory.
 */
json_t *journey_merge(const json_t *lists);

#endif
