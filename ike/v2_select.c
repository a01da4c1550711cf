/*
 * Proposals: what we offer and what we take (RFC 7296 section 2.7, 3.3). A
 * proposal of a policy becomes one or two on the wire, for ciphers that
 * authenticate stand alone (RFC 5282 section 8). Ours are asked in our order
 * and the first that fits is taken, transform by transform; the peer's order
 * counts only between proposals that ours allow alike.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "v2_impl.h"

#define NO_INTEG 0
#define TEXT_MAX 256

/* A proposal of ours as lists by type, ciphers of one kind. */
struct lists {
	unsigned count[IKE_T_DH + 1];
	struct ike_transform of[IKE_T_DH + 1][IKE_TRANSFORMS_MAX];
};

static const struct ike_alg *
fact(const struct ike_transform *t)
{
	return ike_alg_get((enum ike_alg_type)t->type, t->id, t->key_bits);
}

static void
put(struct lists *l, const struct ike_transform *t)
{
	unsigned *n = &l->count[t->type];

	for (unsigned i = 0; i < *n; i++) {
		if (l->of[t->type][i].id == t->id &&
		    l->of[t->type][i].key_bits == t->key_bits)
			return;
	}
	if (*n < IKE_TRANSFORMS_MAX)
		l->of[t->type][(*n)++] = *t;
}

static void
put_prf_of_integ(struct lists *l)
{
	for (unsigned i = 0; i < l->count[IKE_T_INTEG]; i++) {
		const struct ike_alg *integ = fact(&l->of[IKE_T_INTEG][i]);
		const struct ike_alg *prf =
		    integ != NULL ? ike_alg_prf_of(integ) : NULL;
		struct ike_transform t = {.type = IKE_T_PRF};

		if (prf == NULL)
			continue;
		t.id = prf->id;
		put(l, &t);
	}
}

/* The AEADs of a proposal, or the others; false: it has none. */
static bool
split(const struct ike_proposal *p, bool aead, struct lists *l)
{
	memset(l->count, 0, sizeof(l->count));
	for (unsigned i = 0; i < p->count; i++) {
		const struct ike_transform *t = &p->transforms[i];
		const struct ike_alg *alg = fact(t);

		if (alg == NULL || t->type > IKE_T_DH)
			continue;
		if (t->type == IKE_T_ENCR && alg->aead != aead)
			continue;
		put(l, t);
	}
	if (l->count[IKE_T_PRF] == 0)
		put_prf_of_integ(l);
	if (aead)
		l->count[IKE_T_INTEG] = 0;
	return l->count[IKE_T_ENCR] > 0 && l->count[IKE_T_PRF] > 0 &&
	       l->count[IKE_T_DH] > 0 && (aead || l->count[IKE_T_INTEG] > 0);
}

static bool
offer_lists(const struct lists *l, const uint8_t *spi, struct ike_sap *sap)
{
	if (!ike_sap_add(sap, IKE_PROTO_IKE, spi, spi != NULL ? 8 : 0))
		return false;
	for (unsigned type = IKE_T_ENCR; type <= IKE_T_DH; type++) {
		for (unsigned i = 0; i < l->count[type]; i++) {
			if (!ike_sap_add_transform(sap, &l->of[type][i]))
				return false;
		}
	}
	return true;
}

/* Whether the first cipher of a proposal is an AEAD, so that those go first. */
static bool
aead_first(const struct ike_proposal *p)
{
	for (unsigned i = 0; i < p->count; i++) {
		const struct ike_alg *alg = fact(&p->transforms[i]);

		if (alg != NULL && alg->type == IKE_ALG_ENCR)
			return alg->aead;
	}
	return false;
}

bool
v2_offer_ike(const struct ike_policy *p, const uint8_t *spi,
	     struct ike_sap *sap)
{
	struct lists l;

	sap->count = 0;
	sap->transforms_count = 0;
	for (unsigned i = 0; i < p->count; i++) {
		bool aead = aead_first(&p->proposals[i]);

		if (split(&p->proposals[i], aead, &l) &&
		    !offer_lists(&l, spi, sap))
			return false;
		if (split(&p->proposals[i], !aead, &l) &&
		    !offer_lists(&l, spi, sap))
			return false;
	}
	return sap->count > 0;
}

uint16_t
v2_first_group(const struct ike_policy *p)
{
	for (unsigned i = 0; i < p->proposals[0].count; i++) {
		if (p->proposals[0].transforms[i].type == IKE_T_DH)
			return p->proposals[0].transforms[i].id;
	}
	return 0;
}

bool
v2_has_group(const struct ike_policy *p, uint16_t group)
{
	for (unsigned i = 0; i < p->count; i++) {
		for (unsigned k = 0; k < p->proposals[i].count; k++) {
			const struct ike_transform *t =
			    &p->proposals[i].transforms[k];

			if (t->type == IKE_T_DH && t->id == group)
				return true;
		}
	}
	return false;
}

/* ---- choosing -------------------------------------------------------- */

static bool
offered(const struct ike_sap *sap, const struct ike_sap_proposal *p,
	uint8_t type, uint16_t id, uint16_t key_bits)
{
	for (unsigned i = 0; i < p->count; i++) {
		const struct ike_sap_transform *t =
		    &sap->transforms[p->from + i];

		if (!t->strange && t->t.type == type && t->t.id == id &&
		    t->t.key_bits == key_bits)
			return true;
	}
	return false;
}

static unsigned
offered_count(const struct ike_sap *sap, const struct ike_sap_proposal *p,
	      uint8_t type)
{
	unsigned n = 0;

	for (unsigned i = 0; i < p->count; i++)
		n += sap->transforms[p->from + i].t.type == type;
	return n;
}

/* A type that we do not know must be left unchosen with its proposal. */
static bool
all_known(const struct ike_sap *sap, const struct ike_sap_proposal *p)
{
	for (unsigned i = 0; i < p->count; i++) {
		uint8_t type = sap->transforms[p->from + i].t.type;

		if (type < IKE_T_ENCR || type > IKE_T_ESN)
			return false;
	}
	return true;
}

static const struct ike_transform *
first_common(const struct lists *l, uint8_t type, const struct ike_sap *sap,
	     const struct ike_sap_proposal *p)
{
	for (unsigned i = 0; i < l->count[type]; i++) {
		const struct ike_transform *t = &l->of[type][i];

		if (offered(sap, p, type, t->id, t->key_bits))
			return t;
	}
	return NULL;
}

/* Their integrity algorithms beside an AEAD: none, or the number none. */
static bool
integ_absent(const struct ike_sap *sap, const struct ike_sap_proposal *p)
{
	return offered_count(sap, p, IKE_T_INTEG) == 0 ||
	       offered(sap, p, IKE_T_INTEG, NO_INTEG, 0);
}

static bool
fits_ike(const struct lists *l, bool aead, const struct ike_sap *sap,
	 const struct ike_sap_proposal *p, struct v2_suite *s)
{
	const struct ike_transform *encr = first_common(l, IKE_T_ENCR, sap, p);
	const struct ike_transform *prf = first_common(l, IKE_T_PRF, sap, p);
	const struct ike_transform *dh = first_common(l, IKE_T_DH, sap, p);
	const struct ike_transform *integ =
	    first_common(l, IKE_T_INTEG, sap, p);

	if (encr == NULL || prf == NULL || dh == NULL || !all_known(sap, p))
		return false;
	if (aead ? !integ_absent(sap, p) : integ == NULL)
		return false;
	s->encr = fact(encr);
	s->prf = fact(prf);
	s->group = fact(dh);
	s->integ = aead ? NULL : fact(integ);
	s->number = p->number;
	memset(s->spi, 0, sizeof(s->spi));
	if (p->spi_octets == sizeof(s->spi))
		memcpy(s->spi, p->spi, sizeof(s->spi));
	return true;
}

int
v2_choose_ike(const struct ike_policy *p, const struct ike_sap *theirs,
	      struct v2_suite *suite)
{
	for (unsigned i = 0; i < 2u * p->count; i++) {
		const struct ike_proposal *ours = &p->proposals[i / 2];
		bool aead = aead_first(ours) == (i % 2 == 0);
		struct lists l;

		if (!split(ours, aead, &l))
			continue;
		for (unsigned k = 0; k < theirs->count; k++) {
			if (theirs->proposals[k].protocol != IKE_PROTO_IKE ||
			    !fits_ike(&l, aead, theirs, &theirs->proposals[k],
				      suite))
				continue;
			suite->ours = (uint8_t)(i / 2);
			return 0;
		}
	}
	return -ENOENT;
}

static struct ike_transform
transform_of(const struct ike_alg *alg, uint8_t type)
{
	return (struct ike_transform){
	    .type = type, .id = alg->id, .key_bits = alg->key_bits};
}

static void
suite_to_sap(const struct v2_suite *s, const uint8_t *spi, struct ike_sap *sap)
{
	struct ike_transform t;

	sap->count = 0;
	sap->transforms_count = 0;
	(void)ike_sap_add(sap, IKE_PROTO_IKE, spi, spi != NULL ? 8 : 0);
	sap->proposals[0].number = s->number;
	t = transform_of(s->encr, IKE_T_ENCR);
	(void)ike_sap_add_transform(sap, &t);
	t = transform_of(s->prf, IKE_T_PRF);
	(void)ike_sap_add_transform(sap, &t);
	if (s->integ != NULL) {
		t = transform_of(s->integ, IKE_T_INTEG);
		(void)ike_sap_add_transform(sap, &t);
	}
	t = transform_of(s->group, IKE_T_DH);
	(void)ike_sap_add_transform(sap, &t);
}

bool
v2_suite_allowed(const struct ike_policy *p, const struct v2_suite *s)
{
	struct ike_sap sap;
	struct v2_suite again;

	suite_to_sap(s, NULL, &sap);
	return v2_choose_ike(p, &sap, &again) == 0;
}

void
v2_suite_place(const struct ike_policy *p, struct v2_suite *s)
{
	struct ike_sap sap;
	struct v2_suite again;

	suite_to_sap(s, NULL, &sap);
	if (v2_choose_ike(p, &sap, &again) == 0)
		s->ours = again.ours;
}

void
v2_write_ike_suite(struct ike_writer *w, const struct v2_suite *suite,
		   const uint8_t *spi)
{
	struct ike_sap sap;

	suite_to_sap(suite, spi, &sap);
	ike_write_sap(w, &sap);
}

/* ---- children -------------------------------------------------------- */

static bool
add_id(struct ike_sap *sap, uint8_t type, uint16_t id, uint16_t key_bits)
{
	struct ike_transform t = {.type = type, .id = id, .key_bits = key_bits};

	return ike_sap_add_transform(sap, &t);
}

static bool
offer_common(const struct ike_child_policy *p, bool strict, bool with_dh,
	     struct ike_sap *sap)
{
	if (with_dh && p->pfs_group != 0 &&
	    !add_id(sap, IKE_T_DH, p->pfs_group, 0))
		return false;
	if (p->esn && !strict && !add_id(sap, IKE_T_ESN, 1, 0))
		return false;
	return add_id(sap, IKE_T_ESN, 0, 0);
}

static bool
offer_esp(const struct ike_child_policy *p, const struct ike_child_proposal *c,
	  unsigned i, bool strict, bool with_dh, uint32_t spi,
	  struct ike_sap *sap)
{
	const struct ike_esp_alg *enc = ike_esp_alg_of(c->esp[i].enc);
	const struct ike_esp_alg *auth = ike_esp_alg_of(c->esp[i].auth);
	struct be32 wire = be32_put(spi);

	if (enc == NULL || (auth == NULL && c->esp[i].auth != IPSEC_ALG_NONE))
		return true;
	if (!ike_sap_add(sap, IKE_PROTO_ESP, &wire, sizeof(wire)) ||
	    !add_id(sap, IKE_T_ENCR, enc->v2, enc->key_bits))
		return false;
	if (auth != NULL && c->esp[i].auth != IPSEC_ALG_NONE &&
	    !add_id(sap, IKE_T_INTEG, auth->v2, 0))
		return false;
	return offer_common(p, strict, with_dh, sap);
}

bool
v2_offer_child(const struct ike_child_policy *p, bool strict, bool with_dh,
	       uint32_t spi_esp, uint32_t spi_ah, struct ike_sap *sap)
{
	struct be32 wire = be32_put(spi_ah);

	sap->count = 0;
	sap->transforms_count = 0;
	for (unsigned i = 0; i < p->count; i++) {
		const struct ike_child_proposal *c = &p->proposals[i];
		const struct ike_esp_alg *ah = ike_esp_alg_of(c->ah);

		for (unsigned k = 0; k < c->esp_count; k++) {
			if (!offer_esp(p, c, k, strict, with_dh, spi_esp, sap))
				return false;
		}
		/* Both around one packet is not for IKEv2 to negotiate. */
		if (c->esp_count > 0 || ah == NULL)
			continue;
		if (!ike_sap_add(sap, IKE_PROTO_AH, &wire, sizeof(wire)) ||
		    !add_id(sap, IKE_T_INTEG, ah->v2, 0) ||
		    !offer_common(p, strict, with_dh, sap))
			return false;
	}
	return sap->count > 0;
}

static bool
fits_esn(const struct ike_child_policy *p, bool strict,
	 const struct ike_sap *sap, const struct ike_sap_proposal *theirs,
	 struct v2_child_suite *s)
{
	bool yes = offered(sap, theirs, IKE_T_ESN, 1, 0);
	bool no = offered(sap, theirs, IKE_T_ESN, 0, 0) ||
		  (!strict && offered_count(sap, theirs, IKE_T_ESN) == 0);

	s->esn = yes && p->esn && !strict;
	return s->esn || no;
}

static bool
fits_dh(const struct ike_child_policy *p, bool with_dh,
	const struct ike_sap *sap, const struct ike_sap_proposal *theirs,
	struct v2_child_suite *s)
{
	s->group = 0;
	if (!with_dh)
		return true;
	if (p->pfs_group == 0)
		return offered_count(sap, theirs, IKE_T_DH) == 0 ||
		       offered(sap, theirs, IKE_T_DH, 0, 0);
	s->group = p->pfs_group;
	return offered(sap, theirs, IKE_T_DH, p->pfs_group, 0);
}

static bool
fits_algs(const struct ike_sap *sap, const struct ike_sap_proposal *theirs,
	  enum ipsec_alg_id enc_id, enum ipsec_alg_id auth_id)
{
	const struct ike_esp_alg *enc = ike_esp_alg_of(enc_id);
	const struct ike_esp_alg *auth = ike_esp_alg_of(auth_id);

	if (theirs->protocol == IKE_PROTO_ESP &&
	    (enc == NULL ||
	     !offered(sap, theirs, IKE_T_ENCR, enc->v2, enc->key_bits)))
		return false;
	if (auth_id == IPSEC_ALG_NONE)
		return integ_absent(sap, theirs);
	return auth != NULL && offered(sap, theirs, IKE_T_INTEG, auth->v2, 0);
}

/* One pair of ours against all of theirs. */
static bool
choose_pair(const struct ike_child_policy *p, bool strict, bool with_dh,
	    const struct ike_sap *theirs, uint8_t protocol,
	    enum ipsec_alg_id enc, enum ipsec_alg_id auth,
	    struct v2_child_suite *s)
{
	for (unsigned i = 0; i < theirs->count; i++) {
		const struct ike_sap_proposal *t = &theirs->proposals[i];
		struct be32 spi;

		if (t->protocol != protocol || t->spi_octets != sizeof(spi) ||
		    !all_known(theirs, t) || !fits_algs(theirs, t, enc, auth) ||
		    !fits_esn(p, strict, theirs, t, s) ||
		    !fits_dh(p, with_dh, theirs, t, s))
			continue;
		memcpy(&spi, t->spi, sizeof(spi));
		s->protocol = protocol;
		s->enc = enc;
		s->auth = auth;
		s->number = t->number;
		s->spi = be32_get(spi);
		return s->spi != 0;
	}
	return false;
}

int
v2_choose_child(const struct ike_child_policy *p, bool strict, bool with_dh,
		const struct ike_sap *theirs, struct v2_child_suite *s)
{
	for (unsigned i = 0; i < p->count; i++) {
		const struct ike_child_proposal *c = &p->proposals[i];

		s->ours = (uint8_t)i;
		for (unsigned k = 0; k < c->esp_count; k++) {
			if (choose_pair(p, strict, with_dh, theirs,
					IKE_PROTO_ESP, c->esp[k].enc,
					c->esp[k].auth, s))
				return 0;
		}
		if (c->esp_count == 0 && c->ah != IPSEC_ALG_INVALID &&
		    choose_pair(p, strict, with_dh, theirs, IKE_PROTO_AH,
				IPSEC_ALG_NULL, c->ah, s))
			return 0;
	}
	return -ENOENT;
}

void
v2_write_child_suite(struct ike_writer *w, const struct v2_child_suite *s,
		     uint32_t spi)
{
	const struct ike_esp_alg *enc = ike_esp_alg_of(s->enc);
	const struct ike_esp_alg *auth = ike_esp_alg_of(s->auth);
	struct be32 wire = be32_put(spi);
	struct ike_sap sap = {0};

	(void)ike_sap_add(&sap, s->protocol, &wire, sizeof(wire));
	sap.proposals[0].number = s->number;
	if (s->protocol == IKE_PROTO_ESP && enc != NULL)
		(void)add_id(&sap, IKE_T_ENCR, enc->v2, enc->key_bits);
	if (s->auth != IPSEC_ALG_NONE && auth != NULL)
		(void)add_id(&sap, IKE_T_INTEG, auth->v2, 0);
	if (s->group != 0)
		(void)add_id(&sap, IKE_T_DH, s->group, 0);
	(void)add_id(&sap, IKE_T_ESN, s->esn, 0);
	ike_write_sap(w, &sap);
}

/* ---- how they compared ----------------------------------------------- */

static const char *
type_name(uint8_t type)
{
	static const char *const names[] = {"?",         "encryption", "prf",
					    "integrity", "dh-group",   "esn"};

	return names[type <= IKE_T_ESN ? type : 0];
}

static void
append(char *text, const struct ike_transform *t)
{
	const struct ike_alg *alg = fact(t);
	size_t at = strlen(text);
	const char *comma = at > 0 ? ", " : "";

	if (alg != NULL)
		snprintf(text + at, TEXT_MAX - at, "%s%s", comma, alg->name);
	else if (t->key_bits != 0)
		snprintf(text + at, TEXT_MAX - at, "%s%u/%u", comma, t->id,
			 t->key_bits);
	else
		snprintf(text + at, TEXT_MAX - at, "%s%u", comma, t->id);
}

static void
compare_pair(struct ike *ike, uint64_t record, const struct lists *l, bool aead,
	     const struct ike_sap *sap, unsigned theirs,
	     struct ike_compare *row)
{
	const struct ike_sap_proposal *p = &sap->proposals[theirs];
	bool differed = false;

	row->theirs = p->number;
	for (uint8_t type = IKE_T_ENCR; type <= IKE_T_DH; type++) {
		char ours_text[TEXT_MAX] = "";
		char their_text[TEXT_MAX] = "";

		for (unsigned i = 0; i < l->count[type]; i++)
			append(ours_text, &l->of[type][i]);
		for (unsigned i = 0; i < p->count; i++) {
			if (sap->transforms[p->from + i].t.type == type)
				append(their_text,
				       &sap->transforms[p->from + i].t);
		}
		row->type = type_name(type);
		row->our_text = ours_text;
		row->their_text = their_text;
		row->same = aead && type == IKE_T_INTEG
				? integ_absent(sap, p)
				: first_common(l, type, sap, p) != NULL;
		row->first_differs = !row->same && !differed;
		differed = differed || !row->same;
		ike_record_compare(ike, record, row);
	}
}

void
v2_compare_ike(struct ike *ike, uint64_t record, const struct ike_policy *p,
	       const struct ike_sap *theirs, const struct v2_suite *chosen)
{
	ike_record_compare_reset(ike, record);
	for (unsigned i = 0; i < 2u * p->count; i++) {
		const struct ike_proposal *ours = &p->proposals[i / 2];
		bool aead = aead_first(ours) == (i % 2 == 0);
		struct lists l;

		if (!split(ours, aead, &l))
			continue;
		for (unsigned k = 0; k < theirs->count; k++) {
			struct ike_compare row = {.ours = (uint8_t)(i / 2 + 1)};

			row.chosen =
			    chosen != NULL && chosen->ours == i / 2 &&
			    (chosen->integ == NULL) == aead &&
			    chosen->number == theirs->proposals[k].number;
			compare_pair(ike, record, &l, aead, theirs, k, &row);
		}
	}
}
