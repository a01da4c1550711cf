/*
 * Octets between a client, the proxy and the shell's thread. Called by the loop
 * of terminal.c. The thread owns its end of the socket pair, its DEALER and its
 * struct shell; the loop owns everything else, so they share nothing but the
 * pair (and the proxy's window size, which is atomic).
 */
#include "session.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "shell.h"
#include "shell_commands.h"

#define CHUNK 4096

enum { POLL_IN, POLL_OUT, POLL_SHELL };

struct session {
	struct session_home home;
	enum session_kind kind;
	struct shell who; /* SSH: as logged in, until the thread runs */
	char *commands;
	const char *line_end;
	atomic_int status;
	struct proxy *proxy;
	int in;
	int out;
	int shell;     /* our end of the pair */
	int thread_fd; /* the thread's, until it runs */
	pthread_t thread;
	bool eof;        /* the client sends no more */
	bool gone;       /* and reads no more */
	bool told;       /* the shell knows that nothing more comes */
	bool shell_over; /* the shell writes no more */
};

/* What stands between the first octet and the first prompt. 0: it may. */
static int
thread_greet(struct session *s, struct shell *sh)
{
	static const char sorry[] = "% The controller does not answer\r\n";
	struct ask_error error;

	if (sh->settings == NULL && shell_hello(sh, &error) != 0) {
		(void)shell_write(sh, sorry, strlen(sorry));
		return -EIO;
	}
	if (s->kind == SESSION_TELNET) {
		sh->privilege = sh->privilege_start = 6;
		shell_banner(sh, "login");
		if (shell_login(sh) != 0)
			return -EACCES;
	}
	if (s->kind == SESSION_TELNET || s->kind == SESSION_SSH)
		shell_banner(sh, "motd");
	return 0;
}

static void
thread_talk(struct session *s, struct shell *sh)
{
	if (thread_greet(s, sh) != 0) {
		(void)close(sh->fd);
	} else if (s->kind == SESSION_COMMANDS) {
		if (shell_commands(sh, s->commands, s->line_end) != 0)
			atomic_store(&s->status, 1);
		(void)close(sh->fd);
	} else {
		shell_run(sh);
	}
}

/* The shell of who comes unknown, or of a guest. */
static int
thread_shell(struct session *s, struct shell *sh)
{
	struct ask *a = NULL;
	int rc;

	if (s->kind == SESSION_SSH || s->kind == SESSION_COMMANDS) {
		*sh = s->who;
		sh->fd = s->thread_fd;
		sh->proxy = s->proxy;
		ask_watch(sh->ask, sh->fd);
		return 0;
	}
	rc = ask_new(&a, s->home.bus, s->home.endpoint, s->thread_fd);
	if (rc == 0)
		shell_init(sh, s->home.grammar, s->proxy, a, s->thread_fd);
	return rc;
}

/* The thread: lives as long as its session talks. */
static void *
thread_run(void *arg)
{
	struct session *s = arg;
	struct shell sh;

	log_name("cli");
	if (thread_shell(s, &sh) != 0) {
		log_error("session: no channel to the chassis");
		(void)close(s->thread_fd);
		return NULL;
	}
	sh.run_dir = s->home.run_dir;
	sh.owner = s->kind == SESSION_LOCAL;
	sh.batch = s->kind == SESSION_COMMANDS;
	thread_talk(s, &sh);
	shell_fini(&sh);
	return NULL;
}

/* Closes no descriptor of the client. */
static void
session_drop(struct session *s)
{
	proxy_free(&s->proxy);
	free(s->commands);
	free(s);
}

static enum proxy_kind
proxy_of(enum session_kind kind)
{
	return kind == SESSION_TELNET  ? PROXY_TELNET
	       : kind == SESSION_LOCAL ? PROXY_LOCAL
				       : PROXY_SSH;
}

/* The pair, the thread at its end, and with that it runs. */
static int
session_start(struct session *s)
{
	int pair[2];
	int rc;

	s->proxy = proxy_new(proxy_of(s->kind));
	if (s->proxy == NULL)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return -errno;
	s->shell = pair[0];
	s->thread_fd = pair[1];
	rc = -pthread_create(&s->thread, NULL, thread_run, s);
	if (rc == 0)
		return 0;
	(void)close(pair[0]);
	(void)close(pair[1]);
	return rc;
}

int
session_new(struct session **session, const struct session_home *home,
	    enum session_kind kind, int in, int out)
{
	struct session_guest nobody = {.kind = kind};

	return session_new_guest(session, home, &nobody, in, out);
}

int
session_new_guest(struct session **session, const struct session_home *home,
		  const struct session_guest *guest, int in, int out)
{
	struct session *s = calloc(1, sizeof(*s));
	int rc = 0;

	if (s == NULL)
		return -ENOMEM;
	s->home = *home;
	s->kind = guest->kind;
	s->in = in;
	s->out = out;
	s->line_end = guest->line_end;
	if (guest->who != NULL)
		s->who = *guest->who;
	if (guest->commands != NULL) {
		s->commands = strdup(guest->commands);
		rc = s->commands != NULL ? 0 : -ENOMEM;
	}
	if (rc == 0)
		rc = session_start(s);
	if (rc != 0) {
		session_drop(s);
		return rc;
	}
	*session = s;
	return 0;
}

void
session_free(struct session **session)
{
	struct session *s = *session;

	if (s == NULL)
		return;
	(void)shutdown(s->shell, SHUT_RDWR);
	(void)pthread_join(s->thread, NULL);
	(void)close(s->shell);
	(void)close(s->in);
	if (s->out != s->in)
		(void)close(s->out);
	session_drop(s);
	*session = NULL;
}

void
session_window(struct session *s, unsigned rows, unsigned columns)
{
	proxy_resize(s->proxy, rows, columns);
}

int
session_status(const struct session *s)
{
	return atomic_load(&s->status);
}

void
session_polls(const struct session *s, struct pollfd polls[SESSION_POLLS])
{
	size_t n;

	memset(polls, 0, SESSION_POLLS * sizeof(*polls));
	polls[POLL_IN].fd = s->eof || s->gone || s->shell_over ||
				    proxy_client_room(s->proxy) == 0
				? -1
				: s->in;
	polls[POLL_IN].events = POLLIN;
	(void)proxy_to_client(s->proxy, &n);
	polls[POLL_OUT].fd = n == 0 || s->gone ? -1 : s->out;
	polls[POLL_OUT].events = POLLOUT;
	(void)proxy_to_shell(s->proxy, &n);
	if (n > 0 && !s->told)
		polls[POLL_SHELL].events = POLLOUT;
	if (proxy_shell_room(s->proxy) > 0)
		polls[POLL_SHELL].events |= POLLIN;
	polls[POLL_SHELL].fd =
	    s->shell_over || polls[POLL_SHELL].events == 0 ? -1 : s->shell;
}

static void
client_read(struct session *s)
{
	uint8_t octets[CHUNK];
	size_t room = proxy_client_room(s->proxy);
	ssize_t n = read(s->in, octets, room < CHUNK ? room : CHUNK);

	if (n > 0)
		proxy_client_in(s->proxy, octets, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		s->eof = true;
	if (s->eof)
		proxy_client_eof(s->proxy);
}

static void
client_write(struct session *s)
{
	size_t n;
	const uint8_t *octets = proxy_to_client(s->proxy, &n);
	ssize_t sent = write(s->out, octets, n < CHUNK ? n : CHUNK);

	if (sent > 0)
		proxy_client_sent(s->proxy, (size_t)sent);
	else if (sent < 0 && errno != EAGAIN && errno != EINTR)
		s->gone = true;
}

static void
shell_read(struct session *s)
{
	uint8_t octets[CHUNK];
	size_t room = proxy_shell_room(s->proxy);
	ssize_t n =
	    recv(s->shell, octets, room < CHUNK ? room : CHUNK, MSG_DONTWAIT);

	if (n > 0)
		proxy_shell_in(s->proxy, octets, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		s->shell_over = true;
	if (s->shell_over)
		proxy_shell_eof(s->proxy);
}

static void
shell_send(struct session *s)
{
	size_t n;
	const uint8_t *octets = proxy_to_shell(s->proxy, &n);
	ssize_t sent = send(s->shell, octets, n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (sent > 0)
		proxy_shell_sent(s->proxy, (size_t)sent);
	else if (sent < 0 && errno != EAGAIN && errno != EINTR)
		s->told = true;
}

bool
session_step(struct session *s, const struct pollfd polls[SESSION_POLLS])
{
	size_t n;

	if (polls[POLL_SHELL].revents & (POLLOUT | POLLERR))
		shell_send(s);
	if (polls[POLL_SHELL].revents & (POLLIN | POLLHUP | POLLERR))
		shell_read(s);
	if (polls[POLL_OUT].revents != 0)
		client_write(s);
	if (polls[POLL_IN].revents != 0)
		client_read(s);
	if (!s->told && proxy_drained(s->proxy)) {
		(void)shutdown(s->shell, SHUT_WR);
		s->told = true;
	}
	if (s->gone)
		return false;
	(void)proxy_to_client(s->proxy, &n);
	return !s->shell_over || n > 0;
}
