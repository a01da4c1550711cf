/* ip_frag.h for C++ tests. */
#ifndef IP_FRAG_SHIM_H
#define IP_FRAG_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Pieces that the packet is cut into, or -errno. */
int ip_frag_shim_plan(const uint8_t *packet, unsigned octets, unsigned mtu);
/* Piece i of the last plan: its octets. */
unsigned ip_frag_shim_piece(unsigned i, uint8_t *to);

#ifdef __cplusplus
}
#endif
#endif
