/*
 * Lines in, framed answers out. Called by shell.c when a client asked for it;
 * runs lines by the same exec_line() as a person's.
 */
#include "shell_batch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec.h"

#define TOO_LONG "% The line is too long\n"

/* Grows; the memory is libc's (open_memstream). */
static int
collect_line(void *arg, const char *text, size_t n)
{
	FILE *file = arg;

	if (fwrite(text, 1, n, file) != n || fputc('\n', file) == EOF)
		return -ENOMEM;
	return 0;
}

static int
answer_send(struct shell *sh, int status, const char *text, size_t n)
{
	char head[48];

	(void)snprintf(head, sizeof(head), "%d %zu\n", status, n);
	if (shell_write(sh, head, strlen(head)) != 0)
		return -ECONNRESET;
	return shell_write(sh, text, n);
}

static int
answer_line(struct shell *sh, const char *line)
{
	char *text = NULL;
	size_t n = 0;
	FILE *file = open_memstream(&text, &n);
	struct out_sink sink = {.line = collect_line, .arg = file};
	int rc;

	if (file == NULL)
		return -ENOMEM;
	rc = exec_line(sh, line, 0, &sink);
	if (fclose(file) != 0)
		rc = -ENOMEM;
	rc = answer_send(sh, rc == 0 ? 0 : 1, text != NULL ? text : "",
			 text != NULL ? n : 0);
	free(text);
	return rc;
}

/* Runs the whole lines of buf; how many octets they were, or negative. */
static ssize_t
run_lines(struct shell *sh, char *buf, size_t n)
{
	char *start = buf;
	char *end;

	while ((end = memchr(start, '\n', n - (size_t)(start - buf))) != NULL) {
		*end = 0;
		if (end > start && end[-1] == '\r')
			end[-1] = 0;
		if (answer_line(sh, start) != 0 || sh->quit)
			return -ECONNRESET;
		start = end + 1;
		if (start == buf + n)
			break;
	}
	return start - buf;
}

void
shell_batch(struct shell *sh)
{
	static const char raw[] = {PROXY_RAW};
	char *buf = malloc(SYNTAX_LINE_MAX + 2);
	size_t n = 0;
	ssize_t got;
	ssize_t ran;

	sh->batch = true;
	if (buf == NULL || shell_write(sh, raw, 1) != 0)
		goto out;
	for (;;) {
		got = read(sh->fd, buf + n, SYNTAX_LINE_MAX + 1 - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
		ran = run_lines(sh, buf, n);
		if (ran < 0)
			break;
		n -= (size_t)ran;
		memmove(buf, buf + ran, n);
		if (n == SYNTAX_LINE_MAX + 1) {
			(void)answer_send(sh, 1, TOO_LONG, strlen(TOO_LONG));
			break;
		}
	}
out:
	free(buf);
}
