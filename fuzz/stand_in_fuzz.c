/*
 * Frames that a router sends to a capture node: whatever they are, an answer
 * fits, goes back to where the question came from, and is no question itself.
 */
#include <stdlib.h>
#include <string.h>

#include "stand_in.h"
#include "wire_hdr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t reply[STAND_IN_MAX];
	uint8_t again[STAND_IN_MAX];
	uint32_t octets;
	uint32_t more;
	bool question;

	if (size > WIRE_FRAME_MAX)
		return 0;
	question = stand_in_answer(data, (uint32_t)size, reply, &octets);
	if (octets > sizeof(reply) || (!question && octets != 0))
		abort();
	if (octets == 0)
		return 0;
	(void)stand_in_answer(reply, octets, again, &more);
	if (more != 0)
		abort();
	return 0;
}
