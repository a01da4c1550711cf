/*
 * Any octets as a capture file: every record handed out must lie in memory, the
 * offset must not go back, and the answer at the end must stay.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "cap_link.h"
#include "cap_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads every octet that was handed out. */
static uint64_t
sum_of(const struct cap_rec *rec)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < rec->caplen; i++)
		sum += rec->data[i];
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cap_read *r = NULL;
	struct cap_error err;
	struct cap_rec rec;
	uint64_t offset = 0;
	int got;

	if (cap_read_open_octets(&r, data, size, "fuzz", &err) != 0)
		return 0;
	while ((got = cap_read_next(r, &rec)) > 0) {
		struct cap_l2 l2;

		if (cap_read_offset(r) <= offset ||
		    rec.caplen > CAP_READ_OCTETS_MAX)
			abort();
		offset = cap_read_offset(r);
		if (sum_of(&rec) > 255 * (uint64_t)rec.caplen)
			abort();
		if (cap_link_parse(rec.link, rec.data, rec.caplen, &l2) == 0 &&
		    l2.offset > rec.caplen)
			abort();
	}
	if (cap_read_next(r, &rec) != got || offset > size)
		abort();
	cap_read_close(&r);
	return 0;
}
