/*
 * Rounds of records. Each open round has an arena of records in their final
 * form and an index of them. A round that came in order, the common case, is
 * written straight from the arena with one call; else the index is sorted and
 * records that lie side by side go as one piece of a writev(2). Called by ports
 * and capture points that write files.
 */
#include "cap_order.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "cap_form.h"

#define ARENA_FIRST (UINT32_C(1) << 16)
#define INDEX_FIRST 256
#define PIECES 1024

struct order_rec {
	uint64_t order_ns;
	uint64_t tie;
	size_t at; /* in the arena; ascends in order of adding */
	size_t octets;
};

struct order_round {
	uint8_t *arena;
	size_t used;
	size_t room;
	struct order_rec *recs;
	size_t nrecs;
	size_t recs_room;
	uint32_t number; /* 0: not open */
	bool sorted;
};

struct cap_order {
	struct cap_write *w;
	struct order_round rounds[CAP_ORDER_ROUNDS];
	struct order_round *last; /* the round added to last, or NULL */
	struct iovec pieces[PIECES];
	int error; /* the first */
};

int
cap_order_new(struct cap_order **o, struct cap_write *w)
{
	struct cap_order *made = calloc(1, sizeof(*made));

	if (made == NULL)
		return -ENOMEM;
	made->w = w;
	*o = made;
	return 0;
}

struct cap_write *
cap_order_writer(struct cap_order *o)
{
	return o->w;
}

static struct order_round *
find_round(struct cap_order *o, uint32_t number)
{
	if (o->last != NULL && o->last->number == number)
		return o->last;
	for (unsigned i = 0; i < CAP_ORDER_ROUNDS; i++)
		if (o->rounds[i].number == number)
			return &o->rounds[i];
	return NULL;
}

static struct order_round *
open_round(struct cap_order *o, uint32_t number)
{
	struct order_round *round = find_round(o, number);

	if (round == NULL) {
		round = find_round(o, 0);
		if (round == NULL)
			return NULL;
		round->number = number;
		round->used = 0;
		round->nrecs = 0;
		round->sorted = true;
	}
	o->last = round;
	return round;
}

static int
grow(struct order_round *round, size_t octets)
{
	if (octets > round->room - round->used) {
		size_t room = round->room == 0 ? ARENA_FIRST : round->room * 2;
		uint8_t *more;

		while (room - round->used < octets)
			room *= 2;
		more = realloc(round->arena, room);
		if (more == NULL)
			return -ENOMEM;
		round->arena = more;
		round->room = room;
	}
	if (round->nrecs == round->recs_room) {
		size_t room =
		    round->recs_room == 0 ? INDEX_FIRST : round->recs_room * 2;
		struct order_rec *more =
		    realloc(round->recs, room * sizeof(*more));

		if (more == NULL)
			return -ENOMEM;
		round->recs = more;
		round->recs_room = room;
	}
	return 0;
}

static int
compare_recs(const void *a, const void *b)
{
	const struct order_rec *x = a;
	const struct order_rec *y = b;

	if (x->order_ns != y->order_ns)
		return x->order_ns < y->order_ns ? -1 : 1;
	if (x->tie != y->tie)
		return x->tie < y->tie ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int
write_now(struct cap_order *o, const struct cap_out *out)
{
	int error = cap_write_rec(o->w, out);

	return error != 0 ? error : cap_write_flush(o->w);
}

int
cap_order_add(struct cap_order *o, uint32_t number, uint64_t order_ns,
	      uint64_t tie, const struct cap_out *out)
{
	enum cap_format format = cap_write_format(o->w);
	size_t octets = cap_form_octets(format, out);
	struct order_rec rec = {
	    .order_ns = order_ns, .tie = tie, .octets = octets};
	struct order_round *round;

	if (o->error != 0)
		return o->error;
	if (out->iface >= cap_write_ifaces(o->w))
		return -EINVAL;
	if (octets == 0)
		return -EMSGSIZE;
	if (number == 0)
		return write_now(o, out);
	round = open_round(o, number);
	if (round == NULL)
		return -ENOBUFS;
	if (grow(round, octets) != 0)
		return -ENOMEM;
	rec.at = round->used;
	if (round->nrecs > 0 &&
	    compare_recs(&round->recs[round->nrecs - 1], &rec) > 0)
		round->sorted = false;
	cap_form_put(format, round->arena + round->used, out);
	round->used += octets;
	round->recs[round->nrecs++] = rec;
	return 0;
}

static int
write_arena(struct cap_order *o, const struct order_round *round)
{
	struct iovec piece = {.iov_base = round->arena, .iov_len = round->used};

	return round->used == 0 ? 0 : cap_write_formed(o->w, &piece, 1);
}

static int
write_sorted(struct cap_order *o, const struct order_round *round)
{
	unsigned n = 0;

	for (size_t i = 0; i < round->nrecs; i++) {
		const struct order_rec *rec = &round->recs[i];
		uint8_t *at = round->arena + rec->at;
		struct iovec *last = n > 0 ? &o->pieces[n - 1] : NULL;
		int error;

		if (last != NULL &&
		    (uint8_t *)last->iov_base + last->iov_len == at) {
			last->iov_len += rec->octets;
			continue;
		}
		if (n == PIECES) {
			error = cap_write_formed(o->w, o->pieces, n);
			if (error != 0)
				return error;
			n = 0;
		}
		o->pieces[n++] =
		    (struct iovec){.iov_base = at, .iov_len = rec->octets};
	}
	return n == 0 ? 0 : cap_write_formed(o->w, o->pieces, n);
}

static int
write_round(struct cap_order *o, struct order_round *round)
{
	int error;

	round->number = 0;
	if (o->error != 0)
		return o->error;
	if (round->sorted) {
		error = write_arena(o, round);
	} else {
		qsort(round->recs, round->nrecs, sizeof(round->recs[0]),
		      compare_recs);
		error = write_sorted(o, round);
	}
	o->error = error;
	return error;
}

/* The open round with the lowest number up to this one, or NULL. */
static struct order_round *
first_round(struct cap_order *o, uint32_t number)
{
	struct order_round *first = NULL;

	for (unsigned i = 0; i < CAP_ORDER_ROUNDS; i++) {
		struct order_round *round = &o->rounds[i];

		if (round->number == 0 || round->number > number)
			continue;
		if (first == NULL || round->number < first->number)
			first = round;
	}
	return first;
}

int
cap_order_flush(struct cap_order *o, uint32_t number)
{
	struct order_round *round;
	int error = cap_write_flush(o->w); /* a header, when nothing came yet */

	if (o->error == 0)
		o->error = error;
	while ((round = first_round(o, number)) != NULL)
		(void)write_round(o, round);
	return o->error;
}

int
cap_order_close(struct cap_order **o)
{
	int error;
	int closed;

	if (*o == NULL)
		return 0;
	error = cap_order_flush(*o, UINT32_MAX);
	closed = cap_write_close(&(*o)->w);
	for (unsigned i = 0; i < CAP_ORDER_ROUNDS; i++) {
		free((*o)->rounds[i].arena);
		free((*o)->rounds[i].recs);
	}
	free(*o);
	*o = NULL;
	return error != 0 ? error : closed;
}
