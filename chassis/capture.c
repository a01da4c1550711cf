/*
 * Opens feeds. Who listens sees each one connect; what can not be opened is
 * said here before anything is. A feed ends when its listener goes: nobody
 * needs to be told.
 */
#include "capture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cap_filter.h"
#include "client.h"
#include "point.h"
#include "running.h"

#define CAPTURE_TAIL_MAX (CTL_PATH_MAX + 1024)

/* NULL, or what is wrong with the point. */
static json_t *
check_point(struct chs *chs, const char *name, struct point *point)
{
	const char *why = "no name";

	if (name == NULL || point_parse(name, point, &why) != 0)
		return client_error("invalid", -1, "capture point %s: %s",
				    name != NULL ? name : "", why);
	if (point_has_to(point) && !links_needed(point->stage, point->to))
		return client_error("invalid", -1,
				    "capture point %s: no packets go from the"
				    " one to the other",
				    name);
	if (point->stage == 0 && point->tap == POINT_ALL)
		return NULL;
	if (point->stage == 0 ||
	    !running_has_stage(chs->running, point->stage) ||
	    !chs_live(&chs->proc[point->stage]))
		return client_error(
		    "invalid", -1,
		    "capture point %s: this router has no such stage", name);
	return NULL;
}

static void
open_point(struct chs *chs, const struct point *point, unsigned number,
	   const char *path, const char *filter)
{
	struct ctl_point body = {.stage = be16_put(point->stage),
				 .to = be16_put(point->to),
				 .tap = (uint8_t)point->tap,
				 .flags = CTL_PORT_FEED,
				 .number = be16_put((uint16_t)number)};
	char tail[CAPTURE_TAIL_MAX];
	size_t n = strlen(path) + 1;

	if (point->stage == 0) {
		punt_feed(chs, path, number);
		return;
	}
	memcpy(tail, path, n);
	memcpy(tail + n, filter, strlen(filter) + 1);
	chs_tell(chs, &chs->proc[point->stage], CTL_POINT_OPEN, &body, tail,
		 n + strlen(filter) + 1);
}

/* A card that is woken tells what it dropped (card_tap_pass()). */
static json_t *
tell(struct chs *chs, const json_t *points)
{
	struct ctl_none none = {{{0}}};
	struct point point;
	const json_t *name;
	const char *why;
	size_t i;

	json_array_foreach(points, i, name) {
		if (json_is_string(name) &&
		    point_parse(json_string_value(name), &point, &why) == 0 &&
		    point.stage != 0 && chs_live(&chs->proc[point.stage]))
			chs_tell(chs, &chs->proc[point.stage], CTL_HEARTBEAT,
				 &none, NULL, 0);
	}
	return client_ok(NULL);
}

json_t *
capture_request(struct chs *chs, const json_t *rq)
{
	const json_t *points = json_object_get(rq, "points");
	const char *path = json_string_value(json_object_get(rq, "socket"));
	const char *filter = json_string_value(json_object_get(rq, "filter"));
	struct cap_filter *compiled = NULL;
	struct cap_error why = {""};
	struct point point;
	const json_t *name;
	json_t *wrong;
	size_t i;

	if (json_is_true(json_object_get(rq, "tell")))
		return tell(chs, points);
	filter = filter != NULL ? filter : "";
	if (path == NULL || strlen(path) >= CTL_PATH_MAX ||
	    strlen(filter) >= 1024)
		return client_error("invalid", -1, "no socket, or too long");
	if (filter[0] != '\0' && cap_filter_new(&compiled, filter, &why) != 0)
		return client_error("invalid", -1, "%s", why.text);
	cap_filter_free(&compiled);
	json_array_foreach(points, i, name) {
		wrong = check_point(chs, json_string_value(name), &point);
		if (wrong != NULL)
			return wrong;
	}
	json_array_foreach(points, i, name) {
		wrong = check_point(chs, json_string_value(name), &point);
		if (wrong != NULL)
			return wrong;
		open_point(chs, &point, (unsigned)i, path, filter);
	}
	return client_ok(
	    json_pack("{s:i}", "feeds", (int)json_array_size(points)));
}
