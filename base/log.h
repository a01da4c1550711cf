/*
 * One line per event: module, event, key=value. Error: someone must act. Warn:
 * we coped. Info: state changed. Debug: the rest, the only level per packet.
 * Never keys, salts or payload. Lines go to standard error, with the process's
 * name; a line that repeats is held back and counted.
 */
#ifndef LOG_H
#define LOG_H

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/*
 * name: of the process ("1/ippa"); borrowed for good. Call before any thread.
 */
void log_init(const char *name, enum log_level level);

/* "error", "warn", "info" or "debug"; -EINVAL for another word. */
int log_level_parse(const char *word, enum log_level *level);

/* For the threads of one process that play several: the name of this thread. */
void log_name(const char *name);

void log_line(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
