/*
 * Frames of the source rest in memory of this end until the link took them, so
 * that nothing is lost by a router that is slow. Answers go before them, and
 * alone: they are not given back, because who asks asks again.
 */
#include "end_station.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cap_link.h"
#include "cap_write.h"
#include "log.h"
#include "stand_in.h"

#define ANSWERS_MAX 32

struct made {
	uint64_t time_ns; /* after the start */
	uint32_t octets;
	uint8_t data[WIRE_FRAME_MAX];
};

struct answered {
	uint32_t octets;
	uint8_t data[STAND_IN_MAX];
};

struct end_station {
	struct wire_end end;
	struct source *source;
	struct made *made; /* WIRE_BATCH of them, where there is a source */
	unsigned at, have;
	bool started;
	uint64_t start_ns;
	struct answered answer[ANSWERS_MAX]; /* a ring */
	unsigned answer_at, nanswers;
	bool answered; /* the last read() was of answers */
	struct cap_write *sink;
	unsigned iface;
	int sink_error; /* the first, which is told once */
};

static uint64_t
station_next(const struct wire_end *end)
{
	const struct end_station *s = (const void *)end;
	uint64_t next;

	if (s->nanswers > 0)
		return 0;
	if (!s->started || s->source == NULL)
		return WIRE_NEVER;
	next = s->at < s->have ? s->made[s->at].time_ns
			       : s->source->ops->next_ns(s->source);
	return next == SOURCE_NEVER ? WIRE_NEVER : s->start_ns + next;
}

static unsigned
read_answers(struct end_station *s, struct wire_frame *f)
{
	unsigned n = 0;

	for (; n < s->nanswers; n++) {
		const struct answered *a =
		    &s->answer[(s->answer_at + n) % ANSWERS_MAX];

		f[n] =
		    (struct wire_frame){.data = a->data, .octets = a->octets};
	}
	s->answer_at = (s->answer_at + n) % ANSWERS_MAX;
	s->nanswers = 0;
	return n;
}

/* Has the source make what is due, when all it made before was taken. */
static void
make(struct end_station *s, uint64_t now_ns)
{
	s->at = 0;
	for (s->have = 0; s->have < WIRE_BATCH; s->have++) {
		struct made *m = &s->made[s->have];

		m->time_ns = s->source->ops->next_ns(s->source);
		if (m->time_ns == SOURCE_NEVER ||
		    s->start_ns + m->time_ns > now_ns)
			break;
		m->octets = s->source->ops->take(s->source, m->data);
	}
}

static int
station_read(struct wire_end *end, struct wire_batch *batch, uint64_t now_ns,
	     uint64_t *malformed)
{
	struct end_station *s = (void *)end;
	unsigned n = read_answers(s, batch->frame);

	(void)malformed;
	s->answered = n > 0;
	if (n > 0 || !s->started || s->source == NULL)
		return (int)n;
	if (s->at == s->have)
		make(s, now_ns);
	while (s->at < s->have) {
		const struct made *m = &s->made[s->at++];

		batch->frame[n++] =
		    (struct wire_frame){.data = m->data,
					.octets = m->octets,
					.flags = WIRE_F_TIMED,
					.time_ns = s->start_ns + m->time_ns};
	}
	return (int)n;
}

static void
station_unread(struct wire_end *end, unsigned n)
{
	struct end_station *s = (void *)end;

	if (!s->answered)
		s->at -= n;
}

static void
station_start(struct wire_end *end, uint64_t now_ns)
{
	struct end_station *s = (void *)end;

	s->started = true;
	s->start_ns = now_ns;
}

static void
record(struct end_station *s, const struct wire_frame *f)
{
	struct cap_out out = {.time_ns = f->time_ns,
			      .data = f->data,
			      .octets = f->octets,
			      .iface = s->iface};
	int rc = s->sink != NULL ? cap_write_rec(s->sink, &out) : 0;

	if (rc == 0 || s->sink_error != 0)
		return;
	s->sink_error = rc;
	log_error("station: a capture can not be written error=%s",
		  strerror(-rc));
}

static int
station_write(struct wire_end *end, const struct wire_frame *f, unsigned n)
{
	struct end_station *s = (void *)end;

	for (unsigned i = 0; i < n; i++) {
		struct answered a;

		if (!stand_in_answer(f[i].data, f[i].octets, a.data, &a.octets))
			record(s, &f[i]);
		else if (a.octets != 0 && s->nanswers < ANSWERS_MAX)
			s->answer[(s->answer_at + s->nanswers++) %
				  ANSWERS_MAX] = a;
	}
	return (int)n;
}

static int
station_flush(struct wire_end *end)
{
	struct end_station *s = (void *)end;
	int rc = s->sink != NULL ? cap_write_flush(s->sink) : 0;

	return s->sink_error != 0 ? s->sink_error : rc;
}

static void
station_close(struct wire_end *end)
{
	struct end_station *s = (void *)end;
	int rc = cap_write_close(&s->sink);

	if (rc != 0 && s->sink_error == 0)
		log_error("station: a capture can not be written error=%s",
			  strerror(-rc));
	source_close(&s->source);
	free(s->made);
	free(s);
}

static const struct wire_end_ops station_ops = {
    .read = station_read,
    .write = station_write,
    .next_ns = station_next,
    .unread = station_unread,
    .start = station_start,
    .flush = station_flush,
    .close = station_close,
};

static int
open_sink(struct end_station *s, const struct end_station_conf *conf,
	  struct cap_error *err)
{
	int rc;

	if (conf->sink == NULL)
		return 0;
	rc = cap_write_open(&s->sink, conf->sink,
			    cap_write_format_of(conf->sink), err);
	if (rc == 0)
		rc = cap_write_iface(s->sink, CAP_LINK_ETHERNET, conf->name,
				     &s->iface);
	return rc;
}

int
end_station(struct wire_end **end, const struct end_station_conf *conf,
	    struct cap_error *err)
{
	struct end_station *s = calloc(1, sizeof(*s));
	int rc = 0;

	if (s == NULL)
		return cap_error_set(err, -ENOMEM, "no memory");
	s->end = (struct wire_end){.ops = &station_ops, .fd = -1};
	s->end.flags = conf->to_port ? WIRE_F_TO_PORT : 0;
	if (conf->source != NULL) {
		s->made = calloc(WIRE_BATCH, sizeof(*s->made));
		if (s->made == NULL)
			rc = cap_error_set(err, -ENOMEM, "no memory");
	}
	if (rc == 0)
		rc = open_sink(s, conf, err);
	if (rc < 0) {
		station_close(&s->end);
		return rc;
	}
	s->source = conf->source;
	*end = &s->end;
	return 0;
}
