/*
 * ASPs that come and go while the router is up: spares that take seats, and
 * what an operator orders.
 */
#ifndef ASPS_H
#define ASPS_H

#include <jansson.h>

#include "chs.h"

struct tables;

/*
 * Fills the seats of groups as they are to be now, and pushes what that
 * changes to all cards; nothing where nothing changes, and in a replay.
 */
void asps_settle(struct chs *chs);

/*
 * What inbound SAs had accepted goes to the record, for their next ASP: of a
 * dead process; of all SAs that are homed elsewhere in the tables to come.
 */
void asps_note_sas(struct chs *chs, const struct proc *proc);
void asps_note_moves(struct chs *chs, const struct tables *now);

/*
 * Requests: {"slot": N} or {"slot": N, "asp": 1|2}; answered when the card is
 * up again. {"slot", "asp", "shutdown": bool}.
 */
json_t *asps_reload(struct chs *chs, const json_t *rq);
json_t *asps_shutdown(struct chs *chs, const json_t *rq);

#endif
