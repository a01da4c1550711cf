/* ip_reass.h for C++ tests. */
#ifndef IP_REASS_SHIM_H
#define IP_REASS_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ip_reass_shim;

struct ip_reass_shim *ip_reass_shim_new(void);
void ip_reass_shim_free(struct ip_reass_shim *s);
/* "absorbed", "go", or the drop's name; *octets: of the packet at at. */
const char *ip_reass_shim_take(struct ip_reass_shim *s, uint64_t now_ns,
			       uint32_t context, uint8_t *at, unsigned room,
			       unsigned *octets);
void ip_reass_shim_expire(struct ip_reass_shim *s, uint64_t now_ns);
/* Held fragments that met that fate. */
unsigned ip_reass_shim_dropped(const struct ip_reass_shim *s, const char *fate);
unsigned ip_reass_shim_datagrams(void);

#ifdef __cplusplus
}
#endif
#endif
