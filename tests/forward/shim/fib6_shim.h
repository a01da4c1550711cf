/* An IPv6 FIB for C++ tests; addresses are 16 octets in wire order. */
#ifndef FIB6_SHIM_H
#define FIB6_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct fib6_shim;

struct fib6_shim *fib6_shim_new(void);
void fib6_shim_free(struct fib6_shim *shim);
int fib6_shim_set(struct fib6_shim *shim, const uint8_t *prefix, unsigned len,
		  uint32_t value);
int fib6_shim_delete(struct fib6_shim *shim, const uint8_t *prefix,
		     unsigned len);
int fib6_shim_apply(struct fib6_shim *shim);
uint32_t fib6_shim_lookup(const struct fib6_shim *shim, const uint8_t *dst);
void fib6_shim_lookup_vec(const struct fib6_shim *shim,
			  const uint8_t *const *dst, uint32_t *value,
			  unsigned n);
size_t fib6_shim_routes(const struct fib6_shim *shim);
size_t fib6_shim_octets(const struct fib6_shim *shim);

#ifdef __cplusplus
}
#endif

#endif
