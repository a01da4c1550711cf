/*
 * The extent of headers, for journeys. What it can not read ends the headers;
 * a packet that lies about its lengths shows less, never more.
 */
#include "pkt_head.h"

#include "ip_hdr.h"
#include "ip_parse.h"

#define PKT_HEAD_ARP 28
#define PKT_HEAD_TCP 20
#define PKT_HEAD_IKE_PORT 4500

static size_t
pkt_head_least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* TCP says its own length (RFC 9293 section 3.1). */
static size_t
pkt_head_tcp(const uint8_t *at, size_t octets)
{
	size_t own = octets > 12 ? (size_t)(at[12] >> 4) * 4 : 0;

	return own < PKT_HEAD_TCP ? PKT_HEAD_TCP : own;
}

/* ESP in UDP has an SPI where IKE has four zeroes (RFC 3948 section 2.2). */
static size_t
pkt_head_udp(const uint8_t *at, size_t octets)
{
	const struct udp_hdr *udp = (const struct udp_hdr *)at;
	const struct esp_hdr *esp = (const struct esp_hdr *)(udp + 1);

	if (octets < sizeof(*udp) + sizeof(*esp) ||
	    (be16_get(udp->src) != PKT_HEAD_IKE_PORT &&
	     be16_get(udp->dst) != PKT_HEAD_IKE_PORT) ||
	    be32_get(esp->spi) == 0)
		return sizeof(*udp);
	return sizeof(*udp) + sizeof(*esp);
}

static size_t
pkt_head_transport(uint8_t protocol, const uint8_t *at, size_t octets)
{
	switch (protocol) {
	case IP_PROTO_TCP:
		return pkt_head_tcp(at, octets);
	case IP_PROTO_UDP:
		return pkt_head_udp(at, octets);
	case IP_PROTO_ICMP:
	case IP_PROTO_ICMPV6:
		return sizeof(struct icmp_hdr);
	case IP_PROTO_ESP:
		return sizeof(struct esp_hdr);
	case IP_PROTO_AH:
		return sizeof(struct ah_hdr);
	default:
		return 0;
	}
}

static size_t
pkt_head_ip(const uint8_t *at, size_t octets)
{
	const struct ipv4_hdr *v4 = (const struct ipv4_hdr *)at;
	struct ip_parsed ip;
	size_t more;

	if (ip_parse(at, (unsigned)octets, &ip) != 0)
		return pkt_head_least(octets, sizeof(*v4));
	if (ip.family == 4 && (be16_get(v4->fragment) & IP_FRAG_OFFSET) != 0)
		return ip.header;
	if (ip.family == 6 && ip.fragment)
		return ip.header + sizeof(struct ipv6_frag_hdr);
	more = pkt_head_least(octets, ip.total) - ip.header;
	return ip.header +
	       pkt_head_least(
		   more, pkt_head_transport(ip.protocol, at + ip.header, more));
}

size_t
pkt_head_octets(const uint8_t *at, size_t octets, size_t link)
{
	size_t n;

	if (link >= octets)
		return pkt_head_least(octets, PKT_HEAD_MAX);
	at += link;
	octets -= link;
	if (at[0] >> 4 == 4 || at[0] >> 4 == 6)
		n = pkt_head_ip(at, octets);
	else
		n = PKT_HEAD_ARP;
	return pkt_head_least(link + pkt_head_least(n, octets), PKT_HEAD_MAX);
}
