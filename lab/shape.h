/*
 * One direction of a link: what it does to frames. Delay, jitter, a rate with
 * its queue, loss, duplication, reordering, corruption, MTU, up and down.
 *
 * It has no clock: time comes with the frames and with the question what is
 * due. It draws no lots by time either: each decision is a function of seed,
 * number of the frame and kind of decision, so the same frames meet the same
 * fate in every run. Memory is bounded, and used again.
 *
 * What the properties mean:
 *   delay, jitter  a frame arrives delay +/- jitter (even) after it was sent
 *                  whole; jitter alone never changes the order;
 *   rate           octets of frames leave one behind the other at so many
 * bit/s; a frame that finds more than `queue` full-sized frames (of 1,514
 * octets) before it is queue-full; reordering     a frame is held until three
 * later ones have passed it, 10 ms at most where they do not come; corruption
 * one bit behind the Ethernet header is turned; mtu            of the IP
 * packet: 14 octets of Ethernet, and 4 of each VLAN tag, come on top.
 */
#ifndef SHAPE_H
#define SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "link_count.h"

#define SHAPE_NEVER UINT64_MAX
#define SHAPE_SHARE_ALL 1000000000 /* shares are parts in 10^9 */
#define SHAPE_QUEUE 128            /* where queue is 0 */
#define SHAPE_QUEUE_MAX 65536
#define SHAPE_FRAMES_MAX 16384 /* under way in a direction, */
#define SHAPE_OCTETS_MAX (16U << 20)
#define SHAPE_GAP 3
#define SHAPE_HOLD_NS UINT64_C(10000000)

/* All 0 but up: a cable. */
struct shape_conf {
	uint64_t delay_ns;
	uint64_t jitter_ns;
	uint64_t rate_bps; /* 0: any */
	uint32_t queue;    /* frames */
	uint32_t loss;
	uint32_t duplication;
	uint32_t reordering;
	uint32_t corruption;
	uint32_t mtu; /* 0: any */
	bool up;
};

struct shape_frame {
	uint64_t time_ns; /* pushed: when it was sent; taken: when it arrives */
	uint64_t trace;
	const uint8_t *data;
	uint32_t octets;
};

struct shape;
struct shape_store; /* memory for frames, of many directions */

/* -ENOMEM. The store outlives its directions. */
int shape_store_new(struct shape_store **store);
void shape_store_free(struct shape_store **store);

/* counts: the caller's, who keeps it as long. */
int shape_new(struct shape **s, struct shape_store *store, uint64_t seed,
	      struct link_counts *counts);
void shape_free(struct shape **s);

/*
 * From the next frame on. What is under way arrives as it was going to, unless
 * the link goes down: then it is lost, link-down.
 */
void shape_set(struct shape *s, const struct shape_conf *conf);
const struct shape_conf *shape_conf(const struct shape *s);

/* Nothing is done to frames, and none is under way: who asks may pass them
 * over. */
bool shape_is_clear(const struct shape *s);

/* Takes a copy of a frame: LINK_TAKEN; or counts why not, and tells. Counts
 * neither what was taken nor what is delivered. */
enum link_count shape_push(struct shape *s, const struct shape_frame *f);

/* When the next frame arrives; SHAPE_NEVER: none is under way. */
uint64_t shape_next_ns(const struct shape *s);

/*
 * Up to max frames that have arrived by now, in order. Their octets are
 * borrowed until the next call for this direction.
 */
unsigned shape_take(struct shape *s, uint64_t now_ns, struct shape_frame *f,
		    unsigned max);

#endif
