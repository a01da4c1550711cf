/*
 * One row per link type: number, name, the function that finds the network
 * header. Called per packet by ingress ports; looks no further than the link
 * header and never at what the caller's ports or circuits are. IEEE 802.3 and
 * 802.1Q, RFC 1042, and the pages of tcpdump.org/linktypes.html.
 */
#include "cap_link.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "be.h"
#include "ip_hdr.h"

#define ETHERTYPE_MIN 0x600 /* below: a length (IEEE 802.3 clause 3.2.6) */
#define SNAP_OCTETS 8
#define VLAN_ID 0xfff
#define SLL_BROADCAST 1
#define SLL_MULTICAST 2

struct sll_hdr {
	struct be16 cast;
	struct be16 hardware;
	struct be16 address_octets;
	uint8_t address[8];
	struct be16 type;
};
static_assert(sizeof(struct sll_hdr) == 16, "LINKTYPE_LINUX_SLL");

struct sll2_hdr {
	struct be16 type;
	struct be16 reserved;
	struct be32 interface;
	struct be16 hardware;
	uint8_t cast;
	uint8_t address_octets;
	uint8_t address[8];
};
static_assert(sizeof(struct sll2_hdr) == 20, "LINKTYPE_LINUX_SLL2");

static uint16_t
read16(const uint8_t *p)
{
	return be16_get((struct be16){{p[0], p[1]}});
}

/* From a type field on: tags, then the ethertype or an LLC header. */
static int
parse_type(const uint8_t *data, uint32_t caplen, uint16_t type, uint32_t at,
	   struct cap_l2 *l2)
{
	static const uint8_t snap[6] = {0xaa, 0xaa, 0x03, 0, 0, 0};

	while (l2->tags < 2 &&
	       (type == ETH_TYPE_VLAN || type == ETH_TYPE_QINQ)) {
		if (caplen < at + sizeof(struct vlan_tag))
			return -EBADMSG;
		l2->vlan[l2->tags++] = read16(data + at) & VLAN_ID;
		type = read16(data + at + 2);
		at += (uint32_t)sizeof(struct vlan_tag);
	}
	if (type < ETHERTYPE_MIN) {
		type = 0;
		if (caplen >= at + SNAP_OCTETS &&
		    memcmp(data + at, snap, sizeof(snap)) == 0) {
			type = read16(data + at + sizeof(snap));
			at += SNAP_OCTETS;
		}
	}
	l2->ethertype = type;
	l2->offset = (uint16_t)at;
	return 0;
}

static int
parse_ethernet(const uint8_t *data, uint32_t caplen, struct cap_l2 *l2)
{
	static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	if (caplen < sizeof(struct eth_hdr))
		return -EBADMSG;
	l2->dst = data;
	if ((data[0] & 1) != 0)
		l2->cast = memcmp(data, all, sizeof(all)) == 0
			       ? CAP_LINK_BROADCAST
			       : CAP_LINK_MULTICAST;
	return parse_type(data, caplen, read16(data + 12),
			  sizeof(struct eth_hdr), l2);
}

static int
parse_raw(const uint8_t *data, uint32_t caplen, struct cap_l2 *l2)
{
	if (caplen < 1)
		return -EBADMSG;
	if (data[0] >> 4 == 4)
		l2->ethertype = ETH_TYPE_IPV4;
	else if (data[0] >> 4 == 6)
		l2->ethertype = ETH_TYPE_IPV6;
	return 0;
}

static int
parse_ipv4(const uint8_t *data, uint32_t caplen, struct cap_l2 *l2)
{
	(void)data;
	l2->ethertype = ETH_TYPE_IPV4;
	return caplen < 1 ? -EBADMSG : 0;
}

static int
parse_ipv6(const uint8_t *data, uint32_t caplen, struct cap_l2 *l2)
{
	(void)data;
	l2->ethertype = ETH_TYPE_IPV6;
	return caplen < 1 ? -EBADMSG : 0;
}

static uint8_t
sll_cast(unsigned cast)
{
	if (cast == SLL_BROADCAST)
		return CAP_LINK_BROADCAST;
	return cast == SLL_MULTICAST ? CAP_LINK_MULTICAST : CAP_LINK_UNICAST;
}

static int
parse_sll(const uint8_t *data, uint32_t caplen, struct cap_l2 *l2)
{
	const struct sll_hdr *sll = (const void *)data;

	if (caplen < sizeof(*sll))
		return -EBADMSG;
	l2->cast = sll_cast(be16_get(sll->cast));
	return parse_type(data, caplen, be16_get(sll->type), sizeof(*sll), l2);
}

static int
parse_sll2(const uint8_t *data, uint32_t caplen, struct cap_l2 *l2)
{
	const struct sll2_hdr *sll = (const void *)data;

	if (caplen < sizeof(*sll))
		return -EBADMSG;
	l2->cast = sll_cast(sll->cast);
	return parse_type(data, caplen, be16_get(sll->type), sizeof(*sll), l2);
}

static const struct link_row {
	uint16_t link;
	const char *name;
	int (*parse)(const uint8_t *, uint32_t, struct cap_l2 *);
} rows[] = {
    {CAP_LINK_ETHERNET, "Ethernet", parse_ethernet},
    {CAP_LINK_RAW_DLT, "raw IP", parse_raw},
    {CAP_LINK_RAW_OPENBSD, "raw IP", parse_raw},
    {CAP_LINK_RAW, "raw IP", parse_raw},
    {CAP_LINK_SLL, "Linux cooked", parse_sll},
    {CAP_LINK_IPV4, "raw IPv4", parse_ipv4},
    {CAP_LINK_IPV6, "raw IPv6", parse_ipv6},
    {CAP_LINK_SLL2, "Linux cooked v2", parse_sll2},
};

static const struct link_row *
find_row(uint32_t link)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].link == link)
			return &rows[i];
	return NULL;
}

const char *
cap_link_name(uint32_t link)
{
	const struct link_row *row = find_row(link);

	return row != NULL ? row->name : NULL;
}

const char *
cap_link_known(char *text, size_t octets)
{
	size_t used = 0;

	if (octets > 0)
		text[0] = '\0';
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int n = snprintf(text + used, octets - used, "%s%s (%u)",
				 i > 0 ? ", " : "", rows[i].name, rows[i].link);

		if (n < 0 || (size_t)n >= octets - used)
			break;
		used += (size_t)n;
	}
	return text;
}

int
cap_link_parse(uint16_t link, const uint8_t *data, uint32_t caplen,
	       struct cap_l2 *l2)
{
	const struct link_row *row = find_row(link);
	struct cap_l2 found = {0};
	int error;

	if (row == NULL)
		return -EOPNOTSUPP;
	error = row->parse(data, caplen, &found);
	if (error == 0)
		*l2 = found;
	return error;
}
