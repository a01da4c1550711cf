/*
 * One loop: listener, feeds, and the output, whose reader may go. Everything
 * that is there is read before anything is flushed, so a flood is written in
 * blocks and a single packet at once.
 */
#include "feeds.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cap_feed.h"
#include "cap_write.h"
#include "clock.h"
#include "point.h"

#define AWAIT_NS (UINT64_C(5) * CLOCK_SECOND_NS)
#define FINISH_NS CLOCK_SECOND_NS
#define FINISH_MS 50
#define TURN_MS 200      /* how soon *quit is seen */
#define TURN_PACKETS 512 /* of one feed, before others have their turn */

struct feed {
	char name[96];
	int fd; /* or -1 */
	bool connected;
	unsigned iface;
	uint64_t dropped;
};

struct feeds {
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	int listener;
	int out;
	struct cap_write *writer;
	unsigned n;
	struct feed feed[FEEDS_MAX];
	int strange[FEEDS_MAX]; /* connected, and not yet said who */
	unsigned nstrange;
	uint64_t written;
	bool reader_gone;
	uint8_t message[CAP_FEED_OCTETS_MAX];
};

static int
listen_at(struct feeds *f, const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	(void)snprintf(f->path, sizeof(f->path), "%s", path);
	memcpy(addr.sun_path, path, strlen(path));
	f->listener =
	    socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (f->listener < 0)
		return -errno;
	(void)unlink(path);
	if (bind(f->listener, (const struct sockaddr *)&addr, sizeof(addr)) !=
		0 ||
	    listen(f->listener, FEEDS_MAX) != 0)
		return -errno;
	return 0;
}

int
feeds_new(struct feeds **out, const char *path, int fd, struct cap_error *why)
{
	struct feeds *f = calloc(1, sizeof(*f));
	int err;

	if (f == NULL)
		return cap_error_set(why, -ENOMEM, "out of memory");
	f->listener = -1;
	f->out = fd;
	err = listen_at(f, path);
	if (err == 0)
		err = cap_write_open_fd(&f->writer, fd, CAP_PCAPNG);
	if (err != 0) {
		feeds_free(&f);
		return cap_error_set(why, err, "%s: %s", path, strerror(-err));
	}
	*out = f;
	return 0;
}

void
feeds_free(struct feeds **feeds)
{
	struct feeds *f = *feeds;

	if (f == NULL)
		return;
	for (unsigned i = 0; i < f->n; i++) {
		if (f->feed[i].fd >= 0)
			(void)close(f->feed[i].fd);
	}
	for (unsigned i = 0; i < f->nstrange; i++)
		(void)close(f->strange[i]);
	if (f->listener >= 0) {
		(void)close(f->listener);
		(void)unlink(f->path);
	}
	(void)cap_write_close(&f->writer);
	free(f);
	*feeds = NULL;
}

int
feeds_add(struct feeds *f, const char *router, const char *text,
	  struct cap_error *why)
{
	struct feed *feed = &f->feed[f->n];
	const char *wrong = NULL;
	char name[POINT_NAME_MAX];
	struct point point;
	int err;

	if (f->n == FEEDS_MAX)
		return cap_error_set(why, -EINVAL, "more than %d points",
				     FEEDS_MAX);
	if (point_parse(text, &point, &wrong) != 0)
		return cap_error_set(why, -EINVAL, "%s: %s", text, wrong);
	*feed = (struct feed){.fd = -1};
	(void)snprintf(feed->name, sizeof(feed->name), "%s%s%s", router,
		       router[0] != '\0' ? " " : "",
		       point_format(&point, name));
	err = cap_write_iface(f->writer, point_link(&point), feed->name,
			      &feed->iface);
	if (err != 0)
		return cap_error_set(why, err, "%s: %s", text, strerror(-err));
	return (int)f->n++;
}

/* --- connecting ----------------------------------------------------------- */

static void
accept_all(struct feeds *f)
{
	while (f->nstrange < FEEDS_MAX) {
		int fd = accept4(f->listener, NULL, NULL,
				 SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0)
			return;
		f->strange[f->nstrange++] = fd;
	}
}

/* Who has said hello becomes the feed of its point. */
static void
greet(struct feeds *f)
{
	struct cap_feed_msg msg;
	unsigned kept = 0;

	for (unsigned i = 0; i < f->nstrange; i++) {
		int fd = f->strange[i];
		ssize_t n = recv(fd, f->message, sizeof(f->message), 0);

		if (n < 0 && errno == EAGAIN) {
			f->strange[kept++] = fd;
			continue;
		}
		if (n <= 0 || cap_feed_take(f->message, (size_t)n, &msg) != 0 ||
		    msg.kind != CAP_FEED_HELLO || msg.point >= f->n ||
		    f->feed[msg.point].connected) {
			(void)close(fd);
			continue;
		}
		f->feed[msg.point].fd = fd;
		f->feed[msg.point].connected = true;
	}
	f->nstrange = kept;
}

static unsigned
missing(const struct feeds *f)
{
	unsigned n = 0;

	for (unsigned i = 0; i < f->n; i++)
		n += !f->feed[i].connected;
	return n;
}

static int
tell_missing(const struct feeds *f, struct cap_error *why)
{
	char names[256] = "";

	for (unsigned i = 0; i < f->n; i++) {
		size_t n = strlen(names);

		if (!f->feed[i].connected)
			(void)snprintf(names + n, sizeof(names) - n, "%s%s",
				       n == 0 ? "" : ", ", f->feed[i].name);
	}
	return cap_error_set(why, -ETIMEDOUT, "these points did not open: %s",
			     names);
}

int
feeds_await(struct feeds *f, const volatile int *quit, struct cap_error *why)
{
	uint64_t deadline = clock_monotonic() + AWAIT_NS;

	while (missing(f) != 0) {
		struct pollfd p[1 + FEEDS_MAX] = {
		    {.fd = f->listener, .events = POLLIN}};

		for (unsigned i = 0; i < f->nstrange; i++)
			p[1 + i] = (struct pollfd){.fd = f->strange[i],
						   .events = POLLIN};
		if (*quit != 0)
			return -EINTR;
		if (clock_monotonic() > deadline)
			return tell_missing(f, why);
		(void)poll(p, 1 + f->nstrange, TURN_MS);
		accept_all(f);
		greet(f);
	}
	return cap_write_flush(f->writer) == 0
		   ? 0
		   : cap_error_set(why, -EPIPE,
				   "the output can not be written");
}

/* --- recording ------------------------------------------------------------ */

static int
record(struct feeds *f, struct feed *feed, const struct cap_feed_msg *msg)
{
	char comment[160];
	struct cap_out out = {.time_ns = msg->time_ns,
			      .data = msg->data,
			      .octets = msg->octets,
			      .comment = comment,
			      .iface = feed->iface};
	int err;

	feed->dropped = msg->dropped;
	if (msg->kind != CAP_FEED_PACKET)
		return 0;
	if (msg->trace != 0)
		(void)snprintf(comment, sizeof(comment), "%s trace %u",
			       feed->name, msg->trace);
	else
		(void)snprintf(comment, sizeof(comment), "%s", feed->name);
	err = cap_write_rec(f->writer, &out);
	f->written += err == 0;
	return err;
}

/* What is there of one feed; 1: it ended. */
static int
drain(struct feeds *f, struct feed *feed, uint64_t count)
{
	struct cap_feed_msg msg;
	int err = 0;

	for (unsigned k = 0; k < TURN_PACKETS && err == 0; k++) {
		ssize_t n = recv(feed->fd, f->message, sizeof(f->message), 0);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n <= 0)
			return 1;
		if (cap_feed_take(f->message, (size_t)n, &msg) == 0)
			err = record(f, feed, &msg);
		if (count != 0 && f->written >= count)
			return 0;
	}
	return err;
}

static unsigned
poll_items(const struct feeds *f, struct pollfd *p, unsigned *of)
{
	unsigned n = 0;

	p[n] = (struct pollfd){.fd = f->out}; /* POLLERR: its reader has gone */
	of[n++] = FEEDS_MAX;
	for (unsigned i = 0; i < f->n; i++) {
		if (f->feed[i].fd < 0)
			continue;
		p[n] = (struct pollfd){.fd = f->feed[i].fd, .events = POLLIN};
		of[n++] = i;
	}
	return n;
}

/* One turn: 1: there is nobody left to listen to, or to write for. */
static int
turn(struct feeds *f, uint64_t count)
{
	struct pollfd p[1 + FEEDS_MAX];
	unsigned of[1 + FEEDS_MAX];
	unsigned n = poll_items(f, p, of);
	int rc;

	if (n == 1)
		return 1;
	rc = poll(p, n, TURN_MS);
	if (rc < 0 && errno != EINTR)
		return -errno;
	if (p[0].revents & (POLLERR | POLLHUP | POLLNVAL)) {
		f->reader_gone = true;
		return 1;
	}
	for (unsigned i = 1; rc > 0 && i < n; i++) {
		struct feed *feed = &f->feed[of[i]];

		if (p[i].revents == 0 || (count != 0 && f->written >= count))
			continue;
		rc = drain(f, feed, count);
		if (rc < 0)
			return rc;
		if (rc == 1) {
			(void)close(feed->fd);
			feed->fd = -1;
		}
		rc = 1;
	}
	return cap_write_flush(f->writer);
}

int
feeds_run(struct feeds *f, uint64_t count, const volatile int *quit,
	  struct cap_error *why)
{
	int rc = 0;

	while (rc == 0 && *quit == 0 && (count == 0 || f->written < count))
		rc = turn(f, count);
	if (rc == -EPIPE || f->reader_gone)
		return 0;
	if (rc >= 0)
		rc = cap_write_flush(f->writer);
	if (rc < 0 && rc != -EPIPE)
		return cap_error_set(why, rc,
				     "the output can not be written: %s",
				     strerror(-rc));
	return 0;
}

void
feeds_finish(struct feeds *f, uint64_t count)
{
	uint64_t deadline = clock_monotonic() + FINISH_NS;

	for (unsigned i = 0; i < f->n && !f->reader_gone; i++) {
		struct pollfd p = {.fd = f->feed[i].fd, .events = POLLIN};

		while (p.fd >= 0 && clock_monotonic() < deadline &&
		       (count == 0 || f->written < count) &&
		       poll(&p, 1, FINISH_MS) > 0) {
			if (drain(f, &f->feed[i], count) != 0)
				break;
		}
	}
	(void)cap_write_flush(f->writer);
}

uint64_t
feeds_written(const struct feeds *f)
{
	return f->written;
}

uint64_t
feeds_dropped(const struct feeds *f)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < f->n; i++)
		n += f->feed[i].dropped;
	return n;
}
