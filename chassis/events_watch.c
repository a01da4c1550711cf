/*
 * Events that nobody reports: a tunnel's state after a commit, and packets that
 * ASPs refused, which the counters in shared memory tell. Called by the loop
 * and by push.c; holds no state but the counts of the last look.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug.h"
#include "events.h"
#include "running.h"
#include "tallies.h"

/* Reasons in the words of the SmartEdge's chapter on rejected ESP packets. */
static const struct {
	enum sa_counter counter;
	const char *reason;
} refusals[] = {
    {SA_COUNTER_REPLAY, "sequence replayed or outside window"},
    {SA_COUNTER_INTEGRITY, "integrity check failed"},
    {SA_COUNTER_FORMAT, "bad length, padding or trailer"},
    {SA_COUNTER_SELECTOR, "inner packet does not match selectors"},
    {SA_COUNTER_EXPIRED, "SA expired"},
};
#define REFUSALS (sizeof(refusals) / sizeof(refusals[0]))

struct event_seen {
	uint64_t counts[REFUSALS];
	uint64_t packets;
	uint64_t octets;
};

static void
tunnel_tell(struct chs *chs, const struct running_tunnel *tunnel, bool up)
{
	event_add(chs, up ? EVENT_NOTICE : EVENT_WARNING, "IPSEC",
		  up ? "TUNNELUP" : "TUNNELDOWN", "tunnel %s is %s%s%s",
		  tunnel->name, up ? "up" : "down", up ? "" : ": ",
		  up           ? ""
		  : tunnel->up ? "removed"
			       : tunnel->cause);
}

/* Both are in the order of their names. */
void
events_tunnels(struct chs *chs, const struct tables *was,
	       const struct tables *now)
{
	size_t n = was == NULL ? 0 : was->ntunnels;
	size_t i = 0;
	size_t k = 0;

	while (i < n || k < now->ntunnels) {
		const struct running_tunnel *x =
		    i < n ? &was->tunnels[i] : NULL;
		const struct running_tunnel *y =
		    k < now->ntunnels ? &now->tunnels[k] : NULL;
		int order = x == NULL   ? 1
			    : y == NULL ? -1
					: strcmp(x->name, y->name);

		if (order < 0 && x->up)
			tunnel_tell(chs, x, false);
		else if (order >= 0 && (order > 0 ? y->up : x->up != y->up))
			tunnel_tell(chs, y, y->up);
		i += order <= 0;
		k += order >= 0;
	}
}

/* --- packets that ASPs refused -------------------------------------------- */

static void
refused_tell(struct chs *chs, const struct tables *t,
	     const struct running_sa *sa, unsigned i, uint64_t n)
{
	event_add(chs, EVENT_WARNING, "IPSEC", "ESPREJ",
		  "tunnel %s: %lu packet%s with SPI 0x%08x refused: %s",
		  t->tunnels[sa->tunnel].name, (unsigned long)n,
		  n == 1 ? "" : "s", be32_get(sa->row.spi), refusals[i].reason);
}

static void
refused_sa(struct chs *chs, const struct tables *t, const struct running_sa *sa,
	   struct event_seen *seen)
{
	uint32_t id = be32_get(sa->row.id);

	for (unsigned i = 0; i < REFUSALS; i++) {
		uint64_t n = tally_sa_sum(chs, id, refusals[i].counter);

		/* Less than before: an ASP that had it is gone. */
		if (n > seen->counts[i])
			refused_tell(chs, t, sa, i, n - seen->counts[i]);
		seen->counts[i] = n;
	}
}

/* debug ipsec packet: what an SA did since the last look. */
static void
moved_sa(struct chs *chs, const struct tables *t, const struct running_sa *sa,
	 struct event_seen *seen)
{
	uint32_t id = be32_get(sa->row.id);
	uint64_t packets = tally_sa_sum(chs, id, SA_COUNTER_PACKETS);
	uint64_t octets = tally_sa_sum(chs, id, SA_COUNTER_OCTETS);

	if (packets > seen->packets)
		debug_say(chs, DEBUG_IPSEC_PACKET,
			  "tunnel %s: %lu packet%s, %lu octets %s with SPI "
			  "0x%08x",
			  t->tunnels[sa->tunnel].name,
			  (unsigned long)(packets - seen->packets),
			  packets - seen->packets == 1 ? "" : "s",
			  (unsigned long)(octets - seen->octets),
			  sa->row.direction == CTL_SA_IN ? "opened" : "sealed",
			  be32_get(sa->row.spi));
	seen->packets = packets;
	seen->octets = octets;
}

/* Room for SAs up to id. */
static bool
seen_grow(struct chs *chs, uint32_t id)
{
	size_t n = (size_t)id + 1;
	struct event_seen *seen;

	if (n <= chs->nseen)
		return true;
	seen = realloc(chs->seen, n * sizeof(*seen));
	if (seen == NULL)
		return false;
	memset(seen + chs->nseen, 0, (n - chs->nseen) * sizeof(*seen));
	chs->seen = seen;
	chs->nseen = n;
	return true;
}

void
events_refused(struct chs *chs)
{
	const struct tables *t = running_tables(chs->running);

	for (size_t i = 0; !chs->args->replay && i < t->nsas; i++) {
		const struct running_sa *sa = &t->sas[i];
		uint32_t id = be32_get(sa->row.id);

		if (sa->asp == STAGE_NONE || !seen_grow(chs, id))
			continue;
		if (debug_on(chs, DEBUG_IPSEC_PACKET))
			moved_sa(chs, t, sa, &chs->seen[id]);
		if (sa->row.direction == CTL_SA_IN)
			refused_sa(chs, t, sa, &chs->seen[id]);
	}
}
