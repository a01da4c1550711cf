/*
 * Quick mode of both ends (RFC 2409 section 5.5). The responder takes packets
 * from its answer on and sends from message 3 on; the initiator does both from
 * message 2 on: so no packet comes before the SA that opens it. Selectors are
 * not narrowed: a pair is taken that lies within one of the tunnel's.
 */
#include "v1_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"

#define NONCE_MIN 8
#define PROTO_ESP 50
#define PROTO_AH 51
/* Identities of address ranges, RFC 2407 section 4.6.2.1. */
enum {
	ID_ADDR4 = 1,
	ID_SUBNET4 = 4,
	ID_ADDR6 = 5,
	ID_SUBNET6 = 6,
	ID_RANGE4 = 7,
	ID_RANGE6 = 8
};

/* ---- selectors ------------------------------------------------------- */

static void
any_ts(const struct v1_sa *sa, struct ike_ts *ts)
{
	memset(ts, 0, sizeof(*ts));
	ts->port[1] = UINT16_MAX;
	ts->first.family = ts->last.family = sa->path.local.family;
	memset(ts->last.octets, 0xff, sa->path.local.family == 4 ? 4 : 16);
}

/* The length of the prefix that first to last is, or -1. */
static int
prefix_of(const struct ike_ts *ts)
{
	int bits = (int)ip_addr_bits(&ts->first);

	for (int len = 0; len <= bits; len++) {
		struct ip_addr low = ip_addr_mask(&ts->last, (unsigned)len);
		bool ones = true;

		if (!ip_addr_equal(&low, &ts->first))
			continue;
		for (int b = len; b < bits; b++)
			ones = ones &&
			       (ts->last.octets[b / 8] >> (7 - b % 8) & 1) != 0;
		if (ones)
			return len;
	}
	return -1;
}

static void
mask_put(uint8_t *to, int len, unsigned n)
{
	memset(to, 0, n);
	for (int b = 0; b < len; b++)
		to[b / 8] |= (uint8_t)(0x80 >> b % 8);
}

static uint16_t
ts_body(const struct ike_ts *ts, uint8_t body[V1_ID_BODY])
{
	bool four = ts->first.family == 4;
	unsigned n = four ? 4 : 16;
	int len = prefix_of(ts);
	struct be16 port =
	    be16_put(ts->port[0] == ts->port[1] ? ts->port[0] : 0);

	body[1] = ts->protocol;
	memcpy(body + 2, port.b, sizeof(port.b));
	memcpy(body + 4, ts->first.octets, n);
	if (len == (int)n * 8) {
		body[0] = four ? ID_ADDR4 : ID_ADDR6;
		return (uint16_t)(4 + n);
	}
	if (len >= 0) {
		body[0] = four ? ID_SUBNET4 : ID_SUBNET6;
		mask_put(body + 4 + n, len, n);
	} else {
		body[0] = four ? ID_RANGE4 : ID_RANGE6;
		memcpy(body + 4 + n, ts->last.octets, n);
	}
	return (uint16_t)(4 + 2 * n);
}

/* False: an identity that is no range of addresses. */
static bool
body_ts(const uint8_t *body, size_t octets, struct ike_ts *ts)
{
	bool four =
	    octets > 0 && (body[0] == ID_ADDR4 || body[0] == ID_SUBNET4 ||
			   body[0] == ID_RANGE4);
	size_t n = four ? 4 : 16;
	struct be16 port;
	bool pair;

	if (octets < 4 || body[0] < ID_ADDR4 || body[0] > ID_RANGE6 ||
	    body[0] == 2 || body[0] == 3)
		return false;
	pair = body[0] != ID_ADDR4 && body[0] != ID_ADDR6;
	if (octets != 4 + n * (pair ? 2 : 1))
		return false;
	memset(ts, 0, sizeof(*ts));
	memcpy(port.b, body + 2, sizeof(port.b));
	ts->protocol = body[1];
	ts->port[0] = be16_get(port);
	ts->port[1] = ts->port[0] == 0 ? UINT16_MAX : ts->port[0];
	ts->first = ts->last = ip_addr_get(four ? 4 : 6, body + 4);
	for (size_t i = 0; pair && i < n; i++) {
		uint8_t b = body[4 + n + i];

		if (body[0] == ID_SUBNET4 || body[0] == ID_SUBNET6) {
			ts->first.octets[i] &= b;
			ts->last.octets[i] |= (uint8_t)~b;
		} else {
			ts->last.octets[i] = b;
		}
	}
	return memcmp(ts->first.octets, ts->last.octets, n) <= 0;
}

static bool
within(const struct ike_ts *in, const struct ike_ts *out)
{
	size_t n = in->first.family == 4 ? 4 : 16;

	return in->first.family == out->first.family &&
	       memcmp(in->first.octets, out->first.octets, n) >= 0 &&
	       memcmp(in->last.octets, out->last.octets, n) <= 0 &&
	       (out->protocol == 0 || out->protocol == in->protocol) &&
	       in->port[0] >= out->port[0] && in->port[1] <= out->port[1];
}

/* The selector of the tunnel that a pair lies in, or -1. */
static int
selector_of(const struct ike_tunnel *t, const struct ike_ts *local,
	    const struct ike_ts *remote)
{
	if (t->count == 0)
		return 0;
	for (int i = 0; i < t->count; i++) {
		if (within(local, &t->selectors[i].local) &&
		    within(remote, &t->selectors[i].remote))
			return i;
	}
	return -1;
}

static void
child_ts(const struct v1_quick *q, struct v1_child *child)
{
	struct ike_child *c = &child->c;
	const uint8_t *local = q->initiator ? q->idi : q->idr;
	const uint8_t *remote = q->initiator ? q->idr : q->idi;

	c->local_count = c->remote_count = 1;
	(void)body_ts(local, q->initiator ? q->idi_octets : q->idr_octets,
		      &c->local[0]);
	(void)body_ts(remote, q->initiator ? q->idr_octets : q->idi_octets,
		      &c->remote[0]);
}

/* ---- quick modes ------------------------------------------------------ */

static const struct ike_child_policy *
child_policy(const struct v1 *v1, const struct v1_sa *sa)
{
	const struct ike_tunnel *t = v1->host.tunnel(v1->host.arg, sa->tun->id);

	return t == NULL ? NULL
			 : v1->host.child_policy(v1->host.arg, t->child_policy);
}

static struct v1_quick *
quick_new(struct v1 *v1, struct v1_sa *sa, uint32_t message_id, bool initiator)
{
	struct v1_quick *q;
	unsigned n = 0;

	DL_COUNT(sa->quicks, q, n);
	if (n >= V1_QUICKS_MAX || v1_heap_room(&v1->heap, v1->timers + 1) != 0)
		return NULL;
	q = calloc(1, sizeof(*q));
	if (q == NULL)
		return NULL;
	if (ike_v1_iv_exchange(&sa->keys, sa->iv, message_id, q->iv) != 0) {
		free(q);
		return NULL;
	}
	q->sa = sa;
	q->message_id = message_id;
	q->initiator = initiator;
	q->timer.kind = V1_TIMER_QUICK;
	v1->timers++;
	DL_APPEND(sa->quicks, q);
	return q;
}

static void
spis_free(struct v1 *v1, struct v1_quick *q)
{
	if (q->sa->tun == NULL)
		return;
	if (q->spi_esp != 0)
		v1->host.ops->free_spi(v1->host.ops_arg, q->sa->tun->id,
				       PROTO_ESP, q->spi_esp);
	if (q->spi_ah != 0)
		v1->host.ops->free_spi(v1->host.ops_arg, q->sa->tun->id,
				       PROTO_AH, q->spi_ah);
	q->spi_esp = q->spi_ah = 0;
}

/* What it had begun and will not end: the old child may be rekeyed anew, and
 * inbound SAs that nobody will ever use go. */
static void
abandon(struct v1 *v1, struct v1_quick *q)
{
	struct v1_tun *tun = q->sa->tun;
	struct v1_child *child;

	if (tun == NULL || q->state == V1_Q_DONE)
		return;
	child = q->replaces == 0 ? NULL : v1_child_find(tun, q->replaces);
	if (child != NULL && q->initiator)
		child->rekeying = false;
	child = q->child == 0 ? NULL : v1_child_find(tun, q->child);
	if (child != NULL && !child->out)
		v1_child_end(v1, child, false, IKE_CAUSE_GENERAL, 0);
}

void
v1_quick_free(struct v1 *v1, struct v1_quick *q)
{
	abandon(v1, q);
	v1_timer_set(&v1->heap, &q->timer, IKE_NEVER);
	DL_DELETE(q->sa->quicks, q);
	v1->timers--;
	spis_free(v1, q);
	ike_dh_free(&q->dh);
	if (q->shared != NULL)
		secret_wipe(q->shared, q->shared_octets);
	free(q->shared);
	free(q->offer);
	v1_kept_free(&q->out);
	secret_wipe(q, sizeof(*q));
	free(q);
}

/* Ended in nothing. */
static void
quick_fail(struct v1 *v1, struct v1_quick *q, const char *text, uint64_t now)
{
	struct v1_tun *tun = q->sa->tun;
	struct v1_child *made = v1_child_find(tun, q->child);
	bool tell = q->initiator && q->replaces == 0;
	uint32_t id = tun->id;

	v1->host.count(v1->host.arg, IKE_STAT_FAILED);
	/* Of a responder: the initiator may have it up. */
	if (made != NULL && !made->out)
		v1_child_end(v1, made, true, IKE_CAUSE_GENERAL, now);
	v1_quick_free(v1, q);
	if (tell)
		v1->host.failed(v1->host.arg, id, IKE_CAUSE_GENERAL, text, now);
}

static void
quick_done(struct v1 *v1, struct v1_quick *q, uint64_t now)
{
	uint64_t linger = 0;

	for (uint32_t i = 0; i <= v1->host.conf->retransmit_max; i++)
		linger += v1_backoff(v1, i);
	q->state = V1_Q_DONE;
	ike_dh_free(&q->dh);
	if (q->shared != NULL)
		secret_wipe(q->shared, q->shared_octets);
	v1_timer_set(&v1->heap, &q->timer, now + linger);
}

static int
own_pfs(struct v1 *v1, struct v1_quick *q, uint16_t group)
{
	const struct ike_alg *alg = ike_alg_v1(IKE_ALG_DH, group, 0);

	return alg == NULL
		   ? -ENOTSUP
		   : ike_dh_new(v1->host.crypto, alg, v1->host.ops->random,
				v1->host.ops_arg, &q->dh);
}

static int
pfs_shared(struct v1 *v1, struct v1_quick *q, struct alg_piece theirs)
{
	uint8_t secret[IKE_DH_SECRET_MAX];
	size_t n = ike_dh_group(q->dh)->secret_octets;
	int err = ike_dh_shared(v1->host.crypto, q->dh, theirs.octets, theirs.n,
				secret);

	if (err == 0) {
		q->shared = malloc(n);
		err = q->shared == NULL ? -ENOMEM : 0;
	}
	if (err == 0) {
		memcpy(q->shared, secret, n);
		q->shared_octets = n;
	}
	secret_wipe(secret, sizeof(secret));
	return err;
}

/* ---- HASH(1), (2), (3) ------------------------------------------------ */

/* prf(SKEYID_a, [0] | M-ID | [Ni_b] | [Nr_b] | rest). */
static int
quick_hash(const struct v1_quick *q, unsigned number, const uint8_t *rest,
	   size_t n, uint8_t out[IKE_PRF_OCTETS_MAX])
{
	static const uint8_t zero;
	struct be32 id = be32_put(q->message_id);
	struct alg_piece pieces[] = {{&zero, number == 3 ? 1 : 0},
				     {id.b, sizeof(id.b)},
				     {q->ni, number == 1 ? 0 : q->ni_octets},
				     {q->nr, number == 3 ? q->nr_octets : 0},
				     {rest, n}};
	const struct ike_v1_keys *keys = &q->sa->keys;

	return ike_prf(keys->prf, keys->a, keys->prf->octets, pieces, 5, out);
}

/* The message begins; the HASH is filled in by quick_send(). */
static void
quick_write(struct v1 *v1, const struct v1_quick *q, struct ike_writer *w)
{
	static const uint8_t zero[IKE_PRF_OCTETS_MAX];

	v1_write_begin(v1, w, q->sa, IKE_X_V1_QUICK, q->message_id);
	ike_write_plain(w, IKE_P_V1_HASH, zero, q->sa->keys.prf->octets);
}

static int
quick_send(struct v1 *v1, struct v1_quick *q, struct ike_writer *w,
	   unsigned number)
{
	size_t at = sizeof(struct ike_hdr) + sizeof(struct ike_payload_hdr);
	size_t n = q->sa->keys.prf->octets;
	uint8_t hash[IKE_PRF_OCTETS_MAX];
	int err;

	if (!ike_write_end(w))
		return -EMSGSIZE;
	err = quick_hash(q, number, w->octets + at + n, w->n - at - n, hash);
	if (err != 0)
		return err;
	memcpy(w->octets + at, hash, n);
	return v1_write_send(v1, w, q->sa, q->iv, &q->out);
}

static bool
quick_hash_good(const struct v1_quick *q, const struct v1_in *in,
		unsigned number)
{
	const struct ike_payload *p = &in->chain.p[0];
	size_t n = q->sa->keys.prf->octets;
	size_t at = sizeof(struct ike_payload_hdr) + n;
	uint8_t hash[IKE_PRF_OCTETS_MAX];

	if (in->chain.count == 0 || p->type != IKE_P_V1_HASH ||
	    p->octets != n ||
	    quick_hash(q, number, in->payloads + at,
		       number == 3 ? 0 : in->chain.used - at, hash) != 0)
		return false;
	return secret_equal(p->body, hash, n);
}

/* ---- initiator --------------------------------------------------------- */

static int
spis_get(struct v1 *v1, struct v1_quick *q, bool esp, bool ah)
{
	uint32_t tunnel = q->sa->tun->id;
	int err = 0;

	if (esp)
		err = v1->host.ops->alloc_spi(v1->host.ops_arg, tunnel,
					      PROTO_ESP, &q->spi_esp);
	if (err == 0 && ah)
		err = v1->host.ops->alloc_spi(v1->host.ops_arg, tunnel,
					      PROTO_AH, &q->spi_ah);
	return err;
}

static void
policy_needs(const struct ike_child_policy *policy, bool *esp, bool *ah)
{
	*esp = *ah = false;
	for (unsigned i = 0; i < policy->count; i++) {
		*esp = *esp || policy->proposals[i].esp_count != 0;
		*ah = *ah || policy->proposals[i].ah != IPSEC_ALG_INVALID;
	}
}

static void
own_selector(struct v1 *v1, struct v1_quick *q)
{
	const struct ike_tunnel *t =
	    v1->host.tunnel(v1->host.arg, q->sa->tun->id);
	struct v1_child *was = v1_child_find(q->sa->tun, q->replaces);
	struct ike_ts local;
	struct ike_ts remote;

	any_ts(q->sa, &local);
	remote = local;
	if (was != NULL) {
		local = was->c.local[0];
		remote = was->c.remote[0];
	} else if (t != NULL && q->selector < t->count) {
		local = t->selectors[q->selector].local;
		remote = t->selectors[q->selector].remote;
	}
	q->idi_octets = ts_body(&local, q->idi);
	q->idr_octets = ts_body(&remote, q->idr);
}

static int
quick_1(struct v1 *v1, struct v1_quick *q, uint64_t now)
{
	const struct ike_child_policy *policy = child_policy(v1, q->sa);
	bool udp = q->sa->nat_local || q->sa->nat_remote;
	struct ike_writer w;
	bool esp;
	bool ah;
	int err;

	q->offer = malloc(sizeof(*q->offer));
	if (policy == NULL || q->offer == NULL)
		return policy == NULL ? -ENOENT : -ENOMEM;
	policy_needs(policy, &esp, &ah);
	err = spis_get(v1, q, esp, ah);
	if (err == 0)
		err = v1_offer_child(policy, udp, q->spi_esp, q->spi_ah,
				     q->offer);
	q->ni_octets = V1_NONCE;
	if (err == 0)
		err = v1_random(v1, q->ni, V1_NONCE);
	if (err == 0 && policy->pfs_group != 0)
		err = own_pfs(v1, q, policy->pfs_group);
	if (err != 0)
		return err;
	own_selector(v1, q);
	quick_write(v1, q, &w);
	ike_write_v1_sap(&w, q->offer);
	ike_write_plain(&w, IKE_P_V1_NONCE, q->ni, q->ni_octets);
	if (q->dh != NULL)
		ike_write_plain(&w, IKE_P_V1_KE, ike_dh_public(q->dh),
				ike_dh_group(q->dh)->octets);
	ike_write_plain(&w, IKE_P_V1_ID, q->idi, q->idi_octets);
	ike_write_plain(&w, IKE_P_V1_ID, q->idr, q->idr_octets);
	err = quick_send(v1, q, &w, 1);
	q->state = V1_Q_I_2;
	v1_timer_set(&v1->heap, &q->timer, now + v1_backoff(v1, 0));
	return err;
}

static struct v1_quick *
quick_find(const struct v1_sa *sa, uint32_t message_id)
{
	struct v1_quick *q;

	DL_FOREACH(sa->quicks, q)
	{
		if (q->message_id == message_id)
			return q;
	}
	return NULL;
}

int
v1_quick_begin(struct v1 *v1, struct v1_sa *sa, uint16_t selector,
	       uint32_t replaces, uint64_t now)
{
	struct v1_quick *q;
	uint32_t id = 0;
	int err;

	while (id == 0 || quick_find(sa, id) != NULL) {
		err = v1_random(v1, &id, sizeof(id));
		if (err != 0)
			return err;
	}
	q = quick_new(v1, sa, id, true);
	if (q == NULL)
		return -ENOMEM;
	q->selector = selector;
	q->replaces = replaces;
	err = quick_1(v1, q, now);
	if (err != 0)
		v1_quick_free(v1, q);
	return err;
}

/* Whether something is there or under way for the selector. */
static bool
selector_served(const struct v1_sa *sa, uint16_t selector)
{
	struct v1_child *child;
	struct v1_quick *q;

	DL_FOREACH(sa->tun->children, child)
	{
		if (child->selector == selector && !child->old)
			return true;
	}
	DL_FOREACH(sa->quicks, q)
	{
		if (q->selector == selector && q->state != V1_Q_DONE)
			return true;
	}
	return false;
}

static bool
rekey_under_way(const struct v1_sa *sa, uint32_t child)
{
	struct v1_quick *q;

	DL_FOREACH(sa->quicks, q)
	{
		if (q->replaces == child && q->state != V1_Q_DONE)
			return true;
	}
	return false;
}

void
v1_quick_all(struct v1 *v1, struct v1_sa *sa, uint64_t now)
{
	const struct ike_tunnel *t = v1->host.tunnel(v1->host.arg, sa->tun->id);
	uint32_t tunnel = sa->tun->id;
	struct v1_child *child;
	int err = 0;

	DL_FOREACH(sa->tun->children, child)
	{
		if (child->rekeying && !child->old &&
		    !rekey_under_way(sa, child->c.id))
			(void)v1_quick_begin(v1, sa, child->selector,
					     child->c.id, now);
	}
	if (t == NULL)
		return;
	for (uint16_t i = 0; err == 0 && i < (t->count == 0 ? 1 : t->count);
	     i++) {
		if (!selector_served(sa, i))
			err = v1_quick_begin(v1, sa, i, 0, now);
	}
	if (err != 0)
		v1->host.failed(v1->host.arg, tunnel, IKE_CAUSE_GENERAL,
				"no quick mode could begin", now);
}

/* The responder's lifetimes, where they are shorter than what we offered. */
static void
read_lifetimes(const struct v1_in *in, struct v1_esp_suite *suite)
{
	const struct ike_payload *p;

	for (unsigned i = 0;
	     (p = ike_chain_find(&in->chain, IKE_P_V1_NOTIFY, i)) != NULL;
	     i++) {
		struct ike_notify n;

		if (ike_notify_read(p, &n) == 0 &&
		    n.type == IKE_V1N_RESPONDER_LIFETIME)
			v1_lifetimes(n.data, n.octets, &suite->life_s,
				     &suite->life_kb);
	}
}

/* Nonce, and KE where and only where there is PFS. */
static int
read_nonce(struct v1_quick *q, const struct v1_in *in, uint16_t group)
{
	struct alg_piece nonce = v1_body(in, IKE_P_V1_NONCE);
	struct alg_piece ke = v1_body(in, IKE_P_V1_KE);

	if (nonce.n < NONCE_MIN || nonce.n > IKE_NONCE_MAX ||
	    (ke.n != 0) != (group != 0))
		return -EBADMSG;
	memcpy(q->initiator ? q->nr : q->ni, nonce.octets, nonce.n);
	*(q->initiator ? &q->nr_octets : &q->ni_octets) = (uint16_t)nonce.n;
	return 0;
}

/* Both identities as we sent them; or none, where ours are the ends. */
static bool
ids_echoed(const struct v1_quick *q, const struct v1_in *in)
{
	const struct ike_payload *i =
	    ike_chain_find(&in->chain, IKE_P_V1_ID, 0);
	const struct ike_payload *r =
	    ike_chain_find(&in->chain, IKE_P_V1_ID, 1);
	struct ike_ts ours[2];
	struct ike_ts theirs[2];

	if (i == NULL || r == NULL)
		return false;
	return body_ts(q->idi, q->idi_octets, &ours[0]) &&
	       body_ts(q->idr, q->idr_octets, &ours[1]) &&
	       body_ts(i->body, i->octets, &theirs[0]) &&
	       body_ts(r->body, r->octets, &theirs[1]) &&
	       memcmp(ours, theirs, sizeof(ours)) == 0;
}

/* The child's SAs: inbound first. */
static int
child_make(struct v1 *v1, struct v1_quick *q, const struct v1_esp_suite *suite,
	   uint64_t now, struct v1_child **made)
{
	struct v1_child *child = v1_child_new(v1, q->sa, q, suite, now);
	int err;

	if (child == NULL)
		return -ENOMEM;
	child_ts(q, child);
	err = v1_child_keys(q->sa, q, suite, child);
	if (err == 0)
		err = v1_child_install(v1, child, IKE_IN, now);
	/* From here on remove() gives the SPIs back. */
	q->spi_esp = suite->enc == IPSEC_ALG_INVALID ? q->spi_esp : 0;
	q->spi_ah = suite->ah == IPSEC_ALG_INVALID ? q->spi_ah : 0;
	if (err != 0) {
		v1_child_end(v1, child, false, IKE_CAUSE_GENERAL, now);
		return err;
	}
	*made = child;
	return 0;
}

static int
quick_2(struct v1 *v1, struct v1_quick *q, struct v1_in *in, const char **why)
{
	const struct ike_child_policy *policy = child_policy(v1, q->sa);
	const struct ike_payload *p =
	    ike_chain_find(&in->chain, IKE_P_V1_SA, 0);
	bool udp = q->sa->nat_local || q->sa->nat_remote;
	struct v1_child *child = NULL;
	struct v1_esp_suite suite;
	struct ike_v1_sap theirs;
	struct ike_v1_sap chosen;
	struct ike_writer w;
	int err;

	if (p == NULL || policy == NULL || ike_v1_sap_read(p, &theirs) != 0)
		return -EBADMSG;
	*why = "the answer is not what was proposed";
	if (v1_choose_child(v1, policy, udp, &theirs, &chosen, &suite) != 0 ||
	    chosen.count != theirs.count ||
	    theirs.transforms_count != theirs.count ||
	    (suite.group != 0) != (q->dh != NULL))
		return -ENOENT;
	*why = "the answer has other selectors";
	if (!ids_echoed(q, in))
		return -ENOENT;
	err = read_nonce(q, in, suite.group);
	if (err == 0 && q->dh != NULL)
		err = pfs_shared(v1, q, v1_body(in, IKE_P_V1_KE));
	if (err != 0)
		return err;
	read_lifetimes(in, &suite);
	*why = "the SAs could not be installed";
	err = child_make(v1, q, &suite, in->now, &child);
	if (err != 0)
		return err;
	quick_write(v1, q, &w);
	err = quick_send(v1, q, &w, 3);
	if (err == 0)
		err = v1_child_install(v1, child, IKE_OUT, in->now);
	if (err != 0) {
		v1_child_end(v1, child, true, IKE_CAUSE_GENERAL, in->now);
		return err;
	}
	quick_done(v1, q, in->now);
	return 0;
}

/* ---- responder --------------------------------------------------------- */

/* Selectors: of this tunnel; or, while the SA has made nothing yet, of another
 * with the same policy. */
static int
find_selector(struct v1 *v1, struct v1_quick *q, const struct ike_ts *local,
	      const struct ike_ts *remote)
{
	struct v1_sa *sa = q->sa;
	const struct ike_tunnel *t = v1->host.tunnel(v1->host.arg, sa->tun->id);
	uint32_t after = 0;
	int i = t == NULL ? -1 : selector_of(t, local, remote);

	if (i >= 0 || sa->quicks->next != NULL)
		return i;
	while ((t = v1->host.match(v1->host.arg, &sa->path, after)) != NULL) {
		after = t->id;
		i = t->policy == sa->policy && t->type == IKE_TUNNEL_STATIC
			? selector_of(t, local, remote)
			: -1;
		if (i >= 0) {
			struct v1_tun *tun = v1_tun_get(v1, t->id, true);

			if (tun == NULL)
				return -1;
			v1_sa_adopt(v1, sa, tun);
			return i;
		}
	}
	return -1;
}

/* An identity that is not there is the end's address (RFC 2409, 5.5). */
static void
ids_default(struct v1_quick *q)
{
	struct ike_ts ts;

	any_ts(q->sa, &ts);
	ts.first = ts.last = q->sa->path.remote;
	q->idi_octets = ts_body(&ts, q->idi);
	ts.first = ts.last = q->sa->path.local;
	q->idr_octets = ts_body(&ts, q->idr);
}

static int
read_ids(struct v1 *v1, struct v1_quick *q, const struct v1_in *in, bool *given)
{
	const struct ike_payload *i =
	    ike_chain_find(&in->chain, IKE_P_V1_ID, 0);
	const struct ike_payload *r =
	    ike_chain_find(&in->chain, IKE_P_V1_ID, 1);
	struct ike_ts local;
	struct ike_ts remote;
	int selector;

	*given = i != NULL && r != NULL;
	if (!*given && (i != NULL || r != NULL))
		return -EBADMSG;
	if (!*given) {
		ids_default(q);
	} else if (i->octets > V1_ID_BODY || r->octets > V1_ID_BODY) {
		return -EBADMSG;
	} else {
		memcpy(q->idi, i->body, i->octets);
		memcpy(q->idr, r->body, r->octets);
		q->idi_octets = i->octets;
		q->idr_octets = r->octets;
	}
	if (!body_ts(q->idi, q->idi_octets, &remote) ||
	    !body_ts(q->idr, q->idr_octets, &local))
		return -EBADMSG;
	selector = find_selector(v1, q, &local, &remote);
	if (selector < 0)
		return -EPERM;
	q->selector = (uint16_t)selector;
	return 0;
}

/* Ours go into what was chosen. */
static void
spis_put(const struct v1_quick *q, struct ike_v1_sap *chosen)
{
	for (unsigned i = 0; i < chosen->count; i++) {
		struct ike_sap_proposal *p = &chosen->proposals[i];
		struct be32 spi = be32_put(
		    p->protocol == IKE_PROTO_ESP ? q->spi_esp : q->spi_ah);

		memcpy(p->spi, &spi, sizeof(spi));
	}
}

/* Where ours is shorter the peer is told (RFC 2407 section 4.6.3.1). */
static void
write_lifetime(const struct v1_quick *q, const struct ike_v1_sap *chosen,
	       const struct v1_esp_suite *suite, struct ike_writer *w)
{
	struct be32 spi = be32_put(q->spi_esp != 0 ? q->spi_esp : q->spi_ah);
	struct be32 life = be32_put(suite->life_s);
	uint8_t data[12] = {0x80, 1, 0, 1, 0, 2, 0, 4};
	struct ike_notify n = {.protocol = chosen->proposals[0].protocol,
			       .spi_octets = sizeof(spi),
			       .type = IKE_V1N_RESPONDER_LIFETIME,
			       .spi = spi.b,
			       .data = data,
			       .octets = sizeof(data)};
	const struct ike_v1_transform *t = &chosen->transforms[0];

	memcpy(data + 8, life.b, sizeof(life.b));
	for (unsigned i = 0; i + 1U < t->count; i++) {
		if (t->attrs[i].type == 1 && t->attrs[i].value == 1 &&
		    t->attrs[i + 1].type == 2 &&
		    t->attrs[i + 1].value > suite->life_s) {
			ike_write_notify(w, IKE_P_V1_NOTIFY, &n);
			return;
		}
	}
}

static int
answer(struct v1 *v1, struct v1_quick *q, const struct ike_v1_sap *chosen,
       const struct v1_esp_suite *suite, bool ids)
{
	struct ike_writer w;

	quick_write(v1, q, &w);
	ike_write_v1_sap(&w, chosen);
	ike_write_plain(&w, IKE_P_V1_NONCE, q->nr, q->nr_octets);
	if (q->dh != NULL)
		ike_write_plain(&w, IKE_P_V1_KE, ike_dh_public(q->dh),
				ike_dh_group(q->dh)->octets);
	if (ids) {
		ike_write_plain(&w, IKE_P_V1_ID, q->idi, q->idi_octets);
		ike_write_plain(&w, IKE_P_V1_ID, q->idr, q->idr_octets);
	}
	write_lifetime(q, chosen, suite, &w);
	return quick_send(v1, q, &w, 2);
}

/* What the peer's message 1 is about; -ENOENT: nothing of ours. */
static int
read_1(struct v1 *v1, struct v1_quick *q, struct v1_in *in,
       struct ike_v1_sap *chosen, struct v1_esp_suite *suite, bool *ids)
{
	const struct ike_payload *p =
	    ike_chain_find(&in->chain, IKE_P_V1_SA, 0);
	bool udp = q->sa->nat_local || q->sa->nat_remote;
	const struct ike_child_policy *policy;
	struct ike_v1_sap theirs;
	int err;

	if (p == NULL || ike_v1_sap_read(p, &theirs) != 0)
		return -EBADMSG;
	err = read_ids(v1, q, in, ids);
	if (err != 0)
		return err;
	policy = child_policy(v1, q->sa);
	if (policy == NULL ||
	    v1_choose_child(v1, policy, udp, &theirs, chosen, suite) != 0)
		return -ENOENT;
	return read_nonce(q, in, suite->group);
}

/* Which of our children the peer is about to replace: that with the same
 * selectors. */
static uint32_t
replaced_by(const struct v1_quick *q)
{
	struct v1_child *child;
	struct ike_ts local;
	struct ike_ts remote;

	(void)body_ts(q->idr, q->idr_octets, &local);
	(void)body_ts(q->idi, q->idi_octets, &remote);
	DL_FOREACH(q->sa->tun->children, child)
	{
		if (child->out && !child->old &&
		    memcmp(&child->c.local[0], &local, sizeof(local)) == 0 &&
		    memcmp(&child->c.remote[0], &remote, sizeof(remote)) == 0)
			return child->c.id;
	}
	return 0;
}

static int
respond(struct v1 *v1, struct v1_quick *q, struct v1_in *in)
{
	struct ike_v1_sap chosen = {.count = 0};
	struct v1_child *child = NULL;
	struct v1_esp_suite suite;
	bool ids = false;
	int err = read_1(v1, q, in, &chosen, &suite, &ids);

	if (err == 0)
		err = spis_get(v1, q, suite.enc != IPSEC_ALG_INVALID,
			       suite.ah != IPSEC_ALG_INVALID);
	q->nr_octets = V1_NONCE;
	if (err == 0)
		err = v1_random(v1, q->nr, V1_NONCE);
	if (err == 0 && suite.group != 0)
		err = own_pfs(v1, q, suite.group);
	if (err == 0 && suite.group != 0)
		err = pfs_shared(v1, q, v1_body(in, IKE_P_V1_KE));
	if (err != 0)
		return err;
	spis_put(q, &chosen);
	q->replaces = replaced_by(q);
	err = answer(v1, q, &chosen, &suite, ids);
	if (err == 0)
		err = child_make(v1, q, &suite, in->now, &child);
	if (err != 0)
		return err;
	q->child = child->c.id;
	q->state = V1_Q_R_3;
	v1_timer_set(&v1->heap, &q->timer, in->now + v1_backoff(v1, 0));
	return 0;
}

static void
quick_refuse(struct v1 *v1, struct v1_sa *sa, const struct v1_in *in, int err)
{
	struct ike_notify n = {.protocol = IKE_PROTO_ESP,
			       .type = IKE_V1N_NO_PROPOSAL_CHOSEN};
	enum ike_reject reject = IKE_REJECT_V1_NO_PROPOSAL;
	const char *text = "quick mode";

	if (err == -EBADMSG || err == -EINVAL) {
		reject = IKE_REJECT_V1_MALFORMED;
		n.type = IKE_V1N_PAYLOAD_MALFORMED;
	} else if (err == -EPERM) {
		n.type = IKE_V1N_INVALID_ID_INFORMATION;
		reject = IKE_REJECT_V1_IDENTITY;
		text = "selectors of quick mode";
	} else if (err != -ENOENT) {
		reject = IKE_REJECT_V1_LIMIT;
	}
	v1_reject(v1, reject, in->path, sa, text, in->now);
	v1_info_notify(v1, sa, &n);
}

static void
quick_new_in(struct v1 *v1, struct v1_sa *sa, struct v1_in *in)
{
	struct v1_quick *q =
	    quick_new(v1, sa, be32_get(in->hdr.message_id), false);
	int err;

	if (q == NULL) {
		v1_reject(v1, IKE_REJECT_V1_LIMIT, in->path, sa, "quick modes",
			  in->now);
		return;
	}
	if (v1_open(v1, sa, in, q->iv) != 0 || !quick_hash_good(q, in, 1)) {
		v1_reject(v1, IKE_REJECT_V1_DECRYPT, in->path, sa, "quick mode",
			  in->now);
		v1_quick_free(v1, q);
		return;
	}
	v1_heard(sa, in);
	v1_line_in(v1, sa->record, in);
	memcpy(q->in_hash, in->hash, sizeof(q->in_hash));
	err = respond(v1, q, in);
	if (err == 0)
		return;
	v1_quick_free(v1, q);
	quick_refuse(v1, sa, in, err);
}

static int
quick_3(struct v1 *v1, struct v1_quick *q, struct v1_in *in)
{
	struct v1_child *child = v1_child_find(q->sa->tun, q->child);
	int err = 0;

	v1_kept_free(&q->out);
	quick_done(v1, q, in->now);
	if (child == NULL)
		return 0;
	err = v1_child_install(v1, child, IKE_OUT, in->now);
	if (err != 0)
		v1_child_end(v1, child, true, IKE_CAUSE_GENERAL, in->now);
	return 0;
}

void
v1_quick_input(struct v1 *v1, struct v1_sa *sa, struct v1_in *in)
{
	struct v1_quick *q = quick_find(sa, be32_get(in->hdr.message_id));
	const char *why = "the answer is malformed";
	uint8_t iv[IPSEC_ALG_IV_MAX];
	unsigned number;
	int err;

	if (q == NULL) {
		quick_new_in(v1, sa, in);
		return;
	}
	if (memcmp(q->in_hash, in->hash, sizeof(q->in_hash)) == 0) {
		v1_send_kept(v1, sa, &q->out);
		v1->host.count(v1->host.arg, IKE_STAT_ANSWERED_AGAIN);
		return;
	}
	if (q->state == V1_Q_DONE)
		return;
	number = q->state == V1_Q_I_2 ? 2 : 3;
	memcpy(iv, q->iv, sizeof(iv));
	if (v1_open(v1, sa, in, iv) != 0 || !quick_hash_good(q, in, number)) {
		v1_reject(v1, IKE_REJECT_V1_DECRYPT, in->path, sa, "quick mode",
			  in->now);
		return;
	}
	v1_heard(sa, in);
	v1_line_in(v1, sa->record, in);
	memcpy(q->iv, iv, sizeof(iv));
	memcpy(q->in_hash, in->hash, sizeof(q->in_hash));
	err = number == 2 ? quick_2(v1, q, in, &why) : quick_3(v1, q, in);
	if (err != 0) {
		quick_refuse(v1, sa, in, err);
		quick_fail(v1, q, why, in->now);
	}
}

/* A peer that does not answer the holder of an SA has it not any more: the next
 * attempt begins with phase 1. */
static void
unanswered(struct v1 *v1, struct v1_quick *q, uint64_t now)
{
	struct v1_sa *sa = q->initiator && !q->refused ? q->sa : NULL;

	if (sa != NULL) {
		v1_info_delete_ike(v1, sa);
		v1_sa_state(v1, sa, IKE_EVENT_IKE_DOWN, now);
	}
	quick_fail(v1, q, "quick mode is not answered", now);
	if (sa != NULL)
		v1_sa_free(v1, sa);
}

void
v1_quick_tick(struct v1 *v1, struct v1_quick *q, uint64_t now)
{
	if (q->state == V1_Q_DONE) {
		v1_quick_free(v1, q);
		return;
	}
	if (q->tries >= v1->host.conf->retransmit_max) {
		v1_reject(v1, IKE_REJECT_V1_RETRANSMIT, &q->sa->path, q->sa,
			  "quick mode", now);
		unanswered(v1, q, now);
		return;
	}
	q->tries++;
	v1_send_kept(v1, q->sa, &q->out);
	v1->host.count(v1->host.arg, IKE_STAT_RETRANSMITTED);
	v1_timer_set(&v1->heap, &q->timer, now + v1_backoff(v1, q->tries));
}
