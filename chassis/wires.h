/*
 * What stands where cables would lead, in `up`: wires, which are UNIX SEQPACKET
 * sockets, and interfaces of the machine. The chassis connects a wire once and
 * keeps its descriptor, so that a card that is restarted finds it again.
 */
#ifndef WIRES_H
#define WIRES_H

#include "chs.h"
#include "ctl_chan.h"

struct wires;

/*
 * Those of chs->args, "SLOT/PORT=PATH", "=fd:N", "=lab:N" or "=interface:NAME":
 * checked and connected. -EINVAL (two for one port, no such form), -ENOMEM, or
 * the errno of connect(2), with a sentence.
 */
int wires_open(struct chs *chs, char *why, size_t why_octets);
void wires_close(struct chs *chs);

/* A line card's processor runs its first tables: it gets its ports. */
void wires_tell(struct chs *chs, const struct proc *proc);
/* OPENED of a card, outside a replay. */
void wires_opened(struct chs *chs, const struct ctl_in *in);
/*
 * Waits until every port is open at its cards: 0, or the first error and its
 * sentence.
 */
int wires_await(struct chs *chs, char *why, size_t why_octets);

/* Descriptors that line cards inherit. How many. */
size_t wires_fds(const struct chs *chs, int *fds, size_t max);

#endif
