/*
 * Reading ahead on a card. Called by lc_ctl.c (to fill) and lc_in.c (to admit);
 * it decides which port reads next and which port's frame is admitted next, and
 * never looks into a frame.
 */
#include "ahead.h"

#include <errno.h>

/* A port that is behind reads at least so many, where there is much room. */
#define AHEAD_STEP 8
/*
 * Octets of frames that wait on the card, give or take a step: what is ahead,
 * the open rounds and what is being written stay in a processor's caches.
 */
#define AHEAD_OCTETS (UINT32_C(768) << 10)

void
ahead_add(struct ahead *ahead, struct port *port)
{
	unsigned i = ahead->n;

	for (unsigned k = 0; k < ahead->n; k++) {
		if (ahead->port[k] == port)
			return;
	}
	for (; i > 0 && ahead->port[i - 1]->number > port->number; i--)
		ahead->port[i] = ahead->port[i - 1];
	ahead->port[i] = port;
	ahead->n++;
}

/*
 * The port that is furthest behind among those that have not ended, NULL: none;
 * *other_ns: the clock of the next behind it.
 */
static struct port *
ahead_behind(const struct ahead *ahead, uint64_t *other_ns)
{
	struct port *least = NULL;

	*other_ns = PORT_NO_TIME;
	for (unsigned i = 0; i < ahead->n; i++) {
		struct port *port = ahead->port[i];

		if (port->in == NULL || port->at_end)
			continue;
		if (least != NULL && port->clock_ns >= least->clock_ns) {
			if (port->clock_ns < *other_ns)
				*other_ns = port->clock_ns;
			continue;
		}
		if (least != NULL)
			*other_ns = least->clock_ns;
		least = port;
	}
	return least;
}

/*
 * Reads until the port's clock has passed until_ns or so many frames, or
 * octets, are staged more: how many it read, 0: no buffer is left, or -ENOMEM.
 */
static int
ahead_read(struct port *port, struct pkt_pool *pool, const struct pkt_mem *mem,
	   unsigned most, uint32_t octets, unsigned step, uint64_t until_ns)
{
	unsigned before = port->staged;
	uint32_t octets_before = port->octets;
	unsigned staged;

	do {
		unsigned left = most - (port->staged - before);
		int rc;

		staged = port->staged;
		rc = port_fill(port, pool, mem,
			       staged + (left < step ? left : step));
		if (rc < 0)
			return rc;
	} while (port->staged != staged && port->staged - before < most &&
		 port->octets - octets_before < octets &&
		 port->clock_ns <= until_ns);
	return (int)(port->staged - before);
}

int
ahead_fill(const struct ahead *ahead, struct pkt_pool *pool,
	   const struct pkt_mem *mem, unsigned room)
{
	unsigned staged = 0;
	unsigned step = AHEAD_STEP;
	uint32_t octets = 0;
	struct port *port;
	uint64_t other_ns;

	for (unsigned i = 0; i < ahead->n; i++) {
		staged += ahead->port[i]->staged;
		octets += ahead->port[i]->octets;
	}
	if (room < ahead->n * AHEAD_STEP)
		step = 1;
	while (staged < room && octets < AHEAD_OCTETS &&
	       (port = ahead_behind(ahead, &other_ns)) != NULL) {
		uint32_t before = port->octets;
		int got = ahead_read(port, pool, mem, room - staged,
				     AHEAD_OCTETS - octets, step, other_ns);

		if (got < 0)
			return got;
		if (got == 0 && !port->at_end)
			break;
		staged += (unsigned)got;
		octets += port->octets - before;
	}
	for (unsigned i = 0; i < ahead->n; i++) {
		if (ahead->port[i]->staged == 0 &&
		    port_fill(ahead->port[i], pool, mem, 1) < 0)
			return -ENOMEM;
	}
	return 0;
}

struct port *
ahead_next(const struct ahead *ahead, uint64_t until_ns, uint64_t *last_ns)
{
	struct port *next = NULL;
	uint64_t next_ns = PORT_NO_TIME;

	*last_ns = until_ns;
	for (unsigned i = 0; i < ahead->n; i++) {
		struct port *port = ahead->port[i];
		uint64_t ns = port_next_ns(port);

		if (port->staged == 0 || ns > until_ns)
			continue;
		if (next != NULL && ns >= next_ns) {
			if (ns < *last_ns)
				*last_ns = ns;
			continue;
		}
		/* The former is behind from here on, also where they tie. */
		if (next != NULL)
			*last_ns = next_ns - 1;
		next = port;
		next_ns = ns;
	}
	return next;
}
