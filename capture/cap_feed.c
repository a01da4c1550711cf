/*
 * The sender trusts its process; the reader trusts nothing: a message whose
 * lengths do not fit is refused whole.
 */
#include "cap_feed.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* What the kernel may keep for a listener that is slow: a burst of packets. */
#define CAP_FEED_SOCKET_OCTETS (4 << 20)

int
cap_feed_connect(const char *path, int *fd)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int octets = CAP_FEED_SOCKET_OCTETS;
	int s;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path));
	s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s < 0)
		return -errno;
	/* The kernel may give less. */
	(void)setsockopt(s, SOL_SOCKET, SO_SNDBUF, &octets, sizeof(octets));
	if (connect(s, (const struct sockaddr *)&addr, sizeof(addr)) != 0) {
		int err = -errno;

		(void)close(s);
		return err;
	}
	*fd = s;
	return 0;
}

int
cap_feed_send(int fd, enum cap_feed_kind kind, unsigned point, uint32_t trace,
	      uint64_t dropped, const struct cap_out *out)
{
	struct cap_feed_hdr hdr = {.magic = be16_put(CAP_FEED_MAGIC),
				   .version = CAP_FEED_VERSION,
				   .kind = (uint8_t)kind,
				   .point = be16_put((uint16_t)point),
				   .trace = be32_put(trace),
				   .dropped = be64_put(dropped)};
	struct iovec iov[3] = {{&hdr, sizeof(hdr)}, {NULL, 0}, {NULL, 0}};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 1};

	if (out != NULL) {
		hdr.prefix = be16_put((uint16_t)out->prefix_octets);
		hdr.octets = be32_put(out->octets);
		hdr.time_ns = be64_put(out->time_ns);
		iov[1] = (struct iovec){(void *)(uintptr_t)out->prefix,
					out->prefix_octets};
		iov[2] =
		    (struct iovec){(void *)(uintptr_t)out->data, out->octets};
		msg.msg_iovlen = 3;
	}
	if (sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return 0;
	return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ||
		       errno == EMSGSIZE
		   ? -EAGAIN
		   : -EPIPE;
}

int
cap_feed_alive(int fd)
{
	uint8_t octet;
	ssize_t n = recv(fd, &octet, 1, MSG_DONTWAIT | MSG_PEEK);

	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

int
cap_feed_take(const uint8_t *message, size_t octets, struct cap_feed_msg *msg)
{
	const struct cap_feed_hdr *hdr = (const void *)message;
	size_t prefix;
	size_t n;

	if (octets < sizeof(*hdr) || be16_get(hdr->magic) != CAP_FEED_MAGIC ||
	    hdr->version != CAP_FEED_VERSION || hdr->kind < CAP_FEED_HELLO ||
	    hdr->kind > CAP_FEED_COUNT)
		return -EBADMSG;
	prefix = be16_get(hdr->prefix);
	n = be32_get(hdr->octets);
	if (n > octets || sizeof(*hdr) + prefix + n != octets ||
	    (hdr->kind != CAP_FEED_PACKET && octets != sizeof(*hdr)))
		return -EBADMSG;
	*msg = (struct cap_feed_msg){.kind = (enum cap_feed_kind)hdr->kind,
				     .point = be16_get(hdr->point),
				     .trace = be32_get(hdr->trace),
				     .time_ns = be64_get(hdr->time_ns),
				     .dropped = be64_get(hdr->dropped),
				     .data = message + sizeof(*hdr),
				     .octets = (uint32_t)(prefix + n)};
	return 0;
}
