/*
 * Frames to octets and back. The writer trusts its process; the reader trusts
 * nothing: a frame whose length, stage, extent or reserved octet is not as
 * docs/wire.md says is refused whole, because what follows a wrong length can
 * not be found. Called by bp_link.c, tests and fuzzer; knows no socket.
 */
#include "bp_frame.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "stage.h"

static_assert(STAGE_ID_MAX <= PKT_POOLS_MAX,
	      "the number of a process's pool is its stage id");

size_t
bp_frame_octets(const struct bp_frame *frame, const struct pkt *pkts,
		unsigned n)
{
	size_t octets =
	    sizeof(struct bp_frame_hdr) + n * sizeof(struct bp_desc);

	for (unsigned i = 0; frame->by_value && i < n; i++)
		octets += pkts[i].len;
	return octets;
}

static void
desc_put(struct bp_desc *d, const struct pkt *p)
{
	*d = (struct bp_desc){
	    .time_ns = be64_put(p->time_ns),
	    .order_ns = be64_put(p->order_ns),
	    .index = be32_put(p->index),
	    .round = be32_put(p->round),
	    .buf = be32_put(p->buf),
	    .circuit_in = be32_put(p->circuit_in),
	    .circuit_out = be32_put(p->circuit_out),
	    .handle = be32_put(p->handle),
	    .off = be16_put(p->off),
	    .len = be16_put(p->len),
	    .flags = be16_put(p->flags),
	    .trace = be16_put(p->trace),
	    .in_stage = be16_put(p->in_stage),
	    .in_port = p->in_port,
	    .pool = p->pool,
	    .hop = p->hop,
	    .l2 = p->l2,
	};
}

static void
desc_get(const struct bp_desc *d, struct pkt *p)
{
	*p = (struct pkt){
	    .time_ns = be64_get(d->time_ns),
	    .order_ns = be64_get(d->order_ns),
	    .index = be32_get(d->index),
	    .round = be32_get(d->round),
	    .buf = be32_get(d->buf),
	    .circuit_in = be32_get(d->circuit_in),
	    .circuit_out = be32_get(d->circuit_out),
	    .handle = be32_get(d->handle),
	    .off = be16_get(d->off),
	    .len = be16_get(d->len),
	    .flags = be16_get(d->flags),
	    .trace = be16_get(d->trace),
	    .in_stage = be16_get(d->in_stage),
	    .in_port = d->in_port,
	    .pool = d->pool,
	    .hop = d->hop,
	    .l2 = d->l2,
	    .spare = {d->spare[0], d->spare[1]},
	};
}

void
bp_frame_write(uint8_t *out, const struct bp_frame *frame,
	       const struct pkt_mem *mem, const struct pkt *pkts, unsigned n)
{
	struct bp_frame_hdr *hdr = (struct bp_frame_hdr *)out;
	struct bp_desc *desc = (struct bp_desc *)(out + sizeof(*hdr));
	uint8_t *octets = out + sizeof(*hdr) + n * sizeof(*desc);

	assert(n >= 1 && n <= PKT_VEC_MAX);
	*hdr = (struct bp_frame_hdr){
	    .magic = be16_put(BP_MAGIC),
	    .version = BP_VERSION,
	    .flags = frame->by_value ? BP_F_OCTETS : 0,
	    .from = be16_put(frame->from),
	    .count = be16_put((uint16_t)n),
	    .epoch = be32_put(frame->epoch),
	    .generation = be32_put(frame->generation),
	};
	for (unsigned i = 0; i < n; i++) {
		desc_put(&desc[i], &pkts[i]);
		if (!frame->by_value)
			continue;
		memcpy(octets, pkt_data(mem, &pkts[i]), pkts[i].len);
		octets += pkts[i].len;
	}
}

static bool
desc_valid(const struct pkt *p)
{
	return p->off <= PKT_BUF_OCTETS &&
	       (unsigned)p->len <= (unsigned)PKT_BUF_OCTETS - p->off &&
	       p->l2 <= p->len && stage_valid(p->in_stage) &&
	       p->pool < PKT_POOLS_MAX && p->spare[0] == 0 && p->spare[1] == 0;
}

/* Header fields that a number can be wrong in; *count gets the packets. */
static int
header_read(const struct bp_frame_hdr *hdr, struct bp_frame *frame,
	    unsigned *count)
{
	uint8_t flags = hdr->flags;

	if (be16_get(hdr->magic) != BP_MAGIC || hdr->version != BP_VERSION ||
	    (flags & ~BP_F_OCTETS) != 0)
		return -EBADMSG;
	*count = be16_get(hdr->count);
	*frame = (struct bp_frame){
	    .from = be16_get(hdr->from),
	    .epoch = be32_get(hdr->epoch),
	    .generation = be32_get(hdr->generation),
	    .by_value = (flags & BP_F_OCTETS) != 0,
	};
	if (*count < 1 || *count > PKT_VEC_MAX || !stage_valid(frame->from))
		return -EBADMSG;
	return 0;
}

int
bp_frame_read(const void *octets, size_t n, struct bp_frame *frame,
	      struct pkt_vec *v)
{
	const struct bp_frame_hdr *hdr = octets;
	const struct bp_desc *desc;
	struct bp_frame f;
	unsigned count;
	size_t fixed;

	v->n = 0;
	if (n < sizeof(*hdr) || header_read(hdr, &f, &count) != 0)
		return -EBADMSG;
	fixed = sizeof(*hdr) + count * sizeof(*desc);
	if (n < fixed)
		return -EBADMSG;
	desc = (const struct bp_desc *)((const uint8_t *)octets + sizeof(*hdr));
	for (unsigned i = 0; i < count; i++) {
		desc_get(&desc[i], &v->pkt[i]);
		v->fate[i] = PKT_GO;
		if (!desc_valid(&v->pkt[i]))
			return -EBADMSG;
		f.octets_total += v->pkt[i].len;
	}
	if (n - fixed != (f.by_value ? f.octets_total : 0))
		return -EBADMSG;
	f.octets = (const uint8_t *)octets + fixed;
	f.octets_frame = n;
	*frame = f;
	v->n = count;
	return 0;
}

unsigned
bp_frame_claims(const void *octets, size_t n)
{
	struct bp_frame frame;
	unsigned count;

	if (n < sizeof(struct bp_frame_hdr) ||
	    header_read(octets, &frame, &count) != 0)
		return 1;
	return count;
}

size_t
bp_frame_span(const void *octets, size_t n)
{
	struct bp_frame frame;
	unsigned count;
	size_t span;

	if (n < sizeof(struct bp_frame_hdr) ||
	    header_read(octets, &frame, &count) != 0 || frame.by_value)
		return n;
	span = sizeof(struct bp_frame_hdr) + count * sizeof(struct bp_desc);
	return span < n ? span : n;
}
