/*
 * How many packets of which round met their fate here since the controller was
 * last told. At most PKT_ROUNDS_OPEN rounds are in circulation.
 */
#ifndef PKT_TALLY_H
#define PKT_TALLY_H

#include <stdint.h>

#define PKT_ROUNDS_OPEN 16

struct pkt_tally {
	unsigned n;
	struct {
		uint32_t round;
		uint32_t fates;
	} at[PKT_ROUNDS_OPEN];
};

/* One more fate in a round; round 0 (live) is not tallied. */
static inline void
pkt_tally_add(struct pkt_tally *t, uint32_t round)
{
	if (round == 0)
		return;
	for (unsigned i = t->n; i-- > 0;) {
		if (t->at[i].round == round) {
			t->at[i].fates++;
			return;
		}
	}
	if (t->n < PKT_ROUNDS_OPEN) {
		t->at[t->n].round = round;
		t->at[t->n++].fates = 1;
	}
}

#endif
