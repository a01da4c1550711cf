/*
 * A capture as a source of frames. One record is read ahead, because its time
 * says when the pump has to ask. What is longer than a frame may be is cut to
 * one octet more, which its receiver counts as too long.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cap_link.h"
#include "cap_read.h"
#include "clock.h"
#include "ip_hdr.h"
#include "log.h"
#include "source.h"
#include "wire_hdr.h"

#define PPS_DEFAULT 1000000
#define SPEED_UNIT 1000

struct source_capture {
	struct source source;
	struct cap_read *reader;
	struct cap_rec rec;
	enum source_pace pace;
	uint64_t n;
	uint64_t index; /* of rec */
	uint64_t first_ns;
	uint64_t at_ns; /* of rec, after the start: never back */
	bool ended;
};

static uint64_t
due(const struct source_capture *s)
{
	uint64_t ns;

	if (s->pace == SOURCE_PACE_PPS) {
		uint64_t pps = s->n != 0 ? s->n : PPS_DEFAULT;

		return s->index / pps * CLOCK_SECOND_NS +
		       s->index % pps * CLOCK_SECOND_NS / pps;
	}
	ns = s->rec.time_ns > s->first_ns ? s->rec.time_ns - s->first_ns : 0;
	return ns / s->n * SPEED_UNIT + ns % s->n * SPEED_UNIT / s->n;
}

/* Looks at the next record. */
static void
ahead(struct source_capture *s)
{
	int rc = cap_read_next(s->reader, &s->rec);
	uint64_t ns;

	s->ended = rc != 1;
	if (rc < 0)
		log_error("source: capture damaged after_packets=%llu: %s",
			  (unsigned long long)s->index,
			  cap_read_error(s->reader));
	if (rc != 1)
		return;
	if (s->index == 0)
		s->first_ns = s->rec.time_ns;
	ns = due(s);
	if (ns > s->at_ns)
		s->at_ns = ns;
}

static uint64_t
capture_next(const struct source *source)
{
	const struct source_capture *s = (const void *)source;

	return s->ended ? SOURCE_NEVER : s->at_ns;
}

static uint32_t
put(uint8_t *frame, uint32_t at, const uint8_t *data, uint32_t octets)
{
	if (octets > WIRE_FRAME_MAX - at)
		octets = WIRE_FRAME_MAX - at;
	memcpy(frame + at, data, octets);
	return at + octets;
}

static uint32_t
capture_take(struct source *source, uint8_t *frame)
{
	struct source_capture *s = (void *)source;
	const struct cap_rec *rec = &s->rec;
	/* From nobody to nobody: a router's port takes it (WIRE_F_TO_PORT). */
	struct eth_hdr eth = {.dst = {0x02, 0, 0, 0, 0, 1},
			      .src = {0x02, 0, 0, 0, 0, 2}};
	struct cap_l2 l2;
	uint32_t octets;

	if (rec->link != CAP_LINK_ETHERNET &&
	    cap_link_parse(rec->link, rec->data, rec->caplen, &l2) == 0) {
		eth.type = be16_put(l2.ethertype);
		memcpy(frame, &eth, sizeof(eth));
		octets = put(frame, sizeof(eth), rec->data + l2.offset,
			     rec->caplen - l2.offset);
	} else {
		octets = put(frame, 0, rec->data, rec->caplen);
	}
	s->index++;
	ahead(s);
	return octets;
}

static void
capture_close(struct source *source)
{
	struct source_capture *s = (void *)source;

	cap_read_close(&s->reader);
	free(s);
}

static const struct source_ops capture_ops = {
    .next_ns = capture_next, .take = capture_take, .close = capture_close};

int
source_capture(struct source **source, const char *path, enum source_pace pace,
	       uint64_t n, struct cap_error *err)
{
	struct source_capture *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return cap_error_set(err, -ENOMEM, "%s: no memory", path);
	rc = cap_read_open(&s->reader, path, err);
	if (rc < 0) {
		free(s);
		return rc;
	}
	s->source.ops = &capture_ops;
	s->pace = pace;
	s->n = pace == SOURCE_PACE_CAPTURE && n == 0 ? SPEED_UNIT : n;
	ahead(s);
	*source = &s->source;
	return 0;
}

void
source_close(struct source **source)
{
	if (*source != NULL)
		(*source)->ops->close(*source);
	*source = NULL;
}
