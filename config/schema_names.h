/*
 * Names of numbers in access lists and policies: protocols, ports, ICMP types,
 * DSCP. What stands in a configuration is the name where there is one.
 */
#ifndef SCHEMA_NAMES_H
#define SCHEMA_NAMES_H

#include "syntax.h"

/* Protocol "ip": any. No packet has it. */
#define CFG_PROTOCOL_ANY 256

/*
 * Protocols that lists of every kind know by name: the middle of a table of
 * choices.
 */
/* clang-format off */
#define CFG_PROTOCOL_ROWS \
	{ "icmp", 1, "Internet Control Message Protocol" }, \
	{ "igmp", 2, "Internet Group Management Protocol" }, \
	{ "ipip", 4, "IPv4 in IP" }, \
	{ "tcp", 6, "Transmission Control Protocol" }, \
	{ "udp", 17, "User Datagram Protocol" }, \
	{ "dccp", 33, "Datagram Congestion Control Protocol" }, \
	{ "ipv6", 41, "IPv6 in IP" }, \
	{ "gre", 47, "Generic Routing Encapsulation" }, \
	{ "esp", 50, "Encapsulating Security Payload" }, \
	{ "ah", 51, "Authentication Header" }, \
	{ "icmpv6", 58, "ICMP for IPv6" }, \
	{ "ospf", 89, "Open Shortest Path First" }, \
	{ "pim", 103, "Protocol Independent Multicast" }, \
	{ "vrrp", 112, "Virtual Router Redundancy Protocol" }, \
	{ "l2tp", 115, "Layer 2 Tunneling Protocol" }, \
	{ "sctp", 132, "Stream Control Transmission Protocol" }, \
	{ "mobility", 135, "Mobility Header" }, \
	{ "udplite", 136, "Lightweight UDP" }
/* clang-format on */

extern const struct syntax_choice cfg_protocol_names[];
extern const struct syntax_choice cfg_port_names[];
extern const struct syntax_choice cfg_icmp_names[];
extern const struct syntax_choice cfg_icmp6_names[];
extern const struct syntax_choice cfg_dscp_names[];
extern const struct syntax_choice cfg_precedence_names[];

#endif
