/*
 * The far end of a port: what stands where a cable would lead. One face, an
 * implementation each: a capture file to receive from, a capture file to send
 * to, a wire to somebody else's process, an interface of the machine, and
 * nothing at all (what is sent is counted and discarded). A direction that an
 * implementation has not is NULL in its operations.
 */
#ifndef PORT_FAR_H
#define PORT_FAR_H

#include "cap_error.h"
#include "cap_read.h"
#include "cap_write.h"
#include "pkt.h"

struct port_far;

struct port_far_ops {
	/* 1: the next frame, borrowed until the next call; 0: the end;
	 * -EAGAIN, live: none now; or -errno, once and for good, with a
	 * sentence from why(). */
	int (*read)(struct port_far *far, struct cap_rec *rec);
	const char *(*why)(const struct port_far *far);
	/* Takes a copy of a frame of p->len octets. trace: the journey that it
	 * is told to belong to, where the far end is a lab's wire; 0: none.
	 * 0; -EAGAIN, live: there is no room now; or the -errno that every
	 * later call will return too. */
	int (*write)(struct port_far *far, const struct pkt *p, uint64_t trace,
		     const uint8_t *frame);
	/* What was written for rounds up to this one leaves. */
	int (*flush)(struct port_far *far, uint32_t round);
	/* The rest leaves; frees. The first error of any call. */
	int (*close)(struct port_far *far);
	/* Live far ends, NULL for others: what to wait on for frames. */
	int (*fd)(const struct port_far *far);
};

/* First member of every implementation. */
struct port_far {
	const struct port_far_ops *ops;
};

/* port_file.c: -errno and a sentence that begins with the path, or -ENOMEM. */
int port_file_in(struct port_far **far, const char *path,
		 struct cap_error *err);
/* name: of the interface in a pcapng. */
int port_file_out(struct port_far **far, const char *path,
		  enum cap_format format, const char *name,
		  struct cap_error *err);

/*
 * port_wire.c: a UNIX SEQPACKET socket, a message for each frame; fd stays the
 * caller's. -ENOTSOCK and a sentence for what is none.
 */
enum port_wire_form {
	PORT_WIRE_BARE, /* a message is a frame: people's and tests' sockets */
	PORT_WIRE_LAB   /* a header stands before it: packet/wire_hdr.h */
};
int port_wire(struct port_far **far, int fd, enum port_wire_form form,
	      struct cap_error *err);
/* port_live.c: an interface of the machine (capture/live.h). */
int port_live(struct port_far **far, const char *name, struct cap_error *err);

/* Closes, leaves NULL; accepts NULL. */
int port_far_close(struct port_far **far);

#endif
