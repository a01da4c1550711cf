/*
 * Processes of the machine: starts them, tells when they end, and what they
 * were given. A card processor is a process of its own, or under an inproc run
 * a thread; the rest of the chassis does not see the difference.
 */
#ifndef PROC_H
#define PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bus.h"
#include "stage.h"

enum proc_state {
	PROC_NONE,     /* no such card is configured */
	PROC_STARTING, /* started, has not said hello */
	PROC_UP,       /* said hello */
	PROC_DEAD      /* ended; restarted at restart_ns, or never */
};

struct stats;

struct proc {
	uint16_t stage; /* STAGE_NONE: the terminal line (sesim-cli) */
	enum proc_state state;
	uint32_t epoch; /* 1 for the first of its kind, then counting */
	pid_t pid;      /* 0: a thread */
	int pidfd;      /* readable when it ended, or -1 */
	int stats_fd;
	int pools_fd;     /* what pools are offered over, or -1 */
	int pools_end_fd; /* the process's end of it, or -1 */
	struct stats *stats;
	struct bus_peer peer; /* of its control channel, once up */
	uint32_t generation;  /* of tables it runs */
	uint8_t engine;       /* an ASP's crypto, enum alg_engine_id; else 0 */
	uint64_t started_ns;
	uint64_t heard_ns; /* last control message */
	uint64_t restart_ns;
	unsigned unanswered; /* heartbeats */
	unsigned deaths;     /* in a row, short after one another */
	bool unburied;       /* its death has not been acted upon */
	bool ordered;        /* its death was: by an operator */
	bool shut;           /* an ASP that an operator keeps down */
};

#define PROC_WIRES_MAX 64

struct proc_common {
	const char *bin_dir;
	const char *run_dir;
	const char *endpoint; /* of the control socket */
	const char *engine;
	enum bus_transport transport;
	int keys_fd; /* or -1 */
	uint32_t buffers;
	int wire_fds[PROC_WIRES_MAX]; /* that line cards inherit */
	size_t nwires;
};

/* A process for the stage. 0 or -errno; proc is then as before. */
int proc_start_card(struct proc *proc, const struct proc_common *common);

/* sesim-cli: ports as in chassis.h; its socket is RUNDIR/cli.sock. */
int proc_start_cli(struct proc *proc, const struct proc_common *common,
		   int telnet_port, int ssh_port);

/* Reaps it if it has ended: true, and how it ended in words. */
bool proc_reap(struct proc *proc, char *how, size_t how_octets);

/* SIGKILL; proc_reap() tells when it is gone. */
void proc_kill(const struct proc *proc);

/* SIGTERM: the first half of proc_stop(), for several to end side by side. */
void proc_term(const struct proc *proc);

/* Ends it for good: SIGTERM, and SIGKILL from deadline_ns on. Reaps. */
void proc_stop(struct proc *proc, uint64_t deadline_ns);

#endif
