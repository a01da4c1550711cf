/*
 * Messages: what memory they live in, when it is wiped, and how they go to and
 * come from a socket. A message made here is one allocation that ZeroMQ gets
 * whole; one that was received stays ZeroMQ's. Called by control/ and
 * backplane/; it never blocks, and never looks into a message.
 *
 * libzmq carries octets through threads that ThreadSanitizer does not see, so a
 * hand-over is marked here, in pairs: release before a send, acquire after a
 * receive and before a message's memory is let go.
 */
#include "bus_zmq.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "secret.h"

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>

const char *__tsan_default_suppressions(void);

/* What libzmq and its cipher do inside themselves; nothing of ours. */
const char *
__tsan_default_suppressions(void)
{
	return "called_from_lib:libzmq.so\ncalled_from_lib:libsodium.so\n";
}

static const char handed_over; /* an address only: never read */

static void
mark_release(void)
{
	__tsan_release((void *)(uintptr_t)&handed_over);
}

static void
mark_acquire(void)
{
	__tsan_acquire((void *)(uintptr_t)&handed_over);
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

enum msg_state { MSG_EMPTY = 0, MSG_MADE, MSG_RECEIVED };

/* A message that was made here: one allocation, ZeroMQ gets the octets. */
struct block {
	size_t octets;
	bool secret;
	_Alignas(16) unsigned char data[];
};

static_assert(sizeof(zmq_msg_t) == sizeof(((struct bus_msg *)0)->opaque),
	      "a received message lies in the opaque octets");

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

	memcpy((void *)&b, msg->opaque, sizeof(void *));
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

	if (octets > (size_t)BUS_MESSAGE_MAX)
		return -ENOMEM;
	b = malloc(sizeof(*b) + octets);
	if (b == NULL)
		return -ENOMEM;
	b->octets = octets;
	b->secret = secret;
	*msg = (struct bus_msg){.secret = secret, .state = MSG_MADE};
	memcpy(msg->opaque, (void *)&b, sizeof(void *));
	msg_set_made_octets(msg, octets);
	return 0;
}

void
bus_msg_cut(struct bus_msg *msg, size_t octets)
{
	assert(msg->state == MSG_MADE && octets <= msg_made_octets(msg));
	msg_set_made_octets(msg, octets);
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

/* Gives the message's memory to ZeroMQ, where it is not already there. */
static int
msg_hand_over(struct bus_msg *msg, zmq_msg_t *z)
{
	struct block *b;

	if (msg->state == MSG_EMPTY)
		return -EINVAL;
	if (msg->state == MSG_RECEIVED) {
		(void)zmq_msg_init(z);
		return zmq_msg_move(z, msg_zmq(msg)) == 0 ? 0 : -EINVAL;
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
			return bus_zmq_error();
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
	sock->dry = false;
	error = send_msg(sock->zmq, &z);
	if (error == 0) {
		*msg = (struct bus_msg){0};
		return 0;
	}
	/* Not taken: the caller keeps it, now as ZeroMQ's. */
	(void)zmq_msg_init(msg_zmq(msg));
	(void)zmq_msg_move(msg_zmq(msg), &z);
	(void)zmq_msg_close(&z);
	msg->state = MSG_RECEIVED;
	msg->secret = secret;
	return error;
}

int
bus_send_to(struct bus_sock *sock, const struct bus_peer *peer,
	    struct bus_msg *msg)
{
	assert(sock->kind == BUS_ROUTER);
	sock->dry = false;
	while (zmq_send(sock->zmq, peer->octets, peer->len,
			ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) {
		if (zmq_errno() != EINTR)
			return bus_zmq_error();
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
			return bus_zmq_error();
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
	zmq_msg_t *z = msg_zmq(msg);
	int got;

	*msg = (struct bus_msg){0};
	(void)zmq_msg_init(z);
	got = recv_part(zmq, z);
	if (got < 0 || zmq_msg_more(z)) {
		discard_parts(zmq, z);
		(void)zmq_msg_close(z);
		return got < 0 ? got : 0;
	}
	mark_acquire();
	msg->state = MSG_RECEIVED;
	return 1;
}

int
bus_recv(struct bus_sock *sock, struct bus_msg *msg)
{
	int got;

	do
		got = recv_last(sock->zmq, msg);
	while (got == 0);
	sock->dry = got == -EAGAIN;
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
	sock->dry = got == -EAGAIN;
	return got == -EAGAIN ? 0 : got;
}
