/* The C face of forward/fib.h for C++ tests. */
#include <errno.h>
#include <stdlib.h>

#include "fib_set.h"
#include "fib_shim.h"

struct fib_shim {
	struct fib *fib;
};

struct fib_set_shim {
	struct fib_set *set;
};

struct fib_shim *
fib_shim_new(void)
{
	struct fib_shim *shim = malloc(sizeof(*shim));

	if (shim != NULL)
		shim->fib = fib_new();
	return shim;
}

void
fib_shim_free(struct fib_shim *shim)
{
	fib_free(&shim->fib);
	free(shim);
}

int
fib_shim_set(struct fib_shim *shim, uint32_t prefix, unsigned len,
	     uint32_t value)
{
	return fib_set(shim->fib, prefix, len, value);
}

int
fib_shim_delete(struct fib_shim *shim, uint32_t prefix, unsigned len)
{
	return fib_delete(shim->fib, prefix, len);
}

int
fib_shim_apply(struct fib_shim *shim)
{
	return fib_apply(shim->fib);
}

uint32_t
fib_shim_lookup(const struct fib_shim *shim, uint32_t dst)
{
	return fib_lookup(shim->fib, dst);
}

void
fib_shim_lookup_vec(const struct fib_shim *shim, const uint32_t *dst,
		    uint32_t *value, unsigned n)
{
	fib_lookup_vec(shim->fib, dst, value, n);
}

size_t
fib_shim_routes(const struct fib_shim *shim)
{
	return fib_routes(shim->fib);
}

size_t
fib_shim_octets(const struct fib_shim *shim)
{
	return fib_octets(shim->fib);
}

struct fib_set_shim *
fib_set_shim_new(void)
{
	struct fib_set_shim *shim = malloc(sizeof(*shim));

	if (shim != NULL)
		shim->set = fib_set_new();
	return shim;
}

void
fib_set_shim_free(struct fib_set_shim *shim)
{
	fib_set_free(&shim->set);
	free(shim);
}

int
fib_set_shim_route(struct fib_set_shim *shim, uint32_t context, uint32_t prefix,
		   unsigned len, uint32_t value)
{
	struct ip_addr addr = ip_addr_v4(prefix);

	return fib_set_note(shim->set, context, &addr, len, value);
}

int
fib_set_shim_apply(struct fib_set_shim *shim)
{
	return fib_set_apply(shim->set);
}

int64_t
fib_set_shim_lookup(const struct fib_set_shim *shim, uint32_t context,
		    uint32_t dst)
{
	const struct fib *fib = fib_of(shim->set, context);

	return fib == NULL ? -1 : (int64_t)fib_lookup(fib, dst);
}
