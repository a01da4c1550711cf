/*
 * Timers of one instance: a heap of what is armed, by time and then by the
 * order of arming, so that a run repeats. A timer is embedded in what it is
 * for; disarm it before its memory goes.
 */
#ifndef IKE_TIMER_H
#define IKE_TIMER_H

#include <stdbool.h>
#include <stdint.h>

struct ike;
struct ike_timer;

typedef void ike_timer_fn(struct ike *ike, struct ike_timer *t, uint64_t now);

struct ike_timer {
	uint64_t at_ns;
	uint64_t order;
	uint32_t index; /* in the heap, from 1; 0: not armed */
	ike_timer_fn *fire;
};

struct ike_timers {
	struct ike_timer **heap; /* from 1 */
	uint32_t count;
	uint32_t room;
	uint64_t order;
};

void ike_timers_fini(struct ike_timers *timers);

/*
 * Room for n timers altogether: what embeds a timer asks before it is made, so
 * that arming cannot fail. -ENOMEM.
 */
int ike_timers_reserve(struct ike_timers *timers, uint32_t n);

/* Armed already: moved. */
void ike_timer_set(struct ike_timers *timers, struct ike_timer *t,
		   uint64_t at_ns);
void ike_timer_stop(struct ike_timers *timers, struct ike_timer *t);

/* The next one, disarmed, if it is due; NULL. */
struct ike_timer *ike_timers_due(struct ike_timers *timers, uint64_t now_ns);
uint64_t ike_timers_next(const struct ike_timers *timers);

#endif
