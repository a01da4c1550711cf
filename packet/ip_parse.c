/*
 * Walks headers, once and in order, never past the length that the packet
 * itself tells, which was compared with what is there before. RFC 791 section
 * 3.1, RFC 8200 sections 3 and 4, RFC 6946 (a fragment that is whole).
 */
#include "ip_parse.h"

#include <errno.h>
#include <stddef.h>

#include "ip_hdr.h"

#define IP6_HOP_BY_HOP 0
#define IP6_ROUTING 43
#define IP6_FRAGMENT 44
#define IP6_DESTINATION 60

static int
parse_v4(const uint8_t *at, unsigned octets, struct ip_parsed *p)
{
	const struct ipv4_hdr *ip = (const struct ipv4_hdr *)at;
	unsigned header, total;

	if (octets < sizeof(*ip))
		return -EINVAL;
	header = (ip->version_ihl & 15u) * 4;
	total = be16_get(ip->total_length);
	if (header < sizeof(*ip) || total < header || total > octets)
		return -EINVAL;
	*p = (struct ip_parsed){
	    .family = 4,
	    .protocol = ip->protocol,
	    .tos = ip->tos,
	    .ttl = ip->ttl,
	    .fragment =
		(be16_get(ip->fragment) & (IP_MF | IP_FRAG_OFFSET)) != 0,
	    .header = (uint16_t)header,
	    .next_at = offsetof(struct ipv4_hdr, protocol),
	    .total = total,
	    .src = ip->src.b,
	    .dst = ip->dst.b,
	};
	return 0;
}

/* Octets of the extension header, 0: it is none, or is where the walk ends. */
static unsigned
extension_octets(struct ip_parsed *p, const uint8_t *at)
{
	switch (p->protocol) {
	case IP6_HOP_BY_HOP:
	case IP6_ROUTING:
	case IP6_DESTINATION:
		return (at[1] + 1u) * 8;
	case IP6_FRAGMENT:
		p->fragment = (at[2] | (at[3] & 0xf9)) != 0;
		return p->fragment ? 0 : 8;
	default:
		return 0;
	}
}

static int
parse_v6(const uint8_t *at, unsigned octets, struct ip_parsed *p)
{
	const struct ipv6_hdr *ip = (const struct ipv6_hdr *)at;
	uint32_t first;

	if (octets < sizeof(*ip))
		return -EINVAL;
	first = be32_get(ip->version_class_flow);
	*p = (struct ip_parsed){
	    .family = 6,
	    .protocol = ip->next_header,
	    .tos = (uint8_t)(first >> 20),
	    .ttl = ip->hop_limit,
	    .header = sizeof(*ip),
	    .next_at = offsetof(struct ipv6_hdr, next_header),
	    .total = (uint32_t)sizeof(*ip) + be16_get(ip->payload_length),
	    .src = ip->src,
	    .dst = ip->dst,
	};
	if (p->total > octets)
		return -EINVAL;
	for (;;) {
		const uint8_t *next = at + p->header;
		bool known = p->protocol == IP6_HOP_BY_HOP ||
			     p->protocol == IP6_ROUTING ||
			     p->protocol == IP6_FRAGMENT ||
			     p->protocol == IP6_DESTINATION;
		unsigned n;

		if (!known)
			return 0;
		if (p->total - p->header < 8)
			return -EINVAL;
		n = extension_octets(p, next);
		if (n == 0)
			return 0;
		if (n > p->total - p->header)
			return -EINVAL;
		p->protocol = next[0];
		p->next_at = p->header;
		p->header = (uint16_t)(p->header + n);
	}
}

int
ip_parse(const uint8_t *at, unsigned octets, struct ip_parsed *parsed)
{
	if (octets == 0)
		return -EINVAL;
	switch (at[0] >> 4) {
	case 4:
		return parse_v4(at, octets, parsed);
	case 6:
		return parse_v6(at, octets, parsed);
	default:
		return -EINVAL;
	}
}

struct ip_addr
ip_parsed_src(const struct ip_parsed *parsed)
{
	return ip_addr_get(parsed->family, parsed->src);
}

struct ip_addr
ip_parsed_dst(const struct ip_parsed *parsed)
{
	return ip_addr_get(parsed->family, parsed->dst);
}
