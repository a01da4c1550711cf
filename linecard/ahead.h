/*
 * The ports of a card that receive, taken together: how far each reads ahead,
 * and whose frame is next. What waits on a card is bounded by the card and not
 * by the number of its ports: the room goes to the ports whose clocks are
 * behind, so that all see equally far ahead and a round that ends at the
 * nearest horizon holds as many packets as the room allows.
 */
#ifndef AHEAD_H
#define AHEAD_H

#include "port.h"
#include "stats.h"

struct ahead {
	struct port *port[STATS_PORTS]; /* borrowed, in order of number */
	unsigned n;
};

/* Adds a port; one that is there already stays. */
void ahead_add(struct ahead *ahead, struct port *port);

/*
 * Reads ahead until room frames wait on the card, or 768 KiB of them; beyond
 * that each port that has not ended has at least one, as far as the pool has
 * buffers. -ENOMEM: no memory for the stage of a port.
 */
int ahead_fill(const struct ahead *ahead, struct pkt_pool *pool,
	       const struct pkt_mem *mem, unsigned room);

/*
 * The port whose first frame is next in order of arrival, the lower number
 * where clocks are equal; NULL: none is due by until_ns. Its frames up to the
 * port clock *last_ns come before any other port's.
 */
struct port *ahead_next(const struct ahead *ahead, uint64_t until_ns,
			uint64_t *last_ns);

#endif
