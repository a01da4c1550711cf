/* A packet from its version on: its selectors are read, and must be true. */
#include <stdlib.h>
#include <string.h>

#include "ip_flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fuzz_check(const struct ip_flow *f, size_t size)
{
	static const struct ip_flow none;

	if (f->family != 4 && f->family != 6)
		abort();
	if (f->payload > size || f->payload < (f->family == 4 ? 20 : 40))
		abort();
	if ((f->flags & IP_FLOW_PORTS) != 0 &&
	    (!ip_flow_has_ports(f->protocol) || size - f->payload < 4U))
		abort();
	if ((f->flags & IP_FLOW_LATER) != 0 &&
	    (f->flags & (IP_FLOW_PORTS | IP_FLOW_TYPE | IP_FLOW_TCP_FLAGS)) !=
		0)
		abort();
	if (f->family == 4 && memcmp(f->src + 4, none.src, 12) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ip_flow flow;
	struct ip_flow back;

	if (size > UINT16_MAX ||
	    ip_flow_parse(data, (unsigned)size, &flow) != 0)
		return 0;
	fuzz_check(&flow, size);
	if (ip_flow_quoted(data, (unsigned)size, &flow, &back))
		fuzz_check(&back, size);
	return 0;
}
