/*
 * What a configuration must fulfil beyond the syntax of its lines: references
 * that exist, numbers that a card has, SAs used once, and so on. One row per
 * rule, keyed by kind of object. Nothing runs with a tree that fails here.
 */
#ifndef VALIDATE_H
#define VALIDATE_H

#include "ipsec_alg.h"
#include "tree.h"

struct cfg_errors {
	struct cfg_error *list; /* sorted by line; at most CFG_ERRORS_MAX */
	unsigned n;
	unsigned found; /* all of them */
};
#define CFG_ERRORS_MAX 100

/*
 * 0 when the tree holds, -EINVAL with the errors otherwise, -ENOMEM. *errors
 * is the caller's in each case, to give to cfg_errors_fini().
 */
int cfg_validate(const struct cfg_tree *tree, struct cfg_errors *errors);
/*
 * The same of a tree made from one that holds: the rules are run over what
 * changed, and over all that a change may have touched.
 */
int cfg_validate_change(const struct cfg_tree *was, const struct cfg_tree *now,
			struct cfg_errors *errors);
/*
 * What is allowed and unwise, in the same form; an operator is told and goes
 * on. 0 or -ENOMEM; *warnings as above.
 */
int cfg_warnings(const struct cfg_tree *tree, struct cfg_errors *warnings);

void cfg_errors_fini(struct cfg_errors *errors);

/*
 * An algorithm of an IKE proposal, field of CFG_IKE_PROPOSAL: what is
 * configured, or what holds where nothing is (reference, section 4.3; PRF: that
 * of the authentication). Never NULL for ENCR, INTEG, GROUP.
 */
struct ike_alg;
const struct ike_alg *cfg_ike_proposal_alg(const struct cfg_obj *proposal,
					   enum cfg_field field);
/* The authentication of ESP that an IPsec proposal has; NONE: none. */
enum ipsec_alg_id cfg_ipsec_proposal_auth(const struct cfg_obj *proposal);

#endif
