/*
 * Links between stages: their life, the pools behind them, and what comes in
 * (bp_out.c: what goes out). A message holds frames, one behind the other; a
 * frame is checked whole or refused whole, and with it what is behind it in its
 * message. Called by the card library and the chassis's punt path, from one
 * thread.
 *
 * By reference (a process that was given shared pools): a message holds
 * descriptors, the octets stay where they are, and with a descriptor goes the
 * answer for its buffer, which its holder word tells (bp_pool.h). By value: the
 * octets travel too, the sender's buffers are free at once, and what the
 * receiver's pool lacks buffers for waits on its link. Both ends of a link are
 * of one kind; a frame of the other is refused.
 *
 * Nothing here waits for a peer: libzmq's queues have no mark, and what can be
 * in circulation is bounded by admission at the edge (docs/architecture.md,
 * "Admission"). A frame must bear the epoch that the controller announced for
 * its link, so that a dead process's last frames are never taken for its
 * successor's.
 */
#include "bp_impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bp_frame.h"
#include "log.h"

#define LINK_NAME_MAX 64

/* Pools that were offered since; one of them may be our own. */
static bool
pools_take(struct bp *bp)
{
	bool more = bp_pools_take(&bp->pools, &bp->mem);

	if (!bp->by_value && bp->pools.at[bp->args.stage] != NULL)
		bp->own = bp->pools.at[bp->args.stage];
	return more;
}

static int
pools_open(struct bp *bp)
{
	const struct bp_args *args = &bp->args;
	int error;

	bp->own = &bp->private;
	bp->by_value = args->pools_fd <= 0;
	bp_pools_init(&bp->pools, bp->by_value ? -1 : args->pools_fd,
		      args->stage);
	bp->held = bp_holder_process(args->stage, args->epoch);
	if (!bp->by_value) {
		(void)pools_take(bp);
		return 0;
	}
	error = bp_pool_init(&bp->private, (uint8_t)args->stage, args->buffers);
	if (error == 0)
		bp_pool_show(&bp->private, &bp->mem);
	return error;
}

int
bp_new(struct bp **bp, const struct bp_args *args)
{
	struct bp *b;
	int error;

	if (!stage_valid(args->stage))
		return -EINVAL;
	b = calloc(1, sizeof(*b));
	if (b == NULL)
		return -ENOMEM;
	b->args = *args;
	error = pools_open(b);
	if (error != 0) {
		free(b);
		return error;
	}
	*bp = b;
	return 0;
}

void
bp_free(struct bp **bp)
{
	struct bp *b = *bp;

	if (b == NULL)
		return;
	for (unsigned i = 0; i < b->pools.n; i++)
		bp_pool_publish(b->pools.at[b->pools.known[i]]);
	for (uint16_t i = 0; i < STAGE_ID_MAX; i++)
		bp_close_in(b, i);
	bp_out_fini(b);
	bp_pools_fini(&b->pools);
	bp_pool_fini(&b->private);
	free(b);
	*bp = NULL;
}

const struct pkt_mem *
bp_mem(const struct bp *bp)
{
	return &bp->mem;
}

struct pkt_pool *
bp_pool(struct bp *bp)
{
	return &bp->own->pool;
}

void
bp_collect(struct bp *bp)
{
	(void)bp_pool_collect(bp->own);
}

uint32_t
bp_reclaim(struct bp *bp, uint16_t stage, uint32_t epoch)
{
	return bp_pool_reclaim(bp->own, stage, epoch);
}

void
bp_end(struct bp *bp, const struct pkt *p)
{
	if (p->pool == bp->args.stage)
		pkt_free(&bp->own->pool, p);
	else
		bp_pool_return(bp->pools.at[p->pool], p->buf);
}

/*
 * The name holds both ends, both epochs and a running number: never one that
 * libzmq has heard before, also while it is still closing the last one.
 */
int
bp_listen(struct bp *bp, uint16_t from, uint32_t epoch,
	  char endpoint[BUS_ENDPOINT_MAX])
{
	char name[LINK_NAME_MAX];
	struct bus_sock *sock;
	int error;

	if (!stage_valid(from))
		return -EINVAL;
	(void)snprintf(name, sizeof(name), "%u-%u.%x.%x.%x", from,
		       bp->args.stage, epoch, bp->args.epoch, bp->listened++);
	error = bus_listen(bp->args.bus, BUS_PULL, name, &sock, endpoint);
	if (error != 0)
		return error;
	(void)pools_take(bp);
	bp_close_in(bp, from);
	bp->in[from] = (struct link_in){.sock = sock, .epoch = epoch};
	bp->inbound[bp->n_in++] = from;
	return 0;
}

void
bp_close_in(struct bp *bp, uint16_t from)
{
	struct link_in *in;
	size_t i = 0;

	if (from >= STAGE_ID_MAX || bp->in[from].sock == NULL)
		return;
	in = &bp->in[from];
	bus_msg_done(&in->msg);
	bus_close(&in->sock);
	*in = (struct link_in){0};
	while (bp->inbound[i] != from)
		i++;
	bp->n_in--;
	memmove(&bp->inbound[i], &bp->inbound[i + 1],
		(bp->n_in - i) * sizeof(bp->inbound[0]));
}

/*
 * The next frame of a link begins behind the one that was taken, if any, in its
 * message; what is left of the message is let go with a refused one.
 */
static void
frame_done(struct link_in *in, size_t octets)
{
	in->at += octets;
	in->left -= octets;
	in->taken = in->waiting = 0;
	if (in->left == 0)
		bus_msg_done(&in->msg);
}

static int
frame_refuse(struct bp *bp, uint16_t from)
{
	struct link_in *in = &bp->in[from];
	const uint8_t *at = bus_msg_data(&in->msg);
	size_t left = in->left;
	unsigned n = 0;

	/* At least one for a message that is none at all. */
	do {
		n += bp_frame_claims(at + in->at, left);
		left -= bp_frame_span(at + in->at, left);
	} while (left > 0);
	log_warn("backplane: frame refused from=%u octets=%zu packets=%u", from,
		 in->left, n);
	counter_add(bp->args.bad_frames, n);
	frame_done(in, in->left);
	return -EBADMSG;
}

/*
 * The packets of a frame from the first that was not taken yet, as many as
 * there are buffers, each to the offset that it had in the sender's. Returns
 * the packets' octets.
 */
static size_t
frame_land(struct bp *bp, const struct bp_frame *frame, unsigned first,
	   struct pkt_vec *v)
{
	const uint8_t *octets = frame->octets, *start;
	unsigned left = v->n - first;

	for (unsigned i = 0; i < first; i++)
		octets += v->pkt[i].len;
	start = octets;
	v->n = 0;
	for (unsigned i = 0; i < left; i++) {
		struct pkt p = v->pkt[first + i];
		uint16_t off = p.off, len = p.len;

		if (!pkt_alloc(&bp->own->pool, &p))
			break;
		p.off = off;
		p.len = len;
		memcpy(pkt_data(&bp->mem, &p), octets, len);
		octets += len;
		(void)pkt_vec_push(v, &p);
	}
	return (size_t)(octets - start);
}

static bool
extents_valid(const struct pkt_mem *mem, const struct pkt_vec *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		if (!pkt_extent_valid(mem, &v->pkt[i]))
			return false;
	}
	return true;
}

/*
 * Every descriptor points into a pool that we have. It is asked once, of our
 * own copy; nobody can change it afterwards. An unknown pool may be a new one.
 */
static bool
frame_reachable(struct bp *bp, const struct pkt_vec *v)
{
	return extents_valid(&bp->mem, v) ||
	       (pools_take(bp) && extents_valid(&bp->mem, v));
}

/* We answer for the buffers now; our own are at home. */
static void
frame_hold(struct bp *bp, const struct pkt_vec *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		const struct pkt *p = &v->pkt[i];

		bp_pool_hold(bp->pools.at[p->pool], p->buf,
			     p->pool == bp->args.stage ? BP_HOME : bp->held);
	}
}

/* The message at the head of a link, in in->msg: 1, 0, or a negative errno. */
static int
message_next(struct link_in *in)
{
	int got;

	if (in->left > 0)
		return 1;
	got = bus_recv(in->sock, &in->msg);
	if (got > 0) {
		in->at = 0;
		in->left = bus_msg_octets(&in->msg);
		in->taken = in->waiting = 0;
	}
	return got;
}

/* The frame at the head of a link: 1, 0, or a negative errno. */
static int
frame_next(struct bp *bp, uint16_t from, struct bp_frame *frame,
	   struct pkt_vec *v)
{
	struct link_in *in = &bp->in[from];
	int got = message_next(in);
	const uint8_t *at;

	if (got <= 0)
		return got;
	at = (const uint8_t *)bus_msg_data(&in->msg) + in->at;
	if (bp_frame_read(at, bp_frame_span(at, in->left), frame, v) != 0 ||
	    frame->from != from || frame->epoch != in->epoch ||
	    frame->by_value != bp->by_value ||
	    (!frame->by_value && !frame_reachable(bp, v))) {
		v->n = 0;
		return frame_refuse(bp, from);
	}
	return 1;
}

int
bp_take(struct bp *bp, uint16_t from, struct pkt_vec *v)
{
	struct link_in *in = &bp->in[from];
	struct bp_link_counters *received = &bp->args.received[from];
	struct bp_frame frame;
	unsigned count;
	size_t octets;
	int got;

	v->n = 0;
	if (in->sock == NULL || (in->waiting > 0 && bp->own->pool.nfree == 0))
		return 0;
	got = frame_next(bp, from, &frame, v);
	if (got <= 0)
		return got;
	count = v->n;
	octets = frame.octets_total;
	if (frame.by_value)
		octets = frame_land(bp, &frame, in->taken, v);
	else
		frame_hold(bp, v);
	if (in->taken == 0)
		counter_add(&received->frames, 1);
	in->taken += v->n;
	in->waiting = count - in->taken;
	if (in->waiting == 0)
		frame_done(in, frame.octets_frame);
	counter_add(&received->packets, v->n);
	counter_add(&received->octets, octets);
	return v->n > 0;
}

bool
bp_waiting(const struct bp *bp)
{
	bool buffers = bp->own->pool.nfree > 0;

	for (size_t i = 0; i < bp->n_in; i++) {
		const struct link_in *in = &bp->in[bp->inbound[i]];

		if (in->left > 0 && (in->waiting == 0 || buffers))
			return true;
	}
	return false;
}

/* A link that waits for buffers is nothing to wake up for. */
size_t
bp_poll_items(struct bp *bp, struct bus_poll *items, size_t max)
{
	size_t n = 0;

	for (; n < bp->n_in && n < max; n++) {
		struct link_in *in = &bp->in[bp->inbound[n]];

		items[n] = (struct bus_poll){.fd = -1};
		if (in->waiting == 0)
			items[n].sock = in->sock;
	}
	return n;
}

size_t
bp_inbound(const struct bp *bp, uint16_t *stages, size_t max)
{
	size_t n = bp->n_in < max ? bp->n_in : max;

	memcpy(stages, bp->inbound, n * sizeof(stages[0]));
	return n;
}
