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

#define ENDPOINT(D, d) \
	AT(CFG_ACL_ROW_##D##_ANY) = { CHOICE(d "-any", any_choices, \
	    "Any address") }, \
	AT(CFG_ACL_ROW_##D##_HOST) = { VALUE(d "-host", SYNTAX_IPV4, \
	    "Address of a host") }, \
	AT(CFG_ACL_ROW_##D) = { VALUE(d, SYNTAX_IPV4, "Address") }, \
	AT(CFG_ACL_ROW_##D##_WILDCARD) = { VALUE(d "-wildcard", SYNTAX_IPV4, \
	    "Bits that need not agree") }, \
	AT(CFG_ACL_ROW_##D##_OP) = { CHOICE(d "-op", acl_op_choices, \
	    "Which ports") }, \
	AT(CFG_ACL_ROW_##D##_PORT) = { CODE(d "-port", 0, 65535, \
	    cfg_port_names, "Port") }, \
	AT(CFG_ACL_ROW_##D##_LOW) = { CODE(d "-low", 0, 65535, \
	    cfg_port_names, "First port") }, \
	AT(CFG_ACL_ROW_##D##_HIGH) = { CODE(d "-high", 0, 65535, \
	    cfg_port_names, "Last port") }

static const struct syntax_arg acl_row_fields[] = {
	AT(CFG_ACL_ROW_SEQ) = { NUMBER("seq", 1, 4294967295,
	    "Place in the list"), .key = true, .counted = 10 },
	AT(CFG_ACL_ROW_ACTION) = { CHOICE("action", acl_action_choices,
	    "What happens to a packet that fits") },
	AT(CFG_ACL_ROW_PROTOCOL) = { CODE("protocol", 0, 255,
	    cfg_protocol_names, "IP protocol") },
	ENDPOINT(SRC, "src"),
	ENDPOINT(DST, "dst"),
	AT(CFG_ACL_ROW_PRECEDENCE) = { CODE("precedence", 0, 7,
	    cfg_precedence_names, "IP precedence (RFC 791)") },
	AT(CFG_ACL_ROW_TOS) = { NUMBER("tos", 0, 15,
	    "Type of service, four bits (RFC 1349)") },
	AT(CFG_ACL_ROW_DSCP) = { CODE("dscp", 0, 63, cfg_dscp_names,
	    "DSCP (RFC 2474)") },
	AT(CFG_ACL_ROW_ESTABLISHED) = { CHOICE("established",
	    established_choices, "TCP with ACK or RST") },
	AT(CFG_ACL_ROW_FRAGMENTS) = { CHOICE("fragments", fragments_choices,
	    "Fragments but the first") },
	AT(CFG_ACL_ROW_ICMP_TYPE) = { CODE("icmp-type", 0, 255,
	    cfg_icmp_names, "ICMP type") },
	AT(CFG_ACL_ROW_ICMP_CODE) = { NUMBER("icmp-code", 0, 255,
	    "ICMP code") },
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

static const struct syntax_value *
value_of(const struct syntax_match *match, enum cfg_field field)
{
	return &match->values[CFG_FIELD_INDEX(field)];
}

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

/* One of the two ends: the first of its fields is ANY. */
static int
end_check(const struct syntax_match *match, unsigned first, char *text,
	  size_t octets, size_t *column)
{
	const struct syntax_value *v =
	    match->values + first - CFG_FIELD_INDEX(CFG_ACL_ROW_SRC_ANY);
	const struct syntax_value *op = v + CFG_FIELD_INDEX(CFG_ACL_ROW_SRC_OP);
	const struct syntax_value *port =
	    v + CFG_FIELD_INDEX(CFG_ACL_ROW_SRC_PORT);
	const struct syntax_value *low =
	    v + CFG_FIELD_INDEX(CFG_ACL_ROW_SRC_LOW);
	const struct syntax_value *high =
	    v + CFG_FIELD_INDEX(CFG_ACL_ROW_SRC_HIGH);
	uint64_t protocol = value_of(match, CFG_ACL_ROW_PROTOCOL)->n;
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

int
schema_acl_check(const struct syntax_match *match, char *text, size_t octets,
		 size_t *column)
{
	uint64_t protocol = value_of(match, CFG_ACL_ROW_PROTOCOL)->n;
	const struct syntax_value *established =
	    value_of(match, CFG_ACL_ROW_ESTABLISHED);
	const struct syntax_value *type =
	    value_of(match, CFG_ACL_ROW_ICMP_TYPE);
	const struct syntax_value *fragments =
	    value_of(match, CFG_ACL_ROW_FRAGMENTS);
	int err = end_check(match, CFG_FIELD_INDEX(CFG_ACL_ROW_SRC_ANY), text,
			    octets, column);

	if (err == 0)
		err = end_check(match, CFG_FIELD_INDEX(CFG_ACL_ROW_DST_ANY),
				text, octets, column);
	if (err != 0)
		return err;
	if (established->set && protocol != 6)
		return refuse(established,
			      "only TCP has flags; expected permit tcp or deny "
			      "tcp",
			      text, octets, column);
	if (type->set && protocol != 1)
		return refuse(type,
			      "only ICMP has types; expected permit icmp or "
			      "deny icmp",
			      text, octets, column);
	if (fragments->set && (value_of(match, CFG_ACL_ROW_SRC_OP)->set ||
			       value_of(match, CFG_ACL_ROW_SRC_LOW)->set ||
			       value_of(match, CFG_ACL_ROW_DST_OP)->set ||
			       value_of(match, CFG_ACL_ROW_DST_LOW)->set))
		return refuse(fragments,
			      "a later fragment shows no ports; expected ports "
			      "or fragments",
			      text, octets, column);
	return 0;
}
