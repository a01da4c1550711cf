/*
 * A port of the card. Receiving: frames are read ahead into packet buffers (the
 * stage) as far as the card has room (ahead.h), and wait there until a round
 * admits them; they carry the port's clock, which never goes back.
 * Sending: frames go to the far end, or nowhere, and are counted either way.
 */
#ifndef PORT_H
#define PORT_H

#include "ippa.h"
#include "port_far.h"

#define PORT_NO_TIME UINT64_MAX
#define PORT_PATH_MAX 1024

/* A frame that waits to be admitted. */
struct port_staged {
	struct pkt pkt;
	struct ippa_frame frame;
	bool bare; /* larger than a buffer: it has none */
};

struct port {
	struct port_far *in;
	struct port_far *out;
	struct port_staged *stage; /* a ring */
	unsigned room;             /* a power of two, or 0 */
	unsigned head;
	unsigned staged;
	uint32_t octets; /* of what is staged */
	uint64_t clock_ns;
	uint32_t index; /* of the next frame */
	uint16_t ippa;  /* stage id that the packets bear */
	uint8_t number;
	bool strict_mac;
	bool wire; /* its far end is live: neighbors are asked for */
	bool at_end;
	int error; /* negative errno: the input is damaged, and not yet told */
	struct cap_error why;
	char path[PORT_PATH_MAX]; /* of the output, for sentences */
	int out_error;
};

/* Owns the far ends from then on; port_fini() closes what is still open. */
void port_receive(struct port *port, struct port_far *in, uint16_t ippa,
		  uint8_t number, bool strict_mac);
void port_send(struct port *port, struct port_far *out);
void port_fini(struct port *port);

/*
 * Reads ahead until most frames are staged, the input ends, or the pool is
 * empty. -ENOMEM: no memory for the stage itself.
 */
int port_fill(struct port *port, struct pkt_pool *pool,
	      const struct pkt_mem *mem, unsigned most);

/* The first frame that waits, NULL: none. Borrowed until port_shift(). */
struct port_staged *port_first(struct port *port);
void port_shift(struct port *port);

/* Port clock of the first frame staged; PORT_NO_TIME: none. */
uint64_t port_next_ns(const struct port *port);
/* Port clock that the stage reaches to; PORT_NO_TIME: the whole rest. */
uint64_t port_limit_ns(const struct port *port);

/* Nothing staged and nothing to come. */
bool port_ended(const struct port *port);

/* 0; -EAGAIN: a live far end takes no more now; or the -errno for which frames
 * of this port end as output-failed. */
int port_write(struct port *port, const struct pkt *p, uint64_t trace,
	       const uint8_t *frame);
int port_flush(struct port *port, uint32_t round);
/* Closes the output: the first error of any call. */
int port_close_out(struct port *port);

#endif
