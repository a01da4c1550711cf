/*
 * Journeys of traced packets, as this router's processors told them: kept in
 * order, the oldest let go when there are too many, shown as JSON with the
 * names that ids have, what changed from station to station, and, of drops, the
 * object of the configuration that caused them and the commands that would
 * change it. Nothing is guessed: what a station did not say is left out.
 */
#ifndef JOURNEY_H
#define JOURNEY_H

#include <jansson.h>

#include "chs.h"
#include "ctl_chan.h"
#include "pkt_head.h"
#include "running.h"

#define JOURNEYS_MAX 4096          /* kept at a time */
#define JOURNEY_STATIONS_MAX 65536 /* of all of them */
#define JOURNEY_OF_MAX 1024        /* stations of one */

/* As in struct ctl_traced, whose comments say what they are. */
struct station {
	struct ctl_traced said;
	uint32_t order; /* of arrival */
	char *text;
	uint8_t head[PKT_HEAD_MAX];
};

/* What the stations of a journey found, the last of each kind; for its end. */
struct journey_found {
	const struct station *route;
	const struct station *acl;
	const struct station *meter;
	const struct station *queue;
	const struct station *policy;
	const struct station *sa;
	const struct station *received;
	const struct station *drop;
};

int journeys_new(struct journeys **journeys);
void journeys_free(struct journeys **journeys);

/* TRACED of a card. */
void journey_take(struct chs *chs, const struct proc *proc,
		  const struct ctl_in *in);
/* The controller's own word about a packet in its hands; nothing where the
 * packet is not traced. */
void journey_say(struct chs *chs, const struct pkt *p, enum ctl_said kind,
		 unsigned fate, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* An array of journeys, oldest first, pieces inside their packets'; id: that
 * one alone, 0: all. */
json_t *journeys_json(struct chs *chs, uint32_t id);

/* Requests "trace" and "trace-stop" of clients; show and clear. */
json_t *journey_request(struct chs *chs, const json_t *rq);
json_t *show_packet_trace(struct chs *chs, const json_t *args);
int clear_packet_trace(struct chs *chs, const json_t *args);
/* A line card came up: it hears what is traced and our number in the lab. */
void journey_tell(struct chs *chs, struct proc *proc);

/* journey_names.c: words for ids of rows; text is returned. */
const char *journey_context(struct chs *chs, uint32_t id);
const struct running_route *journey_route(const struct tables *t,
					  uint32_t context,
					  const struct ip_addr *addr,
					  uint32_t adj);
/* "ip route 10.2.0.0/16 vpn"; for a connected one the address's interface. */
const char *journey_route_text(const struct running_route *route, char *text,
			       size_t octets);
/* The list with this id and its row, NULL: they are no more. */
const struct cfg_obj *journey_acl(const struct tables *t, uint32_t id);
const char *journey_acl_text(const struct tables *t, uint32_t id, uint32_t seq,
			     char *text, size_t octets);
const struct running_sa *journey_sa(const struct tables *t, uint32_t id);
const struct running_tunnel *journey_tunnel(const struct tables *t,
					    uint32_t circuit);
const struct running_policy *journey_policy(const struct tables *t,
					    uint32_t id);
/* The name of the policy of a use that a circuit has, NULL: none. */
const char *journey_qos(const struct tables *t, uint32_t circuit, unsigned use);
/* What a station found, as a JSON object, and as sentences onto lines. */
json_t *journey_found_json(struct chs *chs, const struct station *s);

/*
 * journey_why.c: {"object": ..., "commands": [...]} of a drop; commands are in
 * the order in which they are typed in configuration mode. NULL: no object of
 * the configuration has a part in it.
 */
json_t *journey_why(struct chs *chs, const struct journey_found *f);

/* journey_words.c: found, changes and cause of a station's JSON, as lines. */
json_t *journey_lines(const json_t *station);

#endif
