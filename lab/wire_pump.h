/*
 * The pump of a lab's links: it moves frames between the ends of many links,
 * through the shaper where a link has properties, and counts every one. The
 * keeper of a lab owns one and gives its descriptor to its own loop: the pump
 * never waits, costs nothing while nothing moves, and makes no system call and
 * no memory for a single frame at full load, but where an end can not do better
 * (TAP, libpcap).
 *
 *	wire_pump_new(&pump, &(struct wire_pump_conf){.seed = 7});
 *	wire_end_pair(fd);              // fd[1] is the chassis's "lab:N"
 *	wire_end_socket(&end[0], fd[0], WIRE_FORM_LAB);
 *	...
 *	wire_pump_link(pump, &link, &number);
 *	for (;;) { poll wire_pump_fd(pump); wire_pump_run(pump); }
 *
 * Time. Without `timed` the lab's clock is the machine's, and a frame has the
 * time at which the pump took it. With `timed` it begins at WIRE_EPOCH_NS when
 * the lab is started, and frames keep the times that their sources gave them,
 * later by what links add: so the captures of a lab with one source are the
 *same octets in every run, however fast the machine was.
 */
#ifndef WIRE_PUMP_H
#define WIRE_PUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "shape.h"
#include "wire_end.h"

/* 2026-01-01T00:00:00Z */
#define WIRE_EPOCH_NS UINT64_C(1767225600000000000)

struct wire_pump;

struct wire_pump_conf {
	bool timed;
};

/* -ENOMEM or the errno of epoll and timerfd. */
int wire_pump_new(struct wire_pump **pump, const struct wire_pump_conf *conf);
/* Closes every end too. */
void wire_pump_free(struct wire_pump **pump);

struct wire_link {
	struct wire_end *end[2];
	struct shape_conf conf[2]; /* [0]: from end 0 to end 1 */
	uint64_t seed[2];          /* of each direction's lots */
};

/*
 * Owns the ends from then on, also when it fails: -ENOMEM, -errno of epoll.
 * number: from 0, in the order of adding.
 */
int wire_pump_link(struct wire_pump *pump, const struct wire_link *link,
		   unsigned *number);

/* side: the direction from that end; its frames from now on. */
void wire_pump_shape(struct wire_pump *pump, unsigned link, unsigned side,
		     const struct shape_conf *conf);
const struct shape_conf *wire_pump_shaped(const struct wire_pump *pump,
					  unsigned link, unsigned side);
/* Whether a node takes frames at its end; it does until told otherwise. What
 * comes meanwhile is node-down. */
void wire_pump_node(struct wire_pump *pump, unsigned link, unsigned side,
		    bool up);
/* Borrowed: they go on counting. side: the direction from that end. */
const struct link_counts *wire_pump_counts(const struct wire_pump *pump,
					   unsigned link, unsigned side);

/* The lab is up: captures and generators begin. */
void wire_pump_start(struct wire_pump *pump);
/* Every source has sent all it had and nothing is under way in a link. */
bool wire_pump_idle(const struct wire_pump *pump);

/* To sleep on: readable when wire_pump_run() has something to do. */
int wire_pump_fd(const struct wire_pump *pump);
/* Does what there is, for as long as it is fair to others in the loop. */
void wire_pump_run(struct wire_pump *pump);

/* The lab's clock. */
uint64_t wire_pump_now(const struct wire_pump *pump);

/*
 * What is seen of frames: as they come from a near end (SENT), and where the
 * far end takes them (ARRIVED). Called for every frame while it is set; NULL:
 * no more. The frame is borrowed.
 */
enum wire_seen_at { WIRE_SENT, WIRE_ARRIVED };
struct wire_seen {
	unsigned link;
	unsigned side; /* the end that it came from */
	enum wire_seen_at at;
	enum link_count fate; /* SENT: LINK_TAKEN; ARRIVED: LINK_DELIVERED; or
				 why it was lost there */
	const struct wire_frame *frame;
};
typedef void wire_tap(void *arg, const struct wire_seen *seen);
void wire_pump_tap(struct wire_pump *pump, wire_tap *tap, void *arg);

/* Writes out what sinks have recorded so far. The first -errno. */
int wire_pump_flush(struct wire_pump *pump);

#endif
