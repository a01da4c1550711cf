/*
 * Layouts of circuit features, ours in the SmartEdge's style. Called by
 * show_text.c for topics that it does not know itself.
 */
#include "show_text.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct out_column group_columns[] = {
    {"Circuit", "circuit", 24, NULL},      {"Family", "family", 6, NULL},
    {"Direction", "direction", 10, NULL},  {"Access list", "list", 20, NULL},
    {"Permitted", "permitted", -12, NULL}, {"Denied", "denied", -12, NULL}};

static void
text_access_group(struct out *o, const json_t *data)
{
	out_table(o, group_columns, COUNT(group_columns),
		  json_object_get(data, "groups"));
}

static void
text_access_list(struct out *o, const json_t *data)
{
	const json_t *list, *row;
	size_t i, k;

	json_array_foreach(json_object_get(data, "lists"), i, list) {
		out_line(o, "%s access-list %s, context %s%s",
			 out_string(data, "family"), out_string(list, "name"),
			 out_string(list, "context"),
			 json_is_true(json_object_get(list, "applied"))
			     ? ""
			     : ", not applied");
		json_array_foreach(json_object_get(list, "rows"), k, row)
			out_line(o, "  %s (hits: %lld)",
				 out_string(row, "text"),
				 out_integer(row, "hits"));
	}
}

static const struct out_column circuit_columns[] = {
    {"Circuit", "circuit", 28, NULL},
    {"Internal Id", "internal_id", 24, NULL},
    {"Encap", "encapsulation", 9, NULL},
    {"State", "state", 6, NULL},
    {"MTU", "mtu", -6, NULL},
    {"Bound to", "interface", 16, NULL},
    {"Context", "context", 10, NULL}};

static const struct out_column counter_columns[] = {
    {"Circuit", "circuit", 28, NULL},
    {"Packets In", "in_packets", -12, NULL},
    {"Bytes In", "in_octets", -14, NULL},
    {"Packets Out", "out_packets", -12, NULL},
    {"Bytes Out", "out_octets", -14, NULL}};

static void
text_circuit(struct out *o, const json_t *data)
{
	out_table(o, circuit_columns, COUNT(circuit_columns),
		  json_object_get(data, "circuits"));
}

static void
text_counters(struct out *o, const json_t *data)
{
	out_table(o, counter_columns, COUNT(counter_columns),
		  json_object_get(data, "circuits"));
}

static void
text_colours(struct out *o, const json_t *row, const char *key,
	     const char *title)
{
	json_t *colours = json_object_get(row, key);
	const char *name;
	json_t *colour;

	json_object_foreach(colours, name, colour)
		out_line(o, "  %s %-8s: %lld packets, %lld bytes", title, name,
			 out_integer(colour, "packets"),
			 out_integer(colour, "octets"));
}

static void
text_queues(struct out *o, const json_t *row, const char *key,
	    const char *title)
{
	const json_t *q;
	size_t i;

	json_array_foreach(json_object_get(row, key), i, q) {
		if (json_object_get(q, "dropped") == NULL)
			out_line(o,
				 "  %s queue %lld : %lld packets, %lld bytes",
				 title, out_integer(q, "queue"),
				 out_integer(q, "packets"),
				 out_integer(q, "octets"));
		else
			out_line(
			    o,
			    "  %s queue %lld : %lld packets, %lld bytes,"
			    " %lld dropped, %lld wait",
			    title, out_integer(q, "queue"),
			    out_integer(q, "packets"), out_integer(q, "octets"),
			    out_integer(q, "dropped"), out_integer(q, "depth"));
	}
}

static void
text_counters_row(struct out *o, const json_t *row)
{
	json_t *groups = json_object_get(row, "access_groups");

	out_line(o, "%s", out_string(row, "circuit"));
	out_line(o, "  Received         : %lld packets, %lld bytes",
		 out_integer(row, "in_packets"), out_integer(row, "in_octets"));
	out_line(o, "  Sent             : %lld packets, %lld bytes",
		 out_integer(row, "out_packets"),
		 out_integer(row, "out_octets"));
	if (groups != NULL)
		out_line(o,
			 "  Access lists     : in %lld permitted, %lld denied;"
			 " out %lld permitted, %lld denied",
			 out_integer(groups, "in_permitted"),
			 out_integer(groups, "in_denied"),
			 out_integer(groups, "out_permitted"),
			 out_integer(groups, "out_denied"));
	text_colours(o, row, "policing", "Policing");
	text_colours(o, row, "metering", "Metering");
	text_queues(o, row, "queuing", "Priority");
	text_queues(o, row, "ipsec_queuing", "To ASP  ");
}

static void
text_counters_detail(struct out *o, const json_t *data)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(data, "circuits"), i, row)
		text_counters_row(o, row);
}

/* "ethernet 1/1, ipsec branch" */
static const char *
policy_circuits(const json_t *row, char *buf, size_t octets)
{
	const json_t *one;
	size_t i, at = 0;

	(void)snprintf(buf, octets, "-");
	json_array_foreach(json_object_get(row, "circuits"), i, one) {
		int n = snprintf(buf + at, octets - at, "%s%s",
				 i == 0 ? "" : ", ", json_string_value(one));

		if (n < 0 || (size_t)n >= octets - at)
			break;
		at += (size_t)n;
	}
	return buf;
}

static const struct out_column policy_columns[] = {
    {"Policy", "name", 20, NULL},
    {"Kind", "kind", 9, NULL},
    {"Rate kbps", "rate", -10, NULL},
    {"Burst", "burst", -10, NULL},
    {"Queues", "queues", -6, NULL},
    {"Circuits", "circuits", 16, policy_circuits}};

static void
text_qos_policy(struct out *o, const json_t *data)
{
	out_table(o, policy_columns, COUNT(policy_columns),
		  json_object_get(data, "policies"));
}

static const struct {
	const char *topic;
	void (*text)(struct out *o, const json_t *data);
	void (*detail)(struct out *o, const json_t *data);
} layouts[] = {
    {"access-group", text_access_group, NULL},
    {"circuit", text_circuit, NULL},
    {"circuit-counters", text_counters, text_counters_detail},
    {"ip-access-list", text_access_list, NULL},
    {"ipv6-access-list", text_access_list, NULL},
    {"qos-policy", text_qos_policy, NULL},
};

bool
show_features(struct out *o, const char *topic, bool detail, const json_t *data)
{
	for (size_t i = 0; i < COUNT(layouts); i++) {
		if (strcmp(layouts[i].topic, topic) != 0)
			continue;
		if (detail && layouts[i].detail != NULL)
			layouts[i].detail(o, data);
		else
			layouts[i].text(o, data);
		return true;
	}
	return false;
}
