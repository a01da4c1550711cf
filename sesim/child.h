/*
 * What a child does between fork and exec: nothing is inherited but what is
 * named, signals are as they were before ours. Only what a signal handler may
 * call.
 */
#ifndef CHILD_H
#define CHILD_H

/* Descriptors above 2 are closed at exec, but those of fds that are not -1. */
void child_keep_only(const int *fds, unsigned n);
void child_reset_signals(void);

#endif
