/*
 * What a line card's processor says in the journey of a traced packet.
 */
#ifndef LC_SAY_H
#define LC_SAY_H

#include "lc.h"

/* What an ingress processor looked up, found and decided. p->trace is not 0. */
void lc_say_way(struct lc *lc, struct pkt *p, unsigned fate,
		const struct ippa_way *way);

/* What an egress processor does with a packet that has no fate yet. */
void lc_say_out(struct lc *lc, struct pkt *p, const struct eppa_way *way);

#endif
