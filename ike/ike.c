/*
 * The instance: what it is made of, its policies, and the door: a datagram is
 * looked at only so far as to know whose it is, the version does the rest. The
 * timers of everything are run from here.
 */
#include "ike.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ike_impl.h"
#include "secret.h"
#include "v1.h"
#include "v1_ike.h"

#define KEEPALIVE 0xff
/* The caller hands one packet; what it makes due at once is done at once. */
#define TICK_MAX 100000

static uint32_t
or_default(uint32_t v, uint32_t otherwise)
{
	return v != 0 ? v : otherwise;
}

static void
defaults(struct ike_conf *c)
{
	c->sas_max = or_default(c->sas_max, 32768);
	c->half_open_max = or_default(c->half_open_max, 4096);
	c->cookie_threshold = or_default(c->cookie_threshold, 128);
	c->aggressive_per_s = or_default(c->aggressive_per_s, 10);
	c->records_max = or_default(c->records_max, 256);
	c->retransmit_ms = or_default(c->retransmit_ms, 2000);
	c->retransmit_max = or_default(c->retransmit_max, 6);
	c->keepalive_s = or_default(c->keepalive_s, 20);
	c->retry_s = or_default(c->retry_s, 10);
	c->grace_ms = or_default(c->grace_ms, 5000);
	c->jitter_percent = or_default(c->jitter_percent, 10);
	c->fragment_octets = or_default(c->fragment_octets, 1280);
}

int
ike_new(struct ike **result, const struct ike_conf *conf,
	const struct ike_ops *ops, void *arg)
{
	struct ike *ike = calloc(1, sizeof(*ike));
	int error;

	if (ike == NULL)
		return -ENOMEM;
	ike->conf = *conf;
	defaults(&ike->conf);
	ike->ops = *ops;
	ike->arg = arg;
	TAILQ_INIT(&ike->sas);
	error = ike_crypto_new(&ike->crypto);
	if (error == 0)
		error = v1_ike_new(ike);
	if (error != 0) {
		ike_free(&ike);
		return error;
	}
	*result = ike;
	return 0;
}

/* Nobody is told: the owner goes, and with it what its SAs are installed in. */
static void
mute_send(void *arg, const struct ike_path *path, const uint8_t *octets,
	  size_t n)
{
	(void)arg;
	(void)path;
	(void)octets;
	(void)n;
}

static void
mute_event(void *arg, const struct ike_event *event)
{
	(void)arg;
	(void)event;
}

static void
mute_remove(void *arg, const struct ike_child *child,
	    enum ike_direction direction)
{
	(void)arg;
	(void)child;
	(void)direction;
}

static void
mute_spi(void *arg, uint32_t tunnel, uint8_t protocol, uint32_t spi)
{
	(void)arg;
	(void)tunnel;
	(void)protocol;
	(void)spi;
}

void
ike_free(struct ike **address)
{
	struct ike *ike = *address;
	struct ike_sa *sa;
	struct ike_tun *tun;
	struct ike_tun *next;
	struct ike_policy_box *p;
	struct ike_policy_box *p_next;
	struct ike_child_policy_box *c;
	struct ike_child_policy_box *c_next;

	if (ike == NULL)
		return;
	ike->ops.send = mute_send;
	ike->ops.event = mute_event;
	ike->ops.remove = mute_remove;
	ike->ops.free_spi = mute_spi;
	HASH_ITER(hh, ike->tuns, tun, next)
		tun->doomed = true;
	while ((sa = TAILQ_FIRST(&ike->sas)) != NULL)
		ike_sa_end(ike, sa, IKE_CAUSE_GENERAL, 0);
	HASH_ITER(hh, ike->tuns, tun, next)
		(void)ike_tunnel_del(ike, tun->conf.id, IKE_CAUSE_GENERAL, 0);
	HASH_ITER(hh, ike->policies, p, p_next)
		(void)ike_policy_del(ike, p->p.id);
	HASH_ITER(hh, ike->child_policies, c, c_next)
		(void)ike_child_policy_del(ike, c->p.id);
	v1_free(&ike->v1);
	ike_records_fini(ike);
	ike_timers_fini(&ike->timers);
	ike_crypto_free(&ike->crypto);
	secret_wipe(ike, sizeof(*ike));
	free(ike);
	*address = NULL;
}

/* ---- policies -------------------------------------------------------- */

void
ike_policy_hold(struct ike_policy_box *box)
{
	box->refs++;
}

void
ike_policy_drop(struct ike_policy_box **address)
{
	struct ike_policy_box *box = *address;

	*address = NULL;
	if (box == NULL || --box->refs > 0)
		return;
	secret_wipe(box, sizeof(*box));
	free(box);
}

void
ike_child_policy_hold(struct ike_child_policy_box *box)
{
	box->refs++;
}

void
ike_child_policy_drop(struct ike_child_policy_box **address)
{
	struct ike_child_policy_box *box = *address;

	*address = NULL;
	if (box != NULL && --box->refs == 0)
		free(box);
}

static const struct ike_alg *
fact(const struct ike_transform *t)
{
	return ike_alg_get((enum ike_alg_type)t->type, t->id, t->key_bits);
}

/* A proposal must name what an IKE SA needs. */
static int
proposal_check(const struct ike *ike, const struct ike_policy *policy,
	       const struct ike_proposal *p)
{
	unsigned have = 0;
	bool aead = false;

	if (p->count > IKE_TRANSFORMS_MAX || p->lifetime_s == 0)
		return -EINVAL;
	for (unsigned i = 0; i < p->count; i++) {
		const struct ike_alg *alg = fact(&p->transforms[i]);

		if (alg == NULL || (ike->conf.strict && !alg->seos))
			return -ENOTSUP;
		if (policy->version == 1 && alg->v1 == 0 &&
		    alg->type != IKE_ALG_INTEG)
			return -ENOTSUP;
		have |= 1u << alg->type;
		aead = aead || alg->aead;
	}
	if ((have & 1u << IKE_T_ENCR) == 0 || (have & 1u << IKE_T_DH) == 0)
		return -EINVAL;
	/* IKEv1 knows only the hash: that of PRF, or of INTEG. */
	if ((have & (1u << IKE_T_INTEG | 1u << IKE_T_PRF)) == 0)
		return -EINVAL;
	return aead && (have & 1u << IKE_T_PRF) == 0 ? -EINVAL : 0;
}

static int
policy_check(const struct ike *ike, const struct ike_policy *p)
{
	int error = 0;

	if (p->id == 0 || p->version < 1 || p->version > 2 || p->count == 0 ||
	    p->count > IKE_PROPOSALS_MAX || p->secret_octets > IKE_SECRET_MAX ||
	    p->auth_local < IKE_AUTH_PSK || p->auth_local > IKE_AUTH_CERT ||
	    p->auth_remote < IKE_AUTH_PSK || p->auth_remote > IKE_AUTH_ANY ||
	    p->local.octets > IKE_ID_MAX || p->remote.octets > IKE_ID_MAX)
		return -EINVAL;
	for (unsigned i = 0; i < p->count && error == 0; i++)
		error = proposal_check(ike, p, &p->proposals[i]);
	return error;
}

int
ike_policy_set(struct ike *ike, const struct ike_policy *policy)
{
	struct ike_policy_box *box;
	struct ike_policy_box *old = NULL;
	struct ike_tun *tun;
	struct ike_tun *next;
	int error = policy_check(ike, policy);

	if (error != 0)
		return error;
	box = calloc(1, sizeof(*box));
	if (box == NULL)
		return -ENOMEM;
	box->p = *policy;
	box->refs = 1;
	HASH_FIND(hh, ike->policies, &policy->id, sizeof(policy->id), old);
	if (old != NULL)
		HASH_DEL(ike->policies, old);
	HASH_ADD(hh, ike->policies, p.id, sizeof(box->p.id), box);
	HASH_ITER(hh, ike->tuns, tun, next) {
		if (old == NULL || tun->policy != old)
			continue;
		ike_policy_hold(box);
		box->tunnels++;
		ike_policy_drop(&tun->policy);
		tun->policy = box;
	}
	ike_policy_drop(&old);
	return 0;
}

int
ike_policy_del(struct ike *ike, uint32_t id)
{
	struct ike_policy_box *box = NULL;

	HASH_FIND(hh, ike->policies, &id, sizeof(id), box);
	if (box == NULL)
		return -ENOENT;
	if (box->tunnels > 0)
		return -EBUSY;
	HASH_DEL(ike->policies, box);
	ike_policy_drop(&box);
	return 0;
}

static bool
esp_alg_ok(const struct ike *ike, enum ipsec_alg_id id)
{
	const struct ipsec_alg *alg = ipsec_alg_get(id);

	if (alg == NULL)
		return false;
	/* "none" is a word of the release for what has no row of its own. */
	return !ike->conf.strict || alg->seos || id == IPSEC_ALG_NONE ||
	       id == IPSEC_ALG_NULL;
}

static int
child_proposal_check(const struct ike *ike, const struct ike_child_proposal *p)
{
	if (p->esp_count > sizeof(p->esp) / sizeof(p->esp[0]) ||
	    p->lifetime_s == 0 ||
	    (p->esp_count == 0 && p->ah == IPSEC_ALG_INVALID))
		return -EINVAL;
	for (unsigned i = 0; i < p->esp_count; i++) {
		if (!esp_alg_ok(ike, p->esp[i].enc) ||
		    !esp_alg_ok(ike, p->esp[i].auth))
			return -ENOTSUP;
		if (!ipsec_alg_pair_valid(p->esp[i].enc, p->esp[i].auth))
			return -EINVAL;
	}
	return p->ah != IPSEC_ALG_INVALID && !esp_alg_ok(ike, p->ah) ? -ENOTSUP
								     : 0;
}

int
ike_child_policy_set(struct ike *ike, const struct ike_child_policy *policy)
{
	struct ike_child_policy_box *box;
	struct ike_child_policy_box *old = NULL;
	struct ike_tun *tun;
	struct ike_tun *next;
	int error = 0;

	if (policy->id == 0 || policy->count == 0 ||
	    policy->count > IKE_PROPOSALS_MAX)
		return -EINVAL;
	for (unsigned i = 0; i < policy->count && error == 0; i++)
		error = child_proposal_check(ike, &policy->proposals[i]);
	if (error == 0 && policy->pfs_group != 0 &&
	    ike_alg_get(IKE_ALG_DH, policy->pfs_group, 0) == NULL)
		error = -ENOTSUP;
	if (error != 0)
		return error;
	box = calloc(1, sizeof(*box));
	if (box == NULL)
		return -ENOMEM;
	box->p = *policy;
	box->refs = 1;
	HASH_FIND(hh, ike->child_policies, &policy->id, sizeof(policy->id),
		  old);
	if (old != NULL)
		HASH_DEL(ike->child_policies, old);
	HASH_ADD(hh, ike->child_policies, p.id, sizeof(box->p.id), box);
	HASH_ITER(hh, ike->tuns, tun, next) {
		if (old == NULL || tun->child_policy != old)
			continue;
		ike_child_policy_hold(box);
		box->tunnels++;
		ike_child_policy_drop(&tun->child_policy);
		tun->child_policy = box;
	}
	ike_child_policy_drop(&old);
	return 0;
}

int
ike_child_policy_del(struct ike *ike, uint32_t id)
{
	struct ike_child_policy_box *box = NULL;

	HASH_FIND(hh, ike->child_policies, &id, sizeof(id), box);
	if (box == NULL)
		return -ENOENT;
	if (box->tunnels > 0)
		return -EBUSY;
	HASH_DEL(ike->child_policies, box);
	ike_child_policy_drop(&box);
	return 0;
}

/* ---- the door -------------------------------------------------------- */

const struct ike_version *
ike_version_of(unsigned version)
{
	if (version == 1)
		return &v1_version;
	return version == 2 ? &v2_version : NULL;
}

/* What is in the way of reading a message in it; NULL: nothing to read. */
static const uint8_t *
unwrap(const struct ike_path *path, const uint8_t *octets, size_t *n)
{
	static const uint8_t marker[IKE_MARKER_OCTETS];

	if (*n == 1 && octets[0] == KEEPALIVE)
		return NULL;
	if (path->local_port != IKE_PORT_NAT)
		return octets;
	if (*n < sizeof(marker) || memcmp(octets, marker, sizeof(marker)) != 0)
		return NULL;
	*n -= sizeof(marker);
	return octets + sizeof(marker);
}

static struct ike_sa *
whose(struct ike *ike, const struct ike_hdr *hdr)
{
	static const uint8_t zero[8];
	struct ike_sa *sa = ike_sa_find(ike, hdr->spi_r);

	if (sa != NULL && !sa->initiator)
		return sa;
	sa = ike_sa_find(ike, hdr->spi_i);
	if (sa == NULL || !sa->initiator)
		return NULL;
	/* The peer's SPI, once it is known, belongs to it too. */
	if (memcmp(sa->theirs.octets, zero, 8) != 0 &&
	    memcmp(sa->theirs.octets, hdr->spi_r, 8) != 0)
		return NULL;
	return sa;
}

void
ike_input(struct ike *ike, const struct ike_path *path, const uint8_t *octets,
	  size_t n, uint64_t now)
{
	const struct ike_version *version;
	struct ike_hdr hdr;
	const uint8_t *message = unwrap(path, octets, &n);
	uint8_t *copy;

	if (message == NULL)
		return;
	ike->stats.count[IKE_STAT_RECEIVED]++;
	if (n < sizeof(hdr)) {
		ike->stats.count[IKE_STAT_NOT_IKE]++;
		return;
	}
	memcpy(&hdr, message, sizeof(hdr));
	version = ike_version_of(hdr.version >> 4);
	/* Decrypted in place: what the caller has is not ours to change. */
	copy = malloc(n);
	if (copy == NULL)
		return;
	memcpy(copy, message, n);
	if (version == NULL)
		v2_other_version(ike, path, &hdr, now);
	else if (ike_hdr_read(copy, n, &hdr) != 0)
		ike_rejected(ike,
			     hdr.version >> 4 == 1 ? IKE_REJECT_V1_MALFORMED
						   : IKE_REJECT_V2_SYNTAX,
			     path, NULL, now, "header or length");
	else
		version->input(ike, whose(ike, &hdr), path, &hdr, copy, n, now);
	secret_wipe(copy, n);
	free(copy);
}

uint64_t
ike_next_ns(const struct ike *ike)
{
	uint64_t next = ike_timers_next(&ike->timers);
	uint64_t v1 = v1_next_ns(ike->v1);

	return v1 < next ? v1 : next;
}

void
ike_tick(struct ike *ike, uint64_t now)
{
	v1_tick(ike->v1, now);
	for (unsigned i = 0; i < TICK_MAX; i++) {
		struct ike_timer *t = ike_timers_due(&ike->timers, now);

		if (t == NULL)
			return;
		t->fire(ike, t, now);
	}
}

static struct ike_child_sa *
child_of(struct ike *ike, uint32_t tunnel, uint32_t spi)
{
	struct ike_tun *tun = ike_tun_find(ike, tunnel);
	struct ike_child_sa *child;
	struct ike_sa *sa;

	if (tun == NULL)
		return NULL;
	TAILQ_FOREACH(sa, &tun->sas, of_tun)
	{
		child = ike_child_by_in(sa, 50, spi);
		if (child == NULL)
			child = ike_child_by_in(sa, 51, spi);
		if (child != NULL)
			return child;
	}
	return NULL;
}

void
ike_child_soft(struct ike *ike, uint32_t tunnel, uint32_t spi, uint64_t now)
{
	struct ike_child_sa *child = child_of(ike, tunnel, spi);

	v1_child_soft(ike->v1, tunnel, spi, now);
	if (child != NULL && child->alive && !child->superseded)
		ike_timer_set(&ike->timers, &child->soft, now);
}

void
ike_child_hard(struct ike *ike, uint32_t tunnel, uint32_t spi, uint64_t now)
{
	struct ike_child_sa *child = child_of(ike, tunnel, spi);

	v1_child_hard(ike->v1, tunnel, spi, now);
	if (child != NULL && child->alive)
		ike_timer_set(&ike->timers, &child->hard, now);
}

void
ike_unknown_spi(struct ike *ike, const struct ike_path *path, uint8_t protocol,
		uint32_t spi, uint64_t now)
{
	struct ike_tun *tun = NULL;

	if (ike->invalid_spi_ns != 0 &&
	    now < ike->invalid_spi_ns + IKE_SECOND_NS)
		return;
	ike->invalid_spi_ns = now;
	while ((tun = ike_tun_next(ike, path, tun)) != NULL) {
		struct ike_sa *sa = ike_tun_sa(tun);

		if (sa == NULL)
			continue;
		sa->ops->unknown_spi(ike, sa, protocol, spi, now);
		return;
	}
	if (!v1_unknown_spi(ike->v1, path, protocol, spi, now))
		v2_say_invalid_spi(ike, path, spi);
}

/* ---- helpers of the versions ----------------------------------------- */

void
ike_send(struct ike *ike, const struct ike_path *path, const uint8_t *octets,
	 size_t n)
{
	size_t marker =
	    path->local_port == IKE_PORT_NAT ? IKE_MARKER_OCTETS : 0;

	memset(ike->out, 0, IKE_MARKER_OCTETS);
	memcpy(ike->out + marker, octets, n);
	ike->stats.count[IKE_STAT_SENT]++;
	ike->ops.send(ike->arg, path, ike->out, marker + n);
}

int
ike_random(struct ike *ike, void *p, size_t n)
{
	return ike->ops.random(ike->arg, p, n) == 0 ? 0 : -EIO;
}

uint32_t
ike_random_below(struct ike *ike, uint32_t n)
{
	uint32_t v = 0;

	if (n == 0 || ike_random(ike, &v, sizeof(v)) != 0)
		return 0;
	return v % n;
}

void
ike_tell(struct ike *ike, struct ike_event *event)
{
	ike->ops.event(ike->arg, event);
}

void
ike_rejected(struct ike *ike, enum ike_reject reject,
	     const struct ike_path *path, const struct ike_tun *tun,
	     uint64_t now, const char *text)
{
	struct ike_event event = {
	    .kind = IKE_EVENT_REJECTED,
	    .at_ns = now,
	    .tunnel = tun != NULL ? tun->conf.id : 0,
	    .reject = reject,
	    .path = path,
	    .text = text,
	};

	ike->stats.rejects[reject]++;
	ike_tell(ike, &event);
}

void
ike_stats_get(const struct ike *ike, struct ike_stats *stats)
{
	*stats = ike->stats;
	v1_stats_add(ike->v1, stats);
}

static bool
v2_sa_next(const struct ike *ike, uint32_t from, struct ike_sa_info *info)
{
	uint32_t before = from - 1;
	struct ike_sa *sa = NULL;

	/* Who goes through them all asks for what follows the last one. */
	if (from > 0)
		HASH_FIND(hh_id, ike->by_id, &before, sizeof(before), sa);
	if (sa != NULL)
		sa = TAILQ_NEXT(sa, all);
	else
		TAILQ_FOREACH(sa, &ike->sas, all)
		{
			if (sa->id >= from)
				break;
		}
	if (sa == NULL)
		return false;
	ike_sa_row(sa, info);
	return true;
}

bool
ike_sa_next(const struct ike *ike, uint32_t from, struct ike_sa_info *info)
{
	struct ike_sa_info v1;
	bool two = v2_sa_next(ike, from, info);

	if (!v1_sa_next(ike->v1, from, &v1) || (two && info->id < v1.id))
		return two;
	*info = v1;
	return true;
}
