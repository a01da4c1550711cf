/*
 * struct ase: all that one ASP knows. Its tables change in ase_ctl.c, its
 * packets pass through ase_path.c; ase.c makes and ends it.
 */
#ifndef ASE_H
#define ASE_H

#include "alg.h"
#include "ase_gather.h"
#include "card.h"
#include "card_tables.h"
#include "esp.h"
#include "sad.h"

/* What a packet of the vector is here for. */
enum ase_job { ASE_SEAL, ASE_SEAL_AH, ASE_OPEN, ASE_JOBS };

/* What is kept of each packet while its vector is worked on. */
struct ase_vec {
	uint8_t job[PKT_VEC_MAX]; /* enum ase_job */
	unsigned jobs[ASE_JOBS];
	bool wants_ah;  /* somebody in ah[] */
	bool too_large; /* somebody is longer than his SA's inner_max */
	const struct circuit *circuit[PKT_VEC_MAX]; /* of the tunnel */
	/* Of packets to be sealed: the first SA applied; AH, alone or around.
	 */
	struct esp_sa *sa[PKT_VEC_MAX];
	struct esp_sa *ah[PKT_VEC_MAX];
	/* Of packets to be opened: the last SA, and AH that was around. */
	struct esp_sa *found[PKT_VEC_MAX];
	struct esp_sa *through[PKT_VEC_MAX];
	uint32_t context[PKT_VEC_MAX]; /* of the outer header, to be opened */
};

struct ase_ike;

struct ase {
	struct card *card;
	struct ase_gather gather;
	struct card_tables fwd;
	struct alg *alg;
	struct sad *sad;
	struct esp esp;
	struct ase_ike *ike; /* NULL: no tunnel has automatic keys */
	struct ase_vec vec;
	struct pkt_vec cut;    /* packets and pieces: ase_cut() */
	struct pkt_vec pieces; /* of one sealed packet: ase_cut_outer() */
	bool cutting;          /* packets come from ase_cut() */
	uint32_t fragment_id;  /* of IPv6 fragments; next to use */
};

/* engine: "openssl", "ipsec-mb" or "auto". -EINVAL for another word, -ENOTSUP
 * when this build lacks it, -ENOMEM. */
int ase_init(struct ase *ase, const char *engine);
/* The card must exist: its pools are what packets rest in. */
int ase_attach(struct ase *ase, struct card *card);
/* Accepts what is half made. */
void ase_fini(struct ase *ase);

/*
 * ase_policy.c: holds packets against the selectors of their tunnel, before
 * they are sealed (RFC 4301 section 5.1) and when they have been opened
 * (section 5.2 step 4). Those that do not belong there become
 * PKT_DROP_SELECTOR_MISMATCH, counted for their SA.
 */
void ase_policy_out(struct ase *ase, struct pkt_vec *v);
void ase_policy_in(struct ase *ase, struct pkt_vec *v);
/* Whether what leaves by the circuit is chosen by a selection: an iPPA's. */
bool ase_policy_selects(const struct ase *ase, uint32_t circuit);

/* Handlers of struct card_ops; arg is the struct ase. */
void ase_vector(void *arg, uint16_t from, struct pkt_vec *v);
int ase_rows(void *arg, enum ctl_type table, enum ctl_op op,
	     const uint8_t *items, size_t n);
int ase_activate(void *arg);
void *ase_rehearse_begin(void *arg);
int ase_rehearse(void *rehearsal, enum ctl_type table, const uint8_t *items,
		 size_t n);
int ase_rehearse_end(void *rehearsal);
void ase_message(void *arg, const struct ctl_in *in);
void ase_pass(void *arg);
size_t ase_wait(void *arg, struct bus_poll *items, long *wait_ms);

/* ase_path.c: a vector from a link, in its turn. */
void ase_vector_work(struct ase *ase, struct pkt_vec *v);
/* ase_path.c: a vector all the way; it is empty then. */
void ase_work(struct ase *ase, struct pkt_vec *v);

/* ase_cut.c: limits of one outbound SA, of all; after tables have changed. */
void ase_limit_sa(struct ase *ase, struct esp_sa *sa);
void ase_limits(struct ase *ase);
/*
 * A classified vector of which somebody is too large: all packets that go on
 * go, cut where they must be, by ase_work(), and are PKT_SENT.
 */
void ase_cut(struct ase *ase, struct pkt_vec *v);
/* After sealing: the last piece that goes on tells the fate of its packet. */
void ase_cut_settle(struct pkt_vec *v);
/*
 * Sends a sealed packet that is larger than the way out in pieces. False: it
 * needs no cutting or must not be cut. True: it has gone, or has a fate.
 */
bool ase_cut_outer(struct ase *ase, struct pkt_vec *v, unsigned i, uint16_t to);

/* Packet i in pieces of at most mtu octets: it is PKT_SENT, or has a fate. */
void ase_cut_send(struct ase *ase, struct pkt_vec *v, unsigned i, unsigned mtu,
		  uint16_t to);

/* ase_forward.c: where sealed and opened packets go. */
void ase_forward(struct ase *ase, struct pkt_vec *v);
/* What becomes of a packet that the route leads to; PKT_GO: out of a port. */
enum pkt_fate ase_adj_fate(const struct adj *adj);

#endif
