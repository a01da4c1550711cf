/* Two octets of link type, then a packet; the packet ends where memory ends. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cap_link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cap_l2 l2;
	uint8_t *packet;
	uint16_t link;
	size_t n;

	if (size < 2)
		return 0;
	link = (uint16_t)(data[0] << 8 | data[1]);
	n = size - 2;
	packet = malloc(n > 0 ? n : 1);
	if (packet == NULL)
		return 0;
	if (n > 0)
		memcpy(packet, data + 2, n);
	if (cap_link_parse(link, packet, (uint32_t)n, &l2) == 0 &&
	    (l2.offset > n || l2.tags > 2 ||
	     (l2.dst != NULL && l2.dst != packet)))
		abort();
	free(packet);
	return 0;
}
