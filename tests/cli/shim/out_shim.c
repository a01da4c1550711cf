/* Output for C++ tests: the sink is a text that grows. */
#include "out_shim.h"

#include <stdio.h>
#include <stdlib.h>

#include "out.h"

struct out_shim {
	struct out *out;
	FILE *file;
	char *text;
	size_t octets;
	char why[OUT_WHY_MAX];
	char saved[256];
};

static int
keep(void *arg, const char *text, size_t n)
{
	struct out_shim *s = arg;

	return fwrite(text, 1, n, s->file) != n || fputc('\n', s->file) == EOF;
}

struct out_shim *
out_shim_new(void)
{
	struct out_shim *s = calloc(1, sizeof(*s));
	struct out_sink sink = {.line = keep, .arg = s};

	if (s == NULL)
		return NULL;
	s->file = open_memstream(&s->text, &s->octets);
	s->out = out_new(&sink);
	return s;
}

void
out_shim_free(struct out_shim *s)
{
	out_free(&s->out);
	(void)fclose(s->file);
	free(s->text);
	free(s);
}

int
out_shim_pipes(struct out_shim *s, const char *pipes)
{
	return out_pipes(s->out, pipes, s->why);
}

const char *
out_shim_why(const struct out_shim *s)
{
	return s->why;
}

void
out_shim_line(struct out_shim *s, const char *text)
{
	out_line(s->out, "%s", text);
}

void
out_shim_error(struct out_shim *s, const char *text)
{
	out_error(s->out, "%s", text);
}

int
out_shim_is_json(const struct out_shim *s)
{
	return out_is_json(s->out);
}

int
out_shim_failed(const struct out_shim *s)
{
	return out_failed(s->out);
}

const char *
out_shim_end(struct out_shim *s)
{
	out_end(s->out);
	(void)fflush(s->file);
	return s->text;
}

const char *
out_shim_saved(struct out_shim *s)
{
	const char *text;
	const char *name = out_saved(s->out, &text);

	s->saved[0] = 0;
	if (name != NULL)
		(void)snprintf(s->saved, sizeof(s->saved), "%s:%s", name, text);
	return s->saved;
}
