/*
 * Rekeying the IKE SA (RFC 7296 section 1.3.2, 2.8, 2.18, 2.25.2): a new one
 * out of the old one's keys, whose children move over, and the old one is
 * deleted by who began. Both may begin at once; the lowest nonce loses.
 */
#include <errno.h>
#include <string.h>

#include "secret.h"
#include "v2_impl.h"

#define TRIES_MAX 5

/* What the new SA takes over as it is. */
static void
copy_from(struct v2_sa *to, const struct v2_sa *from)
{
	ike_policy_hold(from->sa.policy);
	to->sa.policy = from->sa.policy;
	to->sa.local_id = from->sa.local_id;
	to->sa.remote_id = from->sa.remote_id;
	to->sa.nat_local = from->sa.nat_local;
	to->sa.nat_remote = from->sa.nat_remote;
	to->peer_fragments = from->peer_fragments;
	to->peer_hashes = from->peer_hashes;
	to->sa.state = "REKEY";
}

static void
link_to(struct v2_sa *old, struct v2_sa *v)
{
	if (old->successor != NULL)
		old->successor->predecessor = NULL;
	old->successor = v;
	v->predecessor = old;
	old->sa.replaced = true;
	old->sa.state = "REPLACED";
}

void
v2_inherit(struct v2_sa *v)
{
	struct v2_sa *old = v->predecessor;
	struct ike_child_sa *child;

	if (old == NULL || old->successor != v)
		return;
	while ((child = TAILQ_FIRST(&old->sa.children)) != NULL)
		ike_child_move(child, &v->sa);
	for (unsigned i = 0; i < old->tasks_count;) {
		struct v2_task *t = &old->tasks[i];

		if (t->kind != V2_DELETE_CHILD && t->kind != V2_REKEY_CHILD &&
		    t->kind != V2_NEW_CHILD) {
			i++;
			continue;
		}
		if (v->tasks_count < V2_TASKS_MAX)
			v->tasks[v->tasks_count++] = *t;
		*t = old->tasks[--old->tasks_count];
	}
}

static void
established(struct ike *ike, struct v2_sa *v, struct ike_tun *tun, uint64_t now)
{
	ike_sa_bind(&v->sa, tun);
	v2_live(ike, v, now);
	ike_sa_up(ike, &v->sa, true, now);
}

/* ---- asking ---------------------------------------------------------- */

static int
draw(struct ike *ike, struct v2_sa *v, const struct ike_alg *group,
     struct v2_nonce *nonce)
{
	int error = group == NULL
			? -ENOTSUP
			: ike_dh_new(ike->crypto, group, ike->ops.random,
				     ike->arg, &v->dh);

	nonce->n = V2_NONCE_OCTETS;
	if (error == 0)
		error = ike_random(ike, nonce->octets, nonce->n);
	return error;
}

static int
write_ask(struct ike *ike, struct v2_sa *v, struct v2_sa *next,
	  const struct v2_task *task, uint64_t now)
{
	struct ike_writer w;
	struct ike_sap sap;

	v2_inner(ike, &w);
	if (!v2_offer_ike(&v->sa.policy->p, next->sa.mine.octets, &sap))
		return -EINVAL;
	ike_write_sap(&w, &sap);
	ike_write_plain(&w, IKE_P_NONCE, next->ni.octets, next->ni.n);
	ike_write_ke(&w, ike_dh_group(next->dh)->id, ike_dh_public(next->dh),
		     ike_dh_group(next->dh)->octets);
	return v2_ask(ike, v, IKE_X_CREATE_CHILD, &w, task, now);
}

int
v2_rekey_ask(struct ike *ike, struct v2_sa *v, const struct v2_task *task,
	     uint64_t now)
{
	struct v2_sa *next;
	int error;

	if (v->state != V2_UP || v->sa.replaced || v->sa.tun == NULL)
		return -ENOENT;
	v2_create_forget(ike, v);
	error = v2_sa_new(ike, &v->sa.path, true, now, &next);
	if (error != 0)
		return error;
	copy_from(next, v);
	next->state = V2_INIT_SENT;
	next->predecessor = v;
	v->create.ike_sa = next;
	/* The group that the two agreed on before. */
	next->group = task->group != 0 ? task->group : v->suite.group->id;
	error =
	    draw(ike, next, ike_alg_get(IKE_ALG_DH, next->group, 0), &next->ni);
	if (error == 0)
		error = write_ask(ike, v, next, task, now);
	if (error != 0)
		ike_sa_end(ike, &next->sa, IKE_CAUSE_GENERAL, now);
	return error;
}

/* ---- answered -------------------------------------------------------- */

static int
take(struct ike *ike, struct v2_sa *v, struct v2_sa *next,
     const struct v2_msg *m)
{
	static const uint8_t zero[8];
	const struct ike_payload *sa = ike_chain_find(&m->chain, IKE_P_SA, 0);
	const struct ike_payload *ke = ike_chain_find(&m->chain, IKE_P_KE, 0);
	const uint8_t *value;
	struct ike_sap sap;
	uint16_t group;
	size_t octets;

	if (sa == NULL || ke == NULL || ike_sap_read(sa, &sap) != 0 ||
	    sap.count != 1 || ike_ke_read(ke, &group, &value, &octets) != 0 ||
	    v2_nonce_of(&m->chain, &next->nr) != 0 ||
	    v2_choose_ike(&v->sa.policy->p, &sap, &next->suite) != 0 ||
	    group != next->group || next->suite.group->id != group ||
	    memcmp(next->suite.spi, zero, 8) == 0)
		return -EBADMSG;
	memcpy(next->sa.theirs.octets, next->suite.spi, 8);
	return v2_keys(ike, next, next->dh, value, octets, &v->keys);
}

static bool
ours_goes(const struct v2_create *c, const struct v2_sa *next)
{
	const struct v2_nonce *low = &next->ni;

	if (v2_nonce_lower(next->nr.octets, next->nr.n, low->octets, low->n))
		low = &next->nr;
	return c->collision && c->peer_ike_sa != NULL &&
	       v2_nonce_lower(low->octets, low->n, c->lowest, c->lowest_n);
}

/* Of the two that are there now, one goes. */
static void
decide(struct ike *ike, struct v2_sa *v, struct v2_sa *next, uint64_t now)
{
	struct v2_task task = {.kind = V2_DELETE_IKE};
	struct v2_sa *theirs = v->create.peer_ike_sa;
	bool goes = ours_goes(&v->create, next);

	if (v->create.collision)
		ike->stats.count[IKE_STAT_COLLISIONS]++;
	v2_create_forget(ike, v);
	if (goes) {
		next->predecessor = NULL;
		link_to(v, theirs);
		v2_version.terminate(ike, &next->sa, IKE_CAUSE_GENERAL, now);
		return;
	}
	link_to(v, next);
	v2_inherit(next);
	v->state = V2_DELETING;
	(void)v2_task_add(ike, v, &task, now);
	v2_task_run(ike, next, now);
}

static void
failed(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
       struct v2_task task, uint64_t now)
{
	struct v2_sa *theirs = v->create.peer_ike_sa;
	struct ike_notify n;
	uint16_t error = v2_error_of(&m->chain, &n);

	if (v->create.ike_sa != NULL)
		ike_sa_end(ike, &v->create.ike_sa->sa, IKE_CAUSE_GENERAL, now);
	v2_create_forget(ike, v);
	if (theirs != NULL) {
		link_to(v, theirs);
		return;
	}
	if (error == IKE_N_INVALID_KE_PAYLOAD && n.octets == 2 &&
	    task.tries < TRIES_MAX) {
		task.tries++;
		task.group = (uint16_t)(n.data[0] << 8 | n.data[1]);
		if (v2_has_group(&v->sa.policy->p, task.group)) {
			(void)v2_task_add(ike, v, &task, now);
			return;
		}
	}
	if (error == IKE_N_TEMPORARY_FAILURE && task.tries < TRIES_MAX) {
		v2_task_later(ike, v, task, now);
		return;
	}
	ike_rejected(ike, v2_reject_of(error), m->path, v->sa.tun, now,
		     "rekeying of the IKE SA");
}

void
v2_rekey_response(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
		  uint64_t now)
{
	struct v2_task task = v->request.task;
	struct v2_sa *next = v->create.ike_sa;
	struct ike_notify n;

	v2_request_done(ike, v);
	if (v2_error_of(&m->chain, &n) != 0 || next == NULL ||
	    take(ike, v, next, m) != 0) {
		failed(ike, v, m, task, now);
		v2_task_run(ike, v, now);
		return;
	}
	v->create.ike_sa = NULL;
	v2_settled(ike, next);
	established(ike, next, v->sa.tun, now);
	decide(ike, v, next, now);
}

/* ---- answering ------------------------------------------------------- */

static void
refuse(struct ike *ike, struct v2_sa *v, const struct v2_msg *m, uint16_t error,
       uint16_t group, uint64_t now)
{
	struct be16 wire = be16_put(group);

	ike_rejected(ike, v2_reject_of(error), m->path, v->sa.tun, now,
		     "rekeying of the IKE SA");
	v2_answer_error(ike, v, m, error, &wire,
			error == IKE_N_INVALID_KE_PAYLOAD ? sizeof(wire) : 0,
			now);
}

/* What is under way and would be lost with the old SA (section 2.25.2). */
static bool
busy(const struct v2_sa *v)
{
	enum v2_kind kind = v->request.task.kind;

	return v->state != V2_UP || v->sa.replaced || v->sa.tun == NULL ||
	       v->create.peer_ike_sa != NULL || kind == V2_NEW_CHILD ||
	       kind == V2_REKEY_CHILD || kind == V2_DELETE_CHILD;
}

static int
make(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
     const struct v2_suite *suite, struct v2_sa **result, uint64_t now)
{
	static const uint8_t zero[8];
	const struct ike_payload *ke = ike_chain_find(&m->chain, IKE_P_KE, 0);
	const uint8_t *value;
	struct v2_sa *next;
	uint16_t group;
	size_t octets;
	int error;

	if (memcmp(suite->spi, zero, 8) == 0 || ke == NULL ||
	    ike_ke_read(ke, &group, &value, &octets) != 0)
		return -EBADMSG;
	if (group != suite->group->id)
		return -ERANGE;
	error = v2_sa_new(ike, &v->sa.path, false, now, &next);
	if (error != 0)
		return error;
	copy_from(next, v);
	next->suite = *suite;
	next->state = V2_INIT_DONE;
	memcpy(next->sa.theirs.octets, suite->spi, 8);
	error = v2_nonce_of(&m->chain, &next->ni);
	if (error == 0)
		error = draw(ike, next, suite->group, &next->nr);
	if (error == 0)
		error = v2_keys(ike, next, next->dh, value, octets, &v->keys);
	if (error != 0) {
		ike_sa_end(ike, &next->sa, IKE_CAUSE_GENERAL, now);
		return error == -ERANGE ? -EBADMSG : error;
	}
	*result = next;
	return 0;
}

static void
place(struct v2_sa *v, struct v2_sa *next)
{
	struct v2_create *c = &v->create;
	const struct v2_nonce *low = &next->ni;

	if (v->request.task.kind != V2_REKEY_IKE || c->ike_sa == NULL) {
		link_to(v, next);
		return;
	}
	if (v2_nonce_lower(next->nr.octets, next->nr.n, low->octets, low->n))
		low = &next->nr;
	c->collision = true;
	c->peer_ike_sa = next;
	next->predecessor = v;
	memcpy(c->lowest, low->octets, low->n);
	c->lowest_n = low->n;
}

void
v2_rekey_request(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
		 const struct ike_sap *sap, uint64_t now)
{
	struct v2_suite suite = {0};
	struct v2_sa *next = NULL;
	struct ike_writer w;
	int error;

	if (busy(v)) {
		refuse(ike, v, m, IKE_N_TEMPORARY_FAILURE, 0, now);
		return;
	}
	if (v2_choose_ike(&v->sa.policy->p, sap, &suite) != 0) {
		refuse(ike, v, m, IKE_N_NO_PROPOSAL_CHOSEN, 0, now);
		return;
	}
	error = make(ike, v, m, &suite, &next, now);
	if (error != 0) {
		refuse(ike, v, m,
		       error == -ERANGE   ? IKE_N_INVALID_KE_PAYLOAD
		       : error == -ENOSPC ? IKE_N_NO_ADDITIONAL_SAS
					  : IKE_N_INVALID_SYNTAX,
		       suite.group->id, now);
		return;
	}
	v2_inner(ike, &w);
	v2_write_ike_suite(&w, &suite, next->sa.mine.octets);
	ike_write_plain(&w, IKE_P_NONCE, next->nr.octets, next->nr.n);
	ike_write_ke(&w, suite.group->id, ike_dh_public(next->dh),
		     suite.group->octets);
	v2_settled(ike, next);
	place(v, next);
	established(ike, next, v->sa.tun, now);
	(void)v2_answer(ike, v, m, &w, now);
}
