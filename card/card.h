/*
 * What every packet processor does, whatever it processes: it says hello to the
 * chassis, opens and closes links, counts in memory that the chassis can read,
 * stages tables and activates them by generation, records capture points and
 * journeys, reports the fates of rounds, and ends when told, when signalled, or
 * when its chassis is gone. What makes it an iPPA, an ePPA or an ASP are its
 * struct card_ops.
 */
#ifndef CARD_H
#define CARD_H

#include "bp_link.h"
#include "ctl_chan.h"
#include "pkt_tally.h"
#include "point.h"
#include "stats.h"

struct card;

#define CARD_WAITS_MAX 64

struct card_ops {
	/* A vector arrived from a stage. The card owns the buffers: each packet
	 * must be sent on (card_send), or ended (card_end). */
	void (*vector)(void *arg, uint16_t from, struct pkt_vec *v);

	/*
	 * Table rows of a generation: SET rows at ACTIVATE, DELETE rows at
	 * RETIRE, in the order they came. 0 or -errno (reported).
	 */
	int (*rows)(void *arg, enum ctl_type table, enum ctl_op op,
		    const uint8_t *items, size_t n);
	/*
	 * At PREPARE: whether the SET rows of a generation can act. They are
	 * given to tables of the same kind that nothing uses, rehearse() for
	 * each batch and rehearse_end() once, with what rehearse_begin() made
	 * (NULL: no memory). 0 or -errno, and the generation is refused. So
	 * nothing is left that can fail at ACTIVATE, when other cards act
	 * already. May be NULL, all three.
	 */
	void *(*rehearse_begin)(void *arg);
	int (*rehearse)(void *rehearsal, enum ctl_type table,
			const uint8_t *items, size_t n);
	int (*rehearse_end)(void *rehearsal);
	/* After all SET rows of a generation (FIBs are applied here), and again
	 * after the DELETE rows at RETIRE. 0 or -errno. */
	int (*activate)(void *arg);

	/* Messages of the role: PORT_OPEN, ADMIT, FLUSH, SEQ_GRANT, CLOSE. The
	 * generic part (points, traces, files of capture points) is done. */
	void (*message)(void *arg, const struct ctl_in *in);
	/* After every pass over the inbound links; may be NULL. */
	void (*pass)(void *arg);
	/*
	 * Before the card sleeps; may be NULL: what else to wait for, at most
	 * CARD_WAITS_MAX descriptors, and how long, *wait_ms (-1: for ever),
	 * which may be made shorter. How many. woken() gets them back, ready
	 * or not, before the links are looked at.
	 */
	size_t (*wait)(void *arg, struct bus_poll *items, long *wait_ms);
	void (*woken)(void *arg, const struct bus_poll *items, size_t n);
};

struct card_args {
	uint16_t stage;
	uint32_t epoch;
	uint32_t buffers;     /* of the pool, by value */
	int pools_fd;         /* as in bp_link.h; borrowed */
	struct bus *bus;      /* borrowed */
	const char *endpoint; /* of the chassis's control socket */
	struct stats *stats;  /* mapped; borrowed */
	uint8_t engine;       /* an ASP's crypto, told in HELLO; else 0 */
	const volatile int
	    *quit; /* set by a signal: finish and leave; or NULL */
};

int card_new(struct card **card, const struct card_args *args,
	     const struct card_ops *ops, void *arg);
void card_free(struct card **card);

/* Until SHUTDOWN, quit, or the end of the chassis. 0 or -errno. */
int card_run(struct card *card);

struct bp *card_bp(struct card *card);
struct stats *card_stats(struct card *card);
const struct pkt_mem *card_mem(const struct card *card);
uint16_t card_stage(const struct card *card);

/* A message to the chassis. */
int card_tell(struct card *card, enum ctl_type type, const void *body,
	      const void *tail, size_t tail_octets);

/*
 * A file of the role's could not be written or closed: err is an errno, either
 * sign. CLOSED, which the card itself sends once the role's handler of CLOSE
 * has returned, carries the first such error and its sentence (copied).
 */
void card_close_error(struct card *card, int err, const char *sentence);

/*
 * Hands packet i of v to a stage and marks it PKT_SENT. Where the link is not
 * there the packet ends as PKT_DROP_PORT_DOWN (an ePPA) or PKT_DROP_NO_ASP.
 */
void card_send(struct card *card, struct pkt_vec *v, unsigned i, uint16_t to);

/* The same for a vector of which every packet goes on, and to one stage. */
void card_send_vec(struct card *card, struct pkt_vec *v, uint16_t to);

/*
 * Ends every packet of v whose fate is not PKT_SENT: counts the fate (a drop,
 * PKT_TX, PKT_PUNT, PKT_ABSORBED), tallies its round, gives the buffer back.
 * Each packet must have a fate other than PKT_GO. Traced drops say so in their
 * journey.
 */
void card_end(struct card *card, struct pkt_vec *v);

/*
 * Packet i of v is held: the role has a copy. Its round has its fate and its
 * buffer goes home; what becomes of the packet is told later, by
 * card_end_held(), which neither tallies nor frees; frame: the copy.
 */
void card_hold(struct card *card, struct pkt_vec *v, unsigned i);
void card_end_held(struct card *card, struct pkt *p, enum pkt_fate fate,
		   const uint8_t *frame);

/*
 * A packet that has no buffer and goes no further (refused at a port before
 * it had one): counts the drop and tallies the round.
 */
void card_end_bare(struct card *card, uint32_t round, enum pkt_fate fate);

/*
 * Fragments that ended as PKT_ABSORBED have met another fate after all: their
 * datagram was given up.
 */
void card_unabsorb(struct card *card, unsigned fragments, enum pkt_fate fate);

/*
 * A buffer for a packet that this stage makes: sets pool, buf, off and len of
 * p. False when there is none to be had. Take all that you need before you
 * begin, and give back with card_give() what you did not use.
 */
bool card_take_buffer(struct card *card, struct pkt *p);
void card_give(struct card *card, const struct pkt *p);

/* n packets more than there were: fragments made of one. */
void card_created(struct card *card, unsigned n);

/*
 * Records packet p at a capture point of this stage, where somebody asked for
 * it. context and circuit handle: for the SmartEdge header of link type 32. l2:
 * link octets at p->off (taps of ports). Costs one test when nobody asked: ask
 * card_taps() first per vector.
 */
bool card_taps(const struct card *card, enum point_tap tap);
void card_tap(struct card *card, enum point_tap tap, const struct pkt *p,
	      uint32_t context, uint64_t circuit_handle);

/* The same for a frame that rests elsewhere than in the packet's buffer. */
void card_tap_frame(struct card *card, enum point_tap tap, const struct pkt *p,
		    const uint8_t *frame, uint32_t context,
		    uint64_t circuit_handle);

/*
 * What a station of a journey found, in ids of rows; 0 where it did not look.
 * The chassis knows the names.
 */
struct card_said {
	enum ctl_said kind;
	bool goes;   /* to is where it goes */
	uint16_t to; /* stage */
	uint32_t parent;
	uint32_t context, circuit, adj, list, row, entry, sa, spi, seq;
	struct ip_addr addr, next_hop;
	uint16_t mtu;
	uint8_t fate, port, queue, direction;
	const uint8_t *mac;  /* six octets, or NULL */
	const uint8_t *head; /* the packet, where it rests elsewhere */
};

/*
 * One station of a traced packet's journey: call only where p->trace != 0.
 * The headers of the packet as they are now go along, so that what changed
 * since the station before can be told; never more than headers.
 */
void card_say(struct card *card, struct pkt *p, const struct card_said *said,
	      const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same with nothing found: a remark. */
void card_trace(struct card *card, struct pkt *p, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether a port's frames are to be picked: ask once a vector. */
bool card_traces(const struct card *card);
/* For an iPPA's port: the journey number for a frame, 0: not traced. */
uint32_t card_trace_pick(struct card *card, unsigned port, const uint8_t *frame,
			 uint32_t len, bool ethernet);

/*
 * A piece of a traced packet has a journey of its own: a number for it, said to
 * be cut from the packet's. part: from 1, of parts.
 */
void card_trace_piece(struct card *card, const struct pkt *whole,
		      struct pkt *piece, unsigned part, unsigned parts);

#endif
