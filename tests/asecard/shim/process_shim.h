/*
 * sesim-asecard as a process, its chassis played by the test.
 */
#ifndef PROCESS_SHIM_H
#define PROCESS_SHIM_H

#include "fake_chassis.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Exit status of the program with these words, NULL at their end. */
int process_shim_status(const char *program, const char *const *words);

/* Starts the program for a chassis made with run NULL. Its process id. */
int process_shim_start(const char *program, struct fake *f);
/* SIGTERM, then the exit status; -1 when a signal ended it. */
int process_shim_term(int pid);
int process_shim_wait(int pid);
/* Whether /proc says that the process may not be dumped. */
bool process_shim_undumpable(int pid);

#ifdef __cplusplus
}
#endif

#endif
