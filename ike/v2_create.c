/*
 * CREATE_CHILD_SA for children (RFC 7296 section 1.3.1, 1.3.3, 2.8): further
 * ones, and successors of old ones. The new inbound SA is there before anybody
 * hears of it; the responder keeps sending through the old one until the peer,
 * who has the new one by then, deletes it; the old inbound SA stays for a
 * grace. So no packet of a rekeying is lost.
 */
#include <errno.h>
#include <string.h>

#include "secret.h"
#include "v2_impl.h"

#define TRIES_MAX 5

bool
v2_nonce_lower(const uint8_t *a, size_t an, const uint8_t *b, size_t bn)
{
	int order = memcmp(a, b, an < bn ? an : bn);

	return order != 0 ? order < 0 : an < bn;
}

void
v2_create_forget(struct ike *ike, struct v2_sa *v)
{
	struct v2_create *c = &v->create;

	(void)ike;
	ike_dh_free(&c->dh);
	secret_wipe(c, sizeof(*c));
}

/* The group of a child: PFS, or none. */
static int
draw_dh(struct ike *ike, uint16_t group, struct ike_dh **dh)
{
	const struct ike_alg *alg = ike_alg_get(IKE_ALG_DH, group, 0);

	if (group == 0)
		return 0;
	if (alg == NULL)
		return -ENOTSUP;
	return ike_dh_new(ike->crypto, alg, ike->ops.random, ike->arg, dh);
}

static void
write_ke(struct ike_writer *w, const struct ike_dh *dh)
{
	if (dh != NULL)
		ike_write_ke(w, ike_dh_group(dh)->id, ike_dh_public(dh),
			     ike_dh_group(dh)->octets);
}

/* The secret of PFS; n 0 where there is none. -EBADMSG, -ERANGE. */
static int
pfs_secret(struct ike *ike, const struct ike_chain *chain,
	   const struct ike_dh *dh, uint8_t shared[IKE_DH_SECRET_MAX],
	   struct alg_piece *piece)
{
	const struct ike_payload *p = ike_chain_find(chain, IKE_P_KE, 0);
	const uint8_t *value;
	uint16_t group;
	size_t octets;

	*piece = (struct alg_piece){0};
	if (dh == NULL)
		return 0;
	if (p == NULL || ike_ke_read(p, &group, &value, &octets) != 0)
		return -EBADMSG;
	if (group != ike_dh_group(dh)->id)
		return -ERANGE;
	*piece = (struct alg_piece){shared, ike_dh_group(dh)->secret_octets};
	return ike_dh_shared(ike->crypto, dh, value, octets, shared);
}

/* ---- what a child leaves --------------------------------------------- */

/* The one that is to take over from old and waits for its end; NULL. */
static struct ike_child_sa *
waiting(const struct ike_child_sa *old)
{
	struct ike_child_sa *child;

	TAILQ_FOREACH(child, &old->sa->children, of_sa)
	{
		if (child->waits && child->c.replaces == old->c.id)
			return child;
	}
	return NULL;
}

void
v2_child_gone(struct ike *ike, struct ike_child_sa *old, enum ike_cause cause,
	      uint64_t now)
{
	struct ike_child_sa *next = waiting(old);

	if (next != NULL) {
		next->waits = false;
		(void)ike_child_install(ike, next, IKE_OUT, now);
	}
	ike_child_retire(ike, old, cause, now);
}

/* ---- asking ---------------------------------------------------------- */

static void
write_rekey(struct ike_writer *w, const struct ike_child_sa *old)
{
	const struct ike_child_keys *k = &old->c.keys[0];
	struct be32 spi = be32_put(k->spi_in);
	struct ike_notify n = {.protocol = v2_protocol_of(k->protocol),
			       .spi_octets = sizeof(spi),
			       .type = IKE_N_REKEY_SA,
			       .spi = spi.b};

	ike_write_notify(w, IKE_P_NOTIFY, &n);
}

static int
write_ask(struct ike *ike, struct v2_sa *v, const struct ike_child_sa *old,
	  struct ike_child_sa *child, struct ike_writer *w)
{
	struct v2_create *c = &v->create;
	int error;

	if (old != NULL) {
		write_rekey(w, old);
		child->c.replaces = old->c.id;
		child->c.local_count = old->c.local_count;
		child->c.remote_count = old->c.remote_count;
		memcpy(child->c.local, old->c.local, sizeof(old->c.local));
		memcpy(child->c.remote, old->c.remote, sizeof(old->c.remote));
	}
	error = v2_child_offer(ike, v, w, c->selector, true, child);
	ike_write_plain(w, IKE_P_NONCE, c->nonce.octets, c->nonce.n);
	write_ke(w, c->dh);
	v2_child_offer_ts(w, child);
	return error;
}

int
v2_create_ask(struct ike *ike, struct v2_sa *v, const struct v2_task *task,
	      uint64_t now)
{
	struct ike_child_sa *old = v2_child_find(ike, task->child);
	struct v2_create *c = &v->create;
	struct ike_child_sa *child;
	struct ike_writer w;
	int error;

	if (v->sa.tun == NULL)
		return -ENOENT;
	if (task->kind == V2_REKEY_CHILD &&
	    (old == NULL || !old->alive || old->deleting || old->superseded))
		return -ENOENT;
	v2_create_forget(ike, v);
	error = v2_child_begin(ike, v, &child);
	if (error != 0)
		return error;
	c->child = child->c.id;
	c->old = old != NULL ? old->c.id : 0;
	c->selector = task->selector;
	c->nonce.n = V2_NONCE_OCTETS;
	error = ike_random(ike, c->nonce.octets, c->nonce.n);
	if (error == 0)
		error = draw_dh(ike, child->policy->p.pfs_group, &c->dh);
	v2_inner(ike, &w);
	if (error == 0)
		error = write_ask(ike, v, old, child, &w);
	if (error == 0)
		error = v2_ask(ike, v, IKE_X_CREATE_CHILD, &w, task, now);
	if (error != 0) {
		ike_child_end(ike, child, IKE_CAUSE_GENERAL, now);
		v2_create_forget(ike, v);
		if (old != NULL)
			old->rekeying = false;
	}
	return error;
}

/* ---- answered -------------------------------------------------------- */

/*
 * Nothing came of it: the new child goes, and the old one lives on till it is
 * tried again or its time is up.
 */
static void
failed(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
       struct v2_task task, uint16_t error, uint64_t now)
{
	struct ike_child_sa *child = v2_child_find(ike, v->create.child);
	struct ike_child_sa *old = v2_child_find(ike, v->create.old);
	bool collision = v->create.collision;

	if (child != NULL)
		ike_child_end(ike, child, IKE_CAUSE_GENERAL, now);
	if (old != NULL)
		old->rekeying = false;
	v2_create_forget(ike, v);
	/* The peer's own rekeying of it went through. */
	if (collision)
		return;
	if (error == IKE_N_TEMPORARY_FAILURE && task.tries < TRIES_MAX) {
		v2_task_later(ike, v, task, now);
		return;
	}
	ike_rejected(ike, v2_reject_of(error), m->path, v->sa.tun, now,
		     ike_notify_name(error));
	if (error == IKE_N_CHILD_SA_NOT_FOUND && old != NULL) {
		v2_child_gone(ike, old, IKE_CAUSE_REKEY_FAILURE, now);
		task = (struct v2_task){.kind = V2_NEW_CHILD,
					.selector = IKE_SELECTORS_MAX};
		(void)v2_task_add(ike, v, &task, now);
	} else if (v->sa.tun != NULL && v->sa.tun->children == 0) {
		v2_version.terminate(ike, &v->sa, IKE_CAUSE_REKEY_FAILURE, now);
	}
}

/* Both ends rekeyed the same child: who has the lowest nonce of the four
 * deletes what it made (section 2.8.1). */
static bool
ours_goes(const struct v2_create *c, const struct v2_nonce *theirs)
{
	const struct v2_nonce *low = &c->nonce;

	if (v2_nonce_lower(theirs->octets, theirs->n, low->octets, low->n))
		low = theirs;
	return c->collision &&
	       v2_nonce_lower(low->octets, low->n, c->lowest, c->lowest_n);
}

static void
delete_later(struct ike *ike, struct v2_sa *v, uint32_t child, uint64_t now)
{
	struct v2_task task = {.kind = V2_DELETE_CHILD, .child = child};

	(void)v2_task_add(ike, v, &task, now);
}

static int
take(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
     struct ike_child_sa *child, const struct v2_child_suite *suite,
     struct v2_nonce *theirs)
{
	uint8_t shared[IKE_DH_SECRET_MAX];
	struct alg_piece piece;
	int error = v2_nonce_of(&m->chain, theirs);

	if (error == 0 && (suite->group != 0) != (v->create.dh != NULL))
		error = -EBADMSG;
	if (error == 0)
		error =
		    pfs_secret(ike, &m->chain, v->create.dh, shared, &piece);
	if (error == 0)
		error =
		    v2_child_keys(v, child, suite, true, piece,
				  v2_piece(&v->create.nonce), v2_piece(theirs));
	secret_wipe(shared, sizeof(shared));
	return error;
}

static void
succeeded(struct ike *ike, struct v2_sa *v, struct ike_child_sa *child,
	  const struct v2_nonce *theirs, uint64_t now)
{
	struct ike_child_sa *old = v2_child_find(ike, v->create.old);
	bool goes = ours_goes(&v->create, theirs);
	uint32_t id = child->c.id;

	if (v->create.collision) {
		struct ike_child_sa *other =
		    v2_child_find(ike, v->create.peer_child);

		ike->stats.count[IKE_STAT_COLLISIONS]++;
		/* The peer deletes it: it must not take over before. */
		if (other != NULL && !goes)
			other->waits = false;
	}
	v2_create_forget(ike, v);
	if (old != NULL)
		old->rekeying = false;
	if (goes) {
		delete_later(ike, v, id, now);
		return;
	}
	if (ike_child_install(ike, child, IKE_OUT, now) != 0) {
		delete_later(ike, v, id, now);
		return;
	}
	ike_child_live(ike, child, child->c.lifetime_s, now);
	if (old == NULL)
		return;
	old->superseded = true;
	delete_later(ike, v, old->c.id, now);
}

void
v2_create_response(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
		   uint64_t now)
{
	struct v2_task task = v->request.task;
	struct ike_child_sa *child = v2_child_find(ike, v->create.child);
	struct v2_child_suite suite = {0};
	struct v2_nonce theirs;
	struct ike_notify n;
	uint16_t error;

	if (task.kind == V2_REKEY_IKE) {
		v2_rekey_response(ike, v, m, now);
		return;
	}
	v2_request_done(ike, v);
	error = v2_error_of(&m->chain, &n);
	if (error == 0)
		error = child == NULL ? IKE_N_CHILD_SA_NOT_FOUND
				      : v2_child_accepted(ike, v, &m->chain,
							  child, &suite, true);
	if (error == 0 && take(ike, v, m, child, &suite, &theirs) != 0)
		error = IKE_N_INVALID_SYNTAX;
	if (error == 0 && ike_child_install(ike, child, IKE_IN, now) != 0)
		error = IKE_N_NO_ADDITIONAL_SAS;
	if (error != 0)
		failed(ike, v, m, task, error, now);
	else
		succeeded(ike, v, child, &theirs, now);
	v2_task_run(ike, v, now);
}

/* ---- answering ------------------------------------------------------- */

/* The child that REKEY_SA names. 0: *old is it, or NULL without REKEY_SA. */
static uint16_t
find_old(struct v2_sa *v, const struct v2_msg *m, struct ike_child_sa **old)
{
	struct ike_notify n;
	struct be32 spi;

	*old = NULL;
	if (!v2_notified(&m->chain, IKE_N_REKEY_SA, &n))
		return 0;
	if (n.spi_octets != sizeof(spi))
		return IKE_N_INVALID_SYNTAX;
	memcpy(&spi, n.spi, sizeof(spi));
	*old = ike_child_by_out(&v->sa, v2_protocol_number(n.protocol),
				be32_get(spi));
	if (*old == NULL)
		return IKE_N_CHILD_SA_NOT_FOUND;
	return (*old)->deleting || (*old)->superseded ? IKE_N_TEMPORARY_FAILURE
						      : 0;
}

static void
note_collision(struct v2_sa *v, const struct ike_child_sa *old,
	       const struct ike_child_sa *child, const struct v2_nonce *ni,
	       const struct v2_nonce *nr)
{
	struct v2_create *c = &v->create;
	const struct v2_nonce *low = ni;

	if (old == NULL || c->old != old->c.id || c->child == 0)
		return;
	if (v2_nonce_lower(nr->octets, nr->n, low->octets, low->n))
		low = nr;
	c->collision = true;
	c->peer_child = child->c.id;
	memcpy(c->lowest, low->octets, low->n);
	c->lowest_n = low->n;
}

/* What an answer is made of. */
struct answer {
	struct ike_child_sa *old;
	struct ike_child_sa *child;
	struct v2_child_suite suite;
	struct v2_nonce ni;
	struct v2_nonce nr;
	struct ike_dh *dh;
	uint8_t shared[IKE_DH_SECRET_MAX];
	struct alg_piece piece;
};

static uint16_t
agree(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
      struct answer *a, uint64_t now)
{
	uint16_t error;
	int bad;

	if (v2_nonce_of(&m->chain, &a->ni) != 0)
		return IKE_N_INVALID_SYNTAX;
	a->nr.n = V2_NONCE_OCTETS;
	if (ike_random(ike, a->nr.octets, a->nr.n) != 0)
		return IKE_N_TEMPORARY_FAILURE;
	error = v2_child_accept(ike, v, &m->chain, a->old, true, &a->child,
				&a->suite);
	if (error != 0)
		return error;
	bad = draw_dh(ike, a->suite.group, &a->dh);
	if (bad == 0)
		bad = pfs_secret(ike, &m->chain, a->dh, a->shared, &a->piece);
	if (bad == -ERANGE)
		return IKE_N_INVALID_KE_PAYLOAD;
	if (bad != 0)
		return IKE_N_INVALID_SYNTAX;
	if (v2_child_keys(v, a->child, &a->suite, false, a->piece,
			  v2_piece(&a->ni), v2_piece(&a->nr)) != 0 ||
	    ike_child_install(ike, a->child, IKE_IN, now) != 0)
		return IKE_N_NO_ADDITIONAL_SAS;
	return 0;
}

static void
give(struct ike *ike, struct v2_sa *v, const struct v2_msg *m, struct answer *a,
     uint64_t now)
{
	struct ike_writer w;

	v2_inner(ike, &w);
	if (a->old != NULL) {
		note_collision(v, a->old, a->child, &a->ni, &a->nr);
		a->child->waits = true;
		if (!v->create.collision)
			a->old->superseded = true;
	} else {
		(void)ike_child_install(ike, a->child, IKE_OUT, now);
	}
	ike_child_live(ike, a->child, a->child->c.lifetime_s, now);
	v2_child_answer(&w, a->child, &a->suite);
	ike_write_plain(&w, IKE_P_NONCE, a->nr.octets, a->nr.n);
	write_ke(&w, a->dh);
	(void)v2_answer(ike, v, m, &w, now);
}

static void
refuse(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
       struct answer *a, uint16_t error, uint64_t now)
{
	struct be16 group = be16_put(a->suite.group);

	ike_rejected(ike, v2_reject_of(error), m->path, v->sa.tun, now,
		     ike_notify_name(error));
	if (a->child != NULL)
		ike_child_end(ike, a->child, IKE_CAUSE_GENERAL, now);
	if (error == IKE_N_INVALID_KE_PAYLOAD)
		v2_answer_error(ike, v, m, error, &group, sizeof(group), now);
	else
		v2_answer_error(ike, v, m, error, NULL, 0, now);
}

/* Children of an SA that ends, or is being rekeyed, are not made. */
static bool
busy(const struct v2_sa *v)
{
	return v->state != V2_UP || v->sa.replaced || v->sa.tun == NULL ||
	       v->request.task.kind == V2_REKEY_IKE;
}

void
v2_create_request(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
		  uint64_t now)
{
	const struct ike_payload *sa = ike_chain_find(&m->chain, IKE_P_SA, 0);
	struct answer a = {0};
	struct ike_sap sap;
	uint16_t error;

	if (sa == NULL || ike_sap_read(sa, &sap) != 0) {
		refuse(ike, v, m, &a, IKE_N_INVALID_SYNTAX, now);
		return;
	}
	if (sap.proposals[0].protocol == IKE_PROTO_IKE) {
		v2_rekey_request(ike, v, m, &sap, now);
		return;
	}
	v2_inherit(v);
	error = busy(v) ? IKE_N_TEMPORARY_FAILURE : find_old(v, m, &a.old);
	if (error == 0)
		error = agree(ike, v, m, &a, now);
	if (error != 0)
		refuse(ike, v, m, &a, error, now);
	else
		give(ike, v, m, &a, now);
	ike_dh_free(&a.dh);
	secret_wipe(&a, sizeof(a));
	v2_task_run(ike, v, now);
}
