/* The C face of packet/ip_mark.h for C++ tests. */
#include "ip_mark_shim.h"

#include "ip_cksum.h"
#include "ip_mark.h"

unsigned
ip_mark_shim_get(const uint8_t *ip)
{
	return ip_mark_get(ip);
}

void
ip_mark_shim_set(uint8_t *ip, unsigned dscp)
{
	ip_mark_set(ip, dscp);
}

unsigned
ip_mark_shim_sum(const uint8_t *ip)
{
	return ip_cksum(ip, 20);
}
