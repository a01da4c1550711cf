/*
 * Neighbors that line cards know (linecard/neighbor.h): shown and cleared.
 */
#ifndef NEIGHBORS_H
#define NEIGHBORS_H

#include <jansson.h>

#include "chs.h"

/* NEIGHBOR_LIST of a card. */
void neighbors_answer(struct chs *chs, const struct ctl_in *in);

/* Topics of show.c; args: {"context": NAME}. */
json_t *show_arp_cache(struct chs *chs, const json_t *args);
json_t *show_ipv6_neighbor(struct chs *chs, const json_t *args);
/* Forgets what was learnt, of both families; answers what is left. */
json_t *clear_arp_cache(struct chs *chs, const json_t *args);

#endif
