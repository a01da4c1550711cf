/*
 * IKE_AUTH of both ends (RFC 7296 section 1.2, 2.15, 2.16): each proves its
 * identity by its own method, and the first child comes into being. Which of
 * the tunnels of its address a peer means is known only here, by its identity.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "secret.h"
#include "v2_impl.h"

/* Protocols that a policy may end up with, for SPIs of our offer. */
static unsigned
protocols_of(const struct ike_child_policy *p, uint8_t out[2])
{
	bool esp = false;
	bool ah = false;
	unsigned n = 0;

	for (unsigned i = 0; i < p->count; i++) {
		esp = esp || p->proposals[i].esp_count > 0;
		ah = ah || (p->proposals[i].esp_count == 0 &&
			    p->proposals[i].ah != IPSEC_ALG_INVALID);
	}
	if (esp)
		out[n++] = 50;
	if (ah)
		out[n++] = 51;
	return n;
}

int
v2_child_begin(struct ike *ike, struct v2_sa *v, struct ike_child_sa **child)
{
	uint8_t protocols[2];
	unsigned n = protocols_of(&v->sa.tun->child_policy->p, protocols);

	return ike_child_new(ike, &v->sa, protocols, n, child);
}

static unsigned
first_selector(const struct ike_tun *tun)
{
	return tun->conf.child_per_selector ? 0 : IKE_SELECTORS_MAX;
}

/* ---- initiator ------------------------------------------------------- */

/* Whether what the peer still has of us is stale. */
static bool
alone(const struct v2_sa *v)
{
	const struct ike_sa *sa;

	TAILQ_FOREACH(sa, &v->sa.tun->sas, of_tun)
	{
		if (sa != &v->sa && sa->up)
			return false;
	}
	return true;
}

static int
write_ask(struct ike *ike, struct v2_sa *v, struct ike_writer *w,
	  struct ike_child_sa *child)
{
	struct ike_tun *tun = v->sa.tun;
	const struct ike_policy *p = &v->sa.policy->p;
	int error;

	ike_tun_local_id(tun, &v->sa.path, &v->sa.local_id);
	ike_write_id(w, IKE_P_IDI, &v->sa.local_id, 0, 0);
	v2_certreq_write(ike, p, w);
	if (p->remote.type != IKE_ID_NONE)
		ike_write_id(w, IKE_P_IDR, &p->remote, 0, 0);
	error = v2_prove_write(ike, v, tun, w);
	if (error != 0)
		return error;
	if (alone(v))
		v2_say(w, IKE_N_INITIAL_CONTACT, NULL, 0);
	if (tun->conf.request_address)
		v2_cp_ask(tun, w);
	error = v2_child_offer(ike, v, w, first_selector(tun), false, child);
	v2_child_offer_ts(w, child);
	return error;
}

int
v2_auth_ask(struct ike *ike, struct v2_sa *v, uint64_t now)
{
	struct v2_task task = {.kind = V2_AUTH};
	struct ike_child_sa *child;
	struct ike_writer w;
	int error = v2_child_begin(ike, v, &child);

	if (error != 0)
		return error;
	task.child = child->c.id;
	v2_inner(ike, &w);
	error = write_ask(ike, v, &w, child);
	if (error != 0)
		return error;
	return v2_ask(ike, v, IKE_X_AUTH, &w, &task, now);
}

static void
auth_failed(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
	    enum ike_reject reject, const char *why, uint64_t now)
{
	ike_rejected(ike, reject, m->path, v->sa.tun, now, why);
	ike_sa_fail(ike, &v->sa, IKE_CAUSE_GENERAL, now, why);
}

static bool
take_id(const struct ike_chain *chain, uint8_t type, struct ike_id *id)
{
	const struct ike_payload *p = ike_chain_find(chain, type, 0);

	return p != NULL && ike_id_read(p, id, NULL, NULL) == 0;
}

/*
 * The child of the response; 0, or why there is none. What the responder said
 * comes before what we think.
 */
static uint16_t
take_child(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
	   struct ike_child_sa *child, uint64_t now)
{
	struct v2_child_suite suite;
	struct ike_notify n;
	uint16_t error = v2_error_of(&m->chain, &n);

	if (error == 0)
		error =
		    v2_child_accepted(ike, v, &m->chain, child, &suite, false);
	if (error != 0)
		return error;
	if (v2_child_keys(v, child, &suite, true, (struct alg_piece){0},
			  v2_piece(&v->ni), v2_piece(&v->nr)) != 0 ||
	    ike_child_install(ike, child, IKE_IN, now) != 0 ||
	    ike_child_install(ike, child, IKE_OUT, now) != 0)
		return IKE_N_NO_ADDITIONAL_SAS;
	ike_child_live(ike, child, child->c.lifetime_s, now);
	return 0;
}

/* The other selectors, a child each. */
static void
more_children(struct ike *ike, struct v2_sa *v, uint64_t now)
{
	const struct ike_tunnel *conf = &v->sa.tun->conf;

	for (unsigned i = 1; conf->child_per_selector && i < conf->count; i++) {
		struct v2_task task = {.kind = V2_NEW_CHILD,
				       .selector = (uint8_t)i};

		(void)v2_task_add(ike, v, &task, now);
	}
}

static void
no_child(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
	 uint16_t error, uint64_t now)
{
	struct ike_tun *tun = v->sa.tun;
	struct ike_event event = {.kind = IKE_EVENT_FAILED,
				  .at_ns = now,
				  .tunnel = tun->conf.id,
				  .path = m->path,
				  .text = ike_notify_name(error)};

	ike_rejected(ike, v2_reject_of(error), m->path, tun, now, NULL);
	/* One pair is all that it will take: one child each from now on. */
	if (error == IKE_N_SINGLE_PAIR_REQUIRED)
		tun->conf.child_per_selector = true;
	snprintf(tun->failure, sizeof(tun->failure), "%s",
		 ike_notify_name(error));
	ike->stats.count[IKE_STAT_FAILED]++;
	ike_record_end(ike, v->sa.record, false, now, tun->failure);
	ike_tell(ike, &event);
	/* An IKE SA without child is of no use to a tunnel. */
	v2_version.terminate(ike, &v->sa, IKE_CAUSE_GENERAL, now);
}

void
v2_auth_response(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
		 uint64_t now)
{
	struct ike_child_sa *child = v2_child_find(ike, v->request.task.child);
	const char *why = "";
	struct ike_notify n;
	uint16_t error;

	if (v->state != V2_AUTH_SENT)
		return;
	v2_request_done(ike, v);
	if (ike_chain_find(&m->chain, IKE_P_AUTH, 0) == NULL) {
		error = v2_error_of(&m->chain, &n);
		auth_failed(ike, v, m, v2_reject_of(error),
			    error != 0 ? ike_notify_name(error)
				       : "a response without AUTH",
			    now);
		return;
	}
	if (!take_id(&m->chain, IKE_P_IDR, &v->sa.remote_id) ||
	    !ike_tun_accepts(v->sa.tun, &v->sa.remote_id, NULL)) {
		auth_failed(ike, v, m, IKE_REJECT_V2_AUTHENTICATION,
			    "identity mismatch", now);
		return;
	}
	if (v2_prove_check(ike, v, v->sa.tun, &m->chain, &why) != 0) {
		auth_failed(ike, v, m, IKE_REJECT_V2_AUTHENTICATION, why, now);
		return;
	}
	v2_settled(ike, v);
	v2_live(ike, v, now);
	ike_sa_up(ike, &v->sa, false, now);
	error = child == NULL ? IKE_N_NO_ADDITIONAL_SAS
			      : take_child(ike, v, m, child, now);
	if (error != 0) {
		no_child(ike, v, m, error, now);
		return;
	}
	v2_cp_answered(ike, v, &m->chain, now);
	more_children(ike, v, now);
	v2_task_run(ike, v, now);
	v2_duplicates(ike, v, now);
}

/* ---- responder ------------------------------------------------------- */

static void
refuse(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
       enum ike_reject reject, const char *why, uint64_t now)
{
	ike_rejected(ike, reject, m->path, v->sa.tun, now, why);
	v2_answer_error(ike, v, m, IKE_N_AUTHENTICATION_FAILED, NULL, 0, now);
	ike_sa_fail(ike, &v->sa, IKE_CAUSE_GENERAL, now, why);
}

/* The tunnel that the identities mean. NULL: none. */
static struct ike_tun *
meant(const struct ike *ike, const struct v2_sa *v, const struct v2_msg *m,
      const struct ike_id *wanted)
{
	struct ike_tun *tun = NULL;

	while ((tun = ike_tun_next(ike, m->path, tun)) != NULL) {
		const struct ike_policy *p = &tun->policy->p;

		if (!tun->doomed && p->version == 2 &&
		    p->connection != IKE_CONNECTION_INITIATOR &&
		    ike_tun_accepts(tun, &v->sa.remote_id, wanted) &&
		    v2_suite_allowed(p, &v->suite))
			return tun;
	}
	return NULL;
}

/* Templates become tunnels; the proof is checked first with what AAA says. */
static int
authenticate(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
	     struct ike_tun **tun, const char **why)
{
	struct ike_subscriber s = {0};
	struct ike_tun *template = *tun;
	struct ike_tun with;
	int error;

	if (template->conf.type != IKE_TUNNEL_ON_DEMAND)
		return v2_prove_check(ike, v, template, &m->chain, why);
	*why = "no subscriber record";
	if (ike->ops.subscriber == NULL ||
	    ike->ops.subscriber(ike->arg, template->conf.id, &v->sa.remote_id,
				&s) != 0)
		return -ENOENT;
	with = *template;
	with.secret_octets = s.secret_octets;
	memcpy(with.secret, s.secret, sizeof(with.secret));
	error = v2_prove_check(ike, v, &with, &m->chain, why);
	if (error == 0) {
		*why = "no tunnel to be had";
		error = ike_tun_spawn(ike, template, m->path, &v->sa.remote_id,
				      &s, tun);
	}
	secret_wipe(&with, sizeof(with));
	secret_wipe(&s, sizeof(s));
	return error;
}

/* What the peer has forgotten goes, and silently (section 2.4). */
static void
initial_contact(struct ike *ike, struct v2_sa *v, uint64_t now)
{
	struct ike_tun *tun = v->sa.tun;
	struct ike_sa *sa;
	struct ike_sa *next;

	for (sa = TAILQ_FIRST(&tun->sas); sa != NULL; sa = next) {
		next = TAILQ_NEXT(sa, of_tun);
		if (sa != &v->sa && sa->up && sa->born_ns < v->sa.born_ns &&
		    ike_id_equal(&sa->remote_id, &v->sa.remote_id))
			ike_sa_end(ike, sa, IKE_CAUSE_DOWN_BY_PEER, now);
	}
}

/* The child is installed before the peer hears of it. */
static uint16_t
make_child(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
	   struct ike_writer *w, uint64_t now)
{
	struct v2_child_suite suite;
	struct ike_child_sa *child;
	uint16_t error;

	if (!v2_cp_answer(ike, v, &m->chain, w))
		return IKE_N_INTERNAL_ADDRESS_FAILURE;
	error = v2_child_accept(ike, v, &m->chain, NULL, false, &child, &suite);
	if (error != 0)
		return error;
	if (v2_child_keys(v, child, &suite, false, (struct alg_piece){0},
			  v2_piece(&v->ni), v2_piece(&v->nr)) != 0 ||
	    ike_child_install(ike, child, IKE_IN, now) != 0 ||
	    ike_child_install(ike, child, IKE_OUT, now) != 0) {
		ike_child_end(ike, child, IKE_CAUSE_GENERAL, now);
		return IKE_N_NO_ADDITIONAL_SAS;
	}
	ike_child_live(ike, child, child->c.lifetime_s, now);
	v2_child_answer(w, child, &suite);
	return 0;
}

static void
accept(struct ike *ike, struct v2_sa *v, const struct v2_msg *m, uint64_t now)
{
	struct ike_tun *tun = v->sa.tun;
	struct ike_notify n;
	struct ike_writer w;
	uint16_t error;
	int written;

	v2_inner(ike, &w);
	ike_tun_local_id(tun, &v->sa.path, &v->sa.local_id);
	ike_write_id(&w, IKE_P_IDR, &v->sa.local_id, 0, 0);
	written = v2_prove_write(ike, v, tun, &w);
	if (written != 0) {
		refuse(ike, v, m, IKE_REJECT_V2_AUTHENTICATION,
		       "own identity can not be proved", now);
		return;
	}
	v2_settled(ike, v);
	v2_live(ike, v, now);
	if (v2_notified(&m->chain, IKE_N_INITIAL_CONTACT, &n))
		initial_contact(ike, v, now);
	ike_sa_up(ike, &v->sa, false, now);
	error = make_child(ike, v, m, &w, now);
	if (error != 0) {
		ike_rejected(ike, v2_reject_of(error), m->path, tun, now, NULL);
		ike_record_end(ike, v->sa.record, false, now,
			       ike_notify_name(error));
		v2_say(&w, error, NULL, 0);
	}
	(void)v2_answer(ike, v, m, &w, now);
	v2_task_run(ike, v, now);
	v2_duplicates(ike, v, now);
}

void
v2_auth_request(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
		uint64_t now)
{
	struct ike_id wanted = {.type = IKE_ID_NONE};
	const char *why = "no policy for peer";
	struct ike_tun *tun;

	if (!take_id(&m->chain, IKE_P_IDI, &v->sa.remote_id) ||
	    (ike_chain_find(&m->chain, IKE_P_IDR, 0) != NULL &&
	     !take_id(&m->chain, IKE_P_IDR, &wanted))) {
		refuse(ike, v, m, IKE_REJECT_V2_SYNTAX, "identity", now);
		return;
	}
	/* Who asks for no method of ours wants EAP, which we have not. */
	if (ike_chain_find(&m->chain, IKE_P_AUTH, 0) == NULL) {
		refuse(ike, v, m, IKE_REJECT_V2_AUTHENTICATION, "no AUTH", now);
		return;
	}
	tun = meant(ike, v, m, &wanted);
	if (tun == NULL || authenticate(ike, v, m, &tun, &why) != 0) {
		if (tun != NULL && tun->conf.type == IKE_TUNNEL_STATIC)
			ike_record_tunnel(ike, v->sa.record, tun);
		refuse(ike, v, m,
		       tun == NULL ? IKE_REJECT_V2_NO_POLICY
				   : IKE_REJECT_V2_AUTHENTICATION,
		       why, now);
		return;
	}
	ike_record_tunnel(ike, v->sa.record, tun);
	ike_sa_bind(&v->sa, tun);
	ike_policy_hold(tun->policy);
	ike_policy_drop(&v->sa.policy);
	v->sa.policy = tun->policy;
	v2_suite_place(&tun->policy->p, &v->suite);
	accept(ike, v, m, now);
}
