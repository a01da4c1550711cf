/* The C face of forward/policer.h for C++ tests. */
#ifndef POLICER_SHIM_H
#define POLICER_SHIM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct policer_shim; /* one policer and one user of it */

/* NULL: refused. */
struct policer_shim *policer_shim_new(uint32_t rate_kbps, uint32_t burst,
				      uint32_t excess);
void policer_shim_free(struct policer_shim *shim);
/* 0 conforms, 1 exceeds, 2 violates. */
int policer_shim_take(struct policer_shim *shim, uint64_t now_ns,
		      uint32_t octets);
int policer_shim_set(struct policer_shim *shim, uint32_t id, uint32_t rate_kbps,
		     uint32_t burst, unsigned action, unsigned dscp);
bool policer_shim_delete(struct policer_shim *shim, uint32_t id);

#ifdef __cplusplus
}
#endif

#endif
