/*
 * Words that the configuration adds to the exec commands: aliases, macros, and
 * the levels it gives to commands. All of it is in the session's settings,
 * which come from the chassis when the session begins and when it has
 * committed.
 */
#ifndef ALIAS_H
#define ALIAS_H

#include <stdbool.h>
#include <stddef.h>

struct out;
struct shell;

#define ALIAS_LINE_MAX 4096
#define ALIAS_DEPTH_MAX 8 /* macros in macros */

/*
 * The line with its first word replaced, where that is an alias; an alias is
 * not looked for in what came of it. line: ALIAS_LINE_MAX octets.
 */
bool alias_expand(const struct shell *sh, const char *typed, char *line);

/*
 * The i-th command of the macro that a line begins with, $1 to $9 being the
 * words behind it; false: no such macro, or no further command.
 */
bool alias_step(const struct shell *sh, const char *typed, unsigned i,
		char *line);

/* The level of a command: as configured for its first words, else its own. */
int alias_level(const struct shell *sh, const char *pattern, int level);
/* Whether any level is configured. */
bool alias_levels(const struct shell *sh);

#endif
