/*
 * Lines into a tree: one by one as an operator types them (struct cfg_editor),
 * or a file as one transaction (cfg_load_text, cfg_load_file).
 *
 * A line is read in the current mode; if it does not parse whole there, in each
 * enclosing mode, innermost first, and the modes left that way are left for
 * good. Indentation and `!` mean nothing. The error is that of the mode in
 * which parsing got furthest.
 */
#ifndef PARSE_H
#define PARSE_H

#include "tree.h"

enum cfg_outcome {
	CFG_LINE_BLANK,   /* nothing, or a comment */
	CFG_LINE_APPLIED, /* the candidate or the mode may have changed */
	CFG_LINE_EXIT,    /* `exit` in the outermost mode: the caller's to do */
	CFG_LINE_END,     /* `end`: the caller's to do */
};

/*
 * An editor works on a candidate of its own, a snapshot of tree. key opens
 * `encrypted 1` secrets: SECRET_KEY_OCTETS, borrowed for as long as the editor
 * lives, or NULL. The caller owns it until cfg_editor_free().
 */
struct cfg_editor *cfg_editor_new(const struct cfg_tree *tree,
				  const uint8_t *key);
void cfg_editor_free(struct cfg_editor **ed);

/* Borrowed; take a snapshot to keep it. */
const struct cfg_tree *cfg_editor_tree(const struct cfg_editor *ed);
/* Puts another tree under the editor (after commit or abort), in outer mode. */
int cfg_editor_reset(struct cfg_editor *ed, const struct cfg_tree *tree);
/*
 * The same, after a commit: the mode stays, as deep as its objects are in the
 * tree.
 */
int cfg_editor_committed(struct cfg_editor *ed, const struct cfg_tree *tree);
/* How many lines changed something since the last reset. */
unsigned cfg_editor_edits(const struct cfg_editor *ed);

/* The mode, and the word of its prompt: "config-tunnel". */
enum cfg_kind cfg_editor_mode(const struct cfg_editor *ed);
const char *cfg_editor_prompt(const struct cfg_editor *ed);
/*
 * For syntax_follow() and syntax_complete(): the commands of the mode. `exit`
 * and `end` are among them.
 */
const struct syntax *cfg_editor_syntax(const struct cfg_editor *ed);

/*
 * Applies one line (no newline in it). 0 and *outcome; or -EINVAL (also
 * refused by a rule: unknown object to remove, fixed field changed, a key that
 * does not fit), -ENODATA incomplete, -ENOTUNIQ ambiguous, -ENOMEM, with *err:
 * err->column counts from 1, err->line is the number given with
 * cfg_editor_line() or 0. After an error nothing has changed, the mode neither.
 */
int cfg_edit_line(struct cfg_editor *ed, const char *line, size_t len,
		  enum cfg_outcome *outcome, struct cfg_error *err);
/* The line number to note in objects from here on. */
void cfg_editor_line(struct cfg_editor *ed, unsigned line);

/*
 * A whole text as one transaction: all or nothing. On success *tree is the
 * caller's. -EINVAL, -ENODATA, -ENOTUNIQ, -ENOMEM
 * with *err. Skips `Building configuration...` and `Current configuration:`;
 * after `end` only blanks and comments may stand. References between objects
 * are not checked here: see validate.h.
 */
int cfg_load_text(struct cfg *cfg, const char *text, size_t len,
		  const uint8_t *key, struct cfg_tree **tree,
		  struct cfg_error *err);
/* The same of a file; also the errno of a failed open or read (err->line 0). */
int cfg_load_file(struct cfg *cfg, const char *path, const uint8_t *key,
		  struct cfg_tree **tree, struct cfg_error *err);

/*
 * A text or a file typed into an editor, all of it or nothing: it begins in the
 * outermost mode, and the editor is there afterwards. As cfg_load_text() and
 * cfg_load_file().
 */
int cfg_edit_text(struct cfg_editor *ed, const char *text, size_t len,
		  struct cfg_error *err);
int cfg_edit_file(struct cfg_editor *ed, const char *path,
		  struct cfg_error *err);
/*
 * Puts another tree in the candidate's place as one edit, in outer mode: what
 * was typed before is gone with it. -ENOMEM.
 */
int cfg_editor_replace(struct cfg_editor *ed, const struct cfg_tree *tree);

/* "FILE:LINE:COLUMN: WRONG; RIGHT", as much of it as is known. */
void cfg_error_format(const struct cfg_error *err, const char *file, char *text,
		      size_t octets);

#endif
