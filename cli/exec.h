/*
 * Running one line: which row it is, what is wrong with it, what may follow it.
 */
#ifndef EXEC_H
#define EXEC_H

#include "shell.h"

/*
 * Runs a line in the session's mode and prints to sink. caret: columns that
 * stand before the line on the terminal (the prompt's). 0, or -EINVAL when the
 * command failed (what was wrong has been printed).
 */
int exec_line(struct shell *sh, const char *line, size_t caret,
	      const struct out_sink *sink);

/* What may follow line, or stand for its last word. */
void exec_help(struct shell *sh, const char *line, size_t caret,
	       const struct out_sink *sink);

/*
 * Completes the last word of line: out gets what to append. When several words
 * fit they are printed (sink NULL: not) and -ENOTUNIQ is returned; -ENOENT when
 * none does.
 */
int exec_complete(struct shell *sh, const char *line, char *out, size_t octets,
		  const struct out_sink *sink);

/* Leaves configuration as `end` does; nothing in exec mode. */
int exec_end(struct shell *sh, const struct out_sink *sink);

/*
 * Prints what ask() did not like, a caret under the column where there is one.
 */
void exec_refused(struct out *o, const struct ask_error *error, size_t caret);

#endif
