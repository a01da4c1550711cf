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

/* Hard includes soft. */
static unsigned
set_of(bool soft, bool hard)
{
	return hard ? SA_LIFE_SOFT | SA_LIFE_HARD : soft ? SA_LIFE_SOFT : 0;
}

static bool
over(uint64_t used, uint64_t limit)
{
	return limit != 0 && used >= limit;
}

static unsigned
by_octets(const struct sa_life *life)
{
	return set_of(over(life->octets, life->limits.soft_octets),
		      over(life->octets, life->limits.hard_octets));
}

unsigned
sa_life_reach(struct sa_life *life, uint64_t now_ns)
{
	uint64_t age = now_ns > life->born_ns ? now_ns - life->born_ns : 0;
	unsigned was = life->reached;

	life->by_time |= set_of(over(age, life->limits.soft_ns),
				over(age, life->limits.hard_ns));
	life->reached |= life->by_time | by_octets(life);
	return life->reached & ~was;
}

void
sa_life_back(struct sa_life *life, uint64_t octets)
{
	life->octets -= octets;
	life->reached = life->by_time | by_octets(life);
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
