/*
 * ping and traceroute: asks the chassis for probes and prints what comes of
 * each as it comes, then the statistics. Ctrl-C stops the probes; statistics
 * are printed all the same. Called through the table by exec.c. The layout of
 * the statistics is the SmartEdge's as far as it is known; the lines above it
 * are those of BSD.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "exec.h"
#include "shell.h"

#define TEXT_MAX 64
/* Longer than a probe waits and the next one after it. */
#define SLACK_MS 5000
#define TIMEOUT_MS 2000
#define INTERVAL_MS 1000

/* What is printed of a run. */
struct run {
	struct shell *sh;
	struct out *o;
	json_int_t id;
	unsigned wait_ms; /* for one event */
	json_t *events;   /* for JSON */
	char line[512];   /* of a hop, while its probes come */
	char from[TEXT_MAX];
	int hop;
};

static void
put_number(json_t *rq, const char *key, const struct syntax_value *v)
{
	if (v->set)
		(void)json_object_set_new(rq, key,
					  json_integer((json_int_t)v->n));
}

static void
put_text(json_t *rq, const char *key, const struct syntax_match *match,
	 enum cmd_arg arg)
{
	char text[TEXT_MAX];

	if (cmd_text(match, arg, text, sizeof(text)) == 0 && text[0] != 0)
		(void)json_object_set_new(rq, key, json_string(text));
}

static json_t *
request(const struct shell *sh, const char *op,
	const struct syntax_match *match)
{
	json_t *rq = json_pack("{s:s, s:s}", "op", op, "context", sh->context);

	put_text(rq, "context", match, CMD_ARG_CONTEXT);
	put_text(rq, "address", match, CMD_ARG_ADDRESS);
	put_text(rq, "source", match, CMD_ARG_SOURCE);
	put_number(rq, "count", &match->values[CMD_ARG_COUNT]);
	put_number(rq, "hops", &match->values[CMD_ARG_HOPS]);
	put_number(rq, "size", &match->values[CMD_ARG_SIZE]);
	put_number(rq, "interval_ms", &match->values[CMD_ARG_INTERVAL]);
	put_number(rq, "timeout_ms", &match->values[CMD_ARG_TIMEOUT]);
	if (match->values[CMD_ARG_DF].set)
		(void)json_object_set_new(rq, "df", json_true());
	return rq;
}

static double
ms_of(const json_t *event, const char *key)
{
	return (double)out_integer(event, key) / 1e6;
}

/* --- ping ----------------------------------------------------------------- */

static void
print_probe(struct run *r, const json_t *e)
{
	const char *result = out_string(e, "result");
	int sequence = (int)out_integer(e, "sequence");
	json_int_t mtu = out_integer(e, "mtu");
	bool from = json_object_get(e, "from") != NULL;
	char more[32] = "";

	if (strcmp(result, "reply") == 0) {
		out_line(r->o,
			 "%" JSON_INTEGER_FORMAT
			 " bytes from %s: icmp_seq=%d ttl=%" JSON_INTEGER_FORMAT
			 " time=%.3f ms",
			 out_integer(e, "octets"), out_string(e, "from"),
			 sequence, out_integer(e, "ttl"), ms_of(e, "time_ns"));
		return;
	}
	if (mtu != 0)
		(void)snprintf(more, sizeof(more),
			       " (mtu %" JSON_INTEGER_FORMAT ")", mtu);
	if (strcmp(result, "timeout") == 0)
		out_line(r->o, "Request timeout for icmp_seq %d", sequence);
	else
		out_line(r->o, "From %s: icmp_seq=%d %s%s",
			 from ? out_string(e, "from") : "this router", sequence,
			 result, more);
}

static void
print_statistics(struct run *r, const json_t *e)
{
	json_int_t sent = out_integer(e, "sent");
	json_int_t received = out_integer(e, "received");
	double lost =
	    sent == 0 ? 0.0 : 100.0 * (double)(sent - received) / (double)sent;

	out_line(r->o, "\n----%s PING Statistics----",
		 out_string(e, "address"));
	out_line(r->o,
		 "%" JSON_INTEGER_FORMAT
		 " packets transmitted, %" JSON_INTEGER_FORMAT
		 " packets received, %.1f%% packet loss",
		 sent, received, lost);
	if (received > 0)
		out_line(r->o, "round-trip min/avg/max = %.3f/%.3f/%.3f ms",
			 ms_of(e, "min_ns"), ms_of(e, "avg_ns"),
			 ms_of(e, "max_ns"));
}

/* --- traceroute ----------------------------------------------------------- */

static void
add(struct run *r, const char *text)
{
	size_t n = strlen(r->line);

	(void)snprintf(r->line + n, sizeof(r->line) - n, "%s", text);
}

static void
end_hop(struct run *r)
{
	if (r->hop != 0)
		out_line(r->o, "%s", r->line);
	r->hop = 0;
}

/* BSD's marks beside the time. */
static const char *
mark_of(const char *result)
{
	static const char *const marks[][2] = {{"net-unreachable", " !N"},
					       {"host-unreachable", " !H"},
					       {"protocol-unreachable", " !P"},
					       {"packet-too-big", " !F"},
					       {"prohibited", " !X"},
					       {"port-unreachable", ""},
					       {"ttl-exceeded", ""}};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (strcmp(marks[i][0], result) == 0)
			return marks[i][1];
	}
	return " !";
}

static void
print_hop(struct run *r, const json_t *e)
{
	const char *result = out_string(e, "result");
	const char *from = out_string(e, "from");
	int hop = (int)out_integer(e, "hop");
	char text[TEXT_MAX];

	if (hop != r->hop) {
		end_hop(r);
		r->hop = hop;
		r->from[0] = 0;
		(void)snprintf(r->line, sizeof(r->line), "%2d ", hop);
	}
	if (strcmp(result, "timeout") == 0) {
		add(r, " *");
		return;
	}
	if (json_object_get(e, "from") == NULL) {
		add(r, " ");
		add(r, result);
		return;
	}
	if (strcmp(from, r->from) != 0) {
		add(r, " ");
		add(r, from);
		(void)snprintf(r->from, sizeof(r->from), "%s", from);
	}
	(void)snprintf(text, sizeof(text), "  %.3f ms%s", ms_of(e, "time_ns"),
		       mark_of(result));
	add(r, text);
}

/* --- both ----------------------------------------------------------------- */

/* One event; true: it was the last. */
static bool
take_event(struct run *r, const json_t *e)
{
	const char *kind = out_string(e, "event");

	if (out_integer(e, "id") != r->id)
		return false;
	r->sh->lines = 0; /* it comes as it comes, not page by page */
	if (r->events != NULL)
		(void)json_array_append(r->events, (json_t *)e);
	else if (strcmp(kind, "ping") == 0)
		print_probe(r, e);
	else if (strcmp(kind, "hop") == 0)
		print_hop(r, e);
	return strcmp(kind, "ping-done") == 0;
}

/* Ctrl-C: no probe more, and the statistics. False: it had ended by itself. */
static bool
stop(struct run *r)
{
	struct ask_error error;
	json_t *data = NULL;
	bool active;

	if (ask(r->sh->ask,
		json_pack("{s:s, s:I}", "op", "ping-stop", "id", r->id), &data,
		&error) != 0)
		return false;
	active = json_is_true(json_object_get(data, "active"));
	json_decref(data);
	return active;
}

/* Until the end: its event, which the caller lets go; or NULL. */
static json_t *
follow(struct run *r)
{
	struct ask_error error;
	json_t *e = NULL;
	bool stopping;

	for (;;) {
		int rc = ask_event(r->sh->ask, r->wait_ms, &e, &error);

		if (rc == 0 && take_event(r, e))
			return e;
		if (rc == 0)
			json_decref(e);
		stopping = rc == -EINTR || (rc == 0 && out_stopped(r->o));
		if (stopping)
			out_resume(r->o);
		if (stopping && !stop(r))
			return NULL;
		if (rc != 0 && rc != -EINTR) {
			exec_refused(r->o, &error, 0);
			return NULL;
		}
	}
}

static json_t *
begin(struct run *r, const char *op, const struct syntax_match *match)
{
	const struct syntax_value *timeout = &match->values[CMD_ARG_TIMEOUT];
	const struct syntax_value *interval = &match->values[CMD_ARG_INTERVAL];
	struct ask_error error;
	json_t *data = NULL;

	r->wait_ms = (timeout->set ? (unsigned)timeout->n : TIMEOUT_MS) +
		     (interval->set ? (unsigned)interval->n : INTERVAL_MS) +
		     SLACK_MS;
	if (ask(r->sh->ask, request(r->sh, op, match), &data, &error) != 0) {
		exec_refused(r->o, &error, 0);
		return NULL;
	}
	r->id = out_integer(data, "id");
	if (out_is_json(r->o))
		r->events = json_array();
	return data;
}

static void
finish(struct run *r, json_t *begun, json_t *end)
{
	if (r->events != NULL) {
		(void)json_object_set_new(begun, "events", r->events);
		out_json(r->o, begun);
	}
	json_decref(begun);
	json_decref(end);
}

void
cmd_ping(struct shell *sh, const struct syntax_match *match, struct out *o)
{
	struct run r = {.sh = sh, .o = o};
	json_t *begun = begin(&r, "ping", match);
	char address[TEXT_MAX];
	json_t *end;

	if (begun == NULL)
		return;
	(void)cmd_text(match, CMD_ARG_ADDRESS, address, sizeof(address));
	if (r.events == NULL)
		out_line(o,
			 "PING %s: source %s, %" JSON_INTEGER_FORMAT
			 " octets a packet",
			 address, out_string(begun, "source"),
			 out_integer(begun, "size"));
	end = follow(&r);
	if (end != NULL && r.events == NULL)
		print_statistics(&r, end);
	finish(&r, begun, end);
}

void
cmd_traceroute(struct shell *sh, const struct syntax_match *match,
	       struct out *o)
{
	struct run r = {.sh = sh, .o = o};
	json_t *begun = begin(&r, "traceroute", match);
	char address[TEXT_MAX];
	json_t *end;

	if (begun == NULL)
		return;
	(void)cmd_text(match, CMD_ARG_ADDRESS, address, sizeof(address));
	if (r.events == NULL)
		out_line(o,
			 "traceroute to %s, %" JSON_INTEGER_FORMAT
			 " hops max, %" JSON_INTEGER_FORMAT " byte packets",
			 address, out_integer(begun, "count"),
			 out_integer(begun, "size"));
	end = follow(&r);
	end_hop(&r);
	finish(&r, begun, end);
}
