/*
 * Packets of a flow. Sizes, ports and payload are lots of the seed and the
 * packet's number (lot.h); times follow from the number, or from the bits
 * before, in integers, so that no rounding adds up. Called by source_flow.c.
 */
#include "flow.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "ip_cksum.h"
#include "ip_hdr.h"
#include "lot.h"

#define TTL_DEFAULT 64
#define ICMP4_ECHO 8
#define ICMP6_ECHO 128
#define TCP_ACK 0x10

enum { LOT_SIZE = 1, LOT_SRC_PORT, LOT_DST_PORT, LOT_PAYLOAD };

struct tcp_hdr {
	struct be16 src;
	struct be16 dst;
	struct be32 seq;
	struct be32 ack;
	uint8_t offset;
	uint8_t flags;
	struct be16 window;
	struct be16 checksum;
	struct be16 urgent;
};
static_assert(sizeof(struct tcp_hdr) == 20, "RFC 9293 section 3.1");

int
flow_init(struct flow *flow, const struct flow_conf *conf)
{
	if (conf->src.family == 0 || conf->src.family != conf->dst.family ||
	    conf->src_port_high < conf->src_port_low ||
	    conf->dst_port_high < conf->dst_port_low ||
	    (conf->sizes == FLOW_SIZES_RANGE &&
	     (conf->size_high < conf->size_low ||
	      conf->size_high > FLOW_OCTETS_MAX)))
		return -EINVAL;
	*flow = (struct flow){.conf = *conf};
	return 0;
}

/* Bits or packets at a rate, in ns. */
static uint64_t
time_of(uint64_t n, uint64_t rate)
{
	return n / rate * CLOCK_SECOND_NS + n % rate * CLOCK_SECOND_NS / rate;
}

uint64_t
flow_next_ns(const struct flow *flow)
{
	const struct flow_conf *c = &flow->conf;

	if (c->count != 0 && flow->index == c->count)
		return UINT64_MAX;
	if (c->rate_bps != 0)
		return c->start_ns + time_of(flow->bits, c->rate_bps);
	return c->start_ns +
	       time_of(flow->index, c->rate_pps != 0 ? c->rate_pps : 1);
}

static uint64_t
lot(const struct flow *flow, unsigned purpose)
{
	return lot_draw(flow->conf.seed, flow->index, purpose);
}

static uint32_t
transport_octets(unsigned protocol)
{
	switch (protocol) {
	case IP_PROTO_UDP:
	case IP_PROTO_ICMP:
	case IP_PROTO_ICMPV6:
		return sizeof(struct udp_hdr);
	case IP_PROTO_TCP:
		return sizeof(struct tcp_hdr);
	default:
		return 0;
	}
}

static uint32_t
size_of(const struct flow *flow, uint32_t least)
{
	static const uint16_t imix[12] = {40, 40,  40,  40,  40,  40,
					  40, 576, 576, 576, 576, 1500};
	const struct flow_conf *c = &flow->conf;
	uint64_t one = lot(flow, LOT_SIZE);
	uint32_t size;

	if (c->sizes == FLOW_SIZES_IMIX)
		size = imix[lot_below(one, 12)];
	else
		size = c->size_low +
		       (uint32_t)lot_below(
			   one, (uint64_t)(c->size_high - c->size_low) + 1);
	return size < least ? least : size;
}

static uint16_t
port_of(const struct flow *flow, unsigned purpose, uint16_t low, uint16_t high)
{
	return (uint16_t)(low + lot_below(lot(flow, purpose),
					  (uint64_t)(high - low) + 1));
}

static uint8_t *
put_link(const struct flow *flow, uint8_t *at)
{
	const struct flow_conf *c = &flow->conf;
	uint16_t type = c->src.family == 4 ? ETH_TYPE_IPV4 : ETH_TYPE_IPV6;
	struct eth_hdr eth = {
	    .type = be16_put(c->vlan != 0 ? ETH_TYPE_VLAN : type)};
	struct vlan_tag tag = {be16_put(c->vlan), be16_put(type)};

	memcpy(eth.dst, c->dst_mac, sizeof(eth.dst));
	memcpy(eth.src, c->src_mac, sizeof(eth.src));
	memcpy(at, &eth, sizeof(eth));
	at += sizeof(eth);
	if (c->vlan == 0)
		return at;
	memcpy(at, &tag, sizeof(tag));
	return at + sizeof(tag);
}

static uint8_t *
put_ipv4(const struct flow *flow, uint8_t *at, uint32_t octets)
{
	const struct flow_conf *c = &flow->conf;
	struct ipv4_hdr ip = {.version_ihl = 0x45,
			      .tos = (uint8_t)(c->dscp << 2),
			      .total_length = be16_put((uint16_t)octets),
			      .id = be16_put((uint16_t)flow->index),
			      .ttl = c->ttl != 0 ? c->ttl : TTL_DEFAULT,
			      .protocol = c->protocol};

	memcpy(&ip.src, c->src.octets, sizeof(ip.src));
	memcpy(&ip.dst, c->dst.octets, sizeof(ip.dst));
	ip.checksum = be16_put(ip_cksum(&ip, sizeof(ip)));
	memcpy(at, &ip, sizeof(ip));
	return at + sizeof(ip);
}

static uint8_t *
put_ipv6(const struct flow *flow, uint8_t *at, uint32_t octets)
{
	const struct flow_conf *c = &flow->conf;
	uint32_t class = (uint32_t)c->dscp << 22;
	struct ipv6_hdr ip = {
	    .version_class_flow = be32_put(UINT32_C(6) << 28 | class),
	    .payload_length = be16_put((uint16_t)(octets - sizeof(ip))),
	    .next_header = c->protocol,
	    .hop_limit = c->ttl != 0 ? c->ttl : TTL_DEFAULT};

	memcpy(ip.src, c->src.octets, sizeof(ip.src));
	memcpy(ip.dst, c->dst.octets, sizeof(ip.dst));
	memcpy(at, &ip, sizeof(ip));
	return at + sizeof(ip);
}

static struct be16
transport_sum(const struct flow *flow, const uint8_t *at, uint32_t octets)
{
	const struct flow_conf *c = &flow->conf;

	if (c->protocol == IP_PROTO_ICMP)
		return be16_put(ip_cksum(at, octets));
	return be16_put(ip_cksum_pseudo(c->src.octets, c->dst.octets,
					c->src.family == 4 ? 4 : 16,
					c->protocol, at, octets));
}

static void
put_udp(const struct flow *flow, uint8_t *at, uint32_t octets, uint16_t src,
	uint16_t dst)
{
	struct udp_hdr udp = {.src = be16_put(src),
			      .dst = be16_put(dst),
			      .length = be16_put((uint16_t)octets)};

	memcpy(at, &udp, sizeof(udp));
	udp.checksum = transport_sum(flow, at, octets);
	/* 0 would say that there is none (RFC 768). */
	if (be16_get(udp.checksum) == 0)
		udp.checksum = be16_put(0xffff);
	memcpy(at, &udp, sizeof(udp));
}

static void
put_tcp(const struct flow *flow, uint8_t *at, uint32_t octets, uint16_t src,
	uint16_t dst)
{
	struct tcp_hdr tcp = {.src = be16_put(src),
			      .dst = be16_put(dst),
			      .seq = be32_put((uint32_t)flow->index),
			      .offset = 5 << 4,
			      .flags = TCP_ACK,
			      .window = be16_put(0xffff)};

	memcpy(at, &tcp, sizeof(tcp));
	tcp.checksum = transport_sum(flow, at, octets);
	memcpy(at, &tcp, sizeof(tcp));
}

static void
put_echo(const struct flow *flow, uint8_t *at, uint32_t octets, uint16_t id)
{
	struct icmp_hdr icmp = {
	    .type =
		flow->conf.protocol == IP_PROTO_ICMP ? ICMP4_ECHO : ICMP6_ECHO,
	    .rest = be32_put((uint32_t)id << 16 | (uint16_t)flow->index)};

	memcpy(at, &icmp, sizeof(icmp));
	icmp.checksum = transport_sum(flow, at, octets);
	memcpy(at, &icmp, sizeof(icmp));
}

static void
put_payload(const struct flow *flow, uint8_t *at, uint32_t octets)
{
	uint64_t state = lot(flow, LOT_PAYLOAD);

	for (uint32_t i = 0; i < octets; i++) {
		if (i % 8 == 0)
			state = lot_mix(state);
		at[i] = (uint8_t)(state >> i % 8 * 8);
	}
}

static void
put_transport(const struct flow *flow, uint8_t *at, uint32_t octets)
{
	const struct flow_conf *c = &flow->conf;
	uint16_t src =
	    port_of(flow, LOT_SRC_PORT, c->src_port_low, c->src_port_high);
	uint16_t dst =
	    port_of(flow, LOT_DST_PORT, c->dst_port_low, c->dst_port_high);
	uint32_t head = transport_octets(c->protocol);

	put_payload(flow, at + head, octets - head);
	switch (c->protocol) {
	case IP_PROTO_UDP:
		put_udp(flow, at, octets, src, dst);
		break;
	case IP_PROTO_TCP:
		put_tcp(flow, at, octets, src, dst);
		break;
	case IP_PROTO_ICMP:
	case IP_PROTO_ICMPV6:
		put_echo(flow, at, octets, src);
		break;
	default:
		break;
	}
}

uint32_t
flow_take(struct flow *flow, uint8_t frame[FLOW_FRAME_MAX])
{
	const struct flow_conf *c = &flow->conf;
	bool v4 = c->src.family == 4;
	uint32_t ip = v4 ? sizeof(struct ipv4_hdr) : sizeof(struct ipv6_hdr);
	uint32_t octets = size_of(flow, ip + transport_octets(c->protocol));
	uint8_t *packet = put_link(flow, frame);
	uint8_t *inner = v4 ? put_ipv4(flow, packet, octets)
			    : put_ipv6(flow, packet, octets);

	put_transport(flow, inner, octets - ip);
	flow->index++;
	flow->bits += (uint64_t)octets * 8;
	return (uint32_t)(packet - frame) + octets;
}
