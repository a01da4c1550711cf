/*
 * Where the frames of a capture node or a generator come from: frames in order
 * of time, of which each has its time after the lab's start. One face, two
 * implementations.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdint.h>

#include "cap_error.h"
#include "flow.h"

#define SOURCE_NEVER UINT64_MAX

struct source;

struct source_ops {
	/* When the next frame is due; SOURCE_NEVER: there is no more. */
	uint64_t (*next_ns)(const struct source *source);
	/* That frame, into room for WIRE_FRAME_MAX octets: its octets. */
	uint32_t (*take)(struct source *source, uint8_t *frame);
	void (*close)(struct source *source); /* frees */
};

struct source {
	const struct source_ops *ops;
};

/* How fast a capture is played. */
enum source_pace {
	SOURCE_PACE_CAPTURE, /* its own times, n / 1000 times as fast */
	SOURCE_PACE_PPS      /* n packets a second; 0: 1,000,000 */
};

/*
 * source_capture.c: a capture file of any link type that has IP packets; those
 * that are not Ethernet get a header. Its times may step back: then frames come
 * at once. The errors of cap_read_open(). Damage further on ends it, and is
 * logged.
 */
int source_capture(struct source **source, const char *path,
		   enum source_pace pace, uint64_t n, struct cap_error *err);

/* source_flow.c: flows side by side, copied. -ENOMEM. */
int source_flows(struct source **source, const struct flow *flow, unsigned n);

void source_close(struct source **source); /* leaves NULL, accepts NULL */

#endif
