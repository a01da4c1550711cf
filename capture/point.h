/*
 * Capture points by name: a stage's tap ("1/ippa:rx", "1/eppa:tunnel",
 * "3/asp1:clear", "3/asp1:sealed", "2/eppa:tx"), a stage alone ("3/asp1": all
 * that arrives there), a link ("1/ippa..3/asp1", "1/ippa->3/asp1"), or the
 * frames of one ("1/ippa..3/asp1:frame").
 */
#ifndef POINT_H
#define POINT_H

#include "stage.h"

enum point_tap {
	POINT_ALL = 0, /* all that arrives at the stage */
	POINT_RX,      /* iPPA: frames as ports received them (Ethernet) */
	POINT_TX,      /* ePPA: frames as ports send them (Ethernet) */
	POINT_TUNNEL,  /* ePPA: packets on a tunnel circuit, before the loop */
	POINT_CLEAR,   /* ASP: packets to be sealed, and opened ones */
	POINT_SEALED,  /* ASP: ESP packets made, and those to be opened */
	POINT_LINK,    /* what the stage sends to another */
	POINT_FRAME,   /* the frames that carry it (docs/wire.md, "Frame") */
	POINT_TAPS
};

#define POINT_NAME_MAX 40

struct point {
	uint16_t stage;
	uint16_t
	    to; /* POINT_LINK, POINT_FRAME: the other end; else STAGE_NONE */
	enum point_tap tap;
};

/* -EINVAL and a sentence (static) that says what would be right. */
int point_parse(const char *text, struct point *point, const char **why);
const char *point_format(const struct point *point, char name[POINT_NAME_MAX]);
/* 1: Ethernet frames, as at a port; 0: link type 32 (redback.h). */
int point_is_ethernet(const struct point *point);
/* What records of the point are: a link type of cap_link.h. */
uint16_t point_link(const struct point *point);
/* 1: the point is on the way to another stage. */
int point_has_to(const struct point *point);

#endif
