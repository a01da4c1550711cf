/*
 * What the machine looks like, one function a topic, as JSON whose keys
 * docs/man/cli.1 lists. Numbers come from the counters in shared memory, states
 * from the tables and the processes; nothing is asked of a card.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "account.h"
#include "client.h"
#include "clock.h"
#include "debug.h"
#include "journey.h"
#include "neighbors.h"
#include "pkt_fate.h"
#include "running.h"
#include "show.h"

static json_t *
process_row(const struct proc *proc, const char *stage)
{
	uint64_t up_ns = clock_monotonic() - proc->started_ns;

	return json_pack("{s:s, s:i, s:s, s:i, s:i, s:I}", "stage", stage,
			 "pid", (int)proc->pid, "state", show_state_name(proc),
			 "epoch", (int)proc->epoch, "generation",
			 (int)proc->generation, "uptime_s",
			 (json_int_t)(up_ns / CLOCK_SECOND_NS));
}

/*
 * Letters of `show chassis`: I iPPA, E ePPA, 1 and 2 ASPs, U all up, R ready.
 */
static json_t *
slot_processes(struct chs *chs, unsigned slot, char flags[8], bool *all_up)
{
	static const char letter[STAGE_ROLES] = {0, 'I', 'E', '1', '2'};
	json_t *list = json_array();
	size_t n = 0;

	*all_up = true;
	for (unsigned role = STAGE_IPPA; role < STAGE_ROLES; role++) {
		uint16_t stage = stage_id(slot, (enum stage_role)role);
		const struct proc *proc = chs_proc(chs, stage);
		char name[STAGE_NAME_MAX];

		if (proc == NULL)
			continue;
		(void)json_array_append_new(
		    list, process_row(proc, stage_name(stage, name)));
		if (chs_live(proc))
			flags[n++] = letter[role];
		else if (!proc->shut)
			*all_up = false;
	}
	if (*all_up && n > 0) {
		flags[n++] = 'U';
		flags[n++] = 'R';
	}
	flags[n] = '\0';
	return list;
}

static json_t *
card_row(struct chs *chs, unsigned slot)
{
	const struct cfg_obj *root = cfg_root(running_tree(chs->running));
	const struct cfg_obj *obj = cfg_find_number(root, CFG_CARD, slot);
	const char *type;
	char flags[8];
	bool up;
	json_t *processes;

	if (slot == 7) /* the active controller: this process */
		return json_pack("{s:i, s:s, s:s, s:s, s:s, s:b, s:[]}", "slot",
				 7, "type", "xcrp4-base", "installed",
				 "xcrp4-base", "state", "up", "flags", "A",
				 "initialized", 1, "processes");
	if (obj == NULL)
		return json_pack("{s:i, s:s, s:s, s:s, s:s, s:b, s:[]}", "slot",
				 (int)slot, "type", "none", "installed", "none",
				 "state", "empty", "flags", "", "initialized",
				 0, "processes");
	type = cfg_card(cfg_u32(obj, CFG_CARD_TYPE))->name;
	processes = slot_processes(chs, slot, flags, &up);
	if (cfg_bool(obj, CFG_CARD_SHUTDOWN))
		(void)snprintf(flags, sizeof(flags), "H");
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:b, s:o}", "slot",
			 (int)slot, "type", type, "installed", type, "state",
			 cfg_bool(obj, CFG_CARD_SHUTDOWN) ? "shutdown"
			 : up                             ? "up"
							  : "failed",
			 "flags", flags, "initialized", (int)up, "processes",
			 processes);
}

static json_t *
show_card(struct chs *chs, const json_t *args)
{
	json_t *list = json_array();

	(void)args;
	for (unsigned slot = 1; slot <= STAGE_SLOT_MAX; slot++) {
		json_t *row = card_row(chs, slot);
		const char *state =
		    json_string_value(json_object_get(row, "state"));

		if (slot == 7 || strcmp(state, "empty") == 0)
			json_decref(row);
		else
			(void)json_array_append_new(list, row);
	}
	return json_pack("{s:o}", "cards", list);
}

static json_t *
show_chassis(struct chs *chs, const json_t *args)
{
	json_t *list = json_array();

	(void)args;
	for (unsigned slot = 1; slot <= STAGE_SLOT_MAX; slot++)
		(void)json_array_append_new(list, card_row(chs, slot));
	return json_pack("{s:s, s:o}", "platform", "SE800", "slots", list);
}

static json_t *
stage_counters(const struct stats *s, const char *stage)
{
	json_t *dropped = json_object();

	for (unsigned i = PKT_DROP_FIRST; i < PKT_FATES; i++) {
		uint64_t n = counter_get(&s->dropped[i]);

		if (n > 0)
			(void)json_object_set_new(
			    dropped, pkt_fate_name(i),
			    json_pack("{s:I, s:s}", "packets", (json_int_t)n,
				      "sentence", pkt_fate_sentence(i)));
	}
	return json_pack(
	    "{s:s, s:I, s:I, s:I, s:I, s:o}", "stage", stage, "received",
	    (json_int_t)counter_get(&s->received), "originated",
	    (json_int_t)counter_get(&s->originated), "transmitted",
	    (json_int_t)counter_get(&s->transmitted), "punted",
	    (json_int_t)counter_get(&s->punted), "dropped", dropped);
}

static json_t *
show_counters(struct chs *chs, const json_t *args)
{
	json_t *sums = account_sums(chs);
	json_t *list = json_array();

	(void)args;
	for (uint16_t i = 0; i < STAGE_ID_MAX; i++) {
		const struct stats *s = i == 0 ? chs->xcrp : chs->proc[i].stats;
		char name[STAGE_NAME_MAX];

		if (s != NULL)
			(void)json_array_append_new(
			    list, stage_counters(s, stage_name(i, name)));
	}
	(void)json_object_set_new(sums, "stages", list);
	return sums;
}

static json_t *
show_backplane(struct chs *chs, const json_t *args)
{
	(void)args;
	return account_backplane(chs);
}

static json_t *
show_version(struct chs *chs, const json_t *args)
{
	(void)args;
	return json_pack(
	    "{s:s, s:s, s:s, s:I, s:b}", "product", "sesim", "version",
	    SESIM_VERSION, "hostname",
	    cfg_str(cfg_root(running_tree(chs->running)), CFG_ROOT_HOSTNAME),
	    "uptime_s",
	    (json_int_t)((clock_monotonic() - chs->started_ns) /
			 CLOCK_SECOND_NS),
	    "simulated", 1);
}

static const struct {
	const char *topic;
	json_t *(*show)(struct chs *chs, const json_t *args);
} topics[] = {
    {"access-group", show_access_group},
    {"alarm", show_alarm},
    {"arp-cache", show_arp_cache},
    {"asp", show_asp},
    {"asp-group", show_asp_group},
    {"asp-pool", show_asp_pool},
    {"backplane", show_backplane},
    {"clear-arp-cache", clear_arp_cache},
    {"card", show_card},
    {"chassis", show_chassis},
    {"circuit", show_circuit},
    {"circuit-counters", show_circuit_counters},
    {"context", show_context},
    {"counters", show_counters},
    {"debugging", show_debugging},
    {"hardware", show_hardware},
    {"ip-access-list", show_ip_access_list},
    {"ipv6-access-list", show_ipv6_access_list},
    {"ip-icmp", show_ip_icmp},
    {"ip-interface", show_ip_interface},
    {"ip-route", show_ip_route},
    {"ipsec-access-list", show_ipsec_access_list},
    {"ipsec-algorithms", show_ipsec_algorithms},
    {"ipsec-sa", show_ipsec_sa},
    {"ipsec-statistics", show_ipsec_statistics},
    {"ipsec-tunnel", show_ipsec_tunnel},
    {"ipsec-tunnel-counters", show_ipsec_tunnel},
    {"ipv6-interface", show_ipv6_interface},
    {"ipv6-neighbor", show_ipv6_neighbor},
    {"ipv6-route", show_ipv6_route},
    {"memory", show_memory},
    {"packet-trace", show_packet_trace},
    {"policy-database", show_policy_database},
    {"port", show_port},
    {"port-counters", show_port_counters},
    {"port-transceiver", show_port_transceiver},
    {"process", show_process},
    {"punt", show_punt},
    {"tunnel", show_ipsec_tunnel},
    {"qos-policy", show_qos_policy},
    {"version", show_version},
};

json_t *
show_topic(struct chs *chs, const char *topic, const json_t *args)
{
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
		if (strcmp(topics[i].topic, topic) == 0)
			return topics[i].show(chs, args);
	}
	return NULL;
}

static const struct {
	const char *topic;
	int (*clear)(struct chs *chs, const json_t *args);
} clears[] = {
    {"access-group", clear_access_group},
    {"circuit-counters", clear_circuit_counters},
    {"ip-access-list", clear_ip_access_list},
    {"ipv6-access-list", clear_ipv6_access_list},
    {"ipsec-counters", clear_ipsec_counters},
    {"packet-trace", clear_packet_trace},
    {"port-counters", clear_port_counters},
};

int
clear_topic(struct chs *chs, const char *topic, const json_t *args)
{
	for (size_t i = 0; i < sizeof(clears) / sizeof(clears[0]); i++) {
		if (strcmp(clears[i].topic, topic) == 0)
			return clears[i].clear(chs, args);
	}
	return -ENOENT;
}

json_t *
show_status(struct chs *chs)
{
	json_t *list = json_array();
	json_t *status;
	char name[STAGE_NAME_MAX];

	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		if (chs_proc(chs, i) != NULL)
			(void)json_array_append_new(
			    list,
			    process_row(&chs->proc[i], stage_name(i, name)));
	}
	if (chs->cli.epoch > 0 || chs->cli.pid > 0)
		(void)json_array_append_new(list,
					    process_row(&chs->cli, "cli"));
	status = json_pack("{s:s, s:i, s:s, s:o}", "name", chs->args->name,
			   "generation", (int)chs->generation, "state", "ready",
			   "processes", list);
	if (clients_cli(chs->clients) != NULL)
		(void)json_object_set_new(
		    status, "cli", json_deep_copy(clients_cli(chs->clients)));
	return status;
}
