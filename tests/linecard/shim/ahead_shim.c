/* The C face of ahead.h for C++ tests. */
#include "ahead_shim.h"

#include <stdlib.h>

#include "ahead.h"
#include "cap_link.h"

#define OCTETS 60
#define OCTETS_MAX 9000

struct clocks {
	struct port_far far;
	uint64_t next_ns;
	uint64_t step_ns;
	unsigned left;
	uint32_t octets;
};

struct ahead_shim {
	struct ahead ahead;
	struct port port[STATS_PORTS];
	struct pkt_pool pool;
	struct pkt_mem mem;
};

static const uint8_t octets[OCTETS_MAX];

static int
clocks_read(struct port_far *far, struct cap_rec *rec)
{
	struct clocks *c = (struct clocks *)far;

	if (c->left == 0)
		return 0;
	*rec = (struct cap_rec){.time_ns = c->next_ns,
				.data = octets,
				.caplen = c->octets,
				.len = c->octets,
				.link = CAP_LINK_ETHERNET};
	c->left--;
	c->next_ns += c->step_ns;
	return 1;
}

static int
clocks_close(struct port_far *far)
{
	free(far);
	return 0;
}

static const struct port_far_ops clocks_ops = {
    .read = clocks_read,
    .close = clocks_close,
};

struct ahead_shim *
ahead_shim_new(unsigned buffers)
{
	struct ahead_shim *shim = calloc(1, sizeof(*shim));

	if (shim == NULL)
		abort();
	shim->mem.count[0] = buffers;
	shim->mem.base[0] = malloc((size_t)buffers * PKT_BUF_OCTETS);
	if (shim->mem.base[0] == NULL ||
	    pkt_pool_init(&shim->pool, 0, buffers) < 0)
		abort();
	return shim;
}

void
ahead_shim_free(struct ahead_shim *shim)
{
	for (unsigned i = 0; i < STATS_PORTS; i++)
		port_fini(&shim->port[i]);
	pkt_pool_fini(&shim->pool);
	free(shim->mem.base[0]);
	free(shim);
}

void
ahead_shim_port(struct ahead_shim *shim, unsigned number, uint64_t first_ns,
		uint64_t step_ns, unsigned n)
{
	struct clocks *c = malloc(sizeof(*c));

	if (c == NULL)
		abort();
	*c = (struct clocks){.far.ops = &clocks_ops,
			     .next_ns = first_ns,
			     .step_ns = step_ns,
			     .left = n,
			     .octets = OCTETS};
	port_receive(&shim->port[number], &c->far, 9, (uint8_t)number, false);
	ahead_add(&shim->ahead, &shim->port[number]);
}

void
ahead_shim_jumbo(struct ahead_shim *shim, unsigned number)
{
	((struct clocks *)shim->port[number].in)->octets = OCTETS_MAX;
}

int
ahead_shim_fill(struct ahead_shim *shim, unsigned room)
{
	return ahead_fill(&shim->ahead, &shim->pool, &shim->mem, room);
}

unsigned
ahead_shim_staged(const struct ahead_shim *shim, unsigned number)
{
	return shim->port[number].staged;
}

unsigned
ahead_shim_free_buffers(const struct ahead_shim *shim)
{
	return shim->pool.nfree;
}

uint64_t
ahead_shim_limit_ns(const struct ahead_shim *shim)
{
	uint64_t limit = PORT_NO_TIME;

	for (unsigned i = 0; i < shim->ahead.n; i++) {
		uint64_t ns = port_limit_ns(shim->ahead.port[i]);

		limit = ns < limit ? ns : limit;
	}
	return limit;
}

unsigned
ahead_shim_admit(struct ahead_shim *shim, uint64_t until_ns,
		 struct ahead_shim_frame *frame, unsigned most)
{
	struct port_staged *s;
	struct port *port;
	uint64_t last_ns;
	unsigned n = 0;

	while ((port = ahead_next(&shim->ahead, until_ns, &last_ns)) != NULL) {
		while (n < most && (s = port_first(port)) != NULL &&
		       s->pkt.order_ns <= last_ns) {
			frame[n++] = (struct ahead_shim_frame){
			    .port = port->number, .order_ns = s->pkt.order_ns};
			pkt_free(&shim->pool, &s->pkt);
			port_shift(port);
		}
		if (n == most)
			break;
	}
	return n;
}
