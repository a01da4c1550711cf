/*
 * Exec commands of the session itself: its privilege, its context, its
 * terminal. Called through the table by exec.c. Here, too, are the arguments
 * and words of all exec commands.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "exec.h"
#include "secret.h"
#include "shell.h"

const struct syntax_arg cmd_args[CMD_ARGS] = {
    [CMD_ARG_ACCESS_LIST] = {.name = "access-list",
			     .type = SYNTAX_NAME,
			     .max = 39,
			     .help = "Name of the access list"},
    [CMD_ARG_ACTIVE] = {.name = "active",
			.type = SYNTAX_ENUM,
			.choices =
			    (const struct syntax_choice[]){
				{"active", 1, "Those at work"},
				{NULL, 0, NULL}},
			.help = "Those at work"},
    [CMD_ARG_ALL] = {.name = "all",
		     .type = SYNTAX_ENUM,
		     .choices =
			 (const struct syntax_choice[]){
			     {"all", 1, "All of them"}, {NULL, 0, NULL}},
		     .help = "All of them"},
    [CMD_ARG_ASP] = {.name = "slot/asp",
		     .type = SYNTAX_SLOT_UNIT,
		     .min = 1,
		     .max = 2,
		     .help = "Slot and ASP"},
    [CMD_ARG_COMMAND] = {.name = "command",
			 .type = SYNTAX_TEXT,
			 .max = 511,
			 .help = "What is shown, as after show"},
    [CMD_ARG_COMMENT] = {.name = "comment",
			 .type = SYNTAX_TEXT,
			 .max = 255,
			 .help = "Why, in words"},
    [CMD_ARG_COMMITS] = {.name = "commits",
			 .type = SYNTAX_U32,
			 .max = 49,
			 .help = "How many commits ago; 0 is the newest"},
    [CMD_ARG_CONFIRMED] = {.name = "confirmed",
			   .type = SYNTAX_ENUM,
			   .choices =
			       (const struct syntax_choice[]){
				   {"confirmed", 1,
				    "Take it back unless a commit follows"},
				   {NULL, 0, NULL}},
			   .help = "Take it back unless a commit follows"},
    [CMD_ARG_ADDRESS] = {.name = "address",
			 .type = SYNTAX_IP,
			 .help = "IPv4 or IPv6 address"},
    [CMD_ARG_COUNT] = {.name = "count",
		       .type = SYNTAX_U32,
		       .min = 1,
		       .max = 1000000,
		       .help = "How many"},
    [CMD_ARG_DF] = {.name = "df",
		    .type = SYNTAX_ENUM,
		    .choices =
			(const struct syntax_choice[]){
			    {"df", 1, "Never in fragments"}, {NULL, 0, NULL}},
		    .help = "Never in fragments"},
    [CMD_ARG_HOPS] = {.name = "hops",
		      .type = SYNTAX_U32,
		      .min = 1,
		      .max = 255,
		      .help = "How far at most"},
    [CMD_ARG_INTERVAL] = {.name = "interval",
			  .type = SYNTAX_U32,
			  .max = 3600000,
			  .help = "Milliseconds from one to the next"},
    [CMD_ARG_SECONDS] = {.name = "seconds",
			 .type = SYNTAX_U32,
			 .min = 1,
			 .max = 3600,
			 .help = "From one round to the next; 5 if left out"},
    [CMD_ARG_WITHIN] = {.name = "within",
			.type = SYNTAX_U32,
			.min = 1,
			.max = 3600,
			.help = "Seconds to confirm in"},
    [CMD_ARG_SIZE] = {.name = "size",
		      .type = SYNTAX_U32,
		      .min = 28,
		      .max = 9216,
		      .help = "Octets of a packet, IP header included"},
    [CMD_ARG_SOURCE] = {.name = "source",
			.type = SYNTAX_IP,
			.help = "An address of this router"},
    [CMD_ARG_TIMEOUT] = {.name = "timeout",
			 .type = SYNTAX_U32,
			 .min = 1,
			 .max = 3600000,
			 .help = "Milliseconds that an answer may take"},
    [CMD_ARG_CONTEXT] = {.name = "context",
			 .type = SYNTAX_NAME,
			 .max = 32,
			 .help = "Context name"},
    [CMD_ARG_DETAIL] = {.name = "detail",
			.type = SYNTAX_ENUM,
			.choices =
			    (const struct syntax_choice[]){
				{"detail", 1, "Everything that is known"},
				{NULL, 0, NULL}},
			.help = "Everything that is known"},
    [CMD_ARG_FILE] = {.name = "file",
		      .type = SYNTAX_NAME,
		      .max = 1023,
		      .help = "File name"},
    [CMD_ARG_FILTER] = {.name = "filter",
			.type = SYNTAX_TEXT,
			.max = 1000,
			.help = "As in pcap-filter(7), of the packet in clear"},
    [CMD_ARG_GROUP] = {.name = "group",
		       .type = SYNTAX_NAME,
		       .max = 50,
		       .help = "Name of the ASP group"},
    [CMD_ARG_JOURNEY] = {.name = "journey",
			 .type = SYNTAX_U32,
			 .min = 1,
			 .max = UINT32_MAX,
			 .help = "Number of a journey"},
    [CMD_ARG_LEVEL] = {.name = "level",
		       .type = SYNTAX_U32,
		       .max = 15,
		       .help = "Privilege level"},
    [CMD_ARG_LINES] = {.name = "number",
		       .type = SYNTAX_U32,
		       .max = 512,
		       .help = "Lines or columns; 0 for no limit"},
    [CMD_ARG_MINUTES] = {.name = "minutes",
			 .type = SYNTAX_U32,
			 .min = 1,
			 .max = 65535,
			 .help = "Minutes to confirm in; 10 if left out"},
    [CMD_ARG_ONE_IN] = {.name = "one-in",
			.type = SYNTAX_U32,
			.min = 1,
			.max = 1000000000,
			.help = "One of so many that match"},
    [CMD_ARG_POOL] = {.name = "pool",
		      .type = SYNTAX_NAME,
		      .max = 50,
		      .help = "Name of the ASP pool"},
    [CMD_ARG_PORT] = {.name = "port",
		      .type = SYNTAX_SLOT_UNIT,
		      .min = 1,
		      .max = 255,
		      .help = "Slot and port"},
    [CMD_ARG_PROCESS] = {.name = "process",
			 .type = SYNTAX_NAME,
			 .max = 15,
			 .help = "Name of a process"},
    [CMD_ARG_SLOT] = {.name = "slot",
		      .type = SYNTAX_U32,
		      .min = 1,
		      .max = 14,
		      .help = "Slot of a card"},
    [CMD_ARG_TARGET] = {.name = "target",
			.type = SYNTAX_NAME,
			.max = 1023,
			.help = "Name of the new file"},
    [CMD_ARG_TUNNEL] = {.name = "tunnel",
			.type = SYNTAX_NAME,
			.max = 50,
			.help = "Tunnel name"},
};

int
cmd_text(const struct syntax_match *match, enum cmd_arg arg, char *text,
	 size_t octets)
{
	const struct syntax_value *v = &match->values[arg];

	text[0] = 0;
	if (!v->set)
		return 0;
	if (v->len >= octets)
		return -ENAMETOOLONG;
	memcpy(text, v->text, v->len);
	text[v->len] = 0;
	return 0;
}

static void
cmd_exit(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	(void)match;
	(void)o;
	sh->quit = true;
}

/*
 * The enable password of the session's context, where there is one. Who came by
 * the router's own socket owns it and is not asked.
 */
static int
enable_allowed(struct shell *sh, struct out *o)
{
	struct ask_error error;
	json_t *data = NULL;
	char password[128];
	bool needed;
	int rc;

	if (sh->owner)
		return 0;
	rc = ask(sh->ask,
		 json_pack("{s:s,s:s}", "op", "enable", "context", sh->context),
		 &data, &error);
	needed = rc == 0 && json_is_true(json_object_get(data, "needed"));
	json_decref(data);
	if (rc == 0 && needed)
		rc = shell_ask_line(sh, "Password: ", false, password,
				    sizeof(password));
	if (rc != 0 || !needed)
		return rc;
	data = NULL;
	rc = ask(sh->ask,
		 json_pack("{s:s,s:s,s:s}", "op", "enable", "context",
			   sh->context, "password", password),
		 &data, &error);
	secret_wipe(password, sizeof(password));
	json_decref(data);
	if (rc != 0)
		exec_refused(o, &error, 0);
	return rc;
}

static void
cmd_enable(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	const struct syntax_value *v = &match->values[CMD_ARG_LEVEL];
	int level = v->set ? (int)v->n : CMD_PRIVILEGED;

	if (level > sh->privilege_max) {
		out_error(o, "Access denied: %s may have level %d at most",
			  sh->user[0] != 0 ? sh->user : "this session",
			  sh->privilege_max);
		return;
	}
	if (level > sh->privilege && enable_allowed(sh, o) != 0)
		return;
	if (v->set || level > sh->privilege)
		sh->privilege = level;
}

/* Back to what the prompt ">" stands for. */
static void
cmd_disable(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	(void)match;
	(void)o;
	sh->privilege =
	    sh->privilege_start < CMD_PRIVILEGED ? sh->privilege_start : 6;
}

static void
cmd_context(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	struct ask_error error;
	json_t *data = NULL;
	char name[SHELL_NAME_MAX];

	if (cmd_text(match, CMD_ARG_CONTEXT, name, sizeof(name)) != 0)
		return;
	/* The chassis knows which contexts there are: ask for its routes. */
	if (ask(sh->ask,
		json_pack("{s:s,s:s,s:{s:s}}", "op", "show", "topic",
			  "ip-route", "args", "context", name),
		&data, &error) != 0) {
		exec_refused(o, &error, 0);
		return;
	}
	json_decref(data);
	(void)snprintf(sh->context, sizeof(sh->context), "%s", name);
}

static void
cmd_terminal_length(struct shell *sh, const struct syntax_match *match,
		    struct out *o)
{
	(void)o;
	sh->length = (unsigned)match->values[CMD_ARG_LINES].n;
	sh->length_set = true;
}

static void
cmd_terminal_width(struct shell *sh, const struct syntax_match *match,
		   struct out *o)
{
	(void)o;
	sh->width = (unsigned)match->values[CMD_ARG_LINES].n;
	sh->width_set = true;
}

/* Lines of the log appear on the terminal from now on. */
static void
cmd_monitor(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	(void)match;
	(void)o;
	shell_monitor(sh, true);
}

static void
cmd_no_monitor(struct shell *sh, const struct syntax_match *match,
	       struct out *o)
{
	(void)match;
	(void)o;
	shell_monitor(sh, false);
}

static void
cmd_clear_log(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	struct ask_error error;
	json_t *data = NULL;

	(void)match;
	if (ask(sh->ask, json_pack("{s:s}", "op", "clear-log"), &data,
		&error) != 0)
		exec_refused(o, &error, 0);
	json_decref(data);
}

static void
cmd_help(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	(void)sh;
	(void)match;
	out_line(o, "A word may be shortened as long as it stays the only one "
		    "that begins so.");
	out_line(o, "?     alone: what may follow; behind letters: which words "
		    "begin so");
	out_line(o, "Tab   completes a word");
	out_line(o, "Esc ? types a question mark");
	out_line(o, "| begin, count, exclude, grep, include, json: what is "
		    "done with the output of show");
}

#define BOTH (CMD_EXEC | CMD_CONFIG)

/*
 * In one order: six options in any order would make a hundred thousand ways
 * through the line, and two such rows a megabyte for each terminal.
 */
#define PING_OPTIONS                                                           \
	" [count <count>] [size <size>] [<df>] [source <source>]"              \
	" [interval <interval>] [timeout <timeout>]"
#define TRACE_OPTIONS " [hops <hops>] [source <source>] [timeout <timeout>]"

const struct cmd_row cmd_exec_rows[] = {
    {"context <context>", CMD_EXEC, 0, cmd_context, NULL,
     "Work in another context"},
    {"disable", CMD_EXEC, 0, cmd_disable, NULL,
     "Drop into the unprivileged exec mode"},
    {"enable [<level>]", CMD_EXEC, 0, cmd_enable, NULL,
     "Raise the privilege level"},
    {"exit", CMD_EXEC, 0, cmd_exit, NULL, "Leave the session"},
    {"help", BOTH, 0, cmd_help, NULL, "How to get help"},
    {"logout", CMD_EXEC, 0, cmd_exit, NULL, "Leave the session"},
    {"ping [context <context>] <address>" PING_OPTIONS, CMD_EXEC, 0, cmd_ping,
     NULL, "Send echo requests and tell what comes back"},
    {"clear log", CMD_EXEC, 10, cmd_clear_log, NULL,
     "Forget the lines of the log"},
    {"no terminal monitor", BOTH, 0, cmd_no_monitor, NULL,
     "Show no more lines of the log on this terminal"},
    {"terminal length <number>", BOTH, 0, cmd_terminal_length, NULL,
     "Lines of a page; 0 for no paging"},
    {"terminal monitor", BOTH, 0, cmd_monitor, NULL,
     "Show lines of the log on this terminal as they come"},
    {"terminal width <number>", BOTH, 0, cmd_terminal_width, NULL,
     "Columns of the terminal; 0 for no limit"},
    {"traceroute [context <context>] <address>" TRACE_OPTIONS TRACE_OPTIONS,
     CMD_EXEC, 0, cmd_traceroute, NULL,
     "Tell which routers packets to an address pass"},
    {NULL, 0, 0, NULL, NULL, NULL},
};

const struct syntax_word cmd_words[] = {
    {"abort", "Discard configuration changes and return to exec mode"},
    {"access-group", "Where access lists are applied"},
    {"access-list", "Access lists"},
    {"alarm", "What is wrong now"},
    {"algorithms", "Algorithms of IPsec"},
    {"administrators", "Administrators at work"},
    {"alias", "Words that stand for commands"},
    {"asp", "Advanced Services Processors"},
    {"backplane", "Links between processors and what crossed them"},
    {"banner", "What is shown at a login"},
    {"boot", "Configuration to boot from"},
    {"bindings", "Circuits and the interfaces they are bound to"},
    {"arp", "ARP entries"},
    {"arp-cache", "ARP entries"},
    {"brief", "One line each"},
    {"candidate", "The configuration as it would be after a commit"},
    {"card", "Cards and their processors"},
    {"changes", "What the transaction changes"},
    {"chassis", "Slots of the chassis"},
    {"circuit", "Circuits"},
    {"clear", "Count anew"},
    {"clock", "Time of day"},
    {"comment", "Say why"},
    {"comment", "Why, in words"},
    {"commit", "Commit configuration changes"},
    {"configuration", "System configuration"},
    {"configure", "Enter configuration mode"},
    {"context", "Work in a context"},
    {"copy", "Copy a file"},
    {"count", "How many"},
    {"counters", "Packets by stage and by reason"},
    {"all", "Everything"},
    {"debug", "Say what happens inside"},
    {"debugging", "What of the inside is said"},
    {"drop", "Packets that were dropped"},
    {"packet", "Packets for the router itself"},
    {"undebug", "Say no more what happens inside"},
    {"delete", "Delete a file"},
    {"detail", "Everything that is known"},
    {"directory", "Files of a directory"},
    {"disable", "Drop into unprivileged exec mode"},
    {"enable", "Raise the privilege level"},
    {"end", "Commit configuration changes and return to exec mode"},
    {"exit", "Leave this mode"},
    {"group", "ASP groups"},
    {"hardware", "Serial numbers, revisions, voltages"},
    {"help", "How to get help"},
    {"history", "Commits there were"},
    {"hops", "How far at most"},
    {"icmp", "Internet Control Message Protocol"},
    {"ipv6", "IPv6"},
    {"neighbor", "IPv6 neighbors"},
    {"interface", "Interfaces"},
    {"interval", "How long from one to the next"},
    {"ip", "Internet Protocol"},
    {"ipsec", "IP security"},
    {"length", "Lines of a page"},
    {"log", "What happened to the router"},
    {"logging", "Where the log goes"},
    {"logout", "Leave the session"},
    {"macro", "Commands under one name"},
    {"memory", "Memory of the processes"},
    {"mkdir", "Make a directory"},
    {"policy-database", "What is protected, passes or is discarded"},
    {"ping", "Send echo requests"},
    {"monitor", "Again and again, or lines as they come"},
    {"no", "Undo"},
    {"packet-trace", "What traced packets met"},
    {"one-in", "One of so many"},
    {"filter", "Which packets"},
    {"pool", "ASP pools"},
    {"port", "Ports"},
    {"privilege", "Levels of commands"},
    {"process", "Processes of the router"},
    {"punt", "Packets for the controller"},
    {"pwd", "The directory that names are relative to"},
    {"reload", "Restart a card or an ASP"},
    {"rename", "Rename a file"},
    {"rollback", "Put back an earlier configuration"},
    {"qos", "Quality of service"},
    {"route", "Routing table"},
    {"sa", "Security associations"},
    {"save", "Save to a file"},
    {"seconds", "Seconds instead of minutes"},
    {"security", "What a strict release refuses"},
    {"service", "Services"},
    {"show", "Show running system information"},
    {"spd", "The security policy database"},
    {"shutdown", "Out of service"},
    {"size", "Octets of a packet"},
    {"source", "The address to send from"},
    {"statistics", "What was done and refused"},
    {"system", "The system"},
    {"tail", "The last lines"},
    {"tech-support", "Everything that support asks for"},
    {"terminal", "Settings of this terminal"},
    {"timeout", "Milliseconds that an answer may take"},
    {"trace", "Follow packets"},
    {"traceroute", "Tell which routers packets pass"},
    {"transceiver", "Optical modules of ports (simulated)"},
    {"transaction", "Open configuration transactions"},
    {"tunnel", "Tunnels"},
    {"users", "Who works on this router"},
    {"version", "Software version"},
    {"width", "Columns of the terminal"},
    {NULL, NULL},
};
