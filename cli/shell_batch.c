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

/* The output of a line, sent whenever so much has come together. */
#define PIECE_OCTETS 16384
#define STATUS_MORE 2 /* a piece: the answer goes on */

struct answer {
	struct shell *sh;
	size_t n;
	char text[PIECE_OCTETS];
};

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
answer_put(struct answer *a, const char *text, size_t n)
{
	while (n > 0) {
		size_t some = sizeof(a->text) - a->n;

		if (some > n)
			some = n;
		memcpy(a->text + a->n, text, some);
		a->n += some;
		text += some;
		n -= some;
		if (a->n < sizeof(a->text))
			break;
		if (answer_send(a->sh, STATUS_MORE, a->text, a->n) != 0)
			return -ECONNRESET;
		a->n = 0;
	}
	return 0;
}

static int
collect_line(void *arg, const char *text, size_t n)
{
	int rc = answer_put(arg, text, n);

	return rc != 0 ? rc : answer_put(arg, "\n", 1);
}

static int
answer_line(struct shell *sh, const char *line)
{
	struct answer *a = malloc(sizeof(*a));
	struct out_sink sink = {.line = collect_line, .arg = a};
	int rc;

	if (a == NULL)
		return -ENOMEM;
	a->sh = sh;
	a->n = 0;
	rc = exec_line(sh, line, 0, &sink);
	rc = answer_send(sh, rc == 0 ? 0 : 1, a->text, a->n);
	free(a);
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
