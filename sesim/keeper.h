/*
 * The keeper: parent of one chassis, or of all those of a lab (lab_keep.h). For
 * `up` it is a daemon that restarts a chassis that dies; for a replay it is a
 * child of the command, follows it into death, and removes the run directory at
 * the end whatever happened.
 *
 * It is the program sesim under the name sesim-keeper.
 */
#ifndef KEEPER_H
#define KEEPER_H

#include <stdbool.h>
#include <sys/types.h>

#include "rundir.h"

#define KEEPER_FDS_MAX 4
#define KEEPER_CHASSIS_ARGS_MAX 64

struct keeper_start {
	const struct rundir *dir; /* locked; the keeper holds it from then on */
	const char *bin_dir;      /* where the programs are */
	const char *lab;          /* a topology; NULL: one router */
	bool daemon;              /* `up` */
	int ready_fd; /* the chassis writes its line of JSON there */
	int hold[KEEPER_FDS_MAX]; /* inherited by the chassis, under the same
				     numbers */
	unsigned nhold;
	/* Further options of each sesim-chassis, NULL at the end; borrowed. */
	const char *args[KEEPER_CHASSIS_ARGS_MAX];
	unsigned nargs;
};

/* Adds an option of the chassis, and its value unless NULL. */
void keeper_arg(struct keeper_start *start, const char *option,
		const char *value);

/*
 * Starts sesim-keeper. As a child: *pid is the caller's to wait for; as a
 * daemon: *pid is 0. ready_fd and the lock stay open at the caller. 0 or
 * -errno.
 */
int keeper_start(const struct keeper_start *start, pid_t *pid);

/* What main() calls under the name sesim-keeper. The exit status. */
int keeper_main(int argc, char **argv);

#endif
