/*
 * IPv4 reception checks. Called by the iPPA for every packet from a port and
 * again for one that came out of a tunnel, which is as foreign. Options pass
 * unread: source routes are carried, not followed (RFC 1812 section 5.3.13 lets
 * a router refuse them; RFC 7126 advises to).
 */
#include "ip_check.h"
#include "ip_cksum.h"
#include "ip_hdr.h"

/*
 * The order of RFC 1812 section 5.2.2, but for version and header length, which
 * tell what the checksum covers, and so come before it.
 */
enum pkt_fate
ip_check_header(const uint8_t *ip, unsigned arrived, unsigned wire,
		uint16_t *length)
{
	const struct ipv4_hdr *h = (const void *)ip;
	unsigned header;
	unsigned total;

	if (arrived < sizeof(*h))
		return PKT_DROP_TRUNCATED;
	header = (h->version_ihl & 15U) * 4;
	if (h->version_ihl >> 4 != 4 || header < sizeof(*h))
		return PKT_DROP_BAD_IP_HEADER;
	if (header > arrived)
		return header > wire ? PKT_DROP_BAD_IP_HEADER
				     : PKT_DROP_TRUNCATED;
	if (ip_cksum(ip, header) != 0)
		return PKT_DROP_BAD_CHECKSUM;
	total = be16_get(h->total_length);
	if (total < header)
		return PKT_DROP_BAD_IP_HEADER;
	if (total > arrived)
		return PKT_DROP_TRUNCATED;
	*length = (uint16_t)total;
	return PKT_GO;
}

/* 0/8, 127/8 and 240/4 stand for no station elsewhere (RFC 1122, 3.2.1.3). */
static bool
ip_check_is_nobody(uint32_t address)
{
	uint32_t net = address >> 24;

	return net == 0 || net == 127 || net >= 240;
}

enum pkt_fate
ip_check_addresses(const uint8_t *ip, bool link_cast)
{
	const struct ipv4_hdr *h = (const void *)ip;
	uint32_t src = be32_get(h->src);
	uint32_t dst = be32_get(h->dst);

	if (ip_check_is_nobody(src) || src >> 28 == 14)
		return PKT_DROP_MARTIAN;
	if (dst == IP_CHECK_LIMITED_BROADCAST)
		return PKT_GO;
	if (ip_check_is_nobody(dst))
		return PKT_DROP_MARTIAN;
	if (dst >> 28 == 14)
		return PKT_DROP_MULTICAST;
	return link_cast ? PKT_DROP_LINK_BROADCAST : PKT_GO;
}
