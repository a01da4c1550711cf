/*
 * The router of one replay: a keeper with its processes, or threads.
 */
#ifndef REPLAY_ROUTER_H
#define REPLAY_ROUTER_H

#include <sys/types.h>

#include "hand.h"
#include "inproc.h"
#include "replay_main.h"
#include "rundir.h"

struct replay_router {
	const struct replay_args *args;
	const struct rundir *dir;
	struct bus *bus;
	struct hand *hand; /* NULL until it is ready */
	int keys_fd;       /* CURVE keys of the run, or -1 */
	struct inproc *inproc;
	pid_t keeper; /* 0: threads */
	int fd;       /* readable when the router has ended */
	int ready_fd;
};

/*
 * Starts it in a run directory that is locked. args and dir are borrowed until
 * the end. 0 or -errno; replay_router_end() is due in each case.
 */
int replay_router_start(struct replay_router *router,
			const struct replay_args *args,
			const struct rundir *dir);

/*
 * Waits until it is ready. signal_fd: readable when the wait is to end. 0, or
 * the exit status, told on standard error.
 */
int replay_router_await(struct replay_router *router, int signal_fd);

/* Ends it and waits for that. */
void replay_router_end(struct replay_router *router);

#endif
