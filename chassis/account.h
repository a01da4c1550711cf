/*
 * The sums of the router, drawn from the counters that every processor keeps in
 * shared memory, also of the dead:
 *
 * received + originated + fragments_created = transmitted + punted + dropped
 *     + fragments_absorbed + in_flight, and in_flight is 0 when nothing moves.
 */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <jansson.h>

#include "chs.h"

/*
 * The result of a replay as docs/man/sesim.1 has it. lost: by stage, those that
 * died; what they held is counted as lost-in-<stage>. Whatever does not close
 * is added to problems as a sentence. NULL without memory.
 */
json_t *account_result(struct chs *chs, const bool *lost, json_t *problems);

/* Sums only: received, originated, ..., dropped by reason. */
json_t *account_sums(struct chs *chs);

/* {"links": [...], "crossings": N, "card_local": N, "octets": N}. */
json_t *account_backplane(struct chs *chs);

#endif
