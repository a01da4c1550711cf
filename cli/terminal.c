/*
 * The loop of the terminal line. Called by main.c. It owns listeners and
 * sessions and moves octets; what a session does is done on the session's
 * thread, so one that waits holds up no other. What comes by SSH is handed on
 * to sshd.c.
 */
#include "terminal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "grammar.h"
#include "listen.h"
#include "log.h"
#include "session.h"
#include "sshd.h"

#define LISTENERS 3
#define TELL_ATTEMPTS 60
#define POLLS_MAX                                                              \
	(LISTENERS + SSHD_CONNECTIONS_MAX +                                    \
	 TERMINAL_SESSIONS_MAX * SESSION_POLLS)

struct terminal {
	const struct terminal_args *args;
	struct grammar *grammar;
	struct session_home home;
	int unix_fd;
	int telnet_fd;
	int telnet_port;
	int ssh_fd;
	int ssh_port;
	struct sshd *sshd;
	struct session *sessions[TERMINAL_SESSIONS_MAX];
	size_t n_sessions;
	char why[160]; /* it can not listen; "" */
};

/* A port of loopback, if one is wanted, and its file. */
static int
port_open(struct terminal *t, const char *what, int wanted, const char *file,
	  int *fd, int *port)
{
	int rc;

	if (wanted < 0)
		return 0;
	rc = listen_loopback(wanted, fd, port);
	if (rc == 0 && file != NULL)
		rc = listen_port_file(file, *port);
	if (rc != 0)
		(void)snprintf(t->why, sizeof(t->why), "%s on 127.0.0.1:%d: %s",
			       what, wanted, strerror(-rc));
	return rc;
}

static int
listeners_open(struct terminal *t)
{
	const struct terminal_args *args = t->args;
	int rc = 0;

	if (args->socket_path != NULL)
		rc = listen_unix(args->socket_path, &t->unix_fd);
	if (rc != 0) {
		(void)snprintf(t->why, sizeof(t->why), "%s: %s",
			       args->socket_path, strerror(-rc));
		return rc;
	}
	rc = port_open(t, "telnet", args->telnet_port, args->port_file,
		       &t->telnet_fd, &t->telnet_port);
	if (rc == 0 && args->ssh_port >= 0)
		rc = sshd_new(&t->sshd, &t->home, (unsigned)args->login_seconds,
			      t->why, sizeof(t->why));
	if (rc == 0)
		rc = port_open(t, "ssh", args->ssh_port, args->ssh_port_file,
			       &t->ssh_fd, &t->ssh_port);
	return rc;
}

/* Lets a signal that came meanwhile be delivered. */
static bool
quitting(const struct terminal *t)
{
	static const struct timespec now = {0, 0};

	(void)ppoll(NULL, 0, &now, t->args->wait_mask);
	return *t->args->quit != 0;
}

static void
add_port(json_t *where, const char *name, int fd, int port)
{
	if (where != NULL && fd >= 0)
		(void)json_object_set_new(where, name,
					  json_sprintf("127.0.0.1:%d", port));
}

/* Where we listen, or why not. */
static json_t *
listening(const struct terminal *t)
{
	json_t *where =
	    json_pack("{s:s,s:s}", "op", "listening", "socket",
		      t->args->socket_path != NULL ? t->args->socket_path : "");

	add_port(where, "telnet", t->telnet_fd, t->telnet_port);
	add_port(where, "ssh", t->ssh_fd, t->ssh_port);
	if (where != NULL && t->why[0] != '\0')
		(void)json_object_set_new(where, "error", json_string(t->why));
	return where;
}

/* Tells the chassis, which waits for that when it starts. */
static int
tell_chassis(struct terminal *t)
{
	struct ask_error error;
	struct ask *a = NULL;
	json_t *data = NULL;
	int rc = ask_new(&a, t->home.bus, t->home.endpoint, -1);

	if (rc != 0)
		return rc;
	ask_leave(a); /* short waits, so that a signal is heard */
	rc = -ETIMEDOUT;
	for (int i = 0; i < TELL_ATTEMPTS && rc == -ETIMEDOUT; i++) {
		if (quitting(t))
			break;
		rc = ask(a, listening(t), &data, &error);
	}
	if (rc != 0 && *t->args->quit == 0)
		log_error("terminal: the chassis does not answer: %s",
			  error.text);
	json_decref(data);
	ask_free(&a);
	return rc;
}

static void
session_add(struct terminal *t, enum session_kind kind, int in, int out)
{
	static const char full[] = "% Too many sessions\r\n";
	struct session *s = NULL;
	int rc = -EUSERS;

	if (t->n_sessions < TERMINAL_SESSIONS_MAX)
		rc = session_new(&s, &t->home, kind, in, out);
	if (rc == 0) {
		t->sessions[t->n_sessions++] = s;
		return;
	}
	log_warn("terminal: session refused rc=%d", rc);
	if (write(out, full, strlen(full)) < 0)
		log_debug("terminal: refused client is gone");
	(void)close(in);
	if (out != in)
		(void)close(out);
}

static void
clients_take(struct terminal *t, const struct pollfd polls[LISTENERS])
{
	int client;

	if (polls[0].revents != 0) {
		int rc = listen_accept_unix(t->unix_fd, &client);

		if (rc == 0)
			session_add(t, SESSION_LOCAL, client, client);
		else if (rc == -EPERM)
			log_warn("terminal: client of another user refused");
	}
	if (polls[1].revents != 0 &&
	    listen_accept_tcp(t->telnet_fd, &client) == 0)
		session_add(t, SESSION_TELNET, client, client);
	if (polls[2].revents != 0 && listen_accept_tcp(t->ssh_fd, &client) == 0)
		sshd_take(t->sshd, client);
}

/* Steps the first n sessions, which are the ones that were polled. */
static void
sessions_step(struct terminal *t, const struct pollfd *polls, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->n_sessions; i++) {
		struct session *s = t->sessions[i];

		if (i < n && !session_step(s, polls + i * SESSION_POLLS))
			session_free(&s);
		else
			t->sessions[kept++] = s;
	}
	t->n_sessions = kept;
}

static void
listeners_poll(const struct terminal *t, struct pollfd polls[LISTENERS])
{
	polls[0] = (struct pollfd){.fd = t->unix_fd, .events = POLLIN};
	polls[1] = (struct pollfd){.fd = t->telnet_fd, .events = POLLIN};
	polls[2] = (struct pollfd){.fd = t->ssh_fd, .events = POLLIN};
}

static int
loop(struct terminal *t)
{
	struct pollfd *polls = calloc(POLLS_MAX, sizeof(*polls));
	struct pollfd *ssh = polls + LISTENERS;

	if (polls == NULL)
		return -ENOMEM;
	while (*t->args->quit == 0) {
		size_t n = t->n_sessions;
		size_t nssh = sshd_polls(t->sshd, ssh);
		struct pollfd *rest = ssh + nssh;

		if (t->args->on_stdin && n == 0)
			break;
		listeners_poll(t, polls);
		for (size_t i = 0; i < n; i++)
			session_polls(t->sessions[i], rest + i * SESSION_POLLS);
		if (ppoll(polls, LISTENERS + nssh + n * SESSION_POLLS, NULL,
			  t->args->wait_mask) < 0)
			continue; /* a signal; whether to leave is said above */
		sessions_step(t, rest, n);
		sshd_step(t->sshd, ssh, nssh);
		clients_take(t, polls);
	}
	free(polls);
	return 0;
}

static void
terminal_fini(struct terminal *t)
{
	while (t->n_sessions > 0)
		session_free(&t->sessions[--t->n_sessions]);
	if (t->unix_fd >= 0) {
		(void)close(t->unix_fd);
		(void)unlink(t->args->socket_path);
	}
	if (t->telnet_fd >= 0)
		(void)close(t->telnet_fd);
	if (t->args->port_file != NULL && t->telnet_fd >= 0)
		(void)unlink(t->args->port_file);
	sshd_free(&t->sshd);
	if (t->ssh_fd >= 0)
		(void)close(t->ssh_fd);
	if (t->args->ssh_port_file != NULL && t->ssh_fd >= 0)
		(void)unlink(t->args->ssh_port_file);
	grammar_free(&t->grammar);
}

int
terminal_run(const struct terminal_args *args)
{
	struct terminal t = {
	    .args = args, .unix_fd = -1, .telnet_fd = -1, .ssh_fd = -1};
	int told = 0;
	int rc = grammar_new(&t.grammar);

	if (rc != 0) {
		log_error("terminal: command table rc=%d", rc);
		return 3;
	}
	t.home = (struct session_home){.grammar = t.grammar,
				       .bus = args->bus,
				       .endpoint = args->endpoint,
				       .run_dir = args->run_dir};
	rc = listeners_open(&t);
	if (rc != 0)
		log_error("terminal: cannot listen: %s", t.why);
	if (rc != 0 || t.unix_fd >= 0 || t.telnet_fd >= 0 || t.ssh_fd >= 0)
		told = tell_chassis(&t);
	if (rc == 0)
		rc = told;
	if (rc == 0 && args->on_stdin)
		session_add(&t, SESSION_LOCAL, dup(STDIN_FILENO),
			    dup(STDOUT_FILENO));
	if (rc == 0)
		rc = loop(&t);
	terminal_fini(&t);
	return rc == 0 || *args->quit != 0 ? 0 : 3;
}
