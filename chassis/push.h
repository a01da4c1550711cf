/*
 * Tables to cards, by generation, in two phases (design: docs/architecture.md,
 * "Commit"). Prepare: every card stages the rows that are new to it and says
 * so; a card that can not, or that does not answer, ends the commit with
 * nothing changed. Activate: new rows act, first at the ASPs, then at the
 * ePPAs, then at the iPPAs, so that no packet is classified to something that
 * is not there yet. Retire: rows that went are let go in the other direction.
 */
#ifndef PUSH_H
#define PUSH_H

#include "chs.h"
#include "tree.h"

/*
 * Makes tree the running configuration (NULL: pushes the running one, at the
 * start). Returns when every live card runs it: 0; -EIO, -ETIMEDOUT, -ENOMEM
 * with nothing changed and a sentence in why (of why_octets; may be NULL, 0).
 */
int push_commit(struct chs *chs, const struct cfg_tree *tree, char *why,
		size_t why_octets);

/* Everything to one card, that has just been started. */
int push_all_to(struct chs *chs, struct proc *proc);

/* PREPARED and ACTIVATED of a card. */
void push_answer(struct chs *chs, struct proc *proc, const struct ctl_in *in);

/* A card wants further sequence numbers for an SA. */
void push_grant(struct chs *chs, struct proc *proc, const struct ctl_in *in);

#endif
