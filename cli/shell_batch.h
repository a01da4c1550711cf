/*
 * A session of a program instead of a person (sesim cli -c and -f): whole lines
 * in, framed answers out, no prompt and no paging.
 *
 * A local client asks for it with the order "batch" (proxy.h). Everything up to
 * and including the next NUL octet it gets is to be thrown away. Then, for each
 * line it sends ("...\n"), one answer comes:
 *
 *	STATUS OCTETS\n		STATUS 0: done, 1: refused; both decimal
 *	OCTETS octets		what was printed, lines ending in "\n"
 *
 * The session ends when the client closes, or after the answer to `exit`.
 */
#ifndef SHELL_BATCH_H
#define SHELL_BATCH_H

#include "shell.h"

void shell_batch(struct shell *sh);

#endif
