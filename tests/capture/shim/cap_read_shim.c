/* A reader and the sentence of its opening in one. */
#include "cap_read_shim.h"

#include <stdlib.h>

#include "cap_read.h"

struct cap_read_shim {
	struct cap_read *r;
	struct cap_error error;
};

struct cap_read_shim *
cap_read_shim_open(const char *path, int any, int *error)
{
	struct cap_read_shim *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	*error = any ? cap_read_open_any(&s->r, path, &s->error)
		     : cap_read_open(&s->r, path, &s->error);
	return s;
}

struct cap_read_shim *
cap_read_shim_octets(const void *octets, size_t len, int *error)
{
	struct cap_read_shim *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	*error = cap_read_open_octets(&s->r, octets, len, "memory", &s->error);
	return s;
}

int
cap_read_shim_next(struct cap_read_shim *s, struct shim_rec *rec)
{
	struct cap_rec got;
	int answer = cap_read_next(s->r, &got);

	if (answer == 1)
		*rec = (struct shim_rec){got.time_ns, got.data,  got.caplen,
					 got.len,     got.iface, got.link};
	return answer;
}

const char *
cap_read_shim_error(const struct cap_read_shim *s)
{
	return s->r != NULL ? cap_read_error(s->r) : s->error.text;
}

uint64_t
cap_read_shim_offset(const struct cap_read_shim *s)
{
	return cap_read_offset(s->r);
}

void
cap_read_shim_close(struct cap_read_shim *s)
{
	cap_read_close(&s->r);
	free(s);
}
