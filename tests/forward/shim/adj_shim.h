/* Adjacencies for C++ tests. */
#ifndef ADJ_SHIM_H
#define ADJ_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct adj_shim;

struct adj_shim *adj_shim_new(void);
void adj_shim_free(struct adj_shim *shim);
int adj_shim_set(struct adj_shim *shim, uint32_t id, unsigned kind,
		 uint32_t circuit);
void adj_shim_delete(struct adj_shim *shim, uint32_t id);
/* kind << 24 | circuit */
uint32_t adj_shim_get(const struct adj_shim *shim, uint32_t id);

#ifdef __cplusplus
}
#endif

#endif
