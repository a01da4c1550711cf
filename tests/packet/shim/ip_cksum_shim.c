/* Converts at the edge. */
#include "ip_cksum_shim.h"

#include "ip_cksum.h"

uint16_t
ip_cksum_shim(const void *octets, size_t len)
{
	return ip_cksum(octets, len);
}

uint16_t
ip_cksum_shim_update(uint16_t sum, uint16_t was, uint16_t now)
{
	return be16_get(
	    ip_cksum_update(be16_put(sum), be16_put(was), be16_put(now)));
}
