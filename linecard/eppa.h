/*
 * The egress packet processor on vectors: from a packet for a circuit to a
 * frame for a port, or to the loop of a circuit-based tunnel. Pure, as ippa.h;
 * the caller counts, records, writes and sends (lc_out.c).
 */
#ifndef EPPA_H
#define EPPA_H

#include "ip_addr.h"
#include "lc_table.h"
#include "pkt_vec.h"

struct eppa_way {
	const struct circuit *circuit; /* out; NULL where there is none */
	bool loop; /* tunnel egress features done: to the iPPA of this card */
	bool held; /* leaves by lc_depart.c, once its round is complete */
	bool resolved; /* mac is the next hop's; else it is made up */
	uint8_t mac[6];
};

/*
 * Decides on every PKT_GO packet: the circuit is there, up, on this card (slot)
 * and takes packets of this size or such as may be cut, and nothing chosen for
 * protection leaves by a port unsealed. Fates: BAD_HANDLE, CLEAR_LEAK,
 * PORT_DOWN, TUNNEL_DOWN, MTU_EXCEEDED. Packets for the loop get PKT_F_LOOPED.
 */
void eppa_decide(const struct lc_table *t, const struct pkt_mem *mem,
		 unsigned slot, struct pkt_vec *v, struct eppa_way *way);

/*
 * The station that a packet leaves for: its adjacency's (p->handle) or, on an
 * attached network, the packet's own destination. False: the handle is of no
 * such adjacency, or the packet of no IP version.
 */
bool eppa_next_hop(const struct lc_table *t, const struct pkt_mem *mem,
		   const struct pkt *p, struct ip_addr *hop);

/* The link address of a station that nobody need ask for. */
void eppa_made_up(const struct ip_addr *hop, uint8_t mac[6]);

/*
 * Puts the link header before every PKT_GO packet that leaves by a port:
 * Ethernet from our MAC to the next hop's, with the tag of a PVC. p->l2 tells
 * its octets. BAD_HANDLE: no next hop (eppa_next_hop()); BAD_FRAME: the packet
 * lies too near the beginning of its buffer.
 */
void eppa_rewrite(const struct lc_table *t, const struct pkt_mem *mem,
		  const struct eppa_way *way, struct pkt_vec *v);

#endif
