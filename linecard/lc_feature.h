/*
 * The phases of circuit features: over a vector at an iPPA, once reception
 * checks are done and before the packet is looked up; at an ePPA, once its
 * circuit is chosen and before it gets a link header or goes round the loop.
 * Where no circuit has a feature they return after one test.
 */
#ifndef LC_FEATURE_H
#define LC_FEATURE_H

#include "lc.h"

/* By circuit_in. Fates: ACL_DENIED, POLICER_EXCEEDED, BAD_IP_HEADER. */
void lc_feature_in(struct lc *lc, struct pkt_vec *v);

/* By circuit_out. Fates: ACL_DENIED, POLICER_EXCEEDED, BAD_IP_HEADER. */
void lc_feature_out(struct lc *lc, struct pkt_vec *v);

#endif
