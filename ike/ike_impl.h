/*
 * The inside of an instance, shared by both versions: tunnels, IKE SAs, child
 * SAs, and how they hang together. For ike/ alone; what others may know is
 * ike.h's.
 *
 * A version registers itself by a struct ike_version: ike.c finds the tunnel or
 * the IKE SA, the version does the rest. It embeds struct ike_sa as the first
 * member of its own.
 */
#ifndef IKE_IMPL_H
#define IKE_IMPL_H

#include <sys/queue.h>

#include "ike.h"
#include "ike_alg.h"
#include "ike_crypto.h"
#include "ike_msg.h"
#include "ike_timer.h"

/* Hash tables that run out of memory say so instead of ending the process. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define IKE_SECOND_NS UINT64_C(1000000000)
#define IKE_MS_NS UINT64_C(1000000)
#define IKE_FAILURE_MAX 160
#define IKE_HALF_OPEN_S 30 /* a responder waits for the next message */

struct ike_sa;
struct ike_tun;
struct ike_child_sa;
struct ike_record_box;

/* Policies are shared: who uses one keeps it, though it be replaced. */
struct ike_policy_box {
	struct ike_policy p;
	unsigned refs;
	unsigned tunnels; /* that name it */
	UT_hash_handle hh;
};

struct ike_child_policy_box {
	struct ike_child_policy p;
	unsigned refs;
	unsigned tunnels;
	UT_hash_handle hh;
};

/* Where tunnels end; key of a table. */
struct ike_ends {
	uint32_t context;
	struct ip_addr local;
	struct ip_addr remote;
};

struct ike_ends_box {
	struct ike_ends ends;
	TAILQ_HEAD(, ike_tun) tuns;
	UT_hash_handle hh;
};

struct ike_tun {
	struct ike_tunnel conf;
	struct ike_ends_box *ends;
	struct ike_policy_box *policy;
	struct ike_child_policy_box *child_policy;
	/* Spawned of a template: */
	bool spawned;
	uint32_t template;
	uint16_t secret_octets; /* the subscriber's */
	uint8_t secret[IKE_SECRET_MAX];
	struct ip_addr address;

	bool up;
	bool told;   /* that it is down */
	bool doomed; /* deleted: do not negotiate again */
	enum ike_cause cause;
	uint64_t since_ns;
	uint64_t down_ns; /* since when it should be up and is not; 0 */
	uint64_t outage_ns;
	uint32_t children; /* that carry traffic or are about to */
	char failure[IKE_FAILURE_MAX];
	uint64_t record; /* newest, 0 */
	struct ike_timer retry;
	TAILQ_HEAD(, ike_sa) sas;
	TAILQ_ENTRY(ike_tun) of_ends;
	UT_hash_handle hh;
};

struct ike_version {
	/*
	 * A whole message without marker; its header is read and its length
	 * right. sa: found by our SPI, or NULL.
	 */
	void (*input)(struct ike *ike, struct ike_sa *sa,
		      const struct ike_path *path, const struct ike_hdr *hdr,
		      uint8_t *octets, size_t n, uint64_t now);
	/* Begins a negotiation; 0 or what is wrong. */
	int (*initiate)(struct ike *ike, struct ike_tun *tun, uint64_t now);
	/* Tells the peer if it can be told, and ends the SA: ike_sa_end(). */
	void (*terminate)(struct ike *ike, struct ike_sa *sa,
			  enum ike_cause cause, uint64_t now);
	int (*rekey)(struct ike *ike, struct ike_sa *sa, uint64_t now);
	int (*rekey_child)(struct ike *ike, struct ike_child_sa *child,
			   uint64_t now);
	/* A child's life is over: DELETE, then ike_child_end(). */
	void (*delete_child)(struct ike *ike, struct ike_child_sa *child,
			     uint64_t now);
	/* Says INVALID_SPI in an SA, or asks whether the peer lives. */
	void (*unknown_spi)(struct ike *ike, struct ike_sa *sa,
			    uint8_t protocol, uint32_t spi, uint64_t now);
	/* What the version added to the row of show ike sa. */
	void (*info)(const struct ike_sa *sa, struct ike_sa_info *info);
	/* Stops its timers, wipes and frees the SA's memory. */
	void (*free)(struct ike *ike, struct ike_sa *sa);
};

/* Both versions' tables: v1.c, v2.c. */
extern const struct ike_version v2_version;
struct v1;

/* v2.c: answers to what no version took (RFC 7296 section 2.5, 2.21.4). */
void v2_other_version(struct ike *ike, const struct ike_path *path,
		      const struct ike_hdr *hdr, uint64_t now);
void v2_say_invalid_spi(struct ike *ike, const struct ike_path *path,
			uint32_t spi);

/* ike.c: NULL for a version that is not there. */
const struct ike_version *ike_version_of(unsigned version);

struct ike_spi {
	uint8_t octets[8];
};

struct ike_sa {
	uint32_t id;
	uint8_t version;
	const struct ike_version *ops;
	bool initiator;
	bool up;        /* established */
	bool half_open; /* counted as such */
	bool counted;   /* IKE_UP was told, so IKE_DOWN will be */
	bool replaced;  /* by a rekeying: children have moved */
	struct ike_spi mine;
	struct ike_spi theirs; /* zero: not known yet */
	struct ike_path path;
	struct ike_tun *tun;           /* NULL: not known yet */
	struct ike_policy_box *policy; /* NULL: not known yet */
	struct ike_id local_id;
	struct ike_id remote_id;
	const char *state;
	uint64_t born_ns;
	uint64_t end_ns;
	uint64_t heard_ns; /* an authentic message */
	uint64_t said_ns;
	uint64_t record;
	bool nat_local;
	bool nat_remote;
	uint32_t children_count;
	TAILQ_HEAD(, ike_child_sa) children;
	TAILQ_ENTRY(ike_sa) all;
	TAILQ_ENTRY(ike_sa) of_tun;
	UT_hash_handle hh_mine;
	UT_hash_handle hh_id;
};

struct ike_child_sa {
	struct ike_child c;
	struct ike_sa *sa;
	struct ike_tun *tun;
	struct ike_child_policy_box *policy;
	unsigned installed; /* enum ike_direction */
	bool alive;         /* counted in the tunnel */
	bool rekeying;      /* a successor is being negotiated */
	bool deleting;      /* a DELETE is under way */
	bool superseded;    /* its successor is there */
	bool retired;       /* inbound only, for the grace */
	bool narrowed;      /* the peer's selectors had more that is ours */
	bool waits;         /* outbound is for when the old one goes */
	uint16_t pfs_group;
	struct ike_timer soft;
	struct ike_timer hard; /* then: end of grace */
	TAILQ_ENTRY(ike_child_sa) of_sa;
	UT_hash_handle hh;
};

TAILQ_HEAD(ike_sa_all, ike_sa);

struct ike {
	struct ike_conf conf;
	struct ike_ops ops;
	void *arg;
	struct ike_crypto *crypto;
	struct ike_timers timers;
	uint32_t timers_wanted;
	struct ike_policy_box *policies;
	struct ike_child_policy_box *child_policies;
	struct ike_tun *tuns;
	struct ike_ends_box *ends;
	struct ike_sa_all sas;
	struct ike_sa *by_mine; /* by our SPI */
	struct ike_sa *by_id;
	struct ike_child_sa *children;
	uint32_t next_sa;
	uint32_t next_child;
	struct ike_stats stats;
	struct ike_record_box *records; /* a ring of conf.records_max */
	uint64_t records_made;
	uint8_t cookie_secret[2][32]; /* of now, of before */
	uint64_t cookie_ns;           /* when the first was drawn */
	uint64_t invalid_spi_ns;      /* when one was last said */
	struct v1 *v1;                /* all of IKEv1 */
	struct v2_sa *v2_by_init;     /* IKEv2's: by first message */
	/* Of one message at a time: its payloads in clear, and as sent. */
	uint8_t inner[IKE_MSG_MAX];
	uint8_t out[IKE_MARKER_OCTETS + IKE_MSG_MAX];
};

/* ---- ike_sa.c: SAs of the instance ------------------------------------- */

/*
 * Enters an SA (allocated by the version, zeroed but for ops, version,
 * initiator, path) into the tables under an SPI drawn here. -ENOSPC: there are
 * too many; -ENOMEM, -EIO. From then on ike_sa_end() frees it.
 */
int ike_sa_enter(struct ike *ike, struct ike_sa *sa, uint64_t now);
/* Of which tunnel it is, once that is known; NULL: again of none. */
void ike_sa_bind(struct ike_sa *sa, struct ike_tun *tun);
struct ike_sa *ike_sa_find(struct ike *ike, const uint8_t spi[8]);
/* Established: counted and told. rekeyed: it took another one's place. */
void ike_sa_up(struct ike *ike, struct ike_sa *sa, bool rekeyed, uint64_t now);
/*
 * Takes it out of all tables with the children it still has, tells what is to
 * be told, and frees it. Says nothing to the peer. cause: of the tunnel, if it
 * goes down thereby.
 */
void ike_sa_end(struct ike *ike, struct ike_sa *sa, enum ike_cause cause,
		uint64_t now);
/* A negotiation that came to nothing: recorded, told as FAILED, then as
 * ike_sa_end(). A static tunnel tries again later. */
void ike_sa_fail(struct ike *ike, struct ike_sa *sa, enum ike_cause cause,
		 uint64_t now, const char *text);

void ike_tell(struct ike *ike, struct ike_event *event);
/* The row of show ike sa. */
void ike_sa_row(const struct ike_sa *sa, struct ike_sa_info *info);
/* Sends a message (marker added where the port wants it). */
void ike_send(struct ike *ike, const struct ike_path *path,
	      const uint8_t *octets, size_t n);
int ike_random(struct ike *ike, void *p, size_t n);
/* A number below n, for jitter; 0 where randomness fails. */
uint32_t ike_random_below(struct ike *ike, uint32_t n);
/* Counted, and told as IKE_EVENT_REJECTED. text: more, or NULL. */
void ike_rejected(struct ike *ike, enum ike_reject reject,
		  const struct ike_path *path, const struct ike_tun *tun,
		  uint64_t now, const char *text);
void ike_policy_hold(struct ike_policy_box *box);
void ike_policy_drop(struct ike_policy_box **box);
void ike_child_policy_hold(struct ike_child_policy_box *box);
void ike_child_policy_drop(struct ike_child_policy_box **box);

/* ---- ike_tunnel.c ---------------------------------------------------- */

struct ike_tun *ike_tun_find(const struct ike *ike, uint32_t id);
/*
 * The tunnels of two ends, one after the other (after NULL: the first); those
 * of a known remote end, and then templates for any.
 */
struct ike_tun *ike_tun_next(const struct ike *ike, const struct ike_path *path,
			     const struct ike_tun *after);
/* A tunnel of template tun for that peer; -ENOENT: AAA knows it not. One that
 * is there already is taken again. */
int ike_tun_spawn(struct ike *ike, struct ike_tun *tun,
		  const struct ike_path *path, const struct ike_id *remote,
		  const struct ike_subscriber *subscriber,
		  struct ike_tun **spawned);
/* Looked at again: up or down told, retry armed, spawned ones forgotten. Tun
 * may be gone afterwards. */
void ike_tun_settle(struct ike *ike, struct ike_tun *tun, enum ike_cause cause,
		    uint64_t now);
/* What the tunnel is called for, once: an SA that is up. NULL. */
struct ike_sa *ike_tun_sa(const struct ike_tun *tun);
/* Whether a negotiation is under way. */
bool ike_tun_busy(const struct ike_tun *tun);
/* The pre-shared key: the subscriber's or the policy's. */
struct alg_piece ike_tun_secret(const struct ike_tun *tun);
/* Whether peer and identity may be this tunnel's. */
bool ike_tun_accepts(const struct ike_tun *tun, const struct ike_id *remote,
		     const struct ike_id *wanted_local);
/* Our identity of a tunnel: the policy's, or our address. */
void ike_tun_local_id(const struct ike_tun *tun, const struct ike_path *path,
		      struct ike_id *id);

/* ---- ike_child.c ----------------------------------------------------- */

/*
 * A child of sa, entered but not installed; its inbound SPIs are drawn for the
 * protocols given (n of them). -ENOSPC, -ENOMEM.
 */
int ike_child_new(struct ike *ike, struct ike_sa *sa, const uint8_t *protocols,
		  unsigned n, struct ike_child_sa **child);
/* -EIO, or what install() returned. OUT makes it alive and wipes its keys. */
int ike_child_install(struct ike *ike, struct ike_child_sa *child,
		      enum ike_direction direction, uint64_t now);
/* IKEv2: of the protocols it was made for this one was chosen. */
void ike_child_choose(struct ike *ike, struct ike_child_sa *child,
		      uint8_t protocol);
/* Lifetimes begin: soft and hard timer by its policy. */
void ike_child_live(struct ike *ike, struct ike_child_sa *child,
		    uint64_t lifetime_s, uint64_t now);
/* Outbound goes now, inbound after the grace; then it is freed. */
void ike_child_retire(struct ike *ike, struct ike_child_sa *child,
		      enum ike_cause cause, uint64_t now);
/* Both at once. */
void ike_child_end(struct ike *ike, struct ike_child_sa *child,
		   enum ike_cause cause, uint64_t now);
void ike_child_move(struct ike_child_sa *child, struct ike_sa *to);
struct ike_child_sa *ike_child_by_in(const struct ike_sa *sa, uint8_t protocol,
				     uint32_t spi);
struct ike_child_sa *ike_child_by_out(const struct ike_sa *sa, uint8_t protocol,
				      uint32_t spi);

/* ---- ike_record.c ---------------------------------------------------- */

/* The number of a new record; 0 where there is no memory. */
uint64_t ike_record_begin(struct ike *ike, const struct ike_path *path,
			  unsigned version, bool initiator, uint64_t now);
void ike_record_tunnel(struct ike *ike, uint64_t record, struct ike_tun *tun);
void ike_record_line(struct ike *ike, uint64_t record,
		     const struct ike_ladder *line);
/* Rows of how proposals compared; texts are copied. */
void ike_record_compare(struct ike *ike, uint64_t record,
			const struct ike_compare *row);
/* The newest rows are what the next ones replace. */
void ike_record_compare_reset(struct ike *ike, uint64_t record);
void ike_record_end(struct ike *ike, uint64_t record, bool good, uint64_t now,
		    const char *outcome);
void ike_records_fini(struct ike *ike);

#endif
