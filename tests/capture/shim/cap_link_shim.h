/* cap_link.h with plain types. */
#ifndef CAP_LINK_SHIM_H
#define CAP_LINK_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { SHIM_UNICAST, SHIM_MULTICAST, SHIM_BROADCAST };

struct shim_l2 {
	unsigned ethertype;
	unsigned offset;
	unsigned tags;
	unsigned vlan[2];
	int cast;
	int has_dst;
};

int cap_link_shim_parse(uint16_t link, const uint8_t *data, uint32_t caplen,
			struct shim_l2 *l2);
const char *cap_link_shim_known(char *text, size_t octets);
const char *cap_link_shim_name(uint32_t link);

#ifdef __cplusplus
}
#endif
#endif
