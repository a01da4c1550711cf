/*
 * Priority within vectors: where packets may not be held, those of a vector are
 * put in order of their queues, and a queue that the clock says is full drops.
 */
#ifndef LC_QUEUE_H
#define LC_QUEUE_H

#include "lc.h"

/*
 * At an ePPA: the priority queues of circuits whose packets can not wait here:
 * those of tunnels, which go to the ASP next, and live ones. Fate: QUEUE_FULL.
 */
void lc_queue_out(struct lc *lc, struct pkt_vec *v);

/*
 * At an iPPA, for packets that have a way: those of a tunnel with priority
 * towards the ASP are put in order of its queues, their ways with them. One
 * test where no tunnel has any.
 */
void lc_queue_asp(struct lc *lc, struct pkt_vec *v);

/* What an ePPA counts of one queue of a circuit. */
void lc_queue_count(struct lc *lc, uint32_t circuit, unsigned queue,
		    uint32_t octets, bool dropped);
void lc_queue_depth(struct lc *lc, uint32_t circuit, const struct pq *pq);

/* The queues of a circuit, NULL: it has none. */
struct pq *lc_queue_of(struct lc *lc, uint32_t circuit);

#endif
