/*
 * Metering by token buckets (RFC 2697, colour-blind): a packet conforms,
 * exceeds, or violates. Lengths are those of IP packets. Time is a parameter,
 * in nanoseconds; where it steps back, no time has passed.
 */
#ifndef POLICER_H
#define POLICER_H

#include <stdbool.h>
#include <stdint.h>

enum policer_colour {
	POLICER_CONFORM,
	POLICER_EXCEED,
	POLICER_VIOLATE,
	POLICER_COLOURS
};

enum policer_action { POLICER_PASS, POLICER_DROP, POLICER_MARK };

#define POLICER_RATE_MAX UINT32_C(400000000) /* 400 Gbit/s */

struct policer {
	uint32_t rate_kbps;
	uint32_t burst;  /* octets: the committed burst size */
	uint32_t excess; /* octets: the excess burst size; 0: nothing violates,
			  * what does not conform exceeds */
	uint8_t action[POLICER_COLOURS]; /* enum policer_action */
	uint8_t dscp[POLICER_COLOURS];   /* POLICER_MARK */
};

/* What one user of a policer has; all zero: full. */
struct policer_state {
	uint64_t last_ns;
	uint64_t missing;        /* of the committed burst, see policer.c */
	uint64_t missing_excess; /* of the excess burst */
};

/* Takes a packet's octets, or as many as are there say no. */
enum policer_colour policer_take(const struct policer *policer,
				 struct policer_state *bucket, uint64_t now_ns,
				 uint32_t octets);

/* Policers by id. */
struct policer_table;

struct policer_table *policer_table_new(void);
void policer_table_free(struct policer_table **table);
/* -EINVAL: id 0 or above 65535, a rate or burst that can not be; -ENOMEM. */
int policer_set(struct policer_table *table, uint32_t id,
		const struct policer *policer);
void policer_delete(struct policer_table *table, uint32_t id);
/* NULL when there is none. Borrowed until the next set or delete. */
const struct policer *policer_get(const struct policer_table *table,
				  uint32_t id);

#endif
