/*
 * Layouts of ASPs. That of show asp is the reference's (section 4.3), the
 * others are ours in its style.
 */
#include "show_asp_text.h"

#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *
days(const json_t *row, char *buf, size_t octets)
{
	json_int_t s = out_integer(row, "uptime_s");

	(void)snprintf(buf, octets, "%lldd %02lld:%02lld:%02lld", s / 86400,
		       s / 3600 % 24, s / 60 % 60, s % 60);
	return buf;
}

static const char *
members(const json_t *row, char *buf, size_t octets)
{
	const json_t *asp;
	size_t i, n = 0;

	buf[0] = '\0';
	json_array_foreach(json_object_get(row, "asps"), i, asp) {
		int len = snprintf(buf + n, octets - n, "%s%s",
				   i == 0 ? "" : " ", json_string_value(asp));

		if (len < 0 || (size_t)len >= octets - n)
			break;
		n += (size_t)len;
	}
	return buf;
}

static const struct out_column asp_columns[] = {
    {"ASP", "asp", 5, NULL},         {"Card", "card", 5, NULL},
    {"Service", "service", 9, NULL}, {"Pool", "pool", 10, NULL},
    {"Group", "group", 10, NULL},    {"Role", "role", 8, NULL},
    {"State", "state", 8, NULL},     {"Tunnels", "tunnels", 8, NULL},
    {"Uptime", "uptime_s", 12, days}};

static const struct out_column pool_columns[] = {
    {"Pool", "pool", 16, NULL},     {"Service", "service", 9, NULL},
    {"Active", "active", -6, NULL}, {"Spare", "spare", -6, NULL},
    {"Down", "down", -6, NULL},     {"ASPs", "asps", 24, members}};

static const struct out_column group_columns[] = {
    {"Group", "group", 16, NULL},   {"Pool", "pool", 16, NULL},
    {"State", "state", 8, NULL},    {"Seats", "asp_count", -5, NULL},
    {"Active", "active", -6, NULL}, {"Tunnels", "tunnels", -8, NULL}};

static const char *
shared(const json_t *row, char *buf, size_t octets)
{
	(void)buf;
	(void)octets;
	return json_is_true(json_object_get(row, "shared")) ? "shared" : "";
}

static const struct out_column seat_columns[] = {
    {"Seat", "seat", -6, NULL},
    {"ASP", "asp", 5, NULL},
    {"State", "state", 8, NULL},
    {"Tunnels", "tunnels", -8, NULL},
    {"Shared", "shared", 6, shared}};

void
text_asp(struct out *o, const json_t *data)
{
	out_table(o, asp_columns, COUNT(asp_columns),
		  json_object_get(data, "asps"));
}

void
text_asp_detail(struct out *o, const json_t *data)
{
	const json_t *asp;
	char text[64];
	size_t i;

	json_array_foreach(json_object_get(data, "asps"), i, asp) {
		out_line(o, "%sASP %s state is %s", i > 0 ? "\n" : "",
			 out_string(asp, "asp"), out_string(asp, "state"));
		out_line(o, "  Card, service        : %s, %s",
			 out_string(asp, "card"), out_string(asp, "service"));
		out_line(o, "  Pool, group, role    : %s, %s, %s",
			 out_string(asp, "pool"), out_string(asp, "group"),
			 out_string(asp, "role"));
		out_line(o, "  Tunnels              : %lld",
			 out_integer(asp, "tunnels"));
		out_line(o, "  Process, starts      : %lld, %lld",
			 out_integer(asp, "pid"), out_integer(asp, "epoch"));
		out_line(o, "  Engine               : %s",
			 out_string(asp, "engine"));
		out_line(o, "  Uptime               : %s",
			 days(asp, text, sizeof(text)));
		out_line(o, "  Packets received     : %lld",
			 out_integer(asp, "packets_received"));
		out_line(o, "  Packets sent         : %lld",
			 out_integer(asp, "packets_sent"));
		out_line(o, "  Packets dropped      : %lld",
			 out_integer(asp, "packets_dropped"));
	}
}

void
text_asp_pool(struct out *o, const json_t *data)
{
	out_table(o, pool_columns, COUNT(pool_columns),
		  json_object_get(data, "pools"));
}

void
text_asp_group(struct out *o, const json_t *data)
{
	out_table(o, group_columns, COUNT(group_columns),
		  json_object_get(data, "groups"));
}

void
text_asp_group_detail(struct out *o, const json_t *data)
{
	const json_t *group;
	size_t i;

	json_array_foreach(json_object_get(data, "groups"), i, group) {
		json_t *one = json_pack("[O]", group);

		if (i > 0)
			out_line(o, "%s", "");
		out_table(o, group_columns, COUNT(group_columns), one);
		out_table(o, seat_columns, COUNT(seat_columns),
			  json_object_get(group, "seats"));
		json_decref(one);
	}
}
