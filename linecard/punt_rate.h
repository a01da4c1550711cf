/*
 * The rates at which an iPPA sends packets to the controller, which answers far
 * fewer than ports can bring. A bucket for each kind (packet/punt_kind.h) and
 * each link that brings packets: those of the ports among themselves are in
 * order, those of one ASP too, both together in a replay are not, and what is
 * refused must not depend on who came first. The clock is the packets' own
 * arrival, so a replay refuses what a live router would have.
 */
#ifndef PUNT_RATE_H
#define PUNT_RATE_H

#include "bucket.h"
#include "pkt.h"
#include "punt_kind.h"
#include "stage.h"
#include "stats.h"

struct punt_rate {
	struct bucket bucket[STAGE_ID_MAX][PUNT_KIND_MAX];
};

/*
 * Whether a packet for the controller may go there; counts either way. from:
 * the stage it came from, the own one for a port's.
 */
bool punt_rate_take(struct punt_rate *rate, struct stats *stats, uint16_t from,
		    const struct pkt *p, const uint8_t *ip);

#endif
