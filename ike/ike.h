/*
 * IKE as a library without sockets: octets in, octets out; the time is a
 * parameter of every call, randomness and everything else from outside comes
 * through struct ike_ops. IKEv1 (RFC 2408, 2409, 3706, 3947) and IKEv2 (RFC
 * 7296, 7383, 7427) behind one face. One instance serves one ASP: many tunnels,
 * many peers, bounded memory. One thread.
 *
 *	ike_new(&ike, &conf, &ops, arg);
 *	ike_policy_set(ike, &policy); ike_child_policy_set(ike, &child_policy);
 *	ike_tunnel_set(ike, &tunnel, now);	negotiates at once, if it may
 *	for (;;) {
 *		... wait for a datagram, but not beyond ike_next_ns(ike) ...
 *		ike_input(ike, &path, octets, n, now);
 *		ike_tick(ike, now);
 *	}
 *
 * What its owner (the ASP) does:
 * - UDP payloads of ports 500 and 4500 go to ike_input() as they came. On 4500
 *   the owner takes out what is ESP (first four octets not zero) beforehand;
 *   the non-ESP marker of IKE (RFC 3948 section 2.2) is checked and written
 *   here, keepalives (one octet 0xff) are eaten and made here. What send() is
 *   given is a whole UDP payload.
 * - install() and remove() become SAs of the SAD. Of one tunnel the outbound SA
 *   installed last, of those not removed, carries its traffic; until it is
 *   removed an inbound SA takes packets. The order of calls is what makes
 *   rekeying lose nothing.
 * - event() tells what the rest of the router wants to know; routes follow
 *   IKE_EVENT_UP and IKE_EVENT_DOWN.
 * - What the SAD says (limits of octets, numbers used up, unknown SPIs) comes
 *   back through ike_child_soft(), ike_child_hard() and ike_unknown_spi().
 *
 * Callbacks are called from within the functions below and must not call them
 * in turn, but for the functions that only read. All pointers that a callback
 * gets are borrowed until it returns. Times are nanoseconds of one clock that
 * never goes back.
 */
#ifndef IKE_H
#define IKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ip_addr.h"
#include "ipsec_alg.h"

#define IKE_PORT 500
#define IKE_PORT_NAT 4500
#define IKE_NAME_MAX 51       /* of tunnels and policies, with NUL */
#define IKE_ID_MAX 256        /* octets of an identity */
#define IKE_SECRET_MAX 128    /* octets of a pre-shared key */
#define IKE_PROPOSALS_MAX 8   /* of a policy */
#define IKE_TRANSFORMS_MAX 24 /* of a proposal */
#define IKE_SELECTORS_MAX 16  /* pairs of a tunnel */
#define IKE_DNS_MAX 4
#define IKE_NEVER UINT64_MAX

struct ike;
struct pki; /* pki.h: certificates, CRLs and private keys of a context */

/* ---- identities ---------------------------------------------------- */

/* RFC 7296 section 3.5, RFC 2407 section 4.6.2.1: the same numbers. */
enum ike_id_type {
	IKE_ID_NONE = 0,
	IKE_ID_IPV4 = 1,   /* 4 octets */
	IKE_ID_FQDN = 2,   /* text without NUL */
	IKE_ID_EMAIL = 3,  /* RFC 822 address */
	IKE_ID_IPV6 = 5,   /* 16 octets */
	IKE_ID_DN = 9,     /* DER of an X.500 name */
	IKE_ID_GN = 10,    /* DER of an X.500 GeneralName */
	IKE_ID_KEY_ID = 11 /* octets */
};

struct ike_id {
	uint8_t type; /* enum ike_id_type; NONE: local: our address; remote:
			 anything that authenticates */
	uint16_t octets;
	uint8_t value[IKE_ID_MAX];
};

/*
 * "ipv4-192.0.2.1", "fqdn-a.example": the prefixes of the MIB, what is not
 * printable as hexadecimal. Returns text.
 */
#define IKE_ID_TEXT_MAX (2 * IKE_ID_MAX + 16)
const char *ike_id_text(const struct ike_id *id, char text[IKE_ID_TEXT_MAX]);
bool ike_id_equal(const struct ike_id *a, const struct ike_id *b);

/* ---- policies ------------------------------------------------------ */

enum ike_mode { IKE_MODE_MAIN, IKE_MODE_AGGRESSIVE };

enum ike_auth {
	IKE_AUTH_PSK = 1,
	IKE_AUTH_CERT = 2, /* RSA; or what key the certificate has, by RFC 7427
			      where the peer knows it */
	IKE_AUTH_ANY = 3   /* of the remote end only: whatever it uses */
};

enum ike_connection {
	IKE_CONNECTION_BOTH,
	IKE_CONNECTION_INITIATOR,
	IKE_CONNECTION_RESPONDER
};

/* What ike_transform.type says: RFC 7296 section 3.3.2. */
enum ike_transform_type {
	IKE_T_ENCR = 1,
	IKE_T_PRF = 2,
	IKE_T_INTEG = 3,
	IKE_T_DH = 4,
	IKE_T_ESN = 5
};

/*
 * One transform by IKEv2's numbers (IANA); IKEv1's are derived, and what IKEv1
 * can not say is refused in a policy of version 1. ike_alg.h has the facts.
 */
struct ike_transform {
	uint8_t type;
	uint16_t id;
	uint16_t key_bits; /* 0: the algorithm has one length */
};

/*
 * An IKE proposal: of each type the acceptable transforms, best first. ENCR, DH
 * and, but for an AEAD, INTEG must be there. Without PRF, IKEv2 offers the hash
 * of INTEG.
 */
struct ike_proposal {
	char name[IKE_NAME_MAX];
	uint8_t count;
	struct ike_transform transforms[IKE_TRANSFORMS_MAX];
	uint32_t lifetime_s; /* of the IKE SA; IKEv1: the shorter holds */
	uint8_t v1_auth;     /* enum ike_auth of this proposal, IKEv1 */
};

/* An IKE policy. Copied; secrets are wiped when it goes. */
struct ike_policy {
	uint32_t id; /* the owner's number, not 0 */
	char name[IKE_NAME_MAX];
	uint8_t version;    /* 1 or 2 */
	uint8_t mode;       /* enum ike_mode, IKEv1 */
	uint8_t auth_local; /* enum ike_auth */
	uint8_t auth_remote;
	uint8_t connection; /* enum ike_connection */
	bool nat_traversal; /* off: no detection is offered or heard */
	bool fragmentation; /* RFC 7383 */
	uint8_t count;
	struct ike_proposal proposals[IKE_PROPOSALS_MAX]; /* in order */
	struct ike_id local;
	struct ike_id remote;
	uint16_t secret_octets;
	uint8_t secret[IKE_SECRET_MAX];
	uint32_t dpd_interval_s; /* 0: off */
	uint32_t dpd_retries;    /* IKEv1; IKEv2 retransmits as often */
	struct pki *pki; /* borrowed, outlives the policy; NULL: no CERT */
};

/* What ESP and AH may be: an entry of an IPsec policy. */
struct ike_child_proposal {
	char name[IKE_NAME_MAX];
	uint8_t esp_count; /* pairs, best first; 0: no ESP */
	struct {
		enum ipsec_alg_id enc;
		enum ipsec_alg_id auth;
	} esp[8];
	enum ipsec_alg_id ah; /* INVALID: no AH; both: IKEv1 only */
	uint32_t lifetime_s;
	uint64_t lifetime_kilobytes; /* 0: none */
};

struct ike_child_policy {
	uint32_t id; /* the owner's number, not 0 */
	char name[IKE_NAME_MAX];
	uint8_t count;
	struct ike_child_proposal proposals[IKE_PROPOSALS_MAX];
	uint16_t pfs_group;      /* 0: off */
	uint32_t replay_window;  /* packets, 0: off; only handed on */
	uint32_t rekey_margin_s; /* 0: a tenth of the lifetime */
	bool esn;                /* IKEv2: offered and preferred */
	bool transport;          /* mode: USE_TRANSPORT_MODE */
};

/* ---- tunnels ------------------------------------------------------- */

/* Addresses first to last, ports first to last, one protocol or 0 for any. Of
 * ICMP the port is type << 8 | code (RFC 7296 section 3.13.1). */
struct ike_ts {
	uint8_t protocol;
	uint16_t port[2];
	struct ip_addr first;
	struct ip_addr last;
};

struct ike_selector {
	struct ike_ts local;
	struct ike_ts remote;
};

enum ike_tunnel_type {
	IKE_TUNNEL_STATIC,    /* one known peer */
	IKE_TUNNEL_ON_DEMAND, /* a template: peers make tunnels of it */
};

struct ike_tunnel {
	uint32_t id; /* the owner's number, not 0 */
	char name[IKE_NAME_MAX];
	uint8_t type;     /* enum ike_tunnel_type */
	bool traffic;     /* static: negotiate when ike_traffic() says so,
			     else at once and after every loss */
	uint32_t context; /* of the outer packets */
	struct ip_addr local;
	struct ip_addr remote; /* none: on demand, any */
	uint32_t policy;       /* ids of what was set before */
	uint32_t child_policy;
	uint8_t count; /* pairs; 0: any to any of both families */
	struct ike_selector selectors[IKE_SELECTORS_MAX];
	bool child_per_selector; /* IKEv2: a child SA each, instead of one with
				    all; IKEv1 knows nothing else */
	/* Configuration payload (RFC 7296 section 2.19). */
	bool request_address; /* initiator: ask for address and DNS */
	bool assign_address;  /* responder: what the subscriber record says, or
				 of this pool, first to last */
	struct ip_addr pool[2];
	struct ip_addr dns[IKE_DNS_MAX];
};

/* ---- what the library hands out ------------------------------------ */

struct ike_path {
	uint32_t context;
	struct ip_addr local;
	struct ip_addr remote;
	uint16_t local_port;
	uint16_t remote_port;
};

/* One SA pair of a child: ESP or AH. Keys as sad.h wants them, salt last. */
struct ike_child_keys {
	uint8_t protocol; /* 50 or 51 */
	uint32_t spi_in;
	uint32_t spi_out;
	enum ipsec_alg_id enc; /* NULL in AH */
	enum ipsec_alg_id auth;
	uint8_t enc_in[IPSEC_ALG_KEY_MAX];
	uint8_t enc_out[IPSEC_ALG_KEY_MAX];
	uint8_t auth_in[IPSEC_ALG_KEY_MAX];
	uint8_t auth_out[IPSEC_ALG_KEY_MAX];
};

struct ike_child {
	uint32_t tunnel;
	uint32_t id;       /* unique in the instance until removed */
	uint32_t replaces; /* child that this one was rekeyed from, 0 */
	uint8_t count;     /* keys: 1, or 2: ESP and then AH around it */
	struct ike_child_keys keys[2];
	struct ike_path path; /* outer addresses; ports where encapsulated */
	bool udp;             /* ESP in UDP: RFC 3948 */
	bool transport;
	bool esn;
	uint32_t replay_window;
	uint32_t lifetime_s; /* hard limits, of time (kept here too) and */
	uint64_t lifetime_kilobytes; /* octets, the SAD's; 0: none */
	uint8_t local_count;
	uint8_t remote_count;
	struct ike_ts local[IKE_SELECTORS_MAX]; /* as negotiated */
	struct ike_ts remote[IKE_SELECTORS_MAX];
};

enum ike_direction { IKE_IN = 1, IKE_OUT = 2 };

/* Numbers of the MIB (tunnel down causes). */
#define IKE_CAUSES(X)                                                          \
	X(0, GENERAL, "general")                                               \
	X(1, NO_ROUTE, "noRoute")                                              \
	X(2, ASP_HOMING_FAILURE, "aspHomingFailure")                           \
	X(3, PPA_HOMING_FAILURE, "ppaHomingFailure")                           \
	X(4, CONFIGURED_DOWN, "configuredDown")                                \
	X(5, KEEPALIVE_FAILURE, "keepaliveFailure")                            \
	X(6, DOWN_BY_PEER, "downByPeer")                                       \
	X(7, REKEY_FAILURE, "rekeyFailure")                                    \
	X(8, ASP_SOFT_RESET, "aspSoftReset")                                   \
	X(9, INDETERMINATE, "indeterminate")

enum ike_cause {
#define IKE_CAUSE_ENUM(n, e, name) IKE_CAUSE_##e = (n),
	IKE_CAUSES(IKE_CAUSE_ENUM)
#undef IKE_CAUSE_ENUM
};
const char *ike_cause_name(enum ike_cause cause);

/*
 * Why a packet or a negotiation was refused: the SmartEdge's log messages, one
 * counter each. V1 ones are logged as %IKE-4-V1REJ, V2 ones as %IKE-4-V2REJ.
 */
#define IKE_REJECTS(X)                                                         \
	X(V1_MALFORMED, "malformed header/length")                             \
	X(V1_VERSION, "unsupported version")                                   \
	X(V1_COOKIE, "unknown cookie")                                         \
	X(V1_EXCHANGE, "unexpected exchange type")                             \
	X(V1_NO_POLICY, "no policy for peer")                                  \
	X(V1_NO_PROPOSAL, "no proposal chosen")                                \
	X(V1_AUTHENTICATION, "authentication failed (hash)")                   \
	X(V1_IDENTITY, "identity mismatch")                                    \
	X(V1_DECRYPT, "decrypt failure")                                       \
	X(V1_RETRANSMIT, "retransmit limit")                                   \
	X(V1_LIMIT, "half-open limit")                                         \
	X(V2_CRITICAL, "unsupported critical payload")                         \
	X(V2_VERSION, "invalid major version")                                 \
	X(V2_SPI, "invalid IKE SPI")                                           \
	X(V2_SYNTAX, "invalid syntax")                                         \
	X(V2_NO_PROPOSAL, "no proposal chosen")                                \
	X(V2_KE_GROUP, "invalid KE payload (group)")                           \
	X(V2_AUTHENTICATION, "authentication failed")                          \
	X(V2_SELECTORS, "traffic selectors unacceptable")                      \
	X(V2_ADDITIONAL, "single pair required / no additional SAs")           \
	X(V2_MESSAGE_ID, "message id out of window")                           \
	X(V2_NO_POLICY, "no policy for peer")                                  \
	X(V2_INTEGRITY, "integrity check failed")                              \
	X(V2_COOKIE, "cookie wanted")                                          \
	X(V2_RETRANSMIT, "retransmit limit")                                   \
	X(V2_LIMIT, "half-open limit")

enum ike_reject {
#define IKE_REJECT_ENUM(e, text) IKE_REJECT_##e,
	IKE_REJECTS(IKE_REJECT_ENUM)
#undef IKE_REJECT_ENUM
	    IKE_REJECT_MAX
};
const char *ike_reject_text(enum ike_reject reject);
unsigned ike_reject_version(enum ike_reject reject);

enum ike_event_kind {
	IKE_EVENT_UP,     /* the first child of a tunnel carries traffic */
	IKE_EVENT_DOWN,   /* the last is gone: cause */
	IKE_EVENT_IKE_UP, /* IKE SA established: sa */
	IKE_EVENT_IKE_DOWN,
	IKE_EVENT_IKE_REKEYED, /* sa is the new one */
	IKE_EVENT_CHILD_REKEYED,
	IKE_EVENT_REJECTED, /* reject, path; tunnel may be 0 */
	IKE_EVENT_ADDRESS,  /* address and DNS that the peer assigned us */
	IKE_EVENT_KEYS,     /* for --keys-dir, where conf.tell_keys */
	IKE_EVENT_FAILED    /* a negotiation ended without result: text */
};

/* Keys of an IKE SA for Wireshark's tables: ikev2_decryption_table (all), or
 * ikev1_decryption_table (spi_i and encr_i, which is Ka). */
struct ike_keys {
	uint8_t version;
	uint8_t spi_i[8];
	uint8_t spi_r[8];
	struct ike_transform encr;
	struct ike_transform integ; /* id 0: AEAD */
	uint16_t encr_octets;       /* with salt */
	uint16_t integ_octets;
	uint8_t encr_i[64];
	uint8_t encr_r[64];
	uint8_t integ_i[64];
	uint8_t integ_r[64];
};

struct ike_sa_info;

struct ike_event {
	enum ike_event_kind kind;
	uint64_t at_ns;
	uint32_t tunnel;    /* 0: not known yet */
	uint32_t child;     /* UP, CHILD_REKEYED */
	uint64_t outage_ns; /* UP: since DOWN or the first attempt */
	enum ike_cause cause;
	enum ike_reject reject;
	const struct ike_path *path;
	const char *text; /* more about it, one line; or NULL */
	const struct ike_sa_info *sa;
	const struct ike_keys *keys;
	struct ip_addr address[2]; /* ADDRESS: of either family, or none */
	struct ip_addr dns[IKE_DNS_MAX];
};

/* What AAA says of a peer of an on-demand tunnel. */
struct ike_subscriber {
	uint16_t secret_octets; /* 0: certificates only */
	uint8_t secret[IKE_SECRET_MAX];
	uint32_t child_policy;  /* 0: the template's */
	struct ip_addr address; /* to assign; none: of the template's pool */
};

struct ike_ops {
	/* A UDP payload; it may get lost. */
	void (*send)(void *arg, const struct ike_path *path,
		     const uint8_t *octets, size_t n);
	/* 0 or -EIO. */
	int (*random)(void *arg, void *p, size_t octets);
	/* Seconds since 1970, for certificates. */
	uint64_t (*wall_s)(void *arg);
	/*
	 * An inbound SPI that is free, 256 or above; it stays taken until
	 * free_spi() or remove() of its inbound SA. 0, -ENOSPC.
	 */
	int (*alloc_spi)(void *arg, uint32_t tunnel, uint8_t protocol,
			 uint32_t *spi);
	void (*free_spi)(void *arg, uint32_t tunnel, uint8_t protocol,
			 uint32_t spi);
	/*
	 * Inbound SAs come first and are there when install() returns. Keys
	 * are wiped here after the call with OUT. Failure of either ends the
	 * negotiation.
	 */
	int (*install)(void *arg, const struct ike_child *child,
		       enum ike_direction direction);
	/* Of child only tunnel, id, count, protocols, SPIs and path are set. */
	void (*remove)(void *arg, const struct ike_child *child,
		       enum ike_direction direction);
	/*
	 * When a packet last came in through the child, 0: never. May be NULL;
	 * then only IKE messages prove life.
	 */
	uint64_t (*inbound_ns)(void *arg, const struct ike_child *child);
	/*
	 * On demand: the record of a peer (-ENOENT: none, rejected), and the
	 * tunnel that it gets, named by the owner; the library forgets that
	 * tunnel after its IKE_EVENT_DOWN. Both may be NULL where there is no
	 * template.
	 */
	int (*subscriber)(void *arg, uint32_t template,
			  const struct ike_id *remote,
			  struct ike_subscriber *subscriber);
	int (*spawn)(void *arg, uint32_t template, const struct ike_id *remote,
		     const struct ike_path *path, uint32_t *tunnel);
	void (*event)(void *arg, const struct ike_event *event);
};

/* ---- the instance -------------------------------------------------- */

struct ike_conf {
	bool strict; /* what the SmartEdge release had, and nothing else: DES,
			3DES, AES-CBC; MD5 and SHA-1; groups 1, 2, 5, 14; no
			fragmentation, no RFC 7427, no ESN; RFC 7296's rules for
			what must be there not relaxed anywhere */
	bool tell_keys;            /* IKE_EVENT_KEYS */
	uint32_t sas_max;          /* 0: 32768 IKE SAs, half-open ones too */
	uint32_t half_open_max;    /* 0: 4096; more are refused */
	uint32_t cookie_threshold; /* 0: 128 half-open; from there cookies */
	uint32_t aggressive_per_s; /* 0: 10 first messages of aggressive mode */
	uint32_t records_max;      /* 0: 256 negotiations are remembered */
	uint32_t retransmit_ms;    /* 0: 2000; doubles up to 32 times that */
	uint32_t retransmit_max;   /* 0: 6 */
	uint32_t keepalive_s;      /* 0: 20; RFC 3948 section 4 */
	uint32_t retry_s;          /* 0: 10; static tunnel after a failure */
	uint32_t grace_ms;         /* 0: 5000; old inbound SAs after a rekey */
	uint32_t jitter_percent;   /* 0: 10; rekeying comes earlier by up to */
	uint32_t fragment_octets;  /* 0: 1280; IP datagrams of RFC 7383 */
};

/* -ENOMEM. arg is handed to every callback. */
int ike_new(struct ike **ike, const struct ike_conf *conf,
	    const struct ike_ops *ops, void *arg);
/* Says nothing to peers, removes no SA. Wipes all secrets; leaves NULL. */
void ike_free(struct ike **ike);

/*
 * New or changed; what is negotiated already stays as it is. -EINVAL: wrong
 * numbers; -ENOTSUP: a transform that is not there, or not in strict mode;
 * -ENOMEM. _del: -ENOENT, -EBUSY while a tunnel names it.
 */
int ike_policy_set(struct ike *ike, const struct ike_policy *policy);
int ike_policy_del(struct ike *ike, uint32_t id);
int ike_child_policy_set(struct ike *ike,
			 const struct ike_child_policy *policy);
int ike_child_policy_del(struct ike *ike, uint32_t id);

/*
 * A tunnel, from now on answered and, if it may, initiated. Changed ends are a
 * new tunnel: del and set. -EINVAL; -ENOENT: a policy is not there; -EEXIST;
 * -ENOMEM.
 */
int ike_tunnel_set(struct ike *ike, const struct ike_tunnel *tunnel,
		   uint64_t now_ns);
/* Peers are told (DELETE), SAs removed, IKE_EVENT_DOWN with the cause. */
int ike_tunnel_del(struct ike *ike, uint32_t id, enum ike_cause cause,
		   uint64_t now_ns);

/* A UDP payload for path->local_port; path is as the receiver sees it. */
void ike_input(struct ike *ike, const struct ike_path *path,
	       const uint8_t *octets, size_t n, uint64_t now_ns);

/* The earliest time at which ike_tick() has something to do; IKE_NEVER. */
uint64_t ike_next_ns(const struct ike *ike);
void ike_tick(struct ike *ike, uint64_t now_ns);

/*
 * Operator's hand. -ENOENT: no such tunnel; initiate: -EALREADY when up or
 * under way, -EPERM when the policy or type is for responding; rekey:
 * -ENOTCONN. terminate: the static tunnel comes up again after retry_s.
 */
int ike_initiate(struct ike *ike, uint32_t tunnel, uint64_t now_ns);
int ike_terminate(struct ike *ike, uint32_t tunnel, enum ike_cause cause,
		  uint64_t now_ns);
int ike_rekey(struct ike *ike, uint32_t tunnel, bool ike_sa, uint64_t now_ns);

/* A packet wants the tunnel and there is no SA: as ike_initiate(). */
int ike_traffic(struct ike *ike, uint32_t tunnel, uint64_t now_ns);

/* The SAD says: rekey soon; the end of it; packets with an SPI that it has
 * not (answered with INVALID_SPI, limited in rate). */
void ike_child_soft(struct ike *ike, uint32_t tunnel, uint32_t spi_in,
		    uint64_t now_ns);
void ike_child_hard(struct ike *ike, uint32_t tunnel, uint32_t spi_in,
		    uint64_t now_ns);
void ike_unknown_spi(struct ike *ike, const struct ike_path *path,
		     uint8_t protocol, uint32_t spi, uint64_t now_ns);

/* ---- looking inside ------------------------------------------------ */

#define IKE_STATS(X)                                                           \
	X(RECEIVED, "messages-received", "datagrams taken in")                 \
	X(SENT, "messages-sent", "datagrams sent, retransmissions too")        \
	X(RETRANSMITTED, "retransmitted", "requests sent again")               \
	X(ANSWERED_AGAIN, "answered-again", "responses sent again")            \
	X(FRAGMENTS_IN, "fragments-in", "fragments received (RFC 7383)")       \
	X(FRAGMENTS_OUT, "fragments-out", "fragments sent (RFC 7383)")         \
	X(INITIATED, "initiated", "negotiations begun by us")                  \
	X(RESPONDED, "responded", "negotiations begun by peers")               \
	X(IKE_UP, "ike-up", "IKE SAs established")                             \
	X(IKE_DOWN, "ike-down", "IKE SAs ended")                               \
	X(IKE_REKEYED, "ike-rekeyed", "IKE SAs rekeyed")                       \
	X(CHILD_UP, "child-up", "child SAs established")                       \
	X(CHILD_DOWN, "child-down", "child SAs ended")                         \
	X(CHILD_REKEYED, "child-rekeyed", "child SAs rekeyed")                 \
	X(COLLISIONS, "collisions", "rekeyings that both ends began")          \
	X(FAILED, "failed", "negotiations without result")                     \
	X(COOKIES, "cookies", "requests answered with a cookie")               \
	X(DPD_SENT, "dpd-sent", "questions whether a peer lives")              \
	X(DPD_DEAD, "dpd-dead", "peers that did not answer")                   \
	X(KEEPALIVES, "keepalives", "NAT keepalives sent")                     \
	X(NOT_IKE, "not-ike", "datagrams that are no IKE message")

enum ike_stat {
#define IKE_STAT_ENUM(e, name, sentence) IKE_STAT_##e,
	IKE_STATS(IKE_STAT_ENUM)
#undef IKE_STAT_ENUM
	    IKE_STAT_MAX
};
const char *ike_stat_name(enum ike_stat stat);
const char *ike_stat_sentence(enum ike_stat stat);

struct ike_stats {
	uint64_t count[IKE_STAT_MAX];
	uint64_t rejects[IKE_REJECT_MAX];
	uint32_t sas;       /* now: IKE SAs, */
	uint32_t half_open; /* of these not established, */
	uint32_t children;  /* and child SAs */
};
void ike_stats_get(const struct ike *ike, struct ike_stats *stats);

/* A row of show ike sa. */
struct ike_sa_info {
	uint32_t id;
	uint32_t tunnel; /* 0: not known yet */
	char policy[IKE_NAME_MAX];
	uint8_t version;
	bool initiator;
	bool up;
	const char *state; /* "UP", "SA-INIT", "AUTH", "MAIN-1", ... */
	struct ike_path path;
	uint8_t spi_i[8];
	uint8_t spi_r[8];
	struct ike_id local_id;
	struct ike_id remote_id;
	struct ike_transform encr, prf, integ, dh; /* id 0: none yet */
	uint64_t born_ns;
	uint64_t end_ns; /* rekeyed or ended by then */
	uint32_t children;
	bool nat_local; /* a NAT before us, before the peer */
	bool nat_remote;
	bool fragmentation;
};

/* In order of id: the first with id >= from. False: none. */
bool ike_sa_next(const struct ike *ike, uint32_t from,
		 struct ike_sa_info *info);

struct ike_tunnel_info {
	uint32_t id;
	char name[IKE_NAME_MAX];
	bool up;
	bool negotiating;
	enum ike_cause cause; /* where not up */
	uint32_t children;
	uint64_t since_ns;
	uint64_t outage_ns;  /* the last one */
	const char *failure; /* text of the last failure, or NULL */
};
/* -ENOENT. */
int ike_tunnel_get(const struct ike *ike, uint32_t id,
		   struct ike_tunnel_info *info);

/*
 * The record of a negotiation, as a ladder: what went to and fro, decrypted and
 * without secrets, and how proposals compared. A tunnel's newest one, or by
 * index from the newest (0). Borrowed until the next call that is not reading.
 */
struct ike_ladder {
	uint64_t at_ns;
	bool sent;
	bool again; /* a retransmission */
	uint32_t message_id;
	uint32_t octets;
	char exchange[24];    /* "IKE_SA_INIT request" */
	const char *payloads; /* "SA(2) KE(19) Nonce(32) N(COOKIE)" */
};

/* One proposal of each side against the other, transform by transform. */
struct ike_compare {
	uint8_t ours; /* number, from 1, in our order */
	uint8_t theirs;
	const char *type;     /* "encryption", "prf", ... */
	const char *our_text; /* "aes-128-cbc, 3des-cbc" */
	const char *their_text;
	bool same;          /* there is one in common */
	bool first_differs; /* this row is why the pair failed */
	bool chosen;        /* of the pair that was taken */
};

struct ike_record {
	uint32_t tunnel; /* 0: none was found */
	uint8_t version;
	bool initiator;
	bool done;
	bool good;
	struct ike_path path;
	uint64_t begun_ns;
	uint64_t ended_ns;
	const char *outcome; /* one sentence; NULL until done */
	unsigned ladder_count;
	const struct ike_ladder *ladder;
	unsigned compare_count;
	const struct ike_compare *compare;
};
bool ike_record_of(const struct ike *ike, uint32_t tunnel,
		   struct ike_record *record);
bool ike_record_at(const struct ike *ike, unsigned index,
		   struct ike_record *record);

#endif
