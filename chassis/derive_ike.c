/*
 * From tunnels with automatic keys to what their ASPs negotiate with: policies
 * of IKE and of IPsec, each to the ASPs that have a tunnel with it, and the
 * tunnels themselves. A policy belongs to a context; one of IPsec becomes two
 * where tunnels of both modes name it, for the mode is negotiated with it.
 *
 * Secrets are not in the rows that are kept: push.c puts them in, as it does
 * with the keys of SAs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ike_alg.h"
#include "running.h"
#include "secret.h"
#include "selector.h"
#include "validate.h"

#define UDP 17
#define PORT_NAT 4500

enum {
	ID_TYPE_IPV4 = 1,
	ID_TYPE_FQDN = 2,
	ID_TYPE_EMAIL = 3,
	ID_TYPE_IPV6 = 5,
	ID_TYPE_KEY_ID = 11
}; /* RFC 7296 section 3.5 */

/* Where the rows of a derivation are, by id: policies of many tunnels. */
struct ike_places {
	uint32_t *policy; /* index + 1 */
	uint32_t *child;
};

#define PLACES 65536

static void
put_name(char to[CTL_IKE_NAME], const char *name)
{
	(void)snprintf(to, CTL_IKE_NAME, "%s", name);
}

/* --- IKE policies -----------------------------------------------------------
 */

static void
put_id_text(struct ctl_ike_id *id, uint8_t type, const char *text)
{
	size_t n = strlen(text);

	n = n < sizeof(id->value) ? n : sizeof(id->value);
	id->type = type;
	id->octets = be16_put((uint16_t)n);
	memcpy(id->value, text, n);
}

/* One of the fields that follow ip, which say an identity of one end. */
static void
put_id(struct ctl_ike_id *id, const struct cfg_obj *policy, enum cfg_field ip,
       enum cfg_field fqdn, enum cfg_field email, enum cfg_field key_id)
{
	struct ip_addr addr = cfg_ip(policy, ip);

	if (addr.family != 0) {
		id->type = addr.family == 4 ? ID_TYPE_IPV4 : ID_TYPE_IPV6;
		id->octets = be16_put((uint16_t)(ip_addr_bits(&addr) / 8));
		memcpy(id->value, addr.octets, ip_addr_bits(&addr) / 8);
	} else if (cfg_str(policy, fqdn) != NULL) {
		put_id_text(id, ID_TYPE_FQDN, cfg_str(policy, fqdn));
	} else if (cfg_str(policy, email) != NULL) {
		put_id_text(id, ID_TYPE_EMAIL, cfg_str(policy, email));
	} else if (cfg_str(policy, key_id) != NULL) {
		put_id_text(id, ID_TYPE_KEY_ID, cfg_str(policy, key_id));
	}
}

static void
put_ike_proposal(const struct cfg_obj *obj, struct ctl_ike_proposal *p)
{
	static const enum cfg_field fields[] = {
	    CFG_IKE_PROPOSAL_ENCR, CFG_IKE_PROPOSAL_PRF, CFG_IKE_PROPOSAL_INTEG,
	    CFG_IKE_PROPOSAL_GROUP};
	bool aead = cfg_ike_proposal_alg(obj, CFG_IKE_PROPOSAL_ENCR)->aead;

	put_name(p->name, cfg_str(obj, CFG_IKE_PROPOSAL_NAME));
	p->lifetime_s = be32_put(cfg_u32(obj, CFG_IKE_PROPOSAL_LIFETIME));
	p->auth = (uint8_t)cfg_u32(obj, CFG_IKE_PROPOSAL_METHOD);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const struct ike_alg *alg =
		    cfg_ike_proposal_alg(obj, fields[i]);

		/* RFC 7296 section 3.3: no integrity beside an AEAD. */
		if (alg == NULL ||
		    (aead && fields[i] == CFG_IKE_PROPOSAL_INTEG))
			continue;
		p->transform[i].id = be16_put(alg->id);
		p->transform[i].key_bits = be16_put(alg->key_bits);
	}
}

static void
put_ike_policy(const struct cfg_obj *context, const struct cfg_obj *obj,
	       struct ctl_ike_policy *row)
{
	const struct cfg_obj *line;
	struct cfg_iter it;

	put_name(row->name, cfg_str(obj, CFG_IKE_POLICY_NAME));
	row->version = (uint8_t)cfg_u32(obj, CFG_IKE_POLICY_VERSION);
	row->mode = (uint8_t)cfg_u32(obj, CFG_IKE_POLICY_MODE);
	row->auth_local = (uint8_t)cfg_u32(obj, CFG_IKE_POLICY_AUTH_LOCAL);
	row->auth_remote = (uint8_t)cfg_u32(obj, CFG_IKE_POLICY_AUTH_REMOTE);
	row->connection = (uint8_t)cfg_u32(obj, CFG_IKE_POLICY_CONNECTION);
	row->flags = CTL_IKE_FRAGMENTATION |
		     (cfg_bool(obj, CFG_IKE_POLICY_NAT) ? CTL_IKE_NAT : 0);
	put_id(&row->local, obj, CFG_IKE_POLICY_LOCAL_IP,
	       CFG_IKE_POLICY_LOCAL_FQDN, CFG_IKE_POLICY_LOCAL_EMAIL,
	       CFG_IKE_POLICY_LOCAL_KEY_ID);
	put_id(&row->remote, obj, CFG_IKE_POLICY_REMOTE_IP,
	       CFG_IKE_POLICY_REMOTE_FQDN, CFG_IKE_POLICY_REMOTE_EMAIL,
	       CFG_IKE_POLICY_REMOTE_KEY_ID);
	if (!cfg_bool(context, CFG_CONTEXT_DPD_OFF))
		row->dpd_interval_s =
		    be32_put(cfg_u32(context, CFG_CONTEXT_DPD_INTERVAL));
	row->dpd_retries = be32_put(cfg_u32(context, CFG_CONTEXT_DPD_RETRIES));
	for (line = cfg_first(&it, obj, CFG_IKE_POLICY_ROW);
	     line != NULL && row->count < CTL_IKE_PROPOSALS;
	     line = cfg_next(&it)) {
		const struct cfg_obj *proposal =
		    cfg_find(context, CFG_IKE_PROPOSAL,
			     cfg_str(line, CFG_IKE_POLICY_ROW_PROPOSAL));

		if (proposal != NULL)
			put_ike_proposal(proposal,
					 &row->proposal[row->count++]);
	}
}

static int
add_ike_policy(struct tables *t, const struct cfg_obj *context,
	       const struct cfg_obj *obj, uint32_t id)
{
	struct running_ike_policy p = {.obj = obj};
	size_t n;
	const uint8_t *secret = cfg_key(obj, CFG_IKE_POLICY_SECRET, &n);
	int err = 0;

	p.row.id = be32_put(id);
	put_ike_policy(context, obj, &p.row);
	if (secret != NULL && n > sizeof(p.row.secret))
		return -EINVAL;
	if (secret != NULL) {
		p.row.secret_octets = be16_put((uint16_t)n);
		err = secret_print(p.row.name, sizeof(p.row.name), secret, n,
				   p.print);
	}
	return err != 0 ? err
			: DERIVE_PUSH(t->ike_policies, t->nike_policies, &p);
}

/* --- IPsec policies ----------------------------------------------------------
 */

static void
put_child_proposal(const struct cfg_obj *obj, struct ctl_ike_child_proposal *p)
{
	put_name(p->name, cfg_str(obj, CFG_IPSEC_PROPOSAL_NAME));
	if (cfg_has(obj, CFG_IPSEC_PROPOSAL_AH))
		p->ah = (uint8_t)cfg_u32(obj, CFG_IPSEC_PROPOSAL_AH);
	/* AH alone is what says nothing of ESP. */
	if (p->ah == IPSEC_ALG_INVALID ||
	    cfg_has(obj, CFG_IPSEC_PROPOSAL_ENCRYPTION) ||
	    cfg_has(obj, CFG_IPSEC_PROPOSAL_AUTHENTICATION)) {
		p->encryption =
		    (uint8_t)cfg_u32(obj, CFG_IPSEC_PROPOSAL_ENCRYPTION);
		p->authentication = (uint8_t)cfg_ipsec_proposal_auth(obj);
	}
	p->lifetime_s = be32_put(cfg_u32(obj, CFG_IPSEC_PROPOSAL_SECONDS));
	p->lifetime_kilobytes =
	    be32_put(cfg_u32(obj, CFG_IPSEC_PROPOSAL_KILOBYTES));
}

static int
add_child_policy(struct tables *t, const struct cfg_obj *context,
		 const struct cfg_obj *obj, bool transport, uint32_t id)
{
	const struct ike_alg *pfs =
	    cfg_ike_alg(cfg_u32(obj, CFG_IPSEC_POLICY_PFS));
	struct running_ike_child p = {.row.id = be32_put(id)};
	struct ctl_ike_child_policy *row = &p.row;
	const struct cfg_obj *line;
	struct cfg_iter it;

	put_name(row->name, cfg_str(obj, CFG_IPSEC_POLICY_NAME));
	row->flags =
	    (uint8_t)((cfg_bool(obj, CFG_IPSEC_POLICY_ESN) ? CTL_IKE_ESN : 0) |
		      (transport ? CTL_IKE_TRANSPORT : 0));
	row->pfs_group = be16_put(pfs == NULL ? 0 : pfs->id);
	if (!cfg_bool(obj, CFG_IPSEC_POLICY_WINDOW_OFF))
		row->replay_window =
		    be32_put(cfg_u32(obj, CFG_IPSEC_POLICY_WINDOW));
	row->rekey_margin_s = be32_put(cfg_u32(obj, CFG_IPSEC_POLICY_MARGIN));
	for (line = cfg_first(&it, obj, CFG_IPSEC_POLICY_ROW);
	     line != NULL && row->count < CTL_IKE_PROPOSALS;
	     line = cfg_next(&it)) {
		const struct cfg_obj *proposal =
		    cfg_find(context, CFG_IPSEC_PROPOSAL,
			     cfg_str(line, CFG_IPSEC_POLICY_ROW_PROPOSAL));

		if (proposal != NULL)
			put_child_proposal(proposal,
					   &row->proposal[row->count++]);
	}
	return DERIVE_PUSH(t->ike_children, t->nike_children, &p);
}

/* --- selectors
 * ---------------------------------------------------------------- */

static void
put_ts(const struct spd_selector *s, unsigned family, bool local,
       struct ctl_ike_ts *ts)
{
	static const uint8_t ones[16] = {255, 255, 255, 255, 255, 255,
					 255, 255, 255, 255, 255, 255,
					 255, 255, 255, 255};
	static const uint8_t zero[16] = {0};
	const uint8_t(*range)[16] = local ? s->local : s->remote;
	const struct spd_range *port =
	    &s->range[local ? SPD_LOCAL_PORT : SPD_REMOTE_PORT];
	const struct spd_range *type = &s->range[SPD_TYPE];
	bool any = s->family == 0;

	/* ICMP: type and code in the place of both ports (section 3.13.1). */
	if (type->first != 0 || type->last != spd_field_max(SPD_TYPE))
		port = type;
	ts->first = ip_addr_get(family, any ? zero : range[0]);
	ts->last = ip_addr_get(family, any ? ones : range[1]);
	if (s->range[SPD_PROTOCOL].first == s->range[SPD_PROTOCOL].last &&
	    s->range[SPD_PROTOCOL].first < SPD_PROTOCOL_OPAQUE)
		ts->protocol = (uint8_t)s->range[SPD_PROTOCOL].first;
	if (port->first == SPD_PORT_OPAQUE) { /* OPAQUE: first above last */
		ts->port[0] = be16_put(UINT16_MAX);
		return;
	}
	ts->port[0] = be16_put((uint16_t)port->first);
	ts->port[1] = be16_put(
	    (uint16_t)(port->last > UINT16_MAX ? UINT16_MAX : port->last));
}

static void
put_selectors(const struct cfg_obj *acl, struct ctl_ike_tunnel *row)
{
	const struct cfg_obj *line;
	struct cfg_iter it;

	for (line = acl == NULL ? NULL : cfg_first(&it, acl, CFG_IPSEC_ACL_ROW);
	     line != NULL; line = cfg_next(&it)) {
		struct spd_selector s;

		cfg_selector(line, &s);
		for (unsigned family = 4; family <= 6; family += 2) {
			if ((s.family != 0 && s.family != family) ||
			    row->count == CTL_IKE_SELECTORS)
				continue;
			put_ts(&s, family, true,
			       &row->selector[row->count].local);
			put_ts(&s, family, false,
			       &row->selector[row->count].remote);
			row->count++;
		}
	}
}

/* --- tunnels
 * -------------------------------------------------------------------- */

/* The policy of the name, made a row of where it is none yet. */
static int
need_policy(struct chs *chs, struct tables *t, struct ike_places *places,
	    const struct cfg_obj *context, const struct running_tunnel *tunnel,
	    struct be32 *id)
{
	const char *name = cfg_str(tunnel->obj, CFG_TUNNEL_IKE_POLICY);
	const struct cfg_obj *obj = cfg_find(context, CFG_IKE_POLICY, name);
	char text[160];
	uint32_t n;
	int err;

	(void)snprintf(text, sizeof(text), "%s/%s",
		       cfg_str(context, CFG_CONTEXT_NAME), name);
	n = running_id(chs->running, ID_IKE_POLICY, text);
	if (obj == NULL || n == 0 || n >= PLACES)
		return obj == NULL ? -EINVAL : -ENOSPC;
	if (places->policy[n] == 0) {
		err = add_ike_policy(t, context, obj, n);
		if (err != 0)
			return err;
		places->policy[n] = (uint32_t)t->nike_policies;
	}
	t->ike_policies[places->policy[n] - 1].at[tunnel->asp] = true;
	*id = be32_put(n);
	return 0;
}

static int
need_child_policy(struct chs *chs, struct tables *t, struct ike_places *places,
		  const struct cfg_obj *context,
		  const struct running_tunnel *tunnel, struct be32 *id)
{
	const char *name = cfg_str(tunnel->obj, CFG_TUNNEL_IPSEC_POLICY);
	const struct cfg_obj *obj = cfg_find(context, CFG_IPSEC_POLICY, name);
	bool transport =
	    cfg_u32(tunnel->obj, CFG_TUNNEL_IPSEC_MODE) == CFG_IPSEC_TRANSPORT;
	char text[160];
	uint32_t n;
	int err;

	(void)snprintf(text, sizeof(text), "%s/%s/%d",
		       cfg_str(context, CFG_CONTEXT_NAME), name, transport);
	n = running_id(chs->running, ID_IKE_CHILD, text);
	if (obj == NULL || n == 0 || n >= PLACES)
		return obj == NULL ? -EINVAL : -ENOSPC;
	if (places->child[n] == 0) {
		err = add_child_policy(t, context, obj, transport, n);
		if (err != 0)
			return err;
		places->child[n] = (uint32_t)t->nike_children;
	}
	t->ike_children[places->child[n] - 1].at[tunnel->asp] = true;
	*id = be32_put(n);
	return 0;
}

static int
add_ike_tunnel(struct chs *chs, struct tables *t, struct ike_places *places,
	       const struct running_tunnel *tunnel)
{
	const struct cfg_obj *o = tunnel->obj;
	const char *in = cfg_str(o, CFG_TUNNEL_CONTEXT);
	const struct cfg_obj *context =
	    cfg_find(cfg_root(t->tree), CFG_CONTEXT, in != NULL ? in : "local");
	const char *acl = cfg_str(o, CFG_TUNNEL_ACCESS_LIST);
	struct running_ike_tunnel r = {.asp = tunnel->asp};
	struct ctl_sa outer = {.protocol = 50};
	int err;

	if (context == NULL)
		return -EINVAL;
	r.row.circuit = be32_put(tunnel->circuit);
	r.row.context = be32_put(derive_context_id(chs, in));
	put_name(r.row.name, tunnel->name);
	r.row.local = tunnel->local;
	r.row.remote = tunnel->remote;
	derive_outer(o, &outer);
	r.row.df = outer.df;
	r.row.dscp = outer.dscp;
	r.row.ttl = outer.ttl;
	r.row.sa_flags = outer.flags & (uint8_t)~CTL_SA_UDP;
	r.row.flow_label = outer.flow_label;
	r.row.tfc = outer.tfc;
	r.row.mtu = outer.mtu;
	if (acl != NULL)
		put_selectors(cfg_find(context, CFG_IPSEC_ACL, acl), &r.row);
	err = need_policy(chs, t, places, context, tunnel, &r.row.policy);
	if (err == 0)
		err = need_child_policy(chs, t, places, context, tunnel,
					&r.row.child_policy);
	return err != 0 ? err
			: DERIVE_PUSH(t->ike_tunnels, t->nike_tunnels, &r);
}

/* What stands in a homing for the peer: see CTL_HOMING_IKE. */
static uint32_t
peer_word(const struct ip_addr *addr)
{
	uint32_t word = 0;

	for (unsigned i = 0; i < 16; i++)
		word ^= (uint32_t)addr->octets[i] << (24 - 8 * (i % 4));
	return word;
}

static int
add_ike_homings(struct tables *t, const struct running_tunnel *tunnel,
		struct be32 context)
{
	struct ctl_homing row = {.context = context,
				 .spi = be32_put(peer_word(&tunnel->remote)),
				 .dst = tunnel->local,
				 .circuit = be32_put(tunnel->circuit),
				 .asp = be16_put(tunnel->asp),
				 .protocol = CTL_HOMING_IKE};
	int err = DERIVE_PUSH(t->homings, t->nhomings, &row);

	/* Where translators are between, ESP comes in UDP (RFC 3948). */
	row.protocol = UDP;
	row.spi = be32_put(PORT_NAT);
	row.asp = be16_put(STAGE_NONE);
	return err != 0 ? err : DERIVE_PUSH(t->homings, t->nhomings, &row);
}

static int
row_compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct be32)); /* id or circuit */
}

static void
sort_rows(struct tables *t)
{
	if (t->nike_policies > 1)
		qsort(t->ike_policies, t->nike_policies,
		      sizeof(*t->ike_policies), row_compare);
	if (t->nike_children > 1)
		qsort(t->ike_children, t->nike_children,
		      sizeof(*t->ike_children), row_compare);
	if (t->nike_tunnels > 1)
		qsort(t->ike_tunnels, t->nike_tunnels, sizeof(*t->ike_tunnels),
		      row_compare);
}

int
derive_ike(struct chs *chs, struct tables *t)
{
	struct ike_places places = {NULL, NULL};
	int err = 0;

	for (size_t i = 0; i < t->ntunnels && err == 0; i++) {
		const struct running_tunnel *tunnel = &t->tunnels[i];

		if (!tunnel->automatic || tunnel->asp == STAGE_NONE ||
		    chs->args->replay)
			continue;
		if (places.policy == NULL) {
			places.policy = calloc(PLACES, sizeof(uint32_t));
			places.child = calloc(PLACES, sizeof(uint32_t));
		}
		if (places.policy == NULL || places.child == NULL)
			err = -ENOMEM;
		if (err == 0)
			err = add_ike_tunnel(chs, t, &places, tunnel);
		if (err == 0)
			err = add_ike_homings(
			    t, tunnel,
			    t->ike_tunnels[t->nike_tunnels - 1].row.context);
	}
	free(places.policy);
	free(places.child);
	sort_rows(t);
	return err;
}
