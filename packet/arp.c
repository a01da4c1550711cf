/*
 * Reading and making of ARP packets. What follows from one is decided by
 * lc_neighbor.c.
 */
#include "arp.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "ip_hdr.h"

struct arp_packet {
	struct be16 hardware;
	struct be16 protocol;
	uint8_t hardware_octets;
	uint8_t protocol_octets;
	struct be16 op;
	uint8_t sender_mac[6];
	struct be32 sender;
	uint8_t target_mac[6];
	struct be32 target;
};
static_assert(sizeof(struct arp_packet) == ARP_OCTETS, "RFC 826");

int
arp_read(const uint8_t *at, unsigned octets, struct arp *arp)
{
	static const uint8_t nobody[6];
	const struct arp_packet *p = (const void *)at;

	if (octets < sizeof(*p) || be16_get(p->hardware) != 1 ||
	    be16_get(p->protocol) != ETH_TYPE_IPV4 || p->hardware_octets != 6 ||
	    p->protocol_octets != 4)
		return -EINVAL;
	if (be16_get(p->op) != ARP_REQUEST && be16_get(p->op) != ARP_REPLY)
		return -EINVAL;
	if ((p->sender_mac[0] & 1) != 0 ||
	    memcmp(p->sender_mac, nobody, sizeof(nobody)) == 0)
		return -EINVAL;
	*arp = (struct arp){.op = be16_get(p->op),
			    .sender = be32_get(p->sender),
			    .target = be32_get(p->target)};
	memcpy(arp->sender_mac, p->sender_mac, sizeof(arp->sender_mac));
	memcpy(arp->target_mac, p->target_mac, sizeof(arp->target_mac));
	return 0;
}

void
arp_write(const struct arp *arp, uint8_t at[ARP_OCTETS])
{
	struct arp_packet p = {.hardware = be16_put(1),
			       .protocol = be16_put(ETH_TYPE_IPV4),
			       .hardware_octets = 6,
			       .protocol_octets = 4,
			       .op = be16_put(arp->op),
			       .sender = be32_put(arp->sender),
			       .target = be32_put(arp->target)};

	memcpy(p.sender_mac, arp->sender_mac, sizeof(p.sender_mac));
	memcpy(p.target_mac, arp->target_mac, sizeof(p.target_mac));
	memcpy(at, &p, sizeof(p));
}
