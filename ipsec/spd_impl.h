/* What spd.c and spd_selector.c share; nobody else. */
#ifndef SPD_IMPL_H
#define SPD_IMPL_H

#include "be.h"
#include "spd.h"

/* A number of 128 bits: an address, or in its low half a field's number. */
struct spd_value {
	uint64_t hi;
	uint64_t lo;
};

struct spd_value spd_value_octets(const uint8_t octets[16]);

#endif
