/*
 * Sockets that listen. Called by terminal.c. The UNIX socket's login is the
 * kernel's word on who is at the other end; what a port says never leaves the
 * machine.
 */
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "be.h"

#define BACKLOG 64

static int
failed(int *fd)
{
	int rc = -errno;

	(void)close(*fd);
	*fd = -1;
	return rc;
}

int
listen_unix(const char *path, int *fd)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	mode_t mask;
	int rc;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path));
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return -errno;
	(void)unlink(path);
	mask = umask(0177);
	rc = bind(*fd, (const struct sockaddr *)&addr, sizeof(addr));
	(void)umask(mask);
	if (rc != 0 || listen(*fd, BACKLOG) != 0)
		return failed(fd);
	return 0;
}

int
listen_loopback(int port, int *fd, int *bound)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	struct be16 wire = be16_put((uint16_t)port);
	struct be32 loopback = be32_put(INADDR_LOOPBACK);
	socklen_t len = sizeof(addr);
	int on = 1;

	memcpy(&addr.sin_port, &wire, sizeof(wire));
	memcpy(&addr.sin_addr, &loopback, sizeof(loopback));
	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return -errno;
	(void)setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(*fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0 ||
	    listen(*fd, BACKLOG) != 0 ||
	    getsockname(*fd, (struct sockaddr *)&addr, &len) != 0)
		return failed(fd);
	memcpy(&wire, &addr.sin_port, sizeof(wire));
	*bound = be16_get(wire);
	return 0;
}

static int
take_client(int fd, int *client)
{
	*client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	return *client < 0 ? -errno : 0;
}

int
listen_accept_unix(int fd, int *client)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int rc = take_client(fd, client);

	if (rc != 0)
		return rc;
	if (getsockopt(*client, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return failed(client);
	if (peer.uid != geteuid() && peer.uid != 0) {
		(void)close(*client);
		return -EPERM;
	}
	return 0;
}

int
listen_accept_tcp(int fd, int *client)
{
	int on = 1;
	int rc = take_client(fd, client);

	if (rc == 0)
		(void)setsockopt(*client, IPPROTO_TCP, TCP_NODELAY, &on,
				 sizeof(on));
	return rc;
}

int
listen_port_file(const char *path, int port)
{
	char beside[4096];
	FILE *file;
	int rc = 0;

	if (snprintf(beside, sizeof(beside), "%s.new", path) >=
	    (int)sizeof(beside))
		return -ENAMETOOLONG;
	file = fopen(beside, "we");
	if (file == NULL)
		return -errno;
	if (fprintf(file, "%d\n", port) < 0)
		rc = -EIO;
	if (fclose(file) != 0)
		rc = -EIO;
	if (rc == 0 && rename(beside, path) != 0)
		rc = -errno;
	if (rc != 0)
		(void)unlink(beside);
	return rc;
}
