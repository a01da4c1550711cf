/*
 * From the configuration tree to the features of circuits: which access lists
 * stand at them, by themselves or by the interface they are bound to, and the
 * rows of the lists that stand anywhere. A list belongs to the context of the
 * interface. Its id is made from its name and all that its rows say, so that a
 * changed list is another one and its circuits go over to it whole; the
 * counters of a row keep to its name.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "derive_qos.h"
#include "running.h"
#include "schema_names.h"

#define FNV_FIRST UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

static uint64_t
hash_octets(uint64_t hash, const void *octets, size_t n)
{
	const uint8_t *p = octets;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * FNV_PRIME;
	return hash;
}

/* --- rows of an access list ----------------------------------------------- */

static void
put_address(uint8_t *to, uint32_t addr)
{
	struct be32 wire = be32_put(addr);

	memcpy(to, &wire, sizeof(wire));
}

/* The fields of the source; those of the destination lie `shift` further. */
static enum cfg_field
end_field(enum cfg_field field, unsigned shift)
{
	return (enum cfg_field)((unsigned)field + shift);
}

static void
put_end(const struct cfg_obj *obj, unsigned shift, uint8_t *addr, uint8_t *wild)
{
	enum cfg_field host = end_field(CFG_ACL_ROW_SRC_HOST, shift);

	memset(addr, 0, 16);
	memset(wild, 0, 16);
	if (cfg_has(obj, end_field(CFG_ACL_ROW_SRC_ANY, shift))) {
		put_address(wild, UINT32_MAX);
	} else if (cfg_has(obj, host)) {
		put_address(addr, cfg_ipv4(obj, host));
	} else {
		put_address(addr,
			    cfg_ipv4(obj, end_field(CFG_ACL_ROW_SRC, shift)));
		put_address(
		    wild,
		    cfg_ipv4(obj, end_field(CFG_ACL_ROW_SRC_WILDCARD, shift)));
	}
}

struct span {
	bool any, outside;
	uint32_t low, high;
};

static struct span
span_of(const struct cfg_obj *obj, unsigned shift)
{
	enum cfg_field op = end_field(CFG_ACL_ROW_SRC_OP, shift);
	enum cfg_field low = end_field(CFG_ACL_ROW_SRC_LOW, shift);
	uint32_t port = cfg_u32(obj, end_field(CFG_ACL_ROW_SRC_PORT, shift));

	if (cfg_has(obj, low))
		return (struct span){
		    .low = cfg_u32(obj, low),
		    .high =
			cfg_u32(obj, end_field(CFG_ACL_ROW_SRC_HIGH, shift))};
	if (!cfg_has(obj, op))
		return (struct span){.any = true};
	switch ((enum cfg_acl_op)cfg_u32(obj, op)) {
	case CFG_ACL_LT:
		return (struct span){.low = 0, .high = port - 1};
	case CFG_ACL_GT:
		return (struct span){.low = port + 1, .high = UINT16_MAX};
	case CFG_ACL_NEQ:
		return (struct span){
		    .outside = true, .low = port, .high = port};
	default:
		return (struct span){.low = port, .high = port};
	}
}

#define DST_SHIFT                                                              \
	(CFG_FIELD_INDEX(CFG_ACL_ROW_DST_ANY) -                                \
	 CFG_FIELD_INDEX(CFG_ACL_ROW_SRC_ANY))

static uint16_t
put_ports(const struct cfg_obj *obj, struct ctl_acl_row *row)
{
	struct span src = span_of(obj, 0);
	struct span dst = span_of(obj, DST_SHIFT);

	row->src_low = be16_put((uint16_t)src.low);
	row->src_high = be16_put((uint16_t)src.high);
	row->dst_low = be16_put((uint16_t)dst.low);
	row->dst_high = be16_put((uint16_t)dst.high);
	return (uint16_t)((src.any ? 0 : CTL_ACL_SRC_PORT) |
			  (dst.any ? 0 : CTL_ACL_DST_PORT) |
			  (src.outside ? CTL_ACL_SRC_NOT : 0) |
			  (dst.outside ? CTL_ACL_DST_NOT : 0));
}

/* Precedence, TOS (RFC 1349) and DSCP are parts of one octet. */
static uint16_t
put_tos(const struct cfg_obj *obj, struct ctl_acl_row *row)
{
	if (cfg_has(obj, CFG_ACL_ROW_PRECEDENCE)) {
		row->tos = (uint8_t)(cfg_u32(obj, CFG_ACL_ROW_PRECEDENCE) << 5);
		row->tos_mask = 0xe0;
	} else if (cfg_has(obj, CFG_ACL_ROW_TOS)) {
		row->tos = (uint8_t)(cfg_u32(obj, CFG_ACL_ROW_TOS) << 1);
		row->tos_mask = 0x1e;
	} else if (cfg_has(obj, CFG_ACL_ROW_DSCP)) {
		row->tos = (uint8_t)(cfg_u32(obj, CFG_ACL_ROW_DSCP) << 2);
		row->tos_mask = 0xfc;
	} else {
		return 0;
	}
	return CTL_ACL_TOS;
}

static uint16_t
put_rest(const struct cfg_obj *obj, struct ctl_acl_row *row)
{
	uint16_t asks = 0;

	if (cfg_has(obj, CFG_ACL_ROW_PROTOCOL) &&
	    cfg_u32(obj, CFG_ACL_ROW_PROTOCOL) != CFG_PROTOCOL_ANY) {
		row->protocol = (uint8_t)cfg_u32(obj, CFG_ACL_ROW_PROTOCOL);
		asks |= CTL_ACL_PROTOCOL;
	}
	if (cfg_has(obj, CFG_ACL_ROW_ICMP_TYPE)) {
		row->type = (uint8_t)cfg_u32(obj, CFG_ACL_ROW_ICMP_TYPE);
		asks |= CTL_ACL_TYPE;
	}
	if (cfg_has(obj, CFG_ACL_ROW_ICMP_CODE)) {
		row->code = (uint8_t)cfg_u32(obj, CFG_ACL_ROW_ICMP_CODE);
		asks |= CTL_ACL_CODE;
	}
	if (cfg_has(obj, CFG_ACL_ROW_ESTABLISHED))
		asks |= CTL_ACL_ESTABLISHED;
	if (cfg_has(obj, CFG_ACL_ROW_FRAGMENTS))
		asks |= CTL_ACL_FRAGMENTS;
	return asks;
}

static int
add_acl_row(struct chs *chs, struct tables *t, const struct cfg_obj *obj,
	    const char *list)
{
	struct ctl_acl_row row;
	uint32_t counter;
	char name[160];
	uint16_t asks;

	memset(&row, 0, sizeof(row));
	(void)snprintf(name, sizeof(name), "%s %u", list,
		       cfg_u32(obj, CFG_ACL_ROW_SEQ));
	counter = running_id(chs->running, ID_ACL_ROW, name);
	if (counter == 0)
		return -ENOSPC;
	row.seq = be32_put(cfg_u32(obj, CFG_ACL_ROW_SEQ));
	row.counter = be32_put(counter);
	row.family = 4;
	row.permit = cfg_u32(obj, CFG_ACL_ROW_ACTION) == CFG_ACL_PERMIT;
	asks = put_ports(obj, &row);
	asks |= put_tos(obj, &row);
	asks |= put_rest(obj, &row);
	row.asks = be16_put(asks);
	put_end(obj, 0, row.src, row.src_wild);
	put_end(obj, DST_SHIFT, row.dst, row.dst_wild);
	return DERIVE_PUSH(t->acl_rows, t->nacl_rows, &row);
}

/*
 * The id of the list whose rows are those from first on, into each of them; a
 * list of that id that is there already makes them needless.
 */
static int
list_close(struct chs *chs, struct tables *t, const char *name, size_t first,
	   uint32_t *id)
{
	size_t n = t->nacl_rows - first;
	uint64_t hash = FNV_FIRST;
	char version[192];

	if (n > 0)
		hash = hash_octets(hash, &t->acl_rows[first],
				   n * sizeof(*t->acl_rows));
	(void)snprintf(version, sizeof(version), "%s %016llx", name,
		       (unsigned long long)hash);
	*id = running_id(chs->running, ID_ACL, version);
	if (*id == 0)
		return -ENOSPC;
	for (size_t i = 0; i < first; i++) {
		if (be32_get(t->acl_rows[i].acl) == *id)
			t->nacl_rows = first;
	}
	for (size_t i = first; i < t->nacl_rows; i++)
		t->acl_rows[i].acl = be32_put(*id);
	return 0;
}

static int
add_acl(struct chs *chs, struct tables *t, const struct cfg_obj *context,
	const struct cfg_obj *obj, uint32_t *id)
{
	struct running_acl acl = {.obj = obj};
	size_t first = t->nacl_rows;
	const struct cfg_obj *row;
	struct cfg_iter it;
	char name[128];
	int err = 0;

	(void)snprintf(name, sizeof(name), "ip %s/%s",
		       cfg_str(context, CFG_CONTEXT_NAME),
		       cfg_str(obj, CFG_ACL_NAME));
	for (row = cfg_first(&it, obj, CFG_ACL_ROW); row != NULL && err == 0;
	     row = cfg_next(&it))
		err = add_acl_row(chs, t, row, name);
	if (err == 0)
		err = list_close(chs, t, name, first, &acl.id);
	*id = acl.id;
	return err != 0 ? err : DERIVE_PUSH(t->acls, t->nacls, &acl);
}

/* The selectors of an ipsec access-list, as a list of one family. */
static int
add_selectors(struct chs *chs, struct tables *t, const struct cfg_obj *context,
	      const struct cfg_obj *obj, unsigned family, uint32_t *id)
{
	size_t first = t->nacl_rows;
	char name[144];
	int err = derive_selectors(t, obj, family);

	(void)snprintf(name, sizeof(name), "ipsec%u %s/%s", family,
		       cfg_str(context, CFG_CONTEXT_NAME),
		       cfg_str(obj, CFG_IPSEC_ACL_NAME));
	return err != 0 ? err : list_close(chs, t, name, first, id);
}

const struct running_acl *
running_acl(const struct tables *t, const struct cfg_obj *obj)
{
	for (size_t i = 0; i < t->nacls; i++) {
		if (t->acls[i].obj == obj)
			return &t->acls[i];
	}
	return NULL;
}

/* 0 where the context has no such list: the validator has seen that. */
static int
acl_id(struct chs *chs, struct tables *t, const struct cfg_obj *context,
       const char *name, uint32_t *id)
{
	const struct cfg_obj *obj = cfg_find(context, CFG_ACL, name);
	const struct running_acl *have =
	    obj == NULL ? NULL : running_acl(t, obj);

	*id = have != NULL ? have->id : 0;
	if (obj == NULL || have != NULL)
		return 0;
	return add_acl(chs, t, context, obj, id);
}

int
derive_list(struct chs *chs, struct tables *t, const struct cfg_obj *context,
	    const char *name, uint32_t ids[2])
{
	const struct cfg_obj *selectors =
	    cfg_find(context, CFG_IPSEC_ACL, name);
	int err;

	if (cfg_find(context, CFG_ACL, name) != NULL)
		return acl_id(chs, t, context, name, &ids[0]);
	if (selectors == NULL)
		return 0;
	err = add_selectors(chs, t, context, selectors, 4, &ids[0]);
	return err != 0 ? err
			: add_selectors(chs, t, context, selectors, 6, &ids[1]);
}

/* --- what stands at a circuit --------------------------------------------- */

/* The access groups of an object, which is a circuit or its interface. */
static int
put_groups(struct chs *chs, struct tables *t, const struct cfg_obj *context,
	   const struct cfg_obj *of, enum cfg_kind kind,
	   struct ctl_feature *row)
{
	const struct cfg_obj *g;
	struct cfg_iter it;
	int err = 0;

	for (g = cfg_first(&it, of, kind); g != NULL && err == 0;
	     g = cfg_next(&it)) {
		bool in =
		    cfg_u32(
			g, CFG_FIELD_OF(kind, CFG_INTERFACE_GROUP_DIRECTION)) ==
		    CFG_IN;
		const char *name =
		    cfg_str(g, CFG_FIELD_OF(kind, CFG_INTERFACE_GROUP_NAME));
		uint32_t id = 0;

		err = acl_id(chs, t, context, name, &id);
		if (in)
			row->acl_in = be32_put(id);
		else
			row->acl_out = be32_put(id);
		if (cfg_has(g, CFG_FIELD_OF(kind, CFG_INTERFACE_GROUP_COUNT)))
			row->flags |=
			    in ? CTL_FEATURE_COUNT_IN : CTL_FEATURE_COUNT_OUT;
		if (cfg_has(g, CFG_FIELD_OF(kind, CFG_INTERFACE_GROUP_LOG)))
			row->flags |=
			    in ? CTL_FEATURE_LOG_IN : CTL_FEATURE_LOG_OUT;
	}
	return err;
}

static int
add_feature(struct chs *chs, struct tables *t, const char *circuit,
	    const struct cfg_obj *obj, enum cfg_kind groups,
	    const char *context_name, const char *interface_name,
	    enum cfg_kind uses)
{
	static const struct ctl_feature none;
	const struct cfg_obj *context =
	    context_name == NULL || interface_name == NULL
		? NULL
		: cfg_find(cfg_root(t->tree), CFG_CONTEXT, context_name);
	const struct cfg_obj *interface =
	    context == NULL ? NULL
			    : cfg_find(context, CFG_INTERFACE, interface_name);
	struct ctl_feature row = none;
	int err = 0;

	if (interface != NULL)
		err = put_groups(chs, t, context, interface,
				 CFG_INTERFACE_GROUP, &row);
	if (interface != NULL && err == 0)
		err = put_groups(chs, t, context, obj, groups, &row);
	if (err == 0)
		err = derive_uses(chs, t, context, obj, uses, &row);
	if (err != 0 || memcmp(&row, &none, sizeof(row)) == 0)
		return err;
	row.circuit = be32_put(running_id(chs->running, ID_CIRCUIT, circuit));
	return DERIVE_PUSH(t->features, t->nfeatures, &row);
}

static int
add_port_features(struct chs *chs, struct tables *t, const struct cfg_obj *port)
{
	struct cfg_slot_unit at = cfg_slot_unit(port, CFG_PORT_NUMBER);
	const struct cfg_obj *pvc;
	struct cfg_iter it;
	char name[48];
	int err;

	(void)snprintf(name, sizeof(name), "port %u/%u", at.slot, at.unit);
	err = add_feature(chs, t, name, port, CFG_PORT_GROUP,
			  cfg_str(port, CFG_PORT_BIND_CONTEXT),
			  cfg_str(port, CFG_PORT_BIND_INTERFACE), CFG_PORT_QOS);
	for (pvc = cfg_first(&it, port, CFG_PVC); pvc != NULL && err == 0;
	     pvc = cfg_next(&it)) {
		(void)snprintf(name, sizeof(name), "pvc %u/%u:%u", at.slot,
			       at.unit, cfg_u32(pvc, CFG_PVC_VLAN));
		err = add_feature(chs, t, name, pvc, CFG_PVC_GROUP,
				  cfg_str(pvc, CFG_PVC_BIND_CONTEXT),
				  cfg_str(pvc, CFG_PVC_BIND_INTERFACE),
				  CFG_PVC_QOS);
	}
	return err;
}

static int
feature_compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct be32)); /* id, wire order */
}

static int
acl_row_compare(const void *a, const void *b)
{
	return memcmp(a, b, 2 * sizeof(struct be32)); /* list and seq */
}

int
derive_features(struct chs *chs, struct tables *t)
{
	const struct cfg_obj *root = cfg_root(t->tree);
	const struct cfg_obj *obj;
	struct cfg_iter it;
	char name[80];
	int err = 0;

	for (obj = cfg_first(&it, root, CFG_PORT); obj != NULL && err == 0;
	     obj = cfg_next(&it))
		err = add_port_features(chs, t, obj);
	for (obj = cfg_first(&it, root, CFG_TUNNEL); obj != NULL && err == 0;
	     obj = cfg_next(&it)) {
		(void)snprintf(name, sizeof(name), "tunnel %s",
			       cfg_str(obj, CFG_TUNNEL_NAME));
		err = add_feature(chs, t, name, obj, CFG_TUNNEL_GROUP,
				  cfg_str(obj, CFG_TUNNEL_BIND_CONTEXT),
				  cfg_str(obj, CFG_TUNNEL_BIND_INTERFACE),
				  CFG_TUNNEL_QOS);
	}
	if (t->nfeatures > 1)
		qsort(t->features, t->nfeatures, sizeof(*t->features),
		      feature_compare);
	if (t->npqs > 1)
		qsort(t->pqs, t->npqs, sizeof(*t->pqs), feature_compare);
	if (t->nipsec_queues > 1)
		qsort(t->ipsec_queues, t->nipsec_queues,
		      sizeof(*t->ipsec_queues), feature_compare);
	if (t->npolicers > 1)
		qsort(t->policers, t->npolicers, sizeof(*t->policers),
		      feature_compare);
	if (t->nacl_rows > 1)
		qsort(t->acl_rows, t->nacl_rows, sizeof(*t->acl_rows),
		      acl_row_compare);
	return err;
}
