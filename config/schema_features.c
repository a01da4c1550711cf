/*
 * The kinds of circuit features and their fields: access lists and where they
 * are applied. The lines that set them are in schema_rows.c.
 */
#include <errno.h>
#include <stdio.h>

#include "schema_impl.h"
#include "schema_names.h"

/* clang-format off */
FLAG(any, "any");
FLAG(established, "established");
FLAG(fragments, "fragments");
FLAG(count, "count");
FLAG(log, "log");

static const struct syntax_choice acl_action_choices[] = {
	{ "permit", CFG_ACL_PERMIT, "Let through" },
	{ "deny", CFG_ACL_DENY, "Drop" },
	{ NULL, 0, NULL } };
static const struct syntax_choice acl_op_choices[] = {
	{ "eq", CFG_ACL_EQ, "This port" },
	{ "neq", CFG_ACL_NEQ, "Any other port" },
	{ "lt", CFG_ACL_LT, "Lower ports" },
	{ "gt", CFG_ACL_GT, "Higher ports" },
	{ NULL, 0, NULL } };
static const struct syntax_choice direction_choices[] = {
	{ "in", CFG_IN, "To packets that come in" },
	{ "out", CFG_OUT, "To packets that go out" },
	{ NULL, 0, NULL } };

static const struct syntax_arg acl_fields[] = {
	AT(CFG_ACL_NAME) = { NAMED("access-list", 39,
	    "Name of the access list"), .key = true },
	AT(CFG_ACL_DESCRIPTION) = { DESCRIPTION },
	AT(CFG_ACL_START) = { NUMBER("start", 1, 4294967295,
	    "Sequence number of the first row") },
	AT(CFG_ACL_STEP) = { NUMBER("step", 1, 65535,
	    "From one row to the next") },
};

#define PORTS(D, d) \
	AT(D##_OP) = { CHOICE(d "-op", acl_op_choices, \
	    "Which ports") }, \
	AT(D##_PORT) = { CODE(d "-port", 0, 65535, \
	    cfg_port_names, "Port") }, \
	AT(D##_LOW) = { CODE(d "-low", 0, 65535, \
	    cfg_port_names, "First port") }, \
	AT(D##_HIGH) = { CODE(d "-high", 0, 65535, \
	    cfg_port_names, "Last port") }
#define ENDPOINT(D, d) \
	AT(D##_ANY) = { CHOICE(d "-any", any_choices, \
	    "Any address") }, \
	AT(D##_HOST) = { VALUE(d "-host", SYNTAX_IPV4, \
	    "Address of a host") }, \
	AT(D) = { VALUE(d, SYNTAX_IPV4, "Address") }, \
	AT(D##_WILDCARD) = { VALUE(d "-wildcard", SYNTAX_IPV4, \
	    "Bits that need not agree") }, \
	PORTS(D, d)
#define ENDPOINT6(D, d) \
	AT(D##_ANY) = { CHOICE(d "-any", any_choices, \
	    "Any address") }, \
	AT(D##_HOST) = { VALUE(d "-host", SYNTAX_IPV6, \
	    "Address of a host") }, \
	AT(D) = { VALUE(d, SYNTAX_PREFIX6, "Network") }, \
	PORTS(D, d)
#define ROW_BEGIN(K) \
	AT(K##_SEQ) = { NUMBER("seq", 1, 4294967295, \
	    "Place in the list"), .key = true, .counted = 10 }, \
	AT(K##_ACTION) = { CHOICE("action", acl_action_choices, \
	    "What happens to a packet that fits") }, \
	AT(K##_PROTOCOL) = { CODE("protocol", 0, 255, \
	    cfg_protocol_names, "IP protocol") }
#define ROW_END(K, icmp_names) \
	AT(K##_PRECEDENCE) = { CODE("precedence", 0, 7, \
	    cfg_precedence_names, "IP precedence (RFC 791)") }, \
	AT(K##_TOS) = { NUMBER("tos", 0, 15, \
	    "Type of service, four bits (RFC 1349)") }, \
	AT(K##_DSCP) = { CODE("dscp", 0, 63, cfg_dscp_names, \
	    "DSCP (RFC 2474)") }, \
	AT(K##_ESTABLISHED) = { CHOICE("established", \
	    established_choices, "TCP with ACK or RST") }, \
	AT(K##_FRAGMENTS) = { CHOICE("fragments", fragments_choices, \
	    "Fragments but the first") }, \
	AT(K##_ICMP_TYPE) = { CODE("icmp-type", 0, 255, \
	    icmp_names, "ICMP type") }, \
	AT(K##_ICMP_CODE) = { NUMBER("icmp-code", 0, 255, \
	    "ICMP code") }

static const struct syntax_arg acl_row_fields[] = {
	ROW_BEGIN(CFG_ACL_ROW),
	ENDPOINT(CFG_ACL_ROW_SRC, "src"),
	ENDPOINT(CFG_ACL_ROW_DST, "dst"),
	ROW_END(CFG_ACL_ROW, cfg_icmp_names),
};
static const struct syntax_arg acl6_row_fields[] = {
	ROW_BEGIN(CFG_ACL6_ROW),
	ENDPOINT6(CFG_ACL6_ROW_SRC, "src"),
	ENDPOINT6(CFG_ACL6_ROW_DST, "dst"),
	ROW_END(CFG_ACL6_ROW, cfg_icmp6_names),
};

static const struct syntax_arg group_fields[] = {
	AT(CFG_INTERFACE_GROUP_DIRECTION) = { CHOICE("direction",
	    direction_choices, "Which packets"), .key = true },
	AT(CFG_INTERFACE_GROUP_NAME) = { NAMED("access-list", 39,
	    "Name of the access list") },
	AT(CFG_INTERFACE_GROUP_COUNT) = { CHOICE("count", count_choices,
	    "Count what it permits and denies here") },
	AT(CFG_INTERFACE_GROUP_LOG) = { CHOICE("log", log_choices,
	    "Log what it denies here") },
};

#define GROUP6(of) { "ipv6-access-group", NULL, of, group_fields, \
	NELEM(group_fields), false, true }
static const struct cfg_kind_def kinds[CFG_KINDS] = {
	[CFG_ACL] = KIND("ip-access-list", "config-access-list", CFG_CONTEXT,
	    acl_fields),
	[CFG_ACL_ROW] = { "row", NULL, CFG_ACL, acl_row_fields,
	    NELEM(acl_row_fields), false, true },
	[CFG_INTERFACE_GROUP] = { "ip-access-group", NULL, CFG_INTERFACE,
	    group_fields, NELEM(group_fields), false, true },
	[CFG_PORT_GROUP] = { "ip-access-group", NULL, CFG_PORT, group_fields,
	    NELEM(group_fields), false, true },
	[CFG_PVC_GROUP] = { "ip-access-group", NULL, CFG_PVC, group_fields,
	    NELEM(group_fields), false, true },
	[CFG_ACL6] = KIND("ipv6-access-list", "config-access-list",
	    CFG_CONTEXT, acl_fields),
	[CFG_ACL6_ROW] = { "row", NULL, CFG_ACL6, acl6_row_fields,
	    NELEM(acl6_row_fields), false, true },
	[CFG_INTERFACE_GROUP6] = GROUP6(CFG_INTERFACE),
	[CFG_PORT_GROUP6] = GROUP6(CFG_PORT),
	[CFG_PVC_GROUP6] = GROUP6(CFG_PVC),
	[CFG_TUNNEL_GROUP6] = GROUP6(CFG_TUNNEL),
	[CFG_TUNNEL_GROUP] = { "ip-access-group", NULL, CFG_TUNNEL,
	    group_fields, NELEM(group_fields), false, true },
};
/* clang-format on */

const struct cfg_kind_def *
schema_features_kind(enum cfg_kind kind)
{
	return kinds[kind].name != NULL ? &kinds[kind] : schema_qos_kind(kind);
}

/* --- what a line must fulfil by itself ------------------------------------ */

/* Where the fields of a row lie: those of both families, and their ICMP. */
struct layout {
	unsigned src_op, dst_op; /* OP, PORT, LOW, HIGH */
	unsigned established, fragments, icmp_type;
	uint64_t icmp;
};

#define LAYOUT(K, protocol_of_icmp)                                            \
	{                                                                      \
		CFG_FIELD_INDEX(K##_SRC_OP), CFG_FIELD_INDEX(K##_DST_OP),      \
		    CFG_FIELD_INDEX(K##_ESTABLISHED),                          \
		    CFG_FIELD_INDEX(K##_FRAGMENTS),                            \
		    CFG_FIELD_INDEX(K##_ICMP_TYPE), protocol_of_icmp           \
	}

static const struct layout layout4 = LAYOUT(CFG_ACL_ROW, 1);
static const struct layout layout6 = LAYOUT(CFG_ACL6_ROW, 58);

static int
refuse(const struct syntax_value *at, const char *sentence, char *text,
       size_t octets, size_t *column)
{
	*column = at->column;
	(void)snprintf(text, octets, "%s", sentence);
	return -EINVAL;
}

static bool
has_ports(uint64_t protocol)
{
	return protocol == 6 || protocol == 17 || protocol == 33 ||
	       protocol == 132 || protocol == 136;
}

/* One of the two ends; v: its OP, PORT, LOW and HIGH. */
static int
end_check(const struct syntax_value *v, uint64_t protocol, char *text,
	  size_t octets, size_t *column)
{
	const struct syntax_value *op = &v[0], *port = &v[1];
	const struct syntax_value *low = &v[2], *high = &v[3];
	const struct syntax_value *at = op->set ? op : low;

	if (!at->set)
		return 0;
	if (!has_ports(protocol))
		return refuse(at,
			      "a port, and a protocol that has none; expected "
			      "tcp, udp, sctp, udplite or 33 (DCCP)",
			      text, octets, column);
	if (low->set && low->n > high->n)
		return refuse(high,
			      "the range ends before it begins; expected the "
			      "lower port first",
			      text, octets, column);
	if (op->set && ((op->n == CFG_ACL_LT && port->n == 0) ||
			(op->n == CFG_ACL_GT && port->n == 65535)))
		return refuse(port,
			      "there is no such port; expected one that leaves "
			      "some",
			      text, octets, column);
	return 0;
}

static int
row_check(const struct syntax_match *match, const struct layout *l, char *text,
	  size_t octets, size_t *column)
{
	const struct syntax_value *v = match->values;
	uint64_t protocol = v[CFG_FIELD_INDEX(CFG_ACL_ROW_PROTOCOL)].n;
	bool ports = v[l->src_op].set || v[l->src_op + 2].set ||
		     v[l->dst_op].set || v[l->dst_op + 2].set;
	int err = end_check(&v[l->src_op], protocol, text, octets, column);

	if (err == 0)
		err = end_check(&v[l->dst_op], protocol, text, octets, column);
	if (err != 0)
		return err;
	if (v[l->established].set && protocol != 6)
		return refuse(&v[l->established],
			      "only TCP has flags; expected permit tcp or deny "
			      "tcp",
			      text, octets, column);
	if (v[l->icmp_type].set && protocol != l->icmp)
		return refuse(&v[l->icmp_type],
			      l->icmp == 1 ? "only ICMP has types; expected "
					     "permit icmp or deny icmp"
					   : "only ICMP has types; expected "
					     "permit icmpv6 or deny icmpv6",
			      text, octets, column);
	if (v[l->fragments].set && ports)
		return refuse(&v[l->fragments],
			      "a later fragment shows no ports; expected ports "
			      "or fragments",
			      text, octets, column);
	return 0;
}

int
schema_acl_check(const struct syntax_match *match, char *text, size_t octets,
		 size_t *column)
{
	return row_check(match, &layout4, text, octets, column);
}

int
schema_acl6_check(const struct syntax_match *match, char *text, size_t octets,
		  size_t *column)
{
	return row_check(match, &layout6, text, octets, column);
}
