/*
 * The dispatch of requests. A client is known by its control channel; its
 * configuration session, if it has one, lives as long as it is heard of or
 * until it says that it leaves.
 */
#include "client.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "asps.h"
#include "capture.h"
#include "clock.h"
#include "commit.h"
#include "debug.h"
#include "events.h"
#include "journey.h"
#include "log.h"
#include "login.h"
#include "ping.h"
#include "rounds.h"
#include "running.h"
#include "tree.h"

#define DEFERRED_MAX 1024
#define NO_REQUEST UINT32_MAX
#define REQUEST_OCTETS_MAX (4U << 20)

struct client {
	struct bus_peer peer; /* hash key: octets and length */
	struct session *session;
	UT_hash_handle hh;
};

struct deferred {
	struct bus_peer peer;
	uint32_t number;
	json_t *request;
	struct deferred *next;
};

struct clients {
	struct client *all;
	struct deferred *first;
	struct deferred **last;
	unsigned ndeferred;
	uint32_t asked; /* the number of what is being answered */
	json_t *cli;
};

int
clients_new(struct clients **out)
{
	struct clients *clients = calloc(1, sizeof(*clients));

	if (clients == NULL)
		return -ENOMEM;
	clients->last = &clients->first;
	*out = clients;
	return 0;
}

static void
client_free(struct clients *clients, struct client *client)
{
	HASH_DEL(clients->all, client);
	session_free(&client->session);
	free(client);
}

void
clients_free(struct clients **at)
{
	struct clients *clients = *at;
	struct client *client;
	struct client *next;

	if (clients == NULL)
		return;
	HASH_ITER(hh, clients->all, client, next) {
		client_free(clients, client);
	}
	while (clients->first != NULL) {
		struct deferred *d = clients->first;

		clients->first = d->next;
		json_decref(d->request);
		free(d);
	}
	json_decref(clients->cli);
	free(clients);
	*at = NULL;
}

/*
 * Sessions are the command line's; other clients have none. Where the command
 * line died, nobody will say bye for them.
 */
void
clients_cli_gone(struct clients *clients)
{
	struct client *client;
	struct client *next;

	HASH_ITER(hh, clients->all, client, next) {
		if (client->session != NULL)
			client_free(clients, client);
	}
}

/*
 * A client that was killed says no bye, and what it was sent says nothing
 * either; but the socket knows that nobody is there any more. The number is
 * that of no request, so a client that lives takes no notice.
 */
void
clients_bury(struct chs *chs)
{
	struct client *client;
	struct client *next;

	HASH_ITER(hh, chs->clients->all, client, next) {
		if (client->session == NULL ||
		    client_piece(chs, &client->peer, NO_REQUEST,
				 json_object()) != -EHOSTUNREACH)
			continue;
		log_info("client: gone without a word, its session ends");
		ping_forget(chs, &client->peer);
		client_free(chs->clients, client);
	}
}

const json_t *
clients_cli(const struct clients *clients)
{
	return clients->cli;
}

json_t *
clients_ready(struct chs *chs)
{
	json_t *line =
	    json_pack("{s:b, s:s, s:i}", "ready", 1, "name", chs->args->name,
		      "generation", (int)chs->generation);

	if (chs->clients->cli != NULL)
		(void)json_object_set(line, "cli", chs->clients->cli);
	return line;
}

static struct client *
client_of(struct clients *clients, const struct bus_peer *peer)
{
	struct client *client;

	HASH_FIND(hh, clients->all, peer, sizeof(*peer), client);
	if (client != NULL)
		return client;
	client = calloc(1, sizeof(*client));
	if (client == NULL)
		return NULL;
	client->peer = *peer;
	HASH_ADD(hh, clients->all, peer, sizeof(client->peer), client);
	return client;
}

json_t *
client_ok(json_t *data)
{
	if (data == NULL)
		data = json_object();
	return json_pack("{s:b, s:o}", "ok", 1, "data", data);
}

json_t *
client_error(const char *kind, int column, const char *format, ...)
{
	char text[1024];
	va_list args;
	json_t *error;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	error = json_pack("{s:s, s:s}", "kind", kind, "text", text);
	if (column >= 0)
		(void)json_object_set_new(error, "column",
					  json_integer(column));
	return json_pack("{s:b, s:o}", "ok", 0, "error", error);
}

static int
send_json(struct chs *chs, const struct bus_peer *peer, enum ctl_type type,
	  uint32_t number, json_t *json)
{
	struct ctl_request head = {.number = be32_put(number)};
	char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
	int err = -ENOMEM;

	if (text != NULL)
		err = ctl_send(chs->ctl, peer, 0, type, &head, text,
			       strlen(text));
	free(text);
	json_decref(json);
	return err;
}

void
client_event(struct chs *chs, const struct bus_peer *peer, json_t *event)
{
	(void)send_json(chs, peer, CTL_EVENT, 0, event);
}

int
client_piece(struct chs *chs, const struct bus_peer *peer, uint32_t number,
	     json_t *piece)
{
	return send_json(chs, peer, CTL_EVENT, number, piece);
}

uint32_t
client_asked(const struct chs *chs)
{
	return chs->clients->asked;
}

/* The client's session, made where it has none; NULL without memory. */
static struct session *
client_session(struct client *client)
{
	if (client->session == NULL)
		client->session = session_new(&client->peer);
	return client->session;
}

static json_t *
op_hello(struct chs *chs, struct client *client, const json_t *rq)
{
	const char *user = json_string_value(json_object_get(rq, "user"));
	const char *from = json_string_value(json_object_get(rq, "from"));

	if (user != NULL && client_session(client) != NULL)
		session_name(client->session, user, from != NULL ? from : "-");
	return client_ok(terminal_settings(chs));
}

/* What the client had is let go once it is answered. */
static json_t *
op_bye(struct chs *chs, struct client *client, const json_t *rq)
{
	(void)chs;
	(void)client;
	(void)rq;
	return client_ok(NULL);
}

static json_t *
op_listening(struct chs *chs, struct client *client, const json_t *rq)
{
	json_t *where = json_deep_copy(rq);

	(void)client;
	(void)json_object_del(where, "op");
	json_decref(chs->clients->cli);
	chs->clients->cli = where;
	if (json_object_get(where, "error") == NULL)
		chs->cli.state = PROC_UP;
	return client_ok(NULL);
}

/* Something of every session, in the order of their first words. */
static json_t *
show_sessions(struct chs *chs, const char *name,
	      void (*each)(const struct session *s, json_t *list))
{
	json_t *list = json_array();
	struct client *client;
	struct client *next;

	HASH_ITER(hh, chs->clients->all, client, next) {
		if (client->session != NULL)
			each(client->session, list);
	}
	return json_pack("{s:o, s:i, s:i}", name, list, "generation",
			 (int)chs->generation, "rollback_s",
			 (int)commit_confirm_left(chs));
}

static json_t *
show_commits(struct chs *chs)
{
	const struct history *h = commit_history(chs);
	const struct history_entry *e;
	json_t *list = json_array();

	for (unsigned i = 0; (e = history_get(h, i)) != NULL; i++)
		(void)json_array_append_new(
		    list,
		    json_pack("{s:i, s:i, s:I, s:s, s:s, s:s}", "commits",
			      (int)i, "generation", (int)e->generation, "since",
			      (json_int_t)(e->time_ns / CLOCK_SECOND_NS),
			      "user", e->who, "from", e->from, "comment",
			      e->comment));
	return json_pack("{s:o}", "commits", list);
}

static json_t *
op_show(struct chs *chs, struct client *client, const json_t *rq)
{
	const char *topic = json_string_value(json_object_get(rq, "topic"));
	json_t *data;

	(void)client;
	if (topic != NULL &&
	    (strcmp(topic, "transaction") == 0 || strcmp(topic, "users") == 0))
		clients_bury(chs);
	if (topic != NULL && strcmp(topic, "transaction") == 0)
		data = show_sessions(chs, "transactions", session_transaction);
	else if (topic != NULL && strcmp(topic, "users") == 0)
		data = show_sessions(chs, "users", session_user);
	else if (topic != NULL && strcmp(topic, "commits") == 0)
		data = show_commits(chs);
	else if (topic != NULL && strcmp(topic, "log") == 0)
		data = events_json(chs->events,
				   (uint64_t)json_integer_value(json_object_get(
				       json_object_get(rq, "args"), "since")));
	else
		data = show_topic(chs, topic != NULL ? topic : "",
				  json_object_get(rq, "args"));
	if (data == NULL)
		return client_error("invalid", -1, "nothing to show of that");
	if (json_object_get(data, "error") != NULL) {
		json_t *error = client_error(
		    "invalid", -1, "%s",
		    json_string_value(json_object_get(data, "error")));

		json_decref(data);
		return error;
	}
	return client_ok(data);
}

static json_t *
op_clear(struct chs *chs, struct client *client, const json_t *rq)
{
	const char *topic = json_string_value(json_object_get(rq, "topic"));
	int err = clear_topic(chs, topic != NULL ? topic : "",
			      json_object_get(rq, "args"));

	(void)client;
	if (err == 0)
		return client_ok(NULL);
	return client_error(err == -ENOENT ? "invalid" : "machine", -1, "%s",
			    err == -ENOENT ? "nothing to clear of that"
					   : "out of memory");
}

static json_t *
op_status(struct chs *chs, struct client *client, const json_t *rq)
{
	(void)client;
	(void)rq;
	return client_ok(show_status(chs));
}

/* Logs what the answer to a login is, and names the session it begins. */
static json_t *
login_told(struct chs *chs, struct client *client, const json_t *rq,
	   json_t *answer)
{
	const char *from = json_string_value(json_object_get(rq, "from"));
	const char *name = json_string_value(json_object_get(rq, "name"));
	bool ok = json_is_true(json_object_get(answer, "ok"));

	event_add(chs, ok ? EVENT_INFO : EVENT_WARNING, "AAA",
		  ok ? "LOGIN" : "LOGINFAIL", "%s from %s: %s",
		  name != NULL ? name : "?", from != NULL ? from : "?",
		  ok ? "logged in" : "login refused");

	if (json_is_true(json_object_get(answer, "ok")) &&
	    client_session(client) != NULL)
		session_name(client->session,
			     json_string_value(json_object_get(rq, "name")),
			     from != NULL ? from : "-");
	return answer;
}

static json_t *
op_login(struct chs *chs, struct client *client, const json_t *rq)
{
	return login_told(chs, client, rq, login_check(chs, rq));
}

/*
 * A key that was only asked about is no login: a client may hold many and asks
 * for each before it signs.
 */
static json_t *
op_login_key(struct chs *chs, struct client *client, const json_t *rq)
{
	json_t *answer = login_key(chs, rq);

	if (!json_is_true(json_object_get(rq, "proved")))
		return answer;
	return login_told(chs, client, rq, answer);
}

static json_t *
op_clear_log(struct chs *chs, struct client *client, const json_t *rq)
{
	(void)client;
	(void)rq;
	events_clear(chs->events);
	return client_ok(NULL);
}

static json_t *
op_enable(struct chs *chs, struct client *client, const json_t *rq)
{
	(void)client;
	return login_enable(chs, rq);
}

static json_t *
op_debug(struct chs *chs, struct client *client, const json_t *rq)
{
	(void)client;
	return debug_request(chs, rq);
}

static json_t *
op_trace(struct chs *chs, struct client *client, const json_t *rq)
{
	(void)client;
	return journey_request(chs, rq);
}

static json_t *
op_capture(struct chs *chs, struct client *client, const json_t *rq)
{
	(void)client;
	return capture_request(chs, rq);
}

static json_t *
op_reload(struct chs *chs, struct client *client, const json_t *rq)
{
	(void)client;
	return asps_reload(chs, rq);
}

static json_t *
op_asp_shutdown(struct chs *chs, struct client *client, const json_t *rq)
{
	(void)client;
	return asps_shutdown(chs, rq);
}

static json_t *
op_ping(struct chs *chs, struct client *client, const json_t *rq)
{
	return ping_begin(chs, &client->peer, rq);
}

static json_t *
op_traceroute(struct chs *chs, struct client *client, const json_t *rq)
{
	return trace_begin(chs, &client->peer, rq);
}

static json_t *
op_ping_stop(struct chs *chs, struct client *client, const json_t *rq)
{
	return ping_stop(chs, &client->peer, rq);
}

static json_t *
op_replay(struct chs *chs, struct client *client, const json_t *rq)
{
	char why[512] = "the replay can not begin";
	int status;
	json_t *error;

	if (!chs->args->replay)
		return client_error("invalid", -1,
				    "this router was not started for a replay");
	if (rounds_begin(chs, rq, &client->peer, &status, why, sizeof(why)) ==
	    0)
		return client_ok(NULL);
	error = client_error("invalid", -1, "%s", why);
	(void)json_object_set_new(json_object_get(error, "error"), "exit",
				  json_integer(status));
	return error;
}

static json_t *
op_replay_stop(struct chs *chs, struct client *client, const json_t *rq)
{
	(void)client;
	(void)rq;
	rounds_stop(chs);
	return client_ok(NULL);
}

/* The operations of configuration sessions get the client's session. */
typedef json_t *session_fn(struct chs *chs, struct session *s,
			   const json_t *rq);

struct op {
	const char *name;
	json_t *(*handle)(struct chs *chs, struct client *client,
			  const json_t *rq);
	session_fn *session;
};

static const struct op ops[] = {
    {"hello", op_hello, NULL},
    {"bye", op_bye, NULL},
    {"listening", op_listening, NULL},
    {"login", op_login, NULL},
    {"login-key", op_login_key, NULL},
    {"enable", op_enable, NULL},
    {"clear-log", op_clear_log, NULL},
    {"show", op_show, NULL},
    {"clear", op_clear, NULL},
    {"status", op_status, NULL},
    {"debug", op_debug, NULL},
    {"reload", op_reload, NULL},
    {"asp-shutdown", op_asp_shutdown, NULL},
    {"ping", op_ping, NULL},
    {"traceroute", op_traceroute, NULL},
    {"ping-stop", op_ping_stop, NULL},
    {"trace", op_trace, NULL},
    {"capture", op_capture, NULL},
    {"replay", op_replay, NULL},
    {"replay-stop", op_replay_stop, NULL},
    {"configure", NULL, session_configure},
    {"line", NULL, session_line},
    {"mode-exit", NULL, session_mode_exit},
    {"commit", NULL, session_commit},
    {"load", NULL, session_load},
    {"rollback", NULL, session_rollback},
    {"abort", NULL, session_abort},
    {"end", NULL, session_end},
    {"configuration", NULL, session_configuration},
};

static json_t *
dispatch(struct chs *chs, struct client *client, const json_t *rq)
{
	const char *name = json_string_value(json_object_get(rq, "op"));

	for (size_t i = 0; name != NULL && i < sizeof(ops) / sizeof(ops[0]);
	     i++) {
		if (strcmp(ops[i].name, name) != 0)
			continue;
		if (ops[i].handle != NULL)
			return ops[i].handle(chs, client, rq);
		if (client_session(client) == NULL)
			return client_error("machine", -1, "out of memory");
		return ops[i].session(chs, client->session, rq);
	}
	return client_error("invalid", -1, "no such operation");
}

static void
handle(struct chs *chs, const struct bus_peer *peer, uint32_t number,
       const json_t *rq)
{
	struct client *client = client_of(chs->clients, peer);

	const char *op = json_string_value(json_object_get(rq, "op"));

	if (client == NULL)
		return;
	chs->clients->asked = number;
	if (send_json(chs, peer, CTL_REPLY, number,
		      dispatch(chs, client, rq)) != 0)
		log_info("client: gone before it was answered");
	if (op != NULL && strcmp(op, "bye") == 0) {
		ping_forget(chs, peer);
		client_free(chs->clients, client);
	}
}

static void
defer(struct clients *clients, const struct bus_peer *peer, uint32_t number,
      json_t *rq)
{
	struct deferred *d =
	    clients->ndeferred >= DEFERRED_MAX ? NULL : calloc(1, sizeof(*d));

	if (d == NULL) {
		json_decref(rq);
		return;
	}
	*d = (struct deferred){.peer = *peer, .number = number, .request = rq};
	*clients->last = d;
	clients->last = &d->next;
	clients->ndeferred++;
}

void
clients_request(struct chs *chs, const struct ctl_in *in)
{
	const struct ctl_request *head = in->body;
	json_t *rq = NULL;
	const char *op;

	if (in->tail_octets <= REQUEST_OCTETS_MAX)
		rq = json_loadb((const char *)in->tail, in->tail_octets, 0,
				NULL);
	if (!json_is_object(rq)) {
		json_decref(rq);
		(void)send_json(
		    chs, &in->peer, CTL_REPLY, be32_get(head->number),
		    client_error("invalid", -1, "not a JSON object"));
		return;
	}
	op = json_string_value(json_object_get(rq, "op"));
	/* Where the command line listens is waited for itself. */
	if (chs->waiting > 0 && (op == NULL || strcmp(op, "listening") != 0)) {
		defer(chs->clients, &in->peer, be32_get(head->number), rq);
		return;
	}
	handle(chs, &in->peer, be32_get(head->number), rq);
	json_decref(rq);
}

void
clients_deferred(struct chs *chs)
{
	struct clients *clients = chs->clients;

	while (clients->first != NULL) {
		struct deferred *d = clients->first;

		clients->first = d->next;
		clients->ndeferred--;
		if (clients->first == NULL)
			clients->last = &clients->first;
		handle(chs, &d->peer, d->number, d->request);
		json_decref(d->request);
		free(d);
	}
}
