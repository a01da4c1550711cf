/*
 * A heap of frames by the time they arrive, and a short list of those that are
 * held back to be overtaken. Called by wire_pump.c with the lab's time. What a
 * frame meets is decided when it is pushed, in the order of the link: its MTU,
 * loss, the rate's queue, corruption, reordering, duplication, delay.
 */
#include "shape.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "ip_hdr.h"
#include "lot.h"
#include "shape_store.h"

#define HELD_MAX 64
#define FULL_FRAME_BITS (UINT64_C(1514) * 8)
#define HEAP_FIRST 64

/* Kinds of decision, so that one lot says nothing about another. */
enum {
	LOT_LOSS = 1,
	LOT_DUPLICATE,
	LOT_REORDER,
	LOT_CORRUPT,
	LOT_BIT,
	LOT_JITTER
};

struct held {
	struct shape_node *node;
	uint64_t until; /* the frame that frees it */
};

struct shape {
	struct shape_conf conf;
	struct shape_store *store;
	struct link_counts *counts;
	uint64_t seed;
	uint64_t index;   /* of the next frame */
	uint64_t order;   /* of the next that arrives */
	uint64_t sent_ns; /* times of frames never step back */
	uint64_t idle_ns; /* the rate has sent all before */
	uint64_t last_ns; /* arrival of the latest */
	struct shape_node **heap;
	unsigned n, room;
	struct held held[HELD_MAX];
	unsigned nheld;
	uint64_t octets;
	struct shape_node *lent;
};

int
shape_new(struct shape **out, struct shape_store *store, uint64_t seed,
	  struct link_counts *counts)
{
	struct shape *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return -ENOMEM;
	s->store = store;
	s->counts = counts;
	s->seed = seed;
	s->conf.up = true;
	*out = s;
	return 0;
}

static void
count(struct shape *s, enum link_count what)
{
	s->counts->n[what]++;
}

static void
let_go(struct shape *s, struct shape_node *node)
{
	s->octets -= node->octets;
	shape_store_put(s->store, node);
}

static void
take_back(struct shape *s)
{
	while (s->lent != NULL) {
		struct shape_node *node = s->lent;

		s->lent = node->next;
		let_go(s, node);
	}
}

/* ---- The heap ---- */

static bool
before(const struct shape_node *a, const struct shape_node *b)
{
	return a->due_ns != b->due_ns ? a->due_ns < b->due_ns
				      : a->order < b->order;
}

static void
heap_add(struct shape *s, struct shape_node *node)
{
	unsigned i = s->n++;

	node->order = s->order++;
	while (i > 0 && before(node, s->heap[(i - 1) / 2])) {
		s->heap[i] = s->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	s->heap[i] = node;
}

static struct shape_node *
heap_first(struct shape *s)
{
	struct shape_node *first = s->heap[0];
	struct shape_node *last = s->heap[--s->n];
	unsigned i = 0;
	unsigned child;

	while ((child = 2 * i + 1) < s->n) {
		if (child + 1 < s->n &&
		    before(s->heap[child + 1], s->heap[child]))
			child++;
		if (!before(s->heap[child], last))
			break;
		s->heap[i] = s->heap[child];
		i = child;
	}
	s->heap[i] = last;
	return first;
}

/* Room for so many more, those that are held included. */
static bool
heap_reserve(struct shape *s, unsigned more)
{
	unsigned least = s->n + s->nheld + more;
	unsigned room = s->room != 0 ? s->room : HEAP_FIRST;
	struct shape_node **heap;

	if (least <= s->room)
		return true;
	while (room < least)
		room *= 2;
	heap = realloc(s->heap, room * sizeof(struct shape_node *));
	if (heap == NULL)
		return false;
	s->heap = heap;
	s->room = room;
	return true;
}

/* ---- Properties ---- */

static void
lose_all(struct shape *s)
{
	while (s->n > 0) {
		let_go(s, s->heap[--s->n]);
		count(s, LINK_LINK_DOWN);
	}
	while (s->nheld > 0) {
		let_go(s, s->held[--s->nheld].node);
		count(s, LINK_LINK_DOWN);
	}
	s->idle_ns = 0;
	s->last_ns = 0;
}

void
shape_free(struct shape **s)
{
	if (*s == NULL)
		return;
	take_back(*s);
	lose_all(*s);
	free((*s)->heap);
	free(*s);
	*s = NULL;
}

void
shape_set(struct shape *s, const struct shape_conf *conf)
{
	s->conf = *conf;
	if (!conf->up)
		lose_all(s);
}

const struct shape_conf *
shape_conf(const struct shape *s)
{
	return &s->conf;
}

bool
shape_is_clear(const struct shape *s)
{
	const struct shape_conf *c = &s->conf;

	return c->up && s->n == 0 && s->nheld == 0 && c->delay_ns == 0 &&
	       c->jitter_ns == 0 && c->rate_bps == 0 && c->loss == 0 &&
	       c->duplication == 0 && c->reordering == 0 &&
	       c->corruption == 0 && c->mtu == 0;
}

/* ---- A frame's fate ---- */

static bool
hits(const struct shape *s, unsigned purpose, uint32_t share)
{
	return share != 0 &&
	       lot_hits(lot_draw(s->seed, s->index, purpose), share);
}

/* Octets of Ethernet before the packet: tags count as the header does. */
static uint32_t
link_octets(const struct shape_frame *f)
{
	uint32_t at = offsetof(struct eth_hdr, type);

	while (at + 2 <= f->octets) {
		unsigned type = (unsigned)f->data[at] << 8 | f->data[at + 1];

		if (type != ETH_TYPE_VLAN && type != ETH_TYPE_QINQ)
			break;
		at += sizeof(struct vlan_tag);
	}
	return at + 2;
}

static bool
too_long(const struct shape *s, const struct shape_frame *f)
{
	return s->conf.mtu != 0 && f->octets > link_octets(f) + s->conf.mtu;
}

static uint64_t
send_ns(uint64_t bits, uint64_t rate)
{
	return bits / rate * CLOCK_SECOND_NS +
	       bits % rate * CLOCK_SECOND_NS / rate;
}

/* The frame waits for its turn: when it has been sent whole. False: too many
 * wait.
 */
static bool
pass_rate(struct shape *s, const struct shape_frame *f, uint64_t *at)
{
	uint64_t rate = s->conf.rate_bps;
	uint64_t queue = s->conf.queue != 0 ? s->conf.queue : SHAPE_QUEUE;

	if (rate == 0)
		return true;
	if (queue > SHAPE_QUEUE_MAX)
		queue = SHAPE_QUEUE_MAX;
	if (s->idle_ns > *at) {
		if (s->idle_ns - *at > send_ns(queue * FULL_FRAME_BITS, rate))
			return false;
		*at = s->idle_ns;
	}
	*at += send_ns((uint64_t)f->octets * 8, rate);
	s->idle_ns = *at;
	return true;
}

static uint64_t
arrival(struct shape *s, uint64_t sent_ns)
{
	const struct shape_conf *c = &s->conf;
	uint64_t at = sent_ns + c->delay_ns;

	if (c->jitter_ns != 0) {
		uint64_t lot = lot_draw(s->seed, s->index, LOT_JITTER);

		at += lot_below(lot, 2 * c->jitter_ns + 1);
		at = at > sent_ns + c->jitter_ns ? at - c->jitter_ns : sent_ns;
	}
	if (at < s->last_ns)
		at = s->last_ns;
	s->last_ns = at;
	return at;
}

static void
corrupt(struct shape *s, struct shape_node *node)
{
	uint64_t lot = lot_draw(s->seed, s->index, LOT_BIT);
	uint32_t skip = sizeof(struct eth_hdr);
	uint64_t bit;

	if (node->octets <= skip)
		return;
	bit = lot_below(lot, (uint64_t)(node->octets - skip) * 8);
	node->data[skip + bit / 8] ^= (uint8_t)(1U << bit % 8);
	count(s, LINK_CORRUPTED);
}

static struct shape_node *
copy(struct shape *s, const struct shape_frame *f)
{
	struct shape_node *node = NULL;

	if (s->n + s->nheld < SHAPE_FRAMES_MAX &&
	    s->octets + f->octets <= SHAPE_OCTETS_MAX && heap_reserve(s, 1))
		node = shape_store_get(s->store, f->octets);
	if (node == NULL)
		return NULL;
	node->octets = f->octets;
	node->trace = f->trace;
	memcpy(node->data, f->data, f->octets);
	s->octets += f->octets;
	return node;
}

/* Those that the present frame frees arrive right behind it. */
static void
free_held(struct shape *s, uint64_t due_ns)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < s->nheld; i++) {
		struct held *h = &s->held[i];

		if (h->until > s->index) {
			s->held[kept++] = *h;
			continue;
		}
		if (h->node->due_ns > due_ns)
			h->node->due_ns = due_ns;
		heap_add(s, h->node);
	}
	s->nheld = kept;
}

/*
 * due_ns of one that is held is the latest it may be. Only one that passes
 * frees others, so they have been overtaken by as many as was said.
 */
static void
place(struct shape *s, struct shape_node *node, uint64_t due_ns)
{
	node->due_ns = due_ns;
	if (s->nheld < HELD_MAX && hits(s, LOT_REORDER, s->conf.reordering)) {
		node->due_ns += SHAPE_HOLD_NS;
		s->held[s->nheld++] = (struct held){node, s->index + SHAPE_GAP};
		count(s, LINK_REORDERED);
		return;
	}
	heap_add(s, node);
	free_held(s, due_ns);
}

static enum link_count
carry(struct shape *s, const struct shape_frame *f, uint64_t sent_ns)
{
	struct shape_node *node = copy(s, f);
	struct shape_node *twin;
	uint64_t due_ns;

	if (node == NULL)
		return LINK_QUEUE_FULL;
	due_ns = arrival(s, sent_ns);
	if (hits(s, LOT_CORRUPT, s->conf.corruption))
		corrupt(s, node);
	place(s, node, due_ns);
	if (hits(s, LOT_DUPLICATE, s->conf.duplication) &&
	    (twin = copy(s, f)) != NULL) {
		twin->due_ns = due_ns;
		heap_add(s, twin);
		count(s, LINK_DUPLICATED);
	}
	return LINK_TAKEN;
}

static enum link_count
decide(struct shape *s, const struct shape_frame *f)
{
	uint64_t sent_ns;

	if (f->time_ns > s->sent_ns)
		s->sent_ns = f->time_ns;
	sent_ns = s->sent_ns;
	if (!s->conf.up)
		return LINK_LINK_DOWN;
	if (too_long(s, f))
		return LINK_TOO_LONG;
	if (hits(s, LOT_LOSS, s->conf.loss))
		return LINK_LOST;
	if (!pass_rate(s, f, &sent_ns))
		return LINK_QUEUE_FULL;
	return carry(s, f, sent_ns);
}

enum link_count
shape_push(struct shape *s, const struct shape_frame *f)
{
	enum link_count fate;

	take_back(s);
	fate = decide(s, f);
	s->index++;
	if (fate != LINK_TAKEN)
		count(s, fate);
	return fate;
}

/* ---- Arrivals ---- */

uint64_t
shape_next_ns(const struct shape *s)
{
	uint64_t next = s->n > 0 ? s->heap[0]->due_ns : SHAPE_NEVER;

	for (unsigned i = 0; i < s->nheld; i++) {
		if (s->held[i].node->due_ns < next)
			next = s->held[i].node->due_ns;
	}
	return next;
}

static void
free_late(struct shape *s, uint64_t now_ns)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < s->nheld; i++) {
		if (s->held[i].node->due_ns > now_ns)
			s->held[kept++] = s->held[i];
		else
			heap_add(s, s->held[i].node);
	}
	s->nheld = kept;
}

unsigned
shape_take(struct shape *s, uint64_t now_ns, struct shape_frame *f,
	   unsigned max)
{
	unsigned n = 0;

	take_back(s);
	free_late(s, now_ns);
	while (n < max && s->n > 0 && s->heap[0]->due_ns <= now_ns) {
		struct shape_node *node = heap_first(s);

		f[n++] = (struct shape_frame){.time_ns = node->due_ns,
					      .trace = node->trace,
					      .data = node->data,
					      .octets = node->octets};
		node->next = s->lent;
		s->lent = node;
	}
	return n;
}
