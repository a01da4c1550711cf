/* A bucket for each kind and link; called for every packet that is punted. */
#include "punt_rate.h"

static_assert(PUNT_KIND_MAX <= STATS_PUNTS, "stats.h keeps a row per kind");

bool
punt_rate_take(struct punt_rate *rate, struct stats *stats, uint16_t from,
	       const struct pkt *p, const uint8_t *ip)
{
	enum punt_kind kind = punt_kind_of(ip, p->len);
	const struct punt_fact *fact = punt_fact(kind);

	if (!bucket_take(&rate->bucket[from][kind], p->order_ns,
			 fact->per_second, fact->burst)) {
		counter_add(&stats->punt_refused[kind], 1);
		return false;
	}
	counter_add(&stats->punt[kind], 1);
	return true;
}
