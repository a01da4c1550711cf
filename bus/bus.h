/*
 * The keeper of ZeroMQ: endpoints, messages, polling. Four kinds of socket:
 * the chassis is a ROUTER and everybody else a DEALER for control; a backplane
 * link is a PUSH at the sender and a PULL at the receiver. High-water marks are
 * off: what is in circulation is bounded by admission at the edge, so nothing
 * blocks and nothing is dropped in silence. ROUTER is mandatory: a message for
 * a peer that is gone is an error, not a loss.
 *
 * The receiver chooses the endpoint and tells it; its name carries the epoch of
 * the process, because libzmq would hand a dead receiver's queue to a successor
 * under the same name.
 *
 * A struct bus belongs to one thread; its sockets too. Threads that play
 * processes (inproc) each have a struct bus made from the first with
 * bus_new_sharing().
 */
#ifndef BUS_H
#define BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUS_ENDPOINT_MAX 160
#define BUS_PEER_MAX 32
#define BUS_KEY_OCTETS 41 /* Z85 text and NUL */

enum bus_transport { BUS_IPC, BUS_TCP, BUS_INPROC };
enum bus_kind { BUS_ROUTER, BUS_DEALER, BUS_PUSH, BUS_PULL };

/*
 * The key pair of a run: tcp:// sockets speak CURVE and admit only its holder.
 */
struct bus_keys {
	char public[BUS_KEY_OCTETS];
	char secret[BUS_KEY_OCTETS];
};

struct bus;
struct bus_sock;

/* -EIO when libzmq has no CURVE. */
int bus_keys_make(struct bus_keys *keys);
/*
 * Reads them from a memory file that the parent made; several processes share
 * its descriptor. -EIO when it holds none. Wipe them after bus_new().
 */
int bus_keys_read(int fd, struct bus_keys *keys);

/*
 * run_dir: where ipc sockets are made; borrowed, must stay valid. keys: copied;
 * NULL for no CURVE. -ENAMETOOLONG when a socket path would not fit (107
 * octets), -ENOMEM, -EMFILE.
 */
int bus_new(struct bus **bus, enum bus_transport transport, const char *run_dir,
	    const struct bus_keys *keys);
int bus_new_sharing(struct bus **bus, struct bus *with);
/* Sockets must be closed before. Accepts NULL, leaves NULL. */
void bus_free(struct bus **bus);

enum bus_transport bus_transport_of(const struct bus *bus);
const char *bus_transport_name(enum bus_transport transport);
/* -EINVAL for a word that is no transport. */
int bus_transport_parse(const char *word, enum bus_transport *transport);

/*
 * Listens under name (short: "ctl", "1i-3a.7"; the bus makes
 * ipc://RUNDIR/name, inproc://name or tcp://127.0.0.1:free) and writes the
 * endpoint that a peer connects to. The ipc file is removed by bus_close().
 */
int bus_listen(struct bus *bus, enum bus_kind kind, const char *name,
	       struct bus_sock **sock, char endpoint[BUS_ENDPOINT_MAX]);

/* identity: of a DEALER, what the ROUTER sees; NULL lets libzmq choose. */
int bus_connect(struct bus *bus, enum bus_kind kind, const char *endpoint,
		const char *identity, struct bus_sock **sock);

/* What is unsent is dropped (drain first). Accepts NULL, leaves NULL. */
void bus_close(struct bus_sock **sock);

/*
 * A message: memory that libzmq carries without a copy. After a successful send
 * it is empty again. bus_msg_done() frees what was received or never sent.
 */
struct bus_msg {
	_Alignas(8) unsigned char opaque[64];
	bool secret;   /* wipe the octets when they are let go */
	uint8_t state; /* 0: empty, so a zeroed message may be done with */
};

/* secret: the octets are wiped when libzmq lets them go. -ENOMEM. */
int bus_msg_new(struct bus_msg *msg, size_t octets, bool secret);
/* Shortens a message that was made here: at most what it has. */
void bus_msg_cut(struct bus_msg *msg, size_t octets);
void *bus_msg_data(struct bus_msg *msg);
size_t bus_msg_octets(const struct bus_msg *msg);
void bus_msg_done(struct bus_msg *msg);

/* Who sent, or who is to receive, at a ROUTER. */
struct bus_peer {
	uint8_t octets[BUS_PEER_MAX];
	uint8_t len;
};

/*
 * Never blocks. Takes the message when it returns 0; else it stays the
 * caller's. -EAGAIN, -EPIPE (the bus is ending), -EINVAL (an empty message).
 */
int bus_send(struct bus_sock *sock, struct bus_msg *msg);
/* ROUTER only. -EHOSTUNREACH when the peer is gone. */
int bus_send_to(struct bus_sock *sock, const struct bus_peer *peer,
		struct bus_msg *msg);
/* Never blocks: 1 and a message to be done with, 0 when there is none. */
int bus_recv(struct bus_sock *sock, struct bus_msg *msg);
int bus_recv_from(struct bus_sock *sock, struct bus_peer *peer,
		  struct bus_msg *msg);

/* One thing to wait for: a socket, or where sock is NULL a descriptor. */
struct bus_poll {
	struct bus_sock *sock;
	int fd;
	bool ready; /* set by bus_poll() */
};

/*
 * Waits; -1: for ever. The number that are ready, 0 after the time, -EINTR,
 * -EINVAL for more than 256 items. A descriptor below 0 is never ready. The
 * end of a peer counts as ready.
 */
int bus_poll(struct bus_poll *items, size_t n, long timeout_ms);

#endif
