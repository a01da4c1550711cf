/*
 * The run directory: where routers and replays keep their sockets and records.
 * $SESIM_RUN_DIR, else $XDG_RUNTIME_DIR/sesim, else /tmp/sesim-UID; ours, mode
 * 0700, and short, because a socket's path holds 107 octets. A router started
 * with `up` lives in ROOT/NAME, a replay in ROOT/rPID. Who keeps a directory
 * holds a lock in it (flock), so a directory whose keeper died is told from one
 * in use without trusting process numbers.
 */
#ifndef RUNDIR_H
#define RUNDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define RUNDIR_PATH_MAX 108
#define RUNDIR_NAME_MAX 32
#define RUNDIR_WHY_MAX 512
/* The longest name of a socket in it ("/" included). */
#define RUNDIR_SOCKET_OCTETS 25

struct rundir {
	char path[RUNDIR_PATH_MAX];
	int lock_fd; /* the lock, close-on-exec; whoever inherits it holds it */
};

/*
 * Finds the root, makes it where it is not there, and checks that it is ours.
 * 0; -EPERM (another's, or open to others), -ENAMETOOLONG, or an errno, with a
 * sentence in why.
 */
int rundir_root(char path[RUNDIR_PATH_MAX], char why[RUNDIR_WHY_MAX]);

/* Letters, digits, '.', '_' and '-'; neither hidden nor a replay's. */
bool rundir_name_valid(const char *name);

/*
 * Makes ROOT/NAME, locks it, and removes what a dead keeper left. 0; -EBUSY
 * when a keeper holds it; else as rundir_root(). The caller closes lock_fd.
 */
int rundir_open(struct rundir *dir, const char *name, char why[RUNDIR_WHY_MAX]);

/* The pid of the keeper that holds ROOT/NAME, 0: nobody does. */
pid_t rundir_keeper(const char *root, const char *name);

/* Writes who holds the lock; for the keeper. 0 or -errno. */
int rundir_sign(int lock_fd, pid_t pid);

/* Removes sockets and endpoints, and keeps records and the log. */
void rundir_clear(const char *path);

/*
 * Removes the running configuration that a chassis kept for its successor: a
 * router that is started anew begins with its own file.
 */
void rundir_forget(const char *path);

/* Removes the directory with all that is in it. */
void rundir_remove(const char *path);

/* Removes directories of replays whose keepers are dead. */
void rundir_sweep(const char *root);

/* Calls each name of a router that runs, in order of the alphabet. */
typedef void rundir_each_fn(void *arg, const char *name, pid_t keeper);
int rundir_each(const char *root, rundir_each_fn *each, void *arg);

#endif
