/*
 * What IKEv1 proposes and what it chooses: attributes of phase 1 (RFC 2409
 * appendix A) and of the IPsec DOI (RFC 2407 section 4.5). The first of the
 * peer's that is one of ours is taken: a proposal is written in order of
 * preference (RFC 2408 section 4.2). What is chosen goes back as it came.
 */
#include "v1_impl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Phase 1. */
enum {
	A_ENCR = 1,
	A_HASH,
	A_AUTH,
	A_GROUP,
	A_LIFE_TYPE = 11,
	A_LIFE,
	A_KEY = 14
};
/* Phase 2. */
enum { B_LIFE_TYPE = 1, B_LIFE, B_GROUP, B_MODE, B_AUTH, B_KEY };

#define KEY_IKE 1 /* transform id of phase 1 */
#define AUTH_PSK 1
#define AUTH_RSA 3
#define LIFE_SECONDS 1
#define LIFE_KILOBYTES 2
#define MODE_TUNNEL 1
#define MODE_TRANSPORT 2
#define MODE_UDP_TUNNEL 3 /* RFC 3947 section 5.1 */
#define MODE_UDP_TRANSPORT 4
#define MODE_UDP_TUNNEL_DRAFT 61443
#define LIFE_DEFAULT_S 28800 /* RFC 2407 section 4.5 */
#define TRANSFORMS_MAX 60

static void
attr(struct ike_v1_transform *t, uint16_t type, uint64_t value)
{
	if (t->count < IKE_SAP_ATTRS_MAX)
		t->attrs[t->count++] =
		    (struct ike_v1_attr){.type = type, .value = value};
}

/* A new transform behind the last; NULL: no room. */
static struct ike_v1_transform *
transform_add(struct ike_v1_sap *sap, uint8_t id)
{
	struct ike_sap_proposal *p = &sap->proposals[sap->count - 1];
	struct ike_v1_transform *t;

	if (sap->transforms_count >= IKE_SAP_TRANSFORMS_MAX ||
	    p->count >= TRANSFORMS_MAX)
		return NULL;
	t = &sap->transforms[sap->transforms_count++];
	p->count++;
	*t = (struct ike_v1_transform){.number = (uint8_t)p->count, .id = id};
	return t;
}

static bool
proposal_add(struct ike_v1_sap *sap, uint8_t number, uint8_t protocol,
	     uint32_t spi)
{
	struct ike_sap_proposal *p = &sap->proposals[sap->count];
	struct be32 wire = be32_put(spi);

	if (sap->count >= IKE_SAP_PROPOSALS_MAX)
		return false;
	*p = (struct ike_sap_proposal){.number = number,
				       .protocol = protocol,
				       .from = (uint16_t)sap->transforms_count};
	if (protocol != IKE_PROTO_IKE) {
		p->spi_octets = sizeof(wire);
		memcpy(p->spi, &wire, sizeof(wire));
	}
	sap->count++;
	return true;
}

/* ---- phase 1 -------------------------------------------------------- */

/* The hash that goes with a transform of a policy: of INTEG, or a PRF. */
static const struct ike_alg *
hash_of(const struct ike_transform *t)
{
	const struct ike_alg *alg;

	if (t->type == IKE_T_PRF)
		alg = ike_alg_get(IKE_ALG_PRF, t->id, 0);
	else if (t->type == IKE_T_INTEG) {
		alg = ike_alg_get(IKE_ALG_INTEG, t->id, 0);
		alg = alg == NULL ? NULL : ike_alg_prf_of(alg);
	} else
		return NULL;
	return alg == NULL || alg->v1 == 0 ? NULL : alg;
}

static const struct ike_alg *
of_type(const struct ike_transform *t, enum ike_alg_type type)
{
	const struct ike_alg *alg;

	if (type == IKE_ALG_PRF)
		return hash_of(t);
	if ((unsigned)t->type != (unsigned)type)
		return NULL;
	alg = ike_alg_get(type, t->id, t->key_bits);
	return alg == NULL || alg->v1 == 0 || alg->aead ? NULL : alg;
}

/* The i-th algorithm of a type in a proposal. An INTEG and the PRF of it are
 * one hash: INTEG alone counts, where there is any. */
static const struct ike_alg *
nth(const struct ike_proposal *p, enum ike_alg_type type, unsigned i)
{
	bool integ = false;

	for (unsigned k = 0; k < p->count; k++)
		integ = integ || p->transforms[k].type == IKE_T_INTEG;
	for (unsigned k = 0; k < p->count; k++) {
		const struct ike_transform *t = &p->transforms[k];
		const struct ike_alg *alg = of_type(t, type);

		if (alg == NULL ||
		    (type == IKE_ALG_PRF && integ && t->type == IKE_T_PRF))
			continue;
		if (i-- == 0)
			return alg;
	}
	return NULL;
}

static bool
offer_one(struct ike_v1_sap *sap, const struct v1_suite *s)
{
	struct ike_v1_transform *t = transform_add(sap, KEY_IKE);

	if (t == NULL)
		return false;
	attr(t, A_ENCR, s->encr->v1);
	if (s->encr->key_bits != 0)
		attr(t, A_KEY, s->encr->key_bits);
	attr(t, A_HASH, s->prf->v1);
	attr(t, A_GROUP, s->dh->v1);
	attr(t, A_AUTH, s->auth == IKE_AUTH_CERT ? AUTH_RSA : AUTH_PSK);
	attr(t, A_LIFE_TYPE, LIFE_SECONDS);
	attr(t, A_LIFE, s->life_s);
	return true;
}

static uint8_t
auth_of(const struct ike_policy *policy, const struct ike_proposal *p)
{
	return p->v1_auth != 0 ? p->v1_auth : policy->auth_local;
}

static uint32_t
life_of(const struct ike_proposal *p)
{
	return p->lifetime_s == 0 ? LIFE_DEFAULT_S : p->lifetime_s;
}

/* All combinations of a proposal, ciphers first; with one group, if given. */
static void
offer_all(struct ike_v1_sap *sap, const struct ike_policy *policy,
	  const struct ike_proposal *p, const struct ike_alg *group)
{
	struct v1_suite s = {.auth = auth_of(policy, p), .life_s = life_of(p)};

	for (unsigned e = 0; (s.encr = nth(p, IKE_ALG_ENCR, e)) != NULL; e++) {
		for (unsigned h = 0; (s.prf = nth(p, IKE_ALG_PRF, h)) != NULL;
		     h++) {
			for (unsigned g = 0;
			     (s.dh = nth(p, IKE_ALG_DH, g)) != NULL; g++)
				(void)((group == NULL || group == s.dh) &&
				       offer_one(sap, &s));
		}
	}
}

int
v1_offer_ike(const struct ike_policy *policy, bool aggressive,
	     struct ike_v1_sap *sap, const struct ike_alg **group)
{
	const struct ike_alg *only = NULL;

	sap->count = sap->transforms_count = 0;
	(void)proposal_add(sap, 1, IKE_PROTO_IKE, 0);
	for (unsigned i = 0; aggressive && only == NULL && i < policy->count;
	     i++)
		only = nth(&policy->proposals[i], IKE_ALG_DH, 0);
	for (unsigned i = 0; i < policy->count; i++)
		offer_all(sap, policy, &policy->proposals[i], only);
	*group = only;
	return sap->transforms_count == 0 ? -ENOTSUP : 0;
}

/* What a transform of phase 1 says; false: something that we do not know. */
static bool
read_ike(const struct ike_v1_transform *t, struct v1_suite *s)
{
	uint64_t value[16] = {0};
	uint64_t type = 0;

	*s = (struct v1_suite){.life_s = LIFE_DEFAULT_S};
	for (unsigned i = 0; i < t->count; i++) {
		const struct ike_v1_attr *a = &t->attrs[i];

		if (a->type == 0 || a->type >= 16)
			return false;
		if (a->type == A_LIFE_TYPE)
			type = a->value;
		if (a->type == A_LIFE && type == LIFE_SECONDS)
			s->life_s = a->value > UINT32_MAX ? UINT32_MAX
							  : (uint32_t)a->value;
		value[a->type] = a->value;
	}
	if (value[A_ENCR] > UINT16_MAX || value[A_HASH] > UINT16_MAX ||
	    value[A_GROUP] > UINT16_MAX || value[A_KEY] > 256 ||
	    (value[A_ENCR] == 7 && value[A_KEY] == 0))
		return false;
	s->encr = ike_alg_v1(IKE_ALG_ENCR, (uint16_t)value[A_ENCR],
			     (uint16_t)value[A_KEY]);
	s->prf = ike_alg_v1(IKE_ALG_PRF, (uint16_t)value[A_HASH], 0);
	s->dh = ike_alg_v1(IKE_ALG_DH, (uint16_t)value[A_GROUP], 0);
	s->auth = value[A_AUTH] == AUTH_PSK   ? IKE_AUTH_PSK
		  : value[A_AUTH] == AUTH_RSA ? IKE_AUTH_CERT
					      : 0;
	return t->id == KEY_IKE && s->encr != NULL && s->prf != NULL &&
	       s->dh != NULL && s->auth != 0 && s->life_s != 0;
}

static bool
has(const struct ike_proposal *p, enum ike_alg_type type,
    const struct ike_alg *alg)
{
	const struct ike_alg *at;

	for (unsigned i = 0; (at = nth(p, type, i)) != NULL; i++) {
		if (at == alg)
			return true;
	}
	return false;
}

/* Whether one of our proposals has all of it; the shorter lifetime holds. */
static bool
is_ours(const struct ike_policy *policy, struct v1_suite *s)
{
	for (unsigned i = 0; i < policy->count; i++) {
		const struct ike_proposal *p = &policy->proposals[i];

		if (auth_of(policy, p) != s->auth ||
		    !has(p, IKE_ALG_ENCR, s->encr) ||
		    !has(p, IKE_ALG_PRF, s->prf) || !has(p, IKE_ALG_DH, s->dh))
			continue;
		if (life_of(p) < s->life_s)
			s->life_s = life_of(p);
		return true;
	}
	return false;
}

static bool
strict_ok(const struct v1 *v1, const struct v1_suite *s)
{
	return !v1->host.conf->strict ||
	       (s->encr->seos && s->prf->seos && s->dh->seos);
}

int
v1_choose_ike(const struct v1 *v1, const struct ike_policy *policy,
	      const struct ike_v1_sap *theirs, unsigned *at,
	      struct v1_suite *suite)
{
	const struct ike_sap_proposal *p = &theirs->proposals[0];

	/* One proposal, of phase 1 (RFC 2409 section 5). */
	if (theirs->count != 1 || p->protocol != IKE_PROTO_IKE)
		return -ENOENT;
	for (unsigned i = 0; i < p->count; i++) {
		struct v1_suite s;

		if (!read_ike(&theirs->transforms[p->from + i], &s) ||
		    !is_ours(policy, &s) || !strict_ok(v1, &s))
			continue;
		*at = i;
		*suite = s;
		return 0;
	}
	return -ENOENT;
}

/* ---- how they compare -------------------------------------------------- */

/* The words of all algorithms of a type in a proposal. */
static void
list_text(const struct ike_proposal *p, enum ike_alg_type type, char *text,
	  size_t room)
{
	const struct ike_alg *alg;
	size_t at = 0;

	text[0] = '\0';
	for (unsigned i = 0; (alg = nth(p, type, i)) != NULL && at < room; i++)
		at += (size_t)snprintf(text + at, room - at, "%s%s",
				       i == 0 ? "" : ", ", alg->name);
}

static const char *
auth_text(uint8_t auth)
{
	return auth == IKE_AUTH_CERT  ? "rsa-signature"
	       : auth == IKE_AUTH_PSK ? "pre-shared-key"
				      : "other";
}

/* One of our proposals against one of their transforms: a row for each thing
 * that must agree. */
static void
compare_pair(struct v1 *v1, uint64_t record, const struct ike_policy *policy,
	     const struct ike_proposal *p, const struct ike_v1_transform *t,
	     struct ike_compare *row)
{
	static const enum ike_alg_type types[] = {IKE_ALG_ENCR, IKE_ALG_PRF,
						  IKE_ALG_DH};
	static const char *const names[] = {"encryption", "hash", "group"};
	struct v1_suite s;
	const struct ike_alg *theirs[3];
	char ours[128];
	bool differs = false;

	(void)read_ike(t, &s);
	theirs[0] = s.encr;
	theirs[1] = s.prf;
	theirs[2] = s.dh;
	for (unsigned i = 0; i < 3; i++) {
		list_text(p, types[i], ours, sizeof(ours));
		row->type = names[i];
		row->our_text = ours;
		row->their_text =
		    theirs[i] == NULL ? "unknown" : theirs[i]->name;
		row->same = theirs[i] != NULL && has(p, types[i], theirs[i]);
		row->first_differs = !row->same && !differs;
		differs = differs || !row->same;
		v1->host.compare(v1->host.arg, record, row);
	}
	row->type = "authentication";
	row->our_text = auth_text(auth_of(policy, p));
	row->their_text = auth_text(s.auth);
	row->same = s.auth == auth_of(policy, p);
	row->first_differs = !row->same && !differs;
	v1->host.compare(v1->host.arg, record, row);
}

void
v1_compare_ike(struct v1 *v1, uint64_t record, const struct ike_policy *policy,
	       const struct ike_v1_sap *theirs)
{
	const struct ike_sap_proposal *p = &theirs->proposals[0];

	for (unsigned i = 0; i < policy->count; i++) {
		for (unsigned k = 0; theirs->count > 0 && k < p->count; k++) {
			struct ike_compare row = {.ours = (uint8_t)(i + 1),
						  .theirs = (uint8_t)(k + 1)};

			compare_pair(v1, record, policy, &policy->proposals[i],
				     &theirs->transforms[p->from + k], &row);
		}
	}
}

void
v1_sap_only(const struct ike_v1_sap *theirs, unsigned proposal,
	    unsigned transform, struct ike_v1_sap *one)
{
	struct ike_sap_proposal *p = &one->proposals[one->count];

	*p = theirs->proposals[proposal];
	one->transforms[one->transforms_count] =
	    theirs->transforms[p->from + transform];
	p->from = (uint16_t)one->transforms_count++;
	p->count = 1;
	one->count++;
}

/* ---- phase 2 -------------------------------------------------------- */

static void
child_common(struct ike_v1_transform *t, const struct ike_child_policy *policy,
	     const struct ike_child_proposal *p, bool udp)
{
	attr(t, B_LIFE_TYPE, LIFE_SECONDS);
	attr(t, B_LIFE, p->lifetime_s == 0 ? LIFE_DEFAULT_S : p->lifetime_s);
	if (p->lifetime_kilobytes != 0) {
		attr(t, B_LIFE_TYPE, LIFE_KILOBYTES);
		attr(t, B_LIFE, p->lifetime_kilobytes);
	}
	if (policy->pfs_group != 0)
		attr(t, B_GROUP, policy->pfs_group);
	if (policy->transport)
		attr(t, B_MODE, udp ? MODE_UDP_TRANSPORT : MODE_TRANSPORT);
	else
		attr(t, B_MODE, udp ? MODE_UDP_TUNNEL : MODE_TUNNEL);
}

static void
offer_esp(struct ike_v1_sap *sap, const struct ike_child_policy *policy,
	  const struct ike_child_proposal *p, unsigned i, bool udp)
{
	const struct ike_esp_alg *enc = ike_esp_alg_of(p->esp[i].enc);
	const struct ike_esp_alg *auth = ike_esp_alg_of(p->esp[i].auth);
	struct ike_v1_transform *t;

	if (enc == NULL || enc->v1 == 0 ||
	    (p->esp[i].auth != IPSEC_ALG_NONE &&
	     (auth == NULL || auth->v1 == 0)))
		return;
	t = transform_add(sap, (uint8_t)enc->v1);
	if (t == NULL)
		return;
	child_common(t, policy, p, udp);
	if (enc->key_bits != 0)
		attr(t, B_KEY, enc->key_bits);
	if (p->esp[i].auth != IPSEC_ALG_NONE)
		attr(t, B_AUTH, auth->v1);
}

static void
offer_ah(struct ike_v1_sap *sap, const struct ike_child_policy *policy,
	 const struct ike_child_proposal *p, bool udp)
{
	const struct ike_esp_alg *ah = ike_esp_alg_of(p->ah);
	struct ike_v1_transform *t;

	if (ah == NULL || ah->v1_ah == 0)
		return;
	t = transform_add(sap, (uint8_t)ah->v1_ah);
	if (t == NULL)
		return;
	child_common(t, policy, p, udp);
	attr(t, B_AUTH, ah->v1);
}

int
v1_offer_child(const struct ike_child_policy *policy, bool udp,
	       uint32_t spi_esp, uint32_t spi_ah, struct ike_v1_sap *sap)
{
	sap->count = sap->transforms_count = 0;
	for (unsigned i = 0; i < policy->count; i++) {
		const struct ike_child_proposal *p = &policy->proposals[i];
		unsigned count = sap->count;
		unsigned transforms = sap->transforms_count;
		bool good = true;

		if (p->esp_count != 0) {
			good = proposal_add(sap, (uint8_t)(i + 1),
					    IKE_PROTO_ESP, spi_esp);
			for (unsigned k = 0; good && k < p->esp_count; k++)
				offer_esp(sap, policy, p, k, udp);
			good = good && sap->proposals[sap->count - 1].count > 0;
		}
		if (good && p->ah != IPSEC_ALG_INVALID) {
			good = proposal_add(sap, (uint8_t)(i + 1), IKE_PROTO_AH,
					    spi_ah);
			if (good)
				offer_ah(sap, policy, p, udp);
			good = good && sap->proposals[sap->count - 1].count > 0;
		}
		if (!good) {
			sap->count = count;
			sap->transforms_count = transforms;
		}
	}
	return sap->count == 0 ? -ENOTSUP : 0;
}

/* What a transform of phase 2 says. */
struct child_words {
	uint32_t life_s;
	uint64_t life_kb;
	uint64_t group;
	uint64_t mode;
	uint64_t auth;
	uint64_t key_bits;
};

static bool
read_child(const struct ike_v1_transform *t, struct child_words *w)
{
	uint64_t type = LIFE_SECONDS;

	*w =
	    (struct child_words){.life_s = LIFE_DEFAULT_S, .mode = MODE_TUNNEL};
	for (unsigned i = 0; i < t->count; i++) {
		uint64_t v = t->attrs[i].value;

		switch (t->attrs[i].type) {
		case B_LIFE_TYPE:
			type = v;
			break;
		case B_LIFE:
			if (v == 0)
				return false;
			if (type == LIFE_SECONDS)
				w->life_s =
				    v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
			else if (type == LIFE_KILOBYTES)
				w->life_kb = v;
			else
				return false;
			break;
		case B_GROUP:
			w->group = v;
			break;
		case B_MODE:
			w->mode = v;
			break;
		case B_AUTH:
			w->auth = v;
			break;
		case B_KEY:
			w->key_bits = v;
			break;
		default:
			return false;
		}
	}
	return w->group <= UINT16_MAX && w->auth <= UINT16_MAX &&
	       w->key_bits <= 256;
}

static bool
mode_ok(const struct ike_child_policy *policy, bool udp, uint64_t mode)
{
	if (policy->transport)
		return mode == (udp ? MODE_UDP_TRANSPORT : MODE_TRANSPORT);
	if (udp)
		return mode == MODE_UDP_TUNNEL || mode == MODE_UDP_TUNNEL_DRAFT;
	return mode == MODE_TUNNEL;
}

/* A peer may ask for PFS where we do not; it must where we do. */
static bool
group_ok(const struct v1 *v1, const struct ike_child_policy *policy,
	 uint64_t group)
{
	const struct ike_alg *alg = ike_alg_v1(IKE_ALG_DH, (uint16_t)group, 0);

	if (policy->pfs_group != 0)
		return group == policy->pfs_group;
	return group == 0 ||
	       (alg != NULL && (alg->seos || !v1->host.conf->strict));
}

static bool
esp_ok(const struct ike_child_proposal *ours, const struct ike_v1_transform *t,
       const struct child_words *w, struct v1_esp_suite *s)
{
	s->enc =
	    ike_esp_alg_v1(IPSEC_ALG_ENCRYPTION, t->id, (uint16_t)w->key_bits);
	s->auth = w->auth == 0 ? IPSEC_ALG_NONE
			       : ike_esp_alg_v1(IPSEC_ALG_AUTHENTICATION,
						(uint16_t)w->auth, 0);
	for (unsigned i = 0; i < ours->esp_count; i++) {
		if (ours->esp[i].enc == s->enc && ours->esp[i].auth == s->auth)
			return s->enc != IPSEC_ALG_INVALID;
	}
	return false;
}

static bool
ah_ok(const struct ike_child_proposal *ours, const struct ike_v1_transform *t,
      const struct child_words *w, struct v1_esp_suite *s)
{
	const struct ike_esp_alg *alg = ike_esp_alg_of(ours->ah);

	s->ah = ours->ah;
	return alg != NULL && alg->v1_ah != 0 && t->id == alg->v1_ah &&
	       w->auth == alg->v1;
}

/* The first transform of their proposal p that fits ours; SPI and words. */
static bool
choose_transform(const struct v1 *v1, const struct ike_child_policy *policy,
		 const struct ike_child_proposal *ours, bool udp,
		 const struct ike_v1_sap *theirs, unsigned p, unsigned *at,
		 struct v1_esp_suite *s)
{
	const struct ike_sap_proposal *prop = &theirs->proposals[p];
	struct child_words w;
	struct be32 spi;

	if (prop->spi_octets != sizeof(spi))
		return false;
	memcpy(&spi, prop->spi, sizeof(spi));
	for (unsigned i = 0; i < prop->count; i++) {
		const struct ike_v1_transform *t =
		    &theirs->transforms[prop->from + i];
		bool esp = prop->protocol == IKE_PROTO_ESP;

		if (!read_child(t, &w) || !mode_ok(policy, udp, w.mode) ||
		    !group_ok(v1, policy, w.group) ||
		    !(esp ? esp_ok(ours, t, &w, s) : ah_ok(ours, t, &w, s)))
			continue;
		*at = i;
		*(esp ? &s->spi_esp : &s->spi_ah) = be32_get(spi);
		s->group = (uint16_t)w.group;
		if (w.life_s < s->life_s)
			s->life_s = w.life_s;
		if (w.life_kb != 0 &&
		    (s->life_kb == 0 || w.life_kb < s->life_kb))
			s->life_kb = w.life_kb;
		return be32_get(spi) >= 256;
	}
	return false;
}

/* The proposals from p on that bear its number: at most ESP and AH. */
static unsigned
run_of(const struct ike_v1_sap *sap, unsigned p)
{
	unsigned n = 1;

	while (p + n < sap->count &&
	       sap->proposals[p + n].number == sap->proposals[p].number)
		n++;
	return n;
}

static bool
choose_run(const struct v1 *v1, const struct ike_child_policy *policy,
	   const struct ike_child_proposal *ours, bool udp,
	   const struct ike_v1_sap *theirs, unsigned p, unsigned n,
	   struct ike_v1_sap *chosen, struct v1_esp_suite *s)
{
	unsigned want = (ours->esp_count != 0 ? 1U : 0U) +
			(ours->ah != IPSEC_ALG_INVALID ? 1U : 0U);
	bool esp = false;
	bool ah = false;

	*s = (struct v1_esp_suite){
	    .life_s = ours->lifetime_s == 0 ? LIFE_DEFAULT_S : ours->lifetime_s,
	    .life_kb = ours->lifetime_kilobytes};
	chosen->count = chosen->transforms_count = 0;
	for (unsigned i = 0; n == want && i < n; i++) {
		unsigned at = 0;

		if (theirs->proposals[p + i].protocol == IKE_PROTO_ESP)
			esp = ours->esp_count != 0;
		else if (theirs->proposals[p + i].protocol == IKE_PROTO_AH)
			ah = ours->ah != IPSEC_ALG_INVALID;
		else
			return false;
		if (!choose_transform(v1, policy, ours, udp, theirs, p + i, &at,
				      s))
			return false;
		v1_sap_only(theirs, p + i, at, chosen);
	}
	return n == want && esp == (ours->esp_count != 0) &&
	       ah == (ours->ah != IPSEC_ALG_INVALID);
}

int
v1_choose_child(const struct v1 *v1, const struct ike_child_policy *policy,
		bool udp, const struct ike_v1_sap *theirs,
		struct ike_v1_sap *chosen, struct v1_esp_suite *suite)
{
	for (unsigned p = 0; p < theirs->count;) {
		unsigned n = run_of(theirs, p);

		for (unsigned i = 0; i < policy->count; i++) {
			if (choose_run(v1, policy, &policy->proposals[i], udp,
				       theirs, p, n, chosen, suite))
				return 0;
		}
		p += n;
	}
	return -ENOENT;
}

void
v1_lifetimes(const uint8_t *attrs, size_t n, uint32_t *life_s,
	     uint64_t *life_kb)
{
	uint16_t kind = 0;

	while (n >= 4) {
		uint16_t type = (uint16_t)(attrs[0] << 8 | attrs[1]);
		uint16_t word = (uint16_t)(attrs[2] << 8 | attrs[3]);
		size_t octets = (type & 0x8000) != 0 ? 0 : word;
		uint64_t value = word;

		if (n - 4 < octets || octets > 8)
			return;
		for (size_t i = 0; i < octets; i++)
			value = (i == 0 ? 0 : value << 8) | attrs[4 + i];
		type &= 0x7fff;
		if (type == B_LIFE_TYPE)
			kind = (uint16_t)value;
		else if (type == B_LIFE && value != 0 && kind == LIFE_SECONDS &&
			 value < *life_s)
			*life_s = (uint32_t)value;
		else if (type == B_LIFE && value != 0 &&
			 kind == LIFE_KILOBYTES &&
			 (*life_kb == 0 || value < *life_kb))
			*life_kb = value;
		attrs += 4 + octets;
		n -= 4 + octets;
	}
}
