/* The C face of forward/fib6.h for C++ tests. */
#include "fib6_shim.h"

#include <stdlib.h>

#include "fib6.h"

struct fib6_shim {
	struct fib6 *fib;
};

struct fib6_shim *
fib6_shim_new(void)
{
	struct fib6_shim *shim = malloc(sizeof(*shim));

	if (shim != NULL)
		shim->fib = fib6_new();
	return shim;
}

void
fib6_shim_free(struct fib6_shim *shim)
{
	fib6_free(&shim->fib);
	free(shim);
}

int
fib6_shim_set(struct fib6_shim *shim, const uint8_t *prefix, unsigned len,
	      uint32_t value)
{
	return fib6_set(shim->fib, prefix, len, value);
}

int
fib6_shim_delete(struct fib6_shim *shim, const uint8_t *prefix, unsigned len)
{
	return fib6_delete(shim->fib, prefix, len);
}

int
fib6_shim_apply(struct fib6_shim *shim)
{
	return fib6_apply(shim->fib);
}

uint32_t
fib6_shim_lookup(const struct fib6_shim *shim, const uint8_t *dst)
{
	return fib6_lookup(shim->fib, dst);
}

void
fib6_shim_lookup_vec(const struct fib6_shim *shim, const uint8_t *const *dst,
		     uint32_t *value, unsigned n)
{
	fib6_lookup_vec(shim->fib, dst, value, n);
}

size_t
fib6_shim_routes(const struct fib6_shim *shim)
{
	return fib6_routes(shim->fib);
}

size_t
fib6_shim_octets(const struct fib6_shim *shim)
{
	return fib6_octets(shim->fib);
}
