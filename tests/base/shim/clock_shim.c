/* A clock on the heap. */
#include "clock_shim.h"

#include <stdlib.h>

#include "clock.h"

struct clock_shim {
	struct clock clock;
};

struct clock_shim *
clock_shim_held(uint64_t now_ns)
{
	struct clock_shim *c = calloc(1, sizeof(*c));

	if (c != NULL)
		clock_init_held(&c->clock, now_ns);
	return c;
}

struct clock_shim *
clock_shim_monotonic(void)
{
	struct clock_shim *c = calloc(1, sizeof(*c));

	if (c != NULL)
		clock_init_monotonic(&c->clock);
	return c;
}

void
clock_shim_advance(struct clock_shim *c, uint64_t now_ns)
{
	clock_advance(&c->clock, now_ns);
}

uint64_t
clock_shim_now(const struct clock_shim *c)
{
	return clock_now(&c->clock);
}

uint64_t
clock_shim_machine(void)
{
	return clock_monotonic();
}

void
clock_shim_free(struct clock_shim *c)
{
	free(c);
}
