/*
 * A topology file (docs/man/topology.5): the nodes and links of a lab, each
 * with its place in the file. Read here and by nobody else; libyaml stays in
 * topology.c. A file is read whole, and every mistake in it is told, not the
 * first alone. Nothing is started, and no file but the topology is opened.
 */
#ifndef TOPOLOGY_H
#define TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOPOLOGY_NAME_MAX 32
#define TOPOLOGY_OCTETS_MAX (UINT32_C(1) << 20)
#define TOPOLOGY_NODES_MAX 1024
#define TOPOLOGY_LINKS_MAX 8192
#define TOPOLOGY_FLOWS_MAX 64
#define TOPOLOGY_PORTS_MAX 64 /* of one node: what a router can wire */

/*        id         keyword      ports of its own: how its ends are written */
#define TOPOLOGY_KINDS(X)                                                      \
	X(SMARTEDGE, "smartedge", "SLOT/PORT", "a router")                     \
	X(CAPTURE, "capture", "", "plays a capture file, records another")     \
	X(GENERATOR, "generator", "", "makes flows of packets")                \
	X(HOST, "host", "ethN",                                                \
	  "a network namespace with the machine's stack")                      \
	X(TAP, "tap", "", "a TAP interface made for the lab")                  \
	X(INTERFACE, "interface", "", "an interface that the machine has")

enum topology_kind {
#define X(id, word, port, what) TOPOLOGY_##id,
	TOPOLOGY_KINDS(X)
#undef X
	    TOPOLOGY_NODE_KINDS,
	/* What has properties and is no node. */
	TOPOLOGY_FLOW = TOPOLOGY_NODE_KINDS, /* of a generator */
	TOPOLOGY_LINK,                       /* and each of its directions */
	TOPOLOGY_LAB,
	TOPOLOGY_OWNERS
};

/* How the text of a property is read, and what its number counts. */
enum topology_type {
	TOPOLOGY_TEXT,
	TOPOLOGY_NAME,     /* letters, digits, '.', '_', '-' */
	TOPOLOGY_FILE,     /* that exists, relative to the topology's folder */
	TOPOLOGY_NEW_FILE, /* that is written */
	TOPOLOGY_NUMBER,
	TOPOLOGY_OCTETS,   /* 1 to 9216 */
	TOPOLOGY_SIZES,    /* "64" or "64-1500": n to max, octets */
	TOPOLOGY_PORTS,    /* likewise, 0 to 65535 */
	TOPOLOGY_DURATION, /* "10ms", "1.5s": ns */
	TOPOLOGY_SHARE,    /* "0.5%": in 10^9 */
	TOPOLOGY_BITRATE,  /* "10mbit": bit/s */
	TOPOLOGY_PACE,     /* "1000pps", "x2", "capture": see topology_pace */
	TOPOLOGY_ADDRESS,  /* of either family */
	TOPOLOGY_NET,      /* ADDRESS/LENGTH */
	TOPOLOGY_MAC,
	TOPOLOGY_STATE,    /* up: 1, down: 0 */
	TOPOLOGY_PROTOCOL, /* udp, tcp, icmp or a number */
	TOPOLOGY_CHASSIS,  /* SE400, SE800, SE1200 */
	TOPOLOGY_TYPES
};

/*        owner      id       key in the file    type      needed, what it is */
#define TOPOLOGY_FIELDS_OF(X)                                                  \
	X(LAB, NAME, "name", NAME, 1, "of the lab")                            \
	X(LAB, SEED, "seed", NUMBER, 0, "of all that is random in it")         \
	X(SMARTEDGE, CONFIG, "startup-config", FILE, 1, "its configuration")   \
	X(SMARTEDGE, TYPE, "type", CHASSIS, 0, "of the chassis")               \
	X(CAPTURE, SOURCE, "source", FILE, 0, "what it sends")                 \
	X(CAPTURE, SINK, "sink", NEW_FILE, 0, "where it records")              \
	X(CAPTURE, PACE, "rate", PACE, 0, "how fast it sends")                 \
	X(GENERATOR, SEED, "seed", NUMBER, 0, "of its flows")                  \
	X(GENERATOR, SINK, "sink", NEW_FILE, 0, "where it records")            \
	X(GENERATOR, MAC, "mac", MAC, 0, "its own MAC address")                \
	X(HOST, ADDRESS, "address", NET, 0, "of eth1")                         \
	X(HOST, ADDRESS6, "address6", NET, 0, "of eth1")                       \
	X(HOST, GATEWAY, "gateway", ADDRESS, 0, "of its default route")        \
	X(HOST, GATEWAY6, "gateway6", ADDRESS, 0, "of its default route")      \
	X(HOST, MTU, "mtu", OCTETS, 0, "of its interfaces")                    \
	X(TAP, DEVICE, "device", NAME, 0, "its name in the machine")           \
	X(INTERFACE, DEVICE, "device", NAME, 1, "its name in the machine")     \
	X(FLOW, SRC, "from", ADDRESS, 1, "source address")                     \
	X(FLOW, DST, "to", ADDRESS, 1, "destination address")                  \
	X(FLOW, PROTOCOL, "protocol", PROTOCOL, 0, "udp where not given")      \
	X(FLOW, SRC_PORT, "source-port", PORTS, 0, "or a range")               \
	X(FLOW, DST_PORT, "destination-port", PORTS, 0, "or a range")          \
	X(FLOW, SIZES, "size", SIZES, 0, "of the IP packets")                  \
	X(FLOW, PACE, "rate", PACE, 0, "packets a second")                     \
	X(FLOW, COUNT, "count", NUMBER, 0,                                     \
	  "packets; without end if not given")                                 \
	X(FLOW, START, "start", DURATION, 0, "after the lab is up")            \
	X(FLOW, DSCP, "dscp", NUMBER, 0, "0 to 63")                            \
	X(FLOW, TTL, "ttl", NUMBER, 0, "64 where not given")                   \
	X(FLOW, VLAN, "vlan", NUMBER, 0, "1 to 4094")                          \
	X(FLOW, MAC, "to-mac", MAC, 0, "asked for where not given")            \
	X(LINK, DELAY, "delay", DURATION, 0, "one way")                        \
	X(LINK, JITTER, "jitter", DURATION, 0, "either side of the delay")     \
	X(LINK, LOSS, "loss", SHARE, 0, "of the frames")                       \
	X(LINK, DUPLICATION, "duplication", SHARE, 0, "of the frames")         \
	X(LINK, REORDERING, "reordering", SHARE, 0,                            \
	  "held until three later ones have passed")                           \
	X(LINK, CORRUPTION, "corruption", SHARE, 0, "one bit of the frame")    \
	X(LINK, RATE, "rate", BITRATE, 0, "bits a second")                     \
	X(LINK, QUEUE, "queue", NUMBER, 0, "frames that wait for the rate")    \
	X(LINK, MTU, "mtu", OCTETS, 0, "larger IP packets are dropped")        \
	X(LINK, STATE, "state", STATE, 0, "up or down")                        \
	X(LINK, SEED, "seed", NUMBER, 0, "of its loss and the like")

enum topology_field {
#define X(owner, id, key, type, needed, what) TOPOLOGY_##owner##_##id,
	TOPOLOGY_FIELDS_OF(X)
#undef X
	    TOPOLOGY_FIELDS
};

/* The row of a property; key is as it stands in the file. */
struct topology_row {
	const char *key;
	const char *what;
	uint8_t owner; /* enum topology_kind */
	uint8_t type;
	bool needed;
};
extern const struct topology_row topology_row[TOPOLOGY_FIELDS];

/* A property, with its place. Text is borrowed from the topology. */
struct topology_value {
	const char *text; /* NULL: it is not there */
	uint64_t n;       /* what the text says, in the unit of its type */
	uint64_t max;     /* of a range; else n */
	unsigned line;
	unsigned column;
};

/* PACE: n is one of these, and max the number. */
enum topology_pace {
	TOPOLOGY_PACE_PPS,     /* max: packets a second; 0: as fast as can be */
	TOPOLOGY_PACE_CAPTURE, /* max: times 1000 of the capture's own pace */
};

/* The values of one owner: those of other owners are not set. */
struct topology_set {
	struct topology_value at[TOPOLOGY_FIELDS];
};

struct topology_node {
	const char *name;
	enum topology_kind kind;
	unsigned line;
	unsigned column;
	struct topology_set set;
	struct topology_set *flow; /* of a generator */
	unsigned nflows;
	unsigned nlinks;
};

struct topology_end {
	const char *text; /* "pe1:2/1" */
	unsigned node;    /* index */
	unsigned slot;    /* of a router; else 0 */
	unsigned port;    /* of a router; of a host N of ethN; else 0 */
	unsigned line;
	unsigned column;
};

struct topology_link {
	struct topology_end end[2];
	struct topology_set set[2]; /* 0: from end 0 to end 1 */
	unsigned line;
	unsigned column;
};

struct topology {
	const char *path;   /* as given */
	const char *folder; /* of it, for the files it names */
	const char *name;
	uint64_t seed; /* 0 where none is given */
	bool seeded;
	struct topology_node *node;
	unsigned nnodes;
	struct topology_link *link;
	unsigned nlinks;
	struct topology_doc *doc; /* what owns the texts */
};

/* What is wrong, in order of place; line 0: with the file as a whole. */
#define TOPOLOGY_FAULTS_MAX 256
#define TOPOLOGY_TEXT_MAX 320
struct topology_fault {
	unsigned line;
	unsigned column;
	char text[TOPOLOGY_TEXT_MAX]; /* "WRONG; RIGHT" */
};
struct topology_faults {
	struct topology_fault *list;
	unsigned n;     /* in the list, at most TOPOLOGY_FAULTS_MAX, */
	unsigned found; /* and in all */
};

/*
 * Reads a file, or octets that are borrowed for the call, and checks it for
 * itself (topology_check.c). 0: no fault, and *t is the caller's until
 * topology_free(). -EINVAL: faults are told, *t is NULL. -ENOMEM, or the errno
 * of reading.
 */
int topology_load(struct topology **t, const char *path,
		  struct topology_faults *faults);
int topology_read(struct topology **t, const char *path, const void *octets,
		  size_t n, struct topology_faults *faults);
void topology_free(struct topology **t); /* accepts NULL, leaves NULL */

/* Adds one. Places from 1. Without memory it is counted alone. */
void topology_fault(struct topology_faults *faults, unsigned line,
		    unsigned column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* In order of place, those of one place in order of finding. */
void topology_faults_sort(struct topology_faults *faults);
void topology_faults_fini(struct topology_faults *faults);

/* What the kinds are: "smartedge". */
const char *topology_kind_word(enum topology_kind kind);

/*
 * topology_value.c: reads a text as a type. NULL, and *value holds n and max;
 * else what would be right ("expected a duration such as 10ms"), borrowed.
 */
const char *topology_value_read(enum topology_type type, const char *text,
				struct topology_value *value);

/* The index of a node, or -1. */
int topology_find(const struct topology *t, const char *name);
/*
 * The link with this end ("pe1:2/1"): its index, *side the end's; or -1. A
 * node's name alone is enough where the node has one link.
 */
int topology_find_end(const struct topology *t, const char *text,
		      unsigned *side);

/* The path of a FILE or NEW_FILE: -ENAMETOOLONG. */
int topology_path(const struct topology *t, const struct topology_value *value,
		  char *path, size_t octets);

/* topology_check.c: what a file says that can not be. For topology_read(). */
void topology_check(const struct topology *t, struct topology_faults *faults);

#endif
