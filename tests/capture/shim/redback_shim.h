/* redback.h: the 24 octets. */
#ifndef REDBACK_SHIM_H
#define REDBACK_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

void redback_shim(uint32_t context, uint64_t circuit, uint32_t octets,
		  unsigned protocol, unsigned l2_octets, uint8_t wire[24]);

#ifdef __cplusplus
}
#endif
#endif
