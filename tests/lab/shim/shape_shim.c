/* The C face of lab/shape.h for C++ tests. */
#include "shape_shim.h"

#include <stdlib.h>
#include <string.h>

#include "shape.h"

struct shape_shim {
	struct shape_store *store;
	struct shape *shape;
	struct link_counts counts;
};

void
shape_shim_set(struct shape_shim *shim, const struct shape_shim_conf *conf)
{
	struct shape_conf c = {.delay_ns = conf->delay_ns,
			       .jitter_ns = conf->jitter_ns,
			       .rate_bps = conf->rate_bps,
			       .queue = conf->queue,
			       .loss = conf->loss,
			       .duplication = conf->duplication,
			       .reordering = conf->reordering,
			       .corruption = conf->corruption,
			       .mtu = conf->mtu,
			       .up = !conf->down};

	shape_set(shim->shape, &c);
}

struct shape_shim *
shape_shim_new(uint64_t seed, const struct shape_shim_conf *conf)
{
	struct shape_shim *shim = calloc(1, sizeof(*shim));

	if (shim == NULL || shape_store_new(&shim->store) != 0 ||
	    shape_new(&shim->shape, shim->store, seed, &shim->counts) != 0)
		abort();
	shape_shim_set(shim, conf);
	return shim;
}

void
shape_shim_free(struct shape_shim *shim)
{
	shape_free(&shim->shape);
	shape_store_free(&shim->store);
	free(shim);
}

int
shape_shim_is_clear(const struct shape_shim *shim)
{
	return shape_is_clear(shim->shape);
}

void
shape_shim_push(struct shape_shim *shim, uint64_t time_ns, const uint8_t *data,
		uint32_t octets, uint64_t trace)
{
	struct shape_frame f = {time_ns, trace, data, octets};

	(void)shape_push(shim->shape, &f);
}

uint64_t
shape_shim_next(const struct shape_shim *shim)
{
	return shape_next_ns(shim->shape);
}

uint32_t
shape_shim_take(struct shape_shim *shim, uint64_t now_ns, uint8_t *data,
		uint64_t *time_ns, uint64_t *trace)
{
	struct shape_frame f;

	if (shape_take(shim->shape, now_ns, &f, 1) == 0)
		return 0;
	memcpy(data, f.data, f.octets);
	*time_ns = f.time_ns;
	*trace = f.trace;
	return f.octets;
}

uint64_t
shape_shim_count(const struct shape_shim *shim, const char *name)
{
	for (unsigned i = 0; i < LINK_COUNT_KINDS; i++) {
		if (strcmp(link_count_row[i].name, name) == 0)
			return shim->counts.n[i];
	}
	abort();
}
