/*
 * End points of tunnels in transport mode. What the router itself sends from
 * such a tunnel's local end point to its remote one, and what it takes from
 * there, is that tunnel's: the selectors of a transport mode SA between two
 * hosts (RFC 4301 section 4.1). IKE alone goes beside it (section 4.4.1).
 */
#ifndef ENDS_H
#define ENDS_H

#include "running.h"

struct ends;

/* NULL where no tunnel is in transport mode. -ENOMEM. The caller's. */
int ends_new(const struct tables *t, struct ends **ends);
void ends_free(struct ends **ends);

/*
 * The circuit of the tunnel that carries a packet of a context from src to dst;
 * 0: none. ends may be NULL. Tunnels that are down count too: what is theirs
 * waits for them and does not go in clear.
 */
uint32_t ends_of(const struct ends *ends, uint32_t context,
		 enum spd_direction dir, const uint8_t *ip, unsigned octets);

#endif
