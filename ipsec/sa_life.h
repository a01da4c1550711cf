/*
 * How long one SA may live, by time and by octets (RFC 4301 section 4.4.2.1).
 * A soft limit says that a successor is wanted, a hard one ends the SA. Each is
 * reached once. Octets are those of the clear packets that went through: what
 * was refused, for whatever reason, is not counted and ages nothing.
 *
 * Limits only; who asks and who is told is the SAD's.
 */
#ifndef SA_LIFE_H
#define SA_LIFE_H

#include <stdbool.h>
#include <stdint.h>

/* 0: no such limit. Times are ages. */
struct sa_life_limits {
	uint64_t soft_ns;
	uint64_t hard_ns;
	uint64_t soft_octets;
	uint64_t hard_octets;
};

/* A set of these. */
enum sa_life_reached { SA_LIFE_SOFT = 1, SA_LIFE_HARD = 2 };

struct sa_life {
	bool limited;     /* there is a limit: read for every packet */
	unsigned reached; /* enum sa_life_reached */
	unsigned by_time; /* those that were reached by time */
	struct sa_life_limits limits;
	uint64_t born_ns;
	uint64_t octets;
};

void sa_life_init(struct sa_life *life, const struct sa_life_limits *limits,
		  uint64_t born_ns, uint64_t octets);

/* What is reached by now and was not before; hard includes soft. */
unsigned sa_life_reach(struct sa_life *life, uint64_t now_ns);

/* Octets that were counted and did not go through after all. */
void sa_life_back(struct sa_life *life, uint64_t octets);

/* When the next of its limits of time is reached; UINT64_MAX: none is left. */
uint64_t sa_life_next_ns(const struct sa_life *life);

#endif
