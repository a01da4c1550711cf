/*
 * Time is a parameter: what needs it takes a struct clock. Nanoseconds, from an
 * origin that the clock chooses (monotonic: boot; replay: 1970). A replay and a
 * test hold a struct clock of the second kind and set it themselves.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

#define CLOCK_SECOND_NS UINT64_C(1000000000)
#define CLOCK_MS_NS UINT64_C(1000000)

struct clock {
	uint64_t set_ns; /* what a held clock says */
	int held;        /* 0: the monotonic clock of the machine */
};

void clock_init_monotonic(struct clock *clock);
void clock_init_held(struct clock *clock, uint64_t now_ns);

/* Moves a held clock forward; a time before the present one changes nothing. */
void clock_advance(struct clock *clock, uint64_t now_ns);

uint64_t clock_now(const struct clock *clock);

/* The machine's own clocks, for logs and for how long a job took. */
uint64_t clock_monotonic(void);
uint64_t clock_wall(void);

#endif
