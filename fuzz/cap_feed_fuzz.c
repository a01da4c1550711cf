/*
 * Messages of feeds come over a socket: what is taken lies inside the message,
 * and nothing else is.
 */
#include <stdint.h>
#include <stdlib.h>

#include "cap_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cap_feed_msg msg;

	if (cap_feed_take(data, size, &msg) != 0)
		return 0;
	if (msg.data != data + sizeof(struct cap_feed_hdr) ||
	    sizeof(struct cap_feed_hdr) + msg.octets != size)
		abort();
	return 0;
}
