/*
 * TAP and libpcap under the face of wire_end.h: a system call a frame, because
 * neither takes more. What a TAP or an interface does not take is
 * receiver-full, as with every end.
 */
#include "end_tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "live.h"

int
tap_open(const char *name, int *out)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int fd;

	if (name[0] == '\0' || strlen(name) >= sizeof(request.ifr_name))
		return -EINVAL;
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? -ENODEV : -errno;
	memcpy(request.ifr_name, name, strlen(name) + 1);
	if (ioctl(fd, TUNSETIFF, &request) != 0) {
		int err = -errno;

		(void)close(fd);
		return err;
	}
	*out = fd;
	return 0;
}

static int
tap_read(struct wire_end *end, struct wire_batch *b, uint64_t now_ns,
	 uint64_t *malformed)
{
	int n = 0;

	(void)now_ns;
	while (n < WIRE_BATCH) {
		ssize_t got = read(end->fd, b->octets[n], WIRE_FRAME_MAX);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && (errno == EAGAIN || n > 0))
			break;
		if (got < 0)
			return -errno;
		if (got == 0 || got > PKT_OCTETS_MAX) {
			++*malformed;
			continue;
		}
		b->frame[n] = (struct wire_frame){.data = b->octets[n],
						  .octets = (uint32_t)got};
		n++;
	}
	return n;
}

static int
tap_write(struct wire_end *end, const struct wire_frame *f, unsigned n)
{
	unsigned sent = 0;

	while (sent < n) {
		ssize_t rc = write(end->fd, f[sent].data, f[sent].octets);

		if (rc >= 0)
			sent++;
		else if (errno == EAGAIN || errno == ENOBUFS)
			break;
		else if (errno != EINTR) /* EIO: the interface is down */
			return sent > 0 ? (int)sent : -errno;
	}
	return (int)sent;
}

static void
tap_close(struct wire_end *end)
{
	(void)close(end->fd);
	free(end);
}

static const struct wire_end_ops tap_ops = {
    .read = tap_read, .write = tap_write, .close = tap_close};

int
wire_end_tap(struct wire_end **end, int fd)
{
	struct wire_end *tap = calloc(1, sizeof(*tap));

	if (tap == NULL)
		return -ENOMEM;
	*tap = (struct wire_end){.ops = &tap_ops, .fd = fd};
	*end = tap;
	return 0;
}

/* ---- An existing interface ---- */

struct end_live {
	struct wire_end end;
	struct live *live;
};

static int
end_live_read(struct wire_end *end, struct wire_batch *b, uint64_t now_ns,
	      uint64_t *malformed)
{
	struct end_live *l = (void *)end;
	struct cap_rec rec;
	int n = 0;
	int rc;

	(void)now_ns;
	while (n < WIRE_BATCH && (rc = live_read(l->live, &rec)) != -EAGAIN) {
		if (rc < 0)
			return n > 0 ? n : rc;
		if (rec.caplen > PKT_OCTETS_MAX) {
			++*malformed;
			continue;
		}
		memcpy(b->octets[n], rec.data, rec.caplen);
		b->frame[n] = (struct wire_frame){.data = b->octets[n],
						  .octets = rec.caplen};
		n++;
	}
	return n;
}

static int
end_live_write(struct wire_end *end, const struct wire_frame *f, unsigned n)
{
	struct end_live *l = (void *)end;

	for (unsigned i = 0; i < n; i++) {
		int rc = live_write(l->live, f[i].data, f[i].octets);

		if (rc == -EAGAIN || (rc < 0 && i > 0))
			return (int)i;
		if (rc < 0)
			return rc;
	}
	return (int)n;
}

static void
end_live_close(struct wire_end *end)
{
	struct end_live *l = (void *)end;

	live_close(&l->live);
	free(l);
}

static const struct wire_end_ops live_ops = {
    .read = end_live_read, .write = end_live_write, .close = end_live_close};

int
wire_end_live(struct wire_end **end, const char *name, struct cap_error *err)
{
	struct end_live *l = calloc(1, sizeof(*l));
	int rc;

	if (l == NULL)
		return cap_error_set(err, -ENOMEM, "%s: no memory", name);
	rc = live_open(&l->live, name, err);
	if (rc < 0) {
		free(l);
		return rc;
	}
	l->end = (struct wire_end){.ops = &live_ops, .fd = live_fd(l->live)};
	*end = &l->end;
	return 0;
}
