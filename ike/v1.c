/*
 * The table of IKEv1's SAs, their timers, and which of its files a message goes
 * to. Half-open SAs are bounded in number and in time; what can not be placed
 * is refused with a reason and, at a bounded rate, a notification. RFC 2408
 * section 5.
 */
#include "v1_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"

#define BACKOFF_MAX 5 /* doublings */
#define NOTICES_PER_S 10

int
v1_new(struct v1 **v1, const struct v1_host *host)
{
	struct v1 *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return -ENOMEM;
	v->host = *host;
	*v1 = v;
	return 0;
}

/* Of a child that is not told about: its memory alone. */
static void
children_free(struct v1_tun *tun)
{
	struct v1_child *child;
	struct v1_child *next;

	DL_FOREACH_SAFE(tun->children, child, next)
	{
		DL_DELETE(tun->children, child);
		secret_wipe(child, sizeof(*child));
		free(child);
	}
}

void
v1_free(struct v1 **v1)
{
	struct v1 *v = *v1;
	struct v1_sa *sa;
	struct v1_sa *sa_next;
	struct v1_tun *tun;
	struct v1_tun *tun_next;

	if (v == NULL)
		return;
	HASH_ITER(by_own, v->by_own, sa, sa_next)
		v1_sa_free(v, sa);
	HASH_ITER(hh, v->tuns, tun, tun_next) {
		children_free(tun);
		HASH_DEL(v->tuns, tun);
		free(tun);
	}
	free(v->heap.timers);
	secret_wipe(v, sizeof(*v));
	free(v);
	*v1 = NULL;
}

int
v1_random(struct v1 *v1, void *p, size_t octets)
{
	return v1->host.ops->random(v1->host.ops_arg, p, octets);
}

uint64_t
v1_jitter(struct v1 *v1, uint64_t d)
{
	uint64_t most = d / 100 * v1->host.conf->jitter_percent;
	uint64_t r = 0;

	if (most == 0 || v1_random(v1, &r, sizeof(r)) != 0)
		return d;
	return d - r % most;
}

uint64_t
v1_backoff(const struct v1 *v1, uint32_t tries)
{
	unsigned doublings = tries > BACKOFF_MAX ? BACKOFF_MAX : tries;

	return (v1->host.conf->retransmit_ms * CLOCK_MS_NS) << doublings;
}

void
v1_reject(struct v1 *v1, enum ike_reject reject, const struct ike_path *path,
	  const struct v1_sa *sa, const char *text, uint64_t now)
{
	v1->host.reject(v1->host.arg, reject, path,
			sa == NULL || sa->tun == NULL ? 0 : sa->tun->id, text,
			now);
}

/* ---- tunnels -------------------------------------------------------- */

struct v1_tun *
v1_tun_get(struct v1 *v1, uint32_t id, bool make)
{
	struct v1_tun *tun = NULL;

	HASH_FIND(hh, v1->tuns, &id, sizeof(id), tun);
	if (tun != NULL || !make)
		return tun;
	tun = calloc(1, sizeof(*tun));
	if (tun == NULL)
		return NULL;
	tun->id = id;
	HASH_ADD(hh, v1->tuns, id, sizeof(id), tun);
	return tun;
}

void
v1_tun_tidy(struct v1 *v1, struct v1_tun *tun)
{
	uint32_t id;

	if (tun == NULL || tun->sas != NULL || tun->children != NULL)
		return;
	id = tun->id;
	HASH_DEL(v1->tuns, tun);
	free(tun);
	if (v1->host.gone != NULL)
		v1->host.gone(v1->host.arg, id, v1->now_ns);
}

const struct ike_policy *
v1_policy_of(const struct v1 *v1, const struct ike_tunnel *tunnel)
{
	const struct ike_policy *policy =
	    v1->host.policy(v1->host.arg, tunnel->policy);

	return policy != NULL && policy->version == 1 ? policy : NULL;
}

/* The newest; those behind are being replaced. */
struct v1_sa *
v1_sa_up(const struct v1_tun *tun)
{
	struct v1_sa *best = NULL;
	struct v1_sa *sa;

	if (tun == NULL)
		return NULL;
	DL_FOREACH(tun->sas, sa)
	{
		if (sa->state == V1_UP &&
		    (best == NULL || sa->born_ns >= best->born_ns))
			best = sa;
	}
	return best;
}

/* ---- SAs ------------------------------------------------------------ */

struct v1_sa *
v1_sa_new(struct v1 *v1, const struct ike_path *path, bool initiator,
	  uint64_t now)
{
	struct v1_sa *sa;

	if (v1->sas >= v1->host.conf->sas_max ||
	    v1_heap_room(&v1->heap, v1->timers + 1) != 0)
		return NULL;
	sa = calloc(1, sizeof(*sa));
	if (sa == NULL)
		return NULL;
	sa->id = v1->host.sa_id(v1->host.arg);
	sa->initiator = initiator;
	sa->path = *path;
	sa->timer.kind = V1_TIMER_SA;
	sa->begun_ns = sa->born_ns = sa->heard_ns = now;
	sa->begun.remote = path->remote;
	sa->begun.context = path->context;
	sa->soft_ns = sa->hard_ns = sa->dpd_ns = sa->keepalive_ns = IKE_NEVER;
	if (v1_random(v1, sa->own, sizeof(sa->own)) != 0) {
		free(sa);
		return NULL;
	}
	memcpy(initiator ? sa->cookie_i : sa->cookie_r, sa->own,
	       sizeof(sa->own));
	if (v1->host.record != NULL)
		sa->record =
		    v1->host.record(v1->host.arg, path, initiator, now);
	HASH_ADD(by_own, v1->by_own, own, sizeof(sa->own), sa);
	v1->timers++;
	v1->sas++;
	v1->half_open++;
	return sa;
}

void
v1_sa_adopt(struct v1 *v1, struct v1_sa *sa, struct v1_tun *tun)
{
	struct v1_tun *was = sa->tun;

	if (was == tun)
		return;
	if (was != NULL)
		DL_DELETE(was->sas, sa);
	sa->tun = tun;
	if (tun != NULL)
		DL_APPEND(tun->sas, sa);
	v1_tun_tidy(v1, was);
}

void
v1_sa_free(struct v1 *v1, struct v1_sa *sa)
{
	while (sa->quicks != NULL)
		v1_quick_free(v1, sa->quicks);
	v1_timer_set(&v1->heap, &sa->timer, IKE_NEVER);
	HASH_DELETE(by_own, v1->by_own, sa);
	if (!sa->initiator && sa->by_begun.tbl != NULL)
		HASH_DELETE(by_begun, v1->by_begun, sa);
	v1_sa_adopt(v1, sa, NULL);
	v1->timers--;
	v1->sas--;
	if (sa->state != V1_UP)
		v1->half_open--;
	ike_dh_free(&sa->dh);
	ike_cipher_free(&sa->seal);
	ike_cipher_free(&sa->open);
	v1_kept_free(&sa->out);
	free(sa->sa_body);
	free(sa->peer_ke);
	secret_wipe(sa, sizeof(*sa));
	free(sa);
}

void
v1_sa_fail(struct v1 *v1, struct v1_sa *sa, enum ike_cause cause,
	   const char *text, uint64_t now)
{
	uint32_t tunnel = sa->tun == NULL ? 0 : sa->tun->id;
	bool tell = sa->initiator && sa->state != V1_UP;

	v1->host.count(v1->host.arg, IKE_STAT_FAILED);
	if (sa->record != 0)
		v1->host.record_end(v1->host.arg, sa->record, tunnel, false,
				    text, now);
	v1_sa_free(v1, sa);
	if (tell && tunnel != 0)
		v1->host.failed(v1->host.arg, tunnel, cause, text, now);
}

static struct ike_transform
transform_of(enum ike_transform_type type, const struct ike_alg *alg)
{
	struct ike_transform t = {.type = (uint8_t)type};

	if (alg != NULL) {
		t.id = alg->id;
		t.key_bits = alg->key_bits;
	}
	return t;
}

static const char *
state_name(enum v1_state state)
{
	static const char *const names[] = {"",       "MAIN-2", "MAIN-4",
					    "MAIN-6", "AGGR-2", "MAIN-3",
					    "MAIN-5", "AGGR-3", "UP"};

	return names[state];
}

static void
info_of(const struct v1 *v1, const struct v1_sa *sa, struct ike_sa_info *info)
{
	const struct ike_policy *policy =
	    v1->host.policy(v1->host.arg, sa->policy);
	unsigned children = 0;
	struct v1_child *child;

	memset(info, 0, sizeof(*info));
	if (sa->tun != NULL)
		DL_COUNT(sa->tun->children, child, children);
	info->id = sa->id;
	info->tunnel = sa->tun == NULL ? 0 : sa->tun->id;
	if (policy != NULL)
		memcpy(info->policy, policy->name, sizeof(info->policy));
	info->version = 1;
	info->initiator = sa->initiator;
	info->up = sa->state == V1_UP;
	info->state = state_name(sa->state);
	info->path = sa->path;
	memcpy(info->spi_i, sa->cookie_i, sizeof(info->spi_i));
	memcpy(info->spi_r, sa->cookie_r, sizeof(info->spi_r));
	info->local_id = sa->local_id;
	info->remote_id = sa->remote_id;
	info->encr = transform_of(IKE_T_ENCR, sa->suite.encr);
	info->prf = transform_of(IKE_T_PRF, sa->suite.prf);
	info->dh = transform_of(IKE_T_DH, sa->suite.dh);
	info->born_ns = sa->born_ns;
	info->end_ns = sa->hard_ns;
	info->children = children;
	info->nat_local = sa->nat_local;
	info->nat_remote = sa->nat_remote;
}

void
v1_sa_state(struct v1 *v1, const struct v1_sa *sa, enum ike_event_kind kind,
	    uint64_t now)
{
	struct ike_sa_info info;

	info_of(v1, sa, &info);
	v1->host.ike_state(v1->host.arg, kind, &info, now);
}

/* The table keeps the order of entering, which is that of the ids. */
bool
v1_sa_next(const struct v1 *v1, uint32_t from, struct ike_sa_info *info)
{
	struct v1_sa *sa;
	struct v1_sa *next;

	HASH_ITER(by_own, v1->by_own, sa, next) {
		if (sa->id >= from) {
			info_of(v1, sa, info);
			return true;
		}
	}
	return false;
}

void
v1_stats_add(const struct v1 *v1, struct ike_stats *stats)
{
	stats->sas += v1->sas;
	stats->half_open += v1->half_open;
	stats->children += v1->children;
}

/* ---- the operator's hand --------------------------------------------- */

int
v1_initiate(struct v1 *v1, uint32_t id, uint64_t now)
{
	const struct ike_tunnel *tunnel = v1->host.tunnel(v1->host.arg, id);
	const struct ike_policy *policy =
	    tunnel == NULL ? NULL : v1_policy_of(v1, tunnel);
	struct v1_tun *tun = v1_tun_get(v1, id, false);
	struct v1_sa *up = v1_sa_up(tun);

	v1->now_ns = now;
	if (policy == NULL)
		return -ENOENT;
	if (policy->connection == IKE_CONNECTION_RESPONDER ||
	    tunnel->type == IKE_TUNNEL_ON_DEMAND)
		return -EPERM;
	if (up != NULL) {
		v1_quick_all(v1, up, now);
		return up->quicks == NULL ? -EALREADY : 0;
	}
	if (v1_negotiating(v1, id))
		return -EALREADY;
	return v1_phase1_begin(v1, tunnel, 0, now);
}

bool
v1_negotiating(const struct v1 *v1, uint32_t id)
{
	struct v1_tun *tun = NULL;
	struct v1_sa *sa;

	HASH_FIND(hh, v1->tuns, &id, sizeof(id), tun);
	if (tun == NULL)
		return false;
	DL_FOREACH(tun->sas, sa)
	{
		struct v1_quick *q;

		if (sa->state != V1_UP)
			return true;
		DL_FOREACH(sa->quicks, q)
		{
			if (q->state != V1_Q_DONE)
				return true;
		}
	}
	return false;
}

bool
v1_has(const struct v1 *v1, uint32_t id)
{
	struct v1_tun *tun = NULL;

	HASH_FIND(hh, v1->tuns, &id, sizeof(id), tun);
	return tun != NULL;
}

void
v1_drop(struct v1 *v1, uint32_t id, enum ike_cause cause, uint64_t now)
{
	struct v1_tun *tun = v1_tun_get(v1, id, false);
	struct v1_child *child;
	struct v1_child *child_next;
	struct v1_sa *sa;
	struct v1_sa *next;

	v1->now_ns = now;
	if (tun == NULL)
		return;
	DL_FOREACH_SAFE(tun->children, child, child_next)
	v1_child_end(v1, child, true, cause, now);
	/* The last child may have been all that there was. */
	tun = v1_tun_get(v1, id, false);
	if (tun == NULL)
		return;
	DL_FOREACH_SAFE(tun->sas, sa, next)
	{
		if (sa->state == V1_UP) {
			v1_info_delete_ike(v1, sa);
			v1_sa_state(v1, sa, IKE_EVENT_IKE_DOWN, now);
		}
		v1_sa_free(v1, sa);
	}
}

int
v1_rekey(struct v1 *v1, uint32_t id, bool ike_sa, uint64_t now)
{
	const struct ike_tunnel *tunnel = v1->host.tunnel(v1->host.arg, id);
	struct v1_tun *tun = v1_tun_get(v1, id, false);
	struct v1_sa *up = v1_sa_up(tun);
	struct v1_child *child;
	struct v1_child *next;

	v1->now_ns = now;
	if (tunnel == NULL || up == NULL)
		return -ENOTCONN;
	if (ike_sa) {
		up->rekeying = true;
		return v1_phase1_begin(v1, tunnel, up->id, now);
	}
	DL_FOREACH_SAFE(tun->children, child, next)
	v1_child_rekey(v1, child, now);
	return 0;
}

void
v1_child_soft(struct v1 *v1, uint32_t tunnel, uint32_t spi_in, uint64_t now)
{
	struct v1_tun *tun = v1_tun_get(v1, tunnel, false);
	struct v1_child *child =
	    tun == NULL ? NULL : v1_child_by_spi(tun, 0, spi_in, true);

	if (child != NULL)
		v1_child_rekey(v1, child, now);
}

void
v1_child_hard(struct v1 *v1, uint32_t tunnel, uint32_t spi_in, uint64_t now)
{
	struct v1_tun *tun = v1_tun_get(v1, tunnel, false);
	struct v1_child *child =
	    tun == NULL ? NULL : v1_child_by_spi(tun, 0, spi_in, true);

	if (child != NULL)
		v1_child_end(v1, child, true,
			     child->rekeying ? IKE_CAUSE_REKEY_FAILURE
					     : IKE_CAUSE_GENERAL,
			     now);
}

/* Of the tunnels that the path may be of the first that has an SA. */
bool
v1_unknown_spi(struct v1 *v1, const struct ike_path *path, uint8_t protocol,
	       uint32_t spi, uint64_t now)
{
	const struct ike_tunnel *t;
	uint32_t after = 0;

	if (!bucket_take(&v1->notices, now, NOTICES_PER_S, NOTICES_PER_S))
		return true;
	while ((t = v1->host.match(v1->host.arg, path, after)) != NULL) {
		struct v1_sa *sa = v1_sa_up(v1_tun_get(v1, t->id, false));

		after = t->id;
		if (sa == NULL)
			continue;
		v1_info_invalid_spi(v1, sa, protocol, spi);
		return true;
	}
	return false;
}

/* ---- messages -------------------------------------------------------- */

/* One of ours: our cookie and the peer's agree (the peer's not yet known to an
 * initiator that waits for its first answer). */
static struct v1_sa *
sa_find(struct v1 *v1, const struct ike_hdr *hdr)
{
	static const uint8_t zero[8];
	struct v1_sa *sa = NULL;

	HASH_FIND(by_own, v1->by_own, hdr->spi_i, sizeof(hdr->spi_i), sa);
	if (sa != NULL && sa->initiator)
		return memcmp(sa->cookie_r, hdr->spi_r, 8) == 0 ||
			       memcmp(sa->cookie_r, zero, 8) == 0
			   ? sa
			   : NULL;
	HASH_FIND(by_own, v1->by_own, hdr->spi_r, sizeof(hdr->spi_r), sa);
	if (sa != NULL && !sa->initiator &&
	    memcmp(sa->cookie_i, hdr->spi_i, 8) == 0)
		return sa;
	return NULL;
}

static struct v1_sa *
begun_find(struct v1 *v1, const struct v1_in *in)
{
	struct v1_begun key;
	struct v1_sa *sa = NULL;

	memset(&key, 0, sizeof(key));
	memcpy(key.cookie, in->hdr.spi_i, sizeof(key.cookie));
	key.remote = in->path->remote;
	key.context = in->path->context;
	HASH_FIND(by_begun, v1->by_begun, &key, sizeof(key), sa);
	return sa;
}

static void
phase1_in(struct v1 *v1, struct v1_sa *sa, struct v1_in *in)
{
	static const uint8_t zero[8];

	if (be32_get(in->hdr.message_id) != 0) {
		v1_reject(v1, IKE_REJECT_V1_MALFORMED, in->path, sa,
			  "message id of phase 1 is not 0", in->now);
		return;
	}
	if (sa == NULL && memcmp(in->hdr.spi_r, zero, 8) == 0)
		sa = begun_find(v1, in);
	else if (sa == NULL) {
		v1_reject(v1, IKE_REJECT_V1_COOKIE, in->path, NULL, NULL,
			  in->now);
		return;
	}
	if (sa == NULL)
		v1_phase1_new(v1, in);
	else
		v1_phase1_input(v1, sa, in);
}

static void
other_in(struct v1 *v1, struct v1_sa *sa, struct v1_in *in)
{
	if (sa == NULL) {
		v1_reject(v1, IKE_REJECT_V1_COOKIE, in->path, NULL, NULL,
			  in->now);
		return;
	}
	if (be32_get(in->hdr.message_id) == 0) {
		v1_reject(v1, IKE_REJECT_V1_MALFORMED, in->path, sa,
			  "message id 0 outside of phase 1", in->now);
		return;
	}
	if (in->hdr.exchange == IKE_X_V1_INFO)
		v1_info_input(v1, sa, in);
	else if (sa->state == V1_UP)
		v1_quick_input(v1, sa, in);
	else
		v1_reject(v1, IKE_REJECT_V1_EXCHANGE, in->path, sa,
			  "quick mode before phase 1 is done", in->now);
}

void
v1_input(struct v1 *v1, const struct ike_path *path, const uint8_t *octets,
	 size_t n, uint64_t now)
{
	struct v1_in in = {.path = path, .octets = octets, .n = n, .now = now};
	struct alg_piece all = {octets, n};
	uint8_t hash[IKE_HASH_OCTETS_MAX];
	struct v1_sa *sa;

	v1->now_ns = now;
	if (ike_hdr_read(octets, n, &in.hdr) != 0 || n > IKE_MSG_MAX ||
	    in.hdr.next == 0) {
		v1_reject(v1, IKE_REJECT_V1_MALFORMED, path, NULL, NULL, now);
		return;
	}
	if (in.hdr.version >> 4 != 1) {
		v1_reject(v1, IKE_REJECT_V1_VERSION, path, NULL, NULL, now);
		v1_notice(v1, &in, IKE_V1N_INVALID_MAJOR_VERSION);
		return;
	}
	if (ike_hash(IKE_HASH_SHA1, &all, 1, hash) != 0)
		return;
	memcpy(in.hash, hash, sizeof(in.hash));
	sa = sa_find(v1, &in.hdr);
	switch (in.hdr.exchange) {
	case IKE_X_V1_MAIN:
	case IKE_X_V1_AGGRESSIVE:
		phase1_in(v1, sa, &in);
		break;
	case IKE_X_V1_INFO:
	case IKE_X_V1_QUICK:
		other_in(v1, sa, &in);
		break;
	default:
		v1_reject(v1, IKE_REJECT_V1_EXCHANGE, path, sa, NULL, now);
		if (sa == NULL)
			v1_notice(v1, &in, IKE_V1N_INVALID_EXCHANGE_TYPE);
		break;
	}
}

/* ---- time ------------------------------------------------------------ */

static void
half_open_tick(struct v1 *v1, struct v1_sa *sa, uint64_t now)
{
	bool speaks = sa->initiator || sa->state == V1_R_AGGRESSIVE_3;

	if (sa->tries >= v1->host.conf->retransmit_max) {
		v1_reject(v1, IKE_REJECT_V1_RETRANSMIT, &sa->path, sa,
			  state_name(sa->state), now);
		v1_sa_fail(v1, sa, IKE_CAUSE_GENERAL,
			   "the peer does not answer", now);
		return;
	}
	if (speaks) {
		v1_send_kept(v1, sa, &sa->out);
		v1->host.count(v1->host.arg, IKE_STAT_RETRANSMITTED);
	}
	sa->tries++;
	v1_timer_set(&v1->heap, &sa->timer, now + v1_backoff(v1, sa->tries));
}

static void
keepalive(struct v1 *v1, struct v1_sa *sa, uint64_t now)
{
	static const uint8_t octet = 0xff;

	v1->host.ops->send(v1->host.ops_arg, &sa->path, &octet, 1);
	v1->host.count(v1->host.arg, IKE_STAT_KEEPALIVES);
	sa->keepalive_ns = now + v1->host.conf->keepalive_s * CLOCK_SECOND_NS;
}

static void
sa_end(struct v1 *v1, struct v1_sa *sa, uint64_t now)
{
	v1_info_delete_ike(v1, sa);
	v1_sa_state(v1, sa, IKE_EVENT_IKE_DOWN, now);
	v1_sa_free(v1, sa);
}

/* Who began it begins anew before the end, if there is anything to do it for;
 * the other end does so later, should that fail. */
static void
sa_soft(struct v1 *v1, struct v1_sa *sa, uint64_t now)
{
	const struct ike_tunnel *tunnel =
	    v1->host.tunnel(v1->host.arg, sa->tun->id);

	sa->soft_ns = IKE_NEVER;
	if (tunnel == NULL || sa->tun->children == NULL || sa->rekeying ||
	    v1_sa_up(sa->tun) != sa)
		return;
	sa->rekeying = true;
	if (v1_phase1_begin(v1, tunnel, sa->id, now) != 0)
		sa->rekeying = false;
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void
up_tick(struct v1 *v1, struct v1_sa *sa, uint64_t now)
{
	if (now >= sa->hard_ns) {
		sa_end(v1, sa, now);
		return;
	}
	if (now >= sa->keepalive_ns)
		keepalive(v1, sa, now);
	if (now >= sa->soft_ns)
		sa_soft(v1, sa, now);
	/* Last: a dead peer takes the SA with it; it has set its timer then. */
	if (now >= sa->dpd_ns) {
		v1_info_dpd(v1, sa, now);
		return;
	}
	v1_timer_set(&v1->heap, &sa->timer,
		     least(least(sa->hard_ns, sa->soft_ns),
			   least(sa->keepalive_ns, sa->dpd_ns)));
}

#define OF(type, timer)                                                        \
	((type *)(void *)((char *)(timer)-offsetof(type, timer)))

uint64_t
v1_next_ns(const struct v1 *v1)
{
	return v1_heap_next(&v1->heap);
}

void
v1_tick(struct v1 *v1, uint64_t now)
{
	v1->now_ns = now;
	while (v1_heap_next(&v1->heap) <= now) {
		struct v1_timer *timer = v1->heap.timers[1];
		struct v1_sa *sa;

		v1_timer_set(&v1->heap, timer, IKE_NEVER);
		switch ((enum v1_timer_kind)timer->kind) {
		case V1_TIMER_SA:
			sa = OF(struct v1_sa, timer);
			if (sa->state == V1_UP)
				up_tick(v1, sa, now);
			else
				half_open_tick(v1, sa, now);
			break;
		case V1_TIMER_QUICK:
			v1_quick_tick(v1, OF(struct v1_quick, timer), now);
			break;
		case V1_TIMER_CHILD:
			v1_child_tick(v1, OF(struct v1_child, timer), now);
			break;
		}
	}
}
