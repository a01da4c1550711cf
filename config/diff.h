/*
 * What changed between two trees of one struct cfg, and how a candidate goes
 * onto a running configuration that moved on meanwhile. Cost is that of what
 * differs, not of what there is.
 */
#ifndef DIFF_H
#define DIFF_H

#include "print.h"

/*
 * One object that differs: was NULL: added (with all below it); now NULL:
 * removed; else its own fields changed. path leads to it. Parents come before
 * children. Below 0 stops.
 */
typedef int cfg_diff_fn(void *arg, const struct cfg_path *path,
			const struct cfg_obj *was, const struct cfg_obj *now);
int cfg_diff(const struct cfg_tree *was, const struct cfg_tree *now,
	     cfg_diff_fn *each, void *arg);

/*
 * As text: lines of the enclosing modes, lines with - and +. Secrets show as
 * fingerprints.
 */
int cfg_diff_text(const struct cfg_tree *was, const struct cfg_tree *now,
		  cfg_out_fn *out, void *arg);

/*
 * What the candidate changed since base, put onto running: *out is the
 * caller's, a new tree. -EBUSY with *err when an object that the candidate
 * changed was changed in running too, to something else: nothing is made then.
 */
int cfg_rebase(const struct cfg_tree *base, const struct cfg_tree *candidate,
	       const struct cfg_tree *running, struct cfg_tree **out,
	       struct cfg_error *err);

#endif
