/*
 * Inside bus/ only: what its files share. ZeroMQ's things are void pointers
 * here, so that its header stays in the .c files.
 */
#ifndef BUS_ZMQ_H
#define BUS_ZMQ_H

#include <pthread.h>
#include <stdatomic.h>

#include "bus.h"

#define BUS_IPC_PATH_MAX 107 /* sun_path less the NUL, unix(7) */
#define BUS_MESSAGE_MAX (INT64_C(256) << 20)
#define BUS_CURVE_OCTETS 32 /* of a key, in octets */

/* The ZeroMQ context, which threads that play processes share. */
struct bus_context {
	void *zmq;
	_Atomic unsigned users;
	bool curve;
	struct bus_keys keys;
	uint8_t admitted[BUS_CURVE_OCTETS];
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
	int fd; /* ZeroMQ's, readable when there is something to see to */
	/*
	 * The last look found nothing to receive, and nothing was sent since:
	 * it is enough to watch fd. (ZeroMQ's descriptor tells of changes only,
	 * and a send may swallow one.)
	 */
	bool dry;
	char path[BUS_IPC_PATH_MAX + 1]; /* of the socket file, or empty */
};

/*
 * The last ZeroMQ error as -errno; those that only ZeroMQ has are translated.
 */
int bus_zmq_error(void);

/*
 * The thread that admits, over tcp, the holder of the context's key and nobody
 * else. Stop: after the context was shut down.
 */
int bus_zap_start(struct bus_context *context);
void bus_zap_stop(struct bus_context *context);

#endif
