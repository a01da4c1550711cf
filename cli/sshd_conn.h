/*
 * One connection by SSH, from the client's version to the end of its session.
 */
#ifndef SSHD_CONN_H
#define SSHD_CONN_H

#include <libssh/libssh.h>
#include <libssh/server.h>

#include "session.h"

/*
 * Serves the client until it leaves, or until the peer of stop (a stream
 * socket) is shut. Blocks: it runs on a thread of its own. ssh is freed.
 */
void sshd_conn_serve(ssh_session ssh, const struct session_home *home,
		     unsigned login_seconds, int stop);

#endif
