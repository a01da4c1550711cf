/*
 * Rules about how safe a configuration is: what the SmartEdge's release had,
 * for who asked to be held to it (`security release-compliance seos`), and what
 * is allowed and should not be done. Called by cfg_validate() and
 * cfg_warnings().
 *
 * The release: reference, section 4.2. The default is all that there is.
 */
#include "ipsec_alg.h"
#include "validate_impl.h"

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

typedef void sa_fn(struct check *c, const struct cfg_obj *sa);

static void
each_sa(struct check *c, sa_fn *fn)
{
	struct cfg_iter contexts, sas;

	for (const struct cfg_obj *context =
		 cfg_first(&contexts, c->root, CFG_CONTEXT);
	     context != NULL; context = cfg_next(&contexts)) {
		for (const struct cfg_obj *sa =
			 cfg_first(&sas, context, CFG_SA);
		     sa != NULL; sa = cfg_next(&sas))
			fn(c, sa);
	}
}

static void
release_sa(struct check *c, const struct cfg_obj *sa)
{
	static const struct {
		enum cfg_field field;
		const char *right;
	} algorithms[] = {
	    {CFG_SA_ENCRYPTION, "des-cbc, 3des-cbc, aes-*-cbc or null"},
	    {CFG_SA_AUTHENTICATION, "hmac-md5-96 or hmac-sha1-96"},
	    {CFG_SA_AH_AUTHENTICATION, "hmac-md5-96 or hmac-sha1-96"},
	};

	for (unsigned i = 0; i < NELEM(algorithms); i++) {
		enum cfg_field field = algorithms[i].field;
		const struct ipsec_alg *alg =
		    ipsec_alg_get((enum ipsec_alg_id)cfg_u32(sa, field));

		if (alg != NULL && !alg->seos)
			check_fail(c, sa, field,
				   "the SmartEdge release has no %s (security "
				   "release-compliance seos); expected %s",
				   alg->name, algorithms[i].right);
	}
}

/* Section 1.5: traffic is selected by routes alone. */
static void
release_selections(struct check *c)
{
	struct cfg_iter contexts, selections;

	for (const struct cfg_obj *context =
		 cfg_first(&contexts, c->root, CFG_CONTEXT);
	     context != NULL; context = cfg_next(&contexts)) {
		for (const struct cfg_obj *selection =
			 cfg_first(&selections, context, CFG_SELECTION);
		     selection != NULL; selection = cfg_next(&selections))
			check_fail(c, selection, CFG_SELECTION_NAME,
				   "the SmartEdge release selects by routes "
				   "alone (security release-compliance seos); "
				   "expected routes into the interface of a "
				   "tunnel");
	}
}

static void
release_tunnel(struct check *c, const struct cfg_obj *tunnel)
{
	if (cfg_u32(tunnel, CFG_TUNNEL_IPSEC_MODE) == CFG_IPSEC_TRANSPORT)
		check_fail(c, tunnel, CFG_TUNNEL_IPSEC_MODE,
			   "the SmartEdge release has no transport mode "
			   "(security release-compliance seos); expected "
			   "ipsec-mode tunnel");
}

void
check_release(struct check *c)
{
	struct cfg_iter it;

	if (cfg_u32(c->root, CFG_ROOT_RELEASE) != CFG_RELEASE_SEOS)
		return;
	each_sa(c, release_sa);
	for (const struct cfg_obj *x = cfg_first(&it, c->root, CFG_CONTEXT);
	     x != NULL; x = cfg_next(&it))
		check_release_ike(c, x);
	for (const struct cfg_obj *t = cfg_first(&it, c->root, CFG_TUNNEL);
	     t != NULL; t = cfg_next(&it))
		release_tunnel(c, t);
	release_selections(c);
}

static void
unwise_sa(struct check *c, const struct cfg_obj *sa)
{
	enum ipsec_alg_id enc =
	    (enum ipsec_alg_id)cfg_u32(sa, CFG_SA_ENCRYPTION);
	enum ipsec_alg_id auth = IPSEC_ALG_NONE;

	if (cfg_has(sa, CFG_SA_AUTHENTICATION))
		auth = (enum ipsec_alg_id)cfg_u32(sa, CFG_SA_AUTHENTICATION);
	/* Inside AH it is authenticated by that (RFC 4301 section 4.5). */
	if (!cfg_has(sa, CFG_SA_ESP_SPI) || cfg_has(sa, CFG_SA_AH_SPI) ||
	    !ipsec_alg_pair_unauthenticated(enc, auth))
		return;
	check_fail(c, sa, CFG_SA_ENCRYPTION,
		   "encryption alone, without an authentication, does not "
		   "keep packets from being changed or replayed (RFC 8221 "
		   "section 4); better with hmac-sha-256-128, or aes-128-gcm");
}

void
check_unwise(struct check *c)
{
	each_sa(c, unwise_sa);
}
