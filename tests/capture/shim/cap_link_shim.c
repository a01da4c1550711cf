/* Flattens struct cap_l2. */
#include "cap_link_shim.h"

#include "cap_link.h"

int
cap_link_shim_parse(uint16_t link, const uint8_t *data, uint32_t caplen,
		    struct shim_l2 *l2)
{
	static const int casts[] = {
	    [CAP_LINK_UNICAST] = SHIM_UNICAST,
	    [CAP_LINK_MULTICAST] = SHIM_MULTICAST,
	    [CAP_LINK_BROADCAST] = SHIM_BROADCAST,
	};
	struct cap_l2 got;
	int error = cap_link_parse(link, data, caplen, &got);

	if (error == 0)
		*l2 = (struct shim_l2){
		    got.ethertype,   got.offset,
		    got.tags,        {got.vlan[0], got.vlan[1]},
		    casts[got.cast], got.dst == data};
	return error;
}

const char *
cap_link_shim_known(char *text, size_t octets)
{
	return cap_link_known(text, octets);
}

const char *
cap_link_shim_name(uint32_t link)
{
	return cap_link_name(link);
}
