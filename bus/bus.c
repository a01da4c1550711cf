/*
 * The keeper of ZeroMQ, with bus_msg.c and bus_zap.c: no other folder includes
 * its header. Decides here how sockets are set up (no high-water marks, no
 * lingering, ROUTER mandatory), what they are called, and what one waits for.
 * Called by control/ and backplane/; bus_poll() alone blocks.
 */
#include "bus_zmq.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

#include "clock.h"
#include "secret.h"

#define NAME_OCTETS_MAX 24 /* what a socket file's name may take */
#define SOCKETS_MAX 4096
#define BACKLOG 1024
#define RECONNECT_MAX_MS 2000
#define POLL_MAX 256
#define KEPT_OCTETS (8 << 20) /* free memory that a process keeps */
#define ZAP_DOMAIN "sesim"

static const char *const transport_names[] = {
    [BUS_IPC] = "ipc",
    [BUS_TCP] = "tcp",
    [BUS_INPROC] = "inproc",
};

int
bus_zmq_error(void)
{
	int e = zmq_errno();

	if (e == ETERM || e == ENOTSOCK)
		return -EPIPE;
	return e > 0 && e < ZMQ_HAUSNUMERO ? -e : -EIO;
}

int
bus_keys_make(struct bus_keys *keys)
{
	if (!zmq_has("curve"))
		return -EIO;
	if (zmq_curve_keypair(keys->public, keys->secret) != 0)
		return -EIO;
	return 0;
}

int
bus_keys_read(int fd, struct bus_keys *keys)
{
	/* By offset: the descriptor's position is shared by every child. */
	ssize_t n = pread(fd, keys, sizeof(*keys), 0);

	return n == (ssize_t)sizeof(*keys) ? 0 : -EIO;
}

static void
context_free(struct bus_context *c)
{
	if (c->zmq != NULL) {
		(void)zmq_ctx_shutdown(c->zmq);
		bus_zap_stop(c);
		while (zmq_ctx_term(c->zmq) != 0 && zmq_errno() == EINTR)
			continue;
	}
	secret_wipe(&c->keys, sizeof(c->keys));
	free(c);
}

/*
 * Messages come and go by the thousand. Left to itself malloc() gives the
 * memory of a large one back to the system and takes it anew for the next, page
 * by page; a process that has a bus keeps some instead.
 */
static void
memory_keep(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, KEPT_OCTETS / 2);
	(void)mallopt(M_TRIM_THRESHOLD, KEPT_OCTETS);
}

static int
context_new(struct bus_context **context, const struct bus_keys *keys)
{
	struct bus_context *c = calloc(1, sizeof(*c));
	int error = 0;

	if (c == NULL)
		return -ENOMEM;
	memory_keep();
	atomic_init(&c->users, 1);
	c->zmq = zmq_ctx_new();
	if (c->zmq == NULL ||
	    zmq_ctx_set(c->zmq, ZMQ_MAX_SOCKETS, SOCKETS_MAX) != 0 ||
	    zmq_ctx_set(c->zmq, ZMQ_IO_THREADS, 1) != 0) {
		error = -ENOMEM;
	} else if (keys != NULL) {
		c->curve = true;
		c->keys = *keys;
		error = bus_zap_start(c);
	}
	if (error != 0) {
		context_free(c);
		return error;
	}
	*context = c;
	return 0;
}

int
bus_new(struct bus **bus, enum bus_transport transport, const char *run_dir,
	const struct bus_keys *keys)
{
	struct bus *b;
	int error;

	if (transport == BUS_IPC &&
	    strlen(run_dir) + 1 + NAME_OCTETS_MAX > BUS_IPC_PATH_MAX)
		return -ENAMETOOLONG;
	b = calloc(1, sizeof(*b));
	if (b == NULL)
		return -ENOMEM;
	error = context_new(&b->context, transport == BUS_TCP ? keys : NULL);
	if (error != 0) {
		free(b);
		return error;
	}
	b->transport = transport;
	b->run_dir = run_dir;
	*bus = b;
	return 0;
}

int
bus_new_sharing(struct bus **bus, struct bus *with)
{
	struct bus *b = malloc(sizeof(*b));

	if (b == NULL)
		return -ENOMEM;
	*b = *with;
	(void)atomic_fetch_add(&b->context->users, 1);
	*bus = b;
	return 0;
}

void
bus_free(struct bus **bus)
{
	struct bus *b = *bus;

	if (b == NULL)
		return;
	if (atomic_fetch_sub(&b->context->users, 1) == 1)
		context_free(b->context);
	free(b);
	*bus = NULL;
}

enum bus_transport
bus_transport_of(const struct bus *bus)
{
	return bus->transport;
}

const char *
bus_transport_name(enum bus_transport transport)
{
	return transport_names[transport];
}

int
bus_transport_parse(const char *word, enum bus_transport *transport)
{
	for (unsigned i = 0; i <= BUS_INPROC; i++) {
		if (strcmp(word, transport_names[i]) == 0) {
			*transport = (enum bus_transport)i;
			return 0;
		}
	}
	return -EINVAL;
}

static int
set_int(void *zmq, int option, int value)
{
	return zmq_setsockopt(zmq, option, &value, sizeof(value)) == 0
		   ? 0
		   : bus_zmq_error();
}

static int
set_text(void *zmq, int option, const char *text)
{
	return zmq_setsockopt(zmq, option, text, strlen(text)) == 0
		   ? 0
		   : bus_zmq_error();
}

/* The option rows that every socket of a kind has. */
static int
sock_options(void *zmq, enum bus_kind kind)
{
	static const struct {
		int option, value;
		bool router_only;
	} rows[] = {
	    {ZMQ_SNDHWM, 0, false},
	    {ZMQ_RCVHWM, 0, false},
	    {ZMQ_LINGER, 0, false},
	    {ZMQ_IMMEDIATE, 0, false},
	    {ZMQ_BACKLOG, BACKLOG, false},
	    {ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS, false},
	    {ZMQ_ROUTER_MANDATORY, 1, true},
	    {ZMQ_ROUTER_HANDOVER, 1, true},
	};
	int64_t most = BUS_MESSAGE_MAX;
	int error = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].router_only && kind != BUS_ROUTER)
			continue;
		error = set_int(zmq, rows[i].option, rows[i].value);
		if (error != 0)
			return error;
	}
	if (zmq_setsockopt(zmq, ZMQ_MAXMSGSIZE, &most, sizeof(most)) != 0)
		error = bus_zmq_error();
	return error;
}

static int
sock_new(const struct bus *bus, enum bus_kind kind, struct bus_sock **sock)
{
	static const int kinds[] = {
	    [BUS_ROUTER] = ZMQ_ROUTER,
	    [BUS_DEALER] = ZMQ_DEALER,
	    [BUS_PUSH] = ZMQ_PUSH,
	    [BUS_PULL] = ZMQ_PULL,
	};
	struct bus_sock *s = calloc(1, sizeof(*s));
	size_t fd_octets = sizeof(int);
	int error;

	if (s == NULL)
		return -ENOMEM;
	s->kind = kind;
	s->zmq = zmq_socket(bus->context->zmq, kinds[kind]);
	error = s->zmq == NULL ? bus_zmq_error() : sock_options(s->zmq, kind);
	if (error == 0 &&
	    zmq_getsockopt(s->zmq, ZMQ_FD, &s->fd, &fd_octets) != 0)
		error = bus_zmq_error();
	if (error != 0) {
		bus_close(&s);
		return error;
	}
	*sock = s;
	return 0;
}

/*
 * CURVE with one key pair for all: who holds it is of this run. libzmq admits
 * everybody where no ZAP thread listens; context_new() fails without one.
 */
static int
sock_curve_server(const struct bus *bus, void *zmq)
{
	int error;

	if (!bus->context->curve)
		return 0;
	error = set_int(zmq, ZMQ_CURVE_SERVER, 1);
	if (error == 0)
		error = set_text(zmq, ZMQ_CURVE_SECRETKEY,
				 bus->context->keys.secret);
	if (error == 0)
		error = set_text(zmq, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN);
	return error;
}

static int
sock_curve_client(const struct bus *bus, void *zmq)
{
	const struct bus_keys *keys = &bus->context->keys;
	int error;

	if (!bus->context->curve)
		return 0;
	error = set_text(zmq, ZMQ_CURVE_SERVERKEY, keys->public);
	if (error == 0)
		error = set_text(zmq, ZMQ_CURVE_PUBLICKEY, keys->public);
	if (error == 0)
		error = set_text(zmq, ZMQ_CURVE_SECRETKEY, keys->secret);
	return error;
}

/* What to bind to; path gets the socket file's, where there is one. */
static int
listen_address(const struct bus *bus, const char *name,
	       char address[BUS_ENDPOINT_MAX], char path[BUS_IPC_PATH_MAX + 1])
{
	int n;

	switch (bus->transport) {
	case BUS_IPC:
		n = snprintf(path, BUS_IPC_PATH_MAX + 1, "%s/%s", bus->run_dir,
			     name);
		if (n < 0 || n > BUS_IPC_PATH_MAX)
			return -ENAMETOOLONG;
		n = snprintf(address, BUS_ENDPOINT_MAX, "ipc://%s", path);
		break;
	case BUS_TCP:
		n = snprintf(address, BUS_ENDPOINT_MAX, "tcp://127.0.0.1:*");
		break;
	default:
		n = snprintf(address, BUS_ENDPOINT_MAX, "inproc://%s", name);
		break;
	}
	return n < 0 || n >= BUS_ENDPOINT_MAX ? -ENAMETOOLONG : 0;
}

int
bus_listen(struct bus *bus, enum bus_kind kind, const char *name,
	   struct bus_sock **sock, char endpoint[BUS_ENDPOINT_MAX])
{
	struct bus_sock *s = NULL;
	char address[BUS_ENDPOINT_MAX], path[BUS_IPC_PATH_MAX + 1] = "";
	size_t octets = BUS_ENDPOINT_MAX;
	int error;

	error = listen_address(bus, name, address, path);
	if (error == 0)
		error = sock_new(bus, kind, &s);
	if (error == 0)
		error = sock_curve_server(bus, s->zmq);
	if (error != 0)
		goto fail;
	if (zmq_bind(s->zmq, address) != 0 ||
	    zmq_getsockopt(s->zmq, ZMQ_LAST_ENDPOINT, address, &octets) != 0) {
		error = bus_zmq_error();
		goto fail;
	}
	memcpy(s->path, path, sizeof(path));
	memcpy(endpoint, address, BUS_ENDPOINT_MAX);
	*sock = s;
	return 0;
fail:
	bus_close(&s);
	return error;
}

int
bus_connect(struct bus *bus, enum bus_kind kind, const char *endpoint,
	    const char *identity, struct bus_sock **sock)
{
	struct bus_sock *s = NULL;
	int error = sock_new(bus, kind, &s);

	if (error == 0)
		error = sock_curve_client(bus, s->zmq);
	if (error == 0 && identity != NULL)
		error = strlen(identity) > BUS_PEER_MAX
			    ? -ENAMETOOLONG
			    : set_text(s->zmq, ZMQ_ROUTING_ID, identity);
	if (error == 0 && zmq_connect(s->zmq, endpoint) != 0)
		error = bus_zmq_error();
	if (error != 0) {
		bus_close(&s);
		return error;
	}
	*sock = s;
	return 0;
}

void
bus_close(struct bus_sock **sock)
{
	struct bus_sock *s = *sock;

	if (s == NULL)
		return;
	if (s->zmq != NULL)
		(void)zmq_close(s->zmq);
	/* ZeroMQ does so too, but later, in a thread of its own. */
	if (s->path[0] != '\0')
		(void)unlink(s->path);
	free(s);
	*sock = NULL;
}
/* Whether there is something to receive: 1, 0 or a negative errno. */
static int
sock_look(struct bus_sock *sock)
{
	int events = 0;
	size_t octets = sizeof(events);

	if (zmq_getsockopt(sock->zmq, ZMQ_EVENTS, &events, &octets) != 0)
		return bus_zmq_error();
	sock->dry = (events & ZMQ_POLLIN) == 0;
	return sock->dry ? 0 : 1;
}

/* What may have something already, and what is to be watched. As sock_look().
 */
static int
poll_prepare(struct bus_poll *items, size_t n, struct pollfd *set)
{
	int ready = 0;

	for (size_t i = 0; i < n; i++) {
		struct bus_sock *sock = items[i].sock;
		int got = 0;

		items[i].ready = false;
		if (sock != NULL && !sock->dry)
			got = sock_look(sock);
		if (got < 0)
			return got;
		items[i].ready = got > 0;
		ready += got;
		set[i] = (struct pollfd){
		    .fd = sock != NULL ? sock->fd : items[i].fd,
		    .events = POLLIN,
		};
	}
	return ready;
}

/* What is ready after poll(): a socket only where there is a message. */
static int
poll_settle(struct bus_poll *items, size_t n, const struct pollfd *set)
{
	int ready = 0;

	for (size_t i = 0; i < n; i++) {
		int got = set[i].revents != 0 ? 1 : 0;

		if (!items[i].ready && got != 0 && items[i].sock != NULL)
			got = sock_look(items[i].sock);
		if (got < 0)
			return got;
		items[i].ready = items[i].ready || got > 0;
		ready += items[i].ready ? 1 : 0;
	}
	return ready;
}

/*
 * One system call where every socket was found empty before: zmq_poll() makes
 * two for each socket and call, which cost more than the packets.
 */
int
bus_poll(struct bus_poll *items, size_t n, long timeout_ms)
{
	struct pollfd set[POLL_MAX];
	uint64_t until = clock_monotonic() + (uint64_t)timeout_ms * CLOCK_MS_NS;
	long left_ms = timeout_ms;
	int ready;

	if (n > POLL_MAX)
		return -EINVAL;
	ready = poll_prepare(items, n, set);
	while (ready >= 0) {
		if (poll(set, n, ready > 0 ? 0 : (int)left_ms) < 0)
			return -errno;
		ready = poll_settle(items, n, set);
		if (ready != 0 || left_ms == 0)
			return ready;
		if (timeout_ms > 0) {
			uint64_t now = clock_monotonic();

			left_ms = now >= until
				      ? 0
				      : (long)((until - now + CLOCK_MS_NS - 1) /
					       CLOCK_MS_NS);
		}
	}
	return ready;
}
