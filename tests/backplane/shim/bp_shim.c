/* The C side of the backplane tests; it alone includes the program's headers.
 */
#include "bp_shim.h"

#include <stdlib.h>
#include <string.h>

#include "bp_frame.h"
#include "bp_link.h"
#include "bp_pools.h"

static_assert(sizeof(struct bp_frame_hdr) == BP_SHIM_HDR_OCTETS, "header");
static_assert(sizeof(struct bp_desc) == BP_SHIM_DESC_OCTETS, "descriptor");
static_assert(PKT_BUF_OCTETS == BP_SHIM_BUF_OCTETS, "buffer");

struct bp_shim {
	struct bp *bp;
	struct bp_link_counters sent[STAGE_ID_MAX];
	struct bp_link_counters received[STAGE_ID_MAX];
	struct counter bad;
	struct pkt_vec held;
};

struct bus *
bp_shim_bus_new(int transport, const char *dir, struct bus *sharing)
{
	struct bus_keys keys;
	struct bus *bus = NULL;

	if (sharing != NULL)
		return bus_new_sharing(&bus, sharing) == 0 ? bus : NULL;
	if (bus_keys_make(&keys) != 0 ||
	    bus_new(&bus, (enum bus_transport)transport, dir, &keys) != 0)
		return NULL;
	return bus;
}

void
bp_shim_bus_free(struct bus **bus)
{
	bus_free(bus);
}

struct bp_shim *
bp_shim_new(struct bus *bus, unsigned stage, uint32_t epoch, uint32_t buffers)
{
	struct bp_shim *s = calloc(1, sizeof(*s));

	if (s != NULL && bp_new(&s->bp, &(struct bp_args){
					    .bus = bus,
					    .stage = (uint16_t)stage,
					    .epoch = epoch,
					    .buffers = buffers,
					    .sent = s->sent,
					    .received = s->received,
					    .bad_frames = &s->bad,
					}) == 0)
		return s;
	free(s);
	return NULL;
}

struct bp_shim *
bp_shim_new_ref(struct bus *bus, unsigned stage, uint32_t epoch, int pools_fd)
{
	struct bp_shim *s = calloc(1, sizeof(*s));

	if (s != NULL && bp_new(&s->bp, &(struct bp_args){
					    .bus = bus,
					    .stage = (uint16_t)stage,
					    .epoch = epoch,
					    .pools_fd = pools_fd,
					    .sent = s->sent,
					    .received = s->received,
					    .bad_frames = &s->bad,
					}) == 0)
		return s;
	free(s);
	return NULL;
}

int
bp_shim_connect_to(struct bp_shim *shim, unsigned to, uint32_t epoch,
		   const char *endpoint)
{
	return bp_connect(shim->bp, (uint16_t)to, epoch, endpoint);
}

void
bp_shim_collect(struct bp_shim *shim)
{
	bp_collect(shim->bp);
}

uint32_t
bp_shim_reclaim(struct bp_shim *shim, unsigned stage, uint32_t epoch)
{
	return bp_reclaim(shim->bp, (uint16_t)stage, epoch);
}

void
bp_shim_invert(struct bp_shim *shim, unsigned i)
{
	const struct pkt *p = &shim->held.pkt[i];
	uint8_t *octets = pkt_data(bp_mem(shim->bp), p);

	for (unsigned at = 0; at < p->len; at++)
		octets[at] = (uint8_t)~octets[at];
}

void
bp_shim_free(struct bp_shim **shim)
{
	if (*shim == NULL)
		return;
	bp_free(&(*shim)->bp);
	free(*shim);
	*shim = NULL;
}

int
bp_shim_listen(struct bp_shim *shim, unsigned from, uint32_t epoch,
	       char endpoint[160])
{
	return bp_listen(shim->bp, (uint16_t)from, epoch, endpoint);
}

int
bp_shim_connect(struct bp_shim *shim, unsigned to, const char *endpoint)
{
	return bp_connect(shim->bp, (uint16_t)to, 1, endpoint);
}

bool
bp_shim_connected(const struct bp_shim *shim, unsigned to)
{
	return bp_connected(shim->bp, (uint16_t)to);
}

void
bp_shim_close_in(struct bp_shim *shim, unsigned from)
{
	bp_close_in(shim->bp, (uint16_t)from);
}

unsigned
bp_shim_close_out(struct bp_shim *shim, unsigned to)
{
	bp_close_out(shim->bp, (uint16_t)to, &shim->held);
	for (unsigned i = 0; i < shim->held.n; i++)
		bp_shim_end(shim, i);
	return shim->held.n;
}

void
bp_shim_set_generation(struct bp_shim *shim, uint32_t generation)
{
	bp_set_generation(shim->bp, generation);
}

static uint8_t
octet_of(uint32_t index, unsigned i)
{
	return (uint8_t)(index * 31 + i * 7);
}

bool
bp_shim_put(struct bp_shim *shim, unsigned to, const struct bp_shim_pkt *pkt)
{
	struct pkt p = {
	    .time_ns = pkt->time_ns,
	    .order_ns = pkt->order_ns,
	    .index = pkt->index,
	    .circuit_in = pkt->circuit_in,
	    .circuit_out = pkt->circuit_out,
	    .handle = pkt->handle,
	    .flags = pkt->flags,
	    .in_stage = stage_id(1, STAGE_IPPA),
	    .hop = pkt->hop,
	};
	uint8_t *octets;

	if (!pkt_alloc(bp_pool(shim->bp), &p))
		return false;
	p.len = pkt->len;
	if (pkt->off != 0)
		p.off = pkt->off;
	octets = pkt_data(bp_mem(shim->bp), &p);
	for (unsigned i = 0; i < p.len; i++)
		octets[i] = octet_of(p.index, i);
	bp_put(shim->bp, (uint16_t)to, &p);
	return true;
}

void
bp_shim_flush(struct bp_shim *shim)
{
	bp_flush(shim->bp);
}

int
bp_shim_take(struct bp_shim *shim, unsigned from)
{
	int got = bp_take(shim->bp, (uint16_t)from, &shim->held);

	return got == 1 ? (int)shim->held.n : got;
}

struct bp_shim_pkt
bp_shim_held(const struct bp_shim *shim, unsigned i, bool *intact)
{
	const struct pkt *p = &shim->held.pkt[i];
	const uint8_t *octets = pkt_data(bp_mem(shim->bp), p);

	*intact = true;
	for (unsigned at = 0; at < p->len; at++) {
		if (octets[at] != octet_of(p->index, at))
			*intact = false;
	}
	return (struct bp_shim_pkt){
	    .time_ns = p->time_ns,
	    .order_ns = p->order_ns,
	    .index = p->index,
	    .circuit_in = p->circuit_in,
	    .circuit_out = p->circuit_out,
	    .handle = p->handle,
	    .flags = p->flags,
	    .off = p->off,
	    .len = p->len,
	    .hop = p->hop,
	};
}

void
bp_shim_forward(struct bp_shim *shim, unsigned i, unsigned to)
{
	shim->held.pkt[i].hop++;
	bp_put(shim->bp, (uint16_t)to, &shim->held.pkt[i]);
}

void
bp_shim_end(struct bp_shim *shim, unsigned i)
{
	bp_end(shim->bp, &shim->held.pkt[i]);
}

bool
bp_shim_wait(struct bp_shim *shim, long timeout_ms)
{
	struct bus_poll items[STAGE_ID_MAX];
	size_t n = bp_poll_items(shim->bp, items, STAGE_ID_MAX);

	return bp_waiting(shim->bp) || bus_poll(items, n, timeout_ms) > 0;
}

bool
bp_shim_waiting(const struct bp_shim *shim)
{
	return bp_waiting(shim->bp);
}

uint32_t
bp_shim_buffers_free(struct bp_shim *shim)
{
	return bp_pool(shim->bp)->nfree;
}

uint64_t
bp_shim_sent(const struct bp_shim *shim, unsigned to)
{
	return counter_get(&shim->sent[to].packets);
}

uint64_t
bp_shim_sent_octets(const struct bp_shim *shim, unsigned to)
{
	return counter_get(&shim->sent[to].octets);
}

uint64_t
bp_shim_sent_frames(const struct bp_shim *shim, unsigned to)
{
	return counter_get(&shim->sent[to].frames);
}

uint64_t
bp_shim_received(const struct bp_shim *shim, unsigned from)
{
	return counter_get(&shim->received[from].packets);
}

uint64_t
bp_shim_received_octets(const struct bp_shim *shim, unsigned from)
{
	return counter_get(&shim->received[from].octets);
}

uint64_t
bp_shim_bad(const struct bp_shim *shim)
{
	return counter_get(&shim->bad);
}

struct bus_sock *
bp_shim_raw_open(struct bus *bus, const char *endpoint)
{
	struct bus_sock *raw = NULL;

	(void)bus_connect(bus, BUS_PUSH, endpoint, NULL, &raw);
	return raw;
}

int
bp_shim_raw_send(struct bus_sock *raw, const void *octets, size_t n)
{
	struct bus_msg msg;
	int error = bus_msg_new(&msg, n, false);

	if (error != 0)
		return error;
	if (n > 0)
		memcpy(bus_msg_data(&msg), octets, n);
	error = bus_send(raw, &msg);
	bus_msg_done(&msg);
	return error;
}

void
bp_shim_raw_close(struct bus_sock **raw)
{
	bus_close(raw);
}

static size_t
frame_make(bool by_value, unsigned from, uint32_t epoch, const uint16_t *len,
	   unsigned n, uint8_t *out, size_t out_octets)
{
	const struct bp_frame frame = {
	    .from = (uint16_t)from, .epoch = epoch, .by_value = by_value};
	struct pkt_mem *mem = calloc(1, sizeof(*mem));
	struct pkt_vec *v = calloc(1, sizeof(*v));
	uint8_t *buf = calloc(1, PKT_BUF_OCTETS);
	size_t octets = 0;

	if (mem != NULL && v != NULL && buf != NULL) {
		mem->base[0] = buf;
		mem->count[0] = 1;
		for (unsigned i = 0; i < n; i++) {
			v->pkt[i].off = PKT_HEADROOM;
			v->pkt[i].len = len[i];
			v->pkt[i].in_stage = stage_id(1, STAGE_IPPA);
		}
		octets = bp_frame_octets(&frame, v->pkt, n);
		if (octets <= out_octets)
			octets = bp_frame_write(out, &frame, mem, v->pkt, n);
		else
			octets = 0;
	}
	free(buf);
	free(v);
	free(mem);
	return octets;
}

size_t
bp_shim_frame(unsigned from, uint32_t epoch, const uint16_t *len, unsigned n,
	      uint8_t *out, size_t out_octets)
{
	return frame_make(true, from, epoch, len, n, out, out_octets);
}

size_t
bp_shim_frame_columns(unsigned from, uint32_t epoch, const uint16_t *len,
		      unsigned n, uint8_t *out, size_t out_octets)
{
	return frame_make(false, from, epoch, len, n, out, out_octets);
}

/* Where each field of a descriptor of ours is, and how long. */
static const struct field {
	size_t at, octets;
} fields[] = {
#define FIELD(name)                                                            \
	{offsetof(struct pkt, name), sizeof(((struct pkt *)0)->name)},
    BP_COLUMNS(FIELD)
#undef FIELD
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* Values that differ from packet to packet and are lawful in every field. */
static void
field_vary(struct pkt *p, const struct field *f, unsigned i)
{
	static const uint8_t lawful[] = {9, 10, 17, 18, 25};
	uint8_t octets[sizeof(uint64_t)] = {lawful[i % sizeof(lawful)]};

	if (f->octets > sizeof(uint16_t))
		memset(octets + 1, (int)(0xa0 + i), f->octets - 1);
	memcpy((uint8_t *)p + f->at, octets, f->octets);
}

static bool
fields_kept(const struct field *a, const struct field *b, struct pkt_vec *v,
	    struct pkt_vec *got)
{
	const struct bp_frame frame = {.from = 9, .epoch = 7};
	uint8_t out[sizeof(struct bp_frame_hdr) + 5 * sizeof(struct bp_desc)];
	struct bp_frame read;
	size_t octets;

	memset(v, 0, sizeof(*v));
	for (v->n = 0; v->n < 5; v->n++) {
		struct pkt *p = &v->pkt[v->n];

		p->in_stage = stage_id(1, STAGE_IPPA);
		p->len = 64;
		field_vary(p, a, v->n);
		field_vary(p, b, v->n);
		/* No link header is longer than its packet. */
		p->l2 = p->len < p->l2 ? 1 : p->l2;
	}
	octets = bp_frame_write(out, &frame, NULL, v->pkt, v->n);
	return bp_frame_read(out, octets, &read, got) == 0 && got->n == v->n &&
	       memcmp(got->pkt, v->pkt, v->n * sizeof(v->pkt[0])) == 0;
}

unsigned
bp_shim_columns_lost(void)
{
	struct pkt_vec *v = calloc(1, sizeof(*v));
	struct pkt_vec *got = calloc(1, sizeof(*got));
	unsigned lost = v == NULL || got == NULL ? ~0U : 0;

	for (unsigned a = 0; lost != ~0U && a < FIELDS; a++) {
		for (unsigned b = 0; b < FIELDS; b++)
			lost += !fields_kept(&fields[a], &fields[b], v, got);
	}
	free(got);
	free(v);
	return lost;
}

int
bp_shim_read(const uint8_t *octets, size_t n)
{
	struct pkt_vec *v = malloc(sizeof(*v));
	uint8_t *exact = malloc(n > 0 ? n : 1);
	struct bp_frame frame;
	int got = -1;

	if (v != NULL && exact != NULL) {
		if (n > 0)
			memcpy(exact, octets, n);
		got = bp_frame_read(exact, n, &frame, v);
		got = got == 0 ? (int)v->n : got;
	}
	free(exact);
	free(v);
	return got;
}

unsigned
bp_shim_claims(const uint8_t *octets, size_t n)
{
	return bp_frame_claims(octets, n);
}

int
bp_shim_pool(unsigned number, uint32_t buffers)
{
	struct bp_pool pool;
	int error = bp_pool_init(&pool, (uint8_t)number, buffers);

	bp_pool_fini(&pool);
	return error;
}
