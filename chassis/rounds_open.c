/*
 * The beginning of a replay: the request's ports, capture points and traces are
 * opened at the cards that own them; the first that can not be opened ends it
 * before a packet is read.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "cap_error.h"
#include "log.h"
#include "point.h"
#include "rounds_impl.h"
#include "running.h"

static int
refuse(struct rounds *r, int error, const char *format, const char *what)
{
	if (r->error == 0) {
		r->error = error;
		(void)snprintf(r->why, sizeof(r->why), format, what);
	}
	return error;
}

static bool
is_pcapng(const json_t *item)
{
	const char *format = json_string_value(json_object_get(item, "format"));

	return format != NULL && strcmp(format, "pcapng") == 0;
}

static int
tell_port(struct chs *chs, enum stage_role role, const struct ctl_port *body,
	  const char *path)
{
	struct rounds *r = chs->rounds;
	struct proc *proc = chs_proc(chs, stage_id(body->slot, role));

	if (proc == NULL || !chs_live(proc))
		return refuse(r, -ENODEV, "no line card serves %s",
			      path != NULL ? path : "a port");
	r->asked++;
	chs_tell(chs, proc, CTL_PORT_OPEN, body, path,
		 path != NULL ? strlen(path) + 1 : 0);
	return 0;
}

static int
open_port(struct chs *chs, const json_t *item, bool strict_mac)
{
	const char *in = json_string_value(json_object_get(item, "in"));
	const char *out = json_string_value(json_object_get(item, "out"));
	struct ctl_port body = {
	    .slot = (uint8_t)json_integer_value(json_object_get(item, "slot")),
	    .port = (uint8_t)json_integer_value(json_object_get(item, "port"))};
	int err = 0;

	if (body.slot < 1 || body.slot > STAGE_SLOT_MAX)
		return refuse(chs->rounds, -EINVAL, "%s", "no such slot");
	if (in != NULL) {
		body.direction = CTL_PORT_RX;
		body.flags = strict_mac ? CTL_PORT_STRICT_MAC : 0;
		chs->rounds->home[stage_id(body.slot, STAGE_IPPA)].reads = true;
		err = tell_port(chs, STAGE_IPPA, &body, in);
	}
	if (err == 0 && out != NULL) {
		body.direction = CTL_PORT_TX;
		chs->rounds->writes[stage_id(body.slot, STAGE_EPPA)] = true;
		body.flags = is_pcapng(item) ? CTL_PORT_PCAPNG : 0;
		err = tell_port(chs, STAGE_EPPA, &body, out);
	}
	return err;
}

/* The capture point of this process: "xcrp". */
static int
open_here(struct chs *chs, const char *path, bool pcapng)
{
	struct cap_error why = {""};
	int err = punt_capture(chs, path, pcapng, &why);

	return err == 0 ? 0 : refuse(chs->rounds, err, "%s", why.text);
}

static int
open_point(struct chs *chs, const json_t *item)
{
	struct rounds *r = chs->rounds;
	const char *name = json_string_value(json_object_get(item, "point"));
	const char *path = json_string_value(json_object_get(item, "path"));
	const char *why = "no name";
	struct point point;
	struct ctl_point body;
	struct proc *proc;

	if (name == NULL || path == NULL ||
	    point_parse(name, &point, &why) != 0)
		return refuse(r, -EINVAL, "capture point: %s", why);
	if (point.tap == POINT_LINK && !links_needed(point.stage, point.to))
		return refuse(
		    r, -EINVAL,
		    "capture point %s: no packets go from the one to the other",
		    name);
	if (point.stage == 0 && point.tap == POINT_ALL)
		return open_here(chs, path, is_pcapng(item));
	proc = chs_proc(chs, point.stage);
	if (proc == NULL || point.stage == 0 || !chs_live(proc))
		return refuse(r, -EINVAL,
			      "capture point %s: this router has no such stage",
			      name);
	body =
	    (struct ctl_point){.stage = be16_put(point.stage),
			       .to = be16_put(point.to),
			       .tap = (uint8_t)point.tap,
			       .flags = is_pcapng(item) ? CTL_PORT_PCAPNG : 0};
	r->asked++;
	r->writes[point.stage] = true;
	chs_tell(chs, proc, CTL_POINT_OPEN, &body, path, strlen(path) + 1);
	return 0;
}

static void
set_trace(struct chs *chs, const json_t *trace)
{
	struct rounds *r = chs->rounds;
	const char *filter =
	    json_string_value(json_object_get(trace, "filter"));
	struct ctl_trace_set body = {
	    .count = be32_put(
		(uint32_t)json_integer_value(json_object_get(trace, "count")))};

	for (uint16_t i = 0; i < STAGE_ID_MAX; i++) {
		if (!r->home[i].reads)
			continue;
		r->asked++;
		chs_tell(chs, &chs->proc[i], CTL_TRACE_SET, &body, filter,
			 filter != NULL ? strlen(filter) + 1 : 0);
	}
}

static bool
all_answered(struct chs *chs, void *arg)
{
	(void)arg;
	return chs->rounds->asked == 0;
}

/* Round 0 admits nothing: each iPPA reads ahead and says what it sees. */
static void
look_ahead(struct chs *chs)
{
	struct ctl_admit body = {.per_card = be32_put(rounds_share(chs))};

	for (uint16_t i = 0; i < STAGE_ID_MAX; i++) {
		if (!chs->rounds->home[i].reads)
			continue;
		chs->rounds->asked++;
		chs_tell(chs, &chs->proc[i], CTL_ADMIT, &body, NULL, 0);
	}
}

static bool
several_read(const struct rounds *r)
{
	unsigned cards = 0;

	for (unsigned i = 0; i < STAGE_ID_MAX; i++)
		cards += r->home[i].reads;
	return cards > 1;
}

/* ASPs gather before the first packet comes: a probe makes sure. */
static int
gather(struct chs *chs)
{
	uint64_t sent;
	uint64_t received;

	rounds_gather(chs, 0);
	return chs_probe(chs, &sent, &received) == 0
		   ? 0
		   : refuse(chs->rounds, -ETIMEDOUT, "%s",
			    "a card does not answer");
}

static int
open_all(struct chs *chs, const json_t *request)
{
	bool strict = json_is_true(json_object_get(request, "strict_mac"));
	const json_t *trace = json_object_get(request, "trace");
	struct rounds *r = chs->rounds;
	const json_t *item;
	size_t i;
	int err = 0;

	answer_hush(chs, json_is_true(json_object_get(request, "silent")));
	json_array_foreach(json_object_get(request, "ports"), i, item) {
		if (err == 0)
			err = open_port(chs, item, strict);
	}
	json_array_foreach(json_object_get(request, "points"), i, item) {
		if (err == 0)
			err = open_point(chs, item);
	}
	if (err == 0 && json_is_object(trace))
		set_trace(chs, trace);
	if (chs_wait(chs, all_answered, NULL) != 0)
		return refuse(r, -ETIMEDOUT, "%s", "a card does not answer");
	if (r->error != 0)
		return r->error;
	look_ahead(chs);
	if (chs_wait(chs, all_answered, NULL) != 0)
		return refuse(r, -ETIMEDOUT, "%s", "a card does not answer");
	return several_read(r) ? gather(chs) : 0;
}

int
rounds_begin(struct chs *chs, const json_t *request,
	     const struct bus_peer *client, int *exit_status, char *why,
	     size_t why_octets)
{
	const json_t *pace =
	    json_object_get(json_object_get(request, "pace"), "factor");
	struct rounds *r;
	int err = -ENOMEM;

	*exit_status = 3;
	if (chs->rounds != NULL) {
		(void)snprintf(why, why_octets, "a replay is running already");
		return -EBUSY;
	}
	r = calloc(1, sizeof(*r));
	chs->rounds = r;
	if (r != NULL) {
		r->client = *client;
		r->pace = json_number_value(pace);
		r->problems = json_array();
		if (r->problems != NULL)
			err = open_all(chs, request);
		(void)snprintf(why, why_octets, "%s", r->why);
	}
	if (err != 0) {
		*exit_status = err == -EINVAL ? 2 : 3;
		rounds_free(chs);
		return err;
	}
	r->phase = ROUNDS_RUNNING;
	return 0;
}

void
rounds_opened(struct chs *chs, struct proc *proc, const struct ctl_in *in)
{
	const struct ctl_opened *body = in->body;
	struct rounds *r = chs->rounds;
	int error = (int)be32_get(body->error);

	(void)proc;
	if (r == NULL)
		return;
	if (r->asked > 0)
		r->asked--;
	if (error != 0 && r->error == 0) {
		r->error = -error;
		(void)snprintf(r->why, sizeof(r->why), "%.*s",
			       (int)in->tail_octets, (const char *)in->tail);
	}
}
