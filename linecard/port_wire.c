/*
 * A wire: frames as messages of a UNIX SEQPACKET socket, whose other end a
 * test, a keeper or another router's card holds. Messages are taken many at a
 * time into memory of our own and handed on one by one. Nothing waits here:
 * where the far end takes no more, a frame is refused and counted.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "cap_link.h"
#include "clock.h"
#include "port_far.h"

#define WIRE_BATCH 32
#define WIRE_FRAME_MAX (PKT_OCTETS_MAX + 1) /* one more tells too long */

struct port_wire {
	struct port_far far;
	int fd;
	unsigned have; /* taken, */
	unsigned at;   /* and handed on so far */
	uint64_t time_ns;
	struct mmsghdr msg[WIRE_BATCH];
	struct iovec iov[WIRE_BATCH];
	uint8_t frame[WIRE_BATCH][WIRE_FRAME_MAX];
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
		w->iov[i] = (struct iovec){w->frame[i], WIRE_FRAME_MAX};
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

static int
wire_read(struct port_far *far, struct cap_rec *rec)
{
	struct port_wire *w = (struct port_wire *)far;
	unsigned i;

	if (w->at == w->have) {
		int rc = wire_take(w);

		if (rc <= 0)
			return rc == -EWOULDBLOCK ? -EAGAIN : rc;
	}
	i = w->at++;
	/* A message of no octets is the end: nobody sends such a frame. */
	if (w->msg[i].msg_len == 0) {
		w->at = w->have;
		return 0;
	}
	*rec = (struct cap_rec){.time_ns = w->time_ns,
				.data = w->frame[i],
				.caplen = w->msg[i].msg_len,
				.len = w->msg[i].msg_len,
				.link = CAP_LINK_ETHERNET};
	return 1;
}

static const char *
wire_why(const struct port_far *far)
{
	(void)far;
	return "the wire can not be read";
}

static int
wire_write(struct port_far *far, const struct pkt *p, const uint8_t *frame)
{
	struct port_wire *w = (struct port_wire *)far;
	ssize_t n;

	do
		n = send(w->fd, frame, p->len, MSG_DONTWAIT | MSG_NOSIGNAL);
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
port_wire(struct port_far **far, int fd, struct cap_error *err)
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
	*far = &w->far;
	return 0;
}
