/*
 * What an operator asked to hear of: lines of severity 7 in the log, one an
 * event, as they happen (`debug`). Off unless asked for, until taken back or
 * the controller restarts; none in a replay. A topic says at most DEBUG_RATE
 * lines a second; how many more there were is said with the next one.
 */
#ifndef DEBUG_H
#define DEBUG_H

#include <jansson.h>

#include "chs.h"

#define DEBUG_RATE 100

/* id, words of the command, facility and mnemonic of the lines, meaning */
#define DEBUG_TOPICS(X)                                                        \
	X(ASP, "asp", "ASP", "EVENT",                                          \
	  "seats, tables and sequence numbers of ASPs")                        \
	X(IP_DROP, "ip drop", "IP", "DROP",                                    \
	  "packets that were dropped with a word to their sender")             \
	X(IP_PACKET, "ip packet", "IP", "PACKET",                              \
	  "packets that come for the router itself")                           \
	X(IPSEC_PACKET, "ipsec packet", "IPSEC", "PACKET",                     \
	  "how many packets each SA sealed or opened since it was last said")  \
	X(IPSEC_SA, "ipsec sa", "IPSEC", "SA", "SAs that ASPs get and lose")

enum debug_topic {
#define X(id, words, facility, mnemonic, meaning) DEBUG_##id,
	DEBUG_TOPICS(X)
#undef X
	    DEBUG_TOPIC_MAX
};

struct debug {
	bool on[DEBUG_TOPIC_MAX];
	unsigned said[DEBUG_TOPIC_MAX]; /* in the second that began at */
	uint64_t second_ns[DEBUG_TOPIC_MAX];
	uint64_t unsaid[DEBUG_TOPIC_MAX];
};

/* Whether it is worth while to find out what to say. */
static inline bool
debug_on(const struct chs *chs, enum debug_topic topic)
{
	return chs->debug != NULL && chs->debug->on[topic];
}

/* Never a secret, never payload. */
void debug_say(struct chs *chs, enum debug_topic topic, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A packet, of which n octets from its IP header on are at hand. */
void debug_packet(struct chs *chs, enum debug_topic topic, const char *what,
		  const struct pkt *p, const uint8_t *ip, unsigned n);

/* A request: {"topic": words or "all", "on": bool}. */
json_t *debug_request(struct chs *chs, const json_t *rq);
/* {"debugging": [{"topic", "on", "meaning", "unsaid"}]} */
json_t *show_debugging(struct chs *chs, const json_t *args);

#endif
