/*
 * Links between stages. Outbound, packets gather in a vector per link until it
 * is full or flushed; then they become one message. Inbound, a frame is checked
 * whole or refused whole. Called by the card library and the chassis's punt
 * path, from one thread.
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
#include "bp_link.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bp_frame.h"
#include "bp_pools.h"
#include "log.h"

#define LINK_NAME_MAX 64

struct link_in {
	struct bus_sock *sock; /* NULL: no link */
	uint32_t epoch;        /* of the sender */
	struct bus_msg msg;    /* a frame that not all buffers were there for */
	unsigned taken;        /* of its packets */
	unsigned waiting;      /* of its packets; 0: there is none */
};

struct link_out {
	struct bus_sock *sock;
	struct pkt_vec *v; /* put and not yet sent */
	uint64_t word;     /* holder word of what travels on it */
};

struct bp {
	struct bp_args args;
	bool by_value;
	struct bp_pool *own;    /* what this process takes buffers from */
	struct bp_pool private; /* by value; else empty */
	struct bp_pools pools;  /* by reference */
	uint64_t held;          /* holder word of what is here */
	struct pkt_mem mem;
	uint32_t generation;
	unsigned listened; /* links ever opened: part of their names */
	size_t n_in;       /* links in, and whose, in the order of opening */
	uint16_t inbound[STAGE_ID_MAX];
	struct link_in in[STAGE_ID_MAX];
	struct link_out out[STAGE_ID_MAX];
};

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

/* Buffers sent home are seen there from now on. */
static void
pools_publish(struct bp *bp)
{
	for (unsigned i = 0; i < bp->pools.n; i++)
		bp_pool_publish(bp->pools.at[bp->pools.known[i]]);
}

void
bp_free(struct bp **bp)
{
	struct bp *b = *bp;

	if (b == NULL)
		return;
	pools_publish(b);
	for (uint16_t i = 0; i < STAGE_ID_MAX; i++) {
		bp_close_in(b, i);
		bus_close(&b->out[i].sock);
		free(b->out[i].v);
	}
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

/* What was put so far was classified under the old generation: it goes first.
 */
void
bp_set_generation(struct bp *bp, uint32_t generation)
{
	if (generation != bp->generation)
		bp_flush(bp);
	bp->generation = generation;
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

/* Packets that were put and not sent over an old link go over the new one. */
int
bp_connect(struct bp *bp, uint16_t to, uint32_t epoch, const char *endpoint)
{
	struct bus_sock *sock;
	struct link_out *out;
	int error;

	if (!stage_valid(to))
		return -EINVAL;
	out = &bp->out[to];
	if (out->v == NULL) {
		out->v = malloc(sizeof(*out->v));
		if (out->v == NULL)
			return -ENOMEM;
		out->v->n = 0;
	}
	error = bus_connect(bp->args.bus, BUS_PUSH, endpoint, NULL, &sock);
	if (error != 0)
		return error;
	bus_close(&out->sock);
	out->sock = sock;
	out->word = bp_holder_link(bp->args.stage, bp->args.epoch, to, epoch);
	return 0;
}

void
bp_close_out(struct bp *bp, uint16_t to, struct pkt_vec *v)
{
	struct link_out *out;

	v->n = 0;
	if (to >= STAGE_ID_MAX)
		return;
	out = &bp->out[to];
	for (unsigned i = 0; out->v != NULL && i < out->v->n; i++)
		(void)pkt_vec_push(v, &out->v->pkt[i]);
	bus_close(&out->sock);
	free(out->v);
	out->v = NULL;
}

bool
bp_connected(const struct bp *bp, uint16_t to)
{
	return to < STAGE_ID_MAX && bp->out[to].sock != NULL;
}

/*
 * From here on the link answers for the buffers of shared pools: written before
 * the send, because afterwards they may be the receiver's already.
 */
static void
vector_part(struct bp *bp, const struct link_out *out)
{
	const struct pkt_vec *v = out->v;

	for (unsigned i = 0; i < v->n; i++)
		bp_pool_hold(bp->pools.at[v->pkt[i].pool], v->pkt[i].buf,
			     out->word);
}

static int
frame_send(struct bp *bp, struct link_out *out)
{
	const struct bp_frame frame = {
	    .from = bp->args.stage,
	    .epoch = bp->args.epoch,
	    .generation = bp->generation,
	    .by_value = bp->by_value,
	};
	struct bus_msg msg;
	int error = bus_msg_new(
	    &msg, bp_frame_octets(&frame, out->v->pkt, out->v->n), false);

	if (error != 0)
		return error;
	bp_frame_write(bus_msg_data(&msg), &frame, &bp->mem, out->v->pkt,
		       out->v->n);
	if (!bp->by_value)
		vector_part(bp, out);
	error = bus_send(out->sock, &msg);
	bus_msg_done(&msg);
	return error;
}

static void
count_sent(struct bp_link_counters *sent, const struct pkt_vec *v)
{
	size_t octets = 0;

	for (unsigned i = 0; i < v->n; i++)
		octets += v->pkt[i].len;
	counter_add(&sent->packets, v->n);
	counter_add(&sent->octets, octets);
	counter_add(&sent->frames, 1);
}

/*
 * Sends what was put on one link. By value the buffers are free at once. Where
 * sending fails (no memory for the message) the packets end here, counted.
 */
static void
link_flush(struct bp *bp, uint16_t to)
{
	struct link_out *out = &bp->out[to];
	int error;

	if (out->v == NULL || out->v->n == 0)
		return;
	error = frame_send(bp, out);
	if (error == 0) {
		count_sent(&bp->args.sent[to], out->v);
	} else {
		log_error("backplane: frame not sent to=%u packets=%u error=%s",
			  to, out->v->n, strerror(-error));
		counter_add(bp->args.bad_frames, out->v->n);
	}
	if (error != 0 || bp->by_value) {
		for (unsigned i = 0; i < out->v->n; i++)
			bp_end(bp, &out->v->pkt[i]);
	}
	out->v->n = 0;
}

void
bp_put(struct bp *bp, uint16_t to, const struct pkt *p)
{
	assert(bp_connected(bp, to));
	(void)pkt_vec_push(bp->out[to].v, p);
	if (bp->out[to].v->n == PKT_VEC_MAX)
		link_flush(bp, to);
}

void
bp_flush(struct bp *bp)
{
	for (uint16_t to = 0; to < STAGE_ID_MAX; to++) {
		if (bp->out[to].sock != NULL)
			link_flush(bp, to);
	}
	pools_publish(bp);
}

static int
frame_refuse(struct bp *bp, uint16_t from, struct bus_msg *msg)
{
	unsigned n = bp_frame_claims(bus_msg_data(msg), bus_msg_octets(msg));

	log_warn("backplane: frame refused from=%u octets=%zu packets=%u", from,
		 bus_msg_octets(msg), n);
	counter_add(bp->args.bad_frames, n);
	bus_msg_done(msg);
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

/* The frame at the head of a link, in in->msg: 1, 0, or a negative errno. */
static int
frame_next(struct bp *bp, uint16_t from, struct bp_frame *frame,
	   struct pkt_vec *v)
{
	struct link_in *in = &bp->in[from];
	int got;

	if (in->waiting == 0) {
		got = bus_recv(in->sock, &in->msg);
		if (got <= 0)
			return got;
		in->taken = 0;
	}
	if (bp_frame_read(bus_msg_data(&in->msg), bus_msg_octets(&in->msg),
			  frame, v) != 0 ||
	    frame->from != from || frame->epoch != in->epoch ||
	    frame->by_value != bp->by_value ||
	    (!frame->by_value && !frame_reachable(bp, v))) {
		v->n = 0;
		return frame_refuse(bp, from, &in->msg);
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
		bus_msg_done(&in->msg);
	counter_add(&received->packets, v->n);
	counter_add(&received->octets, octets);
	return v->n > 0;
}

bool
bp_waiting(const struct bp *bp)
{
	for (size_t i = 0; i < bp->n_in; i++) {
		if (bp->in[bp->inbound[i]].waiting > 0)
			return bp->own->pool.nfree > 0;
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
