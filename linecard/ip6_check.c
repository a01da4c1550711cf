/*
 * IPv6 reception checks. Called by the iPPA for every packet from a port and
 * again for one that came out of a tunnel, which is as foreign.
 *
 * Extension headers are not a router's business but for hop-by-hop options (RFC
 * 8200 section 4), and those we carry unread, as section 4.3 allows. They are
 * walked nevertheless, so that a chain that lies about its length ends here,
 * under a name, and no later stage has to fear it. A packet without extension
 * headers is not walked.
 */
#include "ip6_check.h"

#include "ip6_addr.h"
#include "ip_hdr.h"

#define IP6_HOP_BY_HOP 0
#define IP6_ROUTING 43
#define IP6_FRAGMENT 44
#define IP6_DESTINATION 60
#define IP6_OPTION_PAD1 0
#define IP6_OPTION_JUMBO 0xc2 /* RFC 2675 section 2 */

static bool
ip6_is_extension(uint8_t next)
{
	return next == IP6_HOP_BY_HOP || next == IP6_ROUTING ||
	       next == IP6_FRAGMENT || next == IP6_DESTINATION;
}

/* Options fill their header exactly, and none of them is a jumbo payload's. */
static bool
ip6_options_fit(const uint8_t *header, unsigned octets)
{
	unsigned i = 2;

	while (i < octets) {
		if (header[i] == IP6_OPTION_PAD1) {
			i++;
			continue;
		}
		if (header[i] == IP6_OPTION_JUMBO || i + 2 > octets)
			return false;
		i += 2U + header[i + 1];
	}
	return i == octets;
}

/* The chain behind the fixed header; total: octets of the packet. */
static bool
ip6_chain_fits(const uint8_t *ip, unsigned total)
{
	uint8_t next = ((const struct ipv6_hdr *)ip)->next_header;
	unsigned at = sizeof(struct ipv6_hdr);

	for (unsigned i = 0; ip6_is_extension(next); i++) {
		const uint8_t *header = ip + at;
		unsigned octets;

		if (i == IP6_CHECK_HEADERS_MAX || total - at < 8 ||
		    (next == IP6_HOP_BY_HOP && i != 0))
			return false;
		octets = next == IP6_FRAGMENT ? 8 : (header[1] + 1U) * 8;
		if (octets > total - at)
			return false;
		if (next == IP6_HOP_BY_HOP && !ip6_options_fit(header, octets))
			return false;
		/* Behind another fragment than the first is no header. */
		if (next == IP6_FRAGMENT && (header[2] | (header[3] & 0xf8)))
			return true;
		next = header[0];
		at += octets;
	}
	return true;
}

enum pkt_fate
ip6_check_header(const uint8_t *ip, unsigned arrived, uint16_t *length)
{
	const struct ipv6_hdr *h = (const void *)ip;
	unsigned total;

	if (arrived < sizeof(*h))
		return PKT_DROP_TRUNCATED;
	if (h->version_class_flow.b[0] >> 4 != 6)
		return PKT_DROP_BAD_IP_HEADER;
	total = (unsigned)sizeof(*h) + be16_get(h->payload_length);
	/* Length 0 in front of hop-by-hop options is a jumbo payload's. */
	if (total == sizeof(*h) && ip6_is_extension(h->next_header))
		return PKT_DROP_BAD_IP_HEADER;
	if (total > arrived)
		return PKT_DROP_TRUNCATED;
	if (ip6_is_extension(h->next_header) && !ip6_chain_fits(ip, total))
		return PKT_DROP_BAD_IP_HEADER;
	*length = (uint16_t)total;
	return PKT_GO;
}

enum pkt_fate
ip6_check_addresses(const uint8_t *ip, bool link_cast)
{
	const struct ipv6_hdr *h = (const void *)ip;
	bool group = ip6_is_multicast(h->dst);

	if (ip6_is_multicast(h->src) || ip6_is_loopback(h->src) ||
	    ip6_is_mapped(h->src))
		return PKT_DROP_MARTIAN;
	/* A station that has no address yet speaks to its link alone. */
	if (ip6_is_unspecified(h->src) &&
	    !(group && ip6_multicast_scope(h->dst) == 2))
		return PKT_DROP_MARTIAN;
	if (ip6_is_loopback(h->dst) || ip6_is_unspecified(h->dst) ||
	    ip6_is_mapped(h->dst))
		return PKT_DROP_MARTIAN;
	/* Scopes 0 and 1 never leave a node (RFC 4291 section 2.7). */
	if (group && ip6_multicast_scope(h->dst) < 2)
		return PKT_DROP_MARTIAN;
	return link_cast && !group ? PKT_DROP_LINK_BROADCAST : PKT_GO;
}
