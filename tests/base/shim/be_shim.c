/* The structs laid over octets at any alignment, as parsers lay them. */
#include "be_shim.h"

#include <string.h>

#include "be.h"

void
be_shim_put16(uint16_t v, uint8_t wire[2])
{
	struct be16 b = be16_put(v);

	memcpy(wire, b.b, sizeof(b.b));
}

void
be_shim_put32(uint32_t v, uint8_t wire[4])
{
	struct be32 b = be32_put(v);

	memcpy(wire, b.b, sizeof(b.b));
}

void
be_shim_put64(uint64_t v, uint8_t wire[8])
{
	struct be64 b = be64_put(v);

	memcpy(wire, b.b, sizeof(b.b));
}

uint16_t
be_shim_get16(const uint8_t *wire)
{
	return be16_get(*(const struct be16 *)(const void *)wire);
}

uint32_t
be_shim_get32(const uint8_t *wire)
{
	return be32_get(*(const struct be32 *)(const void *)wire);
}

uint64_t
be_shim_get64(const uint8_t *wire)
{
	return be64_get(*(const struct be64 *)(const void *)wire);
}
