/*
 * Names of numbers in access lists and policies: protocols, ports, ICMP types,
 * DSCP. What stands in a configuration is the name where there is one.
 */
#ifndef SCHEMA_NAMES_H
#define SCHEMA_NAMES_H

#include "syntax.h"

/* Protocol "ip": any. No packet has it. */
#define CFG_PROTOCOL_ANY 256

extern const struct syntax_choice cfg_protocol_names[];
extern const struct syntax_choice cfg_port_names[];
extern const struct syntax_choice cfg_icmp_names[];
extern const struct syntax_choice cfg_icmp6_names[];
extern const struct syntax_choice cfg_dscp_names[];
extern const struct syntax_choice cfg_precedence_names[];

#endif
