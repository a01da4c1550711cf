/*
 * The files of a replay. Inputs are looked at before anything starts. Outputs
 * are written as parts beside their place and put there at the end, so a run
 * that never began leaves what stood there, and a run that was cut short leaves
 * valid captures.
 */
#ifndef REPLAY_FILES_H
#define REPLAY_FILES_H

#include "replay_main.h"

struct replay_files;

/*
 * Checks all files of args against each other and makes the parts. run_dir:
 * where an empty capture is put that stands for an input without a usable one.
 * 0, or the exit status, told on standard error. Inputs that are no captures
 * become sentences in problems. Owned until replay_files_free().
 */
int replay_files_open(struct replay_files **files,
		      const struct replay_args *args, const char *run_dir,
		      json_t *problems);

/* Octets of all inputs that are regular files. */
uint64_t replay_files_octets(const struct replay_files *files);

/* "ports" and "points" of the request to the chassis; the caller's. */
json_t *replay_files_ports(const struct replay_files *files);
json_t *replay_files_points(const struct replay_files *files);

/*
 * Puts the outputs in their places. repair: their writers may have been killed.
 * What failed becomes sentences in problems: -errno of the first then.
 */
int replay_files_finish(struct replay_files *files, bool repair,
			json_t *problems);

/*
 * What a port's output holds after a repair: false when the port has none, or
 * it was not repaired.
 */
bool replay_files_held(const struct replay_files *files, const char *port,
		       uint64_t *packets, uint64_t *octets);

/* Removes parts that were not put in place. Accepts NULL, leaves NULL. */
void replay_files_free(struct replay_files **files);

#endif
