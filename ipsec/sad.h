/*
 * The SAD (RFC 4301 section 4.4.2): every SA of one ASP, found by the id that
 * the controller gave it, and inbound by what the packet says. Keys rest in
 * locked pages that all SAs share and are wiped when the SA goes.
 *
 * Nothing here allocates per packet. One thread.
 */
#ifndef SAD_H
#define SAD_H

#include <stdbool.h>
#include <stdint.h>

#include "alg.h"
#include "esp_iv.h"
#include "ipsec_alg.h"
#include "replay.h"
#include "sa_counter.h"
#include "sa_life.h"
#include "sa_queue.h"
#include "tunnel.h"

#define SAD_MAX 65536     /* ids are below */
#define SAD_KEY_OCTETS 64 /* longest key with its salt */

#define SAD_TFC_MTU UINT16_MAX /* pad to the largest that fits the MTU */

struct sad;

enum sa_direction { SA_IN = 1, SA_OUT = 2 };

struct sad_key {
	uint32_t context;
	uint32_t spi;
	struct ip_addr dst;
	uint8_t protocol; /* 50 or 51 */
};

/*
 * What the controller says of an SA. Keys are copied; encryption keys carry
 * their salt at the end. SPI 0 is refused, for it never goes on the wire; that
 * 1 to 255 are not for configurations (RFC 4303 section 2.1) is theirs to say.
 */
struct sa_params {
	uint32_t id;      /* below SAD_MAX */
	uint32_t context; /* of the outer header */
	uint32_t spi;
	uint32_t circuit; /* the tunnel's */
	struct tunnel tunnel;
	enum sa_direction direction;
	uint8_t protocol; /* 50; or 51, and enc is null encryption */
	bool transport;   /* mode: no outer header of its own */
	/*
	 * ESP and AH over one packet: of ESP the id of its AH, of AH that of
	 * its ESP; 0: alone.
	 */
	uint32_t bundle;
	uint16_t tfc; /* ESP, tunnel mode: SAD_TFC_MTU, a bucket, or 0 */
	uint16_t mtu; /* of inner packets, 0: none */
	bool fragment_post;
	enum ipsec_alg_id enc;
	enum ipsec_alg_id auth;
	const uint8_t *enc_key;
	unsigned enc_key_octets;
	const uint8_t *auth_key;
	unsigned auth_key_octets;
	bool esn;               /* extended sequence numbers */
	unsigned replay_window; /* inbound: packets, 0: off */
	/*
	 * Outbound: the next number to use, from 1, and the last that may be.
	 * Inbound: numbers below seq_first count as seen; seq_granted is not
	 * read.
	 */
	uint64_t seq_first;
	uint64_t seq_granted;
	struct sa_life_limits life;
	/*
	 * When its life began, on the machine's monotonic clock: the SAD's
	 * clock is then that one. 0: with the first packet that this ASP met,
	 * on the packets' own clock (a replay).
	 */
	uint64_t born_ns;
	uint64_t used_octets; /* of its life, before it was installed here */
	bool seeded;          /* IVs repeat on purpose, from seed */
	uint64_t seed;
	struct sa_counters *counters; /* the caller's; NULL: the SA's own */
};

/* What an ASP is told of an SA, each at most once; a set of these. */
enum sa_event {
	SA_EVENT_SOFT = SA_LIFE_SOFT, /* a successor is wanted */
	SA_EVENT_HARD = SA_LIFE_HARD, /* it ends: sa-expired */
	SA_EVENT_SEQUENCE_LAST = 4, /* no number is left: sequence-exhausted */
};

/* Why sa_seq_take() gave no number. */
enum sa_seq { SA_SEQ_OK, SA_SEQ_NOT_GRANTED, SA_SEQ_EXHAUSTED };

/* Read by esp_in, esp_out and the ASP; written by sad.c and them alone. */
struct esp_sa {
	_Alignas(64) uint32_t id;
	uint32_t circuit;
	struct sad_key key;
	struct tunnel tunnel;
	enum sa_direction direction;
	const struct ipsec_alg *enc;
	const struct ipsec_alg *auth;
	struct alg_cipher *cipher;
	struct sa_counters *counters;
	uint16_t iv_octets;
	uint16_t icv_octets;
	uint16_t align; /* of the text: block, at least 4 (RFC 4303, 2.4) */
	uint16_t outer; /* octets of the headers that go around: see esp_size */
	uint16_t tfc;
	/* Inner packets that are not longer need no cutting. */
	uint16_t inner_max;
	uint16_t outer_mtu; /* towards the far end, 0: not known */
	bool transport;
	uint32_t bundle;
	bool esn;
	bool granting;        /* wants numbers, and the caller was told */
	bool ended;           /* the last number was asked for */
	uint64_t seq_next;    /* outbound: next number */
	uint64_t seq_granted; /* last that may be used */
	uint64_t seq_want;    /* from this number on it wants more */
	struct replay replay; /* inbound */
	struct esp_iv iv;     /* outbound */
	unsigned events;      /* enum sa_event: not yet told */
	/* Of what follows packets read one word at most: sa_ahead(). */
	struct sa_life life;
	uint16_t mtu;               /* of inner packets, 0: no limit */
	uint16_t path_mtu;          /* as heard on the way, 0: nothing */
	uint64_t path_mtu_until_ns; /* on the clock of packets */
	bool fragment_post;         /* cut after sealing where that may be */
	uint8_t *keys;              /* a slot of the arena */
	struct sa_counters own_counters;
	uint32_t hash_next;
	struct esp_sa *next[SA_QUEUES]; /* sa_queue.c's */
};

/* -ENOMEM. alg is borrowed and must outlive the SAD. */
int sad_new(struct sad **sad, struct alg *alg);

/* Deletes every SA. Takes the address, accepts NULL, leaves NULL. */
void sad_free(struct sad **sad);

/*
 * -EEXIST when the id, or inbound the key, is taken; -EINVAL when id, SPI,
 * protocol, direction, a length, the window or the pair of algorithms is wrong;
 * -ENOTSUP when no engine can do the algorithms; -ENOMEM; -EIO when the crypto
 * library refused. On failure nothing has changed.
 */
int sad_install(struct sad *sad, const struct sa_params *params);

/* Wipes the keys. -ENOENT. */
int sad_delete(struct sad *sad, uint32_t id);

unsigned sad_count(const struct sad *sad);

/* Whether there is an inbound AH SA: else no packet need be looked at for AH.
 */
bool sad_has_ah(const struct sad *sad);

/*
 * Asks the memory ahead, for all packets of a vector before the first is looked
 * at: sad_ahead() for what sad_find() reads, sa_ahead() for what is read and
 * written of an SA for a packet, but for its cipher and counters, which
 * esp_out asks for.
 */
void sad_ahead(const struct sad *sad, uint32_t id);
void sa_ahead(const struct esp_sa *sa);

/* Borrowed until the SA is deleted; NULL if there is none. */
struct esp_sa *sad_find(const struct sad *sad, uint32_t id);

/* Inbound, by what the packet says. Same borrowing; NULL if there is none. */
struct esp_sa *sad_find_in(const struct sad *sad, const struct sad_key *key);

/* The key of an IPv4 packet; the address as a number. */
struct sad_key sad_key_ipv4(uint32_t context, uint32_t spi, uint32_t dst,
			    uint8_t protocol);

/*
 * More numbers for an outbound SA: until is the last that may be used. -ENOENT;
 * -EINVAL when the SA is inbound or until is below what was granted before.
 */
int sad_grant(struct sad *sad, uint32_t id, uint64_t until);

/*
 * The next outbound SA that wants a grant (past half of its last block, or
 * installed without numbers), told once per grant; NULL when there is no more.
 */
struct esp_sa *sad_want_next(struct sad *sad);

/*
 * Whether the SA is the one that params would make: same SPI, algorithms and
 * keys, so that its numbers and its age go on (RFC 4303 section 3.3.3).
 */
bool sad_same(const struct esp_sa *sa, const struct sa_params *params);

/*
 * The SAD's clock. sad_clock_set() at every pass of an ASP that runs live,
 * where limits of time are then looked at; until an SA was installed with a
 * time of birth it does nothing. sad_now(): of a packet that carries order_ns.
 */
void sad_clock_set(struct sad *sad, uint64_t monotonic_ns);
bool sad_clock_live(const struct sad *sad);
uint64_t sad_now(struct sad *sad, uint64_t order_ns);

/*
 * Whether a hard limit is reached: the packet ends as sa-expired. Ask for an SA
 * whose life is limited (sa->life.limited).
 */
bool sad_life_over(struct sad *sad, struct esp_sa *sa, uint64_t now_ns);

/* Octets of a clear packet that went through; sad_life_back() if it did not. */
void sad_life_add(struct sad *sad, struct esp_sa *sa, uint64_t octets,
		  uint64_t now_ns);
void sad_life_back(struct sad *sad, struct esp_sa *sa, uint64_t octets);

/* The next SA of which something is to be told, and what; NULL: none. */
struct esp_sa *sad_event_next(struct sad *sad, unsigned *events);

/*
 * The next number of an outbound SA, never twice and never past what was
 * granted or the last there is (RFC 4303 section 3.3.3).
 */
enum sa_seq sa_seq_take(struct sad *sad, struct esp_sa *sa, uint64_t *seq);

#endif
