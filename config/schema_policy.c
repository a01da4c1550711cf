/*
 * The kinds of security policy and their fields: access lists of selectors, and
 * selections that choose by them. The lines that set them are in schema_rows.c;
 * what their texts mean in selector.c.
 */
#include "schema_impl.h"
#include "schema_names.h"
#include "selector.h"

/* clang-format off */
static const struct syntax_choice selection_choices[] = {
	{ "bypass", CFG_SELECTION_BYPASS, "Pass in clear" },
	{ "discard", CFG_SELECTION_DISCARD, "Discard" },
	{ NULL, 0, NULL } };
static const struct syntax_choice selector_protocols[] = {
	{ "ip", CFG_SELECTOR_ANY, "Any protocol" },
	CFG_PROTOCOL_ROWS,
	{ "opaque", CFG_SELECTOR_OPAQUE,
	  "Fragments that do not show their protocol" },
	{ NULL, 0, NULL } };

static const struct syntax_arg ipsec_acl_fields[] = {
	AT(CFG_IPSEC_ACL_NAME) = { NAMED("access-list", 50,
	    "Name of the IPsec access list"), .key = true },
	AT(CFG_IPSEC_ACL_DESCRIPTION) = { DESCRIPTION },
};
static const struct syntax_arg ipsec_acl_row_fields[] = {
	AT(CFG_IPSEC_ACL_ROW_SEQ) = { NUMBER("seq", 1, UINT32_MAX,
	    "Place of the row in its list"), .key = true },
	AT(CFG_IPSEC_ACL_ROW_PROTOCOL) = { CHOICE("protocol", selector_protocols,
	    "Protocol") },
	AT(CFG_IPSEC_ACL_ROW_NUMBER) = { NUMBER("protocol-number", 0, 255,
	    "Number of the protocol") },
	AT(CFG_IPSEC_ACL_ROW_SOURCE) = { NAMED("source", 91,
	    "Addresses at this end: any, a prefix or FIRST-LAST") },
	AT(CFG_IPSEC_ACL_ROW_SOURCE_PORT) = { NAMED("source-port", 11,
	    "Port, FIRST-LAST, or opaque: packets that show none") },
	AT(CFG_IPSEC_ACL_ROW_DESTINATION) = { NAMED("destination", 91,
	    "Addresses at the far end: any, a prefix or FIRST-LAST") },
	AT(CFG_IPSEC_ACL_ROW_DESTINATION_PORT) = { NAMED("destination-port", 11,
	    "Port, FIRST-LAST, or opaque: packets that show none") },
	AT(CFG_IPSEC_ACL_ROW_TYPE) = { NUMBER("icmp-type", 0, 255,
	    "Message type") },
	AT(CFG_IPSEC_ACL_ROW_CODE) = { NAMED("icmp-code", 7,
	    "Code, or FIRST-LAST") },
	AT(CFG_IPSEC_ACL_ROW_DSCP) = { NUMBER("dscp", 0, 63, "DSCP") },
};
static const struct syntax_arg selection_fields[] = {
	AT(CFG_SELECTION_NAME) = { NAMED("selection", 50,
	    "Name of the selection"), .key = true },
	AT(CFG_SELECTION_DESCRIPTION) = { DESCRIPTION },
};
static const struct syntax_arg selection_row_fields[] = {
	AT(CFG_SELECTION_ROW_SEQ) = { NUMBER("seq", 1, UINT32_MAX,
	    "Place of the entry: the first that matches decides"),
	    .key = true },
	AT(CFG_SELECTION_ROW_TUNNEL) = { NAMED("tunnel", 50,
	    "Name of the tunnel") },
	AT(CFG_SELECTION_ROW_ACTION) = { CHOICE("action", selection_choices,
	    "What becomes of the packets") },
	AT(CFG_SELECTION_ROW_ACCESS_LIST) = { NAMED("access-list", 50,
	    "Name of the IPsec access list") },
};

static const struct cfg_kind_def kinds[] = {
	[CFG_IPSEC_ACL] = KIND("ipsec-access-list", "config-ipsec-acl", CFG_CONTEXT,
	    ipsec_acl_fields),
	[CFG_IPSEC_ACL_ROW] = KIND("seq", NULL, CFG_IPSEC_ACL, ipsec_acl_row_fields),
	[CFG_SELECTION] = KIND("ipsec-selection", "config-ipsec-selection",
	    CFG_CONTEXT, selection_fields),
	[CFG_SELECTION_ROW] = KIND("entry", NULL, CFG_SELECTION,
	    selection_row_fields),
};
/* clang-format on */

const struct cfg_kind_def *
schema_policy_kind(enum cfg_kind kind)
{
	return &kinds[kind];
}
