/*
 * Departure from ports that hold packets. In a replay: what a circuit's
 * metering and priority queues decide is decided when a round is complete, in
 * order of arrival, whatever paths its packets took (docs/architecture.md,
 * "Queues and rounds"). Until then frames rest in memory of the processor's
 * own; their buffers are home and their round has its fates. Live: what comes
 * for a port with queues is metered and queued at once, and leaves by the
 * machine's clock.
 */
#ifndef LC_DEPART_H
#define LC_DEPART_H

#include "lc.h"

void lc_depart_fini(struct lc *lc);

/*
 * Marks the ways of packets that are held: those of a port's circuit with
 * metering or queues in a replay, with queues at a live far end.
 */
void lc_depart_mark(struct lc *lc, struct pkt_vec *v);

/*
 * Takes a copy of packet i, a frame by now, and ends the packet here. -ENOMEM:
 * it could not; nothing is changed.
 */
int lc_depart_hold(struct lc *lc, struct pkt_vec *v, unsigned i);

/* Rounds up to this one are complete: what leaves by then is written. */
void lc_depart_flush(struct lc *lc, uint32_t round);
/*
 * Live: what was held goes to its queues, and what leaves by now is written.
 * When the next packet leaves; UINT64_MAX: none waits.
 */
void lc_depart_now(struct lc *lc);
uint64_t lc_depart_due_ns(struct lc *lc);
/* The input has ended: all that waits leaves in its order. */
void lc_depart_close(struct lc *lc);

#endif
