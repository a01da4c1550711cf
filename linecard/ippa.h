/*
 * The ingress packet processor on vectors: from a frame at a port to the stage
 * that gets the packet next. Pure: tables and vectors in, fates and ways out;
 * counting, recording and sending are its caller's (lc_in.c).
 *
 * A packet from a port passes ippa_locate(), ippa_strip(), ippa_check() and
 * ippa_route(); one that an ASP opened ippa_recheck() and ippa_route(); one
 * that its ePPA sent back ippa_loop(). Packets that have a fate are left alone.
 */
#ifndef IPPA_H
#define IPPA_H

#include "lc_table.h"
#include "pkt_vec.h"

/* A frame as a port read it; beside its packet in the vector. */
struct ippa_frame {
	uint32_t wire_len;  /* octets on the link; more than pkt.len: cut */
	uint16_t link;      /* link type, capture/cap_link.h */
	uint16_t ethertype; /* found by ippa_locate() */
	bool strict_mac;    /* refuse frames for other stations */
	bool wire;          /* ARP and neighbor discovery are answered */
	bool cast;          /* found: link broadcast or multicast */
};

/* Where a packet goes next and why. */
struct ippa_way {
	uint32_t context; /* that the destination was looked up in */
	uint32_t dst;     /* IPv4; of IPv6 the packet tells */
	uint32_t adj;     /* id found, 0: none */
	uint32_t circuit; /* out, or the tunnel's */
	uint16_t to;      /* stage; STAGE_NONE where the packet has a fate */
	bool v6;
	bool ike;      /* to the ASP that negotiates, at the rate of punts */
	bool fragment; /* for us, and not whole: see lc_join.c */
	const struct spd_rule *policy; /* that chose, NULL: none was asked */
};

/*
 * Link layer: sets p->l2 (octets before the network header), circuit_in and, in
 * the frame, ethertype and cast. Fates: TRUNCATED, PORT_DOWN, BAD_MAC,
 * UNKNOWN_VLAN, UNBOUND_CIRCUIT, ARP, UNKNOWN_PROTOCOL.
 */
void ippa_locate(const struct lc_table *t, const struct pkt_mem *mem,
		 struct ippa_frame *frame, struct pkt_vec *v);

/*
 * Takes the link header off; from here on the packet begins with its IP header.
 */
void ippa_strip(struct pkt_vec *v);

/* Reception checks (ip_check.h, ip6_check.h); cuts link padding off. */
void ippa_check(const struct pkt_mem *mem, const struct ippa_frame *frame,
		struct pkt_vec *v);
void ippa_recheck(const struct pkt_mem *mem, struct pkt_vec *v);

/*
 * Looks every PKT_GO packet up in the context of its circuit_in, decrements the
 * TTL of what is forwarded, and chooses the next stage. own_eppa: stage id of
 * the ePPA of this card.
 */
void ippa_route(const struct lc_table *t, const struct pkt_mem *mem,
		uint16_t own_eppa, struct pkt_vec *v, struct ippa_way *way);

/*
 * Into a tunnel, whatever chose it: economical at once to the ASP,
 * circuit-based by the loop. What becomes of the packet; way says where to.
 */
enum pkt_fate ippa_tunnel(const struct lc_table *t, uint16_t own_eppa,
			  uint32_t circuit, const void *ip, struct pkt *p,
			  struct ippa_way *way);

/* From the loop of the circuit-based mode to the tunnel's ASP. */
void ippa_loop(const struct lc_table *t, struct pkt_vec *v,
	       struct ippa_way *way);

#endif
