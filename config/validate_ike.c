/*
 * What proposals and policies of automatic keys must fulfil, and the tunnels
 * that name them: what they name is there, algorithms suit one another (RFC
 * 7296 section 3.3, RFC 5282 section 8), IKEv1 is offered what it has numbers
 * for (RFC 2409 appendix A), each end can prove who it is. Called by the rules
 * of validate.c and, for who asked to be held to the SmartEdge release, by
 * check_release().
 */
#include "ike_alg.h"
#include "ipsec_alg.h"
#include "validate_impl.h"

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

const struct ike_alg *
cfg_ike_proposal_alg(const struct cfg_obj *proposal, enum cfg_field field)
{
	static const struct {
		enum cfg_field field;
		enum ike_alg_type type;
		const char *name;
	} unsaid[] = {
	    {CFG_IKE_PROPOSAL_ENCR, IKE_ALG_ENCR, "3des-cbc"},
	    {CFG_IKE_PROPOSAL_INTEG, IKE_ALG_INTEG, "hmac-sha1-96"},
	    {CFG_IKE_PROPOSAL_GROUP, IKE_ALG_DH, "2"},
	};

	if (cfg_has(proposal, field))
		return cfg_ike_alg(cfg_u32(proposal, field));
	for (size_t i = 0; i < NELEM(unsaid); i++) {
		if (unsaid[i].field == field)
			return ike_alg_find(unsaid[i].type, unsaid[i].name);
	}
	return ike_alg_prf_of(
	    cfg_ike_proposal_alg(proposal, CFG_IKE_PROPOSAL_INTEG));
}

enum ipsec_alg_id
cfg_ipsec_proposal_auth(const struct cfg_obj *proposal)
{
	uint32_t enc = cfg_u32(proposal, CFG_IPSEC_PROPOSAL_ENCRYPTION);

	if (cfg_has(proposal, CFG_IPSEC_PROPOSAL_AUTHENTICATION))
		return (enum ipsec_alg_id)cfg_u32(
		    proposal, CFG_IPSEC_PROPOSAL_AUTHENTICATION);
	return ipsec_alg_get((enum ipsec_alg_id)enc)->aead
		   ? IPSEC_ALG_NONE
		   : IPSEC_ALG_HMAC_SHA1_96;
}

void
check_ike_proposal(struct check *c, const struct cfg_obj *context,
		   const struct cfg_obj *obj)
{
	const struct ike_alg *encr =
	    cfg_ike_proposal_alg(obj, CFG_IKE_PROPOSAL_ENCR);

	(void)context;
	if (!encr->aead)
		return;
	if (cfg_has(obj, CFG_IKE_PROPOSAL_INTEG))
		check_fail(c, obj, CFG_IKE_PROPOSAL_INTEG,
			   "encryption algorithm %s authenticates too (RFC "
			   "5282 section 8); expected no authentication "
			   "algorithm beside it",
			   encr->name);
	else if (!cfg_has(obj, CFG_IKE_PROPOSAL_PRF))
		check_fail(c, obj, CFG_IKE_PROPOSAL_ENCR,
			   "%s tells no function to derive keys by; expected "
			   "pseudo-random-function beside it",
			   encr->name);
}

/* IKEv1 has a hash for both, and no AEAD. */
static void
proposal_v1_check(struct check *c, const struct cfg_obj *row,
		  const struct cfg_obj *proposal)
{
	static const enum cfg_field fields[] = {
	    CFG_IKE_PROPOSAL_ENCR,
	    CFG_IKE_PROPOSAL_PRF,
	    CFG_IKE_PROPOSAL_GROUP,
	};

	for (size_t i = 0; i < NELEM(fields); i++) {
		const struct ike_alg *alg =
		    cfg_ike_proposal_alg(proposal, fields[i]);

		if (alg != NULL && alg->v1 == 0)
			check_fail(c, row, CFG_IKE_POLICY_ROW_PROPOSAL,
				   "ike proposal %s has %s, which IKEv1 can "
				   "not speak of; expected version 2, or "
				   "another proposal",
				   cfg_str(proposal, CFG_IKE_PROPOSAL_NAME),
				   alg->title != NULL ? alg->title : alg->name);
	}
}

static void
policy_rows_check(struct check *c, const struct cfg_obj *context,
		  const struct cfg_obj *policy)
{
	struct cfg_iter it;

	for (const struct cfg_obj *row =
		 cfg_first(&it, policy, CFG_IKE_POLICY_ROW);
	     row != NULL; row = cfg_next(&it)) {
		const char *name = cfg_str(row, CFG_IKE_POLICY_ROW_PROPOSAL);
		const struct cfg_obj *proposal =
		    cfg_find(context, CFG_IKE_PROPOSAL, name);

		if (proposal == NULL)
			check_fail(c, row, CFG_IKE_POLICY_ROW_PROPOSAL,
				   "there is no ike proposal %s in this "
				   "context; expected one that is configured",
				   name);
		else if (cfg_u32(policy, CFG_IKE_POLICY_VERSION) == 1)
			proposal_v1_check(c, row, proposal);
	}
	if (cfg_count(policy, CFG_IKE_POLICY_ROW) > CFG_IKE_PROPOSALS_MAX)
		check_fail(c, policy, CFG_IKE_POLICY_NAME,
			   "more than %u proposals; expected at most as many",
			   CFG_IKE_PROPOSALS_MAX);
}

void
check_ike_policy(struct check *c, const struct cfg_obj *context,
		 const struct cfg_obj *obj)
{
	bool v1 = cfg_u32(obj, CFG_IKE_POLICY_VERSION) == 1;

	policy_rows_check(c, context, obj);
	if (!v1 && cfg_u32(obj, CFG_IKE_POLICY_MODE) != CFG_IKE_MAIN)
		check_fail(c, obj, CFG_IKE_POLICY_MODE,
			   "IKEv2 has no aggressive mode; expected version 1, "
			   "or no mode");
	if (v1 && cfg_u32(obj, CFG_IKE_POLICY_AUTH_LOCAL) !=
		      cfg_u32(obj, CFG_IKE_POLICY_AUTH_REMOTE))
		check_fail(c, obj, CFG_IKE_POLICY_AUTH_REMOTE,
			   "in IKEv1 both ends prove who they are in the same "
			   "way, that of the proposal; expected version 2, or "
			   "authentication method in the ike proposals");
}

void
check_ipsec_proposal(struct check *c, const struct cfg_obj *context,
		     const struct cfg_obj *obj)
{
	enum ipsec_alg_id enc =
	    (enum ipsec_alg_id)cfg_u32(obj, CFG_IPSEC_PROPOSAL_ENCRYPTION);
	enum ipsec_alg_id auth = cfg_ipsec_proposal_auth(obj);
	const struct ipsec_alg *alg = ipsec_alg_get(enc);

	(void)context;
	if (!ipsec_alg_pair_valid(enc, auth))
		check_fail(
		    c, obj,
		    cfg_has(obj, CFG_IPSEC_PROPOSAL_AUTHENTICATION)
			? CFG_IPSEC_PROPOSAL_AUTHENTICATION
			: CFG_IPSEC_PROPOSAL_ENCRYPTION,
		    alg->aead ? "esp encryption %s authenticates too; expected "
				"esp authentication none beside it"
			      : "esp encryption %s with authentication none "
				"protects nothing (RFC 4303 section 3.2); "
				"expected one of them",
		    alg->name);
	if (cfg_has(obj, CFG_IPSEC_PROPOSAL_AH) &&
	    cfg_u32(obj, CFG_IPSEC_PROPOSAL_AH) == IPSEC_ALG_NONE)
		check_fail(c, obj, CFG_IPSEC_PROPOSAL_AH,
			   "AH without an authentication (RFC 4302 section "
			   "2.6); expected one such as hmac-sha1-96");
}

void
check_ipsec_policy(struct check *c, const struct cfg_obj *context,
		   const struct cfg_obj *obj)
{
	struct cfg_iter it;

	for (const struct cfg_obj *row =
		 cfg_first(&it, obj, CFG_IPSEC_POLICY_ROW);
	     row != NULL; row = cfg_next(&it)) {
		const char *name = cfg_str(row, CFG_IPSEC_POLICY_ROW_PROPOSAL);

		if (cfg_find(context, CFG_IPSEC_PROPOSAL, name) == NULL)
			check_fail(c, row, CFG_IPSEC_POLICY_ROW_PROPOSAL,
				   "there is no ipsec proposal %s in this "
				   "context; expected one that is configured",
				   name);
	}
	if (cfg_count(obj, CFG_IPSEC_POLICY_ROW) > CFG_IKE_PROPOSALS_MAX)
		check_fail(c, obj, CFG_IPSEC_POLICY_NAME,
			   "more than %u proposals; expected at most as many",
			   CFG_IKE_PROPOSALS_MAX);
}

void
check_subscriber(struct check *c, const struct cfg_obj *context,
		 const struct cfg_obj *obj)
{
	const char *policy = cfg_str(obj, CFG_SUBSCRIBER_POLICY);

	if (policy != NULL &&
	    cfg_find(context, CFG_IPSEC_POLICY, policy) == NULL)
		check_fail(c, obj, CFG_SUBSCRIBER_POLICY,
			   "there is no ipsec policy %s in this context; "
			   "expected one that is configured",
			   policy);
}

/* --- tunnels -------------------------------------------------------------- */

static const struct cfg_obj *
named(struct check *c, const struct cfg_obj *tunnel,
      const struct cfg_obj *context, enum cfg_field field, enum cfg_kind kind,
      const char *word)
{
	const char *name = cfg_str(tunnel, field);
	const struct cfg_obj *found;

	if (name == NULL || context == NULL)
		return NULL;
	found = cfg_find(context, kind, name);
	if (found == NULL)
		check_fail(c, tunnel, field,
			   "there is no %s %s in context %s; expected one "
			   "that is configured there",
			   word, name, cfg_str(context, CFG_CONTEXT_NAME));
	return found;
}

/* What the policy must have before it can be used. */
static void
policy_complete_check(struct check *c, const struct cfg_obj *tunnel,
		      const struct cfg_obj *ike, const struct cfg_obj *ipsec)
{
	bool demand =
	    cfg_u32(tunnel, CFG_TUNNEL_KEYING) == CFG_KEYING_ON_DEMAND;

	if (ike != NULL && cfg_count(ike, CFG_IKE_POLICY_ROW) == 0)
		check_fail(c, tunnel, CFG_TUNNEL_IKE_POLICY,
			   "not shut down, and ike policy %s has no proposal; "
			   "expected seq N proposal NAME in it",
			   cfg_str(ike, CFG_IKE_POLICY_NAME));
	if (ipsec != NULL && cfg_count(ipsec, CFG_IPSEC_POLICY_ROW) == 0)
		check_fail(c, tunnel, CFG_TUNNEL_IPSEC_POLICY,
			   "not shut down, and ipsec policy %s has no "
			   "proposal; expected seq N proposal NAME in it",
			   cfg_str(ipsec, CFG_IPSEC_POLICY_NAME));
	if (ike != NULL &&
	    (cfg_u32(ike, CFG_IKE_POLICY_AUTH_LOCAL) != CFG_IKE_PSK ||
	     cfg_u32(ike, CFG_IKE_POLICY_AUTH_REMOTE) != CFG_IKE_PSK))
		check_fail(c, tunnel, CFG_TUNNEL_IKE_POLICY,
			   "not shut down, and ike policy %s asks for "
			   "certificates, which ASPs do not have yet; expected "
			   "authentication local and remote pre-shared-key",
			   cfg_str(ike, CFG_IKE_POLICY_NAME));
	/* The secrets of who comes on demand are the subscribers'. */
	if (ike != NULL && !demand && !cfg_has(ike, CFG_IKE_POLICY_SECRET) &&
	    (cfg_u32(ike, CFG_IKE_POLICY_AUTH_LOCAL) == CFG_IKE_PSK ||
	     cfg_u32(ike, CFG_IKE_POLICY_AUTH_REMOTE) == CFG_IKE_PSK))
		check_fail(c, tunnel, CFG_TUNNEL_IKE_POLICY,
			   "not shut down, and ike policy %s has no secret; "
			   "expected pre-shared-key in it, or authentication "
			   "local rsa and remote rsa",
			   cfg_str(ike, CFG_IKE_POLICY_NAME));
}

static void
auto_complete_check(struct check *c, const struct cfg_obj *tunnel)
{
	static const struct {
		enum cfg_field field;
		const char *right;
	} needs[] = {
	    {CFG_TUNNEL_LOCAL, "peer-end-point local A remote A"},
	    {CFG_TUNNEL_IKE_POLICY, "ike-policy NAME"},
	    {CFG_TUNNEL_IPSEC_POLICY, "ipsec-policy NAME"},
	    {CFG_TUNNEL_REMOTE, "remote A in peer-end-point"},
	};
	unsigned n = NELEM(needs);

	/* The last is what a peer that comes on demand brings along. */
	if (cfg_u32(tunnel, CFG_TUNNEL_KEYING) == CFG_KEYING_ON_DEMAND)
		n--;
	for (unsigned i = 0; i < n; i++) {
		if (cfg_has(tunnel, needs[i].field))
			continue;
		check_fail(
		    c, tunnel, CFG_TUNNEL_NAME,
		    "not shut down, and incomplete; expected %s, or shutdown",
		    needs[i].right);
		return;
	}
}

void
check_tunnel_keys(struct check *c, const struct cfg_obj *tunnel)
{
	static const struct {
		enum cfg_field field;
		bool manual;
		const char *words;
	} kinds[] = {
	    {CFG_TUNNEL_SA_IN, true, "ipsec-sa in"},
	    {CFG_TUNNEL_SA_OUT, true, "ipsec-sa out"},
	    {CFG_TUNNEL_IKE_POLICY, false, "ike-policy"},
	    {CFG_TUNNEL_IPSEC_POLICY, false, "ipsec-policy"},
	};
	bool manual = cfg_u32(tunnel, CFG_TUNNEL_KEYING) == CFG_KEYING_MANUAL;
	const char *name = cfg_str(tunnel, CFG_TUNNEL_CONTEXT);
	const struct cfg_obj *context =
	    cfg_find(c->root, CFG_CONTEXT, name == NULL ? "local" : name);
	const struct cfg_obj *ike, *ipsec;

	for (size_t i = 0; i < NELEM(kinds); i++) {
		if (kinds[i].manual != manual &&
		    cfg_has(tunnel, kinds[i].field))
			check_fail(c, tunnel, kinds[i].field,
				   "%s is of tunnels with %s keys; expected "
				   "tunnel ipsec %s%s, or no %s",
				   kinds[i].words,
				   manual ? "automatic" : "manual",
				   cfg_str(tunnel, CFG_TUNNEL_NAME),
				   manual ? "" : " manual", kinds[i].words);
	}
	if (manual)
		return;
	ike = named(c, tunnel, context, CFG_TUNNEL_IKE_POLICY, CFG_IKE_POLICY,
		    "ike policy");
	ipsec = named(c, tunnel, context, CFG_TUNNEL_IPSEC_POLICY,
		      CFG_IPSEC_POLICY, "ipsec policy");
	if (cfg_bool(tunnel, CFG_TUNNEL_SHUTDOWN))
		return;
	auto_complete_check(c, tunnel);
	policy_complete_check(c, tunnel, ike, ipsec);
}

/* --- the release ---------------------------------------------------------- */

static void
release_ike_proposal(struct check *c, const struct cfg_obj *proposal)
{
	static const struct {
		enum cfg_field field;
		const char *right;
	} algorithms[] = {
	    {CFG_IKE_PROPOSAL_ENCR, "des-cbc, 3des-cbc or aes-*-cbc"},
	    {CFG_IKE_PROPOSAL_INTEG, "hmac-md5-96 or hmac-sha1-96"},
	    {CFG_IKE_PROPOSAL_PRF, "hmac-md5 or hmac-sha1"},
	    {CFG_IKE_PROPOSAL_GROUP, "dh-group 1, 2, 5 or 14"},
	};

	for (size_t i = 0; i < NELEM(algorithms); i++) {
		const struct ike_alg *alg =
		    cfg_ike_alg(cfg_u32(proposal, algorithms[i].field));

		if (alg != NULL && !alg->seos)
			check_fail(c, proposal, algorithms[i].field,
				   "the SmartEdge release has no %s (security "
				   "release-compliance seos); expected %s",
				   alg->title != NULL ? alg->title : alg->name,
				   algorithms[i].right);
	}
}

static void
release_ipsec_proposal(struct check *c, const struct cfg_obj *proposal)
{
	static const struct {
		enum cfg_field field;
		const char *right;
	} algorithms[] = {
	    {CFG_IPSEC_PROPOSAL_ENCRYPTION,
	     "des-cbc, 3des-cbc, aes-*-cbc or null"},
	    {CFG_IPSEC_PROPOSAL_AUTHENTICATION, "hmac-md5-96 or hmac-sha1-96"},
	    {CFG_IPSEC_PROPOSAL_AH, "hmac-md5-96 or hmac-sha1-96"},
	};

	for (size_t i = 0; i < NELEM(algorithms); i++) {
		const struct ipsec_alg *alg = ipsec_alg_get(
		    (enum ipsec_alg_id)cfg_u32(proposal, algorithms[i].field));

		if (cfg_has(proposal, algorithms[i].field) && !alg->seos)
			check_fail(c, proposal, algorithms[i].field,
				   "the SmartEdge release has no %s (security "
				   "release-compliance seos); expected %s",
				   alg->name, algorithms[i].right);
	}
}

void
check_release_ike(struct check *c, const struct cfg_obj *context)
{
	struct cfg_iter it;

	for (const struct cfg_obj *o =
		 cfg_first(&it, context, CFG_IKE_PROPOSAL);
	     o != NULL; o = cfg_next(&it))
		release_ike_proposal(c, o);
	for (const struct cfg_obj *o =
		 cfg_first(&it, context, CFG_IPSEC_PROPOSAL);
	     o != NULL; o = cfg_next(&it))
		release_ipsec_proposal(c, o);
	for (const struct cfg_obj *o =
		 cfg_first(&it, context, CFG_IPSEC_POLICY);
	     o != NULL; o = cfg_next(&it)) {
		const struct ike_alg *pfs =
		    cfg_ike_alg(cfg_u32(o, CFG_IPSEC_POLICY_PFS));

		if (pfs != NULL && !pfs->seos)
			check_fail(
			    c, o, CFG_IPSEC_POLICY_PFS,
			    "the SmartEdge release has no %s (security "
			    "release-compliance seos); expected dh-group "
			    "1, 2, 5 or 14",
			    pfs->title != NULL ? pfs->title : pfs->name);
	}
}
