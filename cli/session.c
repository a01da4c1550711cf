/*
 * Octets between a client, the proxy and the shell's thread. Called by the loop
 * of terminal.c. The thread owns its end of the socket pair, its DEALER and its
 * struct shell; the loop owns everything else, so they share nothing but the
 * pair (and the proxy's window size, which is atomic).
 */
#include "session.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "shell.h"

#define CHUNK 4096

enum { POLL_IN, POLL_OUT, POLL_SHELL };

struct session {
	struct session_home home;
	enum session_kind kind;
	struct proxy *proxy;
	int in;
	int out;
	int shell;     /* our end of the pair */
	int thread_fd; /* the thread's, until it runs */
	pthread_t thread;
	bool started;
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

	if (shell_hello(sh, &error) != 0) {
		(void)shell_write(sh, sorry, strlen(sorry));
		return -EIO;
	}
	if (s->kind != SESSION_TELNET)
		return 0;
	sh->privilege = sh->privilege_start = 6;
	shell_banner(sh, "login");
	if (shell_login(sh) != 0)
		return -EACCES;
	shell_banner(sh, "motd");
	return 0;
}

static void
thread_talk(struct session *s, struct shell *sh)
{
	if (thread_greet(s, sh) == 0)
		shell_run(sh);
	else
		(void)close(sh->fd);
	shell_fini(sh);
}

/* The thread: lives as long as its session talks. */
static void *
thread_run(void *arg)
{
	struct session *s = arg;
	struct ask_error error;
	struct ask *a = NULL;
	json_t *data = NULL;
	struct shell sh;
	int fd = s->thread_fd;

	log_name("cli");
	if (ask_new(&a, s->home.bus, s->home.endpoint, fd) != 0) {
		log_error("session: no channel to the chassis");
		(void)close(fd);
		return NULL;
	}
	shell_init(&sh, s->home.grammar, s->proxy, a, fd);
	sh.run_dir = s->home.run_dir;
	sh.owner = s->kind == SESSION_LOCAL;
	thread_talk(s, &sh);
	ask_leave(a);
	(void)ask(a, json_pack("{s:s}", "op", "bye"), &data, &error);
	json_decref(data);
	ask_free(&a);
	return NULL;
}

int
session_new(struct session **session, const struct session_home *home,
	    enum session_kind kind, int in, int out)
{
	struct session *s = calloc(1, sizeof(*s));
	int pair[2];
	int rc;

	if (s == NULL)
		return -ENOMEM;
	s->proxy =
	    proxy_new(kind == SESSION_TELNET ? PROXY_TELNET : PROXY_LOCAL);
	if (s->proxy == NULL ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		rc = s->proxy == NULL ? -ENOMEM : -errno;
		proxy_free(&s->proxy);
		free(s);
		return rc;
	}
	s->home = *home;
	s->kind = kind;
	s->in = in;
	s->out = out;
	s->shell = pair[0];
	s->thread_fd = pair[1];
	rc = -pthread_create(&s->thread, NULL, thread_run, s);
	if (rc != 0) {
		(void)close(pair[0]);
		(void)close(pair[1]);
		proxy_free(&s->proxy);
		free(s);
		return rc;
	}
	s->started = true;
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
	proxy_free(&s->proxy);
	free(s);
	*session = NULL;
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
