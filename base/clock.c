/*
 * The two clocks: the machine's, and one that is held and set by its owner. A
 * held clock never goes back, whatever its captures do.
 */
#include "clock.h"

#include <time.h>

void
clock_init_monotonic(struct clock *clock)
{
	*clock = (struct clock){.held = 0};
}

void
clock_init_held(struct clock *clock, uint64_t now_ns)
{
	*clock = (struct clock){.set_ns = now_ns, .held = 1};
}

void
clock_advance(struct clock *clock, uint64_t now_ns)
{
	if (now_ns > clock->set_ns)
		clock->set_ns = now_ns;
}

static uint64_t
read_clock(clockid_t id)
{
	struct timespec ts = {0};

	(void)clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * CLOCK_SECOND_NS + (uint64_t)ts.tv_nsec;
}

uint64_t
clock_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t
clock_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

uint64_t
clock_now(const struct clock *clock)
{
	return clock->held ? clock->set_ns : clock_monotonic();
}
