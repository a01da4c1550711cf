/*
 * ARP for IPv4 over Ethernet (RFC 826): a packet of 28 octets, read and made.
 */
#ifndef ARP_H
#define ARP_H

#include <stdbool.h>
#include <stdint.h>

#include "be.h"

#define ARP_OCTETS 28
#define ARP_LIFE_NS (UINT64_C(3600) * 1000000000) /* SmartEdge's default */

enum arp_op { ARP_REQUEST = 1, ARP_REPLY = 2 };

struct arp {
	uint16_t op; /* enum arp_op */
	uint8_t sender_mac[6];
	uint32_t sender;
	uint8_t target_mac[6];
	uint32_t target;
};

/*
 * octets: from the ARP header on, padding behind it is no matter. -EINVAL: cut,
 * not of IPv4 over Ethernet, neither request nor reply, or from a station that
 * can not be one (a group address, or none).
 */
int arp_read(const uint8_t *at, unsigned octets, struct arp *arp);
void arp_write(const struct arp *arp, uint8_t at[ARP_OCTETS]);

#endif
