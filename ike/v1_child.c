/*
 * Children of IKEv1: keys, installation, lifetimes. A child outlives the SA of
 * phase 1 that made it. A new one with the same selectors takes over; the old
 * one's inbound SAs stay for a while, so that what is under way is not lost.
 * RFC 2409 section 5.5, RFC 2407 section 4.4.4.
 */
#include "v1_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"

#define PROTO_ESP 50
#define PROTO_AH 51
#define MARGIN_SHARE 10 /* of the lifetime, where none is configured */
#define TWIN_NS (UINT64_C(60) * CLOCK_SECOND_NS)

/* ---- keys ----------------------------------------------------------- */

/* KEYMAT of one direction, cut into the cipher's and the MAC's key. */
static int
keys_cut(struct v1_sa *sa, const struct v1_quick *q, uint8_t protocol,
	 uint32_t spi, const struct ike_child_keys *k, uint8_t *enc,
	 uint8_t *auth)
{
	unsigned e = ipsec_alg_keymat_octets(ipsec_alg_get(k->enc));
	unsigned a = ipsec_alg_get(k->auth)->key_octets;
	uint8_t keymat[2 * IPSEC_ALG_KEY_MAX];
	int err = ike_v1_keymat(
	    &sa->keys, (struct alg_piece){q->shared, q->shared_octets},
	    protocol, spi, (struct alg_piece){q->ni, q->ni_octets},
	    (struct alg_piece){q->nr, q->nr_octets}, keymat, e + a);

	if (err == 0) {
		memcpy(enc, keymat, e);
		memcpy(auth, keymat + e, a);
	}
	secret_wipe(keymat, sizeof(keymat));
	return err;
}

static int
keys_of(struct v1_sa *sa, const struct v1_quick *q, uint8_t protocol,
	struct ike_child_keys *k)
{
	int err =
	    keys_cut(sa, q, protocol, k->spi_in, k, k->enc_in, k->auth_in);

	if (err != 0)
		return err;
	return keys_cut(sa, q, protocol, k->spi_out, k, k->enc_out,
			k->auth_out);
}

int
v1_child_keys(struct v1_sa *sa, const struct v1_quick *q,
	      const struct v1_esp_suite *suite, struct v1_child *child)
{
	struct ike_child *c = &child->c;
	int err = 0;

	c->count = 0;
	if (suite->enc != IPSEC_ALG_INVALID) {
		struct ike_child_keys *k = &c->keys[c->count++];

		k->protocol = PROTO_ESP;
		k->spi_in = q->spi_esp;
		k->spi_out = suite->spi_esp;
		k->enc = suite->enc;
		k->auth = suite->auth;
		err = keys_of(sa, q, IKE_PROTO_ESP, k);
	}
	if (err == 0 && suite->ah != IPSEC_ALG_INVALID) {
		struct ike_child_keys *k = &c->keys[c->count++];

		k->protocol = PROTO_AH;
		k->spi_in = q->spi_ah;
		k->spi_out = suite->spi_ah;
		k->enc = IPSEC_ALG_NULL;
		k->auth = suite->ah;
		err = keys_of(sa, q, IKE_PROTO_AH, k);
	}
	return err;
}

/* ---- life ----------------------------------------------------------- */

struct v1_child *
v1_child_new(struct v1 *v1, struct v1_sa *sa, const struct v1_quick *q,
	     const struct v1_esp_suite *suite, uint64_t now)
{
	const struct ike_tunnel *t = v1->host.tunnel(v1->host.arg, sa->tun->id);
	const struct ike_child_policy *p =
	    t == NULL ? NULL
		      : v1->host.child_policy(v1->host.arg, t->child_policy);
	uint64_t life = suite->life_s * CLOCK_SECOND_NS;
	uint64_t margin;
	struct v1_child *child;

	if (p == NULL || v1_heap_room(&v1->heap, v1->timers + 1) != 0)
		return NULL;
	child = calloc(1, sizeof(*child));
	if (child == NULL)
		return NULL;
	margin = p->rekey_margin_s == 0 ? life / MARGIN_SHARE
					: p->rekey_margin_s * CLOCK_SECOND_NS;
	if (margin > life / 2)
		margin = life / 2;
	child->tun = sa->tun;
	child->born_ns = now;
	child->timer.kind = V1_TIMER_CHILD;
	child->selector = q->selector;
	child->initiator = q->initiator;
	/* Who began it begins the next; the other end half a margin later. */
	child->soft_ns = now + life - margin;
	if (q->initiator)
		child->soft_ns = now + v1_jitter(v1, life - margin);
	else
		child->soft_ns += margin / 2;
	child->hard_ns = now + life;
	child->c.tunnel = sa->tun->id;
	child->c.id = v1->host.child_id(v1->host.arg);
	child->c.replaces = q->replaces;
	child->c.path = sa->path;
	child->c.udp = sa->nat_local || sa->nat_remote;
	child->c.transport = p->transport;
	child->c.replay_window = p->replay_window;
	child->c.lifetime_s = suite->life_s;
	child->c.lifetime_kilobytes = suite->life_kb;
	v1->timers++;
	v1->children++;
	DL_APPEND(sa->tun->children, child);
	v1_timer_set(&v1->heap, &child->timer, child->soft_ns);
	return child;
}

static void
wipe_keys(struct ike_child *c, enum ike_direction direction)
{
	for (unsigned i = 0; i < c->count; i++) {
		struct ike_child_keys *k = &c->keys[i];

		secret_wipe(direction == IKE_IN ? k->enc_in : k->enc_out,
			    sizeof(k->enc_in));
		secret_wipe(direction == IKE_IN ? k->auth_in : k->auth_out,
			    sizeof(k->auth_in));
	}
}

static bool
same_ts(const struct ike_child *a, const struct ike_child *b)
{
	return memcmp(&a->local[0], &b->local[0], sizeof(a->local[0])) == 0 &&
	       memcmp(&a->remote[0], &b->remote[0], sizeof(a->remote[0])) == 0;
}

static uint32_t
lesser_spi(const struct ike_child *c)
{
	return c->keys[0].spi_in < c->keys[0].spi_out ? c->keys[0].spi_in
						      : c->keys[0].spi_out;
}

/* Another one sends; inbound it stays for what is under way. */
static void
retire(struct v1 *v1, struct v1_child *child, uint64_t now)
{
	uint64_t end = now + v1->host.conf->grace_ms * CLOCK_MS_NS;

	child->old = true;
	v1->host.ops->remove(v1->host.ops_arg, &child->c, IKE_OUT);
	if (end < child->hard_ns)
		child->hard_ns = end;
	v1_timer_set(&v1->heap, &child->timer, child->hard_ns);
}

/* So far apart two are of one collision, whatever was lost on the way. */
static uint64_t
twin_ns(const struct v1_child *child)
{
	uint64_t quarter = child->c.lifetime_s * CLOCK_SECOND_NS / 4;

	return quarter < TWIN_NS ? quarter : TWIN_NS;
}

/*
 * Others with the same selectors have nothing more to do. Where both ends began
 * at the same time there are two new ones: of these goes the one with the
 * greater of the lesser SPIs, on both ends the same.
 */
static void
take_over(struct v1 *v1, struct v1_child *child, uint64_t now)
{
	struct v1_child *other;
	struct v1_child *next;

	DL_FOREACH_SAFE(child->tun->children, other, next)
	{
		bool twin;

		if (other == child || other->old || !other->out ||
		    !same_ts(&other->c, &child->c))
			continue;
		twin = other->initiator != child->initiator &&
		       now < other->born_ns + twin_ns(child);
		if (twin && lesser_spi(&other->c) < lesser_spi(&child->c)) {
			other->rekeying = false;
			retire(v1, child, now);
		} else {
			retire(v1, other, now);
		}
		if (twin)
			v1->host.count(v1->host.arg, IKE_STAT_COLLISIONS);
	}
}

int
v1_child_install(struct v1 *v1, struct v1_child *child,
		 enum ike_direction direction, uint64_t now)
{
	int err = v1->host.ops->install(v1->host.ops_arg, &child->c, direction);

	wipe_keys(&child->c, direction);
	if (err != 0 || direction == IKE_IN)
		return err;
	child->out = true;
	take_over(v1, child, now);
	v1->host.count(v1->host.arg, child->c.replaces != 0
					 ? IKE_STAT_CHILD_REKEYED
					 : IKE_STAT_CHILD_UP);
	v1->host.child_up(v1->host.arg, &child->c, now);
	return 0;
}

struct v1_child *
v1_child_find(const struct v1_tun *tun, uint32_t id)
{
	struct v1_child *child;

	DL_FOREACH(tun->children, child)
	{
		if (child->c.id == id)
			return child;
	}
	return NULL;
}

/* protocol 0: any. */
struct v1_child *
v1_child_by_spi(const struct v1_tun *tun, uint8_t protocol, uint32_t spi,
		bool ours)
{
	struct v1_child *child;

	DL_FOREACH(tun->children, child)
	{
		for (unsigned i = 0; i < child->c.count; i++) {
			const struct ike_child_keys *k = &child->c.keys[i];

			if ((protocol == 0 || k->protocol == protocol) &&
			    (ours ? k->spi_in : k->spi_out) == spi)
				return child;
		}
	}
	return NULL;
}

void
v1_child_end(struct v1 *v1, struct v1_child *child, bool tell,
	     enum ike_cause cause, uint64_t now)
{
	struct v1_tun *tun = child->tun;
	struct v1_sa *up = v1_sa_up(tun);

	if (tell && up != NULL)
		v1_info_delete_child(v1, up, child);
	if (child->out && !child->old)
		v1->host.ops->remove(v1->host.ops_arg, &child->c, IKE_OUT);
	v1->host.ops->remove(v1->host.ops_arg, &child->c, IKE_IN);
	v1_timer_set(&v1->heap, &child->timer, IKE_NEVER);
	DL_DELETE(tun->children, child);
	v1->timers--;
	v1->children--;
	if (child->out) {
		v1->host.count(v1->host.arg, IKE_STAT_CHILD_DOWN);
		v1->host.child_down(v1->host.arg, &child->c, cause, now);
	}
	secret_wipe(child, sizeof(*child));
	free(child);
	v1_tun_tidy(v1, tun);
}

void
v1_child_rekey(struct v1 *v1, struct v1_child *child, uint64_t now)
{
	const struct ike_tunnel *t =
	    v1->host.tunnel(v1->host.arg, child->tun->id);
	struct v1_sa *up = v1_sa_up(child->tun);

	if (child->old || child->rekeying || !child->out || t == NULL)
		return;
	child->rekeying = true;
	if (up != NULL) {
		if (v1_quick_begin(v1, up, child->selector, child->c.id, now) !=
		    0)
			child->rekeying = false;
	} else if (!v1_negotiating(v1, child->tun->id) &&
		   t->type == IKE_TUNNEL_STATIC) {
		(void)v1_phase1_begin(v1, t, 0, now);
	}
}

void
v1_child_tick(struct v1 *v1, struct v1_child *child, uint64_t now)
{
	uint64_t again = now + v1->host.conf->retry_s * CLOCK_SECOND_NS;

	if (now >= child->hard_ns) {
		v1_child_end(v1, child, true,
			     child->rekeying && !child->old
				 ? IKE_CAUSE_REKEY_FAILURE
				 : IKE_CAUSE_GENERAL,
			     now);
		return;
	}
	v1_timer_set(&v1->heap, &child->timer,
		     again < child->hard_ns ? again : child->hard_ns);
	v1_child_rekey(v1, child, now);
}
