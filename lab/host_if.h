/*
 * Interfaces of the network namespace that the caller is in, for host.c: the
 * ioctls of netdevice(7).
 */
#ifndef HOST_IF_H
#define HOST_IF_H

#include "host.h"

/* -errno. */
int host_if_up(const char *name);
int host_if_loopback(void);
/* An interface that exists: MAC, MTU, addresses, up, routes. -errno and a
 * sentence. */
int host_if_set(const char *host, const struct host_port *port,
		struct cap_error *err);

#endif
