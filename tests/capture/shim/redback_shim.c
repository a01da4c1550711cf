/* The struct as octets. */
#include "redback_shim.h"

#include <string.h>

#include "redback.h"

void
redback_shim(uint32_t context, uint64_t circuit, uint32_t octets,
	     unsigned protocol, unsigned l2_octets, uint8_t wire[24])
{
	struct redback_hdr hdr;

	redback_write(&hdr, context, circuit, octets,
		      (enum redback_protocol)protocol, l2_octets);
	memcpy(wire, &hdr, sizeof(hdr));
}
