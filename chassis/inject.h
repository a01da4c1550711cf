/*
 * Where a packet of the router itself goes: the controller in the role of an
 * iPPA, with a FIB of its own. Plain, to the ePPA of the route's circuit;
 * economical, to the tunnel's ASP; circuit-based, to the ePPA of the card whose
 * port leads to the tunnel's remote end point (the tunnel's home: our reading),
 * from where it goes round the loop as every packet does. What goes from one
 * end point of a tunnel in transport mode to the other is that tunnel's. TTLs
 * stay: nothing is forwarded. Also knows which addresses are ours.
 */
#ifndef INJECT_H
#define INJECT_H

#include "chs.h"
#include "ip_addr.h"

struct inject;

int inject_new(struct inject **inject);
void inject_free(struct inject **inject);

/* New tables act from now on (push.c, at the end of a commit). */
void inject_changed(struct chs *chs);

/*
 * Routes p, which begins with its IP header, in a context: marks, circuits
 * and handle, and the stage it goes to, 0 when it is for the router
 * itself. PKT_GO, or the drop.
 */
enum pkt_fate inject_route(struct chs *chs, uint32_t context, struct pkt *p,
			   uint16_t *to);

/*
 * Whether a packet to the router came in clear that its peer should have sent
 * through a tunnel in transport mode (RFC 4301 section 5.2; ends.h).
 */
bool inject_unprotected(struct chs *chs, uint32_t context, const struct pkt *p);

/* Whether it is an address of an interface that is up (no broadcast). */
bool inject_is_ours(struct chs *chs, uint32_t context,
		    const struct ip_addr *addr);

/* What is said to those behind a circuit's interface (enum cfg_icmp). */
unsigned inject_icmp_of(struct chs *chs, uint32_t circuit);

/* Whether packets to it are for the router: own addresses and broadcasts. */
bool inject_is_local(struct chs *chs, uint32_t context,
		     const struct ip_addr *addr);

/* The address of the interface that a circuit is bound to, of that family. */
bool inject_address_of(struct chs *chs, uint32_t circuit, unsigned family,
		       struct ip_addr *addr);

/*
 * The address that a packet of ours to dst bears as its source: that of the
 * interface which its route leads out of, else any of the context (RFC 1122
 * section 3.3.4.3).
 */
bool inject_source(struct chs *chs, uint32_t context, const struct ip_addr *dst,
		   struct ip_addr *src);

#endif
