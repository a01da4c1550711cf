/*
 * SSH to the command line (RFC 4251 to 4254, by libssh's server):
 * administrators of the configuration log in with their password or their
 * public-key. One session a connection; no forwarding, no files, no agent.
 *
 * Each connection has a thread of its own, so one that is stuck holds up no
 * other. The owner waits on the descriptors that sshd_polls() names.
 */
#ifndef SSHD_H
#define SSHD_H

#include <poll.h>
#include <stddef.h>

#include "session.h"

#define SSHD_CONNECTIONS_MAX 64

struct sshd;

/*
 * Reads the host key of the router, or makes it where there is none. home is
 * borrowed. login_seconds: within which a client has to have begun a session.
 * -ENOMEM, or what is wrong with the key, with a sentence in why.
 */
int sshd_new(struct sshd **sshd, const struct session_home *home,
	     unsigned login_seconds, char *why, size_t octets);
/* Ends all connections. Accepts NULL, leaves NULL. */
void sshd_free(struct sshd **sshd);

/* A client that has connected; the descriptor is sshd's. */
void sshd_take(struct sshd *sshd, int client);

/* Fills polls (SSHD_CONNECTIONS_MAX at most) and returns how many. sshd NULL:
 * 0.
 */
size_t sshd_polls(const struct sshd *sshd, struct pollfd *polls);
/* Buries connections that ended. n: of the last sshd_polls(). */
void sshd_step(struct sshd *sshd, const struct pollfd *polls, size_t n);

#endif
