/*
 * From capture to capture through a shaper. Packets that come without Ethernet
 * get a header of made-up stations, since a router's port is Ethernet.
 */
#include "link_file.h"

#include <errno.h>
#include <string.h>

#include "cap_link.h"
#include "cap_read.h"
#include "cap_write.h"
#include "wire_hdr.h"

#define DUE_MAX 64
#define ETHERNET_OCTETS 14

struct passage {
	struct cap_write *out;
	struct shape *shape;
	struct link_counts *counts;
	unsigned iface;
	uint64_t clock_ns;
	uint8_t frame[WIRE_FRAME_MAX];
};

static int
write_frame(struct passage *p, const struct shape_frame *f)
{
	struct cap_out out = {.time_ns = f->time_ns,
			      .data = f->data,
			      .octets = f->octets,
			      .iface = p->iface};
	int err = cap_write_rec(p->out, &out);

	if (err != 0)
		return err;
	p->counts->n[LINK_DELIVERED]++;
	p->counts->n[LINK_DELIVERED_OCTETS] += f->octets;
	return 0;
}

static int
arrive(struct passage *p, uint64_t now_ns)
{
	struct shape_frame due[DUE_MAX];
	unsigned n;
	int err = 0;

	do {
		n = shape_take(p->shape, now_ns, due, DUE_MAX);
		for (unsigned i = 0; i < n && err == 0; i++)
			err = write_frame(p, &due[i]);
	} while (n == DUE_MAX && err == 0);
	return err;
}

/* The record as an Ethernet frame; NULL: it is none, and can not be one. */
static const uint8_t *
frame_of(struct passage *p, const struct cap_rec *rec, uint32_t *octets)
{
	static const uint8_t stations[12] = {2, 0, 0, 0, 0, 1,
					     2, 0, 0, 0, 0, 2};
	struct cap_l2 l2;

	*octets = rec->caplen;
	if (rec->link == CAP_LINK_ETHERNET)
		return rec->data;
	if (cap_link_parse(rec->link, rec->data, rec->caplen, &l2) != 0 ||
	    rec->caplen - l2.offset > sizeof(p->frame) - ETHERNET_OCTETS)
		return NULL;
	memcpy(p->frame, stations, sizeof(stations));
	p->frame[12] = (uint8_t)(l2.ethertype >> 8);
	p->frame[13] = (uint8_t)l2.ethertype;
	memcpy(p->frame + ETHERNET_OCTETS, rec->data + l2.offset,
	       rec->caplen - l2.offset);
	*octets = ETHERNET_OCTETS + rec->caplen - l2.offset;
	return p->frame;
}

static int
pass(struct passage *p, const struct cap_rec *rec)
{
	struct shape_frame f = {.time_ns = rec->time_ns};
	int err;

	f.data = frame_of(p, rec, &f.octets);
	if (f.data == NULL) {
		p->counts->n[LINK_MALFORMED]++;
		return 0;
	}
	p->counts->n[LINK_TAKEN]++;
	p->counts->n[LINK_TAKEN_OCTETS] += f.octets;
	if (shape_is_clear(p->shape))
		return write_frame(p, &f);
	if (f.time_ns < p->clock_ns)
		f.time_ns = p->clock_ns;
	p->clock_ns = f.time_ns;
	err = arrive(p, f.time_ns);
	if (err == 0)
		(void)shape_push(p->shape, &f);
	return err;
}

static int
pass_all(struct passage *p, struct cap_read *in, struct cap_error *err)
{
	struct cap_rec rec;
	int rc;

	while ((rc = cap_read_next(in, &rec)) == 1) {
		rc = pass(p, &rec);
		if (rc != 0)
			return cap_error_set(err, rc, "a link's capture: %s",
					     strerror(-rc));
	}
	if (rc < 0)
		return cap_error_set(err, rc, "%s", cap_read_error(in));
	rc = arrive(p, WIRE_TIME_MAX_NS);
	return rc == 0 ? 0
		       : cap_error_set(err, rc, "a link's capture: %s",
				       strerror(-rc));
}

int
link_file_send(const struct link_file *link, struct link_counts *counts,
	       struct cap_error *err)
{
	struct passage p = {.counts = counts};
	struct shape_store *store = NULL;
	struct cap_read *in = NULL;
	int rc;
	int closed;

	*counts = (struct link_counts){{0}};
	rc = cap_read_open(&in, link->in, err);
	if (rc == 0)
		rc = cap_write_open(&p.out, link->out,
				    cap_write_format_of(link->out), err);
	if (rc == 0)
		rc = cap_write_iface(p.out, CAP_LINK_ETHERNET, link->name,
				     &p.iface);
	if (rc == 0)
		rc = shape_store_new(&store);
	if (rc == 0)
		rc = shape_new(&p.shape, store, link->seed, counts);
	if (rc == 0) {
		shape_set(p.shape, &link->conf);
		rc = pass_all(&p, in, err);
	}
	shape_free(&p.shape);
	shape_store_free(&store);
	closed = cap_write_close(&p.out);
	if (in != NULL)
		cap_read_close(&in);
	if (rc == 0 && closed != 0)
		rc = cap_error_set(err, closed, "%s: %s", link->out,
				   strerror(-closed));
	return rc;
}
