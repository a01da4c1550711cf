/*
 * A vector of up to 256 packets and the fate of each. Functions on vectors keep
 * the order, decide fates, and never fail as a whole.
 */
#ifndef PKT_VEC_H
#define PKT_VEC_H

#include "pkt.h"
#include "pkt_fate.h"

#define PKT_VEC_MAX 256

struct pkt_vec {
	unsigned n;
	struct pkt pkt[PKT_VEC_MAX];
	uint8_t fate[PKT_VEC_MAX]; /* enum pkt_fate */
};

static_assert(PKT_FATES <= 255, "a fate is an octet");

/*
 * The next free place, fate PKT_GO; the caller has seen that n < PKT_VEC_MAX.
 */
static inline struct pkt *
pkt_vec_push(struct pkt_vec *v, const struct pkt *p)
{
	struct pkt *at = &v->pkt[v->n];

	*at = *p;
	v->fate[v->n++] = PKT_GO;
	return at;
}

#endif
