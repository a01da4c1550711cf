/*
 * What IKE_AUTH and CREATE_CHILD_SA share: SA, TSi and TSr of a child, from
 * either end, and its keys (RFC 7296 section 1.3.1, 2.9, 2.17).
 */
#include <errno.h>
#include <string.h>

#include "secret.h"
#include "v2_impl.h"

#define ESP 50
#define AH 51

uint8_t
v2_protocol_number(uint8_t protocol)
{
	return protocol == IKE_PROTO_AH ? AH : ESP;
}

uint8_t
v2_protocol_of(uint8_t number)
{
	return number == AH ? IKE_PROTO_AH : IKE_PROTO_ESP;
}

enum ike_reject
v2_reject_of(uint16_t notify)
{
	switch (notify) {
	case IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD:
		return IKE_REJECT_V2_CRITICAL;
	case IKE_N_INVALID_IKE_SPI:
		return IKE_REJECT_V2_SPI;
	case IKE_N_INVALID_MAJOR_VERSION:
		return IKE_REJECT_V2_VERSION;
	case IKE_N_NO_PROPOSAL_CHOSEN:
		return IKE_REJECT_V2_NO_PROPOSAL;
	case IKE_N_INVALID_KE_PAYLOAD:
		return IKE_REJECT_V2_KE_GROUP;
	case IKE_N_AUTHENTICATION_FAILED:
		return IKE_REJECT_V2_AUTHENTICATION;
	case IKE_N_TS_UNACCEPTABLE:
	case IKE_N_INVALID_SELECTORS:
		return IKE_REJECT_V2_SELECTORS;
	case IKE_N_SINGLE_PAIR_REQUIRED:
	case IKE_N_NO_ADDITIONAL_SAS:
	case IKE_N_INTERNAL_ADDRESS_FAILURE:
	case IKE_N_FAILED_CP_REQUIRED:
		return IKE_REJECT_V2_ADDITIONAL;
	case IKE_N_INVALID_MESSAGE_ID:
		return IKE_REJECT_V2_MESSAGE_ID;
	default:
		return IKE_REJECT_V2_SYNTAX;
	}
}

struct ike_child_sa *
v2_child_find(struct ike *ike, uint32_t id)
{
	struct ike_child_sa *child = NULL;

	if (id != 0)
		HASH_FIND(hh, ike->children, &id, sizeof(id), child);
	return child;
}

static uint32_t
spi_of(const struct ike_child_sa *child, uint8_t number)
{
	for (unsigned i = 0; i < child->c.count; i++) {
		if (child->c.keys[i].protocol == number)
			return child->c.keys[i].spi_in;
	}
	return 0;
}

int
v2_child_offer(struct ike *ike, struct v2_sa *v, struct ike_writer *w,
	       unsigned selector, bool with_dh, struct ike_child_sa *child)
{
	struct ike_sap sap;

	(void)v;
	if (child->c.local_count == 0)
		v2_ts_own(child->tun, selector, &child->c);
	if (!v2_offer_child(&child->policy->p, ike->conf.strict, with_dh,
			    spi_of(child, ESP), spi_of(child, AH), &sap))
		return -EINVAL;
	if (child->policy->p.transport)
		v2_say(w, IKE_N_USE_TRANSPORT_MODE, NULL, 0);
	ike_write_sap(w, &sap);
	return 0;
}

void
v2_child_offer_ts(struct ike_writer *w, const struct ike_child_sa *child)
{
	ike_write_ts(w, IKE_P_TSI, child->c.local, child->c.local_count);
	ike_write_ts(w, IKE_P_TSR, child->c.remote, child->c.remote_count);
}

static bool
read_ts(const struct ike_chain *chain, uint8_t type, struct v2_ts_set *set)
{
	const struct ike_payload *p = ike_chain_find(chain, type, 0);
	unsigned offered;

	return p != NULL && ike_ts_read(p, set->ts, IKE_MSG_TS_MAX, &set->count,
					&offered) == 0;
}

static void
fill(struct v2_sa *v, struct ike_child_sa *child,
     const struct v2_child_suite *suite)
{
	struct ike_child *c = &child->c;

	c->keys[0].enc = suite->enc;
	c->keys[0].auth = suite->auth;
	c->keys[0].spi_out = suite->spi;
	c->path = v->sa.path;
	c->udp = v->sa.nat_local || v->sa.nat_remote;
	c->esn = suite->esn;
	c->replay_window = child->policy->p.replay_window;
	c->lifetime_s = child->policy->p.proposals[suite->ours].lifetime_s;
	c->lifetime_kilobytes =
	    child->policy->p.proposals[suite->ours].lifetime_kilobytes;
	child->pfs_group = suite->group;
}

uint16_t
v2_child_accept(struct ike *ike, struct v2_sa *v, const struct ike_chain *chain,
		const struct ike_child_sa *old, bool with_dh,
		struct ike_child_sa **result, struct v2_child_suite *suite)
{
	const struct ike_payload *sa = ike_chain_find(chain, IKE_P_SA, 0);
	struct ike_tun *tun = v->sa.tun;
	struct ike_child_sa *child;
	struct v2_ts_set tsi;
	struct v2_ts_set tsr;
	struct ike_notify n;
	struct ike_sap sap;
	uint8_t number;
	uint16_t error;
	bool more;

	if (sa == NULL || ike_sap_read(sa, &sap) != 0 ||
	    !read_ts(chain, IKE_P_TSI, &tsi) ||
	    !read_ts(chain, IKE_P_TSR, &tsr))
		return IKE_N_INVALID_SYNTAX;
	if (v2_choose_child(&tun->child_policy->p, ike->conf.strict, with_dh,
			    &sap, suite) != 0)
		return IKE_N_NO_PROPOSAL_CHOSEN;
	number = v2_protocol_number(suite->protocol);
	if (ike_child_new(ike, &v->sa, &number, 1, &child) != 0)
		return IKE_N_NO_ADDITIONAL_SAS;
	error = v2_ts_narrow(tun, &tsi, &tsr, &child->c, &more);
	if (error != 0) {
		ike_child_end(ike, child, IKE_CAUSE_GENERAL, 0);
		return error;
	}
	fill(v, child, suite);
	child->c.transport = child->policy->p.transport &&
			     v2_notified(chain, IKE_N_USE_TRANSPORT_MODE, &n);
	child->c.replaces = old != NULL ? old->c.id : 0;
	child->narrowed = more;
	*result = child;
	return 0;
}

void
v2_child_answer(struct ike_writer *w, const struct ike_child_sa *child,
		const struct v2_child_suite *suite)
{
	const struct ike_child *c = &child->c;

	if (c->transport)
		v2_say(w, IKE_N_USE_TRANSPORT_MODE, NULL, 0);
	v2_write_child_suite(w, suite, c->keys[0].spi_in);
	ike_write_ts(w, IKE_P_TSI, c->remote, c->remote_count);
	ike_write_ts(w, IKE_P_TSR, c->local, c->local_count);
	if (child->narrowed)
		v2_say(w, IKE_N_ADDITIONAL_TS_POSSIBLE, NULL, 0);
}

/* What the responder made of our selectors; larger than ours is no answer. */
static bool
take_ts(const struct ike_chain *chain, struct ike_child *c)
{
	struct v2_ts_set tsi;
	struct v2_ts_set tsr;

	if (!read_ts(chain, IKE_P_TSI, &tsi) ||
	    !read_ts(chain, IKE_P_TSR, &tsr) || tsi.count > IKE_SELECTORS_MAX ||
	    tsr.count > IKE_SELECTORS_MAX ||
	    !v2_ts_within(tsi.ts, tsi.count, c->local, c->local_count) ||
	    !v2_ts_within(tsr.ts, tsr.count, c->remote, c->remote_count))
		return false;
	c->local_count = (uint8_t)tsi.count;
	c->remote_count = (uint8_t)tsr.count;
	memcpy(c->local, tsi.ts, tsi.count * sizeof(tsi.ts[0]));
	memcpy(c->remote, tsr.ts, tsr.count * sizeof(tsr.ts[0]));
	return true;
}

uint16_t
v2_child_accepted(struct ike *ike, struct v2_sa *v,
		  const struct ike_chain *chain, struct ike_child_sa *child,
		  struct v2_child_suite *suite, bool with_dh)
{
	const struct ike_payload *sa = ike_chain_find(chain, IKE_P_SA, 0);
	struct ike_notify n;
	struct ike_sap sap;

	if (sa == NULL || ike_sap_read(sa, &sap) != 0 || sap.count != 1)
		return IKE_N_INVALID_SYNTAX;
	if (v2_choose_child(&child->policy->p, ike->conf.strict, with_dh, &sap,
			    suite) != 0)
		return IKE_N_NO_PROPOSAL_CHOSEN;
	if (!take_ts(chain, &child->c))
		return IKE_N_TS_UNACCEPTABLE;
	ike_child_choose(ike, child, v2_protocol_number(suite->protocol));
	if (child->c.count != 1)
		return IKE_N_NO_PROPOSAL_CHOSEN;
	fill(v, child, suite);
	child->c.transport = child->policy->p.transport &&
			     v2_notified(chain, IKE_N_USE_TRANSPORT_MODE, &n);
	return 0;
}

static uint8_t *
take(uint8_t *to, uint8_t *from, unsigned n)
{
	memcpy(to, from, n);
	return from + n;
}

int
v2_child_keys(struct v2_sa *v, struct ike_child_sa *child,
	      const struct v2_child_suite *suite, bool initiator,
	      struct alg_piece shared, struct alg_piece ni, struct alg_piece nr)
{
	struct ike_child_keys *k = &child->c.keys[0];
	const struct ipsec_alg *enc = ipsec_alg_get(suite->enc);
	const struct ipsec_alg *auth = ipsec_alg_get(suite->auth);
	unsigned enc_n = enc != NULL ? ipsec_alg_keymat_octets(enc) : 0;
	unsigned auth_n = auth != NULL ? ipsec_alg_keymat_octets(auth) : 0;
	uint8_t keymat[4 * IPSEC_ALG_KEY_MAX];
	uint8_t *at = keymat;
	int error;

	/* First of what the initiator sends, encryption before integrity. */
	error = ike_v2_keymat(&v->keys, shared, ni, nr, keymat,
			      2 * (enc_n + auth_n));
	if (error == 0) {
		at = take(initiator ? k->enc_out : k->enc_in, at, enc_n);
		at = take(initiator ? k->auth_out : k->auth_in, at, auth_n);
		at = take(initiator ? k->enc_in : k->enc_out, at, enc_n);
		(void)take(initiator ? k->auth_in : k->auth_out, at, auth_n);
	}
	secret_wipe(keymat, sizeof(keymat));
	return error;
}
