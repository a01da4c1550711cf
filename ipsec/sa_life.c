/*
 * When an SA has grown old. Called by the SAD per packet of an SA that has
 * limits, and when a limit of time may have been reached without one.
 *
 * RFC 4301 section 4.4.2.1: soft and hard, time and octets, whichever comes
 * first. An SA ends when a limit is reached, not when a packet would pass it:
 * the packet that reaches the octets still goes.
 */
#include "sa_life.h"

void
sa_life_init(struct sa_life *life, const struct sa_life_limits *limits,
	     uint64_t born_ns, uint64_t octets)
{
	*life = (struct sa_life){
	    .limits = *limits,
	    .born_ns = born_ns,
	    .octets = octets,
	    .limited = limits->soft_ns != 0 || limits->hard_ns != 0 ||
		       limits->soft_octets != 0 || limits->hard_octets != 0,
	};
}

static bool
reached(const struct sa_life *life, uint64_t age, uint64_t ns, uint64_t octets)
{
	return (ns != 0 && age >= ns) ||
	       (octets != 0 && life->octets >= octets);
}

unsigned
sa_life_reach(struct sa_life *life, uint64_t now_ns)
{
	const struct sa_life_limits *l = &life->limits;
	uint64_t age = now_ns > life->born_ns ? now_ns - life->born_ns : 0;
	unsigned now = 0;
	unsigned fresh;

	if (reached(life, age, l->soft_ns, l->soft_octets))
		now |= SA_LIFE_SOFT;
	if (reached(life, age, l->hard_ns, l->hard_octets))
		now |= SA_LIFE_SOFT | SA_LIFE_HARD;
	fresh = now & ~life->reached;
	life->reached |= now;
	return fresh;
}

uint64_t
sa_life_next_ns(const struct sa_life *life)
{
	const struct sa_life_limits *l = &life->limits;

	if (l->soft_ns != 0 && !(life->reached & SA_LIFE_SOFT))
		return life->born_ns + l->soft_ns;
	if (l->hard_ns != 0 && !(life->reached & SA_LIFE_HARD))
		return life->born_ns + l->hard_ns;
	return UINT64_MAX;
}
