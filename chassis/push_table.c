/*
 * What goes to which card: circuits and adjacencies to all, routes and policies
 * to iPPAs and ASPs, homings to iPPAs, an SA, the selectors of a tunnel and
 * what its keys are negotiated with to the ASP it is homed on, and to no other.
 * Called by push.c.
 */
#include "push_table.h"

#include <string.h>

static int
compare_id(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct be32));
}

static int
compare_acl_row(const void *a, const void *b)
{
	return memcmp(a, b, 2 * sizeof(struct be32));
}

static int
compare_homing(const void *a, const void *b)
{
	return memcmp(a, b, offsetof(struct ctl_homing, circuit));
}

static int
compare_neighbor(const void *a, const void *b)
{
	return memcmp(a, b, offsetof(struct ctl_neighbor, reserved));
}

static int
compare_route(const void *a, const void *b)
{
	const struct ctl_route *x = a;
	const struct ctl_route *y = b;
	int c = memcmp(&x->context, &y->context, sizeof(x->context));

	if (c == 0)
		c = memcmp(&x->prefix, &y->prefix, sizeof(x->prefix));
	return c != 0 ? c : (int)x->len - (int)y->len;
}

static bool
skip_route(const void *row, uint16_t stage)
{
	const struct running_route *route = row;

	(void)stage;
	return !route->active;
}

static bool
skip_sa(const void *row, uint16_t stage)
{
	const struct running_sa *sa = row;

	return sa->asp != stage;
}

static bool
skip_policy(const void *row, uint16_t stage)
{
	const struct running_policy *policy = row;

	return policy->asp != STAGE_NONE && policy->asp != stage;
}

static bool
skip_bind(const void *row, uint16_t stage)
{
	const struct running_bind *bind = row;

	return bind->asp != STAGE_NONE && bind->asp != stage;
}

static bool
skip_ike_policy(const void *row, uint16_t stage)
{
	const struct running_ike_policy *policy = row;

	return !policy->at[stage];
}

static bool
skip_ike_child(const void *row, uint16_t stage)
{
	const struct running_ike_child *policy = row;

	return !policy->at[stage];
}

static bool
skip_ike_tunnel(const void *row, uint16_t stage)
{
	const struct running_ike_tunnel *tunnel = row;

	return tunnel->asp != stage;
}

static bool
is_asp(uint16_t stage)
{
	return stage_role(stage) == STAGE_ASP1 ||
	       stage_role(stage) == STAGE_ASP2;
}

bool
push_goes_to(enum ctl_type type, uint16_t stage)
{
	switch (type) {
	case CTL_ROUTES:
	case CTL_POLICIES:
	case CTL_POLICY_BINDS:
		return stage_role(stage) != STAGE_EPPA;
	case CTL_HOMINGS:
		return stage_role(stage) == STAGE_IPPA;
	case CTL_ACL_ROWS:
	case CTL_POLICERS:
	case CTL_PQS:
	case CTL_IPSEC_QUEUES:
	case CTL_FEATURES:
		return !is_asp(stage);
	case CTL_SAS:
	case CTL_IKE_POLICIES:
	case CTL_IKE_CHILD_POLICIES:
	case CTL_IKE_TUNNELS:
		return is_asp(stage);
	case CTL_NEIGHBORS:
		return stage_role(stage) == STAGE_EPPA;
	default:
		return true;
	}
}

/* A table whose rows go to cards as they are, or whose rows begin with such. */
#define VIEW(array, n, octets, compare, skip)                                  \
	((struct push_view){(const uint8_t *)(array), (n), sizeof(*(array)),   \
			    (octets), (compare), (skip), false})
#define VIEW_WHOLE(array, n, compare)                                          \
	((struct push_view){(const uint8_t *)(array), (n), sizeof(*(array)),   \
			    sizeof(*(array)), (compare), NULL, true})

struct push_view
push_view(const struct tables *t, enum ctl_type type)
{
	static const struct tables none;

	if (t == NULL)
		t = &none;
	switch (type) {
	case CTL_CIRCUITS:
		return VIEW_WHOLE(t->circuits, t->ncircuits, compare_id);
	case CTL_ADJACENCIES:
		return VIEW_WHOLE(t->adjs, t->nadjs, compare_id);
	case CTL_ROUTES:
		return VIEW(t->routes, t->nroutes, sizeof(t->routes->row),
			    compare_route, skip_route);
	case CTL_NEIGHBORS:
		return VIEW_WHOLE(t->neighbors, t->nneighbors,
				  compare_neighbor);
	case CTL_HOMINGS:
		return VIEW_WHOLE(t->homings, t->nhomings, compare_homing);
	case CTL_ACL_ROWS:
		return VIEW_WHOLE(t->acl_rows, t->nacl_rows, compare_acl_row);
	case CTL_PQS:
		return VIEW_WHOLE(t->pqs, t->npqs, compare_id);
	case CTL_IPSEC_QUEUES:
		return VIEW_WHOLE(t->ipsec_queues, t->nipsec_queues,
				  compare_id);
	case CTL_POLICERS:
		return VIEW_WHOLE(t->policers, t->npolicers, compare_id);
	case CTL_FEATURES:
		return VIEW_WHOLE(t->features, t->nfeatures, compare_id);
	case CTL_POLICIES:
		return VIEW(t->policies, t->npolicies, sizeof(t->policies->row),
			    compare_id, skip_policy);
	case CTL_POLICY_BINDS:
		return VIEW(t->binds, t->nbinds, sizeof(t->binds->row),
			    compare_id, skip_bind);
	case CTL_IKE_POLICIES:
		return VIEW(t->ike_policies, t->nike_policies,
			    sizeof(t->ike_policies->row), compare_id,
			    skip_ike_policy);
	case CTL_IKE_CHILD_POLICIES:
		return VIEW(t->ike_children, t->nike_children,
			    sizeof(t->ike_children->row), compare_id,
			    skip_ike_child);
	case CTL_IKE_TUNNELS:
		return VIEW(t->ike_tunnels, t->nike_tunnels,
			    sizeof(t->ike_tunnels->row), compare_id,
			    skip_ike_tunnel);
	default:
		return VIEW(t->sas, t->nsas, sizeof(t->sas->row), compare_id,
			    skip_sa);
	}
}

const void *
push_row(const struct push_view *v, size_t *i, uint16_t stage)
{
	for (; *i < v->n; ++*i) {
		const void *row = v->rows + *i * v->stride;

		if (v->skip == NULL || !v->skip(row, stage))
			return row;
	}
	return NULL;
}

bool
push_same(const struct push_view *x, const struct push_view *y)
{
	return x->n == y->n && x->whole &&
	       (x->n == 0 || memcmp(x->rows, y->rows, x->n * x->stride) == 0);
}
