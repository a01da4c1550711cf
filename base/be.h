/*
 * Integers in wire order, as types of their own: an integer from the wire is no
 * number until it is read. The structs have no padding and no alignment, so
 * they may lie over any octets. At -O2 a read is one load and one swap.
 */
#ifndef BE_H
#define BE_H

#include <stdint.h>
#include <string.h>

struct be16 {
	uint8_t b[2];
};
struct be32 {
	uint8_t b[4];
};
struct be64 {
	uint8_t b[8];
};

/*
 * By way of memcpy() and the compiler's swap: octet by octet, compilers see
 * through the reads and not through the writes.
 */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BE_SWAP(bits, v) __builtin_bswap##bits(v)
#else
#define BE_SWAP(bits, v) (v)
#endif

static inline uint16_t
be16_get(struct be16 v)
{
	uint16_t n;

	memcpy(&n, v.b, sizeof(n));
	return BE_SWAP(16, n);
}

static inline struct be16
be16_put(uint16_t v)
{
	struct be16 wire;

	v = BE_SWAP(16, v);
	memcpy(wire.b, &v, sizeof(v));
	return wire;
}

static inline uint32_t
be32_get(struct be32 v)
{
	uint32_t n;

	memcpy(&n, v.b, sizeof(n));
	return BE_SWAP(32, n);
}

static inline struct be32
be32_put(uint32_t v)
{
	struct be32 wire;

	v = BE_SWAP(32, v);
	memcpy(wire.b, &v, sizeof(v));
	return wire;
}

static inline uint64_t
be64_get(struct be64 v)
{
	uint64_t n;

	memcpy(&n, v.b, sizeof(n));
	return BE_SWAP(64, n);
}

static inline struct be64
be64_put(uint64_t v)
{
	struct be64 wire;

	v = BE_SWAP(64, v);
	memcpy(wire.b, &v, sizeof(v));
	return wire;
}

#endif
