/*
 * The copy of the running configuration on disk, from which a chassis that is
 * started again goes on. It is written whole or not at all, with its secrets
 * sealed, by a thread of its own: of ten thousand tunnels it is megabytes, and
 * the next command is not to wait for them. The thread reads a snapshot, which
 * nobody changes; the snapshot is made and let go by the caller's thread.
 */
#ifndef KEEP_H
#define KEEP_H

#include "tree.h"

struct keep;

/* NULL without memory. */
struct keep *keep_new(void);
/* Waits for what is being written. Accepts NULL, leaves NULL. */
void keep_free(struct keep **keep);

/*
 * Begins to write tree to path; nothing may be being written. key: as in struct
 * cfg_print_opts, borrowed until it is. -ENOMEM, -EAGAIN (no thread),
 * -ENAMETOOLONG. What fails later is logged.
 */
int keep_begin(struct keep *keep, const struct cfg_tree *tree,
	       const uint8_t *key, const char *path);
/* Whether keep_reap() or keep_wait() is to be called before keep_begin(). */
bool keep_busy(const struct keep *keep);
/* Lets go of what was written, once it is. */
void keep_reap(struct keep *keep);
void keep_wait(struct keep *keep);

#endif
