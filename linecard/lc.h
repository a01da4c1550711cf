/*
 * struct lc: all that an iPPA or ePPA knows. For linecard/ only; linecard.h is
 * what others see.
 *
 * lc_wire.c reads live ports, lc_neighbor.c finds link addresses.
 * lc.c owns life; lc_ctl.c the messages of the chassis; lc_in.c what an ingress
 * processor does with packets, lc_out.c what an egress one does; decisions on
 * packets are in ippa.c and eppa.c, tables in lc_table.c.
 */
#ifndef LC_H
#define LC_H

#include "ahead.h"
#include "card.h"
#include "eppa.h"
#include "ip_reass.h"
#include "ippa.h"
#include "lc_table.h"
#include "linecard.h"
#include "neighbor.h"
#include "port.h"
#include "punt_rate.h"

struct lc_held; /* lc_depart.c */

/* Frames that wait for their departure: lc_depart.h. */
struct lc_depart {
	struct lc_held **slot; /* by number; NULL: free */
	uint32_t *spare;       /* free numbers below count */
	uint32_t *fresh;       /* numbers whose round is not complete */
	unsigned count, room, nspare, nfresh;
	uint16_t *queued; /* circuits that have had queues here */
	unsigned nqueued;
	uint64_t now_ns; /* the latest arrival of a complete round */
	bool live;       /* a port with a live far end has had queues */
};

struct lc {
	struct card *card;
	struct lc_table table;
	unsigned slot;
	struct port port[STATS_PORTS];
	struct ahead ahead; /* those that receive */
	struct punt_rate punt_rate;
	struct ip_reass *reass; /* iPPA: fragments for us; NULL: none came */
	struct pkt_vec vec;     /* being admitted */
	struct ippa_frame frame[PKT_VEC_MAX]; /* beside it */
	struct ippa_way in_way[PKT_VEC_MAX];
	struct eppa_way out_way[PKT_VEC_MAX];
	struct neighbor_table *neighbors; /* egress */
	struct pkt_vec resolved;          /* waited, and wait no more */
	struct pkt_vec ended;             /* one packet that waited in vain */
	unsigned wires;                   /* ports with a live far end */
	bool wires_pending;               /* read again without waiting */
	bool wire_traced; /* vec has journeys that other routers began */
	struct lc_depart depart;
};

/* lc_in.c: packets from links at an ingress processor. */
void lc_in_vector(void *arg, uint16_t from, struct pkt_vec *v);

/*
 * lc_in.c: admits what is staged with a port clock of at most until_ns, merged
 * over the ports, as packets of a round. How many.
 */
uint32_t lc_in_admit(struct lc *lc, uint32_t round, uint64_t until_ns);

/*
 * lc_join.c: joins the fragments that ippa_route() found to be for us; at the
 * end of a run, gives up those that wait.
 */
void lc_join(struct lc *lc, struct pkt_vec *v);
void lc_join_end(struct lc *lc);

/* lc_in.c: lc->vec, frames beside it, goes all the way; empty afterwards. */
void lc_in_received(struct lc *lc);
/* lc_in.c: counts a frame that a port received. */
void lc_in_count_port(struct lc *lc, unsigned port, uint32_t octets);

/* lc_out.c: packets from links at an egress processor. */
void lc_out_vector(void *arg, uint16_t from, struct pkt_vec *v);
/* lc_out.c: lc->resolved, packets that were decided on before; empty then. */
void lc_out_resolved(struct lc *lc);
/* lc_out.c: writes a frame to a port and counts it. PKT_TX, or a drop. */
enum pkt_fate lc_out_frame(struct lc *lc, const struct pkt *p, unsigned port,
			   const uint8_t *frame);

/* Whether a frame is larger than the circuit that it leaves by takes whole. */
static inline bool
lc_cut_needed(const struct pkt *p, const struct circuit *c)
{
	return c->mtu != 0 && p->len > p->l2 + (unsigned)c->mtu;
}

/*
 * lc_cut.c: writes the frame of an IPv4 packet in pieces of the circuit's MTU
 * and counts them. PKT_TX, or a drop: the fate of the last piece, which is the
 * packet's; the others have had theirs.
 */
enum pkt_fate lc_cut_frame(struct lc *lc, struct pkt *p, const uint8_t *frame,
			   const struct circuit *c);

/* lc_neighbor.c: at an egress processor. -ENOMEM. */
int lc_neighbor_init(struct lc *lc, unsigned buffers);
/* Rows of NEIGHBORS. */
int lc_neighbor_rows(struct lc *lc, enum ctl_op op, const uint8_t *items,
		     size_t n);
/* ARP and neighbor discovery of the vector are taken. */
void lc_neighbor_take(struct lc *lc, struct pkt_vec *v);
/* Link addresses into the ways of PKT_GO packets; who has none yet waits, or is
 * dropped. */
void lc_neighbor_resolve(struct lc *lc, struct pkt_vec *v, bool may_wait);
void lc_neighbor_ask(struct lc *lc, const struct ctl_in *in);

/* lc_wire.c: struct card_ops, and frames of live ports. */
size_t lc_wire_wait(void *arg, struct bus_poll *items, long *wait_ms);
void lc_wire_woken(void *arg, const struct bus_poll *items, size_t n);

/* lc_out.c: struct card_ops of an egress processor. */
size_t lc_out_wait(void *arg, struct bus_poll *items, long *wait_ms);
void lc_out_woken(void *arg, const struct bus_poll *items, size_t n);
/* lc_neighbor.c: when something of it is due, NEIGHBOR_NO_TIME: never; and that
 * it may be. */
uint64_t lc_neighbor_due(const struct lc *lc);
void lc_neighbor_expire(struct lc *lc);

/* lc_out.c: a frame that was held leaves by the port of its circuit: PKT_TX, or
 * why it could not. */
enum pkt_fate lc_out_departs(struct lc *lc, struct pkt *p, const uint8_t *frame,
			     const struct circuit *c);

/* lc_ctl.c: struct card_ops. */
int lc_ctl_rows(void *arg, enum ctl_type table, enum ctl_op op,
		const uint8_t *items, size_t n);
int lc_ctl_activate(void *arg);
void *lc_ctl_rehearse_begin(void *arg);
int lc_ctl_rehearse(void *rehearsal, enum ctl_type table, const uint8_t *items,
		    size_t n);
int lc_ctl_rehearse_end(void *rehearsal);
void lc_ctl_message(void *arg, const struct ctl_in *in);

#endif
