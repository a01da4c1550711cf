/*
 * Columns. A vector's packets came by one port, go one way and rest in one
 * pool: of 17 fields some five differ, so a third of the octets crosses and is
 * looked at. Nothing here knows what a field means; bp_frame.c holds what was
 * read against bounds.
 */
#include "bp_columns.h"

#include <string.h>

#define NAME(field) COLUMN_##field,
enum column { BP_COLUMNS(NAME) COLUMNS };
#undef NAME

#define BIT(field) (UINT32_C(1) << COLUMN_##field)

/* A descriptor of ours as one number, so to speak, in a few registers. */
typedef uint64_t whole __attribute__((vector_size(sizeof(struct pkt))));

static_assert(COLUMNS < 31, "bit 31 says what BP_ORDER_IS_TIME says");

uint32_t
bp_columns_varying(const struct pkt *pkts, unsigned n)
{
	whole first, other, differ = {0};
	uint64_t reordered = 0;
	uint32_t varying = 0;
	struct pkt p;

	memcpy(&first, pkts, sizeof(first));
	for (unsigned i = 1; i < n; i++) {
		memcpy(&other, &pkts[i], sizeof(other));
		differ |= other ^ first;
		reordered |= pkts[i].order_ns ^ pkts[i].time_ns;
	}
	memcpy(&p, &differ, sizeof(p));
#define DIFFERS(field) varying |= p.field != 0 ? BIT(field) : 0;
	BP_COLUMNS(DIFFERS)
#undef DIFFERS
	if ((varying & BIT(order_ns)) != 0 && reordered == 0)
		varying ^= BIT(order_ns) | BP_ORDER_IS_TIME;
	return varying;
}

bool
bp_columns_valid(uint32_t varying)
{
	uint32_t both = BIT(order_ns) | BP_ORDER_IS_TIME;

	return (varying & ~BP_ORDER_IS_TIME) < UINT32_C(1) << COLUMNS &&
	       (varying & both) != both;
}

size_t
bp_columns_octets(uint32_t varying, unsigned n)
{
	size_t octets = 0;

#define OCTETS(field)                                                          \
	octets += (varying & BIT(field)) != 0                                  \
		      ? sizeof(((struct pkt *)0)->field)                       \
		      : 0;
	BP_COLUMNS(OCTETS)
#undef OCTETS
	return octets * (n - 1);
}

bool
bp_columns_bounded(uint32_t varying)
{
	return (varying & (BIT(off) | BIT(len) | BIT(in_stage) | BIT(pool) |
			   BIT(l2))) != 0;
}

static inline void
put64(uint8_t *out, uint64_t v)
{
	struct be64 wire = be64_put(v);

	memcpy(out, &wire, sizeof(wire));
}

static inline void
put32(uint8_t *out, uint32_t v)
{
	struct be32 wire = be32_put(v);

	memcpy(out, &wire, sizeof(wire));
}

static inline void
put16(uint8_t *out, uint16_t v)
{
	struct be16 wire = be16_put(v);

	memcpy(out, &wire, sizeof(wire));
}

static inline void
put8(uint8_t *out, uint8_t v)
{
	*out = v;
}

static inline uint64_t
get64(const uint8_t *in)
{
	struct be64 wire;

	memcpy(&wire, in, sizeof(wire));
	return be64_get(wire);
}

static inline uint32_t
get32(const uint8_t *in)
{
	struct be32 wire;

	memcpy(&wire, in, sizeof(wire));
	return be32_get(wire);
}

static inline uint16_t
get16(const uint8_t *in)
{
	struct be16 wire;

	memcpy(&wire, in, sizeof(wire));
	return be16_get(wire);
}

static inline uint8_t
get8(const uint8_t *in)
{
	return *in;
}

/* By the type that the field has in a descriptor. */
#define OF_TYPE(what, field)                                                   \
	_Generic((field), uint64_t                                             \
		 : what##64, uint32_t                                          \
		 : what##32, uint16_t                                          \
		 : what##16, uint8_t                                           \
		 : what##8)

void
bp_columns_put(uint8_t *out, uint32_t varying, const struct pkt *pkts,
	       unsigned n)
{
#define PUT(field)                                                             \
	for (unsigned i = 1; (varying & BIT(field)) != 0 && i < n; i++) {      \
		OF_TYPE(put, pkts->field)(out, pkts[i].field);                 \
		out += sizeof(pkts->field);                                    \
	}
	BP_COLUMNS(PUT)
#undef PUT
}

void
bp_columns_get(const uint8_t *in, uint32_t varying, struct pkt *pkts,
	       unsigned n)
{
#define GET(field)                                                             \
	for (unsigned i = 1; (varying & BIT(field)) != 0 && i < n; i++) {      \
		pkts[i].field = OF_TYPE(get, pkts->field)(in);                 \
		in += sizeof(pkts->field);                                     \
	}
	BP_COLUMNS(GET)
#undef GET
	for (unsigned i = 1; (varying & BP_ORDER_IS_TIME) != 0 && i < n; i++)
		pkts[i].order_ns = pkts[i].time_ns;
}
