/*
 * A backplane frame as a neighbour may send it: what is taken lies in bounds.
 */
#include <stdlib.h>
#include <string.h>

#include "bp_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct bp_frame *frame, const struct pkt_vec *v,
      const uint8_t *octets, size_t size)
{
	size_t total = 0;

	if (v->n < 1 || v->n > PKT_VEC_MAX)
		abort();
	for (unsigned i = 0; i < v->n; i++) {
		if ((size_t)v->pkt[i].off + v->pkt[i].len > PKT_BUF_OCTETS)
			abort();
		total += v->pkt[i].len;
	}
	if (total != frame->octets_total)
		abort();
	if (frame->by_value && frame->octets + total != octets + size)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pkt_vec *v = malloc(sizeof(*v));
	uint8_t *octets = malloc(size > 0 ? size : 1);
	struct bp_frame frame;

	if (v != NULL && octets != NULL) {
		if (size > 0)
			memcpy(octets, data, size);
		if (bp_frame_read(octets, size, &frame, v) == 0)
			check(&frame, v, octets, size);
		if (bp_frame_span(octets, size) > size)
			abort();
		if (bp_frame_claims(octets, size) > PKT_VEC_MAX)
			abort();
	}
	free(octets);
	free(v);
	return 0;
}
