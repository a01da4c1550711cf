/* ip_cksum.h with host integers. */
#ifndef IP_CKSUM_SHIM_H
#define IP_CKSUM_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

uint16_t ip_cksum_shim(const void *octets, size_t len);
uint16_t ip_cksum_shim_update(uint16_t sum, uint16_t was, uint16_t now);

#ifdef __cplusplus
}
#endif
#endif
