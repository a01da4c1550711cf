/*
 * Feeds of capture points into one pcapng: an interface for each point, a
 * comment with stage and journey for each packet, written as they come. For
 * `sesim capture` and `sesim lab capture`.
 */
#ifndef FEEDS_H
#define FEEDS_H

#include <stdbool.h>
#include <stdint.h>

#include "cap_error.h"

#define FEEDS_MAX 64 /* points of one capture */

struct feeds;

/*
 * Listens at a socket of this path (removed at the end). out: the file that is
 * written, the capture's from now on. -ENOMEM, -errno, with a sentence.
 */
int feeds_new(struct feeds **feeds, const char *path, int out,
	      struct cap_error *why);
void feeds_free(struct feeds **feeds);

/* A point that will connect: "pe1 1/ippa:rx" or "1/ippa:rx". Its number, or
 * -EINVAL with a sentence. */
int feeds_add(struct feeds *feeds, const char *router, const char *point,
	      struct cap_error *why);

/*
 * Until every point has connected: 0; -ETIMEDOUT with the names of those that
 * did not; -EINTR.
 */
int feeds_await(struct feeds *feeds, const volatile int *quit,
		struct cap_error *why);

/*
 * Records until count packets are written (0: without end), *quit is set, the
 * reader of the output has gone, or every router has. 0, or -errno where the
 * output can not be written.
 */
int feeds_run(struct feeds *feeds, uint64_t count, const volatile int *quit,
	      struct cap_error *why);

/* After routers were asked to tell what they dropped: what is still there. */
void feeds_finish(struct feeds *feeds, uint64_t count);

uint64_t feeds_written(const struct feeds *feeds);
/* What routers dropped, for there was no room here. */
uint64_t feeds_dropped(const struct feeds *feeds);

#endif
