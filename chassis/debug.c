/*
 * Switches and the tap. Those who know of an event ask debug_on() first, so
 * what nobody asked for costs a look at a flag.
 */
#include "debug.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "clock.h"
#include "events.h"
#include "ip_parse.h"
#include "running.h"

static const struct {
	const char *words;
	const char *facility;
	const char *mnemonic;
	const char *meaning;
} topics[DEBUG_TOPIC_MAX] = {
#define X(id, words, facility, mnemonic, meaning)                              \
	[DEBUG_##id] = {words, facility, mnemonic, meaning},
    DEBUG_TOPICS(X)
#undef X
};

/* Whether one more line may be said now. */
static bool
tap(struct debug *d, enum debug_topic topic)
{
	uint64_t now = clock_monotonic();

	if (now - d->second_ns[topic] >= CLOCK_SECOND_NS) {
		d->second_ns[topic] = now;
		d->said[topic] = 0;
	}
	if (d->said[topic] < DEBUG_RATE) {
		d->said[topic]++;
		return true;
	}
	d->unsaid[topic]++;
	return false;
}

void
debug_say(struct chs *chs, enum debug_topic topic, const char *format, ...)
{
	char text[EVENT_TEXT_MAX];
	char more[48] = "";
	va_list ap;

	if (!debug_on(chs, topic) || !tap(chs->debug, topic))
		return;
	if (chs->debug->unsaid[topic] > 0)
		(void)snprintf(more, sizeof(more), " (%lu lines unsaid)",
			       (unsigned long)chs->debug->unsaid[topic]);
	chs->debug->unsaid[topic] = 0;
	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	event_add(chs, EVENT_DEBUG, topics[topic].facility,
		  topics[topic].mnemonic, "%s%s", text, more);
}

void
debug_packet(struct chs *chs, enum debug_topic topic, const char *what,
	     const struct pkt *p, const uint8_t *ip, unsigned n)
{
	char src[INET6_ADDRSTRLEN] = "?";
	char dst[INET6_ADDRSTRLEN] = "?";
	struct ip_parsed parsed;
	char circuit[80];
	int family;

	if (!debug_on(chs, topic))
		return;
	if (ip_parse(ip, n, &parsed) != 0) {
		debug_say(chs, topic, "%s: no IP header", what);
		return;
	}
	family = parsed.family == 6 ? AF_INET6 : AF_INET;
	(void)inet_ntop(family, parsed.src, src, sizeof(src));
	(void)inet_ntop(family, parsed.dst, dst, sizeof(dst));
	(void)running_circuit_text(running_tables(chs->running), p->circuit_in,
				   circuit, sizeof(circuit));
	debug_say(chs, topic,
		  "%s: %s > %s protocol %u octets %u ttl %u from %s", what, src,
		  dst, parsed.protocol, parsed.total, parsed.ttl,
		  p->circuit_in != 0 ? circuit : "this router");
}

json_t *
debug_request(struct chs *chs, const json_t *rq)
{
	const char *words = json_string_value(json_object_get(rq, "topic"));
	bool on = json_is_true(json_object_get(rq, "on"));
	bool all = words != NULL && strcmp(words, "all") == 0;
	bool found = false;

	for (unsigned i = 0; words != NULL && i < DEBUG_TOPIC_MAX; i++) {
		if (!all && strcmp(words, topics[i].words) != 0)
			continue;
		chs->debug->on[i] = on;
		chs->debug->unsaid[i] = 0;
		found = true;
	}
	return found ? client_ok(NULL)
		     : client_error("invalid", -1, "nothing to debug of that");
}

json_t *
show_debugging(struct chs *chs, const json_t *args)
{
	json_t *list = json_array();

	(void)args;
	for (unsigned i = 0; i < DEBUG_TOPIC_MAX; i++)
		(void)json_array_append_new(
		    list,
		    json_pack("{s:s, s:b, s:s, s:I}", "topic", topics[i].words,
			      "on", (int)chs->debug->on[i], "meaning",
			      topics[i].meaning, "unsaid",
			      (json_int_t)chs->debug->unsaid[i]));
	return json_pack("{s:o}", "debugging", list);
}
