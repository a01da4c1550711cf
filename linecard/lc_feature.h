/*
 * The phases of circuit features: over a vector at an iPPA, once reception
 * checks are done and before the packet is looked up; at an ePPA, once its
 * circuit is chosen and before it gets a link header or goes round the loop.
 * An iPPA's returns after one test where no circuit has a feature, and an ePPA
 * comes here only with vectors that have one (feature_in_vec()).
 */
#ifndef LC_FEATURE_H
#define LC_FEATURE_H

#include "lc.h"

/* By circuit_in. Fates: ACL_DENIED, POLICER_EXCEEDED, BAD_IP_HEADER. */
void lc_feature_in(struct lc *lc, struct pkt_vec *v);

/* By circuit_out. Fates: ACL_DENIED, POLICER_EXCEEDED, BAD_IP_HEADER. */
void lc_feature_out(struct lc *lc, struct pkt_vec *v);

#endif
