/*
 * Reads and writes the header of a lab's wires. The other end is a process of
 * the same lab, but a mad one may send anything: a message that is not exactly
 * of this form is refused, and the caller counts it. Called by
 * linecard/port_wire.c and by the keeper's ends (lab/).
 */
#include "wire_hdr.h"

#include <errno.h>
#include <string.h>

void
wire_hdr_put(struct wire_hdr *hdr, const struct wire_msg *msg)
{
	*hdr = (struct wire_hdr){.magic = be16_put(WIRE_MAGIC),
				 .version = WIRE_VERSION,
				 .octets = sizeof(*hdr),
				 .kind = (uint8_t)msg->kind,
				 .flags = msg->flags,
				 .trace = be64_put(msg->trace),
				 .time_ns = be64_put(msg->time_ns)};
}

int
wire_hdr_take(const uint8_t *message, size_t octets, struct wire_msg *msg)
{
	struct wire_hdr hdr;

	if (octets < sizeof(hdr))
		return -EBADMSG;
	memcpy(&hdr, message, sizeof(hdr));
	if (be16_get(hdr.magic) != WIRE_MAGIC || hdr.version != WIRE_VERSION ||
	    hdr.octets < sizeof(hdr) || hdr.octets > octets ||
	    (hdr.flags & ~(WIRE_F_TIMED | WIRE_F_TO_PORT)) != 0 ||
	    be16_get(hdr.reserved) != 0 ||
	    be64_get(hdr.time_ns) > WIRE_TIME_MAX_NS)
		return -EBADMSG;
	octets -= hdr.octets;
	if (hdr.kind == WIRE_FRAME ? octets == 0
				   : hdr.kind != WIRE_HORIZON || octets != 0)
		return -EBADMSG;
	*msg = (struct wire_msg){.kind = (enum wire_kind)hdr.kind,
				 .flags = hdr.flags,
				 .trace = be64_get(hdr.trace),
				 .time_ns = be64_get(hdr.time_ns),
				 .frame = message + hdr.octets,
				 .octets = octets};
	return 0;
}
