/*
 * Topology files: whatever the octets, a topology or faults, never both, and
 * every text of a fault ends within its room.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "topology.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct topology_faults faults = {0};
	struct topology *t = NULL;
	unsigned side;
	int err = topology_read(&t, "/t.yaml", data, size, &faults);

	if ((err == 0) != (t != NULL) || (err == 0 && faults.found > 0) ||
	    (err == -EINVAL && faults.found == 0))
		abort();
	for (unsigned i = 0; i < faults.n; i++) {
		if (memchr(faults.list[i].text, '\0', TOPOLOGY_TEXT_MAX) ==
		    NULL)
			abort();
	}
	for (unsigned i = 0; t != NULL && i < t->nlinks; i++) {
		if (topology_find_end(t, t->link[i].end[1].text, &side) < 0)
			abort();
	}
	topology_faults_fini(&faults);
	topology_free(&t);
	return 0;
}
