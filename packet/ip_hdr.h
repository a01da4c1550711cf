/*
 * Headers as they lie on the wire. Sizes are asserted; fields are read with
 * be16_get() and friends.
 */
#ifndef IP_HDR_H
#define IP_HDR_H

#include <assert.h>

#include "be.h"

#define IP_PROTO_ICMP 1
#define IP_PROTO_IPIP 4
#define IP_PROTO_TCP 6
#define IP_PROTO_UDP 17
#define IP_PROTO_IPV6 41
#define IP_PROTO_ESP 50
#define IP_PROTO_AH 51
#define IP_PROTO_ICMPV6 58
#define IP_PROTO_NONE 59

#define ETH_TYPE_IPV4 0x0800
#define ETH_TYPE_ARP 0x0806
#define ETH_TYPE_VLAN 0x8100
#define ETH_TYPE_QINQ 0x88a8
#define ETH_TYPE_IPV6 0x86dd

#define IP_DF 0x4000
#define IP_MF 0x2000
#define IP_FRAG_OFFSET 0x1fff

struct eth_hdr {
	uint8_t dst[6];
	uint8_t src[6];
	struct be16 type;
};
static_assert(sizeof(struct eth_hdr) == 14, "IEEE 802.3 clause 3.2");

struct vlan_tag { /* after the TPID that stands in the type field before it */
	struct be16 tci;
	struct be16 type;
};
static_assert(sizeof(struct vlan_tag) == 4, "IEEE 802.1Q clause 9.3");

struct ipv4_hdr {
	uint8_t version_ihl;
	uint8_t tos; /* DSCP and ECN, RFC 2474 and RFC 3168 */
	struct be16 total_length;
	struct be16 id;
	struct be16 fragment; /* flags and offset */
	uint8_t ttl;
	uint8_t protocol;
	struct be16 checksum;
	struct be32 src;
	struct be32 dst;
};
static_assert(sizeof(struct ipv4_hdr) == 20, "RFC 791 section 3.1");

struct ipv6_hdr {
	struct be32 version_class_flow; /* 4, 8 and 20 bits */
	struct be16 payload_length;
	uint8_t next_header;
	uint8_t hop_limit;
	uint8_t src[16];
	uint8_t dst[16];
};
static_assert(sizeof(struct ipv6_hdr) == 40, "RFC 8200 section 3");

struct ipv6_frag_hdr {
	uint8_t next_header;
	uint8_t reserved;
	struct be16 fragment; /* offset in units of 8, 2 reserved bits, M */
	struct be32 id;
};
static_assert(sizeof(struct ipv6_frag_hdr) == 8, "RFC 8200 section 4.5");

struct icmp_hdr { /* ICMP and ICMPv6 alike */
	uint8_t type;
	uint8_t code;
	struct be16 checksum;
	struct be32 rest; /* echo: id and number; too big: MTU */
};
static_assert(sizeof(struct icmp_hdr) == 8, "RFC 792, RFC 4443 section 2.1");

struct ah_hdr {
	uint8_t next_header;
	uint8_t length; /* in 4-octet units, less 2 */
	struct be16 reserved;
	struct be32 spi;
	struct be32 seq;
};
static_assert(sizeof(struct ah_hdr) == 12, "RFC 4302 section 2");

struct udp_hdr {
	struct be16 src;
	struct be16 dst;
	struct be16 length;
	struct be16 checksum;
};
static_assert(sizeof(struct udp_hdr) == 8, "RFC 768");

struct esp_hdr {
	struct be32 spi;
	struct be32 seq; /* low half under ESN, RFC 4303 section 2.2.1 */
};
static_assert(sizeof(struct esp_hdr) == 8, "RFC 4303 section 2");

#endif
