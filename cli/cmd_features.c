/*
 * Commands of circuit features: what lists and policies did, and clearing what
 * they counted. The chassis knows; this asks. Called through the table by
 * exec.c.
 */
#include "cmd.h"
#include "exec.h"
#include "shell.h"

void
cmd_clear(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	const struct cmd_row *cmd = match->row->tag;
	struct ask_error error;
	json_t *data = NULL;

	if (ask(sh->ask,
		json_pack("{s:s, s:s, s:o}", "op", "clear", "topic", cmd->topic,
			  "args", cmd_show_args(sh, match)),
		&data, &error) != 0)
		exec_refused(o, &error, 0);
	json_decref(data);
}

#define BOTH (CMD_EXEC | CMD_CONFIG)

const struct cmd_row cmd_feature_rows[] = {
    {"clear access-group", CMD_EXEC, 10, cmd_clear, "access-group",
     "Count anew what access lists permit and deny, circuit by circuit"},
    {"clear circuit counters [{<port>|tunnel <tunnel>}]", CMD_EXEC, 10,
     cmd_clear, "circuit-counters", "Count what goes through circuits anew"},
    {"clear ip access-list counters [<access-list>]", CMD_EXEC, 10, cmd_clear,
     "ip-access-list", "Count the hits of rows anew"},
    {"clear ipsec counters [tunnel <tunnel>]", CMD_EXEC, 10, cmd_clear,
     "ipsec-counters", "Count packets of SAs anew"},
    {"clear port counters [<port>]", CMD_EXEC, 10, cmd_clear, "port-counters",
     "Count packets of ports anew"},
    {"clear ipv6 access-list counters [<access-list>]", CMD_EXEC, 10, cmd_clear,
     "ipv6-access-list", "Count the hits of rows anew"},
    {"show access-group", BOTH, 0, cmd_show, "access-group",
     "Where access lists are applied"},
    {"show bindings", BOTH, 0, cmd_show, "circuit",
     "Circuits and the interfaces they are bound to"},
    {"show circuit [{<port>|tunnel <tunnel>}]", BOTH, 0, cmd_show, "circuit",
     "Circuits"},
    {"show circuit counters [{<port>|tunnel <tunnel>}] [<detail>]", BOTH, 0,
     cmd_show, "circuit-counters", "What went through circuits"},
    {"show ip access-list [<access-list>]", BOTH, 0, cmd_show, "ip-access-list",
     "Access lists and the hits of each row"},
    {"show ipv6 access-list [<access-list>]", BOTH, 0, cmd_show,
     "ipv6-access-list", "IPv6 access lists and the hits of each row"},
    {"show qos policy", BOTH, 0, cmd_show, "qos-policy",
     "QoS policies and the circuits that use them"},
    {NULL, 0, 0, NULL, NULL, NULL},
};
