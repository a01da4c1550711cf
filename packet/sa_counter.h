/*
 * What is counted for one SA. The ASP writes, the controller reads: the rows
 * lie in memory that both share (control/stats.h), so they outlive an ASP.
 */
#ifndef SA_COUNTER_H
#define SA_COUNTER_H

#include "counter.h"

#define SA_COUNTERS(X)                                                         \
	X(PACKETS, "packets", "packets sealed or opened")                      \
	X(OCTETS, "octets", "octets of the clear packets")                     \
	X(REPLAY, "replay-drops",                                              \
	  "sequence number seen, or left of the window")                       \
	X(INTEGRITY, "integrity-failures",                                     \
	  "the integrity check value is wrong")                                \
	X(FORMAT, "format-errors", "bad length, padding or inner packet")      \
	X(SELECTOR, "selector-mismatches", "opened packet not of this SA")     \
	X(SEQUENCE, "sequence", "last number sent, or highest accepted")       \
	X(EXHAUSTED, "sequence-exhausted",                                     \
	  "packets dropped for want of numbers")                               \
	X(EXPIRED, "expired-drops", "packets dropped at the hard limit")       \
	X(LIFE_OCTETS, "life-octets",                                          \
	  "octets counted towards the lifetime, over restarts of the ASP")     \
	X(LIFE_REACHED, "life-reached",                                        \
	  "limits of the lifetime reached: 1 soft, 3 hard too")

enum sa_counter {
#define X(id, name, sentence) SA_COUNTER_##id,
	SA_COUNTERS(X)
#undef X
	    SA_COUNTERS_MAX
};

struct sa_counters {
	struct counter c[SA_COUNTERS_MAX];
};

#endif
