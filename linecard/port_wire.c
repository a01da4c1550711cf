/*
 * A wire: frames as messages of a UNIX SEQPACKET socket, whose other end a
 * test, a keeper or another router's card holds. Messages are taken many at a
 * time into memory of our own and handed on one by one. Nothing waits here:
 * where the far end takes no more, a frame is refused and counted.
 *
 * On a lab's wire a header (packet/wire_hdr.h) brings the journey and the lab's
 * time with each frame, and takes them on to the next router. A message that
 * has no such header is handed on as a frame of no octets, so that it is
 * counted (as truncated) like everything that arrives.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "cap_link.h"
#include "clock.h"
#include "port_far.h"
#include "wire_hdr.h"

#define WIRE_BATCH 32

struct port_wire {
	struct port_far far;
	int fd;
	enum port_wire_form form;
	unsigned have; /* taken, */
	unsigned at;   /* and handed on so far */
	uint64_t time_ns;
	struct mmsghdr msg[WIRE_BATCH];
	struct iovec iov[WIRE_BATCH];
	uint8_t message[WIRE_BATCH][WIRE_MESSAGE_MAX];
};

static uint64_t
wire_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * CLOCK_SECOND_NS + (uint64_t)now.tv_nsec;
}

/* More messages: 1, 0 when the far end is gone, or -errno. */
static int
wire_take(struct port_wire *w)
{
	int n;

	for (unsigned i = 0; i < WIRE_BATCH; i++) {
		w->iov[i] = (struct iovec){w->message[i], WIRE_MESSAGE_MAX};
		w->msg[i].msg_hdr =
		    (struct msghdr){.msg_iov = &w->iov[i], .msg_iovlen = 1};
	}
	do
		n = recvmmsg(w->fd, w->msg, WIRE_BATCH, MSG_DONTWAIT, NULL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? 0 : -errno;
	w->have = (unsigned)n;
	w->at = 0;
	w->time_ns = wire_now();
	return n > 0;
}

/* A message of a lab's wire; false: it was about frames to come. */
static bool
wire_lab_frame(const struct port_wire *w, unsigned i, struct cap_rec *rec)
{
	struct wire_msg msg;

	if (wire_hdr_take(w->message[i], w->msg[i].msg_len, &msg) != 0) {
		rec->caplen = 0;
		rec->len = 0;
		return true;
	}
	rec->data = msg.frame;
	rec->caplen = (uint32_t)msg.octets;
	rec->len = (uint32_t)msg.octets;
	rec->trace = msg.trace;
	rec->to_port = (msg.flags & WIRE_F_TO_PORT) != 0;
	if (msg.flags & WIRE_F_TIMED)
		rec->time_ns = msg.time_ns;
	return msg.kind == WIRE_FRAME;
}

static int
wire_read(struct port_far *far, struct cap_rec *rec)
{
	struct port_wire *w = (struct port_wire *)far;
	unsigned i;

	do {
		if (w->at == w->have) {
			int rc = wire_take(w);

			if (rc <= 0)
				return rc == -EWOULDBLOCK ? -EAGAIN : rc;
		}
		i = w->at++;
		/* A message of no octets is the end: nobody sends such a frame.
		 */
		if (w->msg[i].msg_len == 0) {
			w->at = w->have;
			return 0;
		}
		*rec = (struct cap_rec){.time_ns = w->time_ns,
					.data = w->message[i],
					.caplen = w->msg[i].msg_len,
					.len = w->msg[i].msg_len,
					.link = CAP_LINK_ETHERNET};
	} while (w->form == PORT_WIRE_LAB && !wire_lab_frame(w, i, rec));
	return 1;
}

static const char *
wire_why(const struct port_far *far)
{
	(void)far;
	return "the wire can not be read";
}

static int
wire_write(struct port_far *far, const struct pkt *p, uint64_t trace,
	   const uint8_t *frame)
{
	struct port_wire *w = (struct port_wire *)far;
	struct wire_hdr hdr;
	const struct wire_msg about = {.kind = WIRE_FRAME,
				       .flags = WIRE_F_TIMED,
				       .trace = trace,
				       .time_ns = p->time_ns};
	/* sendmsg(2) writes to neither. */
	union {
		const uint8_t *in;
		void *out;
	} u = {.in = frame};
	struct iovec iov[2] = {{&hdr, sizeof(hdr)}, {u.out, p->len}};
	bool bare = w->form == PORT_WIRE_BARE;
	struct msghdr msg = {.msg_iov = bare ? iov + 1 : iov,
			     .msg_iovlen = bare ? 1 : 2};
	ssize_t n;

	if (!bare)
		wire_hdr_put(&hdr, &about);
	do
		n = sendmsg(w->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 0;
	return errno == EWOULDBLOCK || errno == ENOBUFS ? -EAGAIN : -errno;
}

/* The descriptor is inherited, and stays its keeper's. */
static int
wire_close(struct port_far *far)
{
	free(far);
	return 0;
}

static int
wire_fd(const struct port_far *far)
{
	return ((const struct port_wire *)far)->fd;
}

static const struct port_far_ops wire_ops = {
    .read = wire_read,
    .why = wire_why,
    .write = wire_write,
    .close = wire_close,
    .fd = wire_fd,
};

int
port_wire(struct port_far **far, int fd, enum port_wire_form form,
	  struct cap_error *err)
{
	struct port_wire *w;
	int type = 0;
	socklen_t octets = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &octets) != 0 ||
	    type != SOCK_SEQPACKET)
		return cap_error_set(
		    err, -ENOTSOCK, "descriptor %d is no SEQPACKET socket", fd);
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		return cap_error_set(err, -ENOMEM, "no memory for a wire");
	w->far.ops = &wire_ops;
	w->fd = fd;
	w->form = form;
	*far = &w->far;
	return 0;
}
