/*
 * What cards counted of circuits, ports, SAs and rows of access lists, summed
 * over the processors, since an operator last cleared it. Cards alone write
 * their counters; clearing remembers the sums of that moment.
 */
#ifndef TALLIES_H
#define TALLIES_H

#include "chs.h"
#include "rates.h"
#include "sa_counter.h"

enum tally {
	TALLY_IN_PACKETS,
	TALLY_IN_OCTETS,
	TALLY_OUT_PACKETS,
	TALLY_OUT_OCTETS,
	TALLY_ACL_IN_PERMITTED,
	TALLY_ACL_IN_DENIED,
	TALLY_ACL_OUT_PERMITTED,
	TALLY_ACL_OUT_DENIED,
	/* Packets and octets of each colour, in order. */
	TALLY_POLICING,
	TALLY_POLICING_LAST = TALLY_POLICING + 5,
	TALLY_METERING,
	TALLY_METERING_LAST = TALLY_METERING + 5,
	/* Of each queue: packets, octets, dropped packets, dropped octets. */
	TALLY_QUEUE,
	TALLY_QUEUE_LAST = TALLY_QUEUE + 4 * STATS_QUEUES - 1,
	/* Of each queue towards the ASP: the same. */
	TALLY_ASP_QUEUE,
	TALLY_ASP_QUEUE_LAST = TALLY_ASP_QUEUE + 4 * STATS_QUEUES - 1,
	TALLIES
};

struct tallies;

void tallies_free(struct tallies **tallies);

/* Of a circuit. 0 for an id that can not be. */
uint64_t tally_circuit(const struct chs *chs, uint32_t circuit,
		       enum tally tally);
/* Packets that wait in a queue now. */
uint64_t tally_depth(const struct chs *chs, uint32_t circuit, unsigned queue);
/* Of the hit counter of an access list's row. */
uint64_t tally_hits(const struct chs *chs, uint32_t counter);

/* Of a port; sum: whatever was cleared. */
uint64_t tally_port(const struct chs *chs, unsigned slot, unsigned port,
		    enum port_tally tally);
uint64_t tally_port_sum(const struct chs *chs, unsigned slot, unsigned port,
			enum port_tally tally);
/*
 * Of an SA, over all ASPs that it was homed on; what is a state (its sequence
 * number, its life) is that of the one it is homed on, and is never cleared.
 */
uint64_t tally_sa(const struct chs *chs, uint16_t asp, uint32_t sa,
		  enum sa_counter counter);
/* Whatever was cleared; not of a state. */
uint64_t tally_sa_sum(const struct chs *chs, uint32_t sa,
		      enum sa_counter counter);
bool tally_sa_is_state(enum sa_counter counter);

/* From now on these count from 0; first .. last of enum tally. -ENOMEM. */
int tally_circuit_clear(struct chs *chs, uint32_t circuit, enum tally first,
			enum tally last);
int tally_hits_clear(struct chs *chs, uint32_t counter);
int tally_port_clear(struct chs *chs, unsigned slot, unsigned port);
int tally_sa_clear(struct chs *chs, uint32_t sa);

#endif
