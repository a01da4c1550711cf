/*
 * A backplane frame as it lies on the wire: the one place it is defined
 * (docs/wire.md, "Frame"). A header, a descriptor for each packet, and, when
 * packets travel by value, the octets of each packet in the same order.
 *
 * Where descriptors travel alone most of them say the same, so they have a
 * second form, in columns: the first packet's descriptor, and of the others
 * those fields alone that are not the same in all.
 */
#ifndef BP_WIRE_H
#define BP_WIRE_H

#include <assert.h>

#include "be.h"

#define BP_MAGIC 0x5342 /* "SB" */
#define BP_VERSION 1

#define BP_F_OCTETS 0x01  /* the packets' octets follow the descriptors */
#define BP_F_COLUMNS 0x02 /* bp_columns and what it names, no octets */

struct bp_frame_hdr {
	struct be16 magic;
	uint8_t version;
	uint8_t flags;
	struct be16 from;  /* stage that sent it */
	struct be16 count; /* packets, 1 to 256 */
	struct be32 epoch; /* of the sender */
	struct be32 generation;
};
static_assert(sizeof(struct bp_frame_hdr) == 16, "frame version 1");

struct bp_desc {
	struct be64 time_ns;
	struct be64 order_ns;
	struct be32 index;
	struct be32 round;
	struct be32 buf;
	struct be32 circuit_in;
	struct be32 circuit_out;
	struct be32 handle;
	struct be16 off;
	struct be16 len;
	struct be16 flags;
	struct be16 in_stage;
	uint8_t in_port;
	uint8_t pool;
	uint8_t hop;
	uint8_t l2;
	struct be32 trace;
};
static_assert(sizeof(struct bp_desc) == 56, "frame version 1");

/*
 * The fields that can be a column, in the order of columns: bit n of varying is
 * the n-th. A column has a value for each packet but the first.
 */
#define BP_COLUMNS(X)                                                          \
	X(time_ns)                                                             \
	X(order_ns)                                                            \
	X(index)                                                               \
	X(round)                                                               \
	X(buf)                                                                 \
	X(circuit_in)                                                          \
	X(circuit_out)                                                         \
	X(handle)                                                              \
	X(off)                                                                 \
	X(len)                                                                 \
	X(flags)                                                               \
	X(trace)                                                               \
	X(in_stage)                                                            \
	X(in_port)                                                             \
	X(pool)                                                                \
	X(hop)                                                                 \
	X(l2)

/* order_ns of each packet but the first is its time_ns, and no column. */
#define BP_ORDER_IS_TIME UINT32_C(0x80000000)

struct bp_columns {
	struct be32 varying;
	struct bp_desc first;
};
static_assert(sizeof(struct bp_columns) == 60, "frame version 1");

#endif
