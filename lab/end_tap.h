/*
 * Interfaces of the machine as ends of links. A TAP is one that we make: the
 * machine's stack stands at its other side, and gives whole frames with sums
 * that are right, because a TAP without a virtio header offers no offloads. An
 * existing interface is read and written through libpcap; its sender's offloads
 * must be off (`ethtool -K NAME tx off tso off gso off gro off`), else frames
 * come that no cable ever carried.
 */
#ifndef END_TAP_H
#define END_TAP_H

#include "wire_end.h"

/*
 * A TAP of this name in the network namespace of the caller, and its
 * descriptor; it goes with that, unless it was there before (`ip tuntap add`).
 * -EPERM: needs CAP_NET_ADMIN; -ENODEV: no /dev/net/tun; -EINVAL: the name has
 * no or more than 15 octets; the errno of open(2) and TUNSETIFF.
 */
int tap_open(const char *name, int *fd);

/* fd is the end's from now on. -ENOMEM; nothing is taken then. */
int wire_end_tap(struct wire_end **end, int fd);

/* The errors of live_open(), with a sentence. */
int wire_end_live(struct wire_end **end, const char *name,
		  struct cap_error *err);

#endif
