/*
 * One SSH connection: libssh speaks the protocol and verifies signatures, the
 * chassis says who may come in, and a session (session.h) is what the client
 * gets, bridged to its channel over a socket pair. Called by sshd.c on the
 * connection's own thread, which polls and never waits for the client: its
 * octets are taken while the session has room for them, and the session's while
 * the channel's window is open (RFC 4254 section 5.2).
 *
 * What is not needed is refused: every channel but one session, subsystems,
 * forwarding, X11, agents.
 */
#include "sshd_conn.h"

#include <errno.h>
#include <libssh/callbacks.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "shell.h"

#define CHUNK 4096
/* Keys that may be asked about before a connection counts as guessing. */
#define KEYS_MAX 16
#define KEY_OCTETS 4096
/* What a client has to take the last octets and close. */
#define LINGER_MS 3000
#define WINDOW_MAX 1000

enum { POLL_SSH, POLL_STOP, POLL_PIPE, POLL_SESSION };
#define POLLS (POLL_SESSION + SESSION_POLLS)

struct conn {
	const struct session_home *home;
	ssh_session ssh;
	ssh_event event;
	ssh_channel channel; /* NULL: none yet; libssh's */
	struct ssh_server_callbacks_struct on_server;
	struct ssh_channel_callbacks_struct on_channel;
	int stop;

	bool exchanged; /* keys: what comes now is sealed */
	bool admitted;
	bool over;
	unsigned failures;
	unsigned keys;
	struct shell who;     /* its ask is NULL before the first question */
	uint64_t deadline_ns; /* 0: none */

	bool tty;
	unsigned rows;
	unsigned columns;
	bool commands;
	struct session *session;
	int pipe; /* our end of what the session has for a client; -1 */
	int status;
	bool closed;                /* the channel, by us */
	char asked[SHELL_NAME_MAX]; /* whose password a prompt asks for */

	char in[CHUNK]; /* from the channel to the session */
	size_t in_octets;
	char out[CHUNK];
	size_t out_octets;
};

/* Nobody has to be asked before there is a name. 0, or over. */
static int
conn_greet(struct conn *c)
{
	struct ask_error error;
	const char *banner;
	char text[1024];
	ssh_string issue;

	if (c->who.ask != NULL)
		return 0;
	shell_init(&c->who, c->home->grammar, NULL, NULL, -1);
	c->who.from = "ssh 127.0.0.1";
	c->over = ask_new(&c->who.ask, c->home->bus, c->home->endpoint,
			  c->stop) != 0 ||
		  shell_hello(&c->who, &error) != 0;
	if (c->over) {
		log_error("sshd: the chassis does not answer");
		return -EIO;
	}
	banner = json_string_value(json_object_get(
	    json_object_get(c->who.settings, "banners"), "login"));
	if (banner == NULL)
		return 0;
	(void)snprintf(text, sizeof(text), "%s\n", banner);
	issue = ssh_string_from_char(text);
	if (issue != NULL)
		(void)ssh_send_issue_banner(c->ssh, issue);
	ssh_string_free(issue);
	return 0;
}

/* Who guesses waits, longer each time, and three times at most. */
static int
conn_failed(struct conn *c, int rc)
{
	struct pollfd item = {.fd = c->stop, .events = POLLIN};

	log_warn("login: refused attempt=%u", c->failures + 1);
	if (rc != -EREMOTEIO ||
	    poll(&item, 1, SHELL_LOGIN_DELAY_MS << c->failures) != 0)
		c->over = true;
	if (++c->failures >= SHELL_LOGIN_ATTEMPTS)
		c->over = true;
	return SSH_AUTH_DENIED;
}

static bool
conn_hears(struct conn *c, const char *user)
{
	return !c->over && !c->admitted && conn_greet(c) == 0 &&
	       strlen(user) < SHELL_NAME_MAX;
}

static int
on_none(ssh_session ssh, const char *user, void *arg)
{
	(void)ssh;
	(void)conn_hears(arg, user);
	return SSH_AUTH_DENIED;
}

static int
on_password(ssh_session ssh, const char *user, const char *password, void *arg)
{
	struct conn *c = arg;
	int rc;

	(void)ssh;
	if (!conn_hears(c, user))
		return SSH_AUTH_DENIED;
	rc = shell_login_password(&c->who, user, password);
	if (rc != 0)
		return conn_failed(c, rc);
	c->admitted = true;
	return SSH_AUTH_SUCCESS;
}

/*
 * The password, asked for with a prompt of ours (RFC 4256). An answer bears no
 * name: it is that of the question.
 */
static int
on_interactive(struct conn *c, ssh_message message)
{
	const char *prompts[] = {"Password: "};
	char hidden[] = {0};
	const char *user = ssh_message_auth_user(message);
	const char *answer;

	if (ssh_message_auth_kbdint_is_response(message)) {
		answer = ssh_userauth_kbdint_getnanswers(c->ssh) == 1
			     ? ssh_userauth_kbdint_getanswer(c->ssh, 0)
			     : NULL;
		if (answer == NULL || on_password(c->ssh, c->asked, answer,
						  c) != SSH_AUTH_SUCCESS)
			return 1;
		return ssh_message_auth_reply_success(message, 0) == SSH_OK ? 0
									    : 1;
	}
	if (user == NULL || !conn_hears(c, user))
		return 1;
	(void)snprintf(c->asked, sizeof(c->asked), "%s", user);
	return ssh_message_auth_interactive_request(message, "", "", 1, prompts,
						    hidden) == SSH_OK
		   ? 0
		   : 1;
}

/* "TYPE BASE64" */
static int
key_text(const ssh_key key, char *text, size_t octets)
{
	const char *type = ssh_key_type_to_char(ssh_key_type(key));
	char *base64 = NULL;
	int n;

	if (type == NULL ||
	    ssh_pki_export_pubkey_base64(key, &base64) != SSH_OK)
		return -EINVAL;
	n = snprintf(text, octets, "%s %s", type, base64);
	ssh_string_free_char(base64);
	return n > 0 && (size_t)n < octets ? 0 : -EINVAL;
}

/*
 * A client first asks whether a key would do (RFC 4252 section 7). Only the
 * state VALID, libssh's word on the signature, lets anybody in.
 */
static int
on_key(ssh_session ssh, const char *user, struct ssh_key_struct *key,
       char state, void *arg)
{
	struct conn *c = arg;
	bool proved = state == SSH_PUBLICKEY_STATE_VALID;
	char text[KEY_OCTETS];
	int rc;

	(void)ssh;
	if ((!proved && state != SSH_PUBLICKEY_STATE_NONE) ||
	    !conn_hears(c, user) || key_text(key, text, sizeof(text)) != 0)
		return SSH_AUTH_DENIED;
	c->over = ++c->keys > KEYS_MAX;
	rc = c->over ? -EACCES : shell_login_key(&c->who, user, text, proved);
	if (rc != 0 && proved)
		return conn_failed(c, rc);
	if (rc != 0)
		return SSH_AUTH_DENIED;
	c->admitted = proved;
	return SSH_AUTH_SUCCESS;
}

static unsigned
window(int n)
{
	return n < 0 ? 0 : n > WINDOW_MAX ? WINDOW_MAX : (unsigned)n;
}

static int
on_window(ssh_session ssh, ssh_channel channel, int columns, int rows,
	  int width, int height, void *arg)
{
	struct conn *c = arg;

	(void)ssh;
	(void)channel;
	(void)width;
	(void)height;
	c->rows = window(rows);
	c->columns = window(columns);
	if (c->session != NULL)
		session_window(c->session, c->rows, c->columns);
	return 0;
}

static int
on_pty(ssh_session ssh, ssh_channel channel, const char *term, int columns,
       int rows, int width, int height, void *arg)
{
	struct conn *c = arg;

	(void)term;
	c->tty = true;
	return on_window(ssh, channel, columns, rows, width, height, arg);
}

/* What the client logged in for. 0, or it is refused. */
static int
conn_session(struct conn *c, const char *commands)
{
	struct session_guest guest = {
	    .kind = commands != NULL ? SESSION_COMMANDS : SESSION_SSH,
	    .who = &c->who,
	    .commands = commands,
	    .line_end = c->tty ? "\r\n" : "\n"};
	int pair[2];

	if (c->session != NULL || c->pipe >= 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		       pair) != 0)
		return -1;
	if (!c->tty)
		c->who.length = 0; /* nobody turns pages */
	if (session_new_guest(&c->session, c->home, &guest, pair[1], pair[1]) !=
	    0) {
		(void)close(pair[0]);
		(void)close(pair[1]);
		return -1;
	}
	c->who = (struct shell){.ask = NULL};
	c->pipe = pair[0];
	c->commands = commands != NULL;
	c->deadline_ns = 0;
	session_window(c->session, c->rows, c->columns);
	return 0;
}

static int
on_shell(ssh_session ssh, ssh_channel channel, void *arg)
{
	(void)ssh;
	(void)channel;
	return conn_session(arg, NULL);
}

static int
on_exec(ssh_session ssh, ssh_channel channel, const char *command, void *arg)
{
	(void)ssh;
	(void)channel;
	return conn_session(arg, command);
}

static ssh_channel
on_open(ssh_session ssh, void *arg)
{
	struct conn *c = arg;

	if (!c->admitted || c->channel != NULL)
		return NULL;
	c->channel = ssh_channel_new(ssh);
	if (c->channel != NULL)
		(void)ssh_set_channel_callbacks(c->channel, &c->on_channel);
	return c->channel;
}

/* Whatever nobody else takes is refused, and not kept. */
static int
on_message(ssh_session ssh, ssh_message message, void *arg)
{
	(void)ssh;
	if (ssh_message_type(message) == SSH_REQUEST_AUTH &&
	    ssh_message_subtype(message) == SSH_AUTH_METHOD_INTERACTIVE)
		return on_interactive(arg, message);
	return 1;
}

static int
conn_init(struct conn *c)
{
	c->on_server = (struct ssh_server_callbacks_struct){
	    .userdata = c,
	    .auth_none_function = on_none,
	    .auth_password_function = on_password,
	    .auth_pubkey_function = on_key,
	    .channel_open_request_session_function = on_open};
	c->on_channel = (struct ssh_channel_callbacks_struct){
	    .userdata = c,
	    .channel_pty_request_function = on_pty,
	    .channel_pty_window_change_function = on_window,
	    .channel_shell_request_function = on_shell,
	    .channel_exec_request_function = on_exec};
	ssh_callbacks_init(&c->on_server);
	ssh_callbacks_init(&c->on_channel);
	ssh_set_blocking(c->ssh, 0);
	ssh_set_auth_methods(c->ssh, SSH_AUTH_METHOD_PASSWORD |
					 SSH_AUTH_METHOD_INTERACTIVE |
					 SSH_AUTH_METHOD_PUBLICKEY);
	ssh_set_message_callback(c->ssh, on_message, c);
	c->event = ssh_event_new();
	return c->event != NULL &&
		       ssh_set_server_callbacks(c->ssh, &c->on_server) == SSH_OK
		   ? 0
		   : -ENOMEM;
}

/* Something came from the network, or may go there. */
static void
conn_network(struct conn *c)
{
	int rc;

	if (!c->exchanged) {
		rc = ssh_handle_key_exchange(c->ssh);
		c->over = rc != SSH_OK && rc != SSH_AGAIN;
		c->exchanged = rc == SSH_OK;
		if (c->exchanged &&
		    ssh_event_add_session(c->event, c->ssh) != SSH_OK)
			c->over = true;
	} else if (ssh_event_dopoll(c->event, 0) == SSH_ERROR) {
		c->over = true;
	}
}

/* From the channel to the session; commands read nothing. */
static void
bridge_in(struct conn *c)
{
	ssize_t n;

	if (c->in_octets == 0) {
		int got =
		    ssh_channel_read_nonblocking(c->channel, c->in, CHUNK, 0);

		c->in_octets = got > 0 ? (size_t)got : 0;
	}
	if (c->commands || c->session == NULL)
		c->in_octets = 0;
	if (c->in_octets > 0) {
		n = send(c->pipe, c->in, c->in_octets,
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			n = (ssize_t)c->in_octets;
		if (n > 0) {
			c->in_octets -= (size_t)n;
			memmove(c->in, c->in + n, c->in_octets);
		}
	}
	if (c->in_octets == 0 && !c->commands && ssh_channel_is_eof(c->channel))
		(void)shutdown(c->pipe, SHUT_WR);
}

/* Everything was said: the status, and the end of the channel. */
static void
bridge_close(struct conn *c)
{
	(void)close(c->pipe);
	c->pipe = -1;
	c->closed = true;
	(void)ssh_channel_request_send_exit_status(c->channel, c->status);
	(void)ssh_channel_send_eof(c->channel);
	(void)ssh_channel_close(c->channel);
	c->deadline_ns = clock_monotonic() + LINGER_MS * CLOCK_MS_NS;
}

/* May the network take more? */
static bool
writable(const struct conn *c)
{
	return ssh_channel_window_size(c->channel) > 0 &&
	       (ssh_get_poll_flags(c->ssh) & SSH_WRITE_PENDING) == 0;
}

/* From the session to the channel. */
static void
bridge_out(struct conn *c)
{
	ssize_t n;
	int sent;

	while (writable(c)) {
		if (c->out_octets == 0) {
			n = recv(c->pipe, c->out, CHUNK, MSG_DONTWAIT);
			if (n < 0)
				return;
			if (n == 0) {
				bridge_close(c);
				return;
			}
			c->out_octets = (size_t)n;
		}
		sent = ssh_channel_write(c->channel, c->out,
					 (uint32_t)c->out_octets);
		if (sent <= 0) {
			c->over = sent < 0 && sent != SSH_AGAIN;
			return;
		}
		c->out_octets -= (size_t)sent;
		memmove(c->out, c->out + sent, c->out_octets);
	}
}

static void
conn_bridge(struct conn *c, const struct pollfd *polls, bool polled)
{
	if (c->pipe < 0)
		return;
	bridge_in(c);
	if (c->session != NULL && polled &&
	    !session_step(c->session, polls + POLL_SESSION)) {
		c->status = session_status(c->session);
		session_free(&c->session);
	}
	bridge_out(c);
	if (!c->closed && ssh_channel_is_closed(c->channel))
		c->over = true; /* ours is closed by the client's leaving */
}

static void
conn_polls(const struct conn *c, struct pollfd polls[POLLS])
{
	int flags = ssh_get_poll_flags(c->ssh);

	for (size_t i = 0; i < POLLS; i++)
		polls[i] = (struct pollfd){.fd = -1};
	polls[POLL_SSH].fd = ssh_get_fd(c->ssh);
	polls[POLL_SSH].events = POLLIN;
	if ((flags & SSH_WRITE_PENDING) != 0)
		polls[POLL_SSH].events |= POLLOUT;
	polls[POLL_STOP] = (struct pollfd){.fd = c->stop, .events = POLLIN};
	if (c->pipe >= 0 && c->in_octets > 0)
		polls[POLL_PIPE].events |= POLLOUT;
	if (c->pipe >= 0 && writable(c))
		polls[POLL_PIPE].events |= POLLIN;
	if (polls[POLL_PIPE].events != 0)
		polls[POLL_PIPE].fd = c->pipe;
	if (c->session != NULL)
		session_polls(c->session, polls + POLL_SESSION);
}

/* How long to wait: up to the deadline, -1 without one. */
static int
conn_patience(const struct conn *c)
{
	uint64_t now = clock_monotonic();

	if (c->deadline_ns == 0)
		return -1;
	return now >= c->deadline_ns
		   ? 0
		   : (int)((c->deadline_ns - now) / CLOCK_MS_NS) + 1;
}

static void
conn_run(struct conn *c)
{
	struct pollfd polls[POLLS];

	conn_network(c); /* says who we are */
	while (!c->over && (ssh_get_status(c->ssh) & SSH_CLOSED) == 0) {
		bool polled = c->session != NULL;
		int patience = conn_patience(c);

		conn_polls(c, polls);
		if (patience == 0 || polls[POLL_SSH].fd < 0)
			break;
		if (poll(polls, POLLS, patience) < 0)
			continue;
		if (polls[POLL_STOP].revents != 0)
			break;
		if (polls[POLL_SSH].revents != 0)
			conn_network(c);
		conn_bridge(c, polls, polled);
	}
}

void
sshd_conn_serve(ssh_session ssh, const struct session_home *home,
		unsigned login_seconds, int stop)
{
	struct conn c = {.home = home, .ssh = ssh, .stop = stop, .pipe = -1};

	c.deadline_ns =
	    clock_monotonic() + login_seconds * 1000ULL * CLOCK_MS_NS;
	if (conn_init(&c) == 0)
		conn_run(&c);
	session_free(&c.session);
	shell_fini(&c.who);
	if (c.pipe >= 0)
		(void)close(c.pipe);
	if (c.event != NULL && c.exchanged)
		(void)ssh_event_remove_session(c.event, ssh);
	ssh_event_free(c.event);
	ssh_disconnect(ssh);
	ssh_free(ssh);
}
