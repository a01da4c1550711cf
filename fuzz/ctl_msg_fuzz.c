/* A control message, read by each party: what is taken ends where it ends. */
#include <stdlib.h>
#include <string.h>

#include "ctl_chan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum ctl_party parties[] = {CTL_CARD, CTL_CHASSIS,
						 CTL_CLIENT};
	uint8_t *octets = malloc(size > 0 ? size : 1);

	if (octets == NULL)
		return 0;
	if (size > 0)
		memcpy(octets, data, size);
	for (size_t i = 0; i < sizeof(parties) / sizeof(parties[0]); i++) {
		struct ctl_in in = {0};

		if (ctl_check(octets, size, parties[i], &in) != 0)
			continue;
		if (in.tail + in.tail_octets != octets + size ||
		    (const uint8_t *)in.body < octets ||
		    (const uint8_t *)in.body > in.tail ||
		    (in.tail_items == 0) != (in.tail_octets == 0) ||
		    strcmp(ctl_name(in.type), "?") == 0)
			abort();
	}
	free(octets);
	return 0;
}
