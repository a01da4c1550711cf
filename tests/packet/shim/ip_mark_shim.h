/* The C face of packet/ip_mark.h for C++ tests. */
#ifndef IP_MARK_SHIM_H
#define IP_MARK_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

unsigned ip_mark_shim_get(const uint8_t *ip);
void ip_mark_shim_set(uint8_t *ip, unsigned dscp);
/* 0: the header checksum is right. */
unsigned ip_mark_shim_sum(const uint8_t *ip);

#ifdef __cplusplus
}
#endif

#endif
