/*
 * A router's port as an end of a link: messages of a SEQPACKET socket, read and
 * written up to 64 with a system call. The keeper holds both halves, so that
 * the socket outlives the router: what is written while nobody reads waits in
 * the socket until that is full.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire_end.h"

#define SOCKET_OCTETS (1 << 20)

struct end_socket {
	struct wire_end end;
	enum wire_form form;
};

/* One message into a frame; false: it is none, or speaks of others. */
static bool
take(const struct end_socket *s, const uint8_t *message, size_t octets,
     struct wire_frame *f, uint64_t *malformed)
{
	struct wire_msg msg = {
	    .kind = WIRE_FRAME, .frame = message, .octets = octets};

	if ((s->form == WIRE_FORM_LAB &&
	     wire_hdr_take(message, octets, &msg) != 0) ||
	    octets == 0 || msg.octets > PKT_OCTETS_MAX) {
		++*malformed;
		return false;
	}
	*f = (struct wire_frame){.data = msg.frame,
				 .octets = (uint32_t)msg.octets,
				 .flags = msg.flags,
				 .time_ns = msg.time_ns,
				 .trace = msg.trace};
	return msg.kind == WIRE_FRAME;
}

static int
read_socket(struct wire_end *end, struct wire_batch *b, uint64_t now_ns,
	    uint64_t *malformed)
{
	const struct end_socket *s = (const struct end_socket *)end;
	int good = 0;
	int n;

	(void)now_ns;
	for (unsigned i = 0; i < WIRE_BATCH; i++) {
		b->iov[i] = (struct iovec){b->octets[i], WIRE_MESSAGE_MAX};
		b->msg[i].msg_hdr =
		    (struct msghdr){.msg_iov = &b->iov[i], .msg_iovlen = 1};
	}
	do
		n = recvmmsg(end->fd, b->msg, WIRE_BATCH, MSG_DONTWAIT, NULL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	/* We hold the other half too, so an end of file is our own doing. */
	if (n == 0 || (n == 1 && b->msg[0].msg_len == 0))
		return -ENODATA;
	for (int i = 0; i < n; i++)
		good += take(s, b->octets[i], b->msg[i].msg_len,
			     &b->frame[good], malformed);
	/* None of a full batch was good: more may lie behind. */
	return good != 0 || n < WIRE_BATCH
		   ? good
		   : read_socket(end, b, now_ns, malformed);
}

static unsigned
fill(const struct end_socket *s, const struct wire_frame *f,
     struct wire_hdr *hdr, struct iovec iov[2])
{
	struct wire_msg msg = {.kind = WIRE_FRAME,
			       .flags = f->flags,
			       .trace = f->trace,
			       .time_ns = f->time_ns};
	/* sendmmsg(2) writes to neither. */
	union {
		const uint8_t *in;
		void *out;
	} u = {.in = f->data};

	iov[1] = (struct iovec){u.out, f->octets};
	if (s->form == WIRE_FORM_BARE)
		return 1;
	wire_hdr_put(hdr, &msg);
	iov[0] = (struct iovec){hdr, sizeof(*hdr)};
	return 0;
}

static int
write_socket(struct wire_end *end, const struct wire_frame *f, unsigned n)
{
	const struct end_socket *s = (const struct end_socket *)end;
	struct wire_hdr hdr[WIRE_BATCH];
	struct iovec iov[WIRE_BATCH][2];
	struct mmsghdr msg[WIRE_BATCH];
	unsigned sent = 0;

	if (n > WIRE_BATCH)
		n = WIRE_BATCH;
	for (unsigned i = 0; i < n; i++) {
		unsigned first = fill(s, &f[i], &hdr[i], iov[i]);

		msg[i].msg_hdr = (struct msghdr){.msg_iov = &iov[i][first],
						 .msg_iovlen = 2 - first};
	}
	while (sent < n) {
		int rc = sendmmsg(end->fd, msg + sent, n - sent,
				  MSG_DONTWAIT | MSG_NOSIGNAL);

		if (rc > 0)
			sent += (unsigned)rc;
		else if (errno == EAGAIN || errno == ENOBUFS)
			break;
		else if (errno != EINTR)
			return sent > 0 ? (int)sent : -errno;
	}
	return (int)sent;
}

static void
close_socket(struct wire_end *end)
{
	(void)close(end->fd);
	free(end);
}

static const struct wire_end_ops socket_ops = {
    .read = read_socket,
    .write = write_socket,
    .close = close_socket,
};

int
wire_end_socket(struct wire_end **end, int fd, enum wire_form form)
{
	struct end_socket *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return -ENOMEM;
	s->end = (struct wire_end){.ops = &socket_ops, .fd = fd};
	s->form = form;
	*end = &s->end;
	return 0;
}

static void
widen(int fd)
{
	int octets = SOCKET_OCTETS;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &octets,
		       sizeof(octets)) != 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &octets,
				 sizeof(octets));
}

int
wire_end_pair(int fd[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       0, fd) != 0)
		return -errno;
	widen(fd[0]);
	widen(fd[1]);
	return 0;
}

void
wire_end_close(struct wire_end **end)
{
	if (*end != NULL)
		(*end)->ops->close(*end);
	*end = NULL;
}
