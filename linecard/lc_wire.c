/*
 * Frames of live ports at an ingress processor. There are no rounds: a port
 * reads when there is a buffer, and what comes when there is none ends here as
 * no-buffer, so that a far end that sends more than we take costs itself
 * packets and nobody else time. Called by the card's loop, which sleeps until a
 * port has frames.
 */
#include <errno.h>
#include <string.h>

#include "lc.h"
#include "log.h"
#include "pkt_journey.h"

#define LC_WIRE_VECTORS 4 /* of a port, before others have their turn */

size_t
lc_wire_wait(void *arg, struct bus_poll *items, long *wait_ms)
{
	struct lc *lc = arg;
	size_t n = 0;

	for (unsigned i = 0; lc->wires > 0 && i < STATS_PORTS; i++) {
		struct port *port = &lc->port[i];

		if (port->wire && port->in != NULL && n < CARD_WAITS_MAX)
			items[n++] = (struct bus_poll){
			    .fd = port->in->ops->fd(port->in)};
	}
	if (lc->wires_pending)
		*wait_ms = 0;
	return n;
}

/* A frame into the vector; false: it ended here. */
static void
lc_wire_admit(struct lc *lc, struct port *port, const struct cap_rec *rec)
{
	struct pkt_pool *pool = bp_pool(card_bp(lc->card));
	struct pkt p = {.trace = (uint32_t)rec->trace,
			.hop = pkt_journey_hop(rec->trace),
			.index = port->index++,
			.in_stage = port->ippa,
			.in_port = port->number};

	lc_in_count_port(lc, port->number, rec->len);
	if (rec->caplen > PKT_OCTETS_MAX) {
		card_end_bare(lc->card, 0, PKT_DROP_FRAME_TOO_LONG);
		return;
	}
	if (!pkt_alloc(pool, &p)) {
		card_end_bare(lc->card, 0, PKT_DROP_NO_BUFFER);
		return;
	}
	if (rec->time_ns > port->clock_ns)
		port->clock_ns = rec->time_ns;
	p.time_ns = rec->time_ns;
	p.order_ns = port->clock_ns;
	p.len = (uint16_t)rec->caplen;
	memcpy(pkt_data(card_mem(lc->card), &p), rec->data, rec->caplen);
	lc->frame[lc->vec.n] = (struct ippa_frame){.wire_len = rec->len,
						   .link = rec->link,
						   .strict_mac = !rec->to_port,
						   .wire = true};
	lc->wire_traced |= p.trace != 0;
	(void)pkt_vec_push(&lc->vec, &p);
}

static void
lc_wire_ended(struct lc *lc, struct port *port, int rc)
{
	log_warn("lc: wire ended port=%u/%u: %s", lc->slot, port->number,
		 rc == 0 ? "the far end is gone"
			 : port->in->ops->why(port->in));
	(void)port_far_close(&port->in);
}

/* Up to a few vectors of a port; true: there may be more. */
static bool
lc_wire_read(struct lc *lc, struct port *port)
{
	struct cap_rec rec;

	lc->vec.n = 0;
	for (unsigned i = 0; i < LC_WIRE_VECTORS * PKT_VEC_MAX; i++) {
		int rc = port->in->ops->read(port->in, &rec);

		if (rc == 1) {
			lc_wire_admit(lc, port, &rec);
			if (lc->vec.n == PKT_VEC_MAX)
				lc_in_received(lc);
			continue;
		}
		lc_in_received(lc);
		if (rc != -EAGAIN)
			lc_wire_ended(lc, port, rc);
		return false;
	}
	lc_in_received(lc);
	return true;
}

void
lc_wire_woken(void *arg, const struct bus_poll *items, size_t n)
{
	struct lc *lc = arg;
	bool pending = lc->wires_pending;
	size_t item = 0;

	if (n == 0)
		return;
	lc->wires_pending = false;
	bp_collect(card_bp(lc->card));
	for (unsigned i = 0; i < STATS_PORTS && item < n; i++) {
		struct port *port = &lc->port[i];

		if (!port->wire || port->in == NULL)
			continue;
		/* What was read ahead is not seen by who waits. */
		if (items[item++].ready || pending)
			lc->wires_pending |= lc_wire_read(lc, port);
	}
}
