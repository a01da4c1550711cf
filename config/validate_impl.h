/* What validate.c and validate_once.c share; nobody else. */
#ifndef VALIDATE_IMPL_H
#define VALIDATE_IMPL_H

#include "validate.h"

/* What differs from a tree that holds: kinds of objects. */
struct changes {
	const struct cfg_obj *was; /* its root */
	bool kind[CFG_KINDS];
};

struct check {
	const struct cfg_obj *root;
	const struct changes *changes; /* NULL: all is new */
	struct cfg_errors *errors;
	unsigned size;
	bool no_memory;
};

/* Notes an error of obj, at the line of field where that is set. */
void check_fail(struct check *c, const struct cfg_obj *obj,
		enum cfg_field field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * validate_change.c. A list of kinds ends with CFG_KINDS. check_reads: whether
 * a rule that reads these kinds alone may say something new; check_apart:
 * whether one may that reads all but these (NULL: all).
 */
int changes_find(struct changes *changes, const struct cfg_tree *was,
		 const struct cfg_tree *now);
bool check_reads(const struct check *c, const enum cfg_kind *kinds);
bool check_apart(const struct check *c, const enum cfg_kind *kinds);
#define KINDS(...) ((const enum cfg_kind[]){__VA_ARGS__, CFG_KINDS})

/* What may be used once only: SAs, bindings, SPIs, ASPs, networks, routes. */
void check_once(struct check *c);

/* validate_security.c: what a strict release refuses; what is unwise. */
void check_release(struct check *c);
void check_unwise(struct check *c);

/*
 * validate_tunnel.c: the settings of a tunnel's outer header, and one of its
 * SAs, which field names, with them.
 */
void tunnel_outer_check(struct check *c, const struct cfg_obj *tunnel);
void tunnel_around_check(struct check *c, const struct cfg_obj *tunnel,
			 const struct cfg_obj *sa, enum cfg_field field);

/*
 * validate_ike.c: proposals, policies and subscribers, by the rules of the
 * walk; what a tunnel's kind of keys needs; and what a release has of them.
 */
void check_ike_proposal(struct check *c, const struct cfg_obj *context,
			const struct cfg_obj *obj);
void check_ike_policy(struct check *c, const struct cfg_obj *context,
		      const struct cfg_obj *obj);
void check_ipsec_proposal(struct check *c, const struct cfg_obj *context,
			  const struct cfg_obj *obj);
void check_ipsec_policy(struct check *c, const struct cfg_obj *context,
			const struct cfg_obj *obj);
void check_subscriber(struct check *c, const struct cfg_obj *context,
		      const struct cfg_obj *obj);
void check_tunnel_keys(struct check *c, const struct cfg_obj *tunnel);
void check_release_ike(struct check *c, const struct cfg_obj *context);

/*
 * validate_policy.c: access lists and selections of IPsec, that they exist and
 * do not say different things of the same packets; what overlaps.
 */
void check_policies(struct check *c);
void check_unwise_policies(struct check *c);

/* validate_ip.c: routes' contexts, and networks and routes of IPv6. */
void check_ip(struct check *c);
/* Circuit features: validate_features.c. */
void check_acl(struct check *c, const struct cfg_obj *parent,
	       const struct cfg_obj *obj);
void check_interface_groups(struct check *c, const struct cfg_obj *context,
			    const struct cfg_obj *interface);
/* kind: of the circuit's access groups; NULL names: it is not bound. */
void check_circuit_groups(struct check *c, const struct cfg_obj *circuit,
			  enum cfg_kind kind, const char *context_name,
			  const char *interface_name);
void check_qos(struct check *c, const struct cfg_obj *parent,
	       const struct cfg_obj *obj);
void check_pq(struct check *c, const struct cfg_obj *parent,
	      const struct cfg_obj *obj);
void check_ipsec_qos(struct check *c, const struct cfg_obj *context,
		     const struct cfg_obj *obj);
/*
 * The policies applied to a circuit that is bound in a context (NULL: nowhere);
 * kind: of those objects.
 */
void check_circuit_qos(struct check *c, const struct cfg_obj *circuit,
		       enum cfg_kind kind, const char *context);
/* What an economical tunnel can not have. */
void check_tunnel_features(struct check *c, const struct cfg_obj *tunnel);

#endif
