/*
 * A flow of packets by description, for generators: the same description and
 * seed make the same octets at the same times. Frames are Ethernet with IPv4 or
 * IPv6, and UDP, TCP, ICMP echo requests or octets of another protocol; lengths
 * and checksums are right.
 */
#ifndef FLOW_H
#define FLOW_H

#include <stddef.h>
#include <stdint.h>

#include "ip_addr.h"

#define FLOW_OCTETS_MAX 9216 /* of an IP packet */
#define FLOW_FRAME_MAX (FLOW_OCTETS_MAX + 18)

enum flow_sizes {
	FLOW_SIZES_RANGE, /* even between size_low and size_high */
	FLOW_SIZES_IMIX   /* 40, 576 and 1,500 octets, as 7 : 4 : 1 */
};

struct flow_conf {
	uint8_t src_mac[6];
	uint8_t dst_mac[6];
	uint16_t vlan; /* 0: no tag */
	struct ip_addr src;
	struct ip_addr dst; /* of the same family */
	uint8_t protocol;
	uint8_t ttl; /* 0: 64 */
	uint8_t dscp;
	uint16_t src_port_low, src_port_high; /* a packet has one of them */
	uint16_t dst_port_low, dst_port_high;
	enum flow_sizes sizes;
	uint16_t size_low,
	    size_high;     /* of the IP packet; what is too small
			      for its headers is as small as can be */
	uint64_t rate_pps; /* either of them; neither: one */
	uint64_t rate_bps; /* of IP packets */
	uint64_t count;    /* 0: without end */
	uint64_t start_ns; /* of its first packet, after the lab's */
	uint64_t seed;
};

struct flow {
	struct flow_conf conf;
	uint64_t index;
	uint64_t bits; /* of all before */
};

/* -EINVAL: families that differ or are none, a range that ends before it
 * begins, a size beyond FLOW_OCTETS_MAX. */
int flow_init(struct flow *flow, const struct flow_conf *conf);

/* When the next packet is due, after the lab's start; UINT64_MAX: it was the
 * last. */
uint64_t flow_next_ns(const struct flow *flow);
/* The next packet's frame: its octets. Not after the last. */
uint32_t flow_take(struct flow *flow, uint8_t frame[FLOW_FRAME_MAX]);

#endif
