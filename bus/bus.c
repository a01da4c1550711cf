/*
 * The keeper of ZeroMQ: nobody else includes its header. Decides how sockets
 * are set up (no high-water marks, no lingering, ROUTER mandatory), what memory
 * messages live in and when it is wiped, and who is admitted over tcp://
 * (CURVE, and a ZAP thread that knows one key: the run's). Called by control/
 * and backplane/; it never blocks but in bus_poll(), and never looks into a
 * message.
 *
 * libzmq carries octets through threads that ThreadSanitizer does not see, so a
 * hand-over is marked here, in pairs: release before a send, acquire after a
 * receive and before a message's memory is let go.
 */
#include "bus.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

#include "secret.h"

#define IPC_PATH_MAX 107 /* sun_path less the NUL, unix(7) */
#define NAME_MAX_OCTETS 24
#define SOCKETS_MAX 4096
#define MESSAGE_MAX (INT64_C(256) << 20)
#define BACKLOG 1024
#define RECONNECT_MAX_MS 2000
#define POLL_MAX 256
#define CURVE_KEY_OCTETS 32
#define ZAP_PARTS 7 /* of a request with mechanism CURVE, RFC 27/ZAP */
#define ZAP_PART_MAX 256
#define ZAP_DOMAIN "sesim"

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>

const char *__tsan_default_suppressions(void);

/* What libzmq does inside itself; nothing of ours. */
const char *
__tsan_default_suppressions(void)
{
	return "called_from_lib:libzmq.so\nrace:libzmq.so\n";
}

static char handed_over; /* an address only: never read or written */

static void
mark_release(void)
{
	__tsan_release(&handed_over);
}

static void
mark_acquire(void)
{
	__tsan_acquire(&handed_over);
}
#else
static void
mark_release(void)
{
}

static void
mark_acquire(void)
{
}
#endif

/* The ZeroMQ context, which threads that play processes share. */
struct bus_context {
	void *zmq;
	_Atomic unsigned users;
	bool curve;
	struct bus_keys keys;
	uint8_t admitted[CURVE_KEY_OCTETS];
	void *zap;
	pthread_t zap_thread;
	bool zap_runs;
};

struct bus {
	struct bus_context *context;
	enum bus_transport transport;
	const char *run_dir;
};

struct bus_sock {
	void *zmq;
	enum bus_kind kind;
	char path[IPC_PATH_MAX + 1]; /* of the socket file, or empty */
};

enum msg_state { MSG_EMPTY = 0, MSG_MADE, MSG_RECEIVED };

/* A message that was made here: one allocation, ZeroMQ gets the octets. */
struct block {
	size_t octets;
	bool secret;
	_Alignas(16) unsigned char data[];
};

static_assert(sizeof(zmq_msg_t) == sizeof(((struct bus_msg *)0)->opaque),
	      "a received message lies in the opaque octets");

static const char *const transport_names[] = {
    [BUS_IPC] = "ipc",
    [BUS_TCP] = "tcp",
    [BUS_INPROC] = "inproc",
};

/* Errors that only ZeroMQ has become ones that everybody has. */
static int
zmq_error(void)
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

/* --- ZAP: who may connect over tcp (RFC 27/ZAP) --- */

/*
 * Reads a request; *id gets the second part, of id_octets. 1 to admit, 0 to
 * refuse, -1 when the context ends.
 */
static int
zap_read(struct bus_context *c, void *id, size_t *id_octets)
{
	unsigned char part[ZAP_PART_MAX];
	bool admit = true;
	int more = 1;
	unsigned i;

	*id_octets = 0;
	for (i = 0; more; i++) {
		size_t more_octets = sizeof(more);
		int n = zmq_recv(c->zap, part, sizeof(part), 0);

		if (n < 0 && zmq_errno() == EINTR) {
			i--;
			continue;
		}
		if (n < 0)
			return -1;
		if (i == 1 && (size_t)n <= sizeof(part)) {
			memcpy(id, part, (size_t)n);
			*id_octets = (size_t)n;
		}
		if (i == 5 && (n != 5 || memcmp(part, "CURVE", 5) != 0))
			admit = false;
		if (i == 6 &&
		    (n != CURVE_KEY_OCTETS ||
		     !secret_equal(part, c->admitted, CURVE_KEY_OCTETS)))
			admit = false;
		if (zmq_getsockopt(c->zap, ZMQ_RCVMORE, &more, &more_octets) !=
		    0)
			return -1;
	}
	return admit && i == ZAP_PARTS ? 1 : 0;
}

static int
zap_part(void *zap, const void *octets, size_t n, int flags)
{
	return zmq_send(zap, octets, n, flags) < 0 ? -1 : 0;
}

static void *
zap_main(void *arg)
{
	struct bus_context *c = arg;
	unsigned char id[ZAP_PART_MAX];
	size_t n;
	int admit;

	while ((admit = zap_read(c, id, &n)) >= 0) {
		if (zap_part(c->zap, "1.0", 3, ZMQ_SNDMORE) != 0 ||
		    zap_part(c->zap, id, n, ZMQ_SNDMORE) != 0 ||
		    zap_part(c->zap, admit ? "200" : "400", 3, ZMQ_SNDMORE) !=
			0 ||
		    zap_part(c->zap, "", 0, ZMQ_SNDMORE) != 0 ||
		    zap_part(c->zap, "", 0, ZMQ_SNDMORE) != 0 ||
		    zap_part(c->zap, "", 0, 0) != 0)
			break;
	}
	(void)zmq_close(c->zap);
	return NULL;
}

static int
zap_start(struct bus_context *c)
{
	int zero = 0, error;

	if (zmq_z85_decode(c->admitted, c->keys.public) == NULL)
		return -EINVAL;
	c->zap = zmq_socket(c->zmq, ZMQ_REP);
	if (c->zap == NULL)
		return zmq_error();
	if (zmq_setsockopt(c->zap, ZMQ_LINGER, &zero, sizeof(zero)) != 0 ||
	    zmq_bind(c->zap, "inproc://zeromq.zap.01") != 0) {
		error = zmq_error();
		goto fail;
	}
	error = -pthread_create(&c->zap_thread, NULL, zap_main, c);
	if (error != 0)
		goto fail;
	c->zap_runs = true;
	return 0;
fail:
	(void)zmq_close(c->zap);
	c->zap = NULL;
	return error;
}

/* --- contexts --- */

static void
context_free(struct bus_context *c)
{
	if (c->zmq != NULL) {
		(void)zmq_ctx_shutdown(c->zmq);
		if (c->zap_runs)
			(void)pthread_join(c->zap_thread, NULL);
		while (zmq_ctx_term(c->zmq) != 0 && zmq_errno() == EINTR)
			continue;
	}
	secret_wipe(&c->keys, sizeof(c->keys));
	free(c);
}

static int
context_new(struct bus_context **context, const struct bus_keys *keys)
{
	struct bus_context *c = calloc(1, sizeof(*c));
	int error = 0;

	if (c == NULL)
		return -ENOMEM;
	atomic_init(&c->users, 1);
	c->zmq = zmq_ctx_new();
	if (c->zmq == NULL ||
	    zmq_ctx_set(c->zmq, ZMQ_MAX_SOCKETS, SOCKETS_MAX) != 0 ||
	    zmq_ctx_set(c->zmq, ZMQ_IO_THREADS, 1) != 0) {
		error = -ENOMEM;
	} else if (keys != NULL) {
		c->curve = true;
		c->keys = *keys;
		error = zap_start(c);
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
	    strlen(run_dir) + 1 + NAME_MAX_OCTETS > IPC_PATH_MAX)
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

/* --- sockets --- */

static int
set_int(void *zmq, int option, int value)
{
	return zmq_setsockopt(zmq, option, &value, sizeof(value)) == 0
		   ? 0
		   : zmq_error();
}

static int
set_text(void *zmq, int option, const char *text)
{
	return zmq_setsockopt(zmq, option, text, strlen(text)) == 0
		   ? 0
		   : zmq_error();
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
	int64_t most = MESSAGE_MAX;
	int error = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].router_only && kind != BUS_ROUTER)
			continue;
		error = set_int(zmq, rows[i].option, rows[i].value);
		if (error != 0)
			return error;
	}
	if (zmq_setsockopt(zmq, ZMQ_MAXMSGSIZE, &most, sizeof(most)) != 0)
		error = zmq_error();
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
	int error;

	if (s == NULL)
		return -ENOMEM;
	s->kind = kind;
	s->zmq = zmq_socket(bus->context->zmq, kinds[kind]);
	error = s->zmq == NULL ? zmq_error() : sock_options(s->zmq, kind);
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
	       char address[BUS_ENDPOINT_MAX], char path[IPC_PATH_MAX + 1])
{
	int n;

	switch (bus->transport) {
	case BUS_IPC:
		n = snprintf(path, IPC_PATH_MAX + 1, "%s/%s", bus->run_dir,
			     name);
		if (n < 0 || n > IPC_PATH_MAX)
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
	char address[BUS_ENDPOINT_MAX], path[IPC_PATH_MAX + 1] = "";
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
		error = zmq_error();
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
		error = zmq_error();
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

/* --- messages --- */

static void
block_free(void *data, void *hint)
{
	struct block *b = hint;

	(void)data;
	mark_acquire();
	if (b->secret)
		secret_wipe(b->data, b->octets);
	free(b);
}

static zmq_msg_t *
msg_zmq(const struct bus_msg *msg)
{
	return (zmq_msg_t *)(void *)(uintptr_t)msg->opaque;
}

static struct block *
msg_block(const struct bus_msg *msg)
{
	struct block *b;

	memcpy(&b, msg->opaque, sizeof(b));
	return b;
}

static size_t
msg_made_octets(const struct bus_msg *msg)
{
	size_t octets;

	memcpy(&octets, msg->opaque + sizeof(struct block *), sizeof(octets));
	return octets;
}

static void
msg_set_made_octets(struct bus_msg *msg, size_t octets)
{
	memcpy(msg->opaque + sizeof(struct block *), &octets, sizeof(octets));
}

int
bus_msg_new(struct bus_msg *msg, size_t octets, bool secret)
{
	struct block *b;

	if (octets > (size_t)MESSAGE_MAX)
		return -ENOMEM;
	b = malloc(sizeof(*b) + octets);
	if (b == NULL)
		return -ENOMEM;
	b->octets = octets;
	b->secret = secret;
	*msg = (struct bus_msg){.secret = secret, .state = MSG_MADE};
	memcpy(msg->opaque, &b, sizeof(b));
	msg_set_made_octets(msg, octets);
	return 0;
}

void *
bus_msg_data(struct bus_msg *msg)
{
	if (msg->state == MSG_MADE)
		return msg_block(msg)->data;
	return msg->state == MSG_RECEIVED ? zmq_msg_data(msg_zmq(msg)) : NULL;
}

size_t
bus_msg_octets(const struct bus_msg *msg)
{
	if (msg->state == MSG_MADE)
		return msg_made_octets(msg);
	return msg->state == MSG_RECEIVED ? zmq_msg_size(msg_zmq(msg)) : 0;
}

int
bus_msg_trim(struct bus_msg *msg, size_t octets)
{
	if (msg->state != MSG_MADE || octets > msg_made_octets(msg))
		return -EINVAL;
	msg_set_made_octets(msg, octets);
	return 0;
}

void
bus_msg_done(struct bus_msg *msg)
{
	if (msg->state == MSG_MADE) {
		block_free(NULL, msg_block(msg));
	} else if (msg->state == MSG_RECEIVED) {
		if (msg->secret)
			secret_wipe(zmq_msg_data(msg_zmq(msg)),
				    zmq_msg_size(msg_zmq(msg)));
		mark_release();
		(void)zmq_msg_close(msg_zmq(msg));
	}
	*msg = (struct bus_msg){0};
}

/* --- sending and receiving --- */

/* Gives the message's memory to ZeroMQ, where it is not already there. */
static int
msg_hand_over(struct bus_msg *msg, zmq_msg_t *z)
{
	struct block *b;

	if (msg->state == MSG_EMPTY)
		return -EINVAL;
	if (msg->state == MSG_RECEIVED) {
		memcpy(z, msg->opaque, sizeof(*z));
		return 0;
	}
	b = msg_block(msg);
	if (zmq_msg_init_data(z, b->data, msg_made_octets(msg), block_free,
			      b) != 0)
		return -ENOMEM;
	return 0;
}

static int
send_msg(void *zmq, zmq_msg_t *z)
{
	while (zmq_msg_send(z, zmq, ZMQ_DONTWAIT) < 0) {
		if (zmq_errno() != EINTR)
			return zmq_error();
	}
	return 0;
}

int
bus_send(struct bus_sock *sock, struct bus_msg *msg)
{
	bool secret = msg->secret;
	zmq_msg_t z;
	int error = msg_hand_over(msg, &z);

	if (error != 0)
		return error;
	mark_release();
	error = send_msg(sock->zmq, &z);
	if (error == 0) {
		*msg = (struct bus_msg){0};
		return 0;
	}
	/* Not taken: the caller keeps it, now as ZeroMQ's. */
	memcpy(msg->opaque, &z, sizeof(z));
	msg->state = MSG_RECEIVED;
	msg->secret = secret;
	return error;
}

int
bus_send_to(struct bus_sock *sock, const struct bus_peer *peer,
	    struct bus_msg *msg)
{
	assert(sock->kind == BUS_ROUTER);
	while (zmq_send(sock->zmq, peer->octets, peer->len,
			ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) {
		if (zmq_errno() != EINTR)
			return zmq_error();
	}
	return bus_send(sock, msg);
}

/* Lets go of what is left of a message in several parts. */
static void
discard_parts(void *zmq, zmq_msg_t *z)
{
	while (zmq_msg_more(z)) {
		if (zmq_msg_recv(z, zmq, ZMQ_DONTWAIT) < 0 &&
		    zmq_errno() != EINTR)
			return;
	}
}

static int
recv_part(void *zmq, zmq_msg_t *z)
{
	while (zmq_msg_recv(z, zmq, ZMQ_DONTWAIT) < 0) {
		if (zmq_errno() != EINTR)
			return zmq_error();
	}
	return 1;
}

/*
 * One part into msg; 1, 0 for a message that was let go because it has more
 * parts, or a negative errno.
 */
static int
recv_last(void *zmq, struct bus_msg *msg)
{
	zmq_msg_t z;
	int got;

	(void)zmq_msg_init(&z);
	got = recv_part(zmq, &z);
	if (got < 0 || zmq_msg_more(&z)) {
		discard_parts(zmq, &z);
		(void)zmq_msg_close(&z);
		return got < 0 ? got : 0;
	}
	mark_acquire();
	*msg = (struct bus_msg){.state = MSG_RECEIVED};
	memcpy(msg->opaque, &z, sizeof(z));
	return 1;
}

int
bus_recv(struct bus_sock *sock, struct bus_msg *msg)
{
	int got;

	do
		got = recv_last(sock->zmq, msg);
	while (got == 0);
	return got == -EAGAIN ? 0 : got;
}

/* As recv_last(), for a peer's name and then its message. */
static int
recv_from(void *zmq, struct bus_peer *peer, struct bus_msg *msg)
{
	zmq_msg_t z;
	bool usable;
	int got;

	(void)zmq_msg_init(&z);
	got = recv_part(zmq, &z);
	if (got < 0) {
		(void)zmq_msg_close(&z);
		return got;
	}
	usable = zmq_msg_more(&z) && zmq_msg_size(&z) <= BUS_PEER_MAX;
	if (usable) {
		peer->len = (uint8_t)zmq_msg_size(&z);
		memcpy(peer->octets, zmq_msg_data(&z), peer->len);
	} else {
		discard_parts(zmq, &z);
	}
	(void)zmq_msg_close(&z);
	return usable ? recv_last(zmq, msg) : 0;
}

int
bus_recv_from(struct bus_sock *sock, struct bus_peer *peer, struct bus_msg *msg)
{
	int got;

	assert(sock->kind == BUS_ROUTER);
	do
		got = recv_from(sock->zmq, peer, msg);
	while (got == 0);
	return got == -EAGAIN ? 0 : got;
}

int
bus_poll(struct bus_poll *items, size_t n, long timeout_ms)
{
	zmq_pollitem_t set[POLL_MAX];
	int ready;

	if (n > POLL_MAX)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		items[i].ready = false;
		set[i] = (zmq_pollitem_t){
		    .socket = items[i].sock != NULL ? items[i].sock->zmq : NULL,
		    .fd = items[i].sock != NULL ? -1 : items[i].fd,
		    .events = ZMQ_POLLIN,
		};
	}
	ready = zmq_poll(set, (int)n, timeout_ms);
	if (ready < 0)
		return zmq_error();
	for (size_t i = 0; i < n; i++)
		items[i].ready = set[i].revents != 0;
	return ready;
}
