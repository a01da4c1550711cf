/*
 * Fills in the SmartEdge header. Called by capture points inside the machine;
 * what it writes is what the redback dissector of Wireshark reads.
 */
#include "redback.h"

#define LENGTH_MAX 65535U

void
redback_write(struct redback_hdr *hdr, uint32_t context, uint64_t circuit,
	      uint32_t octets, enum redback_protocol protocol,
	      unsigned l2_octets)
{
	const uint16_t own = sizeof(*hdr);
	uint32_t length = octets > LENGTH_MAX - own ? LENGTH_MAX : octets + own;

	*hdr = (struct redback_hdr){
	    .context = be32_put(context),
	    .circuit = be64_put(circuit),
	    .length = be16_put((uint16_t)length),
	    .protocol = be16_put((uint16_t)protocol),
	    .data_offset = be16_put(own),
	    .l3_offset = be16_put((uint16_t)(own + l2_octets)),
	};
}
