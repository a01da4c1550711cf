/*
 * Fragments. Every piece holds a multiple of 8 octets of payload but the last;
 * of IPv4 options, later pieces keep those whose copied bit is set (RFC 791
 * section 3.1); in IPv6 the fragment header comes behind all that ip_parse()
 * passes over, which a router on the way may have to see (the unfragmentable
 * part, taken widely). A fragment of IPv4 may be cut again.
 */
#include "ip_frag.h"

#include <errno.h>
#include <string.h>

#include "ip_cksum.h"
#include "ip_hdr.h"

#define OPTION_END 0
#define OPTION_NOP 1
#define OPTION_COPIED 0x80
#define IP6_FRAGMENT 44
#define HEADER_MAX 60 /* of IPv4 */

/* The header of later pieces: its octets. An option that lies ends it. */
static unsigned
later_header(const uint8_t *packet, unsigned header, uint8_t to[HEADER_MAX])
{
	unsigned n = sizeof(struct ipv4_hdr);

	memcpy(to, packet, n);
	for (unsigned i = n; i < header && packet[i] != OPTION_END;) {
		unsigned octets = 1;

		if (packet[i] != OPTION_NOP) {
			if (header - i < 2 || packet[i + 1] < 2 ||
			    packet[i + 1] > header - i)
				break;
			octets = packet[i + 1];
		}
		if (packet[i] & OPTION_COPIED) {
			memcpy(to + n, packet + i, octets);
			n += octets;
		}
		i += octets;
	}
	while (n % 4 != 0)
		to[n++] = OPTION_END;
	to[0] = (uint8_t)(0x40 | n / 4);
	return n;
}

int
ip_frag_plan(struct ip_frag *plan, const uint8_t *packet, unsigned octets,
	     unsigned mtu, uint32_t id)
{
	uint8_t later[HEADER_MAX];
	unsigned payload, first;

	*plan = (struct ip_frag){.packet = packet, .id = id, .pieces = 1};
	if (ip_parse(packet, octets, &plan->ip) != 0)
		return -EINVAL;
	if (plan->ip.total <= mtu)
		return 0;
	first = plan->ip.header;
	if (plan->ip.family == 4)
		plan->later = later_header(packet, first, later);
	else if (plan->ip.fragment)
		return -EINVAL;
	else
		first += (unsigned)sizeof(struct ipv6_frag_hdr);
	if (mtu < first + 8)
		return -EMSGSIZE;
	plan->chunk = (mtu - first) / 8 * 8;
	payload = plan->ip.total - plan->ip.header;
	plan->pieces = (payload + plan->chunk - 1) / plan->chunk;
	return 0;
}

static unsigned
piece_v4(const struct ip_frag *plan, unsigned i, unsigned from, unsigned n,
	 uint8_t *to)
{
	struct ipv4_hdr *ip = (struct ipv4_hdr *)to;
	unsigned header = plan->ip.header;
	unsigned was, offset;

	if (i == 0)
		memcpy(to, plan->packet, header);
	else
		header = later_header(plan->packet, plan->ip.header, to);
	/* The packet may be a fragment itself: ours begin where it did. */
	was = be16_get(((const struct ipv4_hdr *)plan->packet)->fragment);
	offset = (was & IP_FRAG_OFFSET) + from / 8;
	if (i + 1 < plan->pieces)
		was |= IP_MF;
	was &= ~(unsigned)IP_DF;
	ip->fragment =
	    be16_put((uint16_t)((was & ~(unsigned)IP_FRAG_OFFSET) | offset));
	ip->total_length = be16_put((uint16_t)(header + n));
	ip->checksum = be16_put(0);
	ip->checksum = be16_put(ip_cksum(ip, header));
	memcpy(to + header, plan->packet + plan->ip.header + from, n);
	return header + n;
}

static unsigned
piece_v6(const struct ip_frag *plan, unsigned i, unsigned from, unsigned n,
	 uint8_t *to)
{
	struct ipv6_hdr *ip = (struct ipv6_hdr *)to;
	unsigned header = plan->ip.header;
	struct ipv6_frag_hdr *frag = (struct ipv6_frag_hdr *)(to + header);
	unsigned more = i + 1 < plan->pieces;

	memcpy(to, plan->packet, header);
	to[plan->ip.next_at] = IP6_FRAGMENT;
	*frag = (struct ipv6_frag_hdr){
	    .next_header = plan->ip.protocol,
	    .fragment = be16_put((uint16_t)(from | more)),
	    .id = be32_put(plan->id),
	};
	header += (unsigned)sizeof(*frag);
	ip->payload_length = be16_put((uint16_t)(header - sizeof(*ip) + n));
	memcpy(to + header, plan->packet + plan->ip.header + from, n);
	return header + n;
}

unsigned
ip_frag_piece(const struct ip_frag *plan, unsigned i, uint8_t *to)
{
	unsigned payload = plan->ip.total - plan->ip.header;
	unsigned from = i * plan->chunk;
	unsigned n = payload - from;

	if (plan->pieces == 1) {
		memcpy(to, plan->packet, plan->ip.total);
		return plan->ip.total;
	}
	if (n > plan->chunk)
		n = plan->chunk;
	return plan->ip.family == 4 ? piece_v4(plan, i, from, n, to)
				    : piece_v6(plan, i, from, n, to);
}
