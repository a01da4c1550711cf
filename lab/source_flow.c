/* Flows as a source of frames: the one whose packet is due first is next, of
 * several the first in the list. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"

struct source_flow {
	struct source source;
	unsigned n;
	struct flow flow[];
};

static unsigned
first(const struct source_flow *s)
{
	unsigned at = 0;

	for (unsigned i = 1; i < s->n; i++) {
		if (flow_next_ns(&s->flow[i]) < flow_next_ns(&s->flow[at]))
			at = i;
	}
	return at;
}

static uint64_t
flows_next(const struct source *source)
{
	const struct source_flow *s = (const void *)source;

	return s->n == 0 ? SOURCE_NEVER : flow_next_ns(&s->flow[first(s)]);
}

static uint32_t
flows_take(struct source *source, uint8_t *frame)
{
	struct source_flow *s = (void *)source;

	return flow_take(&s->flow[first(s)], frame);
}

static void
flows_close(struct source *source)
{
	free(source);
}

static const struct source_ops flow_ops = {
    .next_ns = flows_next, .take = flows_take, .close = flows_close};

int
source_flows(struct source **source, const struct flow *flow, unsigned n)
{
	struct source_flow *s = calloc(1, sizeof(*s) + n * sizeof(*flow));

	if (s == NULL)
		return -ENOMEM;
	s->source.ops = &flow_ops;
	s->n = n;
	memcpy(s->flow, flow, n * sizeof(*flow));
	*source = &s->source;
	return 0;
}
