/*
 * A router as threads of this process: the chassis, and the cards it asks for.
 * The same code as the programs run, over inproc:// instead of sockets.
 */
#ifndef INPROC_H
#define INPROC_H

#include <stdint.h>

#include "bus.h"

struct inproc_args {
	struct bus *bus; /* inproc; borrowed, shared by the threads */
	const char *name;
	const char *run_dir;
	const char *config_path;
	const char *secret_key; /* or NULL */
	const char *engine;
	const uint64_t *seed;   /* or NULL */
	uint32_t round_packets; /* 0: default */
	uint32_t rounds_open;
	int ready_fd; /* the chassis closes it */
};

struct inproc;

/* Starts the chassis's thread; what args point to must stay. 0 or -errno. */
int inproc_start(struct inproc **inproc, const struct inproc_args *args);

/* Readable once the chassis has ended. */
int inproc_fd(const struct inproc *inproc);

/* Asks the chassis to leave; it sees that at its next message. */
void inproc_quit(struct inproc *inproc);

/* Waits for its end: its exit status. Leaves NULL; accepts NULL (0). */
int inproc_join(struct inproc **inproc);

#endif
