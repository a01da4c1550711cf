/*
 * Names of capture points and back. One table says which taps there are and at
 * which kind of stage each is; the command line, the chassis and the cards all
 * come here, so that a point has one name everywhere.
 */
#include "point.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cap_link.h"

#define ROLE(role) (1U << (role))

static const struct point_row {
	const char *word;
	unsigned roles; /* of the stages that have it */
	int ethernet;
	const char *why; /* when it is asked of another stage */
} rows[POINT_TAPS] = {
    [POINT_RX] = {"rx", ROLE(STAGE_IPPA), 1,
		  "rx is a tap of an iPPA, as in 1/ippa:rx"},
    [POINT_TX] = {"tx", ROLE(STAGE_EPPA), 1,
		  "tx is a tap of an ePPA, as in 2/eppa:tx"},
    [POINT_TUNNEL] = {"tunnel", ROLE(STAGE_EPPA), 0,
		      "tunnel is a tap of an ePPA, as in 1/eppa:tunnel"},
    [POINT_CLEAR] = {"clear", ROLE(STAGE_ASP1) | ROLE(STAGE_ASP2), 0,
		     "clear is a tap of an ASP, as in 3/asp1:clear"},
    [POINT_SEALED] = {"sealed", ROLE(STAGE_ASP1) | ROLE(STAGE_ASP2), 0,
		      "sealed is a tap of an ASP, as in 3/asp1:sealed"},
};

static const char why_stage[] =
    "not a stage; stages are N/ippa, N/eppa, N/asp1, N/asp2 and xcrp";
static const char why_tap[] =
    "not a tap; taps are rx, tx, tunnel, clear and sealed";

static int
point_parse_tap(const char *word, uint16_t stage, struct point *point,
		const char **why)
{
	for (unsigned tap = 0; tap < POINT_TAPS; tap++) {
		if (rows[tap].word == NULL || strcmp(rows[tap].word, word) != 0)
			continue;
		if (!(rows[tap].roles & ROLE(stage_role(stage)))) {
			*why = rows[tap].why;
			return -EINVAL;
		}
		*point = (struct point){stage, STAGE_NONE, (enum point_tap)tap};
		return 0;
	}
	*why = why_tap;
	return -EINVAL;
}

static int
point_parse_link(const char *word, uint16_t stage, struct point *point,
		 const char **why)
{
	size_t len = strcspn(word, ":");
	uint16_t to = stage_parse(word, len);
	bool frame = strcmp(word + len, ":frame") == 0;

	if (word[len] != '\0' && !frame) {
		*why = "a link has one tap, frame, as in 1/ippa..3/asp1:frame";
		return -EINVAL;
	}
	if (to == STAGE_NONE) {
		*why = why_stage;
		return -EINVAL;
	}
	if (to == stage) {
		*why = "a link has two ends, as in 1/ippa..3/asp1";
		return -EINVAL;
	}
	*point = (struct point){stage, to, frame ? POINT_FRAME : POINT_LINK};
	return 0;
}

int
point_parse(const char *text, struct point *point, const char **why)
{
	size_t len = strcspn(text, ":.-");
	uint16_t stage = stage_parse(text, len);
	const char *rest = text + len;

	if (stage == STAGE_NONE) {
		*why = why_stage;
		return -EINVAL;
	}
	if (*rest == '\0') {
		*point = (struct point){stage, STAGE_NONE, POINT_ALL};
		return 0;
	}
	if (*rest == ':')
		return point_parse_tap(rest + 1, stage, point, why);
	if (strncmp(rest, "..", 2) == 0 || strncmp(rest, "->", 2) == 0)
		return point_parse_link(rest + 2, stage, point, why);
	*why = "a point is STAGE, STAGE:TAP or STAGE..STAGE";
	return -EINVAL;
}

const char *
point_format(const struct point *point, char name[POINT_NAME_MAX])
{
	char from[STAGE_NAME_MAX];
	char to[STAGE_NAME_MAX];

	stage_name(point->stage, from);
	if (point_has_to(point))
		(void)snprintf(name, POINT_NAME_MAX, "%s..%s%s", from,
			       stage_name(point->to, to),
			       point->tap == POINT_FRAME ? ":frame" : "");
	else if (point->tap < POINT_TAPS && rows[point->tap].word != NULL)
		(void)snprintf(name, POINT_NAME_MAX, "%s:%s", from,
			       rows[point->tap].word);
	else
		(void)snprintf(name, POINT_NAME_MAX, "%s", from);
	return name;
}

int
point_is_ethernet(const struct point *point)
{
	return point->tap < POINT_TAPS && rows[point->tap].ethernet;
}

uint16_t
point_link(const struct point *point)
{
	if (point->tap == POINT_FRAME)
		return CAP_LINK_USER0;
	return point_is_ethernet(point) ? CAP_LINK_ETHERNET : CAP_LINK_REDBACK;
}

int
point_has_to(const struct point *point)
{
	return point->tap == POINT_LINK || point->tap == POINT_FRAME;
}
