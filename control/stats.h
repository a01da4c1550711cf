/*
 * The counters of one processor: a sealed memory file that the chassis makes,
 * the processor writes and the chassis reads. It outlives the processor, so a
 * killed card's last sums are known; reading costs no message. Rows that are
 * never touched cost no memory.
 */
#ifndef STATS_H
#define STATS_H

#include "counter.h"

#define STATS_STAGES 120 /* STAGE_ID_MAX; asserted where both are known */
#define STATS_FATES 128
#define STATS_PORTS 64
#define STATS_CIRCUITS 65536
#define STATS_SAS 65536
#define STATS_SA_COUNTERS 11
#define STATS_POLICIES 262144
#define STATS_PUNTS 16
#define STATS_QUEUES 8
#define STATS_ACL_ROWS 131072

struct stats_port {
	struct counter rx_packets;
	struct counter rx_octets;
	struct counter tx_packets;
	struct counter tx_octets;
};

struct stats_circuit {
	struct counter in_packets;
	struct counter in_octets;
	struct counter out_packets;
	struct counter out_octets;
};

/*
 * What features did with packets of a circuit: of those that came in at an
 * iPPA, of those that went out at an ePPA.
 */
struct stats_feature {
	struct counter acl_permitted;
	struct counter acl_denied;
	struct {
		struct counter packets;
		struct counter octets;
	} colour[3]; /* by a policer: conform, exceed, violate */
	struct {
		struct counter packets; /* that left */
		struct counter octets;
		struct counter dropped;
		struct counter dropped_octets;
		struct counter depth; /* that wait now: no sum */
	} queue[STATS_QUEUES];        /* of an iPPA: towards the ASP */
};

struct stats_link { /* same shape as struct bp_link_counters */
	struct counter packets;
	struct counter octets;
	struct counter frames;
};

struct stats {
	struct counter received;   /* read at ports */
	struct counter originated; /* made by the router itself */
	struct counter fragments_created;
	struct counter fragments_absorbed;
	struct counter transmitted; /* left by ports */
	struct counter punted;
	struct counter dropped[STATS_FATES];  /* by enum pkt_fate */
	struct stats_link sent[STATS_STAGES]; /* by the other end */
	struct stats_link link_received[STATS_STAGES];
	struct stats_port port[STATS_PORTS];
	_Alignas(64) struct stats_circuit circuit[STATS_CIRCUITS];
	struct stats_feature feature[STATS_CIRCUITS];
	struct counter acl_hit[STATS_ACL_ROWS]; /* by a row's counter */
	/* A line each, which a packet writes. */
	_Alignas(64) struct counter sa[STATS_SAS][STATS_SA_COUNTERS];
	struct counter sa_engine[STATS_SAS];   /* enum alg_engine_id, 0: none */
	struct counter policy[STATS_POLICIES]; /* packets, by id of the rule */
	/* An iPPA: sent to the controller, and beyond its rate, by kind. */
	struct counter punt[STATS_PUNTS];
	struct counter punt_refused[STATS_PUNTS];
	/* Drops that the controller was told of, and not, to spare it. */
	struct counter notices;
	struct counter notices_refused;
};

/*
 * Makes the memory: a sealed memfd, whose descriptor the caller owns, mapped.
 * -ENOMEM, -EMFILE.
 */
int stats_new(int *fd, struct stats **stats);

/* Maps what stats_new() made; refuses a file of another size with -EINVAL. */
int stats_map(int fd, struct stats **stats);

/* Unmaps. Accepts NULL, leaves NULL. */
void stats_unmap(struct stats **stats);

#endif
