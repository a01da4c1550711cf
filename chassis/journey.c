/*
 * Keeps journeys. A router that runs keeps the last so many; a replay has the
 * same bound, and says how many it let go. Numbers, order and texts come from
 * the processors; this file puts them together.
 */
#include "journey.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "cap_filter.h"
#include "client.h"
#include "clock.h"
#include "hdr_view.h"
#include "log.h"
#include "pkt_fate.h"

#define TRACE_PER_SECOND 5000 /* stations that a live card tells */
#define TRACE_COUNT 10        /* packets, where nobody says how many */

struct journey {
	uint32_t id;
	uint32_t parent; /* 0: none */
	struct station *station;
	unsigned n;
	unsigned room;
	UT_hash_handle hh;
};

struct journeys {
	struct journey *all; /* in the order of their first stations */
	unsigned stations;
	uint64_t let_go; /* journeys */
	uint64_t unsaid; /* stations */
	uint32_t order;
	char filter[1024]; /* what is traced now, for cards that come later */
	uint32_t count;
	uint32_t every;
	unsigned slot;
	unsigned port;
};

int
journeys_new(struct journeys **out)
{
	*out = calloc(1, sizeof(**out));
	return *out == NULL ? -ENOMEM : 0;
}

static void
journey_free(struct journeys *all, struct journey *j)
{
	HASH_DEL(all->all, j);
	all->stations -= j->n;
	for (unsigned i = 0; i < j->n; i++)
		free(j->station[i].text);
	free(j->station);
	free(j);
}

static void
journeys_clear(struct journeys *all)
{
	struct journey *j;
	struct journey *next;

	HASH_ITER(hh, all->all, j, next) {
		journey_free(all, j);
	}
	all->let_go = all->unsaid = 0;
}

void
journeys_free(struct journeys **journeys)
{
	if (*journeys == NULL)
		return;
	journeys_clear(*journeys);
	free(*journeys);
	*journeys = NULL;
}

static struct journey *
journey_find(struct journeys *all, uint32_t id)
{
	struct journey *j;

	HASH_FIND(hh, all->all, &id, sizeof(id), j);
	return j;
}

/* Made when it is new; the oldest makes room. */
static struct journey *
journey_of(struct journeys *all, uint32_t id)
{
	struct journey *j = journey_find(all, id);

	if (j != NULL)
		return j;
	while (all->all != NULL && (HASH_COUNT(all->all) >= JOURNEYS_MAX ||
				    all->stations >= JOURNEY_STATIONS_MAX)) {
		journey_free(all, all->all);
		all->let_go++;
	}
	j = calloc(1, sizeof(*j));
	if (j == NULL)
		return NULL;
	j->id = id;
	HASH_ADD(hh, all->all, id, sizeof(j->id), j);
	return j;
}

static struct station *
station_new(struct journeys *all, uint32_t id)
{
	struct journey *j = journey_of(all, id);

	if (j == NULL || j->n == JOURNEY_OF_MAX)
		return NULL;
	if (j->n == j->room) {
		unsigned room = j->room == 0 ? 16 : j->room * 2;
		void *more = realloc(j->station, room * sizeof(*j->station));

		if (more == NULL)
			return NULL;
		j->station = more;
		j->room = room;
	}
	return &j->station[j->n];
}

static void
journey_add(struct journeys *all, const struct ctl_traced *said,
	    const char *text, size_t text_octets, const uint8_t *head)
{
	struct station *s = station_new(all, be32_get(said->trace));
	struct journey *j;

	if (s == NULL)
		return;
	j = journey_find(all, be32_get(said->trace));
	*s = (struct station){.said = *said, .order = all->order++};
	s->text = strndup(text, text_octets);
	if (s->text == NULL)
		return;
	memcpy(s->head, head, be16_get(said->head));
	if (be32_get(said->parent) != 0)
		j->parent = be32_get(said->parent);
	all->unsaid += be32_get(said->unsaid);
	all->stations++;
	j->n++;
}

void
journey_take(struct chs *chs, const struct proc *proc, const struct ctl_in *in)
{
	struct ctl_traced said = *(const struct ctl_traced *)in->body;
	size_t head = be16_get(said.head);

	if (head > PKT_HEAD_MAX || head > in->tail_octets || said.l2 > head ||
	    be32_get(said.trace) == 0)
		return;
	said.stage = be16_put(proc->stage);
	journey_add(chs->journeys, &said, (const char *)in->tail,
		    in->tail_octets - head, in->tail + in->tail_octets - head);
}

void
journey_say(struct chs *chs, const struct pkt *p, enum ctl_said kind,
	    unsigned fate, const char *format, ...)
{
	const uint8_t *at;
	struct ctl_traced said;
	char text[256];
	va_list args;
	size_t head;

	if (p->trace == 0)
		return;
	at = pkt_data(bp_mem(chs->bp), p);
	head = pkt_head_octets(at, p->len, p->l2);
	said = (struct ctl_traced){.trace = be32_put(p->trace),
				   .to = be16_put(STAGE_NONE),
				   .hop = be32_put(p->hop),
				   .time_ns = be64_put(p->time_ns),
				   .clock_ns = be64_put(clock_monotonic()),
				   .octets = be16_put(p->len),
				   .head = be16_put((uint16_t)head),
				   .l2 = p->l2,
				   .kind = (uint8_t)kind,
				   .fate = (uint8_t)fate};
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	journey_add(chs->journeys, &said, text, strlen(text), at);
}

/* --- as JSON -------------------------------------------------------------- */

static int
station_compare(const void *a, const void *b)
{
	const struct station *x = a;
	const struct station *y = b;
	uint32_t hop_x = be32_get(x->said.hop);
	uint32_t hop_y = be32_get(y->said.hop);

	if (hop_x != hop_y)
		return hop_x < hop_y ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static const char *const kinds[] = {
    [CTL_SAID_NOTE] = "note",   [CTL_SAID_RECEIVED] = "received",
    [CTL_SAID_ROUTE] = "route", [CTL_SAID_POLICY] = "policy",
    [CTL_SAID_ACL] = "acl",     [CTL_SAID_METER] = "meter",
    [CTL_SAID_QUEUE] = "queue", [CTL_SAID_SEAL] = "seal",
    [CTL_SAID_OPEN] = "open",   [CTL_SAID_NEIGHBOR] = "neighbor",
    [CTL_SAID_LOOP] = "loop",   [CTL_SAID_SENT] = "sent",
    [CTL_SAID_CUT] = "cut",     [CTL_SAID_PIECE] = "piece",
    [CTL_SAID_JOIN] = "join",   [CTL_SAID_DROP] = "drop",
    [CTL_SAID_WAIT] = "wait",   [CTL_SAID_OWN] = "own"};

static void
say_change(void *arg, const char *sentence)
{
	(void)json_array_append_new(arg, json_string(sentence));
}

static json_t *
octets_json(const struct station *s)
{
	char text[2 * PKT_HEAD_MAX + 1] = "";

	for (unsigned i = 0; i < be16_get(s->said.head); i++)
		(void)snprintf(text + 2 * i, 3, "%02x", s->head[i]);
	return json_string(text);
}

/* What the headers are now, and how they differ from those before. */
static void
add_headers(json_t *json, const struct station *s, const struct station *was)
{
	struct hdr_view now;
	struct hdr_view before;
	char text[HDR_VIEW_TEXT_MAX];
	json_t *changes = json_array();

	hdr_view_read(&now, s->head, be16_get(s->said.head), s->said.l2);
	(void)json_object_set_new(json, "headers",
				  json_string(hdr_view_text(&now, text)));
	(void)json_object_set_new(json, "octets",
				  json_integer(be16_get(s->said.octets)));
	if (was != NULL) {
		hdr_view_read(&before, was->head, be16_get(was->said.head),
			      was->said.l2);
		(void)hdr_view_diff(&before, &now, say_change, changes);
		(void)json_object_set_new(json, "before", octets_json(was));
	}
	(void)json_object_set_new(json, "after", octets_json(s));
	(void)json_object_set_new(json, "changes", changes);
}

static void
found_add(struct journey_found *f, const struct station *s)
{
	switch (s->said.kind) {
	case CTL_SAID_RECEIVED:
		f->received = s;
		break;
	case CTL_SAID_ROUTE:
		f->route = s;
		break;
	case CTL_SAID_POLICY:
		f->policy = s;
		break;
	case CTL_SAID_ACL:
		f->acl = s;
		break;
	case CTL_SAID_METER:
		f->meter = s;
		break;
	case CTL_SAID_QUEUE:
		f->queue = s;
		break;
	case CTL_SAID_SEAL:
	case CTL_SAID_OPEN:
		f->sa = s;
		break;
	case CTL_SAID_DROP:
		f->drop = s;
		break;
	default:
		break;
	}
}

static json_t *
station_json(struct chs *chs, const struct station *s,
	     const struct station *was, struct journey_found *f)
{
	const struct ctl_traced *said = &s->said;
	char name[STAGE_NAME_MAX];
	json_t *json =
	    json_pack("{s:s, s:i, s:s, s:s, s:I, s:I}", "stage",
		      stage_name(be16_get(said->stage), name), "hop",
		      (int)be32_get(said->hop), "text", s->text, "kind",
		      said->kind <= CTL_SAID_OWN ? kinds[said->kind] : "note",
		      "time_ns", (json_int_t)be64_get(said->time_ns),
		      "clock_ns", (json_int_t)be64_get(said->clock_ns));

	if (stage_valid(be16_get(said->to)))
		(void)json_object_set_new(
		    json, "to",
		    json_string(stage_name(be16_get(said->to), name)));
	(void)json_object_set_new(json, "found", journey_found_json(chs, s));
	add_headers(json, s, was);
	found_add(f, s);
	if (said->kind == CTL_SAID_DROP) {
		json_t *why = journey_why(chs, f);

		(void)json_object_set_new(
		    json, "reason", json_string(pkt_fate_name(said->fate)));
		if (why != NULL)
			(void)json_object_set_new(json, "cause", why);
	}
	(void)json_object_set_new(json, "lines", journey_lines(json));
	if (be32_get(said->unsaid) != 0)
		(void)json_object_set_new(json, "unsaid",
					  json_integer(be32_get(said->unsaid)));
	return json;
}

static json_t *journey_json(struct chs *chs, struct journey *j,
			    const struct journey *parent);

/* The packet that pieces were cut from, as it was then. */
static const struct station *
cut_of(const struct journey *j)
{
	for (unsigned i = j == NULL ? 0 : j->n; i-- > 0;) {
		if (j->station[i].said.kind == CTL_SAID_CUT)
			return &j->station[i];
	}
	return NULL;
}

static json_t *
pieces_json(struct chs *chs, struct journey *parent)
{
	struct journey *j;
	struct journey *next;
	json_t *pieces = json_array();

	HASH_ITER(hh, chs->journeys->all, j, next) {
		if (j->parent == parent->id)
			(void)json_array_append_new(
			    pieces, journey_json(chs, j, parent));
	}
	return pieces;
}

static json_t *
journey_json(struct chs *chs, struct journey *j, const struct journey *parent)
{
	struct journey_found found = {NULL};
	const struct station *was = cut_of(parent);
	json_t *stations = json_array();
	json_t *json;
	json_t *pieces;

	qsort(j->station, j->n, sizeof(*j->station), station_compare);
	for (unsigned i = 0; i < j->n; i++) {
		const struct station *s = &j->station[i];

		(void)json_array_append_new(stations,
					    station_json(chs, s, was, &found));
		if (be16_get(s->said.head) != 0)
			was = s;
	}
	json = json_pack("{s:I, s:s, s:o}", "trace", (json_int_t)j->id,
			 "router", chs->args->name, "stations", stations);
	/* Pieces are never cut again, so this goes one level deep. */
	pieces = parent == NULL ? pieces_json(chs, j) : json_array();
	if (json_array_size(pieces) != 0)
		(void)json_object_set(json, "pieces", pieces);
	json_decref(pieces);
	return json;
}

json_t *
journeys_json(struct chs *chs, uint32_t id)
{
	struct journeys *all = chs->journeys;
	json_t *list = json_array();
	struct journey *j;
	struct journey *next;

	HASH_ITER(hh, all->all, j, next) {
		bool inside =
		    j->parent != 0 && journey_find(all, j->parent) != NULL;

		if (j->n > 0 && (id == 0 ? !inside : j->id == id))
			(void)json_array_append_new(list,
						    journey_json(chs, j, NULL));
	}
	return list;
}

/* --- what operators ask --------------------------------------------------- */

static void
tell_trace(struct chs *chs, struct proc *proc, uint8_t flags)
{
	const struct journeys *all = chs->journeys;
	struct ctl_trace_set body = {.count = be32_put(all->count),
				     .every = be32_put(all->every),
				     .router =
					 be16_put((uint16_t)chs->args->router),
				     .port = (uint8_t)all->port,
				     .flags = flags,
				     .per_second = be32_put(TRACE_PER_SECOND)};

	chs_tell(chs, proc, CTL_TRACE_SET, &body, all->filter,
		 strlen(all->filter));
}

void
journey_tell(struct chs *chs, struct proc *proc)
{
	if (chs->args->router != 0)
		tell_trace(chs, proc, CTL_TRACE_NUMBER);
}

static json_t *
trace_begin(struct chs *chs, const json_t *rq)
{
	const char *filter = json_string_value(json_object_get(rq, "filter"));
	const json_t *count = json_object_get(rq, "count");
	struct journeys *all = chs->journeys;
	struct cap_filter *compiled = NULL;
	struct cap_error why = {""};
	unsigned told = 0;

	if (filter != NULL && strlen(filter) >= sizeof(all->filter))
		return client_error("invalid", -1, "the filter is too long");
	if (filter != NULL && cap_filter_new(&compiled, filter, &why) != 0)
		return client_error("invalid", -1, "%s", why.text);
	cap_filter_free(&compiled);
	all->count =
	    count == NULL ? TRACE_COUNT : (uint32_t)json_integer_value(count);
	all->every = (uint32_t)json_integer_value(json_object_get(rq, "every"));
	all->slot = (unsigned)json_integer_value(json_object_get(rq, "slot"));
	all->port = (unsigned)json_integer_value(json_object_get(rq, "port"));
	(void)snprintf(all->filter, sizeof(all->filter), "%s",
		       filter != NULL ? filter : "");
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		if (stage_role(i) != STAGE_IPPA || !chs_live(&chs->proc[i]) ||
		    (all->slot != 0 && stage_slot(i) != all->slot))
			continue;
		tell_trace(chs, &chs->proc[i], CTL_TRACE_QUIET);
		told++;
	}
	if (told == 0)
		return client_error("invalid", -1, "no such port");
	return client_ok(json_pack("{s:i}", "processors", (int)told));
}

json_t *
journey_request(struct chs *chs, const json_t *rq)
{
	json_t *stop;
	json_t *answer;

	if (!json_is_true(json_object_get(rq, "stop")))
		return trace_begin(chs, rq);
	stop = json_pack("{s:i}", "count", 0);
	answer = trace_begin(chs, stop);
	json_decref(stop);
	return answer;
}

json_t *
show_packet_trace(struct chs *chs, const json_t *args)
{
	const json_t *id = json_object_get(args, "trace");
	struct journeys *all = chs->journeys;
	json_t *list = journeys_json(chs, (uint32_t)json_integer_value(id));

	if (id != NULL && json_array_size(list) == 0) {
		json_decref(list);
		return json_pack("{s:s}", "error", "no such journey");
	}
	return json_pack("{s:s, s:o, s:I, s:I}", "router", chs->args->name,
			 "journeys", list, "let_go", (json_int_t)all->let_go,
			 "unsaid", (json_int_t)all->unsaid);
}

int
clear_packet_trace(struct chs *chs, const json_t *args)
{
	(void)args;
	journeys_clear(chs->journeys);
	return 0;
}
