/*
 * The life of a line card's processor: tables, ports and the card that runs it.
 * Called by main.c, or by a thread of an inproc run; several live in one
 * process then, so everything is in struct lc.
 */
#include <errno.h>
#include <stdlib.h>

#include "lc.h"
#include "lc_depart.h"

static_assert(STATS_PORTS <= 256, "a port is an octet in a descriptor");

static const struct card_ops lc_in_ops = {
    .vector = lc_in_vector,
    .rows = lc_ctl_rows,
    .rehearse_begin = lc_ctl_rehearse_begin,
    .rehearse = lc_ctl_rehearse,
    .rehearse_end = lc_ctl_rehearse_end,
    .activate = lc_ctl_activate,
    .message = lc_ctl_message,
    .wait = lc_wire_wait,
    .woken = lc_wire_woken,
};

static const struct card_ops lc_out_ops = {
    .vector = lc_out_vector,
    .rows = lc_ctl_rows,
    .rehearse_begin = lc_ctl_rehearse_begin,
    .rehearse = lc_ctl_rehearse,
    .rehearse_end = lc_ctl_rehearse_end,
    .activate = lc_ctl_activate,
    .message = lc_ctl_message,
    .wait = lc_out_wait,
    .woken = lc_out_woken,
};

static void
lc_free(struct lc *lc)
{
	for (unsigned i = 0; i < STATS_PORTS; i++)
		port_fini(&lc->port[i]);
	ip_reass_free(&lc->reass);
	lc_depart_fini(lc);
	lc_table_fini(&lc->table);
	neighbor_free(&lc->neighbors);
	free(lc);
}

int
linecard_run(const struct linecard_args *args)
{
	struct card_args card_args = {
	    .stage =
		stage_id(args->slot, args->egress ? STAGE_EPPA : STAGE_IPPA),
	    .epoch = args->epoch,
	    .buffers = args->buffers,
	    .pools_fd = args->pools_fd,
	    .bus = args->bus,
	    .endpoint = args->endpoint,
	    .stats = args->stats,
	    .quit = args->quit,
	};
	struct lc *lc = calloc(1, sizeof(*lc));
	int rc;

	if (lc == NULL)
		return -ENOMEM;
	lc->slot = args->slot;
	rc = lc_table_init(&lc->table, args->slot);
	if (rc == 0 && args->egress)
		rc = lc_neighbor_init(lc, args->buffers);
	if (rc == 0)
		rc = card_new(&lc->card, &card_args,
			      args->egress ? &lc_out_ops : &lc_in_ops, lc);
	if (rc == 0)
		rc = card_run(lc->card);
	card_free(&lc->card);
	lc_free(lc);
	return rc;
}
