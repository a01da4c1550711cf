/*
 * Journeys of packets: what is traced, and what traced packets met. The chassis
 * keeps them; this asks and prints. Called through the table by exec.c.
 */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "exec.h"
#include "shell.h"

#define FILTER_OCTETS 1024

/* A text that may stand in quotes. */
static const char *
bare(char *text)
{
	size_t n = strlen(text);

	if (n < 2 || text[0] != '"' || text[n - 1] != '"')
		return text;
	text[n - 1] = '\0';
	return text + 1;
}

static void
ask_trace(struct shell *sh, json_t *request, struct out *o)
{
	struct ask_error error;
	json_t *data = NULL;

	if (ask(sh->ask, request, &data, &error) != 0)
		exec_refused(o, &error, 0);
	json_decref(data);
}

static void
cmd_trace(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	const struct syntax_value *count = &match->values[CMD_ARG_COUNT];
	const struct syntax_value *every = &match->values[CMD_ARG_ONE_IN];
	const struct syntax_value *port = &match->values[CMD_ARG_PORT];
	json_t *rq = json_pack("{s:s}", "op", "trace");
	char filter[FILTER_OCTETS];

	if (count->set)
		(void)json_object_set_new(rq, "count",
					  json_integer((json_int_t)count->n));
	if (every->set)
		(void)json_object_set_new(rq, "every",
					  json_integer((json_int_t)every->n));
	if (port->set) {
		(void)json_object_set_new(
		    rq, "slot", json_integer((json_int_t)(port->n >> 8)));
		(void)json_object_set_new(
		    rq, "port", json_integer((json_int_t)(port->n & 0xff)));
	}
	if (cmd_text(match, CMD_ARG_FILTER, filter, sizeof(filter)) == 0 &&
	    filter[0] != '\0')
		(void)json_object_set_new(rq, "filter",
					  json_string(bare(filter)));
	ask_trace(sh, rq, o);
}

static void
cmd_no_trace(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	(void)match;
	ask_trace(sh, json_pack("{s:s, s:b}", "op", "trace", "stop", 1), o);
}

/* --- printing ------------------------------------------------------------- */

static void
print_stations(struct out *o, const json_t *journey, const char *indent,
	       bool detail)
{
	const json_t *s;
	const json_t *line;
	size_t i;
	size_t k;

	json_array_foreach(json_object_get(journey, "stations"), i, s) {
		out_line(o, "%s  %-8s %s", indent, out_string(s, "stage"),
			 out_string(s, "text"));
		json_array_foreach(json_object_get(s, "lines"), k, line) {
			const char *text = json_string_value(line);
			bool why = strncmp(text, "because", 7) == 0 ||
				   strncmp(text, "to change", 9) == 0;

			if (detail || why)
				out_line(o, "%s           %s", indent, text);
		}
	}
}

static void
print_journey(struct out *o, const json_t *journey, bool detail)
{
	const json_t *piece;
	size_t i;

	out_line(o, "Packet %" JSON_INTEGER_FORMAT,
		 out_integer(journey, "trace"));
	print_stations(o, journey, "", detail);
	json_array_foreach(json_object_get(journey, "pieces"), i, piece) {
		out_line(o, "  Piece %" JSON_INTEGER_FORMAT,
			 out_integer(piece, "trace"));
		print_stations(o, piece, "  ", detail);
	}
	out_line(o, "%s", "");
}

static void
cmd_show_trace(struct shell *sh, const struct syntax_match *match,
	       struct out *o)
{
	const struct syntax_value *id = &match->values[CMD_ARG_JOURNEY];
	json_t *args = json_object();
	struct ask_error error;
	json_t *data = NULL;
	const json_t *j;
	size_t i;

	if (id->set)
		(void)json_object_set_new(args, "trace",
					  json_integer((json_int_t)id->n));
	if (ask(sh->ask,
		json_pack("{s:s, s:s, s:o}", "op", "show", "topic",
			  "packet-trace", "args", args),
		&data, &error) != 0) {
		exec_refused(o, &error, 0);
		return;
	}
	if (out_is_json(o)) {
		out_json(o, data);
	} else {
		json_array_foreach(json_object_get(data, "journeys"), i, j)
			print_journey(o, j, match->values[CMD_ARG_DETAIL].set);
		if (out_integer(data, "unsaid") != 0)
			out_line(o,
				 "%" JSON_INTEGER_FORMAT
				 " stations were not told: more than a card may"
				 " tell in a second",
				 out_integer(data, "unsaid"));
		if (out_integer(data, "let_go") != 0)
			out_line(o,
				 "%" JSON_INTEGER_FORMAT
				 " older journeys were let go",
				 out_integer(data, "let_go"));
	}
	json_decref(data);
}

#define BOTH (CMD_EXEC | CMD_CONFIG)

const struct cmd_row cmd_trace_rows[] = {
    {"clear packet-trace", CMD_EXEC, 10, cmd_clear, "packet-trace",
     "Forget the journeys of traced packets"},
    {"no trace packet", CMD_EXEC, 10, cmd_no_trace, NULL,
     "Trace no more packets"},
    {"show packet-trace [<journey>] [<detail>]", BOTH, 0, cmd_show_trace, NULL,
     "What traced packets met, stage by stage, and why they were dropped"},
    {"trace packet [count <count>] [one-in <one-in>] [port <port>]"
     " [filter <filter>]",
     CMD_EXEC, 10, cmd_trace, NULL,
     "Follow the next packets that come in and match"},
    {NULL, 0, 0, NULL, NULL, NULL},
};
