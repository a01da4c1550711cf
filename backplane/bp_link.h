/*
 * The backplane as one process sees it: its pool of buffers and its links, one
 * per ordered pair of stages. A stage puts packets on links one by one and
 * takes vectors from them; how the octets get across (copied into the frame, or
 * left in shared memory) is decided here and nowhere else.
 *
 * Nothing here waits and nothing is dropped: a link holds all that can be in
 * circulation (docs/architecture.md, "Admission"). What the pool lacks buffers
 * for is left on its link, so that a pool of one buffer is slow and not stuck.
 */
#ifndef BP_LINK_H
#define BP_LINK_H

#include "bus.h"
#include "counter.h"
#include "pkt_vec.h"
#include "stage.h"

/* Written by the owner of the struct bp, read by the controller. */
struct bp_link_counters {
	struct counter packets;
	struct counter octets;
	struct counter frames;
};

struct bp_args {
	struct bus *bus; /* borrowed */
	uint16_t stage;
	uint32_t epoch;
	uint32_t buffers; /* of the pool, by value */
	/* The process's end of the socket that shared pools come by
	 * (bp_pools.h), borrowed: packets travel by reference. 0: none, they
	 * travel by value, and the pool is this process's own. */
	int pools_fd;
	/* Indexed by the other end's stage id; STAGE_ID_MAX rows; borrowed. */
	struct bp_link_counters *sent;
	struct bp_link_counters *received;
	struct counter *bad_frames; /* packets in frames that were refused */
};

struct bp;

/* -EINVAL: not a stage, or no buffers; -ENOMEM. */
int bp_new(struct bp **bp, const struct bp_args *args);
void bp_free(struct bp **bp);

const struct pkt_mem *bp_mem(const struct bp *bp);
/* What this process takes buffers from; empty where it is to take none. */
struct pkt_pool *bp_pool(struct bp *bp);

/*
 * Takes in the buffers of our pool that other stages have sent home: before
 * buffers are taken for new packets.
 */
void bp_collect(struct bp *bp);

/*
 * A packet ends here: its buffer goes back to its pool; to somebody else's with
 * the next bp_flush(), and seen there when that returns.
 */
void bp_end(struct bp *bp, const struct pkt *p);

/*
 * Takes back the buffers of our pool that a dead process (of this epoch or an
 * earlier one) and its links held: after every neighbour has drained. Each
 * comes back once. How many.
 */
uint32_t bp_reclaim(struct bp *bp, uint16_t stage, uint32_t epoch);

/* The generation of tables that frames sent from now on were classified under.
 */
void bp_set_generation(struct bp *bp, uint32_t generation);

/*
 * Opens the inbound link from a stage (its epoch names the endpoint, which is
 * written), connects the outbound one to a stage (of that epoch). A second call
 * for the same stage closes the old link first: drain it before. -EINVAL: not a
 * stage.
 */
int bp_listen(struct bp *bp, uint16_t from, uint32_t epoch,
	      char endpoint[BUS_ENDPOINT_MAX]);
int bp_connect(struct bp *bp, uint16_t to, uint32_t epoch,
	       const char *endpoint);
void bp_close_in(struct bp *bp, uint16_t from);
/* Packets put and not yet sent come back in v with their fate PKT_GO. */
void bp_close_out(struct bp *bp, uint16_t to, struct pkt_vec *v);
bool bp_connected(const struct bp *bp, uint16_t to);

/*
 * Hands a packet to the link; its buffer is the backplane's from then on. The
 * link must be connected (ask bp_connected() once per vector). 256 packets make
 * a frame, a few frames a message that goes out; bp_flush() sends the rest of
 * every link.
 */
void bp_put(struct bp *bp, uint16_t to, const struct pkt *p);
/* As bp_put() for each packet of v, whatever its fate. */
void bp_put_vec(struct bp *bp, uint16_t to, const struct pkt_vec *v);
/*
 * From now on, watch gets the octets of every frame before it leaves; NULL:
 * nobody looks.
 */
typedef void bp_watch_fn(void *arg, uint16_t to, const uint8_t *frame,
			 size_t octets);
void bp_watch(struct bp *bp, bp_watch_fn *watch, void *arg);
void bp_flush(struct bp *bp);

/*
 * The next frame of one inbound link, or as much of it as the pool has buffers
 * for; the rest comes next: 1 and a vector (fates PKT_GO, buffers the
 * caller's), 0 when there is none or the pool lacks buffers, -EBADMSG when the
 * frame was refused (counted; the link goes on).
 */
int bp_take(struct bp *bp, uint16_t from, struct pkt_vec *v);

/*
 * True when packets can be taken that arrived before (the frames of a message
 * that were not taken yet, or what lacked buffers and now has some): do not
 * sleep, call bp_take(). Ask after bp_flush(), which frees buffers.
 */
bool bp_waiting(const struct bp *bp);

/*
 * Inbound links, for the poll set: fills items (at most max), returns how many.
 * One that waits for buffers is never ready (bp_waiting()).
 */
size_t bp_poll_items(struct bp *bp, struct bus_poll *items, size_t max);
/* The inbound stages in the order of bp_poll_items(). */
size_t bp_inbound(const struct bp *bp, uint16_t *stages, size_t max);

#endif
