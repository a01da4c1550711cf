/*
 * `sesim replay`: one router, captures in, captures out.
 */
#ifndef REPLAY_MAIN_H
#define REPLAY_MAIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "bus.h"
#include "conf.h"
#include "journey_view.h"
#include "point.h"

#define REPLAY_BINDS_MAX 256
#define REPLAY_MAIN_HOLD_MAX 2

enum replay_kind { REPLAY_IN, REPLAY_OUT, REPLAY_POINT };

/* A file at a port's receive or transmit side, or at a capture point. */
struct replay_bind {
	enum replay_kind kind;
	unsigned slot; /* ports */
	unsigned port;
	struct point point;        /* capture points */
	char name[POINT_NAME_MAX]; /* "1/1", or that of the point */
	const char *path;          /* as typed; borrowed */
};

struct replay_args {
	const char *command; /* for messages: "sesim replay" */
	const char *config;
	const char *secret_key; /* or NULL */
	const char *engine;
	const char *keys_dir;     /* or NULL */
	const char *json;         /* path, "-", or NULL */
	const char *trace_filter; /* or NULL */
	uint32_t trace;           /* packets, 0: none */
	enum journey_form trace_form;
	const char *trace_path; /* NULL: standard output */
	enum bus_transport transport;
	bool seeded;
	uint64_t seed;
	double pace; /* 0: max */
	bool strict_mac;
	bool silent;            /* the router says nothing of its own */
	uint32_t round_packets; /* 0: default */
	uint32_t rounds_open;
	unsigned nbinds;
	struct replay_bind bind[REPLAY_BINDS_MAX];
	/* Since when elapsed_s and cpu_s count: clock_monotonic(), and what
	 * replay_cpu_ns() said then. */
	uint64_t begin_ns;
	uint64_t begin_cpu_ns;
	/* Descriptors that config and secret_key name under /proc/self/fd. */
	int hold[REPLAY_MAIN_HOLD_MAX];
	unsigned nhold;
};

/* All that came of a run; a field may be NULL when it did not get that far. */
struct replay_result {
	int status;       /* exit status */
	json_t *sums;     /* the object of --json */
	json_t *problems; /* sentences */
	json_t *journeys;
};

/*
 * Options into args. 0; 1: --help was given and answered; -EINVAL: told on
 * standard error.
 */
int replay_parse(struct replay_args *args, int argc, char **argv);

/* "SLOT/PORT=FILE" or "POINT=FILE" into the next bind. 0 or -EINVAL, told. */
int replay_bind_add(struct replay_args *args, enum replay_kind kind,
		    const char *text);

/* Whether the ports that args name are in the configuration; told. */
int replay_check_ports(const struct replay_args *args,
		       const struct cfg_tree *tree);

/*
 * Runs it: starts the router, waits for its end, puts the outputs in place.
 * What went wrong before a packet was read is told on standard error; what went
 * wrong later stands in the problems. The caller gives the result to
 * replay_result_fini().
 */
void replay_run(const struct replay_args *args, struct replay_result *result);
void replay_result_fini(struct replay_result *result);

/* User and system time of this process and of those it has waited for. */
uint64_t replay_cpu_ns(void);

/* The summary as a table for people, on standard output. */
void replay_print(const struct replay_result *result);

/* Writes words to path, or standard output for "-". 0 or -errno, told. */
int replay_write_json(const json_t *words, const char *path,
		      const char *command);

/* The subcommand. */
int replay_main(int argc, char **argv);

#endif
