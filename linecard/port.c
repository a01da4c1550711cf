/*
 * Staging and order at a port. Times in a capture may step back; the port's
 * clock, by which rounds are cut and ports merged, is the greatest seen so far
 * (docs/architecture.md, "Time"), and the packet keeps its own time for the
 * output. A frame beyond the largest buffer is staged without one, so that it
 * is admitted, counted and dropped in its turn like every other.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "port.h"

#define PORT_ROOM_MIN 16

void
port_receive(struct port *port, struct port_far *in, uint16_t ippa,
	     uint8_t number, bool strict_mac)
{
	(void)port_far_close(&port->in);
	port->in = in;
	port->ippa = ippa;
	port->number = number;
	port->strict_mac = strict_mac;
	port->at_end = false;
}

void
port_send(struct port *port, struct port_far *out)
{
	(void)port_far_close(&port->out);
	port->out = out;
	port->out_error = 0;
}

void
port_fini(struct port *port)
{
	(void)port_far_close(&port->in);
	(void)port_far_close(&port->out);
	free(port->stage);
	port->stage = NULL;
	port->staged = 0;
	port->octets = 0;
}

/* Makes room for so many, a power of two; keeps what is staged. */
static int
port_reserve(struct port *port, unsigned least)
{
	struct port_staged *stage;
	unsigned room = port->room == 0 ? PORT_ROOM_MIN : port->room;

	if (least <= port->room)
		return 0;
	while (room < least)
		room *= 2;
	stage = malloc(room * sizeof(*stage));
	if (stage == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < port->staged; i++)
		stage[i] = port->stage[(port->head + i) & (port->room - 1)];
	free(port->stage);
	port->stage = stage;
	port->room = room;
	port->head = 0;
	return 0;
}

static void
port_stage(struct port *port, const struct pkt_mem *mem,
	   const struct cap_rec *rec, const struct pkt *buffer)
{
	struct port_staged *s =
	    &port->stage[(port->head + port->staged++) & (port->room - 1)];

	if (rec->time_ns > port->clock_ns)
		port->clock_ns = rec->time_ns;
	s->pkt = *buffer;
	s->pkt.time_ns = rec->time_ns;
	s->pkt.order_ns = port->clock_ns;
	s->pkt.index = port->index++;
	s->pkt.in_stage = port->ippa;
	s->pkt.in_port = port->number;
	s->frame = (struct ippa_frame){
	    .wire_len = rec->len > rec->caplen ? rec->len : rec->caplen,
	    .link = rec->link,
	    .strict_mac = port->strict_mac,
	};
	s->bare = rec->caplen > PKT_OCTETS_MAX;
	if (s->bare)
		return;
	s->pkt.len = (uint16_t)rec->caplen;
	port->octets += rec->caplen;
	memcpy(pkt_data(mem, &s->pkt), rec->data, rec->caplen);
}

/* Reads one frame: 1, or 0 when there is none now or ever. */
static int
port_read(struct port *port, struct pkt_pool *pool, const struct pkt_mem *mem)
{
	struct pkt buffer = {0};
	struct cap_rec rec;
	int rc;

	if (port->at_end || !pkt_alloc(pool, &buffer))
		return 0;
	rc = port->in->ops->read(port->in, &rec);
	if (rc != 1) {
		pkt_free(pool, &buffer);
		port->at_end = true;
		if (rc < 0) {
			port->error = rc;
			(void)cap_error_set(&port->why, rc, "%s",
					    port->in->ops->why(port->in));
		}
		return 0;
	}
	if (rec.caplen > PKT_OCTETS_MAX) {
		pkt_free(pool, &buffer);
		buffer = (struct pkt){0};
	}
	port_stage(port, mem, &rec, &buffer);
	return 1;
}

int
port_fill(struct port *port, struct pkt_pool *pool, const struct pkt_mem *mem,
	  unsigned most)
{
	if (port->in == NULL)
		return 0;
	if (port_reserve(port, most) < 0)
		return -ENOMEM;
	while (port->staged < most && port_read(port, pool, mem) == 1)
		continue;
	return 0;
}

struct port_staged *
port_first(struct port *port)
{
	return port->staged == 0 ? NULL : &port->stage[port->head];
}

void
port_shift(struct port *port)
{
	port->octets -= port->stage[port->head].pkt.len;
	port->head = (port->head + 1) & (port->room - 1);
	port->staged--;
}

uint64_t
port_next_ns(const struct port *port)
{
	return port->staged == 0 ? PORT_NO_TIME
				 : port->stage[port->head].pkt.order_ns;
}

uint64_t
port_limit_ns(const struct port *port)
{
	return port->in == NULL || port->at_end ? PORT_NO_TIME : port->clock_ns;
}

bool
port_ended(const struct port *port)
{
	return port->staged == 0 && (port->in == NULL || port->at_end);
}

static int
port_keep(struct port *port, int rc)
{
	if (rc < 0 && port->out_error == 0)
		port->out_error = rc;
	return port->out_error;
}

int
port_write(struct port *port, const struct pkt *p, uint64_t trace,
	   const uint8_t *frame)
{
	int rc;

	if (port->out == NULL || port->out_error != 0)
		return port->out_error;
	rc = port->out->ops->write(port->out, p, trace, frame);
	return rc == -EAGAIN ? rc : port_keep(port, rc);
}

int
port_flush(struct port *port, uint32_t round)
{
	if (port->out == NULL || port->out->ops->flush == NULL)
		return 0;
	return port_keep(port, port->out->ops->flush(port->out, round));
}

int
port_close_out(struct port *port)
{
	return port_keep(port, port_far_close(&port->out));
}
