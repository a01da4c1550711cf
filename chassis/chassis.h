/*
 * The chassis: the active XCRP. The only public header of this program: for
 * main.c and for the threads of an inproc run.
 */
#ifndef CHASSIS_H
#define CHASSIS_H

#include <stdbool.h>
#include <stdint.h>

struct bus;
struct stats;

/*
 * How card processors are started. NULL in the arguments: as processes. An
 * inproc run gives functions that start threads; they are joined at the end.
 */
struct chassis_spawn {
	void *arg;
	/* stage: id (packet/stage.h). pools_fd: as in bp_link.h; stays open
	 * until the join, and is the chassis's. 0 or -errno. */
	int (*start)(void *arg, uint16_t stage, uint32_t epoch,
		     uint32_t buffers, int pools_fd, const char *endpoint,
		     struct stats *stats);
	void (*join)(void *arg, uint16_t stage);
};

struct chassis_args {
	const char *name;        /* of the router, for logs */
	const char *config_path; /* NULL: an empty configuration */
	const char *run_dir;     /* exists, 0700 */
	const char *bin_dir;     /* where the card programs are */
	const char *secret_key;  /* path of the operator's key, or NULL */
	const char *engine;      /* "openssl", "ipsec-mb", "auto" */
	struct bus *bus;         /* borrowed */
	bool replay;             /* one run; dead cards are not restarted */
	bool seeded;
	uint64_t seed;
	uint32_t round_packets;   /* admitted in one round, 0: default */
	uint32_t rounds_open;     /* at one time, 0: default */
	int telnet_port;          /* -1: none, 0: any free one */
	int ssh_port;             /* likewise */
	unsigned router;          /* number in its lab, 0: none */
	const char *const *wires; /* wires.h; not in a replay */
	unsigned nwires;
	int ready_fd; /* a line of JSON is written when ready; or -1 */
	int keys_fd;  /* CURVE keys for the cards to inherit, or -1 */
	const struct chassis_spawn *spawn;
	const volatile int *quit; /* set by a signal, or NULL */
};

/* The exit status of the program: 0, 1, 2 or 3 as docs/man/chassis.8 says. */
int chassis_run(const struct chassis_args *args);

/* The control endpoint under a run directory and transport, for clients:
 * ipc://RUNDIR/ctl, inproc://ctl; for tcp it is in RUNDIR/ctl.endpoint. */

#endif
