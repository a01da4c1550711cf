/*
 * A tree as the text that makes it, in the layout of `show configuration`:
 * one blank per level of mode, `!` between blocks, contexts ended by
 * `! ** End Context **`, fields before children, defaults not printed. What it
 * prints loads to the same tree.
 */
#ifndef PRINT_H
#define PRINT_H

#include "tree.h"

/* Takes text as it comes; below 0 stops the printing and is returned. */
typedef int cfg_out_fn(void *arg, const char *text, size_t octets);

enum cfg_secrets {
	CFG_SECRETS_SEALED, /* `encrypted 1 BASE64` under key; -ENOKEY without
			     */
	CFG_SECRETS_HIDDEN, /* <fingerprint>, of which the salt is cfg_salt() */
};

struct cfg_print_opts {
	const uint8_t *key; /* SECRET_KEY_OCTETS, or NULL */
	enum cfg_secrets secrets;
	const uint8_t *salt; /* cfg_row_text() alone wants it, for HIDDEN */
	const char *section; /* only rows whose words begin so: "tunnel" */
	const char *note;    /* a comment line for the head, or NULL */
	bool bare;           /* no head and no `end` */
};

/* 0; -ENOKEY: secrets and no key; -ENOMEM; what out returned. */
int cfg_print(const struct cfg_tree *tree, const struct cfg_print_opts *opts,
	      cfg_out_fn *out, void *arg);

/*
 * The line that sets what row sets, without indentation, as obj has it; ""
 * when nothing of it is set. Returns its octets, -ENOSPC, -ENOKEY.
 */
#define CFG_LINE_OCTETS 2048
int cfg_row_text(const struct cfg_obj *obj, const struct cfg_row *row,
		 const struct cfg_print_opts *opts, char *line, size_t octets);

#endif
