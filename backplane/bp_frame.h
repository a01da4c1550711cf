/*
 * Writes, reads and refuses frames (bp_wire.h). Octets only: no socket, no
 * pool.
 */
#ifndef BP_FRAME_H
#define BP_FRAME_H

#include <stddef.h>

#include "bp_wire.h"
#include "pkt_vec.h"

/* The largest frame there is. */
#define BP_FRAME_OCTETS_MAX                                                    \
	(sizeof(struct bp_frame_hdr) +                                         \
	 (size_t)PKT_VEC_MAX * (sizeof(struct bp_desc) + PKT_BUF_OCTETS))

/* The largest that holds descriptors alone. */
#define BP_FRAME_REF_OCTETS_MAX                                                \
	(sizeof(struct bp_frame_hdr) +                                         \
	 (size_t)PKT_VEC_MAX * sizeof(struct bp_desc))

struct bp_frame {
	uint16_t from;
	uint32_t epoch;
	uint32_t generation;
	bool by_value;         /* the octets follow */
	bool columns;          /* read: descriptors in columns */
	const uint8_t *octets; /* of the packets, one behind the other */
	size_t octets_total;   /* sum of the packets' lengths */
	size_t octets_frame;   /* of the frame itself */
};

/* Octets that suffice for the frame of n packets; reads frame->by_value. */
size_t bp_frame_octets(const struct bp_frame *frame, const struct pkt *pkts,
		       unsigned n);

/*
 * Writes the frame of n (1 to 256) packets; out holds bp_frame_octets(). Reads
 * from, epoch, generation and by_value of frame; mem only by value. Returns the
 * frame's octets.
 */
size_t bp_frame_write(uint8_t *out, const struct bp_frame *frame,
		      const struct pkt_mem *mem, const struct pkt *pkts,
		      unsigned n);

/*
 * Reads a frame: its packets into v (n, descriptors, fates PKT_GO; pool and buf
 * as the sender knew them), frame->octets into the octets given. Every field is
 * read once and checked as read: extents lie inside a buffer, stages exist,
 * the length is exactly that of the descriptors and packets. -EBADMSG; what v
 * holds then means nothing.
 */
int bp_frame_read(const void *octets, size_t n, struct bp_frame *frame,
		  struct pkt_vec *v);

/*
 * How many of n octets belong to the frame that they begin with, by its header:
 * at most n, and all of them where the header is none or octets of packets
 * follow (such a frame fills its message).
 */
size_t bp_frame_span(const void *octets, size_t n);

/* Packets that a frame claims to carry, for counting one that was refused: 1
 * where it can not be known. */
unsigned bp_frame_claims(const void *octets, size_t n);

#endif
