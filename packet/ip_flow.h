/*
 * What a packet says of itself to those who choose by it: the selectors of the
 * SPD (RFC 4301 section 4.4.1.1), access lists, priority queues. Read once per
 * packet, compared as often as needed.
 *
 *	struct ip_flow flow;
 *
 *	if (ip_flow_parse(pkt_data(mem, p), p->len, &flow) != 0)
 *		v->fate[i] = PKT_DROP_BAD_IP_HEADER;
 *	else if (flow.protocol == IP_PROTO_TCP && flow.flags & IP_FLOW_PORTS)
 *		... flow.dst_port ...
 *
 * A value that the packet does not show is opaque (RFC 4301): its flag is not
 * set and the value is 0. So it is with ports, type and code of every fragment
 * but the first (RFC 4301 section 7), of a first fragment too short to hold
 * them (RFC 1858), and of protocols that have none. Who asks for port 0 must
 * look at the flag too.
 */
#ifndef IP_FLOW_H
#define IP_FLOW_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "ip_addr.h"

/*
 * More extension headers than this are refused. RFC 8200 section 4.1 knows
 * seven places for them; whoever sends more wants to hide what comes after.
 */
#define IP_FLOW_EXTENSIONS_MAX 12

enum ip_flow_flag {
	IP_FLOW_PORTS = 1 << 0,     /* src_port and dst_port hold */
	IP_FLOW_TYPE = 1 << 1,      /* type holds, and for ICMP code */
	IP_FLOW_TCP_FLAGS = 1 << 2, /* tcp_flags holds */
	IP_FLOW_FRAGMENT = 1 << 3,  /* one of several pieces */
	IP_FLOW_LATER = 1 << 4,     /* and not the first */
	/*
	 * protocol does not hold: a later IPv6 fragment, before whose payload
	 * the first one had further extension headers.
	 */
	IP_FLOW_OPAQUE = 1 << 5,
	/* The protocol has ports or a type, and the packet ends before them. */
	IP_FLOW_SHORT = 1 << 6
};

struct ip_flow {
	uint8_t src[16]; /* wire order; IPv4: the first four, rest zero */
	uint8_t dst[16];
	uint16_t src_port; /* TCP, UDP, UDP-Lite, SCTP, DCCP */
	uint16_t dst_port;
	uint16_t payload; /* offset of the next layer's header */
	uint8_t family;   /* 4 or 6 */
	/* Next layer: behind hop-by-hop, routing, fragment and destination
	 * options headers; AH and ESP are next layers. */
	uint8_t protocol;
	uint8_t tos;       /* DSCP and ECN: tos >> 2 is the DSCP */
	uint8_t flags;     /* enum ip_flow_flag */
	uint8_t type;      /* ICMP, ICMPv6; Mobility Header (135) */
	uint8_t code;      /* ICMP, ICMPv6 */
	uint8_t tcp_flags; /* FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32 */
	uint8_t reserved[3];
};
static_assert(sizeof(struct ip_flow) == 48, "compared and copied whole");

/*
 * ip: octets of a whole packet from its version on, IPv4 or IPv6; of an IPv4
 * packet link padding has been cut off. Trusts nothing and reads nothing
 * behind octets. 0, or -EINVAL: version or header length can not be, the
 * packet ends within its headers (RFC 7112 asks that of a first fragment
 * too), or has more than IP_FLOW_EXTENSIONS_MAX of them; *flow is undefined
 * then.
 */
int ip_flow_parse(const uint8_t *ip, unsigned octets, struct ip_flow *flow);

/*
 * Of a packet whose flow has been read and that is an ICMP error: the flow of
 * what would be sent in return for the packet that it quotes, that is, the
 * quoted packet's with ends exchanged (RFC 4301 section 6.2). False: it is no
 * error (redirects are none here), or what it quotes ends within its headers or
 * is of the other family; *back is undefined then.
 */
bool ip_flow_quoted(const uint8_t *ip, unsigned octets,
		    const struct ip_flow *flow, struct ip_flow *back);

/* Whether the protocol has ports, or a type, where a selector finds them. */
bool ip_flow_has_ports(uint8_t protocol);
bool ip_flow_has_type(uint8_t protocol);

static inline struct ip_addr
ip_flow_src(const struct ip_flow *flow)
{
	return ip_addr_get(flow->family, flow->src);
}

static inline struct ip_addr
ip_flow_dst(const struct ip_flow *flow)
{
	return ip_addr_get(flow->family, flow->dst);
}

#endif
