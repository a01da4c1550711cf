/*
 * The keeper of a lab, for the files lab_*.c that are it: one process that is
 * the parent of every chassis and the owner of every wire, so that a link
 * outlives the routers at its ends. One loop (lab_keep.c) sleeps on all there
 * is to hear: deaths (lab_nodes.c), frames (lab_wires.c), orders (lab_doors.c).
 */
#ifndef LAB_KEEP_H
#define LAB_KEEP_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "rundir.h"
#include "topology.h"
#include "wire_pump.h"

#define LAB_WHY_MAX 512
#define LAB_NEVER UINT64_MAX

struct lab;

/* First member of whatever has a descriptor that the loop sleeps on. */
struct lab_watch {
	void (*woken)(struct lab *lab, struct lab_watch *watch);
	int fd; /* -1: none */
};

enum lab_node_state {
	LAB_NODE_WAITING,  /* its turn to start has not come */
	LAB_NODE_STARTING, /* its chassis runs, and has not said ready */
	LAB_NODE_UP,
	LAB_NODE_ENDING, /* by order */
	LAB_NODE_DEAD,   /* will be started again at again_ns */
	LAB_NODE_FAILED  /* will not */
};

struct lab_node {
	struct lab_watch words; /* what its chassis says when it is ready */
	const struct topology_node *node;
	enum lab_node_state state;
	pid_t pid;
	uint64_t started_ns;
	uint64_t again_ns;
	unsigned starts;
	unsigned deaths; /* in a row */
	unsigned killed; /* in all, not by order */
	int status;      /* exit status where it failed */
	bool host;       /* its network namespace is made */
	bool reboot;     /* its next life begins with its file */
	char *said;
	size_t nsaid;
	json_t *cli;
	char path[RUNDIR_PATH_MAX];
	char why[LAB_WHY_MAX];
};

/* One end of a wire. */
struct lab_end {
	int far; /* the router's half of its socket, for its next life; or -1 */
	uint64_t unread; /* delivered to it, and it died before it read them */
	struct lab_node *node;
};

struct lab_wire {
	const struct topology_link *link;
	unsigned number; /* the pump's */
	struct lab_end end[2];
};

struct lab_doors;

struct lab {
	struct topology *topology;
	const char *run_dir;
	const char *bin_dir;
	char **chassis_args; /* of every chassis, NULL at the end */
	int lock_fd;
	int life_fd; /* a lock that every process of the lab holds */
	int ready_fd;
	int epoll;
	struct lab_watch signals;
	struct lab_node *node; /* as the topology's, routers only are started */
	struct lab_wire *wire;
	struct wire_pump *pump;
	struct lab_watch pumped;
	struct lab_doors *doors;
	uint64_t started_ns;
	uint64_t ready_ns; /* 0: not yet */
	uint64_t kill_ns;  /* those adopted that are still there then */
	bool leaving;
	int status; /* to end with */
};

/* lab_keep.c */
int lab_watch(struct lab *lab, struct lab_watch *watch);
void lab_unwatch(struct lab *lab, struct lab_watch *watch); /* and closes */

/* lab_nodes.c */
int lab_nodes_new(struct lab *lab, char why[LAB_WHY_MAX]);
void lab_nodes_free(struct lab *lab);
/* Starts whose turn has come; when it is to be called again. */
uint64_t lab_nodes_step(struct lab *lab, uint64_t now_ns);
/* Children have ended. */
void lab_nodes_reap(struct lab *lab);
/* Ends one and starts it again; -EBUSY: it is not up. */
int lab_node_restart(struct lab *lab, struct lab_node *node);
const char *lab_node_state_word(enum lab_node_state state);
/* A node has come up, or failed for good: for who waits for it. */
void lab_node_settled(struct lab *lab, struct lab_node *node);

/* lab_wires.c */
int lab_wires_new(struct lab *lab, char why[LAB_WHY_MAX]);
void lab_wires_free(struct lab *lab);
/* The options of a chassis for the wires of its node. */
unsigned lab_wires_args(const struct lab *lab, const struct lab_node *node,
			char (*text)[32], int *fds, unsigned max);
/*
 * A node takes frames from now on, or died: what lies unread before it then is
 * lost, and counted.
 */
void lab_wires_node(struct lab *lab, const struct lab_node *node, bool up);
json_t *lab_wires_json(const struct lab *lab);
/* What a file says of one direction, as the shaper takes it. */
void lab_shape_conf(const struct topology_set *set, struct shape_conf *conf);
/* The seed of a direction: its own, or one that follows from the lab's. */
uint64_t lab_link_seed(const struct topology *t, uint64_t seed, unsigned link,
		       unsigned side);

/*
 * lab_ends.c: what this machine lacks for a node; NULL: nothing, or why is set,
 * where no machine could.
 */
const char *lab_end_lacks(const struct topology_node *node,
			  char why[LAB_WHY_MAX]);
/* What a generator sends: 0, or the errors of flow_init() and source_flows().
 */
struct source;
int lab_flows_open(const struct topology *t, const struct topology_node *node,
		   uint64_t lab_seed, struct source **source);
/*
 * Whether the lab's time is that of its sources (wire_pump.h): it has a seed,
 * and nobody in it has a clock of his own.
 */
bool lab_ends_timed(const struct topology *t);
/* The end of a node that is no router. -errno, and a sentence. */
int lab_end_open(struct lab *lab, struct lab_node *node,
		 const struct topology_end *at, struct wire_end **end,
		 char why[LAB_WHY_MAX]);

/* lab_doors.c */
int lab_doors_new(struct lab *lab, char why[LAB_WHY_MAX]);
void lab_doors_free(struct lab *lab);
/* Answers those who wait for the node. */
void lab_doors_settled(struct lab *lab, const struct lab_node *node);

/* What sesim-keeper does for a lab: the exit status. */
struct lab_keep_args {
	const char *topology;
	const char *run_dir;
	const char *bin_dir;
	char **chassis_args;
	int lock_fd;
	int ready_fd;
};
int lab_keep(const struct lab_keep_args *args);

#endif
