/*
 * The processes in the slots of the machine.
 */
#ifndef SLOT_H
#define SLOT_H

#include "chs.h"

/* For all processes together to end in: the chassis itself has a second. */
#define SLOT_STOP_NS (UINT64_C(700) * 1000000)

/*
 * Starts what the configuration has and is not there, stops what it has not,
 * and waits until all have said hello.
 */
int slot_match(struct chs *chs);

/* Ends a process and lets go of all it was given. */
void slot_stop(struct chs *chs, struct proc *proc, uint64_t deadline_ns);

/* A process may have ended: notes it. slot_bury_all() acts on what was noted,
 * and starts again what is due. */
void slot_note_death(struct chs *chs, struct proc *proc);
void slot_bury_all(struct chs *chs);

/*
 * By order of an operator: ends the processes of a slot, or of one of its
 * stages (STAGE_NONE: all), and starts those again that are not shut. Returns
 * when they are up again: 0 or as chs_wait(). Never in a replay.
 */
int slot_reload(struct chs *chs, unsigned slot, uint16_t only);

/* One every five seconds for who has said nothing since the last. */
void slot_heartbeats(struct chs *chs);

#endif
