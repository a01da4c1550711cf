/*
 * Rows to what IKE negotiates with. A tunnel whose row changes in anything that
 * was negotiated is another tunnel: its peer is told, and it begins anew; what
 * only the outer header says holds for the SAs to come.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ase_ike.h"
#include "clock.h"
#include "log.h"
#include "secret.h"

static_assert(IKE_PROPOSALS_MAX == CTL_IKE_PROPOSALS &&
		  IKE_SELECTORS_MAX == CTL_IKE_SELECTORS &&
		  IKE_NAME_MAX <= CTL_IKE_NAME &&
		  IKE_SECRET_MAX ==
		      sizeof(((struct ctl_ike_policy *)0)->secret) &&
		  IKE_ID_MAX == sizeof(((struct ctl_ike_id *)0)->value),
	      "ctl_msg.h has room for what ike.h takes");

static void
row_name(char to[IKE_NAME_MAX], const char from[CTL_IKE_NAME])
{
	memcpy(to, from, IKE_NAME_MAX - 1);
	to[IKE_NAME_MAX - 1] = '\0';
}

static void
row_id(struct ike_id *to, const struct ctl_ike_id *from)
{
	to->type = from->type;
	to->octets = be16_get(from->octets);
	if (to->octets <= IKE_ID_MAX)
		memcpy(to->value, from->value, to->octets);
}

static void
row_proposal(struct ike_proposal *to, const struct ctl_ike_proposal *from)
{
	static const uint8_t types[] = {IKE_T_ENCR, IKE_T_PRF, IKE_T_INTEG,
					IKE_T_DH};

	row_name(to->name, from->name);
	to->lifetime_s = be32_get(from->lifetime_s);
	to->v1_auth = from->auth;
	for (size_t i = 0; i < sizeof(types); i++) {
		if (be16_get(from->transform[i].id) == 0)
			continue;
		to->transforms[to->count++] = (struct ike_transform){
		    types[i], be16_get(from->transform[i].id),
		    be16_get(from->transform[i].key_bits)};
	}
}

static int
row_policy_set(struct ike *ike, const struct ctl_ike_policy *row)
{
	struct ike_policy *p = secret_alloc(sizeof(*p));
	int err;

	if (p == NULL)
		return -ENOMEM;
	*p = (struct ike_policy){
	    .id = be32_get(row->id),
	    .version = row->version,
	    .mode = row->mode,
	    .auth_local = row->auth_local,
	    .auth_remote = row->auth_remote,
	    .connection = row->connection,
	    .nat_traversal = (row->flags & CTL_IKE_NAT) != 0,
	    .fragmentation = (row->flags & CTL_IKE_FRAGMENTATION) != 0,
	    .count = row->count,
	    .dpd_interval_s = be32_get(row->dpd_interval_s),
	    .dpd_retries = be32_get(row->dpd_retries),
	    .secret_octets = be16_get(row->secret_octets),
	};
	row_name(p->name, row->name);
	row_id(&p->local, &row->local);
	row_id(&p->remote, &row->remote);
	memcpy(p->secret, row->secret, sizeof(p->secret));
	for (unsigned i = 0; i < row->count && i < IKE_PROPOSALS_MAX; i++)
		row_proposal(&p->proposals[i], &row->proposal[i]);
	err = ike_policy_set(ike, p);
	secret_free(&p, sizeof(*p));
	return err;
}

static int
row_child_set(struct ike *ike, const struct ctl_ike_child_policy *row)
{
	struct ike_child_policy p = {
	    .id = be32_get(row->id),
	    .count = row->count,
	    .pfs_group = be16_get(row->pfs_group),
	    .replay_window = be32_get(row->replay_window),
	    .rekey_margin_s = be32_get(row->rekey_margin_s),
	    .esn = (row->flags & CTL_IKE_ESN) != 0,
	    .transport = (row->flags & CTL_IKE_TRANSPORT) != 0,
	};

	row_name(p.name, row->name);
	for (unsigned i = 0; i < row->count && i < IKE_PROPOSALS_MAX; i++) {
		const struct ctl_ike_child_proposal *from = &row->proposal[i];
		struct ike_child_proposal *to = &p.proposals[i];

		row_name(to->name, from->name);
		to->ah = (enum ipsec_alg_id)from->ah;
		to->lifetime_s = be32_get(from->lifetime_s);
		to->lifetime_kilobytes = be32_get(from->lifetime_kilobytes);
		to->esp_count = from->encryption != IPSEC_ALG_INVALID;
		to->esp[0].enc = (enum ipsec_alg_id)from->encryption;
		to->esp[0].auth = (enum ipsec_alg_id)from->authentication;
	}
	return ike_child_policy_set(ike, &p);
}

/* --- tunnels ------------------------------------------------------------ */

static struct ike_ts
row_ts(const struct ctl_ike_ts *from)
{
	return (struct ike_ts){
	    .protocol = from->protocol,
	    .port = {be16_get(from->port[0]), be16_get(from->port[1])},
	    .first = from->first,
	    .last = from->last,
	};
}

static int
row_tunnel_add(struct ike *ike, const struct ctl_ike_tunnel *row)
{
	struct ike_tunnel t = {
	    .id = be32_get(row->circuit),
	    .type = row->type,
	    .traffic = row->traffic == 1,
	    .context = be32_get(row->context),
	    .local = row->local,
	    .remote = row->remote,
	    .policy = be32_get(row->policy),
	    .child_policy = be32_get(row->child_policy),
	    .count = row->count,
	};

	row_name(t.name, row->name);
	for (unsigned i = 0; i < row->count && i < IKE_SELECTORS_MAX; i++) {
		t.selectors[i].local = row_ts(&row->selector[i].local);
		t.selectors[i].remote = row_ts(&row->selector[i].remote);
	}
	return ike_tunnel_set(ike, &t, clock_monotonic());
}

/* Whether what was negotiated is that of the other row too. */
static bool
row_tunnel_same(const struct ctl_ike_tunnel *a, const struct ctl_ike_tunnel *b)
{
	size_t ends = offsetof(struct ctl_ike_tunnel, df);
	size_t rest = offsetof(struct ctl_ike_tunnel, selector);

	return memcmp(a, b, ends) == 0 &&
	       memcmp((const uint8_t *)a + rest, (const uint8_t *)b + rest,
		      sizeof(*a) - rest) == 0;
}

static void
row_tunnel_forget(struct ase_ike *a, uint32_t circuit)
{
	if (a->tunnel[circuit] == NULL)
		return;
	(void)ike_tunnel_del(a->ike, circuit, IKE_CAUSE_CONFIGURED_DOWN,
			     clock_monotonic());
	ase_ike_forget(a, circuit);
}

static int
row_tunnel_set(struct ase_ike *a, const struct ctl_ike_tunnel *row)
{
	uint32_t circuit = be32_get(row->circuit);
	struct ase_ike_tunnel *t = a->tunnel[circuit];
	int err;

	if (t != NULL && row_tunnel_same(&t->row, row)) {
		t->row = *row;
		return 0;
	}
	row_tunnel_forget(a, circuit);
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return -ENOMEM;
	t->row = *row;
	a->tunnel[circuit] = t;
	err = row_tunnel_add(a->ike, row);
	if (err == 0)
		return 0;
	a->tunnel[circuit] = NULL;
	free(t);
	log_error("ase: tunnel refused circuit=%u err=%d", circuit, -err);
	return err;
}

static int
row_tunnel(void *arg, enum ctl_op op, const void *item)
{
	struct ase_ike *a = arg;
	const struct ctl_ike_tunnel *row = item;
	uint32_t circuit = be32_get(row->circuit);

	if (circuit == 0 || circuit >= STATS_CIRCUITS)
		return -EINVAL;
	if (op == CTL_OP_SET)
		return row_tunnel_set(a, row);
	row_tunnel_forget(a, circuit);
	return 0;
}

static int
row_policy(void *arg, enum ctl_op op, const void *item)
{
	const struct ctl_ike_policy *row = item;

	if (op == CTL_OP_SET)
		return row_policy_set(arg, row);
	(void)ike_policy_del(arg, be32_get(row->id));
	return 0;
}

static int
row_child(void *arg, enum ctl_op op, const void *item)
{
	const struct ctl_ike_child_policy *row = item;

	if (op == CTL_OP_SET)
		return row_child_set(arg, row);
	(void)ike_child_policy_del(arg, be32_get(row->id));
	return 0;
}

int
ase_ike_rows(struct ase *ase, enum ctl_type table, enum ctl_op op,
	     const uint8_t *items, size_t n)
{
	int err = ase_ike_need(ase);

	if (err != 0)
		return err;
	switch (table) {
	case CTL_IKE_POLICIES:
		return card_tables_each(ase->ike->ike, row_policy,
					sizeof(struct ctl_ike_policy), op,
					items, n);
	case CTL_IKE_CHILD_POLICIES:
		return card_tables_each(ase->ike->ike, row_child,
					sizeof(struct ctl_ike_child_policy), op,
					items, n);
	default:
		if (op == CTL_OP_SET)
			ase->ike->holding = 2;
		return card_tables_each(ase->ike, row_tunnel,
					sizeof(struct ctl_ike_tunnel), op,
					items, n);
	}
}

/* A tunnel names policies that may be there already: only numbers are seen. */
static int
row_tunnel_check(void *arg, enum ctl_op op, const void *item)
{
	const struct ctl_ike_tunnel *row = item;
	int err;

	(void)op;
	if (be32_get(row->circuit) >= STATS_CIRCUITS)
		return -EINVAL;
	err = row_tunnel_add(arg, row);
	return err == -ENOENT ? 0 : err;
}

int
ase_ike_rehearse(struct ike *ike, enum ctl_type table, const uint8_t *items,
		 size_t n)
{
	switch (table) {
	case CTL_IKE_POLICIES:
		return card_tables_each(ike, row_policy,
					sizeof(struct ctl_ike_policy),
					CTL_OP_SET, items, n);
	case CTL_IKE_CHILD_POLICIES:
		return card_tables_each(ike, row_child,
					sizeof(struct ctl_ike_child_policy),
					CTL_OP_SET, items, n);
	default:
		return card_tables_each(ike, row_tunnel_check,
					sizeof(struct ctl_ike_tunnel),
					CTL_OP_SET, items, n);
	}
}
