/*
 * The SAD's clock, the lives of its SAs, and what an ASP is to be told of them.
 * Live, all SAs are on the machine's monotonic clock, and limits of time are
 * looked at whenever the ASP says what time it is; in a replay each packet
 * brings its time, and nothing happens between packets.
 *
 * RFC 4301 section 4.4.2.1 (lifetimes), RFC 4303 section 3.3.3 (the last
 * number). Never logs: the ASP does.
 */
#include "sad_impl.h"

void
sad_event_push(struct sad *sad, struct esp_sa *sa, unsigned events)
{
	if (events == 0)
		return;
	if (sa->events == 0)
		sa_queue_push(&sad->events, sa);
	sa->events |= events;
}

struct esp_sa *
sad_event_next(struct sad *sad, unsigned *events)
{
	struct esp_sa *sa = sa_queue_pop(&sad->events);

	if (sa != NULL) {
		*events = sa->events;
		sa->events = 0;
	}
	return sa;
}

static void
life_reach(struct sad *sad, struct esp_sa *sa, uint64_t now_ns)
{
	unsigned events = sa_life_reach(&sa->life, now_ns);

	if (events == 0)
		return;
	sad_event_push(sad, sa, events);
	counter_set(&sa->counters->c[SA_COUNTER_LIFE_REACHED],
		    sa->life.reached);
}

/* An SA with a time of birth is on the machine's clock, and so is the SAD. */
void
sad_life_begin(struct sad *sad, struct esp_sa *sa)
{
	uint64_t next_ns;

	if (sa->life.born_ns == 0) {
		sa->life.born_ns = sad->began_ns;
		return;
	}
	sad->live = true;
	next_ns = sa_life_next_ns(&sa->life);
	if (next_ns < sad->next_ns)
		sad->next_ns = next_ns;
}

bool
sad_clock_live(const struct sad *sad)
{
	return sad->live;
}

void
sad_clock_set(struct sad *sad, uint64_t monotonic_ns)
{
	sad->now_ns = monotonic_ns;
	if (!sad->live || monotonic_ns < sad->next_ns)
		return;
	sad->next_ns = UINT64_MAX;
	for (uint32_t id = 0; id < SAD_MAX; id++) {
		struct esp_sa *sa = sad->sas[id];
		uint64_t next_ns;

		if (sa == NULL || !sa->life.limited)
			continue;
		life_reach(sad, sa, monotonic_ns);
		next_ns = sa_life_next_ns(&sa->life);
		if (next_ns < sad->next_ns)
			sad->next_ns = next_ns;
	}
}

/* All SAs that were there before the first packet are as old as it. */
static void
clock_begin(struct sad *sad, uint64_t order_ns)
{
	sad->began = true;
	sad->began_ns = order_ns;
	for (uint32_t id = 0; id < SAD_MAX; id++) {
		if (sad->sas[id] != NULL && sad->sas[id]->life.born_ns == 0)
			sad->sas[id]->life.born_ns = order_ns;
	}
}

uint64_t
sad_now(struct sad *sad, uint64_t order_ns)
{
	if (sad->live)
		return sad->now_ns;
	if (!sad->began)
		clock_begin(sad, order_ns);
	return order_ns;
}

bool
sad_life_over(struct sad *sad, struct esp_sa *sa, uint64_t now_ns)
{
	life_reach(sad, sa, now_ns);
	return (sa->life.reached & SA_LIFE_HARD) != 0;
}

void
sad_life_add(struct sad *sad, struct esp_sa *sa, uint64_t octets,
	     uint64_t now_ns)
{
	sa->life.octets += octets;
	counter_set(&sa->counters->c[SA_COUNTER_LIFE_OCTETS], sa->life.octets);
	life_reach(sad, sa, now_ns);
}

void
sad_life_back(struct sad *sad, struct esp_sa *sa, uint64_t octets)
{
	bool queued = sa->events != 0;

	sa_life_back(&sa->life, octets);
	counter_set(&sa->counters->c[SA_COUNTER_LIFE_OCTETS], sa->life.octets);
	counter_set(&sa->counters->c[SA_COUNTER_LIFE_REACHED],
		    sa->life.reached);
	/* What is not true any more and was not told yet is not told. */
	sa->events &= sa->life.reached | SA_EVENT_SEQUENCE_LAST;
	if (queued && sa->events == 0)
		sa_queue_remove(&sad->events, sa);
}
