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

/* The fields of a row of one family. */
struct layout {
	unsigned family;
	enum cfg_field src, dst;       /* ANY and those behind it */
	enum cfg_field src_op, dst_op; /* OP, PORT, LOW, HIGH */
	enum cfg_field precedence;     /* and those behind it */
};

static const struct layout layouts[2] = {
    {4, CFG_ACL_ROW_SRC_ANY, CFG_ACL_ROW_DST_ANY, CFG_ACL_ROW_SRC_OP,
     CFG_ACL_ROW_DST_OP, CFG_ACL_ROW_PRECEDENCE},
    {6, CFG_ACL6_ROW_SRC_ANY, CFG_ACL6_ROW_DST_ANY, CFG_ACL6_ROW_SRC_OP,
     CFG_ACL6_ROW_DST_OP, CFG_ACL6_ROW_PRECEDENCE}};

static enum cfg_field
behind(enum cfg_field field, unsigned n)
{
	return (enum cfg_field)((unsigned)field + n);
}

/* ANY, HOST, ADDRESS, WILDCARD. */
static void
put_end(const struct cfg_obj *obj, enum cfg_field any, uint8_t *addr,
	uint8_t *wild)
{
	memset(addr, 0, 16);
	memset(wild, 0, 16);
	if (cfg_has(obj, any)) {
		put_address(wild, UINT32_MAX);
	} else if (cfg_has(obj, behind(any, 1))) {
		put_address(addr, cfg_ipv4(obj, behind(any, 1)));
	} else {
		put_address(addr, cfg_ipv4(obj, behind(any, 2)));
		put_address(wild, cfg_ipv4(obj, behind(any, 3)));
	}
}

/* ANY, HOST, PREFIX. */
static void
put_end6(const struct cfg_obj *obj, enum cfg_field any, uint8_t *addr,
	 uint8_t *wild)
{
	struct cfg_net net = {.len = 0};
	unsigned len;

	if (cfg_has(obj, behind(any, 1)))
		net = (struct cfg_net){cfg_ip(obj, behind(any, 1)), 128};
	else if (cfg_has(obj, behind(any, 2)))
		net = cfg_net(obj, behind(any, 2));
	len = net.len;
	memcpy(addr, net.addr.octets, 16);
	for (unsigned i = 0; i < 16; i++)
		wild[i] = (uint8_t)(len >= 8 * i + 8 ? 0
				    : len <= 8 * i   ? 0xff
						     : 0xff >> (len - 8 * i));
}

struct span {
	bool any, outside;
	uint32_t low, high;
};

static struct span
span_of(const struct cfg_obj *obj, enum cfg_field op)
{
	uint32_t port = cfg_u32(obj, behind(op, 1));

	if (cfg_has(obj, behind(op, 2)))
		return (struct span){.low = cfg_u32(obj, behind(op, 2)),
				     .high = cfg_u32(obj, behind(op, 3))};
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

static uint16_t
put_ports(const struct cfg_obj *obj, const struct layout *l,
	  struct ctl_acl_row *row)
{
	struct span src = span_of(obj, l->src_op);
	struct span dst = span_of(obj, l->dst_op);

	row->src_low = be16_put((uint16_t)src.low);
	row->src_high = be16_put((uint16_t)src.high);
	row->dst_low = be16_put((uint16_t)dst.low);
	row->dst_high = be16_put((uint16_t)dst.high);
	return (uint16_t)((src.any ? 0 : CTL_ACL_SRC_PORT) |
			  (dst.any ? 0 : CTL_ACL_DST_PORT) |
			  (src.outside ? CTL_ACL_SRC_NOT : 0) |
			  (dst.outside ? CTL_ACL_DST_NOT : 0));
}

/* PRECEDENCE, TOS (RFC 1349) and DSCP are parts of one octet. */
static uint16_t
put_tos(const struct cfg_obj *obj, enum cfg_field precedence,
	struct ctl_acl_row *row)
{
	enum cfg_field tos = behind(precedence, 1);
	enum cfg_field dscp = behind(precedence, 2);

	if (cfg_has(obj, precedence)) {
		row->tos = (uint8_t)(cfg_u32(obj, precedence) << 5);
		row->tos_mask = 0xe0;
	} else if (cfg_has(obj, tos)) {
		row->tos = (uint8_t)(cfg_u32(obj, tos) << 1);
		row->tos_mask = 0x1e;
	} else if (cfg_has(obj, dscp)) {
		row->tos = (uint8_t)(cfg_u32(obj, dscp) << 2);
		row->tos_mask = 0xfc;
	} else {
		return 0;
	}
	return CTL_ACL_TOS;
}

/* Behind DSCP: ESTABLISHED, FRAGMENTS, ICMP_TYPE, ICMP_CODE. */
static uint16_t
put_rest(const struct cfg_obj *obj, const struct layout *l,
	 struct ctl_acl_row *row)
{
	enum cfg_field protocol =
	    CFG_FIELD_OF(cfg_obj_kind(obj), CFG_ACL_ROW_PROTOCOL);
	enum cfg_field type = behind(l->precedence, 5);
	enum cfg_field code = behind(l->precedence, 6);
	uint16_t asks = put_tos(obj, l->precedence, row);

	if (cfg_has(obj, protocol) &&
	    cfg_u32(obj, protocol) != CFG_PROTOCOL_ANY) {
		row->protocol = (uint8_t)cfg_u32(obj, protocol);
		asks |= CTL_ACL_PROTOCOL;
	}
	if (cfg_has(obj, type)) {
		row->type = (uint8_t)cfg_u32(obj, type);
		asks |= CTL_ACL_TYPE;
	}
	if (cfg_has(obj, code)) {
		row->code = (uint8_t)cfg_u32(obj, code);
		asks |= CTL_ACL_CODE;
	}
	if (cfg_has(obj, behind(l->precedence, 3)))
		asks |= CTL_ACL_ESTABLISHED;
	if (cfg_has(obj, behind(l->precedence, 4)))
		asks |= CTL_ACL_FRAGMENTS;
	return asks;
}

static int
add_acl_row(struct chs *chs, struct tables *t, const struct cfg_obj *obj,
	    const char *list)
{
	enum cfg_kind kind = cfg_obj_kind(obj);
	const struct layout *l = &layouts[kind == CFG_ACL6_ROW];
	uint32_t seq = cfg_u32(obj, CFG_FIELD_OF(kind, CFG_ACL_ROW_SEQ));
	struct ctl_acl_row row;
	uint32_t counter;
	char name[160];
	uint16_t asks;

	memset(&row, 0, sizeof(row));
	(void)snprintf(name, sizeof(name), "%s %u", list, seq);
	counter = running_id(chs->running, ID_ACL_ROW, name);
	if (counter == 0)
		return -ENOSPC;
	row.seq = be32_put(seq);
	row.counter = be32_put(counter);
	row.family = (uint8_t)l->family;
	row.permit = cfg_u32(obj, CFG_FIELD_OF(kind, CFG_ACL_ROW_ACTION)) ==
		     CFG_ACL_PERMIT;
	asks = put_ports(obj, l, &row);
	asks |= put_rest(obj, l, &row);
	row.asks = be16_put(asks);
	if (l->family == 4) {
		put_end(obj, l->src, row.src, row.src_wild);
		put_end(obj, l->dst, row.dst, row.dst_wild);
	} else {
		put_end6(obj, l->src, row.src, row.src_wild);
		put_end6(obj, l->dst, row.dst, row.dst_wild);
	}
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
	bool ipv6 = cfg_obj_kind(obj) == CFG_ACL6;
	struct running_acl acl = {.obj = obj};
	size_t first = t->nacl_rows;
	const struct cfg_obj *row;
	struct cfg_iter it;
	char name[128];
	int err = 0;

	(void)snprintf(name, sizeof(name), "%s %s/%s", ipv6 ? "ipv6" : "ip",
		       cfg_str(context, CFG_CONTEXT_NAME),
		       cfg_str(obj, ipv6 ? CFG_ACL6_NAME : CFG_ACL_NAME));
	for (row = cfg_first(&it, obj, ipv6 ? CFG_ACL6_ROW : CFG_ACL_ROW);
	     row != NULL && err == 0; row = cfg_next(&it))
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
       enum cfg_kind kind, const char *name, uint32_t *id)
{
	const struct cfg_obj *obj = cfg_find(context, kind, name);
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
	int err = acl_id(chs, t, context, CFG_ACL, name, &ids[0]);

	if (err == 0)
		err = acl_id(chs, t, context, CFG_ACL6, name, &ids[1]);
	if (err != 0 || ids[0] != 0 || ids[1] != 0 || selectors == NULL)
		return err;
	err = add_selectors(chs, t, context, selectors, 4, &ids[0]);
	return err != 0 ? err
			: add_selectors(chs, t, context, selectors, 6, &ids[1]);
}

/* --- what stands at a circuit --------------------------------------------- */

static int
put_group(struct chs *chs, struct tables *t, const struct cfg_obj *context,
	  const struct cfg_obj *g, enum cfg_kind list, struct ctl_feature *row)
{
	enum cfg_kind kind = cfg_obj_kind(g);
	bool in =
	    cfg_u32(g, CFG_FIELD_OF(kind, CFG_INTERFACE_GROUP_DIRECTION)) ==
	    CFG_IN;
	struct be32 *to = list == CFG_ACL
			      ? (in ? &row->acl_in : &row->acl_out)
			      : (in ? &row->acl6_in : &row->acl6_out);
	uint32_t id = 0;
	int err = acl_id(
	    chs, t, context, list,
	    cfg_str(g, CFG_FIELD_OF(kind, CFG_INTERFACE_GROUP_NAME)), &id);

	*to = be32_put(id);
	if (cfg_has(g, CFG_FIELD_OF(kind, CFG_INTERFACE_GROUP_COUNT)))
		row->flags |= in ? CTL_FEATURE_COUNT_IN : CTL_FEATURE_COUNT_OUT;
	if (cfg_has(g, CFG_FIELD_OF(kind, CFG_INTERFACE_GROUP_LOG)))
		row->flags |= in ? CTL_FEATURE_LOG_IN : CTL_FEATURE_LOG_OUT;
	return err;
}

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
	     g = cfg_next(&it))
		err = put_group(chs, t, context, g, CFG_ACL, row);
	for (g = cfg_first(&it, of, CFG_GROUP6_OF(kind)); g != NULL && err == 0;
	     g = cfg_next(&it))
		err = put_group(chs, t, context, g, CFG_ACL6, row);
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
