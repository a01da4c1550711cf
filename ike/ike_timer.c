/* A binary heap of timers: see ike_timer.h. */
#include "ike_timer.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define ROOM_FIRST 64

void
ike_timers_fini(struct ike_timers *timers)
{
	free(timers->heap);
	*timers = (struct ike_timers){0};
}

int
ike_timers_reserve(struct ike_timers *timers, uint32_t n)
{
	uint32_t room = timers->room == 0 ? ROOM_FIRST : timers->room;
	struct ike_timer **heap;

	if (n <= timers->room)
		return 0;
	while (room < n)
		room *= 2;
	heap = realloc(timers->heap, (room + 1) * sizeof(struct ike_timer *));
	if (heap == NULL)
		return -ENOMEM;
	timers->heap = heap;
	timers->room = room;
	return 0;
}

static bool
before(const struct ike_timer *a, const struct ike_timer *b)
{
	return a->at_ns < b->at_ns ||
	       (a->at_ns == b->at_ns && a->order < b->order);
}

static void
put(struct ike_timers *timers, uint32_t i, struct ike_timer *t)
{
	timers->heap[i] = t;
	t->index = i;
}

static void
up(struct ike_timers *timers, struct ike_timer *t, uint32_t i)
{
	while (i > 1 && before(t, timers->heap[i / 2])) {
		put(timers, i, timers->heap[i / 2]);
		i /= 2;
	}
	put(timers, i, t);
}

static void
down(struct ike_timers *timers, struct ike_timer *t, uint32_t i)
{
	while (2 * i <= timers->count) {
		uint32_t child = 2 * i;

		if (child < timers->count &&
		    before(timers->heap[child + 1], timers->heap[child]))
			child++;
		if (!before(timers->heap[child], t))
			break;
		put(timers, i, timers->heap[child]);
		i = child;
	}
	put(timers, i, t);
}

void
ike_timer_stop(struct ike_timers *timers, struct ike_timer *t)
{
	uint32_t i = t->index;
	struct ike_timer *last;

	if (i == 0)
		return;
	t->index = 0;
	last = timers->heap[timers->count--];
	if (last == t)
		return;
	if (i > 1 && before(last, timers->heap[i / 2]))
		up(timers, last, i);
	else
		down(timers, last, i);
}

void
ike_timer_set(struct ike_timers *timers, struct ike_timer *t, uint64_t at_ns)
{
	ike_timer_stop(timers, t);
	assert(timers->count < timers->room);
	t->at_ns = at_ns;
	t->order = timers->order++;
	up(timers, t, ++timers->count);
}

struct ike_timer *
ike_timers_due(struct ike_timers *timers, uint64_t now_ns)
{
	struct ike_timer *t;

	if (timers->count == 0 || timers->heap[1]->at_ns > now_ns)
		return NULL;
	t = timers->heap[1];
	ike_timer_stop(timers, t);
	return t;
}

uint64_t
ike_timers_next(const struct ike_timers *timers)
{
	return timers->count == 0 ? UINT64_MAX : timers->heap[1]->at_ns;
}
