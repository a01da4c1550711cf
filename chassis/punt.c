/*
 * Packets for the controller. Nothing of the control plane answers packets yet:
 * they are counted as punted and consumed; the capture point "xcrp" shows them,
 * in order of arrival, as other capture points inside the machine do.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cap_link.h"
#include "cap_order.h"
#include "chs.h"
#include "redback.h"
#include "rounds.h"
#include "running.h"
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

int
punt_capture(struct chs *chs, const char *path, bool pcapng,
	     struct cap_error *why)
{
	struct cap_write *writer = NULL;
	int err;

	if (chs->punt_order != NULL)
		return cap_error_set(why, -EBUSY, "xcrp is captured already");
	err =
	    cap_write_open(&writer, path, pcapng ? CAP_PCAPNG : CAP_PCAP, why);
	if (err != 0)
		return err;
	err =
	    cap_write_iface(writer, CAP_LINK_REDBACK, "xcrp", &chs->punt_iface);
	if (err == 0)
		err = cap_order_new(&chs->punt_order, writer);
	if (err == 0)
		return 0;
	(void)cap_write_close(&writer);
	return cap_error_set(why, err, "%s: %s", path, strerror(-err));
}

/* The first error of writing is told by punt_capture_close(). */
static void
record(struct chs *chs, const struct pkt *p)
{
	const struct ctl_circuit *c =
	    running_circuit(running_tables(chs->running), p->circuit_in);
	struct redback_hdr header;
	struct cap_out out = {.time_ns = p->time_ns,
			      .prefix = &header,
			      .prefix_octets = sizeof(header),
			      .data = pkt_data(bp_mem(chs->bp), p),
			      .octets = p->len,
			      .iface = chs->punt_iface};

	redback_write(&header, c != NULL ? be32_get(c->context) : 0,
		      c != NULL ? be64_get(c->handle) : 0, p->len, REDBACK_IPV4,
		      0);
	(void)cap_order_add(chs->punt_order, p->round, p->order_ns,
			    pkt_order_tie(p), &out);
}

void
punt_flush(struct chs *chs, uint32_t round)
{
	if (chs->punt_order != NULL)
		(void)cap_order_flush(chs->punt_order, round);
}

int
punt_capture_close(struct chs *chs)
{
	return cap_order_close(&chs->punt_order);
}

static void
consume(struct chs *chs, struct pkt_vec *v)
{
	struct pkt_tally tally = {0};

	for (unsigned i = 0; i < v->n; i++) {
		if (chs->punt_order != NULL)
			record(chs, &v->pkt[i]);
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
	(void)punt_capture_close(chs);
	bp_free(&chs->bp);
	pools_leave(&chs->proc[0]);
	free(chs->punted);
	stats_unmap(&chs->xcrp);
}
