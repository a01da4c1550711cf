/*
 * Reads a packet's selectors. Called for each packet by whoever has a policy
 * to hold it against (iPPA, ePPA, ASP), so IPv4 without options takes no loop.
 * Decides nothing: that a value is opaque is said, not judged.
 *
 * RFC 4301 sections 4.4.1.1 (what a selector is, which extension headers are
 * skipped) and 7 (fragments), RFC 8200 section 4 (extension headers), RFC 6946
 * (a fragment header on a whole packet makes no fragment), RFC 7112.
 */
#include "ip_flow.h"

#include <errno.h>
#include <string.h>

#include "ip_hdr.h"

#define IP_EXT_HOP_BY_HOP 0
#define IP_EXT_ROUTING 43
#define IP_EXT_FRAGMENT 44
#define IP_EXT_DESTINATION 60
#define IP_PROTO_DCCP 33
#define IP_PROTO_SCTP 132
#define IP_PROTO_MOBILITY 135
#define IP_PROTO_UDPLITE 136

#define ICMP_HEADER 8 /* before what an error quotes */

#define IPV6_FRAG_MORE 1
#define IPV6_FRAG_OFFSET 0xfff8

#define TCP_FLAGS_AT 13
#define MOBILITY_TYPE_AT 2

bool
ip_flow_has_ports(uint8_t protocol)
{
	return protocol == IP_PROTO_TCP || protocol == IP_PROTO_UDP ||
	       protocol == IP_PROTO_SCTP || protocol == IP_PROTO_DCCP ||
	       protocol == IP_PROTO_UDPLITE;
}

bool
ip_flow_has_type(uint8_t protocol)
{
	return protocol == IP_PROTO_ICMP || protocol == IP_PROTO_ICMPV6 ||
	       protocol == IP_PROTO_MOBILITY;
}

static void
flow_ports(const uint8_t *at, unsigned octets, struct ip_flow *flow)
{
	const struct be16 *port = (const void *)at;

	if (octets < 4) {
		flow->flags |= IP_FLOW_SHORT;
		return;
	}
	flow->src_port = be16_get(port[0]);
	flow->dst_port = be16_get(port[1]);
	flow->flags |= IP_FLOW_PORTS;
	if (flow->protocol != IP_PROTO_TCP)
		return;
	if (octets <= TCP_FLAGS_AT) {
		flow->flags |= IP_FLOW_SHORT;
		return;
	}
	flow->tcp_flags = at[TCP_FLAGS_AT] & 63;
	flow->flags |= IP_FLOW_TCP_FLAGS;
}

static void
flow_type(const uint8_t *at, unsigned octets, struct ip_flow *flow)
{
	bool mobility = flow->protocol == IP_PROTO_MOBILITY;

	if (octets < (mobility ? MOBILITY_TYPE_AT + 1U : 2U)) {
		flow->flags |= IP_FLOW_SHORT;
		return;
	}
	flow->type = at[mobility ? MOBILITY_TYPE_AT : 0];
	flow->code = mobility ? 0 : at[1];
	flow->flags |= IP_FLOW_TYPE;
}

static void
flow_next_layer(const uint8_t *ip, unsigned octets, unsigned at,
		struct ip_flow *flow)
{
	flow->payload = (uint16_t)at;
	if ((flow->flags & (IP_FLOW_LATER | IP_FLOW_OPAQUE)) != 0)
		return;
	if (ip_flow_has_ports(flow->protocol))
		flow_ports(ip + at, octets - at, flow);
	else if (ip_flow_has_type(flow->protocol))
		flow_type(ip + at, octets - at, flow);
}

static int
flow_ipv4(const uint8_t *ip, unsigned octets, struct ip_flow *flow)
{
	const struct ipv4_hdr *h = (const void *)ip;
	unsigned header, fragment;

	if (octets < sizeof(*h))
		return -EINVAL;
	header = (h->version_ihl & 15U) * 4;
	if (header < sizeof(*h) || header > octets)
		return -EINVAL;
	flow->family = 4;
	flow->tos = h->tos;
	flow->protocol = h->protocol;
	memcpy(flow->src, h->src.b, sizeof(h->src.b));
	memcpy(flow->dst, h->dst.b, sizeof(h->dst.b));
	fragment = be16_get(h->fragment);
	if ((fragment & (IP_MF | IP_FRAG_OFFSET)) != 0)
		flow->flags |= IP_FLOW_FRAGMENT;
	if ((fragment & IP_FRAG_OFFSET) != 0)
		flow->flags |= IP_FLOW_LATER;
	flow_next_layer(ip, octets, header, flow);
	return 0;
}

static bool
flow_skips(uint8_t next)
{
	return next == IP_EXT_HOP_BY_HOP || next == IP_EXT_ROUTING ||
	       next == IP_EXT_FRAGMENT || next == IP_EXT_DESTINATION;
}

/*
 * What a fragment header says; what follows it in a later fragment is payload,
 * whose next layer is known only where no further header came before it.
 */
static void
flow_fragment(const uint8_t *at, struct ip_flow *flow)
{
	const struct ipv6_frag_hdr *h = (const void *)at;
	unsigned fragment = be16_get(h->fragment);

	if ((fragment & (IPV6_FRAG_OFFSET | IPV6_FRAG_MORE)) != 0)
		flow->flags |= IP_FLOW_FRAGMENT;
	if ((fragment & IPV6_FRAG_OFFSET) == 0)
		return;
	flow->flags |= IP_FLOW_LATER;
	if (flow_skips(h->next_header))
		flow->flags |= IP_FLOW_OPAQUE;
}

static int
flow_ipv6(const uint8_t *ip, unsigned octets, struct ip_flow *flow)
{
	const struct ipv6_hdr *h = (const void *)ip;
	unsigned at = sizeof(*h);

	if (octets < sizeof(*h))
		return -EINVAL;
	flow->family = 6;
	flow->tos = (uint8_t)(be32_get(h->version_class_flow) >> 20);
	flow->protocol = h->next_header;
	memcpy(flow->src, h->src, sizeof(h->src));
	memcpy(flow->dst, h->dst, sizeof(h->dst));
	for (unsigned n = 0; flow_skips(flow->protocol); n++) {
		unsigned length = 8;

		if (n == IP_FLOW_EXTENSIONS_MAX || octets - at < length)
			return -EINVAL;
		if (flow->protocol == IP_EXT_FRAGMENT)
			flow_fragment(ip + at, flow);
		else
			length = (ip[at + 1] + 1U) * 8;
		if (octets - at < length)
			return -EINVAL;
		flow->protocol = ip[at];
		at += length;
		if ((flow->flags & IP_FLOW_LATER) != 0)
			break;
	}
	if ((flow->flags & IP_FLOW_OPAQUE) != 0)
		flow->protocol = 0;
	flow_next_layer(ip, octets, at, flow);
	return 0;
}

int
ip_flow_parse(const uint8_t *ip, unsigned octets, struct ip_flow *flow)
{
	memset(flow, 0, sizeof(*flow));
	if (octets == 0 || octets > UINT16_MAX)
		return -EINVAL;
	if (ip[0] >> 4 == 4)
		return flow_ipv4(ip, octets, flow);
	return ip[0] >> 4 == 6 ? flow_ipv6(ip, octets, flow) : -EINVAL;
}

/* Unreachable, time exceeded, parameter problem, and too big of IPv6; what is
 * of old and means as much (source quench) is not believed (RFC 6633). */
static bool
flow_is_error(const struct ip_flow *flow)
{
	if ((flow->flags & IP_FLOW_TYPE) == 0 ||
	    (flow->flags & IP_FLOW_FRAGMENT) != 0)
		return false;
	if (flow->family == 6)
		return flow->protocol == IP_PROTO_ICMPV6 && flow->type < 128;
	return flow->protocol == IP_PROTO_ICMP &&
	       (flow->type == 3 || flow->type == 11 || flow->type == 12);
}

bool
ip_flow_quoted(const uint8_t *ip, unsigned octets, const struct ip_flow *flow,
	       struct ip_flow *back)
{
	unsigned at = flow->payload + (unsigned)ICMP_HEADER;
	struct ip_flow was;

	if (!flow_is_error(flow) || at >= octets ||
	    ip_flow_parse(ip + at, octets - at, &was) != 0 ||
	    was.family != flow->family)
		return false;
	*back = was;
	memcpy(back->src, was.dst, sizeof(back->src));
	memcpy(back->dst, was.src, sizeof(back->dst));
	back->src_port = was.dst_port;
	back->dst_port = was.src_port;
	return true;
}
