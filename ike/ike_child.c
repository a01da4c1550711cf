/*
 * Child SAs of either version: from the drawing of their inbound SPIs to the
 * end of the grace after which the last packet of a rekeyed one is in. The
 * versions decide when; here it is done, counted and told, always in the order
 * that loses no packet: inbound before outbound, and out of the way the other
 * way round.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ike_impl.h"
#include "secret.h"

#define CHILD_TIMERS 2

#define OF_TIMER(t, member)                                                    \
	((struct ike_child_sa *)((char *)(t)-offsetof(struct ike_child_sa,     \
						      member)))

static void
wipe_keys(struct ike_child_sa *child)
{
	for (unsigned i = 0; i < 2; i++) {
		struct ike_child_keys *k = &child->c.keys[i];

		secret_wipe(k->enc_in, sizeof(k->enc_in));
		secret_wipe(k->enc_out, sizeof(k->enc_out));
		secret_wipe(k->auth_in, sizeof(k->auth_in));
		secret_wipe(k->auth_out, sizeof(k->auth_out));
	}
}

static void
free_spis(struct ike *ike, struct ike_child_sa *child)
{
	for (unsigned i = 0; i < child->c.count; i++)
		ike->ops.free_spi(ike->arg, child->c.tunnel,
				  child->c.keys[i].protocol,
				  child->c.keys[i].spi_in);
}

static void
child_free(struct ike *ike, struct ike_child_sa *child)
{
	if ((child->installed & IKE_IN) != 0)
		ike->ops.remove(ike->arg, &child->c, IKE_IN);
	else
		free_spis(ike, child);
	ike_timer_stop(&ike->timers, &child->soft);
	ike_timer_stop(&ike->timers, &child->hard);
	ike->timers_wanted -= CHILD_TIMERS;
	if (child->hh.tbl != NULL)
		HASH_DEL(ike->children, child);
	TAILQ_REMOVE(&child->sa->children, child, of_sa);
	child->sa->children_count--;
	ike_child_policy_drop(&child->policy);
	wipe_keys(child);
	free(child);
}

/* Not dead yet: the successor is negotiated, or what is wrong is tried later.
 */
static void
soft_fired(struct ike *ike, struct ike_timer *t, uint64_t now)
{
	struct ike_child_sa *child = OF_TIMER(t, soft);

	if (child->deleting || child->superseded || child->rekeying ||
	    child->retired)
		return;
	if (child->sa->ops->rekey_child(ike, child, now) == -EAGAIN)
		ike_timer_set(&ike->timers, &child->soft,
			      now + IKE_SECOND_NS +
				  ike_random_below(ike, 1000) * IKE_MS_NS);
}

static void
hard_fired(struct ike *ike, struct ike_timer *t, uint64_t now)
{
	struct ike_child_sa *child = OF_TIMER(t, hard);

	if (child->retired)
		ike_child_end(ike, child, IKE_CAUSE_REKEY_FAILURE, now);
	else
		child->sa->ops->delete_child(ike, child, now);
}

static int
draw_spis(struct ike *ike, struct ike_child_sa *child, const uint8_t *protocols,
	  unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct ike_child_keys *k = &child->c.keys[i];
		int error;

		k->protocol = protocols[i];
		error = ike->ops.alloc_spi(ike->arg, child->c.tunnel,
					   k->protocol, &k->spi_in);
		if (error != 0)
			return error;
		child->c.count++;
	}
	return 0;
}

int
ike_child_new(struct ike *ike, struct ike_sa *sa, const uint8_t *protocols,
	      unsigned n, struct ike_child_sa **result)
{
	struct ike_child_sa *child;
	int error;

	if (n > 2 || ike_timers_reserve(&ike->timers,
					ike->timers_wanted + CHILD_TIMERS) != 0)
		return -ENOMEM;
	child = calloc(1, sizeof(*child));
	if (child == NULL)
		return -ENOMEM;
	ike->timers_wanted += CHILD_TIMERS;
	child->sa = sa;
	child->tun = sa->tun;
	child->policy = sa->tun->child_policy;
	ike_child_policy_hold(child->policy);
	child->soft.fire = soft_fired;
	child->hard.fire = hard_fired;
	child->c.tunnel = sa->tun->conf.id;
	child->c.id = ++ike->next_child;
	child->c.path = sa->path;
	TAILQ_INSERT_TAIL(&sa->children, child, of_sa);
	sa->children_count++;
	HASH_ADD(hh, ike->children, c.id, sizeof(child->c.id), child);
	error = child->hh.tbl == NULL ? -ENOMEM
				      : draw_spis(ike, child, protocols, n);
	if (error != 0) {
		child_free(ike, child);
		return error;
	}
	*result = child;
	return 0;
}

void
ike_child_choose(struct ike *ike, struct ike_child_sa *child, uint8_t protocol)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < child->c.count; i++) {
		struct ike_child_keys *k = &child->c.keys[i];

		if (k->protocol == protocol && kept == 0)
			child->c.keys[kept++] = *k;
		else
			ike->ops.free_spi(ike->arg, child->c.tunnel,
					  k->protocol, k->spi_in);
	}
	child->c.count = (uint8_t)kept;
}

static void
alive(struct ike *ike, struct ike_child_sa *child, uint64_t now)
{
	struct ike_event event = {.kind = IKE_EVENT_CHILD_REKEYED,
				  .at_ns = now,
				  .tunnel = child->c.tunnel,
				  .child = child->c.id,
				  .path = &child->c.path};

	child->alive = true;
	child->tun->children++;
	ike->stats.children++;
	ike->stats.count[IKE_STAT_CHILD_UP]++;
	if (child->c.replaces != 0) {
		ike->stats.count[IKE_STAT_CHILD_REKEYED]++;
		ike_tell(ike, &event);
	}
	ike_tun_settle(ike, child->tun, IKE_CAUSE_GENERAL, now);
}

int
ike_child_install(struct ike *ike, struct ike_child_sa *child,
		  enum ike_direction direction, uint64_t now)
{
	int error;

	if ((child->installed & direction) != 0)
		return 0;
	error = ike->ops.install(ike->arg, &child->c, direction);
	if (error != 0)
		return error;
	child->installed |= direction;
	if (direction != IKE_OUT)
		return 0;
	wipe_keys(child);
	alive(ike, child, now);
	return 0;
}

void
ike_child_live(struct ike *ike, struct ike_child_sa *child, uint64_t lifetime_s,
	       uint64_t now)
{
	uint64_t margin_s = child->policy->p.rekey_margin_s;
	uint64_t soft_ms;
	uint64_t jitter_ms;

	if (margin_s == 0 || margin_s >= lifetime_s)
		margin_s = lifetime_s / 10;
	soft_ms = (lifetime_s - margin_s) * 1000;
	jitter_ms = soft_ms * ike->conf.jitter_percent / 100;
	if (jitter_ms > UINT32_MAX)
		jitter_ms = UINT32_MAX;
	soft_ms -= ike_random_below(ike, (uint32_t)jitter_ms);
	ike_timer_set(&ike->timers, &child->soft, now + soft_ms * IKE_MS_NS);
	ike_timer_set(&ike->timers, &child->hard,
		      now + lifetime_s * IKE_SECOND_NS);
}

/* Its traffic stops; the tunnel may go down by that. */
static void
silence(struct ike *ike, struct ike_child_sa *child)
{
	if ((child->installed & IKE_OUT) != 0)
		ike->ops.remove(ike->arg, &child->c, IKE_OUT);
	child->installed &= ~(unsigned)IKE_OUT;
	if (!child->alive)
		return;
	child->alive = false;
	child->tun->children--;
	ike->stats.children--;
	ike->stats.count[IKE_STAT_CHILD_DOWN]++;
}

void
ike_child_retire(struct ike *ike, struct ike_child_sa *child,
		 enum ike_cause cause, uint64_t now)
{
	struct ike_tun *tun = child->tun;

	silence(ike, child);
	child->retired = true;
	ike_timer_stop(&ike->timers, &child->soft);
	if ((child->installed & IKE_IN) != 0)
		ike_timer_set(&ike->timers, &child->hard,
			      now + ike->conf.grace_ms * IKE_MS_NS);
	else
		child_free(ike, child);
	ike_tun_settle(ike, tun, cause, now);
}

void
ike_child_end(struct ike *ike, struct ike_child_sa *child, enum ike_cause cause,
	      uint64_t now)
{
	struct ike_tun *tun = child->tun;
	bool was = child->alive;

	silence(ike, child);
	child_free(ike, child);
	if (was)
		ike_tun_settle(ike, tun, cause, now);
}

void
ike_child_move(struct ike_child_sa *child, struct ike_sa *to)
{
	TAILQ_REMOVE(&child->sa->children, child, of_sa);
	child->sa->children_count--;
	child->sa = to;
	TAILQ_INSERT_TAIL(&to->children, child, of_sa);
	to->children_count++;
}

struct ike_child_sa *
ike_child_by_in(const struct ike_sa *sa, uint8_t protocol, uint32_t spi)
{
	struct ike_child_sa *child;

	TAILQ_FOREACH(child, &sa->children, of_sa)
	{
		for (unsigned i = 0; i < child->c.count; i++) {
			if (child->c.keys[i].protocol == protocol &&
			    child->c.keys[i].spi_in == spi)
				return child;
		}
	}
	return NULL;
}

struct ike_child_sa *
ike_child_by_out(const struct ike_sa *sa, uint8_t protocol, uint32_t spi)
{
	struct ike_child_sa *child;

	TAILQ_FOREACH(child, &sa->children, of_sa)
	{
		for (unsigned i = 0; i < child->c.count; i++) {
			if (child->c.keys[i].protocol == protocol &&
			    child->c.keys[i].spi_out == spi)
				return child;
		}
	}
	return NULL;
}
