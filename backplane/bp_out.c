/*
 * What goes out. Packets gather in a vector per link; a full vector becomes a
 * frame, and a few frames one message, because a message wakes two threads and
 * the receiver, which costs more than the packets of one vector do. A message
 * leaves when it holds so many frames, or packets of so many octets that the
 * receiver's caches would not keep them, and in any case when the pass ends
 * (bp_flush()), so that no packet ever waits for others.
 *
 * By value each frame is a message: it is large enough, and the sender's
 * buffers are free at once.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bp_frame.h"
#include "bp_impl.h"
#include "log.h"

/* The message's memory stays below what malloc() would map anew each time. */
#define MSG_FRAMES_MAX 8
#define MSG_OCTETS_MAX ((size_t)1024 << 10) /* of the packets */
/* A vector of so many becomes a frame as it is; of fewer, more are gathered. */
#define WHOLE_MIN 128

static_assert(MSG_FRAMES_MAX * BP_FRAME_REF_OCTETS_MAX < 128 << 10,
	      "malloc() maps what is larger");

/*
 * Takes the packets of a link's message back and ends them: it could not be
 * sent (no memory, or the bus is ending).
 */
static void
message_end(struct bp *bp, struct link_out *out)
{
	const uint8_t *at = bus_msg_data(&out->msg);
	struct bp_frame frame;

	for (size_t n; out->used > 0; at += n, out->used -= n) {
		n = bp_frame_span(at, out->used);
		if (bp_frame_read(at, n, &frame, out->v) != 0)
			break; /* we wrote it ourselves */
		for (unsigned i = 0; !bp->by_value && i < out->v->n; i++)
			bp_end(bp, &out->v->pkt[i]);
	}
	out->v->n = 0;
}

/* Sends the frames of a link; out->v must be empty. */
static void
message_send(struct bp *bp, uint16_t to)
{
	struct link_out *out = &bp->out[to];
	struct bp_link_counters *sent = &bp->args.sent[to];
	int error;

	if (out->used == 0)
		return;
	bus_msg_cut(&out->msg, out->used);
	error = bus_send(out->sock, &out->msg);
	if (error == 0) {
		counter_add(&sent->packets, out->packets);
		counter_add(&sent->octets, out->octets);
		counter_add(&sent->frames, out->frames);
	} else {
		log_error("backplane: not sent to=%u packets=%u error=%s", to,
			  out->packets, strerror(-error));
		counter_add(bp->args.bad_frames, out->packets);
		message_end(bp, out);
		bus_msg_done(&out->msg);
	}
	out->used = out->octets = 0;
	out->packets = out->frames = 0;
}

/* Memory for a message whose first frame is that of v. */
static int
message_begin(const struct bp *bp, struct link_out *out,
	      const struct bp_frame *frame, const struct pkt_vec *v)
{
	size_t octets = MSG_FRAMES_MAX * BP_FRAME_REF_OCTETS_MAX;

	if (bp->by_value)
		octets = bp_frame_octets(frame, v->pkt, v->n);
	return bus_msg_new(&out->msg, octets, false);
}

/*
 * From here on the link answers for the buffers of shared pools: written before
 * the send, because afterwards they may be the receiver's already. By value the
 * buffers are free.
 */
static void
vector_part(struct bp *bp, struct link_out *out, const struct pkt_vec *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		const struct pkt *p = &v->pkt[i];

		out->octets += p->len;
		if (bp->by_value)
			bp_end(bp, p);
		else
			bp_pool_hold(bp->pools.at[p->pool], p->buf, out->word);
	}
	out->packets += v->n;
}

/* A vector for a link becomes a frame of its message. */
static void
frame_add(struct bp *bp, uint16_t to, const struct pkt_vec *v)
{
	const struct bp_frame frame = {
	    .from = bp->args.stage,
	    .epoch = bp->args.epoch,
	    .generation = bp->generation,
	    .by_value = bp->by_value,
	};
	struct link_out *out = &bp->out[to];
	size_t octets;
	uint8_t *at;

	if (v->n == 0)
		return;
	if (out->used == 0 && message_begin(bp, out, &frame, v) != 0) {
		log_error("backplane: no memory to=%u packets=%u", to, v->n);
		counter_add(bp->args.bad_frames, v->n);
		for (unsigned i = 0; i < v->n; i++)
			bp_end(bp, &v->pkt[i]);
		return;
	}
	at = bus_msg_data(&out->msg);
	octets = bp_frame_write(at + out->used, &frame, &bp->mem, v->pkt, v->n);
	if (bp->watch != NULL)
		bp->watch(bp->watch_arg, to, at + out->used, octets);
	out->used += octets;
	out->frames++;
	vector_part(bp, out, v);
	if (bp->by_value || out->frames == MSG_FRAMES_MAX ||
	    out->octets >= MSG_OCTETS_MAX)
		message_send(bp, to);
}

/* What was put on a link one by one. */
static void
gathered_add(struct bp *bp, uint16_t to)
{
	struct pkt_vec *v = bp->out[to].v;

	frame_add(bp, to, v);
	v->n = 0;
}

void
bp_watch(struct bp *bp, bp_watch_fn *watch, void *arg)
{
	bp->watch = watch;
	bp->watch_arg = arg;
}

static void
link_flush(struct bp *bp, uint16_t to)
{
	gathered_add(bp, to);
	message_send(bp, to);
}

void
bp_put(struct bp *bp, uint16_t to, const struct pkt *p)
{
	assert(bp_connected(bp, to));
	(void)pkt_vec_push(bp->out[to].v, p);
	if (bp->out[to].v->n == PKT_VEC_MAX)
		gathered_add(bp, to);
}

void
bp_put_vec(struct bp *bp, uint16_t to, const struct pkt_vec *v)
{
	assert(bp_connected(bp, to));
	for (unsigned i = 0; v->n < WHOLE_MIN && i < v->n; i++)
		bp_put(bp, to, &v->pkt[i]);
	if (v->n < WHOLE_MIN)
		return;
	gathered_add(bp, to);
	frame_add(bp, to, v);
}

void
bp_flush(struct bp *bp)
{
	for (size_t i = 0; i < bp->n_out; i++)
		link_flush(bp, bp->outbound[i]);
	for (unsigned i = 0; i < bp->pools.n; i++)
		bp_pool_publish(bp->pools.at[bp->pools.known[i]]);
}

/*
 * What was put so far was classified under the old generation: it goes first.
 */
void
bp_set_generation(struct bp *bp, uint32_t generation)
{
	if (generation != bp->generation)
		bp_flush(bp);
	bp->generation = generation;
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
	if (out->sock == NULL)
		bp->outbound[bp->n_out++] = to;
	else
		message_send(bp, to);
	bus_close(&out->sock);
	out->sock = sock;
	out->word = bp_holder_link(bp->args.stage, bp->args.epoch, to, epoch);
	return 0;
}

void
bp_close_out(struct bp *bp, uint16_t to, struct pkt_vec *v)
{
	struct link_out *out;
	size_t i = 0;

	v->n = 0;
	if (to >= STAGE_ID_MAX || bp->out[to].sock == NULL)
		return;
	out = &bp->out[to];
	for (unsigned k = 0; k < out->v->n; k++)
		(void)pkt_vec_push(v, &out->v->pkt[k]);
	out->v->n = 0;
	message_send(bp, to);
	bus_close(&out->sock);
	free(out->v);
	*out = (struct link_out){0};
	while (bp->outbound[i] != to)
		i++;
	bp->n_out--;
	memmove(&bp->outbound[i], &bp->outbound[i + 1],
		(bp->n_out - i) * sizeof(bp->outbound[0]));
}

bool
bp_connected(const struct bp *bp, uint16_t to)
{
	return to < STAGE_ID_MAX && bp->out[to].sock != NULL;
}

void
bp_out_fini(struct bp *bp)
{
	for (uint16_t i = 0; i < STAGE_ID_MAX; i++) {
		bus_msg_done(&bp->out[i].msg);
		bus_close(&bp->out[i].sock);
		free(bp->out[i].v);
	}
}
