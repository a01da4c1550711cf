/*
 * IKEv1 behind ike.h: phase 1 in main and aggressive mode by pre-shared keys
 * and RSA signatures, quick mode, informational exchanges, dead peer detection
 * and NAT traversal (RFC 2407, 2408, 2409, 3706, 3947, 3948).
 *
 * The instance (ike.c) owns tunnels, policies, retries and events; it hands in
 * messages of version 1 and the time, and learns what became of its tunnels
 * through struct v1_host. Callbacks must not call back, but for what reads.
 */
#ifndef V1_H
#define V1_H

#include "ike.h"
#include "ike_crypto.h"

struct v1;

struct ike_hdr;
struct ike_chain;

/* A message for the ladder: its payloads in clear, borrowed. */
struct v1_line {
	bool sent;
	bool again;
	const struct ike_hdr *hdr;
	const struct ike_chain *chain; /* NULL: sent again */
	size_t octets;
	uint64_t now_ns;
};

/* What the instance is to IKEv1. Pointers it gives are good until it is called
 * to change what they point to. */
struct v1_host {
	void *arg;
	const struct ike_conf *conf; /* zeros replaced by what they mean */
	const struct ike_ops *ops;
	void *ops_arg;
	struct ike_crypto *crypto;

	/* NULL: there is none. */
	const struct ike_tunnel *(*tunnel)(void *arg, uint32_t id);
	const struct ike_policy *(*policy)(void *arg, uint32_t id);
	const struct ike_child_policy *(*child_policy)(void *arg, uint32_t id);
	/* Tunnels that a peer on this path may be of (local address, remote
	 * address or any, context), best first: the next behind one, 0: the
	 * first. NULL: no more. */
	const struct ike_tunnel *(*match)(void *arg,
					  const struct ike_path *path,
					  uint32_t after);
	/* The pre-shared key of a tunnel that is no template. */
	struct alg_piece (*secret)(void *arg, uint32_t tunnel);
	/* On demand: the tunnel for a peer that has proved who it is. */
	int (*spawn)(void *arg, uint32_t template, const struct ike_id *remote,
		     const struct ike_path *path, uint32_t *tunnel);

	uint32_t (*sa_id)(void *arg);
	uint32_t (*child_id)(void *arg);
	void (*count)(void *arg, enum ike_stat stat);
	void (*reject)(void *arg, enum ike_reject reject,
		       const struct ike_path *path, uint32_t tunnel,
		       const char *text, uint64_t now_ns);
	void (*ike_state)(void *arg, enum ike_event_kind kind,
			  const struct ike_sa_info *info, uint64_t now_ns);
	void (*keys)(void *arg, const struct ike_keys *keys, uint64_t now_ns);
	/* After its SAs are installed; after they are removed. */
	void (*child_up)(void *arg, const struct ike_child *child,
			 uint64_t now_ns);
	void (*child_down)(void *arg, const struct ike_child *child,
			   enum ike_cause cause, uint64_t now_ns);
	/* A negotiation that we began or that had a tunnel ended in nothing,
	 * or a peer is gone. */
	void (*failed)(void *arg, uint32_t tunnel, enum ike_cause cause,
		       const char *text, uint64_t now_ns);
	/* What is remembered of negotiations (ike_record); all four NULL, or
	 * none. record: 0: not remembered. */
	uint64_t (*record)(void *arg, const struct ike_path *path,
			   bool initiator, uint64_t now_ns);
	void (*line)(void *arg, uint64_t record, const struct v1_line *line);
	void (*compare)(void *arg, uint64_t record,
			const struct ike_compare *row);
	void (*record_end)(void *arg, uint64_t record, uint32_t tunnel,
			   bool good, const char *outcome, uint64_t now_ns);
	/* Nothing of a tunnel is left here. */
	void (*gone)(void *arg, uint32_t tunnel, uint64_t now_ns);
};

/* host is copied. -ENOMEM. */
int v1_new(struct v1 **v1, const struct v1_host *host);
/* Says nothing to peers, removes no SA. Leaves NULL. */
void v1_free(struct v1 **v1);

/* Phase 1 where there is none, then a quick mode for each selector that has no
 * child. -ENOENT: no such tunnel; -EALREADY; -EPERM: for responding; others of
 * making the first message. */
int v1_initiate(struct v1 *v1, uint32_t tunnel, uint64_t now_ns);
/* Tells the peer and forgets all of the tunnel. */
void v1_drop(struct v1 *v1, uint32_t tunnel, enum ike_cause cause,
	     uint64_t now_ns);
/* -ENOTCONN. */
int v1_rekey(struct v1 *v1, uint32_t tunnel, bool ike_sa, uint64_t now_ns);
bool v1_negotiating(const struct v1 *v1, uint32_t tunnel);
/* Whether there is anything of it: an SA or a child. */
bool v1_has(const struct v1 *v1, uint32_t tunnel);

/* A message without marker. */
void v1_input(struct v1 *v1, const struct ike_path *path, const uint8_t *octets,
	      size_t n, uint64_t now_ns);
uint64_t v1_next_ns(const struct v1 *v1);
void v1_tick(struct v1 *v1, uint64_t now_ns);

void v1_child_soft(struct v1 *v1, uint32_t tunnel, uint32_t spi_in,
		   uint64_t now_ns);
void v1_child_hard(struct v1 *v1, uint32_t tunnel, uint32_t spi_in,
		   uint64_t now_ns);
/* Packets came for an SA that is not there: who sends them is told, where there
 * is an SA to tell it under. False: there is none. */
bool v1_unknown_spi(struct v1 *v1, const struct ike_path *path,
		    uint8_t protocol, uint32_t spi, uint64_t now_ns);

/* Adds IKEv1's to sas, half_open and children. */
void v1_stats_add(const struct v1 *v1, struct ike_stats *stats);
/* The one with the least id >= from. */
bool v1_sa_next(const struct v1 *v1, uint32_t from, struct ike_sa_info *info);

#endif
