/*
 * The octet that IPv4 calls TOS and IPv6 Traffic Class. In IPv6 it lies across
 * two octets: behind the version, and before the flow label.
 */
#include "ip_mark.h"

#include "ip_cksum.h"
#include "ip_hdr.h"

unsigned
ip_mark_get(const uint8_t *ip)
{
	if (ip[0] >> 4 == 4)
		return ip[1] >> 2;
	return (ip[0] & 0x0fU) << 2 | ip[1] >> 6;
}

void
ip_mark_set(uint8_t *ip, unsigned dscp)
{
	struct ipv4_hdr *ip4 = (struct ipv4_hdr *)ip;
	struct be16 was = {{ip[0], ip[1]}};

	if (ip[0] >> 4 == 4) {
		ip[1] = (uint8_t)(dscp << 2 | (ip[1] & 0x03U));
		ip4->checksum = ip_cksum_update(ip4->checksum, was,
						(struct be16){{ip[0], ip[1]}});
		return;
	}
	ip[0] = (uint8_t)((ip[0] & 0xf0U) | dscp >> 2);
	ip[1] = (uint8_t)((dscp & 0x03U) << 6 | (ip[1] & 0x3fU));
}
