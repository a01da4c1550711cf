/*
 * Entries in an array, found by a hash of circuit and address; places that went
 * are filled from the end, so a walk over all is a walk over the array. Packets
 * that wait lie in one ring for all entries, in order of arrival: the oldest of
 * all is at its head.
 *
 * Departures from RFC 4861: an entry is believed for the time its caller gives,
 * also in use, and then asked again by a question to that station alone; it
 * stays in use while it is asked. Duplicate address detection is not done:
 * addresses are the operator's word.
 */
#include "neighbor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define NEIGHBOR_RETRY_NS CLOCK_SECOND_NS         /* RFC 4861 section 10 */
#define NEIGHBOR_STALE_NS (600 * CLOCK_SECOND_NS) /* unused, then it goes */
#define NEIGHBOR_NOBODY UINT32_MAX

struct neighbor {
	uint32_t circuit;
	struct ip_addr addr;
	uint8_t mac[6];
	uint8_t state; /* enum neighbor_state */
	uint8_t tries;
	uint32_t next;   /* of its chain */
	uint64_t due_ns; /* resolved: to be asked again; else the next try */
};

struct neighbor_own {
	uint32_t circuit;
	struct ip_addr addr;
};

struct neighbor_waiting {
	struct pkt pkt;
	uint32_t circuit;
	struct ip_addr addr;
};

struct neighbor_table {
	const struct neighbor_ops *ops;
	void *arg;
	struct neighbor *row;
	uint32_t rows;
	uint32_t room;   /* a power of two, or 0 */
	uint32_t *chain; /* room heads */
	struct neighbor_own *own;
	size_t owns;
	struct neighbor_waiting *ring;
	unsigned limit;
	unsigned head;
	unsigned waiting;
	uint64_t next_ns;
};

struct neighbor_table *
neighbor_new(const struct neighbor_ops *ops, void *arg, unsigned packets)
{
	struct neighbor_table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->ops = ops;
	t->arg = arg;
	t->limit = packets > 0 ? packets : 1;
	t->next_ns = NEIGHBOR_NO_TIME;
	return t;
}

void
neighbor_free(struct neighbor_table **table)
{
	if (*table == NULL)
		return;
	free((*table)->row);
	free((*table)->chain);
	free((*table)->own);
	free((*table)->ring);
	free(*table);
	*table = NULL;
}

/* --- own addresses -------------------------------------------------------- */

static size_t
neighbor_own_at(const struct neighbor_table *t, uint32_t circuit,
		const struct ip_addr *addr)
{
	size_t i = 0;

	while (i < t->owns && (t->own[i].circuit != circuit ||
			       !ip_addr_equal(&t->own[i].addr, addr)))
		i++;
	return i;
}

int
neighbor_own_set(struct neighbor_table *t, uint32_t circuit,
		 const struct ip_addr *addr)
{
	void *own;

	if (neighbor_own_at(t, circuit, addr) < t->owns)
		return 0;
	own = realloc(t->own, (t->owns + 1) * sizeof(*t->own));
	if (own == NULL)
		return -ENOMEM;
	t->own = own;
	t->own[t->owns++] = (struct neighbor_own){circuit, *addr};
	return 0;
}

void
neighbor_own_delete(struct neighbor_table *t, uint32_t circuit,
		    const struct ip_addr *addr)
{
	size_t i = neighbor_own_at(t, circuit, addr);

	if (i < t->owns)
		t->own[i] = t->own[--t->owns];
}

bool
neighbor_is_own(const struct neighbor_table *t, uint32_t circuit,
		const struct ip_addr *addr)
{
	return neighbor_own_at(t, circuit, addr) < t->owns;
}

static unsigned
neighbor_bits_shared(const struct ip_addr *a, const struct ip_addr *b)
{
	unsigned n = 0;

	while (n < ip_addr_bits(a) && ip_addr_in_prefix(a, b, n + 1))
		n++;
	return n;
}

bool
neighbor_own_near(const struct neighbor_table *t, uint32_t circuit,
		  const struct ip_addr *addr, struct ip_addr *own)
{
	unsigned best = 0;
	bool found = false;

	for (size_t i = 0; i < t->owns; i++) {
		unsigned shared;

		if (t->own[i].circuit != circuit ||
		    t->own[i].addr.family != addr->family)
			continue;
		shared = neighbor_bits_shared(addr, &t->own[i].addr);
		if (found && shared <= best)
			continue;
		found = true;
		best = shared;
		*own = t->own[i].addr;
	}
	return found;
}

/* --- entries -------------------------------------------------------------- */

static uint32_t
neighbor_hash(uint32_t circuit, const struct ip_addr *addr)
{
	uint64_t half[2];
	uint64_t h;

	memcpy(half, addr->octets, sizeof(half));
	h = (half[0] ^ circuit) * UINT64_C(0x9e3779b97f4a7c15);
	h = (h ^ half[1] ^ addr->family) * UINT64_C(0xbf58476d1ce4e5b9);
	return (uint32_t)(h >> 32);
}

/* The link that leads to the entry, or to where it would stand. */
static uint32_t *
neighbor_link(const struct neighbor_table *t, uint32_t circuit,
	      const struct ip_addr *addr)
{
	uint32_t *link =
	    &t->chain[neighbor_hash(circuit, addr) & (t->room - 1)];

	while (*link != NEIGHBOR_NOBODY &&
	       (t->row[*link].circuit != circuit ||
		!ip_addr_equal(&t->row[*link].addr, addr)))
		link = &t->row[*link].next;
	return link;
}

static struct neighbor *
neighbor_get(const struct neighbor_table *t, uint32_t circuit,
	     const struct ip_addr *addr)
{
	uint32_t i =
	    t->room == 0 ? NEIGHBOR_NOBODY : *neighbor_link(t, circuit, addr);

	return i == NEIGHBOR_NOBODY ? NULL : &t->row[i];
}

static int
neighbor_grow(struct neighbor_table *t)
{
	uint32_t room = t->room == 0 ? 64 : t->room * 2;
	struct neighbor *row = realloc(t->row, room * sizeof(*row));
	uint32_t *chain;

	if (row == NULL)
		return -ENOMEM;
	t->row = row;
	chain = malloc(room * sizeof(*chain));
	if (chain == NULL)
		return -ENOMEM;
	memset(chain, 0xff, room * sizeof(*chain));
	for (uint32_t i = 0; i < t->rows; i++) {
		uint32_t *head =
		    &chain[neighbor_hash(row[i].circuit, &row[i].addr) &
			   (room - 1)];

		row[i].next = *head;
		*head = i;
	}
	free(t->chain);
	t->chain = chain;
	t->room = room;
	return 0;
}

/* A new entry; NULL without memory, or beyond the bound. */
static struct neighbor *
neighbor_make(struct neighbor_table *t, uint32_t circuit,
	      const struct ip_addr *addr, bool bounded)
{
	uint32_t *link;

	if (bounded && t->rows >= NEIGHBOR_ENTRIES_MAX)
		return NULL;
	if (t->rows == t->room && neighbor_grow(t) < 0)
		return NULL;
	link = neighbor_link(t, circuit, addr);
	*link = t->rows;
	t->row[t->rows] = (struct neighbor){.circuit = circuit,
					    .addr = *addr,
					    .next = NEIGHBOR_NOBODY,
					    .due_ns = NEIGHBOR_NO_TIME};
	return &t->row[t->rows++];
}

static void
neighbor_remove(struct neighbor_table *t, struct neighbor *n)
{
	uint32_t *link = neighbor_link(t, n->circuit, &n->addr);
	uint32_t hole = *link;
	uint32_t last = t->rows - 1;

	*link = n->next;
	if (hole != last) {
		link =
		    neighbor_link(t, t->row[last].circuit, &t->row[last].addr);
		*link = hole;
		t->row[hole] = t->row[last];
	}
	t->rows--;
}

static void
neighbor_due(struct neighbor_table *t, struct neighbor *n, uint64_t due_ns)
{
	n->due_ns = due_ns;
	if (due_ns < t->next_ns)
		t->next_ns = due_ns;
}

int
neighbor_static_set(struct neighbor_table *t, uint32_t circuit,
		    const struct ip_addr *addr, const uint8_t mac[6])
{
	struct neighbor *n = neighbor_get(t, circuit, addr);

	if (n == NULL)
		n = neighbor_make(t, circuit, addr, false);
	if (n == NULL)
		return -ENOMEM;
	n->state = NEIGHBOR_STATIC;
	n->due_ns = NEIGHBOR_NO_TIME;
	memcpy(n->mac, mac, sizeof(n->mac));
	return 0;
}

void
neighbor_static_delete(struct neighbor_table *t, uint32_t circuit,
		       const struct ip_addr *addr)
{
	struct neighbor *n = neighbor_get(t, circuit, addr);

	if (n != NULL && n->state == NEIGHBOR_STATIC)
		neighbor_remove(t, n);
}

bool
neighbor_is_empty(const struct neighbor_table *t)
{
	return t->rows == 0;
}

/* Asks, for the first time or again. */
static void
neighbor_ask(struct neighbor_table *t, struct neighbor *n, uint64_t now_ns)
{
	struct ip_addr addr = n->addr;
	uint8_t mac[6];

	memcpy(mac, n->mac, sizeof(mac));
	n->tries++;
	neighbor_due(t, n, now_ns + NEIGHBOR_RETRY_NS);
	t->ops->solicit(t->arg, n->circuit, &addr,
			n->state == NEIGHBOR_PROBED ? mac : NULL);
}

const uint8_t *
neighbor_find(struct neighbor_table *t, uint32_t circuit,
	      const struct ip_addr *addr, uint64_t now_ns)
{
	struct neighbor *n = neighbor_get(t, circuit, addr);

	if (n == NULL || n->state == NEIGHBOR_INCOMPLETE)
		return NULL;
	if (n->state == NEIGHBOR_RESOLVED && n->due_ns <= now_ns) {
		n->state = NEIGHBOR_PROBED;
		n->tries = 0;
		neighbor_ask(t, n, now_ns);
	}
	return n->mac;
}

/* --- packets that wait ---------------------------------------------------- */

static struct neighbor_waiting *
neighbor_waiting_at(const struct neighbor_table *t, unsigned i)
{
	return &t->ring[(t->head + i) % t->limit];
}

/* Releases those of one neighbor, in their order; the others keep theirs. */
static void
neighbor_release(struct neighbor_table *t, uint32_t circuit,
		 const struct ip_addr *addr, enum pkt_fate fate)
{
	struct ip_addr whose = *addr;
	unsigned kept = 0;
	unsigned n = t->waiting;

	for (unsigned i = 0; i < n; i++) {
		struct neighbor_waiting w = *neighbor_waiting_at(t, i);

		if (w.circuit == circuit && ip_addr_equal(&w.addr, &whose))
			t->ops->release(t->arg, &w.pkt, fate);
		else
			*neighbor_waiting_at(t, kept++) = w;
	}
	t->waiting = kept;
}

enum pkt_fate
neighbor_wait(struct neighbor_table *t, uint32_t circuit,
	      const struct ip_addr *addr, uint64_t now_ns, const struct pkt *p)
{
	struct neighbor *n = neighbor_get(t, circuit, addr);
	struct neighbor_waiting *w;

	if (t->ring == NULL)
		t->ring = malloc(t->limit * sizeof(*t->ring));
	if (t->ring == NULL)
		return PKT_DROP_NO_BUFFER;
	if (n == NULL) {
		n = neighbor_make(t, circuit, addr, true);
		if (n == NULL)
			return PKT_DROP_NO_BUFFER;
		n->state = NEIGHBOR_INCOMPLETE;
		neighbor_ask(t, n, now_ns);
	}
	if (t->waiting == t->limit) {
		t->ops->release(t->arg, &t->ring[t->head].pkt,
				PKT_DROP_NEIGHBOR_QUEUE_FULL);
		t->head = (t->head + 1) % t->limit;
		t->waiting--;
	}
	w = neighbor_waiting_at(t, t->waiting++);
	*w = (struct neighbor_waiting){*p, circuit, *addr};
	return PKT_GO;
}

void
neighbor_learn(struct neighbor_table *t, uint32_t circuit,
	       const struct ip_addr *addr, const uint8_t mac[6], bool create,
	       uint64_t now_ns, uint64_t life_ns)
{
	struct neighbor *n = neighbor_get(t, circuit, addr);
	bool waited;

	if (n == NULL && create)
		n = neighbor_make(t, circuit, addr, true);
	if (n == NULL || n->state == NEIGHBOR_STATIC)
		return;
	waited = n->state == NEIGHBOR_INCOMPLETE;
	n->state = NEIGHBOR_RESOLVED;
	n->tries = 0;
	neighbor_due(t, n, now_ns + life_ns);
	memcpy(n->mac, mac, sizeof(n->mac));
	if (waited)
		neighbor_release(t, circuit, addr, PKT_GO);
}

/* --- time ----------------------------------------------------------------- */

/* Nobody answered: what waits ends, and the entry with it. */
static void
neighbor_give_up(struct neighbor_table *t, struct neighbor *n)
{
	struct neighbor was = *n;

	neighbor_remove(t, n);
	neighbor_release(t, was.circuit, &was.addr,
			 PKT_DROP_UNRESOLVED_NEIGHBOR);
}

/* Old, and nobody sends to it: it goes after a while. */
static void
neighbor_age(struct neighbor_table *t, struct neighbor *n, uint64_t now_ns)
{
	uint64_t end_ns = n->due_ns + NEIGHBOR_STALE_NS;

	if (end_ns <= now_ns)
		neighbor_remove(t, n);
	else if (end_ns < t->next_ns)
		t->next_ns = end_ns;
}

void
neighbor_expire(struct neighbor_table *t, uint64_t now_ns)
{
	if (now_ns < t->next_ns)
		return;
	t->next_ns = NEIGHBOR_NO_TIME;
	/* From the end: what is removed is replaced by what was seen. */
	for (uint32_t i = t->rows; i-- > 0;) {
		struct neighbor *n = &t->row[i];

		if (n->state == NEIGHBOR_STATIC)
			continue;
		if (n->state == NEIGHBOR_RESOLVED) {
			neighbor_age(t, n, now_ns);
			continue;
		}
		if (n->due_ns > now_ns)
			neighbor_due(t, n, n->due_ns);
		else if (n->tries < NEIGHBOR_TRIES)
			neighbor_ask(t, n, now_ns);
		else
			neighbor_give_up(t, n);
	}
}

uint64_t
neighbor_next_ns(const struct neighbor_table *t)
{
	return t->next_ns;
}

void
neighbor_clear(struct neighbor_table *t, uint32_t circuit)
{
	for (uint32_t i = t->rows; i-- > 0;) {
		struct neighbor *n = &t->row[i];

		if ((circuit == 0 || n->circuit == circuit) &&
		    (n->state == NEIGHBOR_RESOLVED ||
		     n->state == NEIGHBOR_PROBED))
			neighbor_remove(t, n);
	}
}

bool
neighbor_row(const struct neighbor_table *t, size_t i, uint64_t now_ns,
	     struct neighbor_row *row)
{
	const struct neighbor *n;

	if (i >= t->rows)
		return false;
	n = &t->row[i];
	*row = (struct neighbor_row){.circuit = n->circuit,
				     .addr = n->addr,
				     .state = (enum neighbor_state)n->state,
				     .left_ns = NEIGHBOR_NO_TIME};
	memcpy(row->mac, n->mac, sizeof(row->mac));
	if (n->due_ns != NEIGHBOR_NO_TIME)
		row->left_ns = n->due_ns > now_ns ? n->due_ns - now_ns : 0;
	return true;
}
