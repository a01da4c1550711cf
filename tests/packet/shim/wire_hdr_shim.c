/* The C face of packet/wire_hdr.h for C++ tests. */
#include "wire_hdr_shim.h"

#include "wire_hdr.h"

void
wire_shim_put(uint8_t *to, const struct wire_shim_msg *msg)
{
	struct wire_msg m = {.kind = (enum wire_kind)msg->kind,
			     .flags = (uint8_t)msg->flags,
			     .trace = msg->trace,
			     .time_ns = msg->time_ns};
	struct wire_hdr hdr;

	wire_hdr_put(&hdr, &m);
	memcpy(to, &hdr, sizeof(hdr));
}

int
wire_shim_take(const uint8_t *message, size_t octets, struct wire_shim_msg *msg)
{
	struct wire_msg m;
	int rc = wire_hdr_take(message, octets, &m);

	if (rc == 0)
		*msg = (struct wire_shim_msg){.kind = (int)m.kind,
					      .flags = m.flags,
					      .trace = m.trace,
					      .time_ns = m.time_ns,
					      .at = (size_t)(m.frame - message),
					      .octets = m.octets};
	return rc;
}
