/*
 * Informational exchanges of IKEv1: notifications and deletions, one message
 * each, never answered but for DPD's question (RFC 2408 section 4.8, RFC 2409
 * section 5.7, RFC 3706). What comes without protection is believed only where
 * nothing better can come: of a negotiation whose peer has no key yet.
 */
#include "v1_impl.h"

#include <errno.h>
#include <string.h>

#include "secret.h"

#define PROTO_ESP 50
#define PROTO_AH 51

/* prf(SKEYID_a, M-ID | rest). */
static int
info_hash(const struct v1_sa *sa, uint32_t message_id, const uint8_t *rest,
	  size_t n, uint8_t out[IKE_PRF_OCTETS_MAX])
{
	struct be32 id = be32_put(message_id);
	struct alg_piece pieces[] = {{id.b, sizeof(id.b)}, {rest, n}};

	return ike_prf(sa->keys.prf, sa->keys.a, sa->keys.prf->octets, pieces,
		       2, out);
}

/* ---- out -------------------------------------------------------------- */

static int
info_write(struct v1 *v1, struct v1_sa *sa, struct ike_writer *w, uint32_t *id)
{
	static const uint8_t zero[IKE_PRF_OCTETS_MAX];
	int err;

	do {
		err = v1_random(v1, id, sizeof(*id));
	} while (err == 0 && *id == 0);
	if (err != 0)
		return err;
	v1_write_begin(v1, w, sa, IKE_X_V1_INFO, *id);
	ike_write_plain(w, IKE_P_V1_HASH, zero, sa->keys.prf->octets);
	return 0;
}

static void
info_send(struct v1 *v1, struct v1_sa *sa, struct ike_writer *w, uint32_t id)
{
	size_t at = sizeof(struct ike_hdr) + sizeof(struct ike_payload_hdr);
	size_t n = sa->keys.prf->octets;
	uint8_t hash[IKE_PRF_OCTETS_MAX];
	uint8_t iv[IPSEC_ALG_IV_MAX];

	if (!ike_write_end(w) ||
	    info_hash(sa, id, w->octets + at + n, w->n - at - n, hash) != 0 ||
	    ike_v1_iv_exchange(&sa->keys, sa->iv, id, iv) != 0)
		return;
	memcpy(w->octets + at, hash, n);
	(void)v1_write_send(v1, w, sa, iv, NULL);
}

void
v1_info_notify(struct v1 *v1, struct v1_sa *sa, const struct ike_notify *notify)
{
	struct ike_writer w;
	uint32_t id = 0;

	if (info_write(v1, sa, &w, &id) != 0)
		return;
	ike_write_notify(&w, IKE_P_V1_NOTIFY, notify);
	info_send(v1, sa, &w, id);
}

static void
info_delete(struct v1 *v1, struct v1_sa *sa, const struct ike_delete *del)
{
	struct ike_writer w;
	uint32_t id = 0;

	if (info_write(v1, sa, &w, &id) != 0)
		return;
	ike_write_delete(&w, IKE_P_V1_DELETE, del);
	info_send(v1, sa, &w, id);
}

static void
cookies_put(const struct v1_sa *sa, uint8_t spi[16])
{
	memcpy(spi, sa->cookie_i, 8);
	memcpy(spi + 8, sa->cookie_r, 8);
}

void
v1_info_delete_ike(struct v1 *v1, struct v1_sa *sa)
{
	uint8_t spi[16];
	struct ike_delete del = {.protocol = IKE_PROTO_IKE,
				 .spi_octets = sizeof(spi),
				 .count = 1,
				 .spis = spi};

	cookies_put(sa, spi);
	info_delete(v1, sa, &del);
	v1->host.count(v1->host.arg, IKE_STAT_IKE_DOWN);
}

/* Named by the SPIs of the SAs on which we receive (RFC 2408 section 3.15). */
void
v1_info_delete_child(struct v1 *v1, struct v1_sa *sa,
		     const struct v1_child *child)
{
	for (unsigned i = 0; i < child->c.count; i++) {
		const struct ike_child_keys *k = &child->c.keys[i];
		struct be32 spi = be32_put(k->spi_in);
		struct ike_delete del = {.protocol = k->protocol == PROTO_ESP
							 ? IKE_PROTO_ESP
							 : IKE_PROTO_AH,
					 .spi_octets = sizeof(spi),
					 .count = 1,
					 .spis = spi.b};

		info_delete(v1, sa, &del);
	}
}

/* The SPI stands where RFC 2408 section 3.14 has it, and as data, as some
 * want it. */
void
v1_info_invalid_spi(struct v1 *v1, struct v1_sa *sa, uint8_t protocol,
		    uint32_t spi)
{
	struct be32 wire = be32_put(spi);
	struct ike_notify n = {.protocol = protocol == PROTO_AH ? IKE_PROTO_AH
								: IKE_PROTO_ESP,
			       .spi_octets = sizeof(wire),
			       .type = IKE_V1N_INVALID_SPI,
			       .spi = wire.b,
			       .data = wire.b,
			       .octets = sizeof(wire)};

	v1_info_notify(v1, sa, &n);
}

static void
dpd_send(struct v1 *v1, struct v1_sa *sa, uint16_t type, uint32_t seq)
{
	struct be32 data = be32_put(seq);
	uint8_t spi[16];
	struct ike_notify n = {.protocol = IKE_PROTO_IKE,
			       .spi_octets = sizeof(spi),
			       .type = type,
			       .spi = spi,
			       .data = data.b,
			       .octets = sizeof(data)};

	cookies_put(sa, spi);
	v1_info_notify(v1, sa, &n);
}

/* ---- dead peers -------------------------------------------------------- */

/* When something came from the peer last, packets among it. */
static uint64_t
heard_last(const struct v1 *v1, const struct v1_sa *sa)
{
	uint64_t last = sa->heard_ns;
	struct v1_child *child;

	if (v1->host.ops->inbound_ns == NULL)
		return last;
	DL_FOREACH(sa->tun->children, child)
	{
		uint64_t at =
		    v1->host.ops->inbound_ns(v1->host.ops_arg, &child->c);

		if (at > last)
			last = at;
	}
	return last;
}

static void
peer_dead(struct v1 *v1, struct v1_sa *sa, uint64_t now)
{
	struct v1_tun *tun = sa->tun;
	uint32_t id = tun->id;
	struct v1_child *child;
	struct v1_child *next;

	v1->host.count(v1->host.arg, IKE_STAT_DPD_DEAD);
	v1->host.count(v1->host.arg, IKE_STAT_IKE_DOWN);
	v1_sa_state(v1, sa, IKE_EVENT_IKE_DOWN, now);
	v1_reject(v1, IKE_REJECT_V1_RETRANSMIT, &sa->path, sa,
		  "dead peer detection", now);
	DL_FOREACH_SAFE(tun->children, child, next)
	v1_child_end(v1, child, false, IKE_CAUSE_KEEPALIVE_FAILURE, now);
	v1_sa_free(v1, sa);
	v1->host.failed(v1->host.arg, id, IKE_CAUSE_KEEPALIVE_FAILURE,
			"the peer is dead", now);
}

void
v1_info_dpd(struct v1 *v1, struct v1_sa *sa, uint64_t now)
{
	const struct ike_policy *policy =
	    v1->host.policy(v1->host.arg, sa->policy);
	uint64_t interval =
	    policy == NULL ? 0 : policy->dpd_interval_s * CLOCK_SECOND_NS;
	uint64_t last = heard_last(v1, sa);

	sa->dpd_ns = interval == 0 ? IKE_NEVER : last + interval;
	if (interval == 0 || now < sa->dpd_ns) {
		sa->dpd_tries = 0;
	} else if (sa->dpd_tries > policy->dpd_retries) {
		peer_dead(v1, sa, now);
		return;
	} else {
		if (sa->dpd_tries == 0 &&
		    v1_random(v1, &sa->dpd_seq, sizeof(sa->dpd_seq)) == 0)
			sa->dpd_seq &= 0x7fffffff; /* RFC 3706 section 6.1 */
		dpd_send(v1, sa, IKE_V1N_R_U_THERE, ++sa->dpd_seq);
		v1->host.count(v1->host.arg, IKE_STAT_DPD_SENT);
		sa->dpd_tries++;
		sa->dpd_ns = now + v1_backoff(v1, 0);
	}
	v1_timer_set(&v1->heap, &sa->timer, now + 1);
	if (sa->dpd_ns <= now)
		sa->dpd_ns = now + CLOCK_SECOND_NS;
}

/* ---- in ----------------------------------------------------------------- */

static void
ike_deleted(struct v1 *v1, struct v1_sa *sa, uint64_t now)
{
	struct v1_tun *tun = sa->tun;
	struct v1_child *child;
	struct v1_child *next;
	struct v1_sa *other;
	bool alone = true;

	DL_FOREACH(tun->sas, other)
	alone = alone && (other == sa);
	v1->host.count(v1->host.arg, IKE_STAT_IKE_DOWN);
	v1_sa_state(v1, sa, IKE_EVENT_IKE_DOWN, now);
	/* With another one, or one under way, it was replaced. */
	if (alone) {
		DL_FOREACH_SAFE(tun->children, child, next)
		v1_child_end(v1, child, false, IKE_CAUSE_DOWN_BY_PEER, now);
	}
	v1_sa_free(v1, sa);
}

/* False: the SA is gone. */
static bool
delete_in(struct v1 *v1, struct v1_sa *sa, const struct ike_delete *del,
	  uint64_t now)
{
	uint8_t own[16];

	cookies_put(sa, own);
	for (unsigned i = 0; i < del->count; i++) {
		const uint8_t *at = del->spis + (size_t)i * del->spi_octets;
		struct v1_child *child;
		struct be32 spi;

		if (del->protocol == IKE_PROTO_IKE) {
			if (del->spi_octets != sizeof(own) ||
			    memcmp(at, own, sizeof(own)) != 0)
				continue;
			ike_deleted(v1, sa, now);
			return false;
		}
		if (del->spi_octets != sizeof(spi))
			continue;
		memcpy(spi.b, at, sizeof(spi.b));
		child = v1_child_by_spi(
		    sa->tun,
		    del->protocol == IKE_PROTO_ESP ? PROTO_ESP : PROTO_AH,
		    be32_get(spi), false);
		if (child != NULL)
			v1_child_end(v1, child, false, IKE_CAUSE_DOWN_BY_PEER,
				     now);
	}
	return true;
}

static void
dpd_in(struct v1 *v1, struct v1_sa *sa, const struct ike_notify *n)
{
	struct be32 seq;

	if (n->octets != sizeof(seq))
		return;
	memcpy(seq.b, n->data, sizeof(seq.b));
	if (n->type == IKE_V1N_R_U_THERE)
		dpd_send(v1, sa, IKE_V1N_R_U_THERE_ACK, be32_get(seq));
	else if (be32_get(seq) == sa->dpd_seq)
		sa->dpd_tries = 0;
}

/* An error about a quick mode that we began: the one that waits. */
static void
error_in(struct v1 *v1, struct v1_sa *sa, const struct ike_notify *n,
	 uint64_t now)
{
	struct v1_quick *q;

	DL_FOREACH(sa->quicks, q)
	{
		if (q->state != V1_Q_I_2)
			continue;
		q->tries = v1->host.conf->retransmit_max;
		q->refused = true;
		v1_reject(v1, IKE_REJECT_V1_NO_PROPOSAL, &sa->path, sa,
			  ike_v1_notify_name(n->type), now);
		v1_timer_set(&v1->heap, &q->timer, now);
		return;
	}
}

/* The peer has not what we send on: nor should we. */
static void
invalid_spi_in(struct v1 *v1, struct v1_sa *sa, const struct ike_notify *n,
	       uint64_t now)
{
	struct v1_child *child;
	struct be32 spi;

	if (n->spi_octets == sizeof(spi))
		memcpy(spi.b, n->spi, sizeof(spi));
	else if (n->octets == sizeof(spi))
		memcpy(spi.b, n->data, sizeof(spi));
	else
		return;
	child = v1_child_by_spi(sa->tun, 0, be32_get(spi), false);
	if (child != NULL && child->out && !child->old)
		v1_child_end(v1, child, true, IKE_CAUSE_DOWN_BY_PEER, now);
}

static void
notify_in(struct v1 *v1, struct v1_sa *sa, const struct ike_notify *n,
	  uint64_t now)
{
	if (n->type == IKE_V1N_R_U_THERE || n->type == IKE_V1N_R_U_THERE_ACK)
		dpd_in(v1, sa, n);
	else if (n->type == IKE_V1N_INVALID_SPI)
		invalid_spi_in(v1, sa, n, now);
	else if (n->type < IKE_N_STATUS)
		error_in(v1, sa, n, now);
}

static bool
info_good(const struct v1_sa *sa, const struct v1_in *in)
{
	const struct ike_payload *p = &in->chain.p[0];
	size_t n = sa->keys.prf->octets;
	size_t at = sizeof(struct ike_payload_hdr) + n;
	uint8_t hash[IKE_PRF_OCTETS_MAX];

	return in->chain.count > 0 && p->type == IKE_P_V1_HASH &&
	       p->octets == n &&
	       info_hash(sa, be32_get(in->hdr.message_id), in->payloads + at,
			 in->chain.used - at, hash) == 0 &&
	       secret_equal(p->body, hash, n);
}

/* From who has no key yet: why our first message was of no use. */
static void
clear_in(struct v1 *v1, struct v1_sa *sa, struct v1_in *in)
{
	const struct ike_payload *p;
	struct ike_notify n;

	if ((sa->state != V1_I_MAIN_2 && sa->state != V1_I_AGGRESSIVE_2) ||
	    (in->hdr.flags & IKE_FLAG_V1_ENCRYPTED) != 0 ||
	    v1_chain(in, in->octets + sizeof(in->hdr),
		     in->n - sizeof(in->hdr)) != 0)
		return;
	p = ike_chain_find(&in->chain, IKE_P_V1_NOTIFY, 0);
	if (p != NULL && ike_notify_read(p, &n) == 0 && n.type < IKE_N_STATUS) {
		v1_reject(v1, IKE_REJECT_V1_NO_PROPOSAL, in->path, sa,
			  ike_v1_notify_name(n.type), in->now);
		v1_sa_fail(v1, sa, IKE_CAUSE_GENERAL,
			   ike_v1_notify_name(n.type), in->now);
	}
}

void
v1_info_input(struct v1 *v1, struct v1_sa *sa, struct v1_in *in)
{
	uint8_t iv[IPSEC_ALG_IV_MAX];

	if (sa->state != V1_UP) {
		clear_in(v1, sa, in);
		return;
	}
	if (ike_v1_iv_exchange(&sa->keys, sa->iv, be32_get(in->hdr.message_id),
			       iv) != 0)
		return;
	if (v1_open(v1, sa, in, iv) != 0 || !info_good(sa, in)) {
		v1_reject(v1, IKE_REJECT_V1_DECRYPT, in->path, sa,
			  "informational", in->now);
		return;
	}
	v1_heard(sa, in);
	v1_line_in(v1, sa->record, in);
	sa->dpd_tries = 0;
	for (unsigned i = 1; i < in->chain.count; i++) {
		const struct ike_payload *p = &in->chain.p[i];
		struct ike_delete del;
		struct ike_notify n;

		if (p->type == IKE_P_V1_NOTIFY && ike_notify_read(p, &n) == 0)
			notify_in(v1, sa, &n, in->now);
		else if (p->type == IKE_P_V1_DELETE &&
			 ike_delete_read(p, &del) == 0 &&
			 !delete_in(v1, sa, &del, in->now))
			return;
	}
}
