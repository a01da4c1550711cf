/*
 * The inside of IKEv2 (RFC 7296): one IKE SA with its request under way, its
 * last answer, and what waits to be done. Files by exchange: v2_init.c,
 * v2_auth.c, v2_create.c, v2_info.c; v2.c receives, v2_send.c sends, v2_task.c
 * keeps order among what we begin, v2_select.c chooses proposals, v2_ts.c
 * narrows selectors.
 *
 * The window is one request each way (section 2.3): SET_WINDOW_SIZE is neither
 * said nor needed. MOBIKE is not supported.
 */
#ifndef V2_IMPL_H
#define V2_IMPL_H

#include "ike_cipher.h"
#include "ike_impl.h"
#include "ike_kdf.h"
#include "ike_sap.h"

#define V2_NONCE_OCTETS 32
#define V2_TASKS_MAX 32
#define V2_TIMERS 5
#define V2_FRAGMENTS_MAX 128 /* of one message */
#define V2_COOKIE_MAX 64     /* RFC 7296 section 2.6 */
#define V2_VERSION 0x20

enum v2_state {
	V2_INIT_SENT = 1, /* initiator, waits for IKE_SA_INIT */
	V2_INIT_DONE,     /* responder, waits for IKE_AUTH */
	V2_AUTH_SENT,     /* initiator */
	V2_UP,
	V2_DELETING /* we said or will say DELETE */
};

/* What we may begin. The order is the order of urgency. */
enum v2_kind {
	V2_NOTHING,
	V2_INIT,
	V2_AUTH,
	V2_DELETE_IKE,
	V2_DELETE_CHILD,
	V2_REKEY_CHILD,
	V2_REKEY_IKE,
	V2_NEW_CHILD,
	V2_INVALID_SPI,
	V2_LIVENESS
};

struct v2_task {
	enum v2_kind kind;
	uint32_t child;   /* id of what is rekeyed or deleted */
	uint32_t spi;     /* INVALID_SPI */
	uint8_t selector; /* NEW_CHILD: index */
	uint16_t group;   /* REKEY_IKE: the one that the peer wants */
	uint8_t tries;    /* after TEMPORARY_FAILURE */
	uint64_t not_before_ns;
};

struct v2_nonce {
	uint16_t n;
	uint8_t octets[IKE_NONCE_MAX];
};

/* A message sealed, kept to be sent again: packets one after the other, each
 * as long as its header says. */
struct v2_packets {
	uint8_t *octets;
	size_t n;
	uint32_t id;
	bool there;
};

struct v2_request {
	struct v2_packets packets;
	struct v2_task task;
	uint8_t exchange;
	unsigned tries;
	unsigned max;
	struct ike_timer timer;
};

/* Fragments of one message (RFC 7383 section 2.6). */
struct v2_fragments {
	uint32_t id;
	bool response;
	uint16_t total;
	uint16_t got;
	uint8_t inner; /* first payload's type: of fragment 1 */
	size_t octets;
	struct {
		uint8_t *octets;
		size_t n;
	} piece[V2_FRAGMENTS_MAX];
};

/* A suite as chosen. */
struct v2_suite {
	const struct ike_alg *encr;
	const struct ike_alg *prf;
	const struct ike_alg *integ; /* NULL: AEAD */
	const struct ike_alg *group;
	uint8_t number; /* of their proposal */
	uint8_t ours;   /* index of ours */
	uint8_t spi[8]; /* theirs, of a rekeying */
};

struct v2_child_suite {
	uint8_t protocol; /* enum ike_protocol */
	enum ipsec_alg_id enc;
	enum ipsec_alg_id auth;
	bool esn;
	uint16_t group; /* 0: no PFS */
	uint8_t number;
	uint8_t ours;
	uint32_t spi;
};

/* A CREATE_CHILD_SA of ours that is under way, and what came of one of the
 * peer's that rekeys the same (section 2.8.1). */
struct v2_create {
	uint32_t old;          /* child that is rekeyed */
	uint32_t child;        /* the new one */
	struct v2_nonce nonce; /* ours */
	struct ike_dh *dh;
	struct v2_sa *ike_sa; /* the new one of an IKE rekeying */
	uint8_t selector;
	/* The peer's rekeying of the same, answered meanwhile: */
	bool collision;
	uint32_t peer_child;
	struct v2_sa *peer_ike_sa;
	uint8_t lowest[IKE_NONCE_MAX]; /* the lower of its nonces */
	uint16_t lowest_n;
};

struct v2_init_key {
	uint8_t spi_i[8];
	struct ip_addr remote;
	uint32_t port;
};

struct v2_sa {
	struct ike_sa sa; /* first: ike_impl.h */
	enum v2_state state;
	struct v2_suite suite;
	struct v2_nonce ni;
	struct v2_nonce nr;
	struct v2_packets init_i; /* both messages, for AUTH */
	struct v2_packets init_r;
	struct ike_dh *dh;
	uint16_t group;  /* of the KE that we sent or want */
	uint8_t retries; /* of IKE_SA_INIT: cookies and groups */
	struct v2_nonce cookie;
	struct ike_v2_keys keys;
	struct ike_cipher *seal;
	struct ike_cipher *open;
	uint32_t next_id;
	uint32_t expect_id;
	struct v2_request request;
	struct v2_packets answer; /* the last one */
	struct v2_fragments *fragments;
	struct v2_task tasks[V2_TASKS_MAX];
	unsigned tasks_count;
	bool peer_fragments;
	bool nat_asked;       /* detection payloads were there */
	uint32_t peer_hashes; /* bits by enum ike_hash (RFC 7427) */
	bool sees_certreq;
	struct v2_create create;
	struct v2_sa *successor;
	struct v2_sa *predecessor;
	struct ike_timer life; /* half-open: its end; rekey soon; end */
	bool life_soft;        /* the next firing is the soft one */
	struct ike_timer idle; /* liveness */
	struct ike_timer keepalive;
	struct ike_timer wait; /* of tasks that are not for now */
	struct v2_init_key init_key;
	UT_hash_handle hh_init;
};

/* A message that was opened. */
struct v2_msg {
	const struct ike_path *path;
	struct ike_hdr hdr;
	bool response;
	uint32_t id;
	struct ike_chain chain;
	const uint8_t *octets; /* the whole of it where it is in clear */
	size_t n;
};

static inline struct v2_sa *
v2_of(struct ike_sa *sa)
{
	return (struct v2_sa *)sa;
}

static inline struct alg_piece
v2_piece(const struct v2_nonce *nonce)
{
	return (struct alg_piece){nonce->octets, nonce->n};
}

/* ---- v2_life.c ---- */
void v2_free(struct ike *ike, struct ike_sa *sa);
void v2_fragments_drop(struct v2_sa *v);
/* No other SA points to it any more. */
void v2_unlink(struct ike *ike, struct v2_sa *v);
int v2_sa_new(struct ike *ike, const struct ike_path *path, bool initiator,
	      uint64_t now, struct v2_sa **v);
/* Frees what only the first exchanges need. */
void v2_settled(struct ike *ike, struct v2_sa *v);
/* Keys and ciphers out of the shared secret of dh and the peer's value. */
int v2_keys(struct ike *ike, struct v2_sa *v, const struct ike_dh *dh,
	    const uint8_t *peer, size_t octets, const struct ike_v2_keys *old);
/* Life begins: timers by the proposal's lifetime. */
void v2_live(struct ike *ike, struct v2_sa *v, uint64_t now);
/* ---- v2_read.c ---- */
/* The peer's payloads as text, for the ladder. */
#define V2_TEXT_MAX 512
void v2_describe(const struct ike_chain *chain, char text[V2_TEXT_MAX]);
/* The nonce of a message. -EBADMSG: none, or a wrong one. */
int v2_nonce_of(const struct ike_chain *chain, struct v2_nonce *nonce);
/* The i-th notification of that type; false: none. */
bool v2_notified(const struct ike_chain *chain, uint16_t type,
		 struct ike_notify *n);
/* The first one that is an error; 0: none. */
uint16_t v2_error_of(const struct ike_chain *chain, struct ike_notify *n);

/* ---- v2_life.c ---- */
/* As ike_sa_end(), but children go to a successor if there is one. */
void v2_end(struct ike *ike, struct v2_sa *v, enum ike_cause cause,
	    uint64_t now);
/* Both ends began: what is one too many goes (own reading of section 2.8.1).
 */
void v2_duplicates(struct ike *ike, struct v2_sa *v, uint64_t now);

/* ---- v2_send.c ---- */
void v2_inner(struct ike *ike, struct ike_writer *w);
void v2_say(struct ike_writer *w, uint16_t type, const void *data,
	    size_t octets);
/* Seals what was written, sends it, and keeps it until it is answered. */
int v2_ask(struct ike *ike, struct v2_sa *v, uint8_t exchange,
	   struct ike_writer *w, const struct v2_task *task, uint64_t now);
/* The answer to m; kept in case m comes again. */
int v2_answer(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
	      struct ike_writer *w, uint64_t now);
/* An answer of nothing but a notification. */
void v2_answer_error(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
		     uint16_t type, const void *data, size_t octets,
		     uint64_t now);
/* In clear: kept as a request of the SA, or sent without any SA. */
int v2_ask_clear(struct ike *ike, struct v2_sa *v, struct ike_writer *w,
		 uint64_t now);
void v2_send_again(struct ike *ike, const struct v2_sa *v,
		   const struct v2_packets *p, const char *what, uint64_t now);
void v2_packets_keep(struct v2_packets *p, const uint8_t *octets, size_t n);
void v2_packets_drop(struct v2_packets *p);
void v2_request_fired(struct ike *ike, struct ike_timer *t, uint64_t now);
void v2_request_done(struct ike *ike, struct v2_sa *v);
void v2_ladder(struct ike *ike, const struct ike_sa *sa, bool sent, bool again,
	       const struct ike_hdr *hdr, size_t octets, const char *payloads,
	       uint64_t now);

/* ---- v2_extras.c ---- */
/* NAT detection, fragmentation, hashes: said of ourselves, heard of the peer.
 */
void v2_extras_write(const struct ike *ike, const struct v2_sa *v,
		     const struct ike_hdr *hdr, const struct ike_policy *p,
		     struct ike_writer *w);
void v2_extras_hear(const struct ike *ike, struct v2_sa *v,
		    const struct v2_msg *m, const struct ike_policy *p);
int v2_draw_nonce(struct ike *ike, struct v2_nonce *nonce);
/* A private value of that group, as v->dh and v->group. */
int v2_draw_dh(struct ike *ike, struct v2_sa *v, uint16_t group);
/* The payloads of a message in clear; false: not well formed. */
bool v2_read_clear(struct v2_msg *m);

/* ---- v2_respond.c ---- */
void v2_init_request(struct ike *ike, const struct v2_msg *m, uint64_t now);
void v2_clear_error(struct ike *ike, const struct v2_msg *m, uint16_t type,
		    const void *data, size_t octets);

/* ---- v2_init.c ---- */
int v2_initiate(struct ike *ike, struct ike_tun *tun, uint64_t now);
void v2_init_response(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
		      uint64_t now);

/* ---- v2_auth.c ---- */
int v2_auth_ask(struct ike *ike, struct v2_sa *v, uint64_t now);
void v2_auth_request(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
		     uint64_t now);
void v2_auth_response(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
		      uint64_t now);

/* A child of our offer: SPIs for all protocols of the tunnel's policy. */
int v2_child_begin(struct ike *ike, struct v2_sa *v,
		   struct ike_child_sa **child);

/* ---- v2_prove.c: AUTH, CERT, CERTREQ ---- */
/* Writes CERTs and AUTH. */
int v2_prove_write(struct ike *ike, struct v2_sa *v, struct ike_tun *tun,
		   struct ike_writer *w);
void v2_certreq_write(struct ike *ike, const struct ike_policy *p,
		      struct ike_writer *w);
/* -EACCES: it does not prove who it says it is; -EBADMSG. why: for the log. */
int v2_prove_check(struct ike *ike, struct v2_sa *v, const struct ike_tun *tun,
		   const struct ike_chain *chain, const char **why);

/* ---- v2_child.c: what IKE_AUTH and CREATE_CHILD_SA share ---- */
/* SA, TSi, TSr of a new child: which one for selector (IKE_SELECTORS_MAX: all).
 * with_dh: CREATE_CHILD_SA. */
int v2_child_offer(struct ike *ike, struct v2_sa *v, struct ike_writer *w,
		   unsigned selector, bool with_dh, struct ike_child_sa *child);
void v2_child_offer_ts(struct ike_writer *w, const struct ike_child_sa *child);
/* The responder's half: 0, or the notification that says why not. */
uint16_t v2_child_accept(struct ike *ike, struct v2_sa *v,
			 const struct ike_chain *chain,
			 const struct ike_child_sa *old, bool with_dh,
			 struct ike_child_sa **child,
			 struct v2_child_suite *suite);
void v2_child_answer(struct ike_writer *w, const struct ike_child_sa *child,
		     const struct v2_child_suite *suite);
/* The initiator's second half; the same. */
uint16_t v2_child_accepted(struct ike *ike, struct v2_sa *v,
			   const struct ike_chain *chain,
			   struct ike_child_sa *child,
			   struct v2_child_suite *suite, bool with_dh);
/* Keys: initiator of this exchange. */
int v2_child_keys(struct v2_sa *v, struct ike_child_sa *child,
		  const struct v2_child_suite *suite, bool initiator,
		  struct alg_piece shared, struct alg_piece ni,
		  struct alg_piece nr);
struct ike_child_sa *v2_child_find(struct ike *ike, uint32_t id);
uint8_t v2_protocol_number(uint8_t protocol); /* 50, 51 of enum */
uint8_t v2_protocol_of(uint8_t number);
enum ike_reject v2_reject_of(uint16_t notify);

/* ---- v2_create.c ---- */
int v2_create_ask(struct ike *ike, struct v2_sa *v, const struct v2_task *task,
		  uint64_t now);
void v2_create_request(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
		       uint64_t now);
void v2_create_response(struct ike *ike, struct v2_sa *v,
			const struct v2_msg *m, uint64_t now);
/* A child is over: what waited for that takes over. */
void v2_child_gone(struct ike *ike, struct ike_child_sa *old,
		   enum ike_cause cause, uint64_t now);
void v2_create_forget(struct ike *ike, struct v2_sa *v);
/* ---- v2_rekey.c: of the IKE SA ---- */
int v2_rekey_ask(struct ike *ike, struct v2_sa *v, const struct v2_task *task,
		 uint64_t now);
void v2_rekey_request(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
		      const struct ike_sap *sap, uint64_t now);
void v2_rekey_response(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
		       uint64_t now);
/* Children of the SA that this one replaced become its own. */
void v2_inherit(struct v2_sa *v);
/* Whether a < b as numbers from the left; the shorter one first. */
bool v2_nonce_lower(const uint8_t *a, size_t an, const uint8_t *b, size_t bn);

/* ---- v2_info.c ---- */
int v2_info_ask(struct ike *ike, struct v2_sa *v, const struct v2_task *task,
		uint64_t now);
void v2_info_request(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
		     uint64_t now);
void v2_info_response(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
		      uint64_t now);

/* ---- v2_task.c ---- */
/* Queued, begun when nothing is under way; twice the same is once. */
int v2_task_add(struct ike *ike, struct v2_sa *v, const struct v2_task *task,
		uint64_t now);
void v2_task_fired(struct ike *ike, struct ike_timer *t, uint64_t now);
void v2_task_run(struct ike *ike, struct v2_sa *v, uint64_t now);
/* Again, later: the peer had no time (TEMPORARY_FAILURE). */
void v2_task_later(struct ike *ike, struct v2_sa *v, struct v2_task task,
		   uint64_t now);

/* ---- v2_select.c ---- */
bool v2_offer_ike(const struct ike_policy *p, const uint8_t *spi,
		  struct ike_sap *sap);
/* The group that our first proposal would have. */
uint16_t v2_first_group(const struct ike_policy *p);
bool v2_has_group(const struct ike_policy *p, uint16_t group);
/* Ours are asked in order; 0 or -ENOENT. */
int v2_choose_ike(const struct ike_policy *p, const struct ike_sap *theirs,
		  struct v2_suite *suite);
/* Whether the suite would have been chosen under that policy too. */
bool v2_suite_allowed(const struct ike_policy *p, const struct v2_suite *s);
bool v2_offer_child(const struct ike_child_policy *p, bool strict, bool with_dh,
		    uint32_t spi_esp, uint32_t spi_ah, struct ike_sap *sap);
int v2_choose_child(const struct ike_child_policy *p, bool strict, bool with_dh,
		    const struct ike_sap *theirs, struct v2_child_suite *suite);
/* ours: the index under another policy, that allows the suite. */
void v2_suite_place(const struct ike_policy *p, struct v2_suite *s);
void v2_write_ike_suite(struct ike_writer *w, const struct v2_suite *suite,
			const uint8_t *spi);
void v2_write_child_suite(struct ike_writer *w,
			  const struct v2_child_suite *suite, uint32_t spi);
/* Rows of our policy against their proposals. */
void v2_compare_ike(struct ike *ike, uint64_t record,
		    const struct ike_policy *p, const struct ike_sap *theirs,
		    const struct v2_suite *chosen);

/* ---- v2_ts.c ---- */
/*
 * What of the offered is in our selectors; pairs are ours (local, remote). 0,
 * or the notification. additional: there would be more.
 */
struct v2_ts_set {
	unsigned count;
	struct ike_ts ts[IKE_MSG_TS_MAX];
};
uint16_t v2_ts_narrow(const struct ike_tun *tun, const struct v2_ts_set *tsi,
		      const struct v2_ts_set *tsr, struct ike_child *child,
		      bool *additional);
/* What we propose, as far as it fits. selector: one pair, or all. */
void v2_ts_own(const struct ike_tun *tun, unsigned selector,
	       struct ike_child *child);
/* Whether every one of got lies in one of offered. */
bool v2_ts_within(const struct ike_ts *got, unsigned got_n,
		  const struct ike_ts *offered, unsigned offered_n);

/* ---- v2_cp.c ---- */
void v2_cp_ask(const struct ike_tun *tun, struct ike_writer *w);
/* Answers a request; false: it asked, and there is no address. */
bool v2_cp_answer(struct ike *ike, struct v2_sa *v,
		  const struct ike_chain *chain, struct ike_writer *w);
void v2_cp_answered(struct ike *ike, struct v2_sa *v,
		    const struct ike_chain *chain, uint64_t now);

#endif
