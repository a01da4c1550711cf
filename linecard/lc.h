/*
 * struct lc: all that an iPPA or ePPA knows. For linecard/ only; linecard.h is
 * what others see.
 *
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
#include "port.h"
#include "punt_rate.h"

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

/* lc_out.c: packets from links at an egress processor. */
void lc_out_vector(void *arg, uint16_t from, struct pkt_vec *v);

/* lc_ctl.c: struct card_ops. */
int lc_ctl_rows(void *arg, enum ctl_type table, enum ctl_op op,
		const uint8_t *items, size_t n);
int lc_ctl_activate(void *arg);
void lc_ctl_message(void *arg, const struct ctl_in *in);

#endif
