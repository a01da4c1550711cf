/*
 * Layouts. That of show arp-cache is the SmartEdge's, to the column (reference,
 * section 2.9); those of IPv6 are ours, as IPv4's are with room for addresses.
 */
#include "show_ip_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
neighbors_head(struct out *o, const json_t *data, const char *what)
{
	char context[64];

	(void)snprintf(context, sizeof(context), "Context   :%s",
		       out_string(data, "context"));
	out_line(o, "%-47s Context id  : %s", context,
		 out_string(data, "context_id"));
	out_line(o, " ------------------------------------------------------"
		    "------------");
	out_line(o,
		 "Total number of %s entries in cache: %" JSON_INTEGER_FORMAT,
		 what, out_integer(data, "total"));
	out_line(o, "  Resolved entry   : %" JSON_INTEGER_FORMAT,
		 out_integer(data, "resolved"));
	out_line(o, "  Incomplete entry : %" JSON_INTEGER_FORMAT,
		 out_integer(data, "incomplete"));
	out_line(o, "%s", "");
}

static void
neighbors_rows(struct out *o, const json_t *data, int host_width)
{
	const json_t *row;
	size_t i;

	out_line(o, "%-*s %-19s %-6s %-5s %s", host_width, "Host",
		 "Hardware address", "Ttl", "Type", "Circuit");
	json_array_foreach(json_object_get(data, "entries"), i, row) {
		const json_t *ttl = json_object_get(row, "ttl");
		const char *mac = out_string(row, "mac");
		char left[24] = "-";

		if (json_is_integer(ttl))
			(void)snprintf(left, sizeof(left),
				       "%" JSON_INTEGER_FORMAT,
				       json_integer_value(ttl));
		out_line(o, "%-*s %-19s %-6s %-5s %s", host_width,
			 out_string(row, "host"),
			 mac[0] != '\0' ? mac : "incomplete", left,
			 out_string(row, "type"), out_string(row, "circuit"));
	}
}

void
text_neighbors(struct out *o, const json_t *data)
{
	neighbors_head(o, data, "arp");
	neighbors_rows(o, data, 17);
}

void
text_neighbors6(struct out *o, const json_t *data)
{
	neighbors_head(o, data, "neighbor");
	neighbors_rows(o, data, 39);
}

static const struct out_column interface6_columns[] = {
    {"Name", "name", 24, NULL},
    {"Address", "address", 43, NULL},
    {"MTU", "mtu", 5, NULL},
    {"State", "state", 8, NULL},
    {"Bindings", "binding", 16, NULL}};

void
text_interface6(struct out *o, const json_t *data)
{
	out_table(o, interface6_columns, COUNT(interface6_columns),
		  json_object_get(data, "interfaces"));
}

static const char *
route6_type(const json_t *row, char *buf, size_t octets)
{
	(void)snprintf(buf, octets, "%s %s",
		       json_is_false(json_object_get(row, "active")) ? " "
								     : ">",
		       out_string(row, "type"));
	return buf;
}

static const char *
route6_uptime(const json_t *row, char *buf, size_t octets)
{
	long s = (long)out_integer(row, "uptime_s");

	(void)snprintf(buf, octets, "%02ld:%02ld:%02ld", s / 3600, s / 60 % 60,
		       s % 60);
	return buf;
}

static const struct out_column route6_columns[] = {
    {"Type", "type", 7, route6_type},
    {"Network", "prefix", 43, NULL},
    {"Next Hop", "next_hop", 39, NULL},
    {"Dist", "distance", -4, NULL},
    {"Metric", "metric", -6, NULL},
    {"  UpTime", "uptime_s", 9, route6_uptime},
    {"Interface", "interface", 10, NULL}};

void
text_route6(struct out *o, const json_t *data)
{
	out_line(o, "Codes: C - connected, S - static, > - Active Route");
	out_line(o, "%s", "");
	out_table(o, route6_columns, COUNT(route6_columns),
		  json_object_get(data, "routes"));
}
