/*
 * What may be typed where: for each mode the exec commands and the rows of the
 * configuration schema in one syntax, so that abbreviations, help and
 * completion see both. Made once; sessions only read it.
 */
#ifndef GRAMMAR_H
#define GRAMMAR_H

#include "schema.h"

struct grammar;

/* -ENOMEM, or -EINVAL for a row whose pattern is none (our own mistake). */
int grammar_new(struct grammar **grammar);
/* Accepts NULL, leaves NULL. */
void grammar_free(struct grammar **grammar);

/*
 * The syntax of a mode. prompt: the word of a configuration mode's prompt
 * ("config-ctx"), "" for exec. A row's tag is its struct cmd_row, or NULL for
 * a row of the configuration. Borrowed. Never NULL: an unknown word gives the
 * global configuration mode.
 */
const struct syntax *grammar_of(const struct grammar *grammar,
				const char *prompt, int privilege);

#endif
