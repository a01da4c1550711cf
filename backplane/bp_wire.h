/*
 * A backplane frame as it lies on the wire: the one place it is defined
 * (docs/wire.md, "Frame"). A header, a descriptor for each packet, and, when
 * packets travel by value, the octets of each packet in the same order.
 */
#ifndef BP_WIRE_H
#define BP_WIRE_H

#include <assert.h>

#include "be.h"

#define BP_MAGIC 0x5342 /* "SB" */
#define BP_VERSION 1

#define BP_F_OCTETS 0x01 /* the packets' octets follow the descriptors */

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
	struct be16 trace;
	struct be16 in_stage;
	uint8_t in_port;
	uint8_t pool;
	uint8_t hop;
	uint8_t l2;
	uint8_t spare[2];
};
static_assert(sizeof(struct bp_desc) == 56, "frame version 1");

#endif
