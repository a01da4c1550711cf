/*
 * Where sessions come from: a UNIX socket for the router's owner, ports on
 * loopback for administrators.
 */
#ifndef LISTEN_H
#define LISTEN_H

/*
 * A UNIX socket, mode 0600, in place of a stale one. *fd is the caller's; the
 * file is the caller's to remove. -ENAMETOOLONG, or errno of the failed call.
 */
int listen_unix(const char *path, int *fd);

/* 127.0.0.1 only. port 0: any free one; *bound says which. */
int listen_loopback(int port, int *fd, int *bound);

/*
 * The next client, non-blocking. -EAGAIN when there is none; -EPERM when the
 * peer of a UNIX socket is neither this user nor root (it is closed then).
 */
int listen_accept_unix(int fd, int *client);
int listen_accept_tcp(int fd, int *client);

/* Writes "PORT\n" to path, whole or not at all. */
int listen_port_file(const char *path, int port);

#endif
