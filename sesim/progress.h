/*
 * A progress bar on standard error, when that is a terminal and the work is
 * longer than a second; otherwise nothing.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	uint64_t begin_ns;
	uint64_t total; /* 0: not known */
	bool terminal;
	bool shown;
};

void progress_begin(struct progress *p, uint64_t total);
/* done: of the total; packets: for the words beside the bar. */
void progress_show(struct progress *p, uint64_t done, uint64_t packets);
/* Wipes the line. */
void progress_end(struct progress *p);

#endif
