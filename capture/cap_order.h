/*
 * Writes packets in the order of their arrival, whatever path they took. A
 * replay works in numbered rounds: packets of a round come in any order and
 * rest here, in the form they have in the file, until the round is complete. In
 * the file a round follows the rounds before it; within a round the order is
 * (order_ns, tie), then the order of adding. So the file does not depend on
 * which rounds are flushed together.
 *
 * Memory is that of the largest rounds open at once; it is used again, so that
 * adding a packet allocates nothing once the rounds have their size.
 */
#ifndef CAP_ORDER_H
#define CAP_ORDER_H

#include <stdint.h>

#include "cap_write.h"

#define CAP_ORDER_ROUNDS 16 /* open at a time */

struct cap_order;

/*
 * w passes to the order, if 0 is returned, with the interfaces that it has;
 * more can be added through cap_order_writer(). -ENOMEM.
 */
int cap_order_new(struct cap_order **o, struct cap_write *w);

/* Borrowed; to add interfaces, not to write records past the order. */
struct cap_write *cap_order_writer(struct cap_order *o);

/*
 * Copies the packet into its round. Round 0 (live) is written at once. -EINVAL:
 * no such interface; -EMSGSIZE: larger than a record may be; -ENOBUFS: more
 * than CAP_ORDER_ROUNDS rounds are open; -ENOMEM; or the first error of
 * writing.
 */
int cap_order_add(struct cap_order *o, uint32_t round, uint64_t order_ns,
		  uint64_t tie, const struct cap_out *out);

/* Writes all rounds up to this one, in as few calls as can be. First error. */
int cap_order_flush(struct cap_order *o, uint32_t round);

/*
 * Flushes all, closes the file, frees, leaves NULL, accepts NULL. First error.
 */
int cap_order_close(struct cap_order **o);

#endif
