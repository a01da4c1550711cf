/*
 * What the files of card/ know of each other; nobody else includes it.
 *
 * card.c owns life, loop and fates; card_ctl.c the messages; card_rows.c the
 * table rows between PREPARE and RETIRE; card_tap.c the capture points;
 * card_trace.c the journeys; card_notice.c what the controller hears of drops.
 */
#ifndef CARD_IMPL_H
#define CARD_IMPL_H

#include "bucket.h"
#include "card.h"

#define CARD_TAPS_MAX 32
#define CARD_SENTENCE_MAX 256
#define CARD_FILTER_MAX 1024

struct cap_filter;
struct cap_order;

/* One capture point that is open. */
struct card_tap {
	struct point point;
	struct cap_order *order; /* a file; or NULL, and: */
	unsigned iface;
	int feed;                  /* socket of who looks on */
	bool gone;                 /* nobody does any more */
	struct cap_filter *filter; /* or NULL */
	uint64_t dropped, told;    /* what the feed had no room for */
};

/* What the SmartEdge header of a capture says of a circuit. */
struct card_label {
	uint64_t handle;
	uint32_t context;
};

/* Rows of one message, as they came; see card_rows.c. */
struct card_batch;

struct card_staged {
	struct card_batch *first;
	struct card_batch *last;
	size_t octets;
	int error; /* the first; told in PREPARED */
	const char *why;
};

struct card_trace_state {
	uint32_t left;       /* packets still to be picked */
	uint32_t every;      /* of those that match, one in so many */
	uint32_t skip;       /* how many of them still go untraced */
	uint32_t given;      /* journeys begun here */
	uint16_t router;     /* number in the lab */
	uint8_t port;        /* 0: every port */
	uint32_t per_second; /* stations told; 0: all */
	uint32_t unsaid;     /* since the last one told */
	struct bucket rate;
	struct cap_filter *filter; /* NULL: every packet matches */
};

struct card {
	struct card_args args;
	uint64_t unabsorbed; /* fragments to be taken from absorbed */
	const struct card_ops *ops;
	void *arg;
	struct bus_sock *ctl;
	struct bp *bp;
	struct pkt_tally tally;
	bool leave;
	bool probe; /* to be answered when every link was found empty */
	uint32_t probe_nonce;
	uint64_t refused; /* control messages */
	uint32_t generation;
	struct card_staged staged;
	bool taps_gone;    /* a feed's listener is */
	unsigned tap_bits; /* 1 << enum point_tap */
	unsigned taps;
	struct card_tap tap[CARD_TAPS_MAX];
	struct card_label *label; /* STATS_CIRCUITS rows, by circuit id */
	struct card_trace_state trace;
	uint8_t *notices; /* of drops, not told yet; NULL until the first */
	size_t notice_octets;
	struct bucket notice_rate;
	int close_error;
	char close_sentence[CARD_SENTENCE_MAX];
	struct pkt_vec vec;
};

/* card.c: all that is left of a dead neighbour; the packets taken from it. */
void card_drain(struct card *card, uint16_t peer);

/* card_ctl.c: every control message that is there. True when there was one. */
bool card_ctl_take(struct card *card);

/* card_rows.c: handlers of the messages of that name. */
void card_rows_take(struct card *card, const struct ctl_in *in);
void card_rows_prepare(struct card *card, const struct ctl_in *in);
void card_rows_activate(struct card *card, const struct ctl_in *in);
void card_rows_retire(struct card *card, const struct ctl_in *in);
void card_rows_discard(struct card *card, const struct ctl_in *in);
void card_rows_fini(struct card *card);

/* card_tap.c */
void card_tap_open(struct card *card, const struct ctl_in *in);
void card_tap_flush(struct card *card, uint32_t round);
/* After a pass: tells what was dropped, lets points go that nobody looks at. */
void card_tap_pass(struct card *card);
void card_tap_close(struct card *card); /* errors: card_close_error() */
/* At the points that need no stage's help: what arrives, and a link. */
void card_tap_all(struct card *card, const struct pkt_vec *v);
void card_tap_link(struct card *card, uint16_t to, const struct pkt *p);
/* Keeps labels of circuits; rows of a CIRCUITS message. */
void card_tap_label(struct card *card, const uint8_t *items, size_t n);

/* card_notice.c: a packet is dropped here; what was noticed is told. */
void card_notice(struct card *card, const struct pkt *p, unsigned fate);
void card_notice_flush(struct card *card);

/* card_trace.c */
void card_trace_set(struct card *card, const struct ctl_in *in);
void card_trace_fini(struct card *card);
/* head: the packet where it rests elsewhere than in its buffer, or NULL. */
void card_trace_drop(struct card *card, struct pkt *p, unsigned fate,
		     const uint8_t *head);

/* card_ctl.c: an answer of the shape of OPENED: what, errno, sentence. */
void card_opened(struct card *card, enum ctl_type type, int error,
		 const char *sentence);

#endif
