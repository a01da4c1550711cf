/*
 * What the files of a process's backplane know of each other; nobody else
 * includes it. bp_link.c owns life, pools and what comes in, bp_out.c what goes
 * out.
 */
#ifndef BP_IMPL_H
#define BP_IMPL_H

#include "bp_link.h"
#include "bp_pools.h"

struct link_in {
	struct bus_sock *sock; /* NULL: no link */
	uint32_t epoch;        /* of the sender */
	struct bus_msg msg;    /* frames that were not taken, or not whole */
	size_t at;             /* of the first such frame */
	size_t left;           /* octets from there; 0: there is none */
	unsigned taken;        /* of its packets */
	unsigned waiting;      /* of its packets, for buffers */
};

struct link_out {
	struct bus_sock *sock;
	struct pkt_vec *v;  /* put and not yet a frame */
	uint64_t word;      /* holder word of what travels on it */
	struct bus_msg msg; /* frames that are not sent yet */
	size_t used;        /* octets of them; 0: there is none */
	size_t octets;      /* of their packets */
	unsigned packets;
	unsigned frames;
};

struct bp {
	struct bp_args args;
	bool by_value;
	struct bp_pool *own;    /* what this process takes buffers from */
	struct bp_pool private; /* by value; else empty */
	struct bp_pools pools;  /* by reference */
	uint64_t held;          /* holder word of what is here */
	struct pkt_mem mem;
	uint32_t generation;
	bp_watch_fn *watch; /* or NULL */
	void *watch_arg;
	unsigned listened; /* links ever opened: part of their names */
	size_t n_in;       /* links in, and whose, in the order of opening */
	uint16_t inbound[STAGE_ID_MAX];
	size_t n_out; /* links out, likewise */
	uint16_t outbound[STAGE_ID_MAX];
	struct link_in in[STAGE_ID_MAX];
	struct link_out out[STAGE_ID_MAX];
};

/* bp_out.c: closes every outbound link, for bp_free(). */
void bp_out_fini(struct bp *bp);

#endif
