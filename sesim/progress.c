/*
 * The progress bar: one line, written over itself.
 */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "clock.h"

#define BAR_CELLS 30

void
progress_begin(struct progress *p, uint64_t total)
{
	*p = (struct progress){.begin_ns = clock_monotonic(),
			       .total = total,
			       .terminal = isatty(STDERR_FILENO) == 1};
}

void
progress_show(struct progress *p, uint64_t done, uint64_t packets)
{
	uint64_t ns = clock_monotonic() - p->begin_ns;
	char bar[BAR_CELLS + 1];
	unsigned cells = 0;
	unsigned percent = 0;

	if (!p->terminal || ns < CLOCK_SECOND_NS)
		return;
	if (p->total > 0) {
		double part = (double)done / (double)p->total;

		part = part > 1 ? 1 : part;
		percent = (unsigned)(part * 100);
		cells = (unsigned)(part * BAR_CELLS);
	}
	for (unsigned i = 0; i < BAR_CELLS; i++)
		bar[i] = i < cells ? '#' : '.';
	bar[BAR_CELLS] = '\0';
	(void)fprintf(stderr, "\r[%s] %3u %%  %llu packets  %.0f kpps\033[K",
		      bar, percent, (unsigned long long)packets,
		      (double)packets / ((double)ns / 1e6));
	p->shown = true;
}

void
progress_end(struct progress *p)
{
	if (p->shown)
		(void)fputs("\r\033[K", stderr);
	p->shown = false;
}
