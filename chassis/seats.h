/*
 * Seats of ASP groups and homes of tunnels: parts of running_derive().
 */
#ifndef SEATS_H
#define SEATS_H

#include "running.h"

/* How many tunnels each ASP has in this derivation. */
struct homing {
	unsigned tunnels[STAGE_ID_MAX];
};

/* Fills t->seats from t->tree; before the tunnels. 0 or -ENOMEM. */
int derive_seats(struct chs *chs, struct tables *t);

/* Counts the tunnels that keep their homes. */
void homing_begin(struct chs *chs, const struct tables *t, struct homing *h);
/* The home of a tunnel; STAGE_NONE: its group has no ASP. */
uint16_t homing_choose(struct chs *chs, const struct tables *t,
		       const struct cfg_obj *tunnel, struct homing *h);

/* The pool of a group; NULL: it has none, or the group is shut down. */
const struct cfg_obj *seats_pool(const struct tables *t,
				 const struct cfg_obj *group);
/* The stage of an asp row of a pool. */
uint16_t seats_stage(const struct cfg_obj *asp);

#endif
