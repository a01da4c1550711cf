/* The C face of ip_addr.h for C++ tests: addresses as text. */
#ifndef IP_ADDR_SHIM_H
#define IP_ADDR_SHIM_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The canonical form; "" when it is no address. Good until the next call. */
const char *ip_addr_shim_canonical(const char *text);
const char *ip_addr_shim_mask(const char *text, unsigned len);
bool ip_addr_shim_in_prefix(const char *addr, const char *prefix, unsigned len);
/* Of a, as an IPv4 number; 0 for IPv6. */
unsigned ip_addr_shim_v4(const char *text);
const char *ip_addr_shim_none(void);

#ifdef __cplusplus
}
#endif

#endif
