/*
 * What happened to the router, for people: the SmartEdge's log. The newest
 * EVENTS_MAX lines are kept; each may also go to syslog and to a file of
 * /flash, as the configuration says. Counts of packets that an ASP refused
 * become lines here, at most one for an SA and reason in five seconds.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include <jansson.h>

#include "chs.h"

#define EVENTS_MAX 2048
#define EVENT_TEXT_MAX 240

/* As syslog's (RFC 5424 section 6.2.1). */
enum event_severity {
	EVENT_CRITICAL = 2,
	EVENT_ERROR = 3,
	EVENT_WARNING = 4,
	EVENT_NOTICE = 5,
	EVENT_INFO = 6,
	EVENT_DEBUG = 7
};

struct events;

/* NULL without memory. */
struct events *events_new(void);
/* Accepts NULL, leaves NULL. */
void events_free(struct events **events);

/*
 * One line, %FACILITY-severity-MNEMONIC: text. facility and mnemonic are
 * constants of the program. Never a secret.
 */
void event_add(struct chs *chs, enum event_severity severity,
	       const char *facility, const char *mnemonic, const char *format,
	       ...) __attribute__((format(printf, 5, 6)));

/*
 * {"events": [{"seq", "time", "severity", "facility", "mnemonic", "text",
 * "line"}], "last": N}: those numbered above since.
 */
json_t *events_json(const struct events *events, uint64_t since);
/* Forgets all of them; numbers go on. */
void events_clear(struct events *events);

/* events_watch.c */
/* Tunnels that went up or down between two generations. */
struct tables;
void events_tunnels(struct chs *chs, const struct tables *was,
		    const struct tables *now);
/* Once in five seconds: what ASPs refused since the last time. */
void events_refused(struct chs *chs);

#endif
