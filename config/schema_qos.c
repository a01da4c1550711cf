/*
 * The kinds of QoS policies and their fields. The lines that set them are in
 * schema_rows.c.
 */
#include <errno.h>
#include <stdio.h>

#include "schema_impl.h"
#include "schema_names.h"

/* clang-format off */
static const struct syntax_choice police_choices[] = {
	{ "policing", CFG_QOS_POLICING, "Of packets that come in" },
	{ "metering", CFG_QOS_METERING, "Of packets that go out" },
	{ NULL, 0, NULL } };
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
	AT(CFG_PORT_QOS_USE) = { CHOICE("use", police_choices, "What for"),
	    .key = true },
	AT(CFG_PORT_QOS_POLICY) = { NAMED("policy", 39,
	    "Name of the policy") },
};

#define USES(mode) { "qos", NULL, mode, use_fields, NELEM(use_fields), \
	false, true }
static const struct cfg_kind_def kinds[CFG_KINDS] = {
	[CFG_QOS] = KIND("qos-policy", "config-policy-policing", CFG_ROOT,
	    police_fields),
	[CFG_PORT_QOS] = USES(CFG_PORT),
	[CFG_PVC_QOS] = USES(CFG_PVC),
	[CFG_TUNNEL_QOS] = USES(CFG_TUNNEL),
};
/* clang-format on */

const struct cfg_kind_def *
schema_qos_kind(enum cfg_kind kind)
{
	return &kinds[kind];
}
