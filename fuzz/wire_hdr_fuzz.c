/*
 * Messages on a lab's wire: what is taken has a frame that lies inside the
 * message, and says the same when it is written and taken again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire_hdr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t message[WIRE_MESSAGE_MAX];
	struct wire_hdr hdr;
	struct wire_msg msg;
	struct wire_msg again;

	if (size > WIRE_FRAME_MAX || wire_hdr_take(data, size, &msg) != 0)
		return 0;
	if (msg.frame < data + sizeof(hdr) ||
	    msg.frame + msg.octets != data + size)
		abort();
	wire_hdr_put(&hdr, &msg);
	memcpy(message, &hdr, sizeof(hdr));
	if (msg.octets != 0)
		memcpy(message + sizeof(hdr), msg.frame, msg.octets);
	if (wire_hdr_take(message, sizeof(hdr) + msg.octets, &again) != 0 ||
	    again.kind != msg.kind || again.flags != msg.flags ||
	    again.trace != msg.trace || again.time_ns != msg.time_ns ||
	    again.octets != msg.octets)
		abort();
	return 0;
}
