/*
 * The anti-replay window of one inbound SA (RFC 4303 section 3.4.3), as a ring
 * of words that is never shifted (RFC 6479). Numbers are 64 bits inside, so
 * extended sequence numbers are the same window (RFC 4303 appendix A).
 *
 * A receiver that loses 2^32 packets in a row has lost its peer's high half for
 * good: the resynchronisation of appendix A3 (MAY) is not done, for it would
 * try several high halves for every forgery. The SA ends as integrity failures
 * and a new one is needed.
 *
 * Per packet: replay_check() before the ICV is computed, replay_accept() only
 * after it held, so that a forgery moves nothing.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#define REPLAY_WINDOW_DEFAULT 64 /* RFC 4303 section 3.4.3 prefers it */
#define REPLAY_WINDOW_MAX 4096

struct replay {
	uint64_t top;    /* highest number accepted */
	uint64_t *words; /* NULL: off */
	uint32_t mask;   /* words in the ring, a power of two, less one */
	uint32_t window; /* packets; 0: off */
	bool esn;
};

/*
 * window: packets, 0 (off) to MAX; -EINVAL for more, and for ESN with the
 * window off (the high half could not be inferred; RFC 4303 section 2.2.1).
 * RFC 4303 asks for at least 32; fewer serve who wants to see why. -ENOMEM.
 * Numbers up to top count as seen: 0 for a new SA.
 */
int replay_init(struct replay *replay, unsigned window, bool esn, uint64_t top);
void replay_fini(struct replay *replay);

/*
 * Whether a number may be new. seq_low: from the packet; *seq: the full number
 * that replay_accept() and the ICV want, set when true. Changes nothing.
 */
bool replay_check(const struct replay *replay, uint32_t seq_low, uint64_t *seq);

/* Marks the number and moves the window; false when it had been seen. */
bool replay_accept(struct replay *replay, uint64_t seq);

#endif
