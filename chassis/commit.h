/*
 * What makes a tree the running configuration, whoever asks for it: validation,
 * the push to the cards, the history, the copy on disk from which a chassis
 * that is started again goes on; and a commit that is taken back unless
 * somebody confirms it in time.
 */
#ifndef COMMIT_H
#define COMMIT_H

#include <jansson.h>

#include "chs.h"
#include "history.h"

#define COMMIT_CONFIRM_MAX (65535 * 60) /* seconds */

struct commit_by {
	const char *who;
	const char *from;
	const char *comment; /* "" for none */
};

struct commits;

/* Notes the configuration that is running as the first. -ENOMEM. */
int commits_new(struct chs *chs);
/* What is to be kept for a restart is, when this returns. */
void commits_end(struct chs *chs);

/* NULL when it runs on every live card, else the error's answer. */
json_t *commit_tree(struct chs *chs, const struct cfg_tree *tree,
		    const struct commit_by *by);

/* Sentences on what runs and is unwise (cfg_warnings()): a reference to an
 * array that is not to be changed. */
json_t *commit_warnings(struct chs *chs);

/*
 * Unless commit_confirm() is called within so many seconds, back becomes the
 * running configuration again. While one waits already, its own goes on to be
 * the one that is come back to. -ENOMEM.
 */
int commit_wait_confirm(struct chs *chs, const struct cfg_tree *back,
			unsigned seconds);
/* Whether a commit waited for it; it stays from now on. */
bool commit_confirm(struct chs *chs);
/* Seconds left, 0: no commit waits. */
unsigned commit_confirm_left(const struct chs *chs);

/* When commit_step() wants to be called next, and what it does then. */
uint64_t commit_deadline(const struct chs *chs);
void commit_step(struct chs *chs);

const struct history *commit_history(const struct chs *chs);

/* Where the running configuration is kept; false when there is no room. */
bool commit_kept_path(const struct chs *chs, char *path, size_t octets);

#endif
