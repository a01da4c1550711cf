/*
 * A chassis and two neighbours, 1/ippa and 2/eppa, played by the test's own
 * thread around one card that runs in another. Plain types, for C++.
 */
#ifndef FAKE_CHASSIS_H
#define FAKE_CHASSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bus;
struct stats;
struct fake;

enum fake_transport { FAKE_IPC, FAKE_INPROC };
enum fake_peer { FAKE_IPPA, FAKE_EPPA, FAKE_PEERS };

#define FAKE_OCTETS 2048
#define FAKE_BODY 160
#define FAKE_TAIL 512

/* Runs the card; in a thread of its own. */
typedef int fake_run(void *arg, struct bus *bus, const char *endpoint,
		     struct stats *stats);

struct fake_pkt {
	uint64_t order_ns;
	uint32_t index;
	uint32_t round;
	uint32_t circuit_in;
	uint32_t circuit_out;
	uint32_t handle;
	unsigned flags;
	unsigned trace;
	unsigned hop;
	unsigned in_stage;
	unsigned len;
	uint8_t octets[FAKE_OCTETS];
};

struct fake_msg {
	unsigned type;
	uint8_t body[FAKE_BODY];
	uint8_t tail[FAKE_TAIL + 1]; /* NUL behind it */
	size_t tail_octets;          /* of the message; the tail may be cut */
};

/*
 * Starts the card as that stage (run NULL: a program does, with
 * fake_stats_fd()), hears its HELLO, and links it with both neighbours. NULL
 * when anything failed.
 */
struct fake *fake_new(enum fake_transport transport, unsigned stage,
		      fake_run *run, void *arg);
/* Hears HELLO and links: done by fake_new() where run is not NULL. */
int fake_begin(struct fake *f);
/* SHUTDOWN, and what run returned. Leaves NULL. */
int fake_end(struct fake **f);

int fake_stats_fd(const struct fake *f);
const char *fake_endpoint(const struct fake *f);
const char *fake_dir(const struct fake *f);
struct stats *fake_stats(const struct fake *f);
/* The crypto engine of its HELLO. */
unsigned fake_engine(const struct fake *f);

/* 0 or -errno. */
int fake_send(struct fake *f, unsigned type, const void *body, const void *tail,
	      size_t tail_octets);
/* The same without ctl_send()'s checks: a message that no chassis would send.
 */
int fake_send_wrong(struct fake *f, unsigned type, const void *body,
		    size_t octets);
/* The next message of the type; others wait. False: none within 10 s. */
bool fake_expect(struct fake *f, unsigned type, struct fake_msg *msg);
/* Messages of the type that have come and were not expected yet. */
unsigned fake_waiting(struct fake *f, unsigned type);

void fake_put(struct fake *f, enum fake_peer from, const struct fake_pkt *p);
void fake_flush(struct fake *f, enum fake_peer from);
/* The next packet that the card sent there. False: none within 10 s. */
bool fake_take(struct fake *f, enum fake_peer at, struct fake_pkt *p);
unsigned fake_peer_stage(enum fake_peer peer);
/* The neighbour is no more: its sockets close. */
void fake_kill(struct fake *f, enum fake_peer peer);

/* Octets of an SA's row in the message that installs it. */
size_t fake_sa_octets(void);

/* Short forms of messages. */
int fake_generation(struct fake *f, unsigned type, uint32_t generation);
int fake_rows(struct fake *f, unsigned table, uint32_t generation, unsigned op,
	      const void *items, size_t octets);
/* PREPARE, PREPARED, ACTIVATE, ACTIVATED; the error that was answered. */
int fake_activate(struct fake *f, uint32_t generation);
/* Waits until n packets of a round met their fate. */
bool fake_fates(struct fake *f, uint32_t round, uint32_t n);
/* A probe answered: all that was sent before it has been seen. */
bool fake_settled(struct fake *f, uint64_t *sent, uint64_t *received);
int fake_point(struct fake *f, unsigned stage, unsigned tap, unsigned to,
	       const char *path);

uint64_t fake_dropped(const struct fake *f, unsigned fate);

#ifdef __cplusplus
}
#endif

#endif
