/*
 * A host of a lab: a network namespace with the machine's own TCP/IP stack. Its
 * interfaces are TAPs, whose other side the lab's keeper holds, so they are
 * there as long as the keeper, whatever becomes of routers. The namespace has a
 * name that `ip netns exec` knows, and stays until it is removed, also when its
 * maker was killed: the name is to be kept where the next one finds it.
 *
 * Needs CAP_NET_ADMIN and CAP_SYS_ADMIN (root, as a rule) and /dev/net/tun.
 */
#ifndef HOST_H
#define HOST_H

#include <stdint.h>

#include "cap_error.h"
#include "ip_addr.h"

#define HOST_NETNS_MAX 200

struct host_port {
	const char *name;       /* of the interface: "eth1" */
	unsigned mtu;           /* 0: 1,500 */
	struct ip_addr address; /* none: family 0 */
	unsigned length;        /* of its prefix */
	struct ip_addr address6;
	unsigned length6;
	struct ip_addr gateway; /* of the default route by this interface */
	struct ip_addr gateway6;
};

/* NULL: hosts can be made; else what they need: "needs CAP_NET_ADMIN". */
const char *host_lacks(void);

/*
 * A namespace with nothing but its loopback. -EEXIST: there is one of this name
 * already; -EPERM; -EINVAL: no name; the errno of what failed, with a sentence.
 */
int host_new(const char *name, struct cap_error *err);

/*
 * An interface in it, up, with addresses and routes; its MAC address follows
 * from both names. fd: the TAP's other side, the caller's, for wire_end_tap().
 */
int host_port(const char *name, const struct host_port *port, int *fd,
	      struct cap_error *err);

/* The calling process goes there for good (before an exec). */
int host_enter(const char *name, struct cap_error *err);

/*
 * Ends every process that is still in it, and removes it. 0 also when there is
 * none of this name.
 */
int host_remove(const char *name, struct cap_error *err);

#endif
