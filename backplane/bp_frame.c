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

#include "bp_columns.h"
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
	    .in_stage = be16_put(p->in_stage),
	    .in_port = p->in_port,
	    .pool = p->pool,
	    .hop = p->hop,
	    .l2 = p->l2,
	    .trace = be32_put(p->trace),
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
	    .in_stage = be16_get(d->in_stage),
	    .in_port = d->in_port,
	    .pool = d->pool,
	    .hop = d->hop,
	    .l2 = d->l2,
	    .trace = be32_get(d->trace),
	};
}

/* Descriptors one by one, and the octets by value; where they end. */
static uint8_t *
rows_put(uint8_t *out, const struct bp_frame *frame, const struct pkt_mem *mem,
	 const struct pkt *pkts, unsigned n)
{
	struct bp_desc *desc = (struct bp_desc *)out;
	uint8_t *octets = out + n * sizeof(*desc);

	for (unsigned i = 0; i < n; i++) {
		desc_put(&desc[i], &pkts[i]);
		if (!frame->by_value)
			continue;
		memcpy(octets, pkt_data(mem, &pkts[i]), pkts[i].len);
		octets += pkts[i].len;
	}
	return octets;
}

/* In columns where that is shorter; where they end, or NULL. */
static uint8_t *
columns_put(uint8_t *out, const struct pkt *pkts, unsigned n)
{
	struct bp_columns *c = (struct bp_columns *)out;
	uint32_t varying = bp_columns_varying(pkts, n);
	size_t octets = bp_columns_octets(varying, n);

	if (sizeof(*c) + octets >= n * sizeof(struct bp_desc))
		return NULL;
	c->varying = be32_put(varying);
	desc_put(&c->first, pkts);
	bp_columns_put(out + sizeof(*c), varying, pkts, n);
	return out + sizeof(*c) + octets;
}

size_t
bp_frame_write(uint8_t *out, const struct bp_frame *frame,
	       const struct pkt_mem *mem, const struct pkt *pkts, unsigned n)
{
	struct bp_frame_hdr *hdr = (struct bp_frame_hdr *)out;
	uint8_t flags = frame->by_value ? BP_F_OCTETS : BP_F_COLUMNS;
	uint8_t *end = NULL;

	assert(n >= 1 && n <= PKT_VEC_MAX);
	if (!frame->by_value)
		end = columns_put(out + sizeof(*hdr), pkts, n);
	if (end == NULL) {
		flags &= BP_F_OCTETS;
		end = rows_put(out + sizeof(*hdr), frame, mem, pkts, n);
	}
	*hdr = (struct bp_frame_hdr){
	    .magic = be16_put(BP_MAGIC),
	    .version = BP_VERSION,
	    .flags = flags,
	    .from = be16_put(frame->from),
	    .count = be16_put((uint16_t)n),
	    .epoch = be32_put(frame->epoch),
	    .generation = be32_put(frame->generation),
	};
	return (size_t)(end - out);
}

static bool
desc_valid(const struct pkt *p)
{
	return p->off <= PKT_BUF_OCTETS &&
	       (unsigned)p->len <= (unsigned)PKT_BUF_OCTETS - p->off &&
	       p->l2 <= p->len && stage_valid(p->in_stage) &&
	       p->pool < PKT_POOLS_MAX;
}

/* Header fields that a number can be wrong in; *count gets the packets. */
static int
header_read(const struct bp_frame_hdr *hdr, struct bp_frame *frame,
	    unsigned *count)
{
	uint8_t flags = hdr->flags;

	if (be16_get(hdr->magic) != BP_MAGIC || hdr->version != BP_VERSION ||
	    (flags & ~(BP_F_OCTETS | BP_F_COLUMNS)) != 0 ||
	    flags == (BP_F_OCTETS | BP_F_COLUMNS))
		return -EBADMSG;
	*count = be16_get(hdr->count);
	*frame = (struct bp_frame){
	    .from = be16_get(hdr->from),
	    .epoch = be32_get(hdr->epoch),
	    .generation = be32_get(hdr->generation),
	    .by_value = (flags & BP_F_OCTETS) != 0,
	    .columns = (flags & BP_F_COLUMNS) != 0,
	};
	if (*count < 1 || *count > PKT_VEC_MAX || !stage_valid(frame->from))
		return -EBADMSG;
	return 0;
}

/*
 * Octets of a frame's header and descriptors, of n that there are; 0 when they
 * are not all there or their columns are none.
 */
static size_t
fixed_octets(const struct bp_frame *frame, const uint8_t *octets, size_t n,
	     unsigned count)
{
	const struct bp_columns *c =
	    (const struct bp_columns *)(octets + sizeof(struct bp_frame_hdr));
	size_t fixed = sizeof(struct bp_frame_hdr);
	uint32_t varying;

	if (!frame->columns) {
		fixed += count * sizeof(struct bp_desc);
		return fixed <= n ? fixed : 0;
	}
	fixed += sizeof(*c);
	if (n < fixed)
		return 0;
	varying = be32_get(c->varying);
	if (!bp_columns_valid(varying))
		return 0;
	fixed += bp_columns_octets(varying, count);
	return fixed <= n ? fixed : 0;
}

/* Every packet inside its bounds; their octets in *total. */
static int
packets_check(const struct pkt_vec *v, unsigned count, size_t *total)
{
	size_t octets = 0;

	for (unsigned i = 0; i < count; i++) {
		if (!desc_valid(&v->pkt[i]))
			return -EBADMSG;
		octets += v->pkt[i].len;
	}
	*total = octets;
	return 0;
}

static int
rows_get(const uint8_t *in, unsigned count, struct pkt_vec *v, size_t *total)
{
	const struct bp_desc *desc = (const struct bp_desc *)in;

	for (unsigned i = 0; i < count; i++)
		desc_get(&desc[i], &v->pkt[i]);
	return packets_check(v, count, total);
}

static int
columns_get(const uint8_t *in, unsigned count, struct pkt_vec *v, size_t *total)
{
	const struct bp_columns *c = (const struct bp_columns *)in;
	uint32_t varying = be32_get(c->varying);
	struct pkt first;

	desc_get(&c->first, &first);
	for (unsigned i = 0; i < count; i++)
		v->pkt[i] = first;
	bp_columns_get(in + sizeof(*c), varying, v->pkt, count);
	if (bp_columns_bounded(varying))
		return packets_check(v, count, total);
	*total = (size_t)count * first.len;
	return desc_valid(&first) ? 0 : -EBADMSG;
}

int
bp_frame_read(const void *octets, size_t n, struct bp_frame *frame,
	      struct pkt_vec *v)
{
	const uint8_t *in =
	    (const uint8_t *)octets + sizeof(struct bp_frame_hdr);
	struct bp_frame f;
	unsigned count;
	size_t fixed;
	int error;

	v->n = 0;
	if (n < sizeof(struct bp_frame_hdr) ||
	    header_read(octets, &f, &count) != 0)
		return -EBADMSG;
	fixed = fixed_octets(&f, octets, n, count);
	if (fixed == 0)
		return -EBADMSG;
	error = f.columns ? columns_get(in, count, v, &f.octets_total)
			  : rows_get(in, count, v, &f.octets_total);
	if (error != 0 || n - fixed != (f.by_value ? f.octets_total : 0))
		return -EBADMSG;
	memset(v->fate, PKT_GO, count);
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
	span = fixed_octets(&frame, octets, n, count);
	return span != 0 ? span : n;
}
