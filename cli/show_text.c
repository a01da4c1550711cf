/*
 * Layouts. A topic is a row: which array, which columns, what stands before and
 * behind. Layouts that are known of the SmartEdge are followed to the column
 * (reference, section 2.9); show card, counters and backplane are ours in its
 * style. Called by cmd_show.c; fetches nothing.
 */
#include "show_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "show_asp_text.h"
#include "show_counters_text.h"
#include "show_ip_text.h"
#include "show_machine.h"
#include "show_own.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *
hms(const json_t *row, char *buf, size_t octets)
{
	long s = (long)out_integer(row, "uptime_s");

	(void)snprintf(buf, octets, "%02ld:%02ld:%02ld", s / 3600, s / 60 % 60,
		       s % 60);
	return buf;
}

static const char *
route_type(const json_t *row, char *buf, size_t octets)
{
	(void)snprintf(buf, octets, "%s %s",
		       json_is_false(json_object_get(row, "active")) ? " "
								     : ">",
		       out_string(row, "type"));
	return buf;
}

static const char *
slot_configured(const json_t *row, char *buf, size_t octets)
{
	(void)snprintf(buf, octets, "%2d  : %s", (int)out_integer(row, "slot"),
		       out_string(row, "type"));
	return buf;
}

static const char *
slot_installed(const json_t *row, char *buf, size_t octets)
{
	(void)snprintf(buf, octets, "%2d  : %s", (int)out_integer(row, "slot"),
		       out_string(row, "installed"));
	return buf;
}

static const char *
slot_initialized(const json_t *row, char *buf, size_t octets)
{
	(void)buf;
	(void)octets;
	return json_is_true(json_object_get(row, "initialized")) ? "Yes" : "No";
}

static const char *
hop_kind(const json_t *row, char *buf, size_t octets)
{
	(void)buf;
	(void)octets;
	return json_is_true(json_object_get(row, "card_local")) ? "card-local"
								: "crossing";
}

static const char *
port_name(const json_t *row, char *buf, size_t octets)
{
	(void)snprintf(buf, octets, "%s", out_string(row, "port"));
	return buf;
}

static const char *
process_stage(const json_t *row, char *buf, size_t octets)
{
	(void)snprintf(buf, octets, "  %s", out_string(row, "stage"));
	return buf;
}

static const char *
since_text(const json_t *row, char *buf, size_t octets)
{
	time_t since = (time_t)out_integer(row, "since");
	struct tm tm;

	if (localtime_r(&since, &tm) == NULL ||
	    strftime(buf, octets, "%a %b %e %H:%M:%S %Y", &tm) == 0)
		return "-";
	return buf;
}

static const struct out_column backplane_columns[] = {
    {"From", "from", 8, NULL},         {"To", "to", 8, NULL},
    {"Packets", "packets", -12, NULL}, {"Octets", "octets", -14, NULL},
    {"Frames", "frames", -10, NULL},   {"Kind", "card_local", 10, hop_kind}};

static const struct out_column card_columns[] = {{"Slot", "slot", 5, NULL},
						 {"Type", "type", 16, NULL},
						 {"State", "state", 9, NULL},
						 {"Flags", "flags", 8, NULL}};

static const struct out_column process_columns[] = {
    {"  Stage", "stage", 11, process_stage},
    {"PID", "pid", -8, NULL},
    {"State", "state", 8, NULL},
    {"Epoch", "epoch", -6, NULL},
    {"Generation", "generation", -10, NULL},
    {"Uptime", "uptime_s", 10, hms}};

static const struct out_column chassis_columns[] = {
    {"Slot: Configured-type", "type", 27, slot_configured},
    {"Slot: Installed-type", "installed", 27, slot_installed},
    {"Initialized", "initialized", 14, slot_initialized},
    {"Flags", "flags", 8, NULL}};

static const struct out_column interface_columns[] = {
    {"Name", "name", 24, NULL},
    {"Address", "address", 18, NULL},
    {"MTU", "mtu", 5, NULL},
    {"State", "state", 8, NULL},
    {"Bindings", "binding", 16, NULL}};

static const struct out_column route_columns[] = {
    {"Type", "type", 7, route_type},     {"Network", "prefix", 19, NULL},
    {"Next Hop", "next_hop", 15, NULL},  {"Dist", "distance", -4, NULL},
    {"Metric", "metric", -6, NULL},      {"  UpTime", "uptime_s", 9, hms},
    {"Interface", "interface", 10, NULL}};

static const struct out_column sa_columns[] = {
    {"Dir", "direction", 3, NULL},
    {"Proto", "protocol", 5, NULL},
    {"SPI", "spi", 10, NULL},
    {"Enc", "encryption", 17, NULL},
    {"Auth", "authentication", 16, NULL},
    {"Age", "age_s", -6, NULL},
    {"Left", "left_s", -6, NULL},
    {"Bytes", "octets", -12, NULL},
    {"Packets", "packets", -9, NULL},
    {"ReplayDrop", "replay_drops", -10, NULL},
    {"AuthFail", "integrity_failures", -8, NULL},
    {"Tunnel", "tunnel", 8, NULL}};

static const struct out_column tunnel_columns[] = {
    {"Tunnel", "name", 22, NULL},   {"Type", "type", 7, NULL},
    {"State", "state", 5, NULL},    {"Mode", "mode", 13, NULL},
    {"ASP", "asp", 4, NULL},        {"Local", "local", 16, NULL},
    {"Remote", "remote", 16, NULL}, {"Cause", "cause", 8, NULL},
    {"Proto", "protocols", 6, NULL}};

static const struct out_column policy_columns[] = {
    {"Policy", "policy", 16, NULL},     {"Entry", "entry", -5, NULL},
    {"Row", "row", -5, NULL},           {"Action", "action", 7, NULL},
    {"Tunnel", "tunnel", 16, NULL},     {"Hits", "hits", -10, NULL},
    {"Selectors", "selectors", 9, NULL}};

static const struct out_column port_columns[] = {
    {"Slot/Port:Ch:SubCh", "port", 20, port_name},
    {"Type", "type", 18, NULL},
    {"State", "state", 8, NULL}};

static const struct out_column stage_columns[] = {
    {"Stage", "stage", 8, NULL},
    {"Received", "received", -12, NULL},
    {"Transmitted", "transmitted", -12, NULL},
    {"Punted", "punted", -10, NULL}};

static const struct out_column transaction_columns[] = {
    {"User", "user", 16, NULL},
    {"From", "from", 16, NULL},
    {"Mode", "mode", 20, NULL},
    {"Changes", "edits", -8, NULL},
    {"Since", "since", 24, since_text}};

static void
text_card(struct out *o, const json_t *data)
{
	const json_t *card;
	size_t i;

	json_array_foreach(json_object_get(data, "cards"), i, card) {
		json_t *one = json_pack("[O]", card);

		if (i > 0)
			out_line(o, "%s", "");
		out_table(o, card_columns, COUNT(card_columns), one);
		out_table(o, process_columns, COUNT(process_columns),
			  json_object_get(card, "processes"));
		json_decref(one);
	}
}

static void
text_chassis(struct out *o, const json_t *data)
{
	out_line(o, "Current platform is %s", out_string(data, "platform"));
	out_text(o,
		 "(Flags: A - Active Crossconnect     B - StandBy Crossconnect"
		 "    C - SARC Ready\n"
		 "        D - Default Traffic Card    E - EPPA Ready"
		 "              G - Upgrading FPGA\n"
		 "        H - Card Admin State SHUT   I - IPPA Ready"
		 "              M - FPGA Upgrade Required\n"
		 "        N - SONET EU Enabled        O - Card Admin State OOS"
		 "    P - Coprocessor Ready\n"
		 "        R - Traffic Card Ready      S - SPPA Ready"
		 "              U - Card PPAs/ASP UP\n"
		 "        W - Warm Reboot             X - XCRP mismatch"
		 "           Y - SSE/ASE wait\n"
		 "        1 - ASP1 Ready              2 - ASP2 Ready)\n");
	out_line(o, "%s", "");
	out_table_ruled(o, chassis_columns, COUNT(chassis_columns),
			json_object_get(data, "slots"));
}

static void
text_route(struct out *o, const json_t *data)
{
	out_text(
	    o,
	    "Codes: C - connected, S - static, S dv - dvsr, R - RIP, e B - "
	    "EBGP,"
	    " i B - IBGP\n"
	    "       O   - OSPF, O3  - OSPFv3, IA  - OSPF(v3) inter-area,\n"
	    "       N1  - OSPF(v3) NSSA external type 1, N2  - OSPF(v3) NSSA"
	    " external type 2\n"
	    "       E1  - OSPF(v3) external type 1, E2  - OSPF(v3) external"
	    " type 2\n"
	    "       i   - IS-IS, L1  - IS-IS level-1,  L2  - IS-IS level-2, N -"
	    " NAT\n"
	    "       IPH - IP Host, SUB A - Subscriber address, SUB S -"
	    " Subscriber static\n"
	    "       A - Derived Default, MIP F - Mobile-IP Foreign Agent\n"
	    "       >   - Active Route, * - LSP\n");
	out_line(o, "%s", "");
	out_table(o, route_columns, COUNT(route_columns),
		  json_object_get(data, "routes"));
}

static void
text_interface(struct out *o, const json_t *data)
{
	time_t now = time(NULL);
	char text[64];
	struct tm tm;

	if (localtime_r(&now, &tm) != NULL &&
	    strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &tm) > 0)
		out_line(o, "%s", text);
	out_table(o, interface_columns, COUNT(interface_columns),
		  json_object_get(data, "interfaces"));
}

static void
text_port(struct out *o, const json_t *data)
{
	out_table(o, port_columns, COUNT(port_columns),
		  json_object_get(data, "ports"));
}

static void
text_port_row(struct out *o, const json_t *p)
{
	const char *description = out_string(p, "description");

	out_line(o, "%s %s state is %s", out_string(p, "type"),
		 out_string(p, "port"), out_string(p, "state"));
	out_line(o, "Description            : %s",
		 strcmp(description, "-") == 0 ? "" : description);
	out_line(o, "Line state             : %s", out_string(p, "line"));
	out_line(o, "Admin state            : %s", out_string(p, "admin"));
	out_line(o, "Link Dampening         : disabled");
	out_line(o, "Encapsulation          : %s",
		 out_string(p, "encapsulation"));
	out_line(o, "MTU size               : %d Bytes",
		 (int)out_integer(p, "mtu"));
	out_line(o, "MAC address            : %s", out_string(p, "mac"));
	out_line(o, "Far end                : %s", out_string(p, "far_end"));
	out_line(o, "Received               : %lld packets, %lld bytes",
		 out_integer(p, "rx_packets"), out_integer(p, "rx_octets"));
	out_line(o, "Transmitted            : %lld packets, %lld bytes",
		 out_integer(p, "tx_packets"), out_integer(p, "tx_octets"));
}

static void
text_port_detail(struct out *o, const json_t *data)
{
	const json_t *port;
	size_t i;

	json_array_foreach(json_object_get(data, "ports"), i, port) {
		if (i > 0)
			out_line(o, "%s", "");
		text_port_row(o, port);
	}
}

static void
text_tunnel(struct out *o, const json_t *data)
{
	out_table(o, tunnel_columns, COUNT(tunnel_columns),
		  json_object_get(data, "tunnels"));
}

static void
text_sa(struct out *o, const json_t *data)
{
	out_table(o, sa_columns, COUNT(sa_columns),
		  json_object_get(data, "sas"));
}

static const char *
left_text(const json_t *sa, const char *key, char text[24])
{
	const json_t *left = json_object_get(sa, key);

	if (!json_is_integer(left))
		return "no limit";
	(void)snprintf(text, 24, "%lld", (long long)json_integer_value(left));
	return text;
}

static void
text_sa_life(struct out *o, const json_t *sa)
{
	char s[24], octets[24];

	out_line(o, "  Life                 : %s", out_string(sa, "life"));
	out_line(o, "  Age, seconds left    : %lld, %s",
		 out_integer(sa, "age_s"), left_text(sa, "left_s", s));
	out_line(o, "  Bytes left           : %s",
		 left_text(sa, "left_octets", octets));
}

static void
text_sa_row(struct out *o, const json_t *sa)
{
	json_t *counters = json_object_get(sa, "counters");
	json_t *n;
	const char *name;

	out_line(o, "SA %s, tunnel %s, direction %s", out_string(sa, "name"),
		 out_string(sa, "tunnel"), out_string(sa, "direction"));
	out_line(o, "  Protocol             : %s", out_string(sa, "protocol"));
	out_line(o, "  Mode, encapsulation  : %s, %s", out_string(sa, "mode"),
		 out_string(sa, "encapsulation"));
	out_line(o, "  Bundled              : %s",
		 json_is_true(json_object_get(sa, "bundled")) ? "AH around ESP"
							      : "no");
	out_line(o, "  SPI                  : %s", out_string(sa, "spi"));
	out_line(o, "  Encryption           : %s",
		 out_string(sa, "encryption"));
	out_line(o, "  Authentication       : %s",
		 out_string(sa, "authentication"));
	if (out_string(sa, "warning")[0] != '\0')
		out_line(o, "  Warning              : %s",
			 out_string(sa, "warning"));
	out_line(o, "  ASP, engine          : %s, %s", out_string(sa, "asp"),
		 out_string(sa, "engine"));
	out_line(o, "  Replay window        : %lld",
		 out_integer(sa, "replay_window"));
	out_line(o, "  Sequence number      : %lld%s",
		 out_integer(sa, "sequence"),
		 json_is_true(json_object_get(sa, "extended_sequence_number"))
		     ? " (extended)"
		     : "");
	if (out_integer(sa, "path_mtu") != 0)
		out_line(o, "  Path MTU             : %lld",
			 out_integer(sa, "path_mtu"));
	text_sa_life(o, sa);
	out_line(o, "  Packets, bytes       : %lld, %lld",
		 out_integer(sa, "packets"), out_integer(sa, "octets"));
	json_object_foreach(counters, name, n)
		out_line(o, "  %-21s: %lld", name, json_integer_value(n));
}

static void
text_sa_detail(struct out *o, const json_t *data)
{
	const json_t *sa;
	size_t i;

	json_array_foreach(json_object_get(data, "sas"), i, sa) {
		if (i > 0)
			out_line(o, "%s", "");
		text_sa_row(o, sa);
	}
}

static void
text_backplane(struct out *o, const json_t *data)
{
	out_table(o, backplane_columns, COUNT(backplane_columns),
		  json_object_get(data, "links"));
	out_line(o, "%s", "");
	out_line(o, "Crossings              : %lld packets, %lld bytes",
		 out_integer(data, "crossings"), out_integer(data, "octets"));
	out_line(o, "Card-local hops        : %lld packets",
		 out_integer(data, "card_local"));
}

/* The drops of one stage, each with its sentence. */
static void
text_drops(struct out *o, const json_t *stage)
{
	json_t *dropped = json_object_get(stage, "dropped");
	const char *reason;
	json_t *drop;

	json_object_foreach(dropped, reason, drop)
		out_line(o, "%-8s %12lld  %-20s %s", out_string(stage, "stage"),
			 out_integer(drop, "packets"), reason,
			 out_string(drop, "sentence"));
}

static void
text_counters(struct out *o, const json_t *data)
{
	const json_t *stages = json_object_get(data, "stages");
	const json_t *stage;
	bool any = false;
	size_t i;

	out_table(o, stage_columns, COUNT(stage_columns), stages);
	json_array_foreach(stages, i, stage)
		any |= json_object_size(json_object_get(stage, "dropped")) > 0;
	out_line(o, "%s", "");
	if (!any) {
		out_line(o, "No packet was dropped.");
		return;
	}
	out_line(o, "%-8s %12s  %-20s %s", "Stage", "Dropped", "Reason",
		 "Meaning");
	json_array_foreach(stages, i, stage)
		text_drops(o, stage);
}

static void
text_version(struct out *o, const json_t *data)
{
	long s = (long)out_integer(data, "uptime_s");

	out_line(o,
		 "Redback Networks SmartEdge OS Version SEOS-%s-Release (%s, "
		 "simulated)",
		 out_string(data, "version"), out_string(data, "product"));
	out_line(o,
		 "Router Up Time -   %ld days, %ld hours %ld minutes %ld secs",
		 s / 86400, s / 3600 % 24, s / 60 % 60, s % 60);
}

static void
text_transaction(struct out *o, const json_t *data)
{
	out_line(o, "Running generation: %lld",
		 out_integer(data, "generation"));
	if (json_array_size(json_object_get(data, "transactions")) > 0)
		out_table(o, transaction_columns, COUNT(transaction_columns),
			  json_object_get(data, "transactions"));
	else
		out_line(o, "No open transaction.");
	if (out_integer(data, "rollback_s") > 0)
		out_line(o,
			 "A commit waits to be confirmed; it is rolled back in "
			 "%lld seconds.",
			 out_integer(data, "rollback_s"));
}

static const struct out_column user_columns[] = {
    {"User", "user", 20, NULL},
    {"From", "from", 20, NULL},
    {"Since", "since", 24, since_text}};

static void
text_users(struct out *o, const json_t *data)
{
	out_table(o, user_columns, COUNT(user_columns),
		  json_object_get(data, "users"));
}

static const struct out_column commit_columns[] = {
    {"Ago", "commits", -4, NULL},      {"Generation", "generation", -10, NULL},
    {"When", "since", 24, since_text}, {"Who", "user", 16, NULL},
    {"From", "from", 16, NULL},        {"Comment", "comment", 20, NULL}};

static void
text_commits(struct out *o, const json_t *data)
{
	out_table(o, commit_columns, COUNT(commit_columns),
		  json_object_get(data, "commits"));
}

static const char *
engines_text(const json_t *row, char *buf, size_t octets)
{
	const json_t *engine;
	size_t i, n = 0;

	buf[0] = '\0';
	json_array_foreach(json_object_get(row, "engines"), i, engine) {
		n += (size_t)snprintf(buf + n, n < octets ? octets - n : 0,
				      "%s%s", i == 0 ? "" : ", ",
				      json_string_value(engine));
	}
	return buf;
}

static const struct out_column algorithm_columns[] = {
    {"Name", "name", 18, NULL},
    {"Kind", "kind", 14, NULL},
    {"Key", "key_octets", -3, NULL},
    {"Salt", "salt_octets", -4, NULL},
    {"IV", "iv_octets", -3, NULL},
    {"ICV", "icv_octets", -3, NULL},
    {"Engines", "engines", 17, engines_text},
    {"Standard", "standard", 29, NULL},
    {"Verdict", "verdict", 8, NULL}};

static void
text_algorithms(struct out *o, const json_t *data)
{
	out_table(o, algorithm_columns, COUNT(algorithm_columns),
		  json_object_get(data, "algorithms"));
}

static void
text_policy(struct out *o, const json_t *data)
{
	out_table(o, policy_columns, COUNT(policy_columns),
		  json_object_get(data, "policies"));
}

static void
text_access_list(struct out *o, const json_t *data)
{
	const json_t *list, *row;
	size_t i, k;

	json_array_foreach(json_object_get(data, "access_lists"), i, list) {
		out_line(o, "ipsec access-list %s (context %s)",
			 out_string(list, "name"), out_string(list, "context"));
		json_array_foreach(json_object_get(list, "rows"), k, row)
			out_line(o, "  seq %lld permit %s (%lld packets)",
				 (long long)out_integer(row, "seq"),
				 out_string(row, "selectors"),
				 (long long)out_integer(row, "hits"));
	}
}

static const struct {
	const char *topic;
	void (*text)(struct out *o, const json_t *data);
	void (*detail)(struct out *o, const json_t *data);
} layouts[] = {
    {"alarm", text_alarm, NULL},
    {"arp-cache", text_neighbors, NULL},
    {"asp", text_asp, text_asp_detail},
    {"asp-group", text_asp_group, text_asp_group_detail},
    {"asp-pool", text_asp_pool, NULL},
    {"backplane", text_backplane, NULL},
    {"card", text_card, NULL},
    {"chassis", text_chassis, NULL},
    {"clear-arp-cache", text_neighbors, NULL},
    {"commits", text_commits, NULL},
    {"context", text_context, NULL},
    {"counters", text_counters, NULL},
    {"debugging", text_debugging, NULL},
    {"hardware", text_hardware, text_hardware_detail},
    {"ip-icmp", text_icmp, NULL},
    {"ip-interface", text_interface, NULL},
    {"ip-route", text_route, NULL},
    {"ipsec-algorithms", text_algorithms, NULL},
    {"ipsec-access-list", text_access_list, NULL},
    {"ipsec-sa", text_sa, text_sa_detail},
    {"ipsec-statistics", text_ipsec_statistics, NULL},
    {"ipsec-tunnel", text_tunnel, text_tunnel_detail},
    {"ipsec-tunnel-counters", text_tunnel_counters, NULL},
    {"ipv6-interface", text_interface6, NULL},
    {"ipv6-neighbor", text_neighbors6, NULL},
    {"ipv6-route", text_route6, NULL},
    {"memory", text_memory, NULL},
    {"policy-database", text_policy, NULL},
    {"port-counters", text_port_counters, NULL},
    {"port-transceiver", text_transceiver, NULL},
    {"port", text_port, text_port_detail},
    {"process", text_process, NULL},
    {"punt", text_punt, NULL},
    {"tunnel", text_tunnel_brief, text_tunnel_detail},
    {"transaction", text_transaction, NULL},
    {"users", text_users, NULL},
    {"version", text_version, NULL},
};

void
show_text(struct out *o, const char *topic, bool detail, const json_t *data)
{
	for (size_t i = 0; i < COUNT(layouts); i++) {
		if (strcmp(layouts[i].topic, topic) != 0)
			continue;
		if (detail && layouts[i].detail != NULL)
			layouts[i].detail(o, data);
		else
			layouts[i].text(o, data);
		return;
	}
	if (!show_features(o, topic, detail, data))
		out_json(o, data);
}
