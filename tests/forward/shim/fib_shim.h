/* A FIB and a set of FIBs for C++ tests. */
#ifndef FIB_SHIM_H
#define FIB_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct fib_shim;

struct fib_shim *fib_shim_new(void);
void fib_shim_free(struct fib_shim *shim);
int fib_shim_set(struct fib_shim *shim, uint32_t prefix, unsigned len,
		 uint32_t value);
int fib_shim_delete(struct fib_shim *shim, uint32_t prefix, unsigned len);
int fib_shim_apply(struct fib_shim *shim);
uint32_t fib_shim_lookup(const struct fib_shim *shim, uint32_t dst);
void fib_shim_lookup_vec(const struct fib_shim *shim, const uint32_t *dst,
			 uint32_t *value, unsigned n);
size_t fib_shim_routes(const struct fib_shim *shim);
size_t fib_shim_octets(const struct fib_shim *shim);

struct fib_set_shim;

struct fib_set_shim *fib_set_shim_new(void);
void fib_set_shim_free(struct fib_set_shim *shim);
int fib_set_shim_route(struct fib_set_shim *shim, uint32_t context,
		       uint32_t prefix, unsigned len, uint32_t value);
int fib_set_shim_apply(struct fib_set_shim *shim);
/* -1: the context has no table. */
int64_t fib_set_shim_lookup(const struct fib_set_shim *shim, uint32_t context,
			    uint32_t dst);

#ifdef __cplusplus
}
#endif

#endif
