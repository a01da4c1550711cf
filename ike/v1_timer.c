/*
 * A heap of timers, the earliest first. Its owner's objects hold the timers;
 * nothing is allocated when one is set.
 */
#include "v1_impl.h"

#include <errno.h>
#include <stdlib.h>

int
v1_heap_room(struct v1_heap *heap, uint32_t timers)
{
	struct v1_timer **more;
	uint32_t room = heap->room == 0 ? 64 : heap->room;

	if (timers < heap->room)
		return 0;
	while (room <= timers)
		room *= 2;
	more = realloc(heap->timers, room * sizeof(*more));
	if (more == NULL)
		return -ENOMEM;
	heap->timers = more;
	heap->room = room;
	return 0;
}

static void
place(struct v1_heap *heap, uint32_t at, struct v1_timer *timer)
{
	heap->timers[at] = timer;
	timer->at = at;
}

static void
rise(struct v1_heap *heap, uint32_t at, struct v1_timer *timer)
{
	while (at > 1 && heap->timers[at / 2]->due_ns > timer->due_ns) {
		place(heap, at, heap->timers[at / 2]);
		at /= 2;
	}
	place(heap, at, timer);
}

static void
sink(struct v1_heap *heap, uint32_t at, struct v1_timer *timer)
{
	for (;;) {
		uint32_t child = 2 * at;

		if (child < heap->count && heap->timers[child + 1]->due_ns <
					       heap->timers[child]->due_ns)
			child++;
		if (child > heap->count ||
		    heap->timers[child]->due_ns >= timer->due_ns)
			break;
		place(heap, at, heap->timers[child]);
		at = child;
	}
	place(heap, at, timer);
}

static void
take_out(struct v1_heap *heap, struct v1_timer *timer)
{
	struct v1_timer *last = heap->timers[heap->count--];
	uint32_t at = timer->at;

	timer->at = 0;
	if (last == timer)
		return;
	if (at > 1 && heap->timers[at / 2]->due_ns > last->due_ns)
		rise(heap, at, last);
	else
		sink(heap, at, last);
}

void
v1_timer_set(struct v1_heap *heap, struct v1_timer *timer, uint64_t due)
{
	if (timer->at != 0)
		take_out(heap, timer);
	timer->due_ns = due;
	if (due != IKE_NEVER)
		rise(heap, ++heap->count, timer);
}

uint64_t
v1_heap_next(const struct v1_heap *heap)
{
	return heap->count == 0 ? IKE_NEVER : heap->timers[1]->due_ns;
}
