/*
 * The show commands: ask the chassis, then print the answer as JSON or in the
 * SmartEdge's layout (layouts that are known are followed; the others are ours
 * in the same style). Called through the table by exec.c; nothing is changed.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "exec.h"
#include "shell.h"
#include "show_text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NAME_MAX_OCTETS 256

static void
add_text(json_t *args, const char *key, const char *text)
{
	if (text[0] != 0)
		(void)json_object_set_new(args, key, json_string(text));
}

/* Which of all rows are wanted: the same for every topic. */
json_t *
cmd_show_args(const struct shell *sh, const struct syntax_match *match)
{
	const struct syntax_value *port = &match->values[CMD_ARG_PORT];
	json_t *args = json_object();
	char text[NAME_MAX_OCTETS];

	if (cmd_text(match, CMD_ARG_CONTEXT, text, sizeof(text)) == 0)
		add_text(args, "context", text[0] != 0 ? text : sh->context);
	if (cmd_text(match, CMD_ARG_TUNNEL, text, sizeof(text)) == 0)
		add_text(args, "tunnel", text);
	if (cmd_text(match, CMD_ARG_ACCESS_LIST, text, sizeof(text)) == 0)
		add_text(args, "list", text);
	if (port->set) {
		(void)snprintf(text, sizeof(text), "%u/%u",
			       (unsigned)(port->n >> 8),
			       (unsigned)(port->n & 0xff));
		add_text(args, "port", text);
	}
	return args;
}

static bool
row_is(const json_t *row, const char *key, const char *text)
{
	char number[24];

	if (!json_is_integer(json_object_get(row, key)))
		return strcmp(out_string(row, key), text) == 0;
	(void)snprintf(number, sizeof(number), "%lld",
		       (long long)out_integer(row, key));
	return strcmp(number, text) == 0;
}

/* Keeps the rows of array whose key is text. -ENOENT when none is left. */
static int
keep_rows(json_t *array, const char *key, const char *text)
{
	size_t i = 0;

	while (i < json_array_size(array)) {
		if (row_is(json_array_get(array, i), key, text))
			i++;
		else
			(void)json_array_remove(array, i);
	}
	return i > 0 ? 0 : -ENOENT;
}

/* Which rows an argument leaves, and what is said where it leaves none. */
static const struct cut {
	enum cmd_arg arg;
	const char *array;
	const char *key;
	const char *none;
} cuts[] = {
    {CMD_ARG_TUNNEL, "tunnels", "name", "No tunnel \"%s\""},
    {CMD_ARG_TUNNEL, "sas", "tunnel", "No tunnel \"%s\""},
    {CMD_ARG_PROCESS, "processes", "name", "No process \"%s\""},
    {CMD_ARG_SLOT, "cards", "slot",
     "Can not retrieve information: no card in slot %s"},
    {CMD_ARG_PORT, "ports", "port", "Port %s does not exist"},
    {CMD_ARG_ASP, "asps", "asp", "ASP %s does not exist"},
    {CMD_ARG_POOL, "pools", "pool", "No ASP pool \"%s\""},
    {CMD_ARG_GROUP, "groups", "group", "No ASP group \"%s\""},
};

/* An argument as the rows' keys write it. */
static void
argument_text(const struct syntax_match *match, enum cmd_arg arg,
	      char text[NAME_MAX_OCTETS])
{
	const struct syntax_value *v = &match->values[arg];

	if (arg == CMD_ARG_PORT || arg == CMD_ARG_ASP)
		(void)snprintf(text, NAME_MAX_OCTETS, "%u/%u",
			       (unsigned)(v->n >> 8), (unsigned)(v->n & 0xff));
	else if (arg == CMD_ARG_SLOT)
		(void)snprintf(text, NAME_MAX_OCTETS, "%u", (unsigned)v->n);
	else
		(void)cmd_text(match, arg, text, NAME_MAX_OCTETS);
}

/*
 * An answer of the whole router cut to what was asked for, so that the chassis
 * need not know every form of a command.
 */
static int
show_cut(const struct syntax_match *match, json_t *data, struct out *o)
{
	json_t *circuits = json_object_get(data, "circuits");
	char text[NAME_MAX_OCTETS];

	if (circuits != NULL && json_array_size(circuits) == 0) {
		out_error(o, "No such circuit");
		return -ENOENT;
	}
	if (circuits != NULL)
		return 0;
	for (size_t i = 0; i < COUNT(cuts); i++) {
		json_t *rows = json_object_get(data, cuts[i].array);

		if (rows == NULL || !match->values[cuts[i].arg].set)
			continue;
		argument_text(match, cuts[i].arg, text);
		if (keep_rows(rows, cuts[i].key, text) != 0) {
			out_error(o, cuts[i].none, text);
			return -ENOENT;
		}
	}
	return 0;
}

void
cmd_show(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	const struct cmd_row *cmd = match->row->tag;
	struct ask_error error;
	json_t *data = NULL;

	if (ask(sh->ask,
		json_pack("{s:s,s:s,s:o}", "op", "show", "topic", cmd->topic,
			  "args", cmd_show_args(sh, match)),
		&data, &error) != 0) {
		exec_refused(o, &error, 0);
		return;
	}
	if (show_cut(match, data, o) == 0) {
		if (out_is_json(o))
			out_json(o, data);
		else
			show_text(o, cmd->topic,
				  match->values[CMD_ARG_DETAIL].set, data);
	}
	json_decref(data);
}

static void
cmd_show_clock(struct shell *sh, const struct syntax_match *match,
	       struct out *o)
{
	time_t now = time(NULL);
	char text[64] = "";
	struct tm tm;

	(void)sh;
	(void)match;
	if (localtime_r(&now, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y %Z",
			       &tm);
	if (out_is_json(o)) {
		json_t *data = json_pack("{s:s, s:I}", "clock", text, "time",
					 (json_int_t)now);

		out_json(o, data);
		json_decref(data);
	} else {
		out_line(o, "%s", text);
	}
}

static void
cmd_show_history(struct shell *sh, const struct syntax_match *match,
		 struct out *o)
{
	const char *line;
	json_t *list = json_array();

	(void)match;
	for (unsigned i = 0; (line = shell_history(sh, i)) != NULL; i++) {
		if (out_is_json(o))
			(void)json_array_append_new(list, json_string(line));
		else
			out_line(o, "%s", line);
	}
	if (out_is_json(o)) {
		json_t *data = json_pack("{s:O}", "history", list);

		out_json(o, data);
		json_decref(data);
	}
	json_decref(list);
}

/* The last lines that are wanted; all where no number was given. */
static void
cmd_show_log(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	const struct syntax_value *n = &match->values[CMD_ARG_LINES];
	struct ask_error error;
	json_t *data = NULL;
	json_t *events;
	size_t first;

	if (ask(sh->ask,
		json_pack("{s:s,s:s,s:{s:i}}", "op", "show", "topic", "log",
			  "args", "since", 0),
		&data, &error) != 0) {
		exec_refused(o, &error, 0);
		return;
	}
	events = json_object_get(data, "events");
	first = json_array_size(events);
	first = !n->set || n->n >= first ? 0 : first - (size_t)n->n;
	while (first-- > 0)
		(void)json_array_remove(events, 0);
	if (out_is_json(o))
		out_json(o, data);
	else
		shell_log_lines(data, o);
	json_decref(data);
}

static void
cmd_show_alias(struct shell *sh, const struct syntax_match *match,
	       struct out *o)
{
	json_t *aliases = json_object_get(sh->settings, "aliases");
	json_t *macros = json_object_get(sh->settings, "macros");
	const char *name;
	json_t *value;
	json_t *step;
	size_t i;

	(void)match;
	if (out_is_json(o)) {
		json_t *data = json_pack("{s:O, s:O}", "aliases", aliases,
					 "macros", macros);

		out_json(o, data);
		json_decref(data);
		return;
	}
	json_object_foreach(aliases, name, value)
		out_line(o, "%-16s %s", name, json_string_value(value));
	json_object_foreach(macros, name, value) {
		json_array_foreach(value, i, step)
			out_line(o, "%-16s %s", i == 0 ? name : "",
				 json_string_value(step));
	}
}

/* Several topics, each under its head, with the arguments of the line. */
static void
show_several(struct shell *sh, const struct syntax_match *match,
	     const char *const *topics, size_t n, struct out *o)
{
	json_t *all = json_object();

	for (size_t i = 0; i < n && !out_stopped(o); i++) {
		struct ask_error error;
		json_t *data = NULL;

		if (ask(sh->ask,
			json_pack("{s:s,s:s,s:o}", "op", "show", "topic",
				  topics[i], "args", cmd_show_args(sh, match)),
			&data, &error) != 0)
			continue;
		if (out_is_json(o)) {
			(void)json_object_set(all, topics[i], data);
		} else {
			out_line(o, "%s==== %s ====", i > 0 ? "\n" : "",
				 topics[i]);
			show_text(o, topics[i], true, data);
		}
		json_decref(data);
	}
	if (out_is_json(o))
		out_json(o, all);
	json_decref(all);
}

/* In the order in which a person who looks for a fault reads them. */
static void
cmd_show_tech(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	static const char *const topics[] = {
	    "version", "hardware",     "chassis",  "card",     "process",
	    "memory",  "alarm",        "port",     "asp",      "ip-interface",
	    "context", "ipsec-tunnel", "ipsec-sa", "counters", "backplane",
	    "commits", "transaction"};

	show_several(sh, match, topics, COUNT(topics), o);
}

static void
cmd_show_ip_all(struct shell *sh, const struct syntax_match *match,
		struct out *o)
{
	static const char *const topics[] = {"ip-interface", "ip-route",
					     "arp-cache", "ip-icmp"};

	show_several(sh, match, topics, COUNT(topics), o);
}

static void
config_piece(void *arg, const json_t *piece)
{
	out_text(arg, out_string(piece, "text"));
}

/* The text begins to come while the rest is still being written. */
static void
show_config(struct shell *sh, const char *which, const char *section,
	    struct out *o)
{
	bool stream = !out_is_json(o);
	json_t *request = json_pack("{s:s,s:s,s:b}", "op", "configuration",
				    "which", which, "stream", (int)stream);
	struct ask_error error;
	json_t *data = NULL;
	int rc;

	if (section != NULL)
		(void)json_object_set_new(request, "section",
					  json_string(section));
	if (stream)
		rc = ask_pieces(sh->ask, request, config_piece, o, &data,
				&error);
	else
		rc = ask(sh->ask, request, &data, &error);
	if (rc != 0)
		exec_refused(o, &error, 0);
	else if (stream)
		config_piece(o, data);
	else
		out_json(o, data);
	json_decref(data);
}

static void
cmd_show_configuration(struct shell *sh, const struct syntax_match *match,
		       struct out *o)
{
	(void)match;
	show_config(sh, "running", NULL, o);
}

static void
cmd_show_candidate(struct shell *sh, const struct syntax_match *match,
		   struct out *o)
{
	(void)match;
	show_config(sh, "candidate", NULL, o);
}

static void
cmd_show_changes(struct shell *sh, const struct syntax_match *match,
		 struct out *o)
{
	(void)match;
	show_config(sh, "changes", NULL, o);
}

/* Nothing but the lines that begin so, and what is below them. */
static void
cmd_show_section(struct shell *sh, const struct syntax_match *match,
		 struct out *o)
{
	const struct cmd_row *cmd = match->row->tag;

	show_config(sh, "running", cmd->topic, o);
}

#define BOTH (CMD_EXEC | CMD_CONFIG)
#define SECTION(word)                                                          \
	{                                                                      \
		"show configuration " word, BOTH, 10, cmd_show_section, word,  \
		    "What the configuration says of " word                     \
	}

const struct cmd_row cmd_show_rows[] = {
    {"show administrators [<active>]", BOTH, 0, cmd_show, "users",
     "Administrators at work on this router"},
    {"show alias", BOTH, 0, cmd_show_alias, NULL,
     "Words that stand for commands, and macros"},
    {"clear arp-cache", CMD_EXEC, 10, cmd_show, "clear-arp-cache",
     "Forget the neighbors that were learnt, of both families"},
    {"show arp [context <context>]", BOTH, 0, cmd_show, "arp-cache",
     "Link addresses of IPv4 neighbors"},
    {"show arp-cache [context <context>]", BOTH, 0, cmd_show, "arp-cache",
     "Link addresses of IPv4 neighbors"},
    {"show backplane", BOTH, 0, cmd_show, "backplane",
     "Links between processors and what crossed them"},
    {"show card [<slot>]", BOTH, 0, cmd_show, "card",
     "Cards and their processors"},
    {"show chassis", BOTH, 0, cmd_show, "chassis",
     "Configured and installed cards, slot by slot"},
    {"show configuration", BOTH, 10, cmd_show_configuration, NULL,
     "The running configuration"},
    SECTION("alias"),
    SECTION("asp"),
    SECTION("banner"),
    SECTION("card"),
    SECTION("context"),
    SECTION("logging"),
    SECTION("macro"),
    SECTION("port"),
    SECTION("privilege"),
    SECTION("qos"),
    SECTION("security"),
    SECTION("service"),
    SECTION("system"),
    SECTION("tunnel"),
    {"show configuration candidate", CMD_CONFIG, 10, cmd_show_candidate, NULL,
     "The configuration as a commit would make it"},
    {"show configuration changes", CMD_CONFIG, 10, cmd_show_changes, NULL,
     "What a commit would change"},
    {"show configuration history", BOTH, 10, cmd_show, "commits",
     "Who committed what when, newest first"},
    {"show clock", BOTH, 0, cmd_show_clock, NULL, "Time of day"},
    {"show context [<all>]", BOTH, 0, cmd_show, "context",
     "Contexts and their ids"},
    {"show counters", BOTH, 0, cmd_show, "counters",
     "Packets by stage, and why they were dropped"},
    {"show hardware [card <slot>] [<detail>]", BOTH, 0, cmd_show, "hardware",
     "Serial numbers, revisions, dates, voltages (simulated)"},
    {"show history", BOTH, 0, cmd_show_history, NULL, "Lines typed"},
    {"show ip all [context <context>]", BOTH, 0, cmd_show_ip_all, NULL,
     "Interfaces, routes, neighbors and ICMP of a context"},
    {"show ip icmp", BOTH, 0, cmd_show, "ip-icmp",
     "What the router answers, and what it does not"},
    {"show ip interface brief", BOTH, 0, cmd_show, "ip-interface",
     "Interfaces, their addresses and bindings"},
    {"show ip route [context <context>]", BOTH, 0, cmd_show, "ip-route",
     "The routing table of a context"},
    {"show ipsec algorithms", BOTH, 0, cmd_show, "ipsec-algorithms",
     "Algorithms: lengths, engines, standard, verdict of RFC 8221"},
    {"show ipsec access-list", BOTH, 0, cmd_show, "ipsec-access-list",
     "Selectors by list, and how many packets they took"},
    {"show ipsec policy-database [context <context>]", BOTH, 0, cmd_show,
     "policy-database", "What is protected, passes or is discarded"},
    {"show ipsec sa [tunnel <tunnel>] [<detail>]", BOTH, 0, cmd_show,
     "ipsec-sa", "Security associations"},
    {"show ipsec statistics [<slot/asp>]", BOTH, 0, cmd_show,
     "ipsec-statistics", "What each ASP sealed, opened and refused"},
    {"show ipsec tunnel [<tunnel>] [<detail>]", BOTH, 0, cmd_show,
     "ipsec-tunnel", "IPsec tunnels"},
    {"show ipsec tunnel <tunnel> counters", BOTH, 0, cmd_show,
     "ipsec-tunnel-counters", "What went through an IPsec tunnel"},
    {"show log [tail <number>]", BOTH, 0, cmd_show_log, NULL,
     "What happened to the router, oldest first"},
    {"show ipv6 interface brief", BOTH, 0, cmd_show, "ipv6-interface",
     "Interfaces, their IPv6 addresses and bindings"},
    {"show ipv6 neighbor [context <context>]", BOTH, 0, cmd_show,
     "ipv6-neighbor", "Link addresses of IPv6 neighbors"},
    {"show ipv6 route [context <context>]", BOTH, 0, cmd_show, "ipv6-route",
     "The IPv6 routing table of a context"},
    {"show memory", BOTH, 0, cmd_show, "memory",
     "Memory of all processes, shared parts once"},
    {"show port [<port>] [<detail>]", BOTH, 0, cmd_show, "port", "Ports"},
    {"show port counters [<port>]", BOTH, 0, cmd_show, "port-counters",
     "What went through ports, and how fast"},
    {"show port transceiver [<port>]", BOTH, 0, cmd_show, "port-transceiver",
     "Optical modules of ports (simulated)"},
    {"show process [<process>] [<detail>]", BOTH, 0, cmd_show, "process",
     "Processes of the router"},
    {"show spd [context <context>]", BOTH, 0, cmd_show, "policy-database",
     "The security policy database"},
    {"show punt", BOTH, 0, cmd_show, "punt",
     "Packets for the controller by kind, and their rates"},
    {"show system alarm", BOTH, 0, cmd_show, "alarm", "What is wrong now"},
    {"show tech-support", BOTH, 10, cmd_show_tech, NULL,
     "Everything that support asks for, one after the other"},
    {"show transaction", BOTH, 0, cmd_show, "transaction",
     "Open configuration transactions"},
    {"show tunnel [<tunnel>] [<detail>]", BOTH, 0, cmd_show, "tunnel",
     "Tunnels of every kind"},
    {"show tunnel ipsec [<tunnel>] [<detail>]", BOTH, 0, cmd_show, "tunnel",
     "Tunnels that IPsec protects"},
    {"show users", BOTH, 0, cmd_show, "users", "Who works on this router"},
    {"show version", BOTH, 0, cmd_show, "version", "Software version"},
    {NULL, 0, 0, NULL, NULL, NULL},
};
