/*
 * How fields and kinds are written down. For schema*.c only.
 */
#ifndef SCHEMA_IMPL_H
#define SCHEMA_IMPL_H

#include "schema.h"

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

/* The kinds of circuit features: schema_features.c. */
const struct cfg_kind_def *schema_features_kind(enum cfg_kind kind);
/* Of security policy: schema_policy.c. */
const struct cfg_kind_def *schema_policy_kind(enum cfg_kind kind);
/* Of automatic keys: schema_ike.c. */
const struct cfg_kind_def *schema_ike_kind(enum cfg_kind kind);
/* Those of QoS: schema_qos.c. */
const struct cfg_kind_def *schema_qos_kind(enum cfg_kind kind);
/* What a line of an access list must fulfil by itself. */
int schema_acl_check(const struct syntax_match *match, char *text,
		     size_t octets, size_t *column);
/* And a line that makes a policy. */
int schema_qos_name_check(const struct syntax_match *match, char *text,
			  size_t octets, size_t *column);
int schema_acl6_check(const struct syntax_match *match, char *text,
		      size_t octets, size_t *column);

/* Of addresses: schema_ip.c. */
int schema_address6_check(const struct syntax_match *match, char *text,
			  size_t octets, size_t *column);
int schema_link_local_check(const struct syntax_match *match, char *text,
			    size_t octets, size_t *column);
int schema_route6_check(const struct syntax_match *match, char *text,
			size_t octets, size_t *column);
int schema_arp_check(const struct syntax_match *match, char *text,
		     size_t octets, size_t *column);
int schema_neighbor6_check(const struct syntax_match *match, char *text,
			   size_t octets, size_t *column);

/* clang-format off */
#define FLAG(word, text) \
	static const struct syntax_choice word##_choices[] = { \
		{ text, 1, NULL }, { NULL, 0, NULL } }

#define NAMED(n, octets, h) \
	.name = (n), .type = SYNTAX_NAME, .min = 1, .max = (octets), .help = (h)
#define TEXT(n, octets, h) \
	.name = (n), .type = SYNTAX_TEXT, .min = 1, .max = (octets), .help = (h)
#define NUMBER(n, low, high, h) \
	.name = (n), .type = SYNTAX_U32, .min = (low), .max = (high), .help = (h)
#define CHOICE(n, c, h) \
	.name = (n), .type = SYNTAX_ENUM, .choices = (c), .help = (h)
#define VALUE(n, t, h) .name = (n), .type = (t), .help = (h)
#define SECRET(n, h) \
	.name = (n), .type = SYNTAX_SECRET, .min = 1, .max = SYNTAX_SECRET_MAX, \
	.help = (h)
#define DEFAULT(v) .has_default = true, .value = (v)
#define AT(field) [CFG_FIELD_INDEX(field)]
/* A number of low to high, or one of the words c. */
#define CODE(n, low, high, c, h) \
	.name = (n), .type = SYNTAX_CODE, .min = (low), .max = (high), \
	.choices = (c), .help = (h)

#define DESCRIPTION TEXT("description", 255, "Text, to the end of the line")
#define BIND_INTERFACE NAMED("bind-interface", 127, "Name of the interface")
#define BIND_CONTEXT \
	NAMED("bind-context", 32, "Context of the interface"), \
	.filled = true, .text = "local"

#define KIND(n, mode, above, f) { n, mode, above, f, NELEM(f), false, false }
/* clang-format on */

#endif
