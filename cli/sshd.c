/*
 * The SSH server's house: its host key, and a thread for each client. Called by
 * terminal.c. A thread tells its end by closing its end of a socket pair; the
 * owner ends a thread by shutting the other.
 */
#include "sshd.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "sshd_conn.h"
#include "sshd_key.h"

struct client {
	struct sshd *sshd;
	pthread_t thread;
	ssh_session ssh;
	int stop; /* our end of the pair */
	int stopped;
};

struct sshd {
	const struct session_home *home;
	unsigned login_seconds;
	ssh_bind bind; /* holds the host key */
	struct client *clients[SSHD_CONNECTIONS_MAX];
	size_t nclients;
};

int
sshd_new(struct sshd **sshd, const struct session_home *home,
	 unsigned login_seconds, char *why, size_t octets)
{
	static const bool no = false;
	struct sshd *s = calloc(1, sizeof(*s));
	ssh_key key = NULL;
	int rc = s != NULL ? 0 : -ENOMEM;

	if (rc == 0)
		rc = sshd_key_get(home->run_dir, &key, why, octets);
	if (rc == 0)
		s->bind = ssh_bind_new();
	if (rc == 0 && s->bind == NULL)
		rc = -ENOMEM;
	/* What /etc/ssh says is about the machine, not about this router. */
	if (rc == 0 &&
	    (ssh_bind_options_set(s->bind, SSH_BIND_OPTIONS_PROCESS_CONFIG,
				  &no) != SSH_OK ||
	     ssh_bind_options_set(s->bind, SSH_BIND_OPTIONS_IMPORT_KEY, key) !=
		 SSH_OK))
		rc = -EIO;
	else
		key = NULL; /* the bind's */
	if (rc != 0) {
		ssh_key_free(key);
		sshd_free(&s);
		return rc;
	}
	s->home = home;
	s->login_seconds = login_seconds;
	*sshd = s;
	return 0;
}

static void *
client_run(void *arg)
{
	struct client *c = arg;

	log_name("cli");
	sshd_conn_serve(c->ssh, c->sshd->home, c->sshd->login_seconds,
			c->stopped);
	(void)close(c->stopped);
	return NULL;
}

/* c->ssh is the thread's once it runs. */
static int
client_start(struct sshd *sshd, struct client *c)
{
	int pair[2];
	int rc;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return -errno;
	c->sshd = sshd;
	c->stop = pair[0];
	c->stopped = pair[1];
	rc = -pthread_create(&c->thread, NULL, client_run, c);
	if (rc == 0)
		return 0;
	(void)close(pair[0]);
	(void)close(pair[1]);
	return rc;
}

static int
client_new(struct sshd *sshd, int fd, struct client **out)
{
	struct client *c = calloc(1, sizeof(*c));
	int rc = -ENOMEM;

	if (c != NULL)
		c->ssh = ssh_new();
	if (c == NULL || c->ssh == NULL)
		goto fail;
	rc = -EIO;
	if (ssh_bind_accept_fd(sshd->bind, c->ssh, fd) != SSH_OK)
		goto fail;
	rc = client_start(sshd, c);
	if (rc != 0) {
		ssh_free(c->ssh); /* and closes fd */
		free(c);
		return rc;
	}
	*out = c;
	return 0;
fail:
	(void)close(fd);
	if (c != NULL)
		ssh_free(c->ssh);
	free(c);
	return rc;
}

static void
client_join(struct client *c)
{
	(void)pthread_join(c->thread, NULL);
	(void)close(c->stop);
	free(c);
}

void
sshd_free(struct sshd **sshd)
{
	struct sshd *s = *sshd;

	if (s == NULL)
		return;
	for (size_t i = 0; i < s->nclients; i++)
		(void)shutdown(s->clients[i]->stop, SHUT_RDWR);
	for (size_t i = 0; i < s->nclients; i++)
		client_join(s->clients[i]);
	ssh_bind_free(s->bind);
	free(s);
	*sshd = NULL;
}

void
sshd_take(struct sshd *sshd, int fd)
{
	struct client *c = NULL;
	int rc = -EUSERS;

	if (sshd->nclients < SSHD_CONNECTIONS_MAX)
		rc = client_new(sshd, fd, &c);
	else
		(void)close(fd);
	if (rc == 0)
		sshd->clients[sshd->nclients++] = c;
	else
		log_warn("sshd: client refused rc=%d", rc);
}

size_t
sshd_polls(const struct sshd *sshd, struct pollfd *polls)
{
	if (sshd == NULL)
		return 0;
	for (size_t i = 0; i < sshd->nclients; i++)
		polls[i] = (struct pollfd){.fd = sshd->clients[i]->stop,
					   .events = POLLIN};
	return sshd->nclients;
}

void
sshd_step(struct sshd *sshd, const struct pollfd *polls, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (polls[i].revents != 0)
			client_join(sshd->clients[i]);
		else
			sshd->clients[kept++] = sshd->clients[i];
	}
	if (n > 0)
		sshd->nclients = kept;
}
