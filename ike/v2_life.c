/*
 * The life of an IKE SA of IKEv2: made, keyed, watched by its timers, found to
 * be one too many, freed (RFC 7296 section 2.4, 2.8, 2.14; RFC 3948 section 4).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"
#include "v2_impl.h"

#define OF_LIFE(t) ((struct v2_sa *)((char *)(t)-offsetof(struct v2_sa, life)))
#define OF_IDLE(t) ((struct v2_sa *)((char *)(t)-offsetof(struct v2_sa, idle)))
#define OF_KEEPALIVE(t)                                                        \
	((struct v2_sa *)((char *)(t)-offsetof(struct v2_sa, keepalive)))

static void
life_fired(struct ike *ike, struct ike_timer *t, uint64_t now)
{
	struct v2_sa *v = OF_LIFE(t);
	struct v2_task task = {.kind = V2_REKEY_IKE};

	if (v->state != V2_UP) {
		if (v->sa.initiator || v->state == V2_DELETING)
			v2_end(ike, v, IKE_CAUSE_GENERAL, now);
		else
			ike_sa_fail(ike, &v->sa, IKE_CAUSE_GENERAL, now,
				    "the peer does not go on");
		return;
	}
	if (v->sa.replaced || !v->life_soft) {
		v2_version.terminate(ike, &v->sa, IKE_CAUSE_REKEY_FAILURE, now);
		return;
	}
	v->life_soft = false;
	ike_timer_set(&ike->timers, &v->life, v->sa.end_ns);
	(void)v2_task_add(ike, v, &task, now);
}

/* When the peer was last heard: by IKE, or by a packet through a child. */
static uint64_t
heard(struct ike *ike, const struct v2_sa *v)
{
	uint64_t last = v->sa.heard_ns;
	const struct ike_child_sa *child;

	if (ike->ops.inbound_ns == NULL)
		return last;
	TAILQ_FOREACH(child, &v->sa.children, of_sa)
	{
		uint64_t at = ike->ops.inbound_ns(ike->arg, &child->c);

		last = at > last ? at : last;
	}
	return last;
}

static void
idle_fired(struct ike *ike, struct ike_timer *t, uint64_t now)
{
	struct v2_sa *v = OF_IDLE(t);
	uint64_t interval = v->sa.policy->p.dpd_interval_s * IKE_SECOND_NS;
	struct v2_task task = {.kind = V2_LIVENESS};
	uint64_t next = heard(ike, v) + interval;

	if (interval == 0 || v->state != V2_UP || v->sa.replaced)
		return;
	if (next <= now) {
		next = now + interval;
		(void)v2_task_add(ike, v, &task, now);
	}
	ike_timer_set(&ike->timers, &v->idle, next);
}

/* Only who is behind a NAT keeps its hole open (RFC 3948 section 4). */
static void
keepalive_fired(struct ike *ike, struct ike_timer *t, uint64_t now)
{
	struct v2_sa *v = OF_KEEPALIVE(t);
	uint64_t every = ike->conf.keepalive_s * IKE_SECOND_NS;
	uint8_t octet = 0xff;

	if (v->sa.said_ns + every <= now) {
		ike->stats.count[IKE_STAT_KEEPALIVES]++;
		ike->ops.send(ike->arg, &v->sa.path, &octet, sizeof(octet));
	}
	ike_timer_set(&ike->timers, &v->keepalive, now + every);
}

int
v2_sa_new(struct ike *ike, const struct ike_path *path, bool initiator,
	  uint64_t now, struct v2_sa **result)
{
	struct v2_sa *v;
	int error;

	if (ike_timers_reserve(&ike->timers, ike->timers_wanted + V2_TIMERS) !=
	    0)
		return -ENOMEM;
	v = calloc(1, sizeof(*v));
	if (v == NULL)
		return -ENOMEM;
	v->sa.version = 2;
	v->sa.ops = &v2_version;
	v->sa.initiator = initiator;
	v->sa.path = *path;
	v->request.timer.fire = v2_request_fired;
	v->life.fire = life_fired;
	v->idle.fire = idle_fired;
	v->keepalive.fire = keepalive_fired;
	v->wait.fire = v2_task_fired;
	error = ike_sa_enter(ike, &v->sa, now);
	if (error != 0) {
		secret_wipe(v, sizeof(*v));
		free(v);
		return error;
	}
	ike->timers_wanted += V2_TIMERS;
	*result = v;
	return 0;
}

void
v2_fragments_drop(struct v2_sa *v)
{
	if (v->fragments == NULL)
		return;
	for (unsigned i = 0; i < V2_FRAGMENTS_MAX; i++)
		free(v->fragments->piece[i].octets);
	free(v->fragments);
	v->fragments = NULL;
}

void
v2_settled(struct ike *ike, struct v2_sa *v)
{
	(void)ike;
	v2_packets_drop(&v->init_i);
	v2_packets_drop(&v->init_r);
	ike_dh_free(&v->dh);
}

void
v2_end(struct ike *ike, struct v2_sa *v, enum ike_cause cause, uint64_t now)
{
	if (v->successor != NULL)
		v2_inherit(v->successor);
	ike_sa_end(ike, &v->sa, cause, now);
}

static const struct v2_nonce *
lower(const struct v2_sa *v)
{
	return v2_nonce_lower(v->ni.octets, v->ni.n, v->nr.octets, v->nr.n)
		   ? &v->ni
		   : &v->nr;
}

/* The one of the two that has the lowest nonce, if it is ours to end. */
static struct v2_sa *
to_end(struct v2_sa *a, struct v2_sa *b)
{
	const struct v2_nonce *na = lower(a);
	const struct v2_nonce *nb = lower(b);
	struct v2_sa *loser =
	    v2_nonce_lower(na->octets, na->n, nb->octets, nb->n) ? a : b;

	return loser->sa.initiator ? loser : NULL;
}

void
v2_duplicates(struct ike *ike, struct v2_sa *v, uint64_t now)
{
	struct v2_task ask = {.kind = V2_LIVENESS};
	struct ike_sa *sa;
	struct ike_sa *next;

	for (sa = TAILQ_FIRST(&v->sa.tun->sas); sa != NULL; sa = next) {
		struct v2_sa *other = v2_of(sa);
		struct v2_sa *loser;

		next = TAILQ_NEXT(sa, of_tun);
		if (sa == &v->sa || sa->version != 2 || sa->replaced ||
		    sa->initiator == v->sa.initiator)
			continue;
		/* Ours has not come far: the peer's does as well. */
		if (!sa->up && sa->initiator && other->state == V2_INIT_SENT) {
			ike_sa_end(ike, sa, IKE_CAUSE_GENERAL, now);
			continue;
		}
		if (!sa->up)
			continue;
		loser = to_end(v, other);
		/* The peer ends it, if it knows it: it may have given up. */
		if (loser == NULL) {
			(void)v2_task_add(ike, v, &ask, now);
			(void)v2_task_add(ike, other, &ask, now);
			continue;
		}
		ike->stats.count[IKE_STAT_COLLISIONS]++;
		v2_version.terminate(ike, &loser->sa, IKE_CAUSE_GENERAL, now);
		return;
	}
}

/* Nobody keeps a pointer to it. */
void
v2_unlink(struct ike *ike, struct v2_sa *v)
{
	struct v2_sa *next = v->create.ike_sa;
	struct v2_sa *old = v->predecessor;

	if (v->create.peer_ike_sa != NULL)
		v->create.peer_ike_sa->predecessor = NULL;
	if (v->successor != NULL)
		v->successor->predecessor = NULL;
	if (old != NULL && old->successor == v)
		old->successor = NULL;
	if (old != NULL && old->create.ike_sa == v)
		old->create.ike_sa = NULL;
	if (old != NULL && old->create.peer_ike_sa == v)
		old->create.peer_ike_sa = NULL;
	v->predecessor = NULL;
	v->successor = NULL;
	v->create.ike_sa = NULL;
	v->create.peer_ike_sa = NULL;
	/* A rekeying that its old SA does not live to see. */
	if (next != NULL) {
		next->predecessor = NULL;
		ike_sa_end(ike, &next->sa, IKE_CAUSE_GENERAL, 0);
	}
}

void
v2_free(struct ike *ike, struct ike_sa *sa)
{
	struct v2_sa *v = v2_of(sa);

	v2_settled(ike, v);
	v2_unlink(ike, v);
	if (v->hh_init.tbl != NULL)
		HASH_DELETE(hh_init, ike->v2_by_init, v);
	v2_fragments_drop(v);
	v2_create_forget(ike, v);
	v2_packets_drop(&v->request.packets);
	v2_packets_drop(&v->answer);
	ike_timer_stop(&ike->timers, &v->request.timer);
	ike_timer_stop(&ike->timers, &v->life);
	ike_timer_stop(&ike->timers, &v->idle);
	ike_timer_stop(&ike->timers, &v->keepalive);
	ike_timer_stop(&ike->timers, &v->wait);
	ike->timers_wanted -= V2_TIMERS;
	ike_cipher_free(&v->seal);
	ike_cipher_free(&v->open);
	secret_wipe(v, sizeof(*v));
	free(v);
}

static void
tell_keys(struct ike *ike, const struct v2_sa *v, uint64_t now)
{
	const struct ike_v2_keys *k = &v->keys;
	const struct v2_suite *s = &v->suite;
	struct ike_keys keys = {.version = 2};
	struct ike_event event = {.kind = IKE_EVENT_KEYS,
				  .at_ns = now,
				  .path = &v->sa.path,
				  .keys = &keys};

	memcpy(v->sa.initiator ? keys.spi_i : keys.spi_r, v->sa.mine.octets, 8);
	memcpy(v->sa.initiator ? keys.spi_r : keys.spi_i, v->sa.theirs.octets,
	       8);
	keys.encr =
	    (struct ike_transform){IKE_T_ENCR, s->encr->id, s->encr->key_bits};
	keys.encr_octets =
	    (uint16_t)(s->encr->key_octets + s->encr->salt_octets);
	memcpy(keys.encr_i, k->ei, sizeof(keys.encr_i));
	memcpy(keys.encr_r, k->er, sizeof(keys.encr_r));
	if (s->integ != NULL) {
		keys.integ =
		    (struct ike_transform){IKE_T_INTEG, s->integ->id, 0};
		keys.integ_octets = s->integ->key_octets;
		memcpy(keys.integ_i, k->ai, sizeof(keys.integ_i));
		memcpy(keys.integ_r, k->ar, sizeof(keys.integ_r));
	}
	ike_tell(ike, &event);
	secret_wipe(&keys, sizeof(keys));
}

static int
ciphers(struct ike *ike, struct v2_sa *v)
{
	const struct ike_v2_keys *k = &v->keys;
	bool i = v->sa.initiator;
	int error = ike_cipher_new(ike->crypto, ALG_SEAL, v->suite.encr,
				   i ? k->ei : k->er, v->suite.integ,
				   i ? k->ai : k->ar, &v->seal);

	if (error != 0)
		return error;
	return ike_cipher_new(ike->crypto, ALG_OPEN, v->suite.encr,
			      i ? k->er : k->ei, v->suite.integ,
			      i ? k->ar : k->ai, &v->open);
}

int
v2_keys(struct ike *ike, struct v2_sa *v, const struct ike_dh *dh,
	const uint8_t *peer, size_t octets, const struct ike_v2_keys *old)
{
	uint8_t shared[IKE_DH_SECRET_MAX];
	bool i = v->sa.initiator;
	struct ike_v2_input in = {
	    .prf = v->suite.prf,
	    .encr = v->suite.encr,
	    .integ = v->suite.integ,
	    .shared = {shared, v->suite.group->secret_octets},
	    .ni = v2_piece(&v->ni),
	    .nr = v2_piece(&v->nr),
	};
	int error;

	memcpy(i ? in.spi_i : in.spi_r, v->sa.mine.octets, 8);
	memcpy(i ? in.spi_r : in.spi_i, v->sa.theirs.octets, 8);
	error = ike_dh_shared(ike->crypto, dh, peer, octets, shared);
	if (error == 0)
		error = ike_v2_derive(&in, old, &v->keys);
	secret_wipe(shared, sizeof(shared));
	if (error == 0)
		error = ciphers(ike, v);
	if (error == 0 && ike->conf.tell_keys)
		tell_keys(ike, v, v->sa.born_ns);
	return error;
}

void
v2_live(struct ike *ike, struct v2_sa *v, uint64_t now)
{
	const struct ike_policy *p = &v->sa.policy->p;
	uint64_t life_ms = p->proposals[v->suite.ours].lifetime_s * 1000ull;
	uint64_t soft_ms = life_ms - life_ms / 10;
	uint64_t jitter_ms = soft_ms * ike->conf.jitter_percent / 100;

	soft_ms -= ike_random_below(ike, (uint32_t)jitter_ms);
	v->state = V2_UP;
	v->sa.end_ns = now + life_ms * IKE_MS_NS;
	v->life_soft = true;
	ike_timer_set(&ike->timers, &v->life, now + soft_ms * IKE_MS_NS);
	if (p->dpd_interval_s != 0)
		ike_timer_set(&ike->timers, &v->idle,
			      now + p->dpd_interval_s * IKE_SECOND_NS);
	if (v->sa.nat_local)
		ike_timer_set(&ike->timers, &v->keepalive,
			      now + ike->conf.keepalive_s * IKE_SECOND_NS);
}
