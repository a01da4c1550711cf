/*
 * Two readings and the time between them. Cards write counters in shared
 * memory, so a reading costs no message.
 */
#include "rates.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "running.h"
#include "tallies.h"

struct rates {
	uint64_t read_ns;     /* 0: never */
	uint64_t interval_ns; /* between the last two readings */
	uint64_t count[STAGE_SLOT_MAX + 1][STATS_PORTS][PORT_TALLIES];
	uint64_t moved[STAGE_SLOT_MAX + 1][STATS_PORTS][PORT_TALLIES];
};

struct rates *
rates_new(void)
{
	return calloc(1, sizeof(struct rates));
}

void
rates_free(struct rates **rates)
{
	free(*rates);
	*rates = NULL;
}

static void
sample_port(struct chs *chs, unsigned slot, unsigned port)
{
	uint64_t *count = chs->rates->count[slot][port];
	uint64_t *moved = chs->rates->moved[slot][port];

	for (unsigned i = 0; i < PORT_TALLIES; i++) {
		uint64_t n = tally_port_sum(chs, slot, port, i);

		moved[i] = n > count[i] ? n - count[i] : 0;
		count[i] = n;
	}
}

void
rates_sample(struct chs *chs, uint64_t now_ns)
{
	struct rates *rates = chs->rates;
	struct running_port p;

	if (chs->args->replay || rates == NULL)
		return;
	for (size_t i = 0; running_port(chs->running, i, &p); i++) {
		if (p.slot <= STAGE_SLOT_MAX && p.port < STATS_PORTS)
			sample_port(chs, p.slot, p.port);
	}
	rates->interval_ns = rates->read_ns == 0 ? 0 : now_ns - rates->read_ns;
	rates->read_ns = now_ns;
}

uint64_t
rates_interval_ns(const struct chs *chs)
{
	return chs->rates == NULL ? 0 : chs->rates->interval_ns;
}

uint64_t
rates_port(const struct chs *chs, unsigned slot, unsigned port,
	   enum port_tally tally)
{
	uint64_t ms = rates_interval_ns(chs) / CLOCK_MS_NS;

	if (ms == 0 || slot > STAGE_SLOT_MAX || port >= STATS_PORTS)
		return 0;
	return (chs->rates->moved[slot][port][tally] * 1000 + ms / 2) / ms;
}
