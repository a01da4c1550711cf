/*
 * A ring of lines. Called wherever the chassis decides something that an
 * operator would want to read of; reads nothing but the configuration.
 */
#include "events.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "running.h"

#define PATH_OCTETS 512
#define LINE_OCTETS (EVENT_TEXT_MAX + 96)

struct event {
	uint64_t seq;
	uint64_t time_ns; /* of the wall clock */
	uint8_t severity; /* enum event_severity */
	const char *facility;
	const char *mnemonic;
	char text[EVENT_TEXT_MAX];
};

struct events {
	struct event ring[EVENTS_MAX];
	uint64_t last;  /* number of the newest, from 1 */
	uint64_t first; /* of the oldest that is not cleared */
};

struct events *
events_new(void)
{
	struct events *events = calloc(1, sizeof(*events));

	if (events != NULL)
		events->first = 1;
	return events;
}

void
events_free(struct events **events)
{
	free(*events);
	*events = NULL;
}

void
events_clear(struct events *events)
{
	events->first = events->last + 1;
}

/* "Aug 22 11:46:14: %AAA-6-LOGIN: text" (reference, section 2.9). */
static void
line_of(const struct event *e, char line[LINE_OCTETS])
{
	time_t at = (time_t)(e->time_ns / CLOCK_SECOND_NS);
	char when[32] = "";
	struct tm tm;

	if (localtime_r(&at, &tm) != NULL)
		(void)strftime(when, sizeof(when), "%b %e %H:%M:%S", &tm);
	(void)snprintf(line, LINE_OCTETS, "%s: %%%s-%u-%s: %s", when,
		       e->facility, e->severity, e->mnemonic, e->text);
}

static void
to_file(const struct chs *chs, const char *name, const char *line)
{
	char path[PATH_OCTETS];
	int n = snprintf(path, sizeof(path), "%s/flash", chs->args->run_dir);
	int fd;

	if (n < 0 || n >= (int)sizeof(path) || strchr(name, '/') != NULL ||
	    name[0] == '.')
		return;
	(void)mkdir(path, 0700);
	n = snprintf(path, sizeof(path), "%s/flash/%s", chs->args->run_dir,
		     name);
	if (n < 0 || n >= (int)sizeof(path))
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	if (fd < 0)
		return;
	(void)dprintf(fd, "%s\n", line);
	(void)close(fd);
}

/* To where the configuration wants it besides. */
static void
send_on(const struct chs *chs, const struct event *e)
{
	const struct cfg_obj *root;
	char line[LINE_OCTETS];
	const char *file;

	if (chs->running == NULL || running_tables(chs->running) == NULL)
		return;
	root = cfg_root(running_tree(chs->running));
	file = cfg_str(root, CFG_ROOT_LOGGING_FILE);
	line_of(e, line);
	if (file != NULL)
		to_file(chs, file, line);
	if (cfg_bool(root, CFG_ROOT_LOGGING_SYSLOG))
		syslog(LOG_LOCAL0 | e->severity, "%s: %%%s-%u-%s: %s",
		       cfg_str(root, CFG_ROOT_HOSTNAME), e->facility,
		       e->severity, e->mnemonic, e->text);
}

void
event_add(struct chs *chs, enum event_severity severity, const char *facility,
	  const char *mnemonic, const char *format, ...)
{
	struct events *events = chs->events;
	struct event *e;
	va_list ap;

	if (events == NULL || chs->args->replay)
		return;
	events->last++;
	if (events->last - events->first >= EVENTS_MAX)
		events->first = events->last - EVENTS_MAX + 1;
	e = &events->ring[events->last % EVENTS_MAX];
	*e = (struct event){.seq = events->last,
			    .time_ns = clock_wall(),
			    .severity = (uint8_t)severity,
			    .facility = facility,
			    .mnemonic = mnemonic};
	va_start(ap, format);
	(void)vsnprintf(e->text, sizeof(e->text), format, ap);
	va_end(ap);
	send_on(chs, e);
}

json_t *
events_json(const struct events *events, uint64_t since)
{
	uint64_t seq = since + 1 > events->first ? since + 1 : events->first;
	json_t *list = json_array();
	char line[LINE_OCTETS];

	for (; seq <= events->last; seq++) {
		const struct event *e = &events->ring[seq % EVENTS_MAX];

		line_of(e, line);
		(void)json_array_append_new(
		    list, json_pack("{s:I, s:I, s:i, s:s, s:s, s:s, s:s}",
				    "seq", (json_int_t)e->seq, "time",
				    (json_int_t)(e->time_ns / CLOCK_SECOND_NS),
				    "severity", (int)e->severity, "facility",
				    e->facility, "mnemonic", e->mnemonic,
				    "text", e->text, "line", line));
	}
	return json_pack("{s:o, s:I}", "events", list, "last",
			 (json_int_t)events->last);
}
