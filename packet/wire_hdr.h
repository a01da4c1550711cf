/*
 * What stands before an Ethernet frame on the wire between a router's port and
 * the keeper of a lab: which packet it is, so that nobody has to guess, and the
 * lab's time. One message of a SEQPACKET socket is one header and one frame, or
 * a header alone that says something about the frames to come.
 *
 * Sockets that people and tests hold (`--wire SLOT/PORT=PATH`) carry frames
 * without it; which of the two a socket carries is agreed when it is given to
 * the router ("fd:N" bare, "lab:N" with headers) and never found out by
 * looking. docs/wire.md, "Wires of a lab", has every octet.
 */
#ifndef WIRE_HDR_H
#define WIRE_HDR_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "be.h"
#include "pkt.h"

#define WIRE_MAGIC 0x5357 /* "SW" */
#define WIRE_VERSION 1

/* Times end here (2262), so that sums of times do not overflow. */
#define WIRE_TIME_MAX_NS ((uint64_t)INT64_MAX)

enum wire_kind {
	WIRE_FRAME = 1,  /* an Ethernet frame follows */
	WIRE_HORIZON = 2 /* nothing follows: no frame with a time below time_ns
			    will come any more */
};

enum wire_flag {
	WIRE_F_TIMED = 1 << 0,  /* time_ns is the frame's time on the lab's
				   clock; without it: when it is received */
	WIRE_F_TO_PORT = 1 << 1 /* for the port, whatever unicast address the
				   frame is to: a capture's are not ours */
};

struct wire_hdr {
	struct be16 magic;
	uint8_t version;
	uint8_t octets; /* of this header; a later one may be longer */
	uint8_t kind;
	uint8_t flags;
	struct be16 reserved; /* 0 */
	struct be64 trace;    /* journey of the packet; 0: not followed */
	struct be64 time_ns;
};
static_assert(sizeof(struct wire_hdr) == 24, "wire version 1");
static_assert(offsetof(struct wire_hdr, trace) == 8, "wire version 1");
static_assert(offsetof(struct wire_hdr, time_ns) == 16, "wire version 1");

/* The largest frame, and one octet more, which tells that one was too long. */
#define WIRE_FRAME_MAX (PKT_OCTETS_MAX + 1)
#define WIRE_MESSAGE_MAX (255 + WIRE_FRAME_MAX)

struct wire_msg {
	enum wire_kind kind;
	uint8_t flags;
	uint64_t trace;
	uint64_t time_ns;
	const uint8_t *frame; /* inside the message */
	size_t octets;        /* of the frame */
};

/* The header of a message; frame and octets of msg are not looked at. */
void wire_hdr_put(struct wire_hdr *hdr, const struct wire_msg *msg);

/*
 * -EBADMSG: the message is not one of these; msg is untouched then. The frame's
 * own contents are not looked at.
 */
int wire_hdr_take(const uint8_t *message, size_t octets, struct wire_msg *msg);

#endif
