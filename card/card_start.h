/*
 * What the main.c of every card process does before and after its card runs:
 * options, the parent followed into death, signals, counters mapped, the bus
 * made. What a role has beyond that are rows of its own option table.
 */
#ifndef CARD_START_H
#define CARD_START_H

#include <stdint.h>
#include <sys/types.h>

#include "bus.h"
#include "log.h"
#include "stats.h"

/* An option of a role, "--name TEXT". */
struct card_start_option {
	const char *name; /* NULL ends the table */
	/* 0, or -EINVAL for a text that it does not take */
	int (*take)(void *arg, const char *text);
};

struct card_start {
	unsigned slot;
	uint32_t epoch;
	uint32_t buffers;
	const char *endpoint; /* these two are borrowed from argv */
	const char *run_dir;
	enum bus_transport transport;
	int stats_fd;
	int keys_fd;  /* -1: no keys */
	int pools_fd; /* as in bp_link.h */
	enum log_level level;
	struct bus *bus; /* these two from card_start_open() on */
	struct stats *stats;
};

/* What stands before the options are read. */
#define CARD_START_INIT(log_level)                                             \
	{                                                                      \
		.stats_fd = -1, .keys_fd = -1, .level = (log_level)            \
	}

/* At most 16 options of a role's; arg is what their take() gets. */
#define CARD_START_OWN_MAX 16

/*
 * Reads all options, the common ones into *s. 0: go on, 1: help was asked for,
 * -EINVAL: an unknown option, a wrong text, or a common option missing; what a
 * role can not do without it asks for itself.
 */
int card_start_parse(struct card_start *s, int argc, char **argv,
		     const struct card_start_option *own, void *arg);

/* A decimal number of at most max; -EINVAL for anything else. */
int card_start_number(const char *text, unsigned long max, unsigned long *n);

/*
 * SIGTERM ends the process (on_term must do no more than note it), terminals
 * and broken pipes do not; and it dies with its parent. parent: getppid() as
 * main() began. -ESRCH when that parent is gone already; else of the system's.
 */
int card_start_process(pid_t parent, void (*on_term)(int number));

/*
 * Maps the counters, reads the keys of the run and makes the bus. What
 * stats_map(), bus_keys_read() and bus_new() return; then nothing is held.
 */
int card_start_open(struct card_start *s);
void card_start_close(struct card_start *s);

#endif
