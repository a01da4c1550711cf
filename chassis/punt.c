/*
 * Packets for the controller. Nothing of the control plane answers packets yet:
 * they are counted as punted and consumed.
 */
#include <errno.h>
#include <stdlib.h>

#include "chs.h"
#include "rounds.h"
#include "stage.h"

int
punt_open(struct chs *chs)
{
	struct bp_args args = {.bus = chs->args->bus,
			       .stage = stage_id(0, STAGE_XCRP),
			       .epoch = 1,
			       .buffers = chs->common.buffers};
	int fd;
	int err = stats_new(&fd, &chs->xcrp);

	if (err != 0)
		return err;
	chs->proc[0].stats_fd = fd;
	err = pools_join(chs, &chs->proc[0]);
	if (err != 0)
		return err;
	args.pools_fd = chs->proc[0].pools_end_fd;
	chs->punted = malloc(sizeof(*chs->punted));
	if (chs->punted == NULL)
		return -ENOMEM;
	args.sent = (struct bp_link_counters *)chs->xcrp->sent;
	args.received = (struct bp_link_counters *)chs->xcrp->link_received;
	args.bad_frames = &chs->xcrp->dropped[PKT_DROP_BAD_FRAME];
	return bp_new(&chs->bp, &args);
}

static void
consume(struct chs *chs, struct pkt_vec *v)
{
	struct pkt_tally tally = {0};

	for (unsigned i = 0; i < v->n; i++) {
		pkt_tally_add(&tally, v->pkt[i].round);
		bp_end(chs->bp, &v->pkt[i]);
	}
	bp_flush(chs->bp); /* buffers are home before their fates are told */
	counter_add(&chs->xcrp->punted, v->n);
	rounds_tally(chs, &tally);
}

void
punt_take(struct chs *chs)
{
	uint16_t from[STAGE_ID_MAX];
	size_t n = bp_inbound(chs->bp, from, STAGE_ID_MAX);

	for (size_t i = 0; i < n; i++) {
		while (bp_take(chs->bp, from[i], chs->punted) > 0)
			consume(chs, chs->punted);
	}
}

void
punt_close(struct chs *chs)
{
	bp_free(&chs->bp);
	pools_leave(&chs->proc[0]);
	free(chs->punted);
	stats_unmap(&chs->xcrp);
}
