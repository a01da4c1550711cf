/*
 * The operator's hand at a chassis: requests, their answers, and the events of
 * a replay, over the control channel (docs/wire.md, "Control").
 */
#ifndef HAND_H
#define HAND_H

#include <jansson.h>
#include <stdint.h>

#include "bus.h"

struct hand;

/* The endpoint under a run directory; -ENOENT: no chassis has published one. */
int hand_endpoint(enum bus_transport transport, const char *run_dir,
		  char endpoint[BUS_ENDPOINT_MAX]);

/* Connects; the bus is borrowed. 0 or -errno. Owned until hand_close(). */
int hand_open(struct hand **hand, struct bus *bus, const char *endpoint);
/* Accepts NULL, leaves NULL. */
void hand_close(struct hand **hand);

/* To wait for with bus_poll(). */
struct bus_sock *hand_sock(struct hand *hand);

/* Sends a request and takes its reference, also on failure. */
int hand_send(struct hand *hand, json_t *request);

/*
 * 1: *words, the caller's, is what came; *event tells an event from an answer
 * to the last request (others are passed over). 0: nothing is there. -EBADMSG.
 */
int hand_take(struct hand *hand, json_t **words, bool *event);

/* One question, its answer ({"ok": ...}); -ETIMEDOUT. Events are dropped. */
int hand_ask(struct hand *hand, json_t *request, int timeout_ms,
	     json_t **answer);

#endif
