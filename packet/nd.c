/*
 * Reading and making of neighbor discovery messages. What follows from one is
 * decided by lc_neighbor.c.
 */
#include "nd.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "ip6_addr.h"
#include "ip_cksum.h"
#include "ip_hdr.h"

#define ND_OPTION_SOURCE 1
#define ND_OPTION_TARGET 2

struct nd_message { /* behind the IPv6 header */
	uint8_t type;
	uint8_t code;
	struct be16 checksum;
	uint8_t flags;
	uint8_t reserved[3];
	uint8_t target[16];
};
static_assert(sizeof(struct nd_message) == 24, "RFC 4861 section 4.3");

struct nd_link_option {
	uint8_t type;
	uint8_t length; /* in 8 octets */
	uint8_t mac[6];
};
static_assert(sizeof(struct nd_link_option) == 8, "RFC 4861 section 4.6.1");

static uint16_t
nd_sum(const struct ipv6_hdr *ip, const void *message, unsigned octets)
{
	return ip_cksum_pseudo(ip->src, ip->dst, 16, IP_PROTO_ICMPV6, message,
			       octets);
}

/* The options behind the message; false: one does not fit. */
static bool
nd_options(const uint8_t *at, unsigned octets, uint8_t wanted, struct nd *nd)
{
	static const uint8_t nobody[6];

	while (octets > 0) {
		const struct nd_link_option *o = (const void *)at;
		unsigned length = octets < 2 ? 0 : at[1] * 8U;

		if (length == 0 || length > octets)
			return false;
		if (o->type == wanted && length == sizeof(*o)) {
			if ((o->mac[0] & 1) != 0 ||
			    memcmp(o->mac, nobody, 6) == 0)
				return false;
			memcpy(nd->mac, o->mac, sizeof(nd->mac));
			nd->has_mac = true;
		}
		at += length;
		octets -= length;
	}
	return true;
}

/* Sections 7.1.1 and 7.1.2: what the addresses must be to each other. */
static bool
nd_addresses_fit(const struct nd *nd)
{
	bool solicitation = nd->type == ND_SOLICITATION;

	if (ip6_is_multicast(nd->target) || ip6_is_unspecified(nd->target))
		return false;
	if (solicitation && ip6_is_unspecified(nd->src))
		return ip6_is_solicited_node(nd->dst) && !nd->has_mac;
	if (ip6_is_unspecified(nd->src))
		return false;
	return solicitation || !ip6_is_multicast(nd->dst) ||
	       (nd->flags & ND_F_SOLICITED) == 0;
}

int
nd_read(const uint8_t *at, unsigned octets, struct nd *nd)
{
	const struct ipv6_hdr *ip = (const void *)at;
	const struct nd_message *m = (const void *)(ip + 1);
	unsigned length;
	uint8_t option;

	if (octets < sizeof(*ip) + sizeof(*m))
		return -EINVAL;
	length = octets - (unsigned)sizeof(*ip);
	if (ip->next_header != IP_PROTO_ICMPV6 || ip->hop_limit != 255 ||
	    be16_get(ip->payload_length) != length || m->code != 0 ||
	    (m->type != ND_SOLICITATION && m->type != ND_ADVERTISEMENT) ||
	    nd_sum(ip, m, length) != 0)
		return -EINVAL;
	*nd = (struct nd){.type = m->type, .flags = m->flags};
	memcpy(nd->src, ip->src, 16);
	memcpy(nd->dst, ip->dst, 16);
	memcpy(nd->target, m->target, 16);
	option =
	    m->type == ND_SOLICITATION ? ND_OPTION_SOURCE : ND_OPTION_TARGET;
	if (!nd_options((const uint8_t *)(m + 1), length - (unsigned)sizeof(*m),
			option, nd) ||
	    !nd_addresses_fit(nd))
		return -EINVAL;
	return 0;
}

void
nd_write(const struct nd *nd, uint8_t at[ND_OCTETS])
{
	struct ipv6_hdr *ip = (void *)at;
	struct nd_message *m = (void *)(ip + 1);
	struct nd_link_option *o = (void *)(m + 1);

	*ip = (struct ipv6_hdr){
	    .version_class_flow = be32_put(UINT32_C(6) << 28),
	    .payload_length = be16_put(sizeof(*m) + sizeof(*o)),
	    .next_header = IP_PROTO_ICMPV6,
	    .hop_limit = 255};
	memcpy(ip->src, nd->src, 16);
	memcpy(ip->dst, nd->dst, 16);
	*m = (struct nd_message){.type = nd->type, .flags = nd->flags};
	memcpy(m->target, nd->target, 16);
	o->type =
	    nd->type == ND_SOLICITATION ? ND_OPTION_SOURCE : ND_OPTION_TARGET;
	o->length = 1;
	memcpy(o->mac, nd->mac, sizeof(o->mac));
	m->checksum = be16_put(nd_sum(ip, m, sizeof(*m) + sizeof(*o)));
}
