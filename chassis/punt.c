/*
 * The controller's links: packets for it in, packets of its own out (own.c says
 * what becomes of the ones and makes the others). The capture point "xcrp"
 * shows both, in order of arrival, as other capture points inside the machine
 * do.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cap_feed.h"
#include "cap_link.h"
#include "cap_order.h"
#include "chs.h"
#include "own.h"
#include "redback.h"
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

static void
punt_feed_end(struct chs *chs)
{
	if (chs->punt_fed)
		(void)close(chs->punt_socket);
	chs->punt_fed = false;
}

/* Never waits for who looks on. */
static void
feed(struct chs *chs, uint32_t trace, const struct cap_out *out)
{
	int rc = cap_feed_send(chs->punt_socket, CAP_FEED_PACKET,
			       chs->punt_number, trace, chs->punt_dropped, out);

	chs->punt_dropped += rc == -EAGAIN;
	if (rc == -EPIPE)
		punt_feed_end(chs);
}

/* The first error of writing is told by punt_capture_close(). */
void
punt_record(struct chs *chs, const struct pkt *p)
{
	uint32_t circuit = p->circuit_out != 0 ? p->circuit_out : p->circuit_in;
	const struct ctl_circuit *c =
	    running_circuit(running_tables(chs->running), circuit);
	struct redback_hdr header;
	struct cap_out out = {.time_ns = p->time_ns,
			      .prefix = &header,
			      .prefix_octets = sizeof(header),
			      .data = pkt_data(bp_mem(chs->bp), p),
			      .octets = p->len,
			      .iface = chs->punt_iface};

	if (chs->punt_order == NULL && !chs->punt_fed)
		return;
	redback_write(&header, c != NULL ? be32_get(c->context) : 0,
		      c != NULL ? be64_get(c->handle) : 0, p->len, REDBACK_IPV4,
		      0);
	if (chs->punt_fed)
		feed(chs, p->trace, &out);
	if (chs->punt_order != NULL)
		(void)cap_order_add(chs->punt_order, p->round, p->order_ns,
				    pkt_order_tie(p), &out);
}

void
punt_feed(struct chs *chs, const char *path, unsigned number)
{
	punt_feed_end(chs);
	if (cap_feed_connect(path, &chs->punt_socket) != 0)
		return;
	chs->punt_fed = true;
	chs->punt_number = number;
	chs->punt_dropped = 0;
	if (cap_feed_send(chs->punt_socket, CAP_FEED_HELLO, number, 0, 0,
			  NULL) != 0)
		punt_feed_end(chs);
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

void
punt_take(struct chs *chs)
{
	uint16_t from[STAGE_ID_MAX];
	size_t n = bp_inbound(chs->bp, from, STAGE_ID_MAX);

	for (size_t i = 0; i < n; i++) {
		while (bp_take(chs->bp, from[i], chs->punted) > 0) {
			for (unsigned k = 0; k < chs->punted->n; k++)
				punt_record(chs, &chs->punted->pkt[k]);
			own_vector(chs, chs->punted);
		}
	}
}

void
punt_unlink(struct chs *chs, uint16_t stage)
{
	struct pkt_vec *v = chs->punted;

	if (links_needed(stage, 0))
		bp_close_in(chs->bp, stage);
	if (!links_needed(0, stage))
		return;
	own_flush(chs); /* so that nothing comes back */
	bp_close_out(chs->bp, stage, v);
}

void
punt_close(struct chs *chs)
{
	(void)punt_capture_close(chs);
	punt_feed_end(chs);
	bp_free(&chs->bp);
	pools_leave(&chs->proc[0]);
	free(chs->punted);
	stats_unmap(&chs->xcrp);
}
