/*
 * Who may connect over tcp:// (RFC 27/ZAP of the ZeroMQ community): a thread
 * answers every handshake, and admits one public key, the run's. Everybody of a
 * run holds its secret half, so a peer that proves it is one of us. Started and
 * stopped by bus.c with the context; it sees no packet and no message.
 */
#include "bus_zmq.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include <zmq.h>

#include "secret.h"

#define ZAP_PARTS 7 /* of a request with mechanism CURVE */
#define ZAP_PART_MAX 256

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
		    (n != BUS_CURVE_OCTETS ||
		     !secret_equal(part, c->admitted, BUS_CURVE_OCTETS)))
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

/* Signals are the main thread's: one taken here would interrupt no wait. */
static int
thread_start(struct bus_context *c)
{
	sigset_t all, was;
	int error;

	(void)sigfillset(&all);
	error = -pthread_sigmask(SIG_SETMASK, &all, &was);
	if (error != 0)
		return error;
	error = -pthread_create(&c->zap_thread, NULL, zap_main, c);
	(void)pthread_sigmask(SIG_SETMASK, &was, NULL);
	return error;
}

int
bus_zap_start(struct bus_context *c)
{
	int zero = 0, error;

	if (zmq_z85_decode(c->admitted, c->keys.public) == NULL)
		return -EINVAL;
	c->zap = zmq_socket(c->zmq, ZMQ_REP);
	if (c->zap == NULL)
		return bus_zmq_error();
	if (zmq_setsockopt(c->zap, ZMQ_LINGER, &zero, sizeof(zero)) != 0 ||
	    zmq_bind(c->zap, "inproc://zeromq.zap.01") != 0) {
		error = bus_zmq_error();
		goto fail;
	}
	error = thread_start(c);
	if (error != 0)
		goto fail;
	c->zap_runs = true;
	return 0;
fail:
	(void)zmq_close(c->zap);
	c->zap = NULL;
	return error;
}

void
bus_zap_stop(struct bus_context *c)
{
	if (c->zap_runs)
		(void)pthread_join(c->zap_thread, NULL);
	c->zap_runs = false;
}
