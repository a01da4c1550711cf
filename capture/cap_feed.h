/*
 * Packets of a capture point to whoever looks on, while they pass: a SEQPACKET
 * socket that the one who looks listens at, a message for each packet. The
 * sender never waits: what there is no room for is counted, and the count goes
 * with the next message. docs/wire.md, "Feeds", has every octet.
 */
#ifndef CAP_FEED_H
#define CAP_FEED_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "be.h"
#include "cap_write.h"

#define CAP_FEED_MAGIC 0x5346 /* "SF" */
#define CAP_FEED_VERSION 1

enum cap_feed_kind {
	CAP_FEED_HELLO = 1,  /* the point is open */
	CAP_FEED_PACKET = 2, /* prefix and packet follow */
	CAP_FEED_COUNT = 3   /* only how many were dropped */
};

struct cap_feed_hdr {
	struct be16 magic;
	uint8_t version;
	uint8_t kind;
	struct be16 point;  /* number that the listener gave it */
	struct be16 prefix; /* octets of a header in front of the packet */
	struct be32 octets; /* of the packet */
	struct be32 trace;  /* journey, 0: not traced */
	struct be64 time_ns;
	struct be64 dropped; /* at this point, since it was opened */
};
static_assert(sizeof(struct cap_feed_hdr) == 32, "feed version 1");

#define CAP_FEED_OCTETS_MAX (sizeof(struct cap_feed_hdr) + 65536 + 64)

struct cap_feed_msg {
	enum cap_feed_kind kind;
	unsigned point;
	uint32_t trace;
	uint64_t time_ns;
	uint64_t dropped;
	const uint8_t *data; /* prefix and packet, inside the message */
	uint32_t octets;
};

/* Connects to the listener; *fd is the caller's. -errno. */
int cap_feed_connect(const char *path, int *fd);
/*
 * out: NULL with a kind that has no packet. 0; -EAGAIN: there is no room now;
 * -EPIPE: nobody listens any more.
 */
int cap_feed_send(int fd, enum cap_feed_kind kind, unsigned point,
		  uint32_t trace, uint64_t dropped, const struct cap_out *out);
/* Whether the listener is still there. */
int cap_feed_alive(int fd);

/* -EBADMSG: not such a message. */
int cap_feed_take(const uint8_t *message, size_t octets,
		  struct cap_feed_msg *msg);

#endif
