/*
 * ping and traceroute: probes of the router's own, asked for by a command line,
 * one under way at a time for each, and what comes of it told in events as it
 * comes (docs/wire.md, "EVENT"). Only on live routers: a replay has no one to
 * wait for.
 */
#ifndef PING_H
#define PING_H

#include <jansson.h>

#include "chs.h"
#include "icmp.h"

struct pings;

int pings_new(struct pings **pings);
void pings_free(struct pings **pings);

/* Requests "ping", "traceroute" and "ping-stop": the answer. */
json_t *ping_begin(struct chs *chs, const struct bus_peer *client,
		   const json_t *rq);
json_t *trace_begin(struct chs *chs, const struct bus_peer *client,
		    const json_t *rq);
json_t *ping_stop(struct chs *chs, const struct bus_peer *client,
		  const json_t *rq);
/* The client is gone: whatever it asked for ends. */
void ping_forget(struct chs *chs, const struct bus_peer *client);

/* An echo reply, or an error, that came for us in a context. ttl: of it. */
void ping_heard(struct chs *chs, uint32_t context, const struct icmp_seen *seen,
		unsigned ttl);
/* A packet of ours was dropped inside the router; quote: its head. */
void ping_dropped(struct chs *chs, enum icmp_error error, const uint8_t *quote,
		  size_t octets, uint32_t mtu);

/* After events: sends what is due, gives up what is late. */
void ping_step(struct chs *chs);
/* When ping_step() has something to do without an event; ~0: never. */
uint64_t ping_deadline(const struct chs *chs);

#endif
