/* The C face of lab/wire_pump.h for C++ tests. */
#include "pump_shim.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire_pump.h"

struct pump_shim {
	struct wire_pump *pump;
	int fd[2];
	unsigned *seen;
};

static struct shape_conf
conf_of(const struct shape_shim_conf *conf)
{
	return (struct shape_conf){.delay_ns = conf->delay_ns,
				   .jitter_ns = conf->jitter_ns,
				   .rate_bps = conf->rate_bps,
				   .queue = conf->queue,
				   .loss = conf->loss,
				   .duplication = conf->duplication,
				   .reordering = conf->reordering,
				   .corruption = conf->corruption,
				   .mtu = conf->mtu,
				   .up = !conf->down};
}

struct pump_shim *
pump_shim_new(int headers, int timed, const struct shape_shim_conf *conf)
{
	struct pump_shim *shim = calloc(1, sizeof(*shim));
	struct wire_pump_conf pump = {.timed = timed != 0};
	struct wire_link link = {.seed = {1, 2}};
	unsigned number;

	if (shim == NULL || wire_pump_new(&shim->pump, &pump) != 0)
		abort();
	for (unsigned side = 0; side < 2; side++) {
		int fd[2];

		if (wire_end_pair(fd) != 0 ||
		    wire_end_socket(&link.end[side], fd[0],
				    headers ? WIRE_FORM_LAB : WIRE_FORM_BARE) !=
			0)
			abort();
		shim->fd[side] = fd[1];
		link.conf[side] = conf_of(conf);
	}
	if (wire_pump_link(shim->pump, &link, &number) != 0 || number != 0)
		abort();
	wire_pump_start(shim->pump);
	return shim;
}

void
pump_shim_free(struct pump_shim *shim)
{
	wire_pump_free(&shim->pump);
	(void)close(shim->fd[0]);
	(void)close(shim->fd[1]);
	free(shim);
}

int
pump_shim_fd(const struct pump_shim *shim, unsigned side)
{
	return shim->fd[side];
}

int
pump_shim_run(struct pump_shim *shim, int timeout_ms)
{
	struct pollfd item = {.fd = wire_pump_fd(shim->pump), .events = POLLIN};

	if (poll(&item, 1, timeout_ms) <= 0)
		return 0;
	wire_pump_run(shim->pump);
	return 1;
}

uint64_t
pump_shim_count(const struct pump_shim *shim, unsigned side, const char *name)
{
	const struct link_counts *counts =
	    wire_pump_counts(shim->pump, 0, side);

	for (unsigned i = 0; i < LINK_COUNT_KINDS; i++) {
		if (strcmp(link_count_row[i].name, name) == 0)
			return counts->n[i];
	}
	abort();
}

void
pump_shim_node(struct pump_shim *shim, unsigned side, int up)
{
	wire_pump_node(shim->pump, 0, side, up != 0);
}

void
pump_shim_shape(struct pump_shim *shim, unsigned side,
		const struct shape_shim_conf *conf)
{
	struct shape_conf c = conf_of(conf);

	wire_pump_shape(shim->pump, 0, side, &c);
}

static void
seen(void *arg, const struct wire_seen *what)
{
	struct pump_shim *shim = arg;

	shim->seen[what->at]++;
}

void
pump_shim_tap(struct pump_shim *shim, unsigned at[2])
{
	shim->seen = at;
	wire_pump_tap(shim->pump, seen, shim);
}
