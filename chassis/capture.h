/*
 * Captures of a running router: points are opened at the cards that have them,
 * as feeds to a socket that somebody listens at (capture/cap_feed.h).
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <jansson.h>

#include "chs.h"

/*
 * Request "capture": {"socket": path, "points": [names], "filter": text}. The
 * answer's data says how many feeds will connect. With "tell": true instead of
 * a socket, the points' cards tell what they dropped.
 */
json_t *capture_request(struct chs *chs, const json_t *rq);

#endif
