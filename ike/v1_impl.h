/* What the files of IKEv1 share. Nobody else includes it. */
#ifndef V1_IMPL_H
#define V1_IMPL_H

#include <uthash.h>
#include <utlist.h>

#include "bucket.h"
#include "clock.h"
#include "ike_cipher.h"
#include "ike_kdf.h"
#include "ike_key.h"
#include "ike_msg.h"
#include "ike_sap.h"
#include "pki.h"
#include "v1.h"

#define V1_NONCE 32
#define V1_ID_BODY (IKE_ID_MAX + 4)
#define V1_IN_HASH 20
#define V1_WINDOW 4      /* quick modes of one SA that we begin at a time */
#define V1_QUICKS_MAX 64 /* of one SA, both ends' */

/* ---- timers --------------------------------------------------------- */

enum v1_timer_kind { V1_TIMER_SA, V1_TIMER_QUICK, V1_TIMER_CHILD };

struct v1_timer {
	uint64_t due_ns;
	uint32_t at; /* in the heap, from 1; 0: not set */
	uint8_t kind;
};

struct v1_heap {
	struct v1_timer **timers;
	uint32_t count;
	uint32_t room;
};

/* Later or earlier than before; IKE_NEVER stops it. Room is taken when the
 * timer's owner is made (v1_heap_room()), so that this can not fail. */
void v1_timer_set(struct v1_heap *heap, struct v1_timer *timer, uint64_t due);
int v1_heap_room(struct v1_heap *heap, uint32_t timers);
uint64_t v1_heap_next(const struct v1_heap *heap);

/* ---- objects -------------------------------------------------------- */

/* A message that may go out again. */
struct v1_kept {
	uint8_t *octets; /* with room for the marker in front */
	size_t n;        /* without it */
};

enum v1_state {
	V1_I_MAIN_2 = 1, /* we wait for message 2, 4, 6 of main mode */
	V1_I_MAIN_4,
	V1_I_MAIN_6,
	V1_I_AGGRESSIVE_2,
	V1_R_MAIN_3,
	V1_R_MAIN_5,
	V1_R_AGGRESSIVE_3,
	V1_UP
};

struct v1_suite {
	const struct ike_alg *encr;
	const struct ike_alg *prf;
	const struct ike_alg *dh;
	uint8_t auth; /* enum ike_auth */
	uint32_t life_s;
};

/* A key of the half-open: who began, by its cookie and where it is. */
struct v1_begun {
	uint8_t cookie[8];
	struct ip_addr remote;
	uint32_t context;
};

struct v1_quick;
struct v1_tun;

struct v1_sa {
	uint32_t id;
	enum v1_state state;
	bool initiator;
	bool aggressive;
	uint8_t own[8]; /* our cookie: key of by_own */
	struct v1_begun begun;
	UT_hash_handle by_own;
	UT_hash_handle by_begun;   /* of responders */
	struct v1_sa *next, *prev; /* of the tunnel's */
	struct v1_tun *tun;        /* NULL: of none yet */
	uint32_t replaces;         /* id of the SA that this one rekeys */
	uint64_t record;
	struct v1_timer timer;

	struct ike_path path;
	uint32_t policy;
	struct ike_id local_id;
	struct ike_id remote_id;
	uint8_t cookie_i[8];
	uint8_t cookie_r[8];
	struct v1_suite suite;
	uint16_t secret_octets;
	uint8_t secret[IKE_SECRET_MAX];

	uint8_t *sa_body; /* of the initiator's SA payload */
	size_t sa_octets;
	struct ike_dh *dh;
	uint8_t *peer_ke; /* group->octets of it */
	uint8_t ni[IKE_NONCE_MAX];
	uint16_t ni_octets;
	uint8_t nr[IKE_NONCE_MAX];
	uint16_t nr_octets;
	uint8_t idi[V1_ID_BODY];
	uint16_t idi_octets;
	uint8_t idr[V1_ID_BODY];
	uint16_t idr_octets;
	struct ike_v1_keys keys;
	struct ike_cipher *seal;
	struct ike_cipher *open;
	uint8_t iv[IPSEC_ALG_IV_MAX]; /* of phase 1; then of others to begin */

	struct v1_kept out;
	uint8_t in_hash[V1_IN_HASH]; /* of the last message taken */
	bool in_any;
	uint32_t tries;
	uint64_t resend_ns;

	bool natt; /* the peer knows RFC 3947 */
	bool nat_local;
	bool nat_remote;
	bool dpd; /* the peer knows RFC 3706 */
	uint32_t dpd_seq;
	uint32_t dpd_tries;
	uint64_t dpd_ns; /* when to ask, or ask again */
	uint64_t heard_ns;
	uint64_t keepalive_ns;
	uint64_t begun_ns;
	uint64_t born_ns; /* established */
	uint64_t soft_ns;
	uint64_t hard_ns;
	bool rekeying;
	struct v1_quick *quicks;
};

/* One child: an SA pair, or two (ESP and AH). */
struct v1_child {
	struct v1_child *next, *prev;
	struct v1_tun *tun;
	struct v1_timer timer;
	struct ike_child c;
	uint16_t selector;
	bool out;       /* outbound SAs are installed */
	bool initiator; /* we began its quick mode */
	bool rekeying;
	bool old; /* another does its work; goes at hard_ns */
	uint64_t born_ns;
	uint64_t soft_ns;
	uint64_t hard_ns;
};

enum v1_quick_state {
	V1_Q_I_2 = 1, /* we wait for message 2 */
	V1_Q_R_3,     /* for message 3 */
	V1_Q_DONE     /* answers what comes again, for a while */
};

struct v1_quick {
	struct v1_quick *next, *prev;
	struct v1_sa *sa;
	struct v1_timer timer;
	enum v1_quick_state state;
	bool initiator;
	bool refused; /* by a notification */
	uint32_t message_id;
	uint16_t selector;
	uint8_t iv[IPSEC_ALG_IV_MAX];
	uint8_t ni[IKE_NONCE_MAX];
	uint16_t ni_octets;
	uint8_t nr[IKE_NONCE_MAX];
	uint16_t nr_octets;
	struct ike_dh *dh; /* PFS */
	uint8_t *shared;
	size_t shared_octets;
	uint32_t spi_esp; /* ours, allocated; 0: none or handed on */
	uint32_t spi_ah;
	uint8_t idi[V1_ID_BODY];
	uint16_t idi_octets;
	uint8_t idr[V1_ID_BODY];
	uint16_t idr_octets;
	struct ike_v1_sap *offer; /* ours, initiator */
	uint32_t child;           /* made of it: its id */
	uint32_t replaces;
	struct v1_kept out;
	uint8_t in_hash[V1_IN_HASH];
	uint32_t tries;
};

/* All that IKEv1 has of a tunnel; there while it has anything. */
struct v1_tun {
	uint32_t id;
	UT_hash_handle hh;
	struct v1_sa *sas;
	struct v1_child *children;
};

struct v1 {
	struct v1_host host;
	struct v1_sa *by_own;
	struct v1_sa *by_begun;
	struct v1_tun *tuns;
	struct v1_heap heap;
	uint32_t timers; /* that there can be */
	uint32_t sas;
	uint32_t half_open;
	uint32_t children;
	uint64_t now_ns; /* of the call that is being served */
	struct bucket aggressive;
	struct bucket notices;
	uint8_t buf[IKE_MARKER_OCTETS + IKE_MSG_MAX + 1];
	uint8_t clear[IKE_MSG_MAX]; /* the message at hand, opened */
};

/* A message being read. */
struct v1_in {
	const struct ike_path *path;
	struct ike_hdr hdr;
	const uint8_t *octets; /* of the message as it came */
	size_t n;
	const uint8_t *payloads; /* clear, behind the header */
	struct ike_chain chain;
	uint8_t hash[V1_IN_HASH];
	uint64_t now;
};

/* ---- v1.c ----------------------------------------------------------- */

struct v1_tun *v1_tun_get(struct v1 *v1, uint32_t id, bool make);
void v1_tun_tidy(struct v1 *v1, struct v1_tun *tun);
struct v1_sa *v1_sa_up(const struct v1_tun *tun);
struct v1_sa *v1_sa_new(struct v1 *v1, const struct ike_path *path,
			bool initiator, uint64_t now);
void v1_sa_adopt(struct v1 *v1, struct v1_sa *sa, struct v1_tun *tun);
/* Frees it and its quick modes; tells nobody. */
void v1_sa_free(struct v1 *v1, struct v1_sa *sa);
/* The negotiation is over: tells the host, frees. */
void v1_sa_fail(struct v1 *v1, struct v1_sa *sa, enum ike_cause cause,
		const char *text, uint64_t now);
void v1_sa_state(struct v1 *v1, const struct v1_sa *sa,
		 enum ike_event_kind kind, uint64_t now);
/* Whether policies and conf allow this tunnel here. */
const struct ike_policy *v1_policy_of(const struct v1 *v1,
				      const struct ike_tunnel *tunnel);
void v1_reject(struct v1 *v1, enum ike_reject reject,
	       const struct ike_path *path, const struct v1_sa *sa,
	       const char *text, uint64_t now);
/* When the n-th sending is to be followed by the next. */
uint64_t v1_backoff(const struct v1 *v1, uint32_t tries);
int v1_random(struct v1 *v1, void *p, size_t octets);
/* d less up to the jitter's share. */
uint64_t v1_jitter(struct v1 *v1, uint64_t d);

/* ---- v1_wire.c: messages out and in ---------------------------------- */

void v1_write_begin(struct v1 *v1, struct ike_writer *w, const struct v1_sa *sa,
		    uint8_t exchange, uint32_t message_id);
/* Ends w, seals it under iv (NULL: clear), keeps it (NULL: not), sends it. */
int v1_write_send(struct v1 *v1, struct ike_writer *w, struct v1_sa *sa,
		  uint8_t *iv, struct v1_kept *keep);
void v1_send_kept(struct v1 *v1, const struct v1_sa *sa,
		  const struct v1_kept *kept);
void v1_kept_free(struct v1_kept *kept);
/* Sends a notification without protection: the peer is not known. */
void v1_notice(struct v1 *v1, const struct v1_in *in, uint16_t type);
/* Opens into v1->clear and reads the chain. -EBADMSG: not to be read. iv is
 * that of the next message only when all is well. */
int v1_open(struct v1 *v1, struct v1_sa *sa, struct v1_in *in, uint8_t *iv);
int v1_chain(struct v1_in *in, const uint8_t *payloads, size_t n);
struct alg_piece v1_body(const struct v1_in *in, uint8_t type);
/* A genuine message of an established SA: a NAT before the peer may have moved
 * it (RFC 3947 section 8). */
void v1_heard(struct v1_sa *sa, const struct v1_in *in);
/* The message that came, to the ladder. */
void v1_line_in(struct v1 *v1, uint64_t record, const struct v1_in *in);

/* ---- v1_sap.c: what is proposed and chosen --------------------------- */

/* Phase 1: all of the policy; aggressive: those of the first group. */
int v1_offer_ike(const struct ike_policy *policy, bool aggressive,
		 struct ike_v1_sap *sap, const struct ike_alg **group);
/* The first of theirs that is one of ours: its place. -ENOENT. */
int v1_choose_ike(const struct v1 *v1, const struct ike_policy *policy,
		  const struct ike_v1_sap *theirs, unsigned *at,
		  struct v1_suite *suite);
/* Only that transform, as it was. */
void v1_sap_only(const struct ike_v1_sap *theirs, unsigned proposal,
		 unsigned transform, struct ike_v1_sap *one);

/* Every pair of proposals, row by row, to the host. */
void v1_compare_ike(struct v1 *v1, uint64_t record,
		    const struct ike_policy *policy,
		    const struct ike_v1_sap *theirs);

/* What a quick mode came to. */
struct v1_esp_suite {
	enum ipsec_alg_id enc; /* INVALID: no ESP */
	enum ipsec_alg_id auth;
	enum ipsec_alg_id ah; /* INVALID: no AH */
	uint16_t group;       /* 0: no PFS */
	uint32_t spi_esp;     /* the peer's */
	uint32_t spi_ah;
	uint32_t life_s;
	uint64_t life_kb;
};
int v1_offer_child(const struct ike_child_policy *policy, bool udp,
		   uint32_t spi_esp, uint32_t spi_ah, struct ike_v1_sap *sap);
int v1_choose_child(const struct v1 *v1, const struct ike_child_policy *policy,
		    bool udp, const struct ike_v1_sap *theirs,
		    struct ike_v1_sap *chosen, struct v1_esp_suite *suite);
/* Of the lifetimes in RESPONDER-LIFETIME (RFC 2407 section 4.6.3.1). */
void v1_lifetimes(const uint8_t *attrs, size_t n, uint32_t *life_s,
		  uint64_t *life_kb);

/* ---- v1_phase1.c ------------------------------------------------------ */

int v1_phase1_begin(struct v1 *v1, const struct ike_tunnel *tunnel,
		    uint32_t replaces, uint64_t now);
void v1_phase1_input(struct v1 *v1, struct v1_sa *sa, struct v1_in *in);
void v1_phase1_new(struct v1 *v1, struct v1_in *in);

/* ---- v1_auth.c -------------------------------------------------------- */

int v1_own_id(struct v1 *v1, struct v1_sa *sa);
int v1_derive(struct v1 *v1, struct v1_sa *sa);
/* HASH, or CERT and SIG, of us. */
int v1_write_proof(struct v1 *v1, struct v1_sa *sa, struct ike_writer *w);
/* -EACCES and why. */
int v1_check_proof(struct v1 *v1, struct v1_sa *sa, const struct v1_in *in,
		   const char **why);
int v1_read_id(struct v1 *v1, struct v1_sa *sa, const struct v1_in *in);
void v1_write_nat_d(struct v1 *v1, const struct v1_sa *sa,
		    struct ike_writer *w);
void v1_read_nat_d(struct v1 *v1, struct v1_sa *sa, const struct v1_in *in);
void v1_write_vendors(const struct ike_policy *policy, struct ike_writer *w);
void v1_read_vendors(struct v1_sa *sa, const struct ike_policy *policy,
		     const struct v1_in *in);
/* The tunnel that identity and secret are of. -ENOENT. */
int v1_settle(struct v1 *v1, struct v1_sa *sa);

/* ---- v1_quick.c ------------------------------------------------------- */

/* Begins for every selector that has neither child nor quick mode. */
void v1_quick_all(struct v1 *v1, struct v1_sa *sa, uint64_t now);
int v1_quick_begin(struct v1 *v1, struct v1_sa *sa, uint16_t selector,
		   uint32_t replaces, uint64_t now);
void v1_quick_input(struct v1 *v1, struct v1_sa *sa, struct v1_in *in);
void v1_quick_tick(struct v1 *v1, struct v1_quick *q, uint64_t now);
void v1_quick_free(struct v1 *v1, struct v1_quick *q);

/* ---- v1_child.c ------------------------------------------------------- */

struct v1_child *v1_child_new(struct v1 *v1, struct v1_sa *sa,
			      const struct v1_quick *q,
			      const struct v1_esp_suite *suite, uint64_t now);
int v1_child_keys(struct v1_sa *sa, const struct v1_quick *q,
		  const struct v1_esp_suite *suite, struct v1_child *child);
int v1_child_install(struct v1 *v1, struct v1_child *child,
		     enum ike_direction direction, uint64_t now);
struct v1_child *v1_child_find(const struct v1_tun *tun, uint32_t id);
struct v1_child *v1_child_by_spi(const struct v1_tun *tun, uint8_t protocol,
				 uint32_t spi, bool ours);
/* Removes its SAs, tells the host, and the peer if told to. */
void v1_child_end(struct v1 *v1, struct v1_child *child, bool tell,
		  enum ike_cause cause, uint64_t now);
void v1_child_tick(struct v1 *v1, struct v1_child *child, uint64_t now);
void v1_child_rekey(struct v1 *v1, struct v1_child *child, uint64_t now);

/* ---- v1_info.c -------------------------------------------------------- */

void v1_info_input(struct v1 *v1, struct v1_sa *sa, struct v1_in *in);
void v1_info_delete_ike(struct v1 *v1, struct v1_sa *sa);
void v1_info_delete_child(struct v1 *v1, struct v1_sa *sa,
			  const struct v1_child *child);
void v1_info_notify(struct v1 *v1, struct v1_sa *sa,
		    const struct ike_notify *notify);
void v1_info_invalid_spi(struct v1 *v1, struct v1_sa *sa, uint8_t protocol,
			 uint32_t spi);
void v1_info_dpd(struct v1 *v1, struct v1_sa *sa, uint64_t now);

#endif
