/*
 * Protocols and ports as IANA numbers them, those that access lists name most;
 * ICMP types of RFC 792 and RFC 4443; DSCPs of RFC 2474, RFC 2597, RFC 3246 and
 * RFC 5865; precedences of RFC 791 section 3.1.
 */
#include "schema_names.h"

/* clang-format off */
const struct syntax_choice cfg_protocol_names[] = {
	{ "ip", CFG_PROTOCOL_ANY, "Any protocol" },
	CFG_PROTOCOL_ROWS,
	{ NULL, 0, NULL } };
const struct syntax_choice cfg_port_names[] = {
	{ "ftp-data", 20, NULL }, { "ftp", 21, NULL }, { "ssh", 22, NULL },
	{ "telnet", 23, NULL }, { "smtp", 25, NULL }, { "domain", 53, NULL },
	{ "bootps", 67, NULL }, { "bootpc", 68, NULL }, { "tftp", 69, NULL },
	{ "www", 80, NULL }, { "pop3", 110, NULL }, { "ntp", 123, NULL },
	{ "imap", 143, NULL }, { "snmp", 161, NULL }, { "snmptrap", 162, NULL },
	{ "bgp", 179, NULL }, { "ldap", 389, NULL }, { "https", 443, NULL },
	{ "isakmp", 500, NULL }, { "syslog", 514, NULL }, { "rip", 520, NULL },
	{ "ldp", 646, NULL }, { "l2tp", 1701, NULL }, { "radius", 1812, NULL },
	{ "ipsec-nat-t", 4500, NULL },
	{ NULL, 0, NULL } };
const struct syntax_choice cfg_icmp_names[] = {
	{ "echo-reply", 0, NULL }, { "unreachable", 3, NULL },
	{ "source-quench", 4, NULL }, { "redirect", 5, NULL },
	{ "echo", 8, NULL }, { "router-advertisement", 9, NULL },
	{ "router-solicitation", 10, NULL }, { "time-exceeded", 11, NULL },
	{ "parameter-problem", 12, NULL }, { "timestamp-request", 13, NULL },
	{ "timestamp-reply", 14, NULL },
	{ NULL, 0, NULL } };
const struct syntax_choice cfg_icmp6_names[] = {
	{ "unreachable", 1, NULL }, { "packet-too-big", 2, NULL },
	{ "time-exceeded", 3, NULL }, { "parameter-problem", 4, NULL },
	{ "echo", 128, NULL }, { "echo-reply", 129, NULL },
	{ "router-solicitation", 133, NULL },
	{ "router-advertisement", 134, NULL },
	{ "neighbor-solicitation", 135, NULL },
	{ "neighbor-advertisement", 136, NULL }, { "redirect", 137, NULL },
	{ NULL, 0, NULL } };
const struct syntax_choice cfg_dscp_names[] = {
	{ "df", 0, "Default forwarding" },
	{ "cs1", 8, NULL }, { "af11", 10, NULL }, { "af12", 12, NULL },
	{ "af13", 14, NULL }, { "cs2", 16, NULL }, { "af21", 18, NULL },
	{ "af22", 20, NULL }, { "af23", 22, NULL }, { "cs3", 24, NULL },
	{ "af31", 26, NULL }, { "af32", 28, NULL }, { "af33", 30, NULL },
	{ "cs4", 32, NULL }, { "af41", 34, NULL }, { "af42", 36, NULL },
	{ "af43", 38, NULL }, { "cs5", 40, NULL },
	{ "voice-admit", 44, NULL },
	{ "ef", 46, "Expedited forwarding" }, { "cs6", 48, NULL },
	{ "cs7", 56, NULL },
	{ NULL, 0, NULL } };
const struct syntax_choice cfg_precedence_names[] = {
	{ "routine", 0, NULL }, { "priority", 1, NULL },
	{ "immediate", 2, NULL }, { "flash", 3, NULL },
	{ "flash-override", 4, NULL }, { "critical", 5, NULL },
	{ "internet", 6, NULL }, { "network", 7, NULL },
	{ NULL, 0, NULL } };
/* clang-format on */
