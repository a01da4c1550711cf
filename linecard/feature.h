/*
 * The features of circuits at this processor, by circuit: access lists by
 * direction and family of address, policers by direction.
 */
#ifndef FEATURE_H
#define FEATURE_H

#include <stdbool.h>
#include <stdint.h>

#include "pkt_vec.h"
#include "policer.h"
#include "pq.h"

/* ASP: what an iPPA does with packets on their way to an ASP. */
enum feature_direction {
	FEATURE_IN,
	FEATURE_OUT,
	FEATURE_DIRECTIONS, /* that have lists and policers */
	FEATURE_ASP = FEATURE_DIRECTIONS,
	FEATURE_USES
};
enum feature_family { FEATURE_IPV4, FEATURE_IPV6, FEATURE_FAMILIES };

struct feature {
	uint32_t acl[FEATURE_DIRECTIONS][FEATURE_FAMILIES]; /* id, 0: none */
	uint32_t policer[FEATURE_DIRECTIONS];               /* id, 0: none */
	uint32_t pq;         /* priority queues of FEATURE_OUT: id, 0: none */
	uint32_t asp_queues; /* priority towards the ASP: id, 0: none */
	bool count[FEATURE_DIRECTIONS]; /* what lists permit and deny */
	bool log[FEATURE_DIRECTIONS];   /* what they deny */
};

struct feature_table;

struct feature_table *feature_table_new(void);
void feature_table_free(struct feature_table **table);

/*
 * Replaces what the circuit had; all zero: nothing any more. -EINVAL: circuit 0
 * or too large; -ENOMEM.
 */
int feature_set(struct feature_table *table, uint32_t circuit,
		const struct feature *feature);

/*
 * Whether any packet's circuit has a feature: circuit_in for FEATURE_IN, else
 * circuit_out. Where no circuit at all has one, this is one test; else it reads
 * an octet a packet.
 */
bool feature_in_vec(const struct feature_table *table,
		    enum feature_direction direction, const struct pkt_vec *v);

/* NULL when the circuit has none in this direction. Borrowed until a set. */
const struct feature *feature_get(const struct feature_table *table,
				  uint32_t circuit,
				  enum feature_direction direction);

/*
 * The token bucket of a circuit that has a policer in this direction; it stays
 * as long as the circuit has one. Borrowed until a set.
 */
struct policer_state *feature_policing(struct feature_table *table,
				       uint32_t circuit,
				       enum feature_direction direction);

/*
 * The priority queues of a circuit, made and changed at need to be what conf
 * says (of a number that a change raises); NULL without memory.
 */
struct pq *feature_pq(struct feature_table *table, uint32_t circuit,
		      const struct pq_conf *conf, uint32_t version);

#endif
