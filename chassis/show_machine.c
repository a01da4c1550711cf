/*
 * The machine as an operator inventories and watches it: hardware, processes,
 * memory, contexts, alarms. What a simulator has to invent (serial numbers,
 * dates, voltages) is fixed, made from slot and type alone, and says so.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "running.h"
#include "show.h"
#include "slot.h"

/* Serial numbers end in the slot; 0: the chassis's own parts. */
static json_t *
hardware_row(unsigned slot, const char *type, const char *prefix,
	     const char *revision)
{
	bool part = slot == 0;
	char place[12] = "N/A";
	char serial[24];

	if (!part)
		(void)snprintf(place, sizeof(place), "%u", slot);
	(void)snprintf(serial, sizeof(serial), "%s125%07u", prefix, slot);
	return json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "slot", place,
	    "type", type, "serial", serial, "revision", revision, "version",
	    "01", "manufactured", "11-JAN-2010", "voltage", part ? "N/A" : "OK",
	    "temperature", part ? "N/A" : "NORMAL", "simulated", 1);
}

json_t *
show_hardware(struct chs *chs, const json_t *args)
{
	const struct cfg_obj *root = cfg_root(running_tree(chs->running));
	json_t *list = json_array();

	(void)args;
	(void)json_array_append_new(list,
				    hardware_row(0, "backplane", "0E", "01"));
	(void)json_array_append_new(list,
				    hardware_row(0, "fan tray", "0F", "01"));
	for (unsigned slot = 1; slot <= STAGE_SLOT_MAX; slot++) {
		const struct cfg_obj *obj =
		    cfg_find_number(root, CFG_CARD, slot);

		if (slot == 7)
			(void)json_array_append_new(
			    list, hardware_row(7, "xcrp4-base", "9W", "07"));
		else if (obj != NULL)
			(void)json_array_append_new(
			    list,
			    hardware_row(
				slot,
				cfg_card(cfg_u32(obj, CFG_CARD_TYPE))->name,
				"9Y", "05"));
	}
	return json_pack("{s:s, s:b, s:o}", "platform", "SE800", "simulated", 1,
			 "cards", list);
}

/* --- processes and memory ------------------------------------------------- */

/* Octets of a process by the kernel's own account: all it maps, shared parts
 * divided among those who share them. 0 when it can not be told. */
static uint64_t
memory_of(pid_t pid)
{
	char path[48];
	char line[128];
	uint64_t kib = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	file = fopen(path, "re");
	while (file != NULL && kib == 0 &&
	       fgets(line, sizeof(line), file) != NULL)
		(void)sscanf(line, "Pss: %lu", &kib);
	if (file != NULL)
		(void)fclose(file);
	return kib * 1024;
}

/* User and system time, in clock ticks of 10 ms. */
static uint64_t
ticks_of(pid_t pid)
{
	unsigned long user = 0;
	unsigned long system = 0;
	char path[40];
	char line[512];
	const char *rest;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	/* The name may hold anything but ends in the last parenthesis. */
	if (fgets(line, sizeof(line), file) != NULL &&
	    (rest = strrchr(line, ')')) != NULL)
		(void)sscanf(rest + 1,
			     " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
			     "%lu %lu",
			     &user, &system);
	(void)fclose(file);
	return user + system;
}

static json_t *
process_row(const char *name, pid_t pid, const struct proc *proc)
{
	uint64_t up_ns = clock_monotonic() - proc->started_ns;

	return json_pack("{s:s, s:i, s:s, s:i, s:I, s:I, s:I}", "name", name,
			 "pid", (int)pid, "state",
			 proc->state == PROC_UP ? "run" : "down", "spawns",
			 (int)proc->epoch, "memory_octets",
			 (json_int_t)memory_of(pid), "cpu_ms",
			 (json_int_t)(ticks_of(pid) * 10), "uptime_s",
			 (json_int_t)(up_ns / CLOCK_SECOND_NS));
}

static json_t *
processes(struct chs *chs)
{
	struct proc self = {
	    .state = PROC_UP, .epoch = 1, .started_ns = chs->started_ns};
	json_t *list = json_array();
	char name[STAGE_NAME_MAX];

	(void)json_array_append_new(list, process_row("xcrp", getpid(), &self));
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		const struct proc *proc = chs_proc(chs, i);

		if (proc != NULL)
			(void)json_array_append_new(
			    list,
			    process_row(stage_name(i, name), proc->pid, proc));
	}
	if (chs->cli.pid > 0)
		(void)json_array_append_new(
		    list, process_row("cli", chs->cli.pid, &chs->cli));
	return list;
}

json_t *
show_process(struct chs *chs, const json_t *args)
{
	(void)args;
	return json_pack("{s:o}", "processes", processes(chs));
}

json_t *
show_memory(struct chs *chs, const json_t *args)
{
	json_t *list = processes(chs);
	json_int_t sum = 0;
	json_t *row;
	size_t i;

	(void)args;
	json_array_foreach(list, i, row)
		sum +=
		    json_integer_value(json_object_get(row, "memory_octets"));
	return json_pack("{s:I, s:o}", "total_octets", sum, "processes", list);
}

/* --- contexts ------------------------------------------------------------- */

json_t *
show_context(struct chs *chs, const json_t *args)
{
	const struct cfg_obj *root = cfg_root(running_tree(chs->running));
	json_t *list = json_array();
	const struct cfg_obj *obj;
	struct cfg_iter it;

	(void)args;
	for (obj = cfg_first(&it, root, CFG_CONTEXT); obj != NULL;
	     obj = cfg_next(&it)) {
		const char *rd = cfg_str(obj, CFG_CONTEXT_VPN_RD);
		const char *group = cfg_str(obj, CFG_CONTEXT_ASP_GROUP);
		const char *name = cfg_str(obj, CFG_CONTEXT_NAME);
		char id[16];

		(void)snprintf(id, sizeof(id), "0x%08x",
			       RUNNING_LOCAL - 1 +
				   running_id(chs->running, ID_CONTEXT, name));
		(void)json_array_append_new(
		    list,
		    json_pack("{s:s, s:s, s:s, s:s, s:i}", "name", name, "id",
			      id, "vpn_rd", rd != NULL ? rd : "-", "asp_group",
			      group != NULL ? group : "-", "interfaces",
			      (int)cfg_count(obj, CFG_INTERFACE)));
	}
	return json_pack("{s:o}", "contexts", list);
}

/* --- alarms --------------------------------------------------------------- */

static void
alarm_add(json_t *list, const char *source, const char *severity,
	  const char *description)
{
	(void)json_array_append_new(
	    list, json_pack("{s:s, s:s, s:b, s:s}", "source", source,
			    "severity", severity, "service_affecting", 1,
			    "description", description));
}

/* What is wrong now: an alarm is there as long as its cause is. */
json_t *
show_alarm(struct chs *chs, const json_t *args)
{
	json_t *list = json_array();
	struct running_tunnel tunnel;
	char name[STAGE_NAME_MAX];
	char text[160];

	(void)args;
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		const struct proc *proc = chs_proc(chs, i);
		bool asp =
		    stage_role(i) == STAGE_ASP1 || stage_role(i) == STAGE_ASP2;

		if (proc == NULL || chs_live(proc))
			continue;
		if (proc->shut)
			alarm_add(list, stage_name(i, name), "Minor",
				  "ASP Down: shut down by an operator");
		else
			alarm_add(list, stage_name(i, name), "Critical",
				  asp ? "ASP Down" : "PPA down");
	}
	for (size_t i = 0; running_tunnel(chs->running, i, &tunnel); i++) {
		if (tunnel.up || strcmp(tunnel.cause, "configuredDown") == 0)
			continue;
		(void)snprintf(text, sizeof(text), "Tunnel %s is down: %s",
			       tunnel.name, tunnel.cause);
		alarm_add(list, tunnel.name, "Major", text);
	}
	return json_pack("{s:o}", "alarms", list);
}
