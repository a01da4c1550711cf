/*
 * The log: one write(2) a line, so that lines of several processes do not mix.
 * Fifty lines a second a thread are let through, the rest is counted and told
 * in the next line that is. Name and level are the only state of a process
 * outside its one struct: a log that had to be handed down would be left out.
 */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

#define LOG_LINE_OCTETS 512
#define LOG_BURST 50

/* Of the process, set once before threads; and of each thread. */
static enum log_level log_max = LOG_LEVEL_WARN;
static _Thread_local const char *log_who;
static const char *log_default_who = "sesim";
static _Thread_local uint64_t log_second;
static _Thread_local unsigned log_in_second;
static _Thread_local unsigned log_held_back;

static const char *const log_words[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARN] = "warn",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};

int
log_level_parse(const char *word, enum log_level *level)
{
	for (unsigned i = 0; i < sizeof(log_words) / sizeof(log_words[0]);
	     i++) {
		if (strcmp(log_words[i], word) == 0) {
			*level = (enum log_level)i;
			return 0;
		}
	}
	return -EINVAL;
}

void
log_init(const char *name, enum log_level level)
{
	log_default_who = name;
	log_max = level;
}

void
log_name(const char *name)
{
	log_who = name;
}

static int
log_admits(enum log_level level)
{
	uint64_t second = clock_monotonic() / CLOCK_SECOND_NS;

	if (second != log_second) {
		log_second = second;
		log_in_second = 0;
	}
	if (level == LOG_LEVEL_ERROR || log_in_second < LOG_BURST) {
		log_in_second++;
		return 1;
	}
	log_held_back++;
	return 0;
}

void
log_line(enum log_level level, const char *format, ...)
{
	char line[LOG_LINE_OCTETS];
	va_list args;
	int n;
	int m;

	if (level > log_max || !log_admits(level))
		return;
	n = snprintf(line, sizeof(line),
		     "%s: %s: ", log_who != NULL ? log_who : log_default_who,
		     log_words[level]);
	va_start(args, format);
	m = vsnprintf(line + n, sizeof(line) - (size_t)n - 40, format, args);
	va_end(args);
	if (m < 0)
		return;
	n += m < (int)sizeof(line) - n - 41 ? m : (int)sizeof(line) - n - 41;
	if (log_held_back > 0) {
		n += snprintf(line + n, 32, " held-back=%u", log_held_back);
		log_held_back = 0;
	}
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return; /* nobody is left to be told */
}
