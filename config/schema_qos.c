/*
 * The kinds of QoS policies and their fields. The lines that set them are in
 * schema_rows.c.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema_impl.h"
#include "schema_names.h"

/* clang-format off */
static const struct syntax_choice police_choices[] = {
	{ "policing", CFG_QOS_POLICING, "Of packets that come in" },
	{ "metering", CFG_QOS_METERING, "Of packets that go out" },
	{ NULL, 0, NULL } };
static const struct syntax_choice use_choices[] = {
	{ "policing", CFG_QOS_POLICING, "Of packets that come in" },
	{ "metering", CFG_QOS_METERING, "Of packets that go out" },
	{ "queuing", CFG_QOS_QUEUING, "Priority of packets that go out" },
	{ NULL, 0, NULL } };
static const struct syntax_choice queues_choices[] = {
	{ "1", 1, NULL }, { "2", 2, NULL }, { "4", 4, NULL },
	{ "8", 8, NULL }, { NULL, 0, NULL } };
static const struct syntax_choice pass_choices[] = {
	{ "no-action", CFG_QOS_NO_ACTION, "Let it through as it is" },
	{ NULL, 0, NULL } };
static const struct syntax_choice drop_choices[] = {
	{ "drop", CFG_QOS_DROP, "Drop it" },
	{ "no-action", CFG_QOS_NO_ACTION, "Let it through as it is" },
	{ NULL, 0, NULL } };

#define ACTION(C, c, choices, d) \
	AT(CFG_QOS_##C##_ACTION) = { CHOICE(c "-action", choices, \
	    "What happens to it"), DEFAULT(d) }, \
	AT(CFG_QOS_##C##_DSCP) = { CODE(c "-dscp", 0, 63, cfg_dscp_names, \
	    "DSCP it gets") }, \
	AT(CFG_QOS_##C##_PRECEDENCE) = { CODE(c "-precedence", 0, 7, \
	    cfg_precedence_names, "IP precedence it gets") }

static const struct syntax_arg police_fields[] = {
	AT(CFG_QOS_NAME) = { NAMED("policy", 39, "Name of the policy"),
	    .key = true },
	AT(CFG_QOS_KIND) = { CHOICE("kind", police_choices, "What it is for"),
	    .fixed = true },
	AT(CFG_QOS_RATE) = { NUMBER("rate", 1, 400000000,
	    "Kilobits per second of IP packets") },
	AT(CFG_QOS_BURST) = { NUMBER("burst", 1, 4294967295, "Octets") },
	AT(CFG_QOS_EXCESS) = { NUMBER("excess-burst", 1, 4294967295,
	    "Octets; what is beyond them violates") },
	ACTION(CONFORM, "conform", pass_choices, CFG_QOS_NO_ACTION),
	ACTION(EXCEED, "exceed", drop_choices, CFG_QOS_DROP),
	ACTION(VIOLATE, "violate", drop_choices, CFG_QOS_DROP),
};

static const struct syntax_arg use_fields[] = {
	AT(CFG_PORT_QOS_USE) = { CHOICE("use", use_choices, "What for"),
	    .key = true },
	AT(CFG_PORT_QOS_POLICY) = { NAMED("policy", 39,
	    "Name of the policy") },
};

static const struct syntax_arg pq_fields[] = {
	AT(CFG_PQ_NAME) = { NAMED("policy", 39, "Name of the policy"),
	    .key = true },
	AT(CFG_PQ_QUEUES) = { CHOICE("num-queues", queues_choices,
	    "Number of queues"), DEFAULT(8) },
	AT(CFG_PQ_RATE) = { NUMBER("rate", 1, 400000000,
	    "Kilobits per second that the circuit takes") },
};
static const struct syntax_arg pq_queue_fields[] = {
	AT(CFG_PQ_QUEUE_NUMBER) = { NUMBER("queue", 0, 7,
	    "Queue; 0 goes first"), .key = true },
	AT(CFG_PQ_QUEUE_RATE) = { NUMBER("rate", 1, 400000000,
	    "Kilobits per second") },
	AT(CFG_PQ_QUEUE_BURST) = { NUMBER("burst", 1, 4294967295, "Octets") },
	AT(CFG_PQ_QUEUE_DEPTH) = { NUMBER("depth", 1, 65535,
	    "Packets that may wait"), DEFAULT(CFG_PQ_DEPTH) },
};
static const struct syntax_arg pq_map_fields[] = {
	AT(CFG_PQ_MAP_DSCP) = { CODE("dscp", 0, 63, cfg_dscp_names, "DSCP"),
	    .key = true },
	AT(CFG_PQ_MAP_QUEUE) = { NUMBER("queue", 0, 7, "Queue") },
};
static const struct syntax_arg ipsec_qos_fields[] = {
	AT(CFG_IPSEC_QOS_NAME) = { NAMED("policy", 50, "Name of the policy"),
	    .key = true },
};
static const struct syntax_arg ipsec_queue_fields[] = {
	AT(CFG_IPSEC_QUEUE_NUMBER) = { NUMBER("queue", 0, 7,
	    "Queue; 0 goes first"), .key = true },
	AT(CFG_IPSEC_QUEUE_LIST) = { NAMED("access-list", 50,
	    "Access list, of IP or of IPsec") },
	AT(CFG_IPSEC_QUEUE_DSCP) = { CODE("dscp", 0, 63, cfg_dscp_names,
	    "And of this DSCP") },
};

#define USES(mode) { "qos", NULL, mode, use_fields, NELEM(use_fields), \
	false, true }
static const struct cfg_kind_def kinds[CFG_KINDS] = {
	[CFG_QOS] = KIND("qos-policy", "config-policy-policing", CFG_ROOT,
	    police_fields),
	[CFG_PORT_QOS] = USES(CFG_PORT),
	[CFG_PVC_QOS] = USES(CFG_PVC),
	[CFG_TUNNEL_QOS] = USES(CFG_TUNNEL),
	[CFG_PQ] = KIND("qos-pq", "config-policy-pq", CFG_ROOT, pq_fields),
	[CFG_PQ_QUEUE] = { "queue", NULL, CFG_PQ, pq_queue_fields,
	    NELEM(pq_queue_fields), false, true },
	[CFG_PQ_MAP] = { "queue-map", NULL, CFG_PQ, pq_map_fields,
	    NELEM(pq_map_fields), false, true },
	[CFG_IPSEC_QOS] = KIND("ipsec-qos-policy", "config-ipsec-qos",
	    CFG_CONTEXT, ipsec_qos_fields),
	[CFG_IPSEC_QUEUE] = { "queue", NULL, CFG_IPSEC_QOS,
	    ipsec_queue_fields, NELEM(ipsec_queue_fields), false, true },
};
/* clang-format on */

static_assert(CFG_FIELD_INDEX(CFG_QOS_NAME) == CFG_FIELD_INDEX(CFG_PQ_NAME),
	      "schema_qos_name_check() knows where the name is");

const struct cfg_kind_def *
schema_qos_kind(enum cfg_kind kind)
{
	return &kinds[kind];
}

/*
 * In the mode of a port the line "qos policy p policing" applies a policy named
 * policing: there the first word is a use, and may be abbreviated. So no policy
 * has a name that would be read as a use.
 */
int
schema_qos_name_check(const struct syntax_match *match, char *text,
		      size_t octets, size_t *column)
{
	const struct syntax_value *name =
	    &match->values[CFG_FIELD_INDEX(CFG_QOS_NAME)];

	for (const struct syntax_choice *use = use_choices; use->word != NULL;
	     use++) {
		if (strncmp(use->word, name->text, name->len) != 0)
			continue;
		*column = name->column;
		(void)snprintf(text, octets,
			       "a port would read %.*s as %s; expected another "
			       "name",
			       (int)name->len, name->text, use->word);
		return -EINVAL;
	}
	return 0;
}
