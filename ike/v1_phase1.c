/*
 * Phase 1: main mode and aggressive mode of both ends (RFC 2409 section 5.1,
 * 5.4). A message is taken when it is the one that is waited for; one that came
 * before is answered as it was; others are refused. Nothing of an SA changes on
 * a message that is refused, so that who forges one ends nothing.
 */
#include "v1_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"

#define NONCE_MIN 8

/* Of a message that can not be: reason, and what its sender is told. */
struct refusal {
	enum ike_reject reject;
	uint16_t notify; /* 0: nothing */
	const char *text;
};

static void
refuse(struct v1 *v1, const struct v1_sa *sa, const struct v1_in *in,
       const struct refusal *r)
{
	v1_reject(v1, r->reject, in->path, sa, r->text, in->now);
	if (r->notify != 0)
		v1_notice(v1, in, r->notify);
}

static const struct refusal malformed = {IKE_REJECT_V1_MALFORMED,
					 IKE_V1N_PAYLOAD_MALFORMED, NULL};

/* ---- pieces of messages ---------------------------------------------- */

static int
keep_octets(uint8_t **to, const uint8_t *from, size_t n)
{
	uint8_t *copy = malloc(n == 0 ? 1 : n);

	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, from, n);
	free(*to);
	*to = copy;
	return 0;
}

static int
own_nonce(struct v1 *v1, struct v1_sa *sa)
{
	uint16_t *n = sa->initiator ? &sa->ni_octets : &sa->nr_octets;

	*n = V1_NONCE;
	return v1_random(v1, sa->initiator ? sa->ni : sa->nr, V1_NONCE);
}

static int
own_ke(struct v1 *v1, struct v1_sa *sa)
{
	int err = own_nonce(v1, sa);

	if (err != 0)
		return err;
	return ike_dh_new(v1->host.crypto, sa->suite.dh, v1->host.ops->random,
			  v1->host.ops_arg, &sa->dh);
}

static void
write_ke(const struct v1_sa *sa, struct ike_writer *w)
{
	ike_write_plain(w, IKE_P_V1_KE, ike_dh_public(sa->dh),
			sa->suite.dh->octets);
	ike_write_plain(w, IKE_P_V1_NONCE, sa->initiator ? sa->ni : sa->nr,
			sa->initiator ? sa->ni_octets : sa->nr_octets);
}

/* KE and nonce of the peer. */
static int
read_ke(struct v1_sa *sa, const struct v1_in *in)
{
	struct alg_piece ke = v1_body(in, IKE_P_V1_KE);
	struct alg_piece nonce = v1_body(in, IKE_P_V1_NONCE);

	if (ke.n != sa->suite.dh->octets || nonce.n < NONCE_MIN ||
	    nonce.n > IKE_NONCE_MAX)
		return -EBADMSG;
	memcpy(sa->initiator ? sa->nr : sa->ni, nonce.octets, nonce.n);
	*(sa->initiator ? &sa->nr_octets : &sa->ni_octets) = (uint16_t)nonce.n;
	return keep_octets(&sa->peer_ke, ke.octets, ke.n);
}

/* Where the peer proves itself by a certificate it is asked for one, of any CA
 * (RFC 2408 section 3.10). */
static void
write_certreq(const struct v1_sa *sa, struct ike_writer *w)
{
	if (sa->suite.auth == IKE_AUTH_CERT)
		ike_write_cert(w, IKE_P_V1_CERTREQ, IKE_CERT_X509, NULL, 0);
}

static void
write_id(const struct v1_sa *sa, struct ike_writer *w)
{
	ike_write_plain(w, IKE_P_V1_ID, sa->initiator ? sa->idi : sa->idr,
			sa->initiator ? sa->idi_octets : sa->idr_octets);
}

/* We have no other SA with the peer: it may forget what it has (RFC 2407
 * section 4.6.3.3). */
static void
write_initial_contact(const struct v1_sa *sa, struct ike_writer *w)
{
	uint8_t spi[16];
	struct ike_notify n = {.protocol = IKE_PROTO_IKE,
			       .spi_octets = sizeof(spi),
			       .type = IKE_V1N_INITIAL_CONTACT,
			       .spi = spi};

	if (!sa->initiator || sa->replaces != 0 || sa->tun == NULL ||
	    sa->tun->children != NULL || v1_sa_up(sa->tun) != NULL)
		return;
	memcpy(spi, sa->cookie_i, 8);
	memcpy(spi + 8, sa->cookie_r, 8);
	ike_write_notify(w, IKE_P_V1_NOTIFY, &n);
}

static uint8_t
exchange_of(const struct v1_sa *sa)
{
	return sa->aggressive ? IKE_X_V1_AGGRESSIVE : IKE_X_V1_MAIN;
}

/* Message out; the next one is waited for in the new state. */
static int
go_on(struct v1 *v1, struct v1_sa *sa, struct ike_writer *w, bool sealed,
      enum v1_state state, uint64_t now)
{
	int err = v1_write_send(v1, w, sa, sealed ? sa->iv : NULL, &sa->out);

	if (err != 0)
		return err;
	if (state == V1_UP && sa->state != V1_UP)
		v1->half_open--;
	sa->state = state;
	sa->tries = 0;
	if (state != V1_UP)
		v1_timer_set(&v1->heap, &sa->timer, now + v1_backoff(v1, 0));
	return 0;
}

/* ---- up ------------------------------------------------------------- */

static struct v1_sa *
sa_of_id(struct v1_tun *tun, uint32_t id)
{
	struct v1_sa *sa;

	DL_FOREACH(tun->sas, sa)
	{
		if (sa->id == id)
			return sa;
	}
	return NULL;
}

/* The SA that this one was begun for has nothing more to do. */
static void
replace(struct v1 *v1, struct v1_sa *sa, uint64_t now)
{
	struct v1_sa *old = sa_of_id(sa->tun, sa->replaces);
	struct v1_quick *q;

	if (old == NULL || old == sa)
		return;
	/* Quick modes under way end under the SA that they began under. */
	DL_FOREACH(old->quicks, q)
	{
		if (q->state != V1_Q_DONE) {
			old->hard_ns =
			    now + v1->host.conf->grace_ms * CLOCK_MS_NS;
			v1_timer_set(&v1->heap, &old->timer, old->hard_ns);
			return;
		}
	}
	v1_info_delete_ike(v1, old);
	v1_sa_free(v1, old);
}

static void
timers_begin(struct v1 *v1, struct v1_sa *sa, const struct ike_policy *policy,
	     uint64_t now)
{
	uint64_t life = sa->suite.life_s * CLOCK_SECOND_NS;
	/* The initiator at nine tenths, the responder after it. */
	uint64_t soft = sa->initiator ? life / 10 * 9 : life / 100 * 97;

	sa->hard_ns = now + life;
	sa->soft_ns = now + v1_jitter(v1, soft);
	if (!sa->initiator)
		sa->soft_ns = now + soft;
	sa->keepalive_ns =
	    sa->nat_local && v1->host.conf->keepalive_s != 0
		? now + v1->host.conf->keepalive_s * CLOCK_SECOND_NS
		: IKE_NEVER;
	sa->dpd_ns = sa->dpd && policy != NULL && policy->dpd_interval_s != 0
			 ? now + policy->dpd_interval_s * CLOCK_SECOND_NS
			 : IKE_NEVER;
	v1_timer_set(&v1->heap, &sa->timer, now + 1);
}

static void
established(struct v1 *v1, struct v1_sa *sa, uint64_t now)
{
	const struct ike_policy *policy =
	    v1->host.policy(v1->host.arg, sa->policy);
	bool rekeyed = sa->replaces != 0;

	sa->born_ns = sa->heard_ns = now;
	timers_begin(v1, sa, policy, now);
	ike_dh_free(&sa->dh);
	v1->host.count(v1->host.arg,
		       rekeyed ? IKE_STAT_IKE_REKEYED : IKE_STAT_IKE_UP);
	v1_sa_state(v1, sa, rekeyed ? IKE_EVENT_IKE_REKEYED : IKE_EVENT_IKE_UP,
		    now);
	if (sa->record != 0)
		v1->host.record_end(v1->host.arg, sa->record, sa->tun->id, true,
				    "established", now);
	if (rekeyed)
		replace(v1, sa, now);
	else if (sa->initiator)
		v1_quick_all(v1, sa, now);
}

/* ---- initiator ------------------------------------------------------- */

static int
begin_message(struct v1 *v1, struct v1_sa *sa, const struct ike_policy *policy,
	      uint64_t now)
{
	const struct ike_payload *body;
	const struct ike_alg *group = NULL;
	struct ike_v1_sap sap;
	struct ike_chain chain;
	struct ike_writer w;
	int err = v1_offer_ike(policy, sa->aggressive, &sap, &group);

	if (err == 0 && sa->aggressive) {
		sa->suite.dh = group;
		sa->suite.auth = policy->proposals[0].v1_auth != 0
				     ? policy->proposals[0].v1_auth
				     : policy->auth_local;
		err = own_ke(v1, sa);
		if (err == 0)
			err = v1_own_id(v1, sa);
	}
	if (err != 0)
		return err;
	v1_write_begin(v1, &w, sa, exchange_of(sa), 0);
	ike_write_v1_sap(&w, &sap);
	if (sa->aggressive) {
		write_ke(sa, &w);
		write_id(sa, &w);
		write_certreq(sa, &w);
	}
	v1_write_vendors(policy, &w);
	if (!ike_write_end(&w) ||
	    ike_chain_read(IKE_P_V1_SA, w.octets + sizeof(struct ike_hdr),
			   w.n - sizeof(struct ike_hdr), &chain) != 0)
		return -EMSGSIZE;
	body = &chain.p[0];
	sa->sa_octets = body->octets;
	err = keep_octets(&sa->sa_body, body->body, body->octets);
	return err != 0
		   ? err
		   : go_on(v1, sa, &w, false,
			   sa->aggressive ? V1_I_AGGRESSIVE_2 : V1_I_MAIN_2,
			   now);
}

int
v1_phase1_begin(struct v1 *v1, const struct ike_tunnel *tunnel,
		uint32_t replaces, uint64_t now)
{
	const struct ike_policy *policy = v1_policy_of(v1, tunnel);
	struct ike_path path = {.context = tunnel->context,
				.local = tunnel->local,
				.remote = tunnel->remote,
				.local_port = IKE_PORT,
				.remote_port = IKE_PORT};
	struct v1_tun *tun = v1_tun_get(v1, tunnel->id, true);
	struct v1_sa *old =
	    tun == NULL || replaces == 0 ? NULL : sa_of_id(tun, replaces);
	struct v1_sa *sa;
	int err;

	/* A peer behind a NAT is where it was heard last. */
	if (old != NULL)
		path = old->path;
	sa = tun == NULL || policy == NULL ? NULL
					   : v1_sa_new(v1, &path, true, now);
	if (sa == NULL) {
		v1_tun_tidy(v1, tun);
		return policy == NULL ? -ENOENT : -ENOMEM;
	}
	sa->policy = policy->id;
	sa->aggressive = policy->mode == IKE_MODE_AGGRESSIVE;
	sa->replaces = replaces;
	v1_sa_adopt(v1, sa, tun);
	err = begin_message(v1, sa, policy, now);
	if (err != 0)
		v1_sa_free(v1, sa);
	return err;
}

/* The suite of message 2 must be one that we offered, and only one. */
static int
read_choice(struct v1 *v1, struct v1_sa *sa, const struct v1_in *in,
	    const struct ike_policy *policy)
{
	const struct ike_payload *p =
	    ike_chain_find(&in->chain, IKE_P_V1_SA, 0);
	const struct ike_alg *group = sa->suite.dh;
	struct v1_suite suite;
	struct ike_v1_sap sap;
	unsigned at = 0;

	if (p == NULL || ike_v1_sap_read(p, &sap) != 0)
		return -EBADMSG;
	if (sap.count != 1 || sap.proposals[0].count != 1 ||
	    v1_choose_ike(v1, policy, &sap, &at, &suite) != 0 ||
	    (sa->aggressive && suite.dh != group))
		return -ENOENT;
	sa->suite = suite;
	return 0;
}

static int
main_2(struct v1 *v1, struct v1_sa *sa, struct v1_in *in,
       const struct ike_policy *policy)
{
	struct ike_writer w;
	int err = read_choice(v1, sa, in, policy);

	if (err != 0)
		return err;
	memcpy(sa->cookie_r, in->hdr.spi_r, sizeof(sa->cookie_r));
	v1_read_vendors(sa, policy, in);
	ike_dh_free(&sa->dh);
	err = own_ke(v1, sa);
	if (err != 0)
		return err;
	v1_write_begin(v1, &w, sa, IKE_X_V1_MAIN, 0);
	write_ke(sa, &w);
	v1_write_nat_d(v1, sa, &w);
	return go_on(v1, sa, &w, false, V1_I_MAIN_4, in->now);
}

/* Behind a NAT on either side we go on at port 4500 (RFC 3947 section 4). */
static void
float_ports(struct v1_sa *sa)
{
	if ((sa->nat_local || sa->nat_remote) &&
	    sa->path.local_port == IKE_PORT) {
		sa->path.local_port = IKE_PORT_NAT;
		sa->path.remote_port = IKE_PORT_NAT;
	}
}

static int
main_4(struct v1 *v1, struct v1_sa *sa, struct v1_in *in)
{
	struct ike_writer w;
	int err = read_ke(sa, in);

	if (err == 0)
		err = v1_derive(v1, sa);
	if (err == 0)
		err = v1_own_id(v1, sa);
	if (err != 0)
		return err;
	v1_read_nat_d(v1, sa, in);
	float_ports(sa);
	v1_write_begin(v1, &w, sa, IKE_X_V1_MAIN, 0);
	write_id(sa, &w);
	err = v1_write_proof(v1, sa, &w);
	write_certreq(sa, &w);
	write_initial_contact(sa, &w);
	return err != 0 ? err : go_on(v1, sa, &w, true, V1_I_MAIN_6, in->now);
}

/* Notifications in the last message of phase 1. */
static void
read_notifies(struct v1_sa *sa, const struct v1_in *in, bool *initial_contact)
{
	const struct ike_payload *p;
	uint64_t kilobytes = 0;

	for (unsigned i = 0;
	     (p = ike_chain_find(&in->chain, IKE_P_V1_NOTIFY, i)) != NULL;
	     i++) {
		struct ike_notify n;

		if (ike_notify_read(p, &n) != 0)
			continue;
		if (n.type == IKE_V1N_INITIAL_CONTACT)
			*initial_contact = true;
		if (n.type == IKE_V1N_RESPONDER_LIFETIME)
			v1_lifetimes(n.data, n.octets, &sa->suite.life_s,
				     &kilobytes);
	}
}

/* Whether the proof holds and a tunnel is there for it. */
static int
peer_check(struct v1 *v1, struct v1_sa *sa, struct v1_in *in,
	   struct refusal *why)
{
	const char *text = NULL;
	int err = v1_check_proof(v1, sa, in, &text);

	*why = (struct refusal){IKE_REJECT_V1_AUTHENTICATION,
				IKE_V1N_AUTHENTICATION_FAILED, text};
	if (err != 0)
		return err;
	err = v1_settle(v1, sa);
	*why = (struct refusal){IKE_REJECT_V1_IDENTITY,
				IKE_V1N_INVALID_ID_INFORMATION,
				"the policy expects another identity"};
	return err;
}

static int
main_6(struct v1 *v1, struct v1_sa *sa, struct v1_in *in, struct refusal *why)
{
	bool initial = false;
	int err = v1_read_id(v1, sa, in);

	if (err == 0)
		err = peer_check(v1, sa, in, why);
	if (err != 0)
		return err;
	read_notifies(sa, in, &initial);
	v1->half_open--;
	sa->state = V1_UP;
	v1_kept_free(&sa->out);
	established(v1, sa, in->now);
	return 0;
}

static int
aggressive_2(struct v1 *v1, struct v1_sa *sa, struct v1_in *in,
	     const struct ike_policy *policy, struct refusal *why)
{
	struct ike_writer w;
	int err = read_choice(v1, sa, in, policy);

	if (err != 0)
		return err;
	memcpy(sa->cookie_r, in->hdr.spi_r, sizeof(sa->cookie_r));
	v1_read_vendors(sa, policy, in);
	err = read_ke(sa, in);
	if (err == 0)
		err = v1_read_id(v1, sa, in);
	ike_cipher_free(&sa->seal);
	ike_cipher_free(&sa->open);
	if (err == 0)
		err = v1_derive(v1, sa);
	if (err == 0)
		err = peer_check(v1, sa, in, why);
	if (err != 0) {
		/* A forged answer must not name the responder for good. */
		memset(sa->cookie_r, 0, sizeof(sa->cookie_r));
		return err;
	}
	v1_read_nat_d(v1, sa, in);
	float_ports(sa);
	v1_write_begin(v1, &w, sa, IKE_X_V1_AGGRESSIVE, 0);
	err = v1_write_proof(v1, sa, &w);
	v1_write_nat_d(v1, sa, &w);
	write_initial_contact(sa, &w);
	if (err == 0)
		err = go_on(v1, sa, &w, true, V1_UP, in->now);
	if (err == 0)
		established(v1, sa, in->now);
	return err;
}

/* ---- responder ------------------------------------------------------- */

/* The first tunnel that would take what is offered. */
static int
tunnel_for(struct v1 *v1, struct v1_in *in, const struct ike_v1_sap *theirs,
	   bool aggressive, const struct ike_id *id,
	   const struct ike_tunnel **tunnel, struct v1_suite *suite,
	   unsigned *at)
{
	const struct ike_tunnel *t;
	bool policies = false;
	uint32_t after = 0;

	while ((t = v1->host.match(v1->host.arg, in->path, after)) != NULL) {
		const struct ike_policy *p = v1_policy_of(v1, t);

		after = t->id;
		if (p == NULL || p->connection == IKE_CONNECTION_INITIATOR ||
		    (p->mode == IKE_MODE_AGGRESSIVE) != aggressive ||
		    (id != NULL && p->remote.type != IKE_ID_NONE &&
		     !ike_id_equal(&p->remote, id)))
			continue;
		policies = true;
		if (v1_choose_ike(v1, p, theirs, at, suite) == 0) {
			*tunnel = t;
			return 0;
		}
	}
	return policies ? -ENOENT : -EPERM;
}

static struct v1_sa *
responder_new(struct v1 *v1, struct v1_in *in, const struct ike_tunnel *tunnel,
	      const struct v1_suite *suite, bool aggressive)
{
	struct v1_tun *tun = v1_tun_get(v1, tunnel->id, true);
	const struct ike_payload *p =
	    ike_chain_find(&in->chain, IKE_P_V1_SA, 0);
	struct v1_sa *sa =
	    tun == NULL ? NULL : v1_sa_new(v1, in->path, false, in->now);

	if (sa == NULL) {
		v1_tun_tidy(v1, tun);
		return NULL;
	}
	memcpy(sa->cookie_i, in->hdr.spi_i, sizeof(sa->cookie_i));
	memcpy(sa->begun.cookie, in->hdr.spi_i, sizeof(sa->begun.cookie));
	HASH_ADD(by_begun, v1->by_begun, begun, sizeof(sa->begun), sa);
	v1_sa_adopt(v1, sa, tun);
	sa->policy = tunnel->policy;
	sa->suite = *suite;
	sa->aggressive = aggressive;
	sa->sa_octets = p->octets;
	memcpy(sa->in_hash, in->hash, sizeof(sa->in_hash));
	sa->in_any = true;
	if (keep_octets(&sa->sa_body, p->body, p->octets) != 0) {
		v1_sa_free(v1, sa);
		return NULL;
	}
	v1->host.count(v1->host.arg, IKE_STAT_RESPONDED);
	return sa;
}

static int
answer_main(struct v1 *v1, struct v1_sa *sa, struct v1_in *in,
	    const struct ike_policy *policy, const struct ike_v1_sap *one)
{
	struct ike_writer w;

	v1_read_vendors(sa, policy, in);
	v1_write_begin(v1, &w, sa, IKE_X_V1_MAIN, 0);
	ike_write_v1_sap(&w, one);
	v1_write_vendors(policy, &w);
	return go_on(v1, sa, &w, false, V1_R_MAIN_3, in->now);
}

static int
answer_aggressive(struct v1 *v1, struct v1_sa *sa, struct v1_in *in,
		  const struct ike_policy *policy, const struct ike_v1_sap *one)
{
	struct ike_writer w;
	int err = read_ke(sa, in);

	if (err == 0)
		err = v1_read_id(v1, sa, in);
	v1_read_vendors(sa, policy, in);
	if (err == 0)
		err = own_ke(v1, sa);
	if (err == 0)
		err = v1_derive(v1, sa);
	if (err == 0)
		err = v1_own_id(v1, sa);
	if (err != 0)
		return err;
	v1_write_begin(v1, &w, sa, IKE_X_V1_AGGRESSIVE, 0);
	ike_write_v1_sap(&w, one);
	write_ke(sa, &w);
	write_id(sa, &w);
	err = v1_write_proof(v1, sa, &w);
	v1_write_nat_d(v1, sa, &w);
	v1_write_vendors(policy, &w);
	return err != 0 ? err
			: go_on(v1, sa, &w, false, V1_R_AGGRESSIVE_3, in->now);
}

/* Bounds before anything is computed. */
static bool
may_begin(struct v1 *v1, struct v1_in *in, bool aggressive)
{
	const struct ike_conf *conf = v1->host.conf;

	if (v1->half_open >= conf->half_open_max || v1->sas >= conf->sas_max) {
		v1_reject(v1, IKE_REJECT_V1_LIMIT, in->path, NULL, NULL,
			  in->now);
		return false;
	}
	/* It makes us compute for whoever asks. */
	if (aggressive &&
	    !bucket_take(&v1->aggressive, in->now, conf->aggressive_per_s,
			 conf->aggressive_per_s)) {
		v1_reject(v1, IKE_REJECT_V1_LIMIT, in->path, NULL,
			  "too many of aggressive mode", in->now);
		return false;
	}
	return true;
}

static void
refuse_new(struct v1 *v1, struct v1_in *in, int err)
{
	static const struct refusal no_policy = {
	    IKE_REJECT_V1_NO_POLICY, IKE_V1N_NO_PROPOSAL_CHOSEN, NULL};
	static const struct refusal no_proposal = {
	    IKE_REJECT_V1_NO_PROPOSAL, IKE_V1N_NO_PROPOSAL_CHOSEN, NULL};
	static const struct refusal doi = {IKE_REJECT_V1_NO_PROPOSAL,
					   IKE_V1N_DOI_NOT_SUPPORTED,
					   "DOI or situation"};
	static const struct refusal key = {IKE_REJECT_V1_AUTHENTICATION,
					   IKE_V1N_INVALID_KEY_INFORMATION,
					   "key exchange"};

	if (err == -EPERM)
		refuse(v1, NULL, in, &no_policy);
	else if (err == -ENOENT)
		refuse(v1, NULL, in, &no_proposal);
	else if (err == -ENOTSUP)
		refuse(v1, NULL, in, &doi);
	else if (err == -EINVAL)
		refuse(v1, NULL, in, &key);
	else if (err == -EBADMSG || err == -E2BIG)
		refuse(v1, NULL, in, &malformed);
	else
		v1_reject(v1, IKE_REJECT_V1_LIMIT, in->path, NULL, NULL,
			  in->now);
}

static int
begin_answer(struct v1 *v1, struct v1_in *in, const struct ike_v1_sap *theirs,
	     bool aggressive)
{
	const struct ike_payload *p =
	    ike_chain_find(&in->chain, IKE_P_V1_ID, 0);
	const struct ike_tunnel *tunnel = NULL;
	const struct ike_policy *policy;
	struct ike_v1_sap one = {.count = 0};
	struct v1_suite suite;
	struct ike_id id;
	struct v1_sa *sa;
	unsigned at = 0;
	int err;

	if (aggressive && (p == NULL || ike_id_read(p, &id, NULL, NULL) != 0))
		return -EBADMSG;
	err = tunnel_for(v1, in, theirs, aggressive, aggressive ? &id : NULL,
			 &tunnel, &suite, &at);
	if (err != 0)
		return err;
	policy = v1_policy_of(v1, tunnel);
	sa = responder_new(v1, in, tunnel, &suite, aggressive);
	if (sa == NULL)
		return -ENOMEM;
	v1_line_in(v1, sa->record, in);
	v1_sap_only(theirs, 0, at, &one);
	err = aggressive ? answer_aggressive(v1, sa, in, policy, &one)
			 : answer_main(v1, sa, in, policy, &one);
	if (err != 0 && sa->record != 0)
		v1->host.record_end(v1->host.arg, sa->record, tunnel->id, false,
				    "the first message can not be answered",
				    in->now);
	if (err != 0)
		v1_sa_free(v1, sa);
	return err;
}

/* Nobody's, or in a form that no policy of ours has: remembered all the same,
 * with what the first policy that it could have been would have taken. */
static void
remember_refusal(struct v1 *v1, struct v1_in *in,
		 const struct ike_v1_sap *theirs, int err)
{
	const struct ike_tunnel *t = v1->host.match(v1->host.arg, in->path, 0);
	const struct ike_policy *p = t == NULL ? NULL : v1_policy_of(v1, t);
	uint64_t record;

	if (v1->host.record == NULL)
		return;
	record = v1->host.record(v1->host.arg, in->path, false, in->now);
	v1_line_in(v1, record, in);
	if (p != NULL)
		v1_compare_ike(v1, record, p, theirs);
	v1->host.record_end(v1->host.arg, record, p == NULL ? 0 : t->id, false,
			    err == -ENOENT ? "no proposal chosen"
					   : "no policy for peer",
			    in->now);
}

void
v1_phase1_new(struct v1 *v1, struct v1_in *in)
{
	bool aggressive = in->hdr.exchange == IKE_X_V1_AGGRESSIVE;
	const struct ike_payload *p;
	struct ike_v1_sap theirs;
	int err =
	    v1_chain(in, in->octets + sizeof(in->hdr), in->n - sizeof(in->hdr));

	if (err == 0 && ((in->hdr.flags & IKE_FLAG_V1_ENCRYPTED) != 0 ||
			 in->chain.used != in->n - sizeof(in->hdr)))
		err = -EBADMSG;
	p = err == 0 ? ike_chain_find(&in->chain, IKE_P_V1_SA, 0) : NULL;
	/* SA comes first (RFC 2409 section 5). */
	if (p == NULL || p != &in->chain.p[0] ||
	    ike_chain_count(&in->chain, IKE_P_V1_SA) != 1) {
		refuse(v1, NULL, in, &malformed);
		return;
	}
	if (!may_begin(v1, in, aggressive))
		return;
	err = ike_v1_sap_read(p, &theirs);
	if (err == 0)
		err = begin_answer(v1, in, &theirs, aggressive);
	if (err == -ENOENT || err == -EPERM)
		remember_refusal(v1, in, &theirs, err);
	if (err != 0)
		refuse_new(v1, in, err);
}

static int
main_3(struct v1 *v1, struct v1_sa *sa, struct v1_in *in)
{
	struct ike_writer w;
	int err = read_ke(sa, in);

	ike_dh_free(&sa->dh);
	ike_cipher_free(&sa->seal);
	ike_cipher_free(&sa->open);
	if (err == 0)
		err = own_ke(v1, sa);
	if (err == 0)
		err = v1_derive(v1, sa);
	if (err != 0)
		return err;
	v1_read_nat_d(v1, sa, in);
	v1_write_begin(v1, &w, sa, IKE_X_V1_MAIN, 0);
	write_ke(sa, &w);
	write_certreq(sa, &w);
	v1_write_nat_d(v1, sa, &w);
	return go_on(v1, sa, &w, false, V1_R_MAIN_5, in->now);
}

/* The peer begins anew and has nothing of before: nor should we. What came up
 * since it began is of now: both ends may begin at the same time. */
static void
forget_others(struct v1 *v1, struct v1_sa *sa, uint64_t now)
{
	struct v1_tun *tun = sa->tun;
	struct v1_child *child;
	struct v1_child *child_next;
	struct v1_sa *other;
	struct v1_sa *next;

	DL_FOREACH_SAFE(tun->children, child, child_next)
	{
		if (child->born_ns < sa->begun_ns)
			v1_child_end(v1, child, false, IKE_CAUSE_DOWN_BY_PEER,
				     now);
	}
	DL_FOREACH_SAFE(tun->sas, other, next)
	{
		if (other == sa || other->state != V1_UP ||
		    other->born_ns >= sa->begun_ns)
			continue;
		v1_sa_state(v1, other, IKE_EVENT_IKE_DOWN, now);
		v1_sa_free(v1, other);
	}
}

/* A tunnel of its own for a peer of a template. */
static int
spawn(struct v1 *v1, struct v1_sa *sa)
{
	const struct ike_tunnel *t = v1->host.tunnel(v1->host.arg, sa->tun->id);
	struct v1_tun *tun;
	uint32_t id = 0;
	int err;

	if (t == NULL)
		return -ENOENT;
	if (t->type != IKE_TUNNEL_ON_DEMAND)
		return 0;
	err =
	    v1->host.spawn(v1->host.arg, t->id, &sa->remote_id, &sa->path, &id);
	if (err != 0)
		return err;
	tun = v1_tun_get(v1, id, true);
	if (tun == NULL)
		return -ENOMEM;
	v1_sa_adopt(v1, sa, tun);
	return 0;
}

/* What the last message of the initiator, of either mode, leads to. */
static int
accept_initiator(struct v1 *v1, struct v1_sa *sa, struct v1_in *in,
		 struct refusal *why)
{
	bool initial = false;
	int err = peer_check(v1, sa, in, why);

	if (err == 0)
		err = spawn(v1, sa);
	if (err != 0)
		return err;
	/* Where a NAT moved it to, or 4500. */
	sa->path = *in->path;
	read_notifies(sa, in, &initial);
	if (initial)
		forget_others(v1, sa, in->now);
	return 0;
}

static int
main_5(struct v1 *v1, struct v1_sa *sa, struct v1_in *in, struct refusal *why)
{
	struct ike_writer w;
	int err = v1_read_id(v1, sa, in);

	if (err == 0)
		err = accept_initiator(v1, sa, in, why);
	if (err == 0)
		err = v1_own_id(v1, sa);
	if (err != 0)
		return err;
	v1_write_begin(v1, &w, sa, IKE_X_V1_MAIN, 0);
	write_id(sa, &w);
	err = v1_write_proof(v1, sa, &w);
	if (err == 0)
		err = go_on(v1, sa, &w, true, V1_UP, in->now);
	if (err == 0)
		established(v1, sa, in->now);
	return err;
}

static int
aggressive_3(struct v1 *v1, struct v1_sa *sa, struct v1_in *in,
	     struct refusal *why)
{
	int err = accept_initiator(v1, sa, in, why);

	if (err != 0)
		return err;
	v1_read_nat_d(v1, sa, in);
	v1->half_open--;
	sa->state = V1_UP;
	v1_kept_free(&sa->out);
	established(v1, sa, in->now);
	return 0;
}

/* ---- a message of an SA ---------------------------------------------- */

static bool
sealed_in(enum v1_state state)
{
	return state == V1_I_MAIN_6 || state == V1_R_MAIN_5 ||
	       state == V1_R_AGGRESSIVE_3;
}

/* Reads the chain, clear or sealed as the state has it. */
static int
read_message(struct v1 *v1, struct v1_sa *sa, struct v1_in *in, uint8_t *iv)
{
	size_t n = in->n - sizeof(in->hdr);
	bool sealed = (in->hdr.flags & IKE_FLAG_V1_ENCRYPTED) != 0;
	int err;

	/* The last of aggressive mode may come in clear (RFC 2409, 5.4). */
	if (sealed_in(sa->state) && (sealed || sa->state != V1_R_AGGRESSIVE_3))
		return v1_open(v1, sa, in, iv);
	if (sealed)
		return -EBADMSG;
	err = v1_chain(in, in->octets + sizeof(in->hdr), n);
	return err == 0 && in->chain.used != n ? -EBADMSG : err;
}

static int
step(struct v1 *v1, struct v1_sa *sa, struct v1_in *in,
     const struct ike_policy *policy, struct refusal *why)
{
	switch (sa->state) {
	case V1_I_MAIN_2:
		return main_2(v1, sa, in, policy);
	case V1_I_MAIN_4:
		return main_4(v1, sa, in);
	case V1_I_MAIN_6:
		return main_6(v1, sa, in, why);
	case V1_I_AGGRESSIVE_2:
		return aggressive_2(v1, sa, in, policy, why);
	case V1_R_MAIN_3:
		return main_3(v1, sa, in);
	case V1_R_MAIN_5:
		return main_5(v1, sa, in, why);
	case V1_R_AGGRESSIVE_3:
		return aggressive_3(v1, sa, in, why);
	case V1_UP:
		break;
	}
	return -EPROTO;
}

/*
 * What failed is refused. What was sealed, or proved wrong by who holds the
 * right cookies, ends the negotiation: the peer is misconfigured, and its user
 * should not wait for the retransmissions. The rest, which anybody could have
 * sent, changes nothing.
 */
static void
step_failed(struct v1 *v1, struct v1_sa *sa, struct v1_in *in, int err,
	    struct refusal *why)
{
	bool over = err == -EACCES || err == -ENOENT;

	if (err == -EBADMSG || err == -E2BIG)
		*why = malformed;
	else if (err == -EINVAL)
		*why = (struct refusal){IKE_REJECT_V1_MALFORMED,
					IKE_V1N_INVALID_KEY_INFORMATION,
					"public value"};
	else if (why->text == NULL && err == -ENOENT)
		*why = (struct refusal){IKE_REJECT_V1_NO_PROPOSAL,
					IKE_V1N_NO_PROPOSAL_CHOSEN, NULL};
	refuse(v1, sa, in, why);
	if (over)
		v1_sa_fail(v1, sa, IKE_CAUSE_GENERAL,
			   why->text == NULL ? "no proposal chosen" : why->text,
			   in->now);
}

/* What is put back when a message is refused. */
struct before {
	bool any;
	uint8_t hash[V1_IN_HASH];
};

void
v1_phase1_input(struct v1 *v1, struct v1_sa *sa, struct v1_in *in)
{
	const struct ike_policy *policy =
	    v1->host.policy(v1->host.arg, sa->policy);
	struct refusal why = {IKE_REJECT_V1_AUTHENTICATION, 0, NULL};
	uint8_t iv[IPSEC_ALG_IV_MAX];
	enum v1_state state = sa->state;
	struct before was;
	int err;

	if (sa->in_any && memcmp(in->hash, sa->in_hash, V1_IN_HASH) == 0) {
		if (sa->out.octets != NULL) {
			v1_send_kept(v1, sa, &sa->out);
			v1->host.count(v1->host.arg, IKE_STAT_ANSWERED_AGAIN);
		}
		return;
	}
	if (state == V1_UP || policy == NULL ||
	    in->hdr.exchange != exchange_of(sa)) {
		v1_reject(v1, IKE_REJECT_V1_EXCHANGE, in->path, sa, NULL,
			  in->now);
		return;
	}
	memcpy(iv, sa->iv, sizeof(iv));
	err = read_message(v1, sa, in, sa->iv);
	if (err != 0) {
		why = sealed_in(state)
			  ? (struct refusal){IKE_REJECT_V1_DECRYPT, 0, NULL}
			  : malformed;
		refuse(v1, sa, in, &why);
		return;
	}
	sa->heard_ns = in->now;
	v1_line_in(v1, sa->record, in);
	was = (struct before){.any = sa->in_any};
	memcpy(was.hash, sa->in_hash, sizeof(was.hash));
	memcpy(sa->in_hash, in->hash, sizeof(sa->in_hash));
	sa->in_any = true;
	/* Where it went well the SA may be gone again. */
	err = step(v1, sa, in, policy, &why);
	if (err == 0)
		return;
	memcpy(sa->in_hash, was.hash, sizeof(was.hash));
	sa->in_any = was.any;
	if (sealed_in(state))
		memcpy(sa->iv, iv, sizeof(iv));
	step_failed(v1, sa, in, err, &why);
}
