/*
 * Tunnels: which there are, which of them a peer may mean, and whether one is
 * up. A tunnel is up while a child SA of it carries traffic, whichever IKE SA
 * that belongs to. Static tunnels that are down try again from here; what is
 * tried, and how, the versions know.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ike_impl.h"
#include "secret.h"
#include "v1.h"

#define OF_TIMER(t)                                                            \
	((struct ike_tun *)((char *)(t)-offsetof(struct ike_tun, retry)))

struct ike_tun *
ike_tun_find(const struct ike *ike, uint32_t id)
{
	struct ike_tun *tun = NULL;

	HASH_FIND(hh, ike->tuns, &id, sizeof(id), tun);
	return tun;
}

static struct ike_ends_box *
ends_find(const struct ike *ike, const struct ike_ends *ends)
{
	struct ike_ends_box *box = NULL;

	HASH_FIND(hh, ike->ends, ends, sizeof(*ends), box);
	return box;
}

static int
ends_enter(struct ike *ike, struct ike_tun *tun)
{
	struct ike_ends ends = {tun->conf.context, tun->conf.local,
				tun->conf.remote};
	struct ike_ends_box *box = ends_find(ike, &ends);

	if (box == NULL) {
		box = calloc(1, sizeof(*box));
		if (box == NULL)
			return -ENOMEM;
		box->ends = ends;
		TAILQ_INIT(&box->tuns);
		HASH_ADD(hh, ike->ends, ends, sizeof(box->ends), box);
		if (box->hh.tbl == NULL) {
			free(box);
			return -ENOMEM;
		}
	}
	TAILQ_INSERT_TAIL(&box->tuns, tun, of_ends);
	tun->ends = box;
	return 0;
}

static void
ends_leave(struct ike *ike, struct ike_tun *tun)
{
	struct ike_ends_box *box = tun->ends;

	if (box == NULL)
		return;
	TAILQ_REMOVE(&box->tuns, tun, of_ends);
	tun->ends = NULL;
	if (!TAILQ_EMPTY(&box->tuns))
		return;
	HASH_DEL(ike->ends, box);
	free(box);
}

struct ike_tun *
ike_tun_next(const struct ike *ike, const struct ike_path *path,
	     const struct ike_tun *after)
{
	struct ike_ends ends = {path->context, path->local, path->remote};
	struct ike_ends_box *box;
	bool any = after != NULL && after->conf.remote.family == 0;

	if (after != NULL && TAILQ_NEXT(after, of_ends) != NULL)
		return TAILQ_NEXT(after, of_ends);
	if (any)
		return NULL;
	box = after == NULL ? ends_find(ike, &ends) : NULL;
	if (box == NULL) {
		ends.remote = (struct ip_addr){0};
		box = ends_find(ike, &ends);
	}
	return box == NULL ? NULL : TAILQ_FIRST(&box->tuns);
}

struct ike_sa *
ike_tun_sa(const struct ike_tun *tun)
{
	struct ike_sa *sa;
	struct ike_sa *best = NULL;

	TAILQ_FOREACH(sa, &tun->sas, of_tun)
	{
		if (sa->up && !sa->replaced)
			best = sa;
	}
	return best;
}

bool
ike_tun_busy(const struct ike_tun *tun)
{
	const struct ike_sa *sa;

	TAILQ_FOREACH(sa, &tun->sas, of_tun)
	{
		if (!sa->up)
			return true;
	}
	return false;
}

struct alg_piece
ike_tun_secret(const struct ike_tun *tun)
{
	if (tun->secret_octets > 0)
		return (struct alg_piece){tun->secret, tun->secret_octets};
	return (struct alg_piece){tun->policy->p.secret,
				  tun->policy->p.secret_octets};
}

static void
id_of_addr(const struct ip_addr *addr, struct ike_id *id)
{
	*id = (struct ike_id){.type =
				  addr->family == 4 ? IKE_ID_IPV4 : IKE_ID_IPV6,
			      .octets = addr->family == 4 ? 4 : 16};
	memcpy(id->value, addr->octets, id->octets);
}

void
ike_tun_local_id(const struct ike_tun *tun, const struct ike_path *path,
		 struct ike_id *id)
{
	if (tun->policy->p.local.type != IKE_ID_NONE)
		*id = tun->policy->p.local;
	else
		id_of_addr(&path->local, id);
}

bool
ike_tun_accepts(const struct ike_tun *tun, const struct ike_id *remote,
		const struct ike_id *wanted_local)
{
	const struct ike_policy *p = &tun->policy->p;
	struct ike_path path = {.local = tun->conf.local};
	struct ike_id local;

	if (p->remote.type != IKE_ID_NONE && !ike_id_equal(&p->remote, remote))
		return false;
	if (wanted_local == NULL || wanted_local->type == IKE_ID_NONE)
		return true;
	ike_tun_local_id(tun, &path, &local);
	return ike_id_equal(&local, wanted_local);
}

/* ---- making and ending ---------------------------------------------- */

static void
tun_free(struct ike *ike, struct ike_tun *tun)
{
	ike_timer_stop(&ike->timers, &tun->retry);
	ike->timers_wanted--;
	ends_leave(ike, tun);
	if (tun->hh.tbl != NULL)
		HASH_DEL(ike->tuns, tun);
	if (tun->policy != NULL)
		tun->policy->tunnels--;
	if (tun->child_policy != NULL)
		tun->child_policy->tunnels--;
	ike_policy_drop(&tun->policy);
	ike_child_policy_drop(&tun->child_policy);
	secret_wipe(tun, sizeof(*tun));
	free(tun);
}

static bool
may_initiate(const struct ike_tun *tun)
{
	return tun->conf.type == IKE_TUNNEL_STATIC && !tun->spawned &&
	       !tun->doomed &&
	       tun->policy->p.connection != IKE_CONNECTION_RESPONDER;
}

/* Under either version. */
static bool
busy(const struct ike *ike, const struct ike_tun *tun)
{
	return ike_tun_busy(tun) || v1_negotiating(ike->v1, tun->conf.id);
}

static void
retry_fired(struct ike *ike, struct ike_timer *t, uint64_t now)
{
	struct ike_tun *tun = OF_TIMER(t);

	if (!tun->up && !busy(ike, tun))
		(void)ike_initiate(ike, tun->conf.id, now);
}

static int
tun_policies(struct ike *ike, struct ike_tun *tun)
{
	struct ike_policy_box *policy = NULL;
	struct ike_child_policy_box *child = NULL;

	HASH_FIND(hh, ike->policies, &tun->conf.policy,
		  sizeof(tun->conf.policy), policy);
	HASH_FIND(hh, ike->child_policies, &tun->conf.child_policy,
		  sizeof(tun->conf.child_policy), child);
	if (policy == NULL || child == NULL)
		return -ENOENT;
	ike_policy_hold(policy);
	ike_child_policy_hold(child);
	policy->tunnels++;
	child->tunnels++;
	tun->policy = policy;
	tun->child_policy = child;
	return 0;
}

static int
tun_new(struct ike *ike, const struct ike_tunnel *conf, struct ike_tun **result)
{
	struct ike_tun *tun;
	int error;

	if (ike_timers_reserve(&ike->timers, ike->timers_wanted + 1) != 0)
		return -ENOMEM;
	tun = calloc(1, sizeof(*tun));
	if (tun == NULL)
		return -ENOMEM;
	ike->timers_wanted++;
	tun->conf = *conf;
	tun->cause = IKE_CAUSE_GENERAL;
	tun->retry.fire = retry_fired;
	TAILQ_INIT(&tun->sas);
	error = tun_policies(ike, tun);
	if (error == 0)
		error = ends_enter(ike, tun);
	if (error == 0) {
		HASH_ADD(hh, ike->tuns, conf.id, sizeof(tun->conf.id), tun);
		error = tun->hh.tbl == NULL ? -ENOMEM : 0;
	}
	if (error != 0) {
		tun_free(ike, tun);
		return error;
	}
	*result = tun;
	return 0;
}

static bool
ts_valid(const struct ike_ts *ts)
{
	return ts->first.family != 0 && ts->first.family == ts->last.family &&
	       memcmp(ts->first.octets, ts->last.octets, 16) <= 0 &&
	       ts->port[0] <= ts->port[1];
}

static bool
tunnel_valid(const struct ike_tunnel *t)
{
	if (t->id == 0 || t->local.family == 0 ||
	    t->count > IKE_SELECTORS_MAX || t->type > IKE_TUNNEL_ON_DEMAND)
		return false;
	if ((t->type == IKE_TUNNEL_STATIC) != (t->remote.family != 0))
		return false;
	for (unsigned i = 0; i < t->count; i++) {
		if (!ts_valid(&t->selectors[i].local) ||
		    !ts_valid(&t->selectors[i].remote))
			return false;
	}
	return true;
}

int
ike_tunnel_set(struct ike *ike, const struct ike_tunnel *conf, uint64_t now)
{
	struct ike_tun *tun;
	int error;

	if (!tunnel_valid(conf))
		return -EINVAL;
	if (ike_tun_find(ike, conf->id) != NULL)
		return -EEXIST;
	error = tun_new(ike, conf, &tun);
	if (error != 0)
		return error;
	tun->since_ns = now;
	tun->down_ns = now;
	if (may_initiate(tun) && !conf->traffic)
		ike_timer_set(&ike->timers, &tun->retry, now);
	return 0;
}

int
ike_terminate(struct ike *ike, uint32_t id, enum ike_cause cause, uint64_t now)
{
	struct ike_tun *tun = ike_tun_find(ike, id);
	struct ike_sa *sa;

	if (tun != NULL)
		v1_drop(ike->v1, id, cause, now);
	tun = ike_tun_find(ike, id);
	/* A spawned tunnel may go with its last SA. */
	while (tun != NULL && (sa = TAILQ_FIRST(&tun->sas)) != NULL) {
		sa->ops->terminate(ike, sa, cause, now);
		tun = ike_tun_find(ike, id);
	}
	return tun == NULL ? -ENOENT : 0;
}

int
ike_tunnel_del(struct ike *ike, uint32_t id, enum ike_cause cause, uint64_t now)
{
	struct ike_tun *tun = ike_tun_find(ike, id);

	if (tun == NULL)
		return -ENOENT;
	tun->doomed = true;
	if (ike_terminate(ike, id, cause, now) == 0)
		tun_free(ike, tun);
	return 0;
}

int
ike_tun_spawn(struct ike *ike, struct ike_tun *tun, const struct ike_path *path,
	      const struct ike_id *remote,
	      const struct ike_subscriber *subscriber, struct ike_tun **spawned)
{
	struct ike_tunnel conf = tun->conf;
	struct ike_tun *t = NULL;
	int error;

	conf.type = IKE_TUNNEL_STATIC;
	conf.remote = path->remote;
	if (subscriber->child_policy != 0)
		conf.child_policy = subscriber->child_policy;
	if (ike->ops.spawn == NULL)
		return -ENOENT;
	error = ike->ops.spawn(ike->arg, tun->conf.id, remote, path, &conf.id);
	if (error != 0)
		return error;
	t = ike_tun_find(ike, conf.id);
	if (t != NULL) {
		*spawned = t;
		return t->spawned ? 0 : -EEXIST;
	}
	error = tun_new(ike, &conf, &t);
	if (error != 0)
		return error;
	t->spawned = true;
	t->template = tun->conf.id;
	t->address = subscriber->address;
	t->secret_octets = subscriber->secret_octets;
	memcpy(t->secret, subscriber->secret, sizeof(t->secret));
	*spawned = t;
	return 0;
}

/* ---- up and down ----------------------------------------------------- */

static void
tell_up(struct ike *ike, struct ike_tun *tun, uint64_t now)
{
	struct ike_event event = {
	    .kind = IKE_EVENT_UP, .at_ns = now, .tunnel = tun->conf.id};
	struct ike_sa *sa = ike_tun_sa(tun);

	tun->up = true;
	tun->told = false;
	tun->since_ns = now;
	tun->outage_ns = tun->down_ns != 0 ? now - tun->down_ns : 0;
	tun->down_ns = 0;
	event.outage_ns = tun->outage_ns;
	event.path = sa != NULL ? &sa->path : NULL;
	ike_timer_stop(&ike->timers, &tun->retry);
	ike_tell(ike, &event);
}

static void
tell_down(struct ike *ike, struct ike_tun *tun, enum ike_cause cause,
	  uint64_t now)
{
	struct ike_event event = {.kind = IKE_EVENT_DOWN,
				  .at_ns = now,
				  .tunnel = tun->conf.id,
				  .cause = cause};

	tun->up = false;
	tun->told = true;
	tun->since_ns = now;
	tun->down_ns = now;
	tun->cause = cause;
	ike_tell(ike, &event);
}

/*
 * Tried again after a pause, which two ends that lost each other do not draw
 * alike.
 */
static void
arm_retry(struct ike *ike, struct ike_tun *tun, uint64_t now)
{
	uint64_t pause_ms = (uint64_t)ike->conf.retry_s * 1000;

	ike_timer_set(
	    &ike->timers, &tun->retry,
	    now + (pause_ms / 2 + ike_random_below(ike, (uint32_t)pause_ms)) *
		      IKE_MS_NS);
}

void
ike_tun_settle(struct ike *ike, struct ike_tun *tun, enum ike_cause cause,
	       uint64_t now)
{
	bool idle = TAILQ_EMPTY(&tun->sas) && !v1_has(ike->v1, tun->conf.id);

	if (tun->children > 0 && !tun->up) {
		tell_up(ike, tun, now);
	} else if (tun->children == 0 &&
		   (tun->up || (tun->spawned && idle && !tun->told))) {
		tell_down(ike, tun, cause, now);
	}
	if (tun->spawned && idle) {
		if (!tun->doomed)
			tun_free(ike, tun);
		return;
	}
	if (!tun->up && !busy(ike, tun) && may_initiate(tun) &&
	    !tun->conf.traffic && tun->retry.index == 0)
		arm_retry(ike, tun, now);
}

int
ike_initiate(struct ike *ike, uint32_t id, uint64_t now)
{
	struct ike_tun *tun = ike_tun_find(ike, id);
	const struct ike_version *version;
	int error;

	if (tun == NULL)
		return -ENOENT;
	if (!may_initiate(tun))
		return -EPERM;
	if (tun->up || busy(ike, tun))
		return -EALREADY;
	version = ike_version_of(tun->policy->p.version);
	if (version == NULL)
		return -ENOTSUP;
	ike_timer_stop(&ike->timers, &tun->retry);
	ike->stats.count[IKE_STAT_INITIATED]++;
	error = version->initiate(ike, tun, now);
	if (error != 0 && !tun->conf.traffic)
		arm_retry(ike, tun, now);
	return error;
}

int
ike_traffic(struct ike *ike, uint32_t id, uint64_t now)
{
	return ike_initiate(ike, id, now);
}

int
ike_rekey(struct ike *ike, uint32_t id, bool ike_sa, uint64_t now)
{
	struct ike_tun *tun = ike_tun_find(ike, id);
	struct ike_sa *sa = tun != NULL ? ike_tun_sa(tun) : NULL;
	struct ike_child_sa *child;
	int error = 0;

	if (tun == NULL)
		return -ENOENT;
	if (tun->policy->p.version == 1)
		return v1_rekey(ike->v1, id, ike_sa, now);
	if (sa == NULL)
		return -ENOTCONN;
	if (ike_sa)
		return sa->ops->rekey(ike, sa, now);
	TAILQ_FOREACH(child, &sa->children, of_sa)
	{
		if (child->alive && !child->superseded && !child->rekeying &&
		    !child->deleting)
			error = sa->ops->rekey_child(ike, child, now);
	}
	return error;
}

int
ike_tunnel_get(const struct ike *ike, uint32_t id, struct ike_tunnel_info *info)
{
	const struct ike_tun *tun = ike_tun_find(ike, id);

	if (tun == NULL)
		return -ENOENT;
	*info = (struct ike_tunnel_info){
	    .id = id,
	    .up = tun->up,
	    .negotiating = busy(ike, tun),
	    .cause = tun->cause,
	    .children = tun->children,
	    .since_ns = tun->since_ns,
	    .outage_ns = tun->outage_ns,
	    .failure = tun->failure[0] != '\0' ? tun->failure : NULL,
	};
	memcpy(info->name, tun->conf.name, sizeof(info->name));
	return 0;
}
