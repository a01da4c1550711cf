/*
 * What stands at an end of a link: a router's port, a TAP interface (so a
 * host), an interface of the machine, a capture that is played and recorded, a
 * generator. One face; the pump (wire_pump.h) knows no other. Frames go many at
 * a time through memory of the pump, and nothing ever waits here.
 */
#ifndef WIRE_END_H
#define WIRE_END_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "cap_error.h"
#include "wire_hdr.h"

#define WIRE_BATCH 64
#define WIRE_NEVER UINT64_MAX

struct wire_frame {
	const uint8_t *data;
	uint32_t octets;
	uint8_t flags;    /* enum wire_flag: TIMED where time_ns was told */
	uint64_t time_ns; /* on the lab's clock */
	uint64_t trace;   /* journey, 0: none */
};

/* Memory to read frames into; the pump has one for all ends. */
struct wire_batch {
	struct wire_frame frame[WIRE_BATCH];
	struct mmsghdr msg[WIRE_BATCH];
	struct iovec iov[WIRE_BATCH];
	uint8_t octets[WIRE_BATCH][WIRE_MESSAGE_MAX];
};

struct wire_end;

struct wire_end_ops {
	/*
	 * Frames that are there by now_ns on the lab's clock, up to
	 * WIRE_BATCH: how many, 0: none now. -ENODATA: no more will come;
	 * another -errno: the end has failed. malformed: messages that were
	 * no frames are added.
	 */
	int (*read)(struct wire_end *end, struct wire_batch *batch,
		    uint64_t now_ns, uint64_t *malformed);
	/* The first of n frames: how many the end took; -errno: it failed. */
	int (*write)(struct wire_end *end, const struct wire_frame *frame,
		     unsigned n);
	/* Makers of frames, NULL for others: when the next one is due. */
	uint64_t (*next_ns)(const struct wire_end *end);
	/* The last n frames of the last read() were not taken: again. */
	void (*unread)(struct wire_end *end, unsigned n);
	/* The lab is up: what is played begins at this time. */
	void (*start)(struct wire_end *end, uint64_t now_ns);
	/* NULL where there is nothing to keep. */
	int (*flush)(struct wire_end *end);
	void (*close)(struct wire_end *end); /* frees */
};

/* First member of every implementation. */
struct wire_end {
	const struct wire_end_ops *ops;
	int fd; /* readable when there are frames; -1: asked by time alone */
	uint8_t flags; /* enum wire_flag, of every frame that comes from it */
};

/*
 * end_socket.c: our half of a SEQPACKET socket pair whose other half a router
 * has ("lab:N" with LAB, "fd:N" with BARE). fd is the end's from now on.
 * -ENOMEM; nothing is taken then.
 */
enum wire_form { WIRE_FORM_BARE, WIRE_FORM_LAB };
int wire_end_socket(struct wire_end **end, int fd, enum wire_form form);

/* Such a pair, with large buffers: fd[0] for the end, fd[1] for the router. */
int wire_end_pair(int fd[2]);

/* Closes, leaves NULL; accepts NULL. */
void wire_end_close(struct wire_end **end);

#endif
