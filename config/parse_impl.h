/* What parse.c, apply.c and load.c share; nobody else. */
#ifndef PARSE_IMPL_H
#define PARSE_IMPL_H

#include "parse.h"

struct cfg_editor {
	struct cfg *cfg;
	struct cfg_tree *tree;
	const uint8_t *key;
	struct cfg_path path; /* of the mode; holds the names in its steps */
	unsigned line, edits;
};

/* Applies a match found in the mode at depth. As cfg_edit_line(). */
int apply_match(struct cfg_editor *ed, const struct syntax_match *match,
		unsigned depth, struct cfg_error *err);
void apply_leave(struct cfg_editor *ed, unsigned depth);
int apply_refuse(const struct cfg_editor *ed, struct cfg_error *err,
		 size_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
