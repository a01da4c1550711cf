/*
 * Layouts of the machine itself. Heads of show hardware are those of the
 * SmartEdge (reference, section 2.9); the others are ours in its style.
 */
#include "show_machine.h"

#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct out_column hardware_columns[] = {
    {"Slot", "slot", 4, NULL},         {"Type", "type", 20, NULL},
    {"Serial No", "serial", 14, NULL}, {"Rev", "revision", 3, NULL},
    {"Ver", "version", 3, NULL},       {"Mfg Date", "manufactured", 11, NULL},
    {"Voltage", "voltage", 11, NULL},  {"Temp", "temperature", 7, NULL}};

void
text_hardware(struct out *o, const json_t *data)
{
	out_table_ruled(o, hardware_columns, COUNT(hardware_columns),
			json_object_get(data, "cards"));
}

void
text_hardware_detail(struct out *o, const json_t *data)
{
	const json_t *card;
	size_t i;

	json_array_foreach(json_object_get(data, "cards"), i, card) {
		if (i > 0)
			out_line(o, "%s", "");
		out_line(o, "Slot            : %-20s Type            : %s",
			 out_string(card, "slot"), out_string(card, "type"));
		out_line(o, "Serial No       : %-20s Hardware Rev    : %s",
			 out_string(card, "serial"),
			 out_string(card, "revision"));
		out_line(o, "EEPROM id/ver   : %-20s Mfg Date        : %s",
			 out_string(card, "version"),
			 out_string(card, "manufactured"));
		out_line(o, "Voltage         : %-20s Temperature     : %s",
			 out_string(card, "voltage"),
			 out_string(card, "temperature"));
	}
}

static const char *
yes_no(const json_t *row, const char *key)
{
	return json_is_true(json_object_get(row, key)) ? "YES" : "NO";
}

void
text_transceiver(struct out *o, const json_t *data)
{
	const json_t *port;
	size_t i;

	json_array_foreach(json_object_get(data, "ports"), i, port) {
		if (i > 0)
			out_line(o, "%s", "");
		out_line(o, "Port                  : %s (%s %s)",
			 out_string(port, "port"), out_string(port, "form"),
			 out_string(port, "media"));
		out_line(o, "Media Type            : %s",
			 out_string(port, "media"));
		out_line(o, "Redback Approved      : %s",
			 yes_no(port, "approved"));
		out_line(o, "Diagnostic Monitoring : %s",
			 yes_no(port, "diagnostics"));
		out_line(o, "CLEI code             : %s",
			 out_string(port, "clei"));
		out_line(o, "Serial Number         : %s",
			 out_string(port, "serial"));
		out_line(o, "Wavelength            : %s",
			 out_string(port, "wavelength"));
	}
}

static const char *
mib(const json_t *row, char *buf, size_t octets)
{
	(void)snprintf(buf, octets, "%.1f MiB",
		       (double)out_integer(row, "memory_octets") / 1048576);
	return buf;
}

static const char *
cpu(const json_t *row, char *buf, size_t octets)
{
	json_int_t ms = out_integer(row, "cpu_ms");

	(void)snprintf(buf, octets, "%02lld:%02lld:%02lld.%02lld", ms / 3600000,
		       ms / 60000 % 60, ms / 1000 % 60, ms / 10 % 100);
	return buf;
}

static const char *
uptime(const json_t *row, char *buf, size_t octets)
{
	json_int_t s = out_integer(row, "uptime_s");

	(void)snprintf(buf, octets, "%lldd %02lld:%02lld:%02lld", s / 86400,
		       s / 3600 % 24, s / 60 % 60, s % 60);
	return buf;
}

static const struct out_column process_columns[] = {
    {"NAME", "name", 10, NULL},         {"PID", "pid", -8, NULL},
    {"SPAWN", "spawns", -5, NULL},      {"MEMORY", "memory_octets", -10, mib},
    {"TIME", "cpu_ms", -12, cpu},       {"STATE", "state", 6, NULL},
    {"UP/DOWN", "uptime_s", 14, uptime}};

void
text_process(struct out *o, const json_t *data)
{
	out_table(o, process_columns, COUNT(process_columns),
		  json_object_get(data, "processes"));
}

static const struct out_column memory_columns[] = {
    {"Process", "name", 10, NULL}, {"Memory", "memory_octets", -12, mib}};

void
text_memory(struct out *o, const json_t *data)
{
	out_line(o, "Total, shared parts once: %.1f MiB",
		 (double)out_integer(data, "total_octets") / 1048576);
	out_table(o, memory_columns, COUNT(memory_columns),
		  json_object_get(data, "processes"));
}

static const struct out_column context_columns[] = {
    {"Context Name", "name", 24, NULL},
    {"Context ID", "id", 12, NULL},
    {"VPN-RD", "vpn_rd", 16, NULL},
    {"ASP Group", "asp_group", 16, NULL},
    {"Interfaces", "interfaces", -10, NULL}};

void
text_context(struct out *o, const json_t *data)
{
	out_table_ruled(o, context_columns, COUNT(context_columns),
			json_object_get(data, "contexts"));
}

static const char *
affecting(const json_t *row, char *buf, size_t octets)
{
	(void)buf;
	(void)octets;
	return json_is_true(json_object_get(row, "service_affecting")) ? "Yes"
								       : "No";
}

static const struct out_column alarm_columns[] = {
    {"Source", "source", 16, NULL},
    {"Severity", "severity", 10, NULL},
    {"Service Affecting", "service_affecting", 18, affecting},
    {"Description", "description", 20, NULL}};

void
text_alarm(struct out *o, const json_t *data)
{
	const json_t *alarms = json_object_get(data, "alarms");

	if (json_array_size(alarms) == 0)
		out_line(o, "No alarm.");
	else
		out_table_ruled(o, alarm_columns, COUNT(alarm_columns), alarms);
}

void
text_debugging(struct out *o, const json_t *data)
{
	const json_t *topic;
	bool any = false;
	size_t i;

	json_array_foreach(json_object_get(data, "debugging"), i, topic) {
		if (!json_is_true(json_object_get(topic, "on")))
			continue;
		out_line(o, "debug %-12s %s", out_string(topic, "topic"),
			 out_string(topic, "meaning"));
		any = true;
	}
	if (!any)
		out_line(o, "No debugging is on.");
}
