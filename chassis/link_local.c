/*
 * Link-local addresses: the configured one, else fe80::/64 and the circuit's
 * MAC as a modified EUI-64 (RFC 4291 section 2.5.1 and appendix A). An
 * interface has one as soon as it has any IPv6 address.
 */
#include <string.h>

#include "running.h"

void
running_link_local(const struct cfg_obj *interface, const uint8_t mac[6],
		   uint8_t id[8])
{
	struct ip_addr addr;

	memset(id, 0, 8);
	if (interface == NULL)
		return;
	if (cfg_has(interface, CFG_INTERFACE_LINK_LOCAL)) {
		addr = cfg_ip(interface, CFG_INTERFACE_LINK_LOCAL);
		memcpy(id, addr.octets + 8, 8);
		return;
	}
	if (cfg_count(interface, CFG_ADDRESS6) == 0)
		return;
	memcpy(id, mac, 3);
	id[0] ^= 0x02; /* the universal/local bit, inverted */
	id[3] = 0xff;
	id[4] = 0xfe;
	memcpy(id + 5, mac + 3, 3);
}
