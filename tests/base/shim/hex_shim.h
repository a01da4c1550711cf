/* The C face of hex.h and of log.h's levels for C++ tests. */
#ifndef HEX_SHIM_H
#define HEX_SHIM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

int hex_shim_digit(char c);
void hex_shim_put(const void *octets, size_t n, char *text);
int hex_shim_get(const char *text, size_t n, void *octets);

/* The level as a number from 0, or -EINVAL. */
int log_shim_level(const char *word);

#ifdef __cplusplus
}
#endif

#endif
