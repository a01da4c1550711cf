/*
 * All of these layouts are ours, in the SmartEdge's style.
 */
#include "show_counters_text.h"

#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct out_column port_columns[] = {
    {"Port", "port", 6, NULL},
    {"State", "state", 5, NULL},
    {"Rx packets", "rx_packets", -12, NULL},
    {"Rx bytes", "rx_octets", -14, NULL},
    {"Rx pps", "rx_packets_per_s", -8, NULL},
    {"Rx bps", "rx_bits_per_s", -11, NULL},
    {"Tx packets", "tx_packets", -12, NULL},
    {"Tx bytes", "tx_octets", -14, NULL},
    {"Tx pps", "tx_packets_per_s", -8, NULL},
    {"Tx bps", "tx_bits_per_s", -11, NULL}};

void
text_port_counters(struct out *o, const json_t *data)
{
	json_int_t ms = out_integer(data, "interval_ms");

	out_table(o, port_columns, COUNT(port_columns),
		  json_object_get(data, "ports"));
	if (ms > 0)
		out_line(o, "Rates are those of the last %lld.%lld seconds.",
			 ms / 1000, ms / 100 % 10);
	else
		out_line(o, "There are no rates yet.");
}

static void
statistics_part(struct out *o, const char *head, const json_t *part)
{
	const char *name;
	json_t *n;

	out_line(o, "  %s", head);
	json_object_foreach((json_t *)part, name, n)
		out_line(o, "    %-20s: %lld", name, json_integer_value(n));
}

void
text_ipsec_statistics(struct out *o, const json_t *data)
{
	const json_t *asp;
	size_t i;

	json_array_foreach(json_object_get(data, "asps"), i, asp) {
		out_line(o, "%sASP %s, tunnels %lld", i > 0 ? "\n" : "",
			 out_string(asp, "asp"), out_integer(asp, "tunnels"));
		statistics_part(o, "Inbound", json_object_get(asp, "in"));
		statistics_part(o, "Outbound", json_object_get(asp, "out"));
	}
}

static const char *
kind(const json_t *row, char *buf, size_t octets)
{
	(void)snprintf(buf, octets, "ipsec %s", out_string(row, "type"));
	return buf;
}

static const struct out_column brief_columns[] = {
    {"Tunnel", "name", 22, NULL},         {"Type", "type", 13, kind},
    {"State", "state", 5, NULL},          {"Local", "local", 16, NULL},
    {"Remote", "remote", 16, NULL},       {"MTU", "mtu", -5, NULL},
    {"Interface", "interface", 12, NULL}, {"Cause", "cause", 8, NULL}};

void
text_tunnel_brief(struct out *o, const json_t *data)
{
	out_table(o, brief_columns, COUNT(brief_columns),
		  json_object_get(data, "tunnels"));
}

static void
tunnel_traffic(struct out *o, const json_t *t)
{
	out_line(o, "  Received             : %lld packets, %lld bytes",
		 out_integer(t, "in_packets"), out_integer(t, "in_octets"));
	out_line(o, "  Sent                 : %lld packets, %lld bytes",
		 out_integer(t, "out_packets"), out_integer(t, "out_octets"));
	out_line(o, "  Replayed             : %lld",
		 out_integer(t, "replay_drops"));
	out_line(o, "  Integrity failures   : %lld",
		 out_integer(t, "integrity_failures"));
	out_line(o, "  Selector mismatches  : %lld",
		 out_integer(t, "selector_mismatches"));
}

static void
tunnel_row(struct out *o, const json_t *t)
{
	out_line(o, "Tunnel %s, ipsec %s, state is %s", out_string(t, "name"),
		 out_string(t, "type"), out_string(t, "state"));
	out_line(o, "  Cause                : %s", out_string(t, "cause"));
	out_line(o, "  Local, remote        : %s, %s, context %s",
		 out_string(t, "local"), out_string(t, "remote"),
		 out_string(t, "context"));
	out_line(o, "  Bound to             : %s",
		 out_string(t, "interface")[0] != '\0'
		     ? out_string(t, "interface")
		     : "nothing");
	out_line(o, "  Mode                 : %s, %s, %s",
		 out_string(t, "mode"), out_string(t, "protocols"),
		 out_string(t, "ipsec_mode"));
	out_line(o, "  Encapsulation        : %s",
		 out_string(t, "encapsulation"));
	out_line(o, "  MTU                  : %lld", out_integer(t, "mtu"));
	out_line(o, "  ASP group, ASP       : %s, %s",
		 out_string(t, "asp_group"), out_string(t, "asp"));
	out_line(o, "  SAs in, out          : %s, %s", out_string(t, "sa_in"),
		 out_string(t, "sa_out"));
	tunnel_traffic(o, t);
}

void
text_tunnel_detail(struct out *o, const json_t *data)
{
	const json_t *t;
	size_t i;

	json_array_foreach(json_object_get(data, "tunnels"), i, t) {
		if (i > 0)
			out_line(o, "%s", "");
		tunnel_row(o, t);
	}
}

void
text_tunnel_counters(struct out *o, const json_t *data)
{
	const json_t *t;
	size_t i;

	json_array_foreach(json_object_get(data, "tunnels"), i, t) {
		out_line(o, "Tunnel %s", out_string(t, "name"));
		tunnel_traffic(o, t);
	}
}
