/* Homings for C++ tests. */
#ifndef HOMING_SHIM_H
#define HOMING_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct homing_shim;

struct homing_shim *homing_shim_new(void);
void homing_shim_free(struct homing_shim *shim);
int homing_shim_set(struct homing_shim *shim, uint32_t context, uint32_t spi,
		    uint32_t dst, uint32_t circuit);
void homing_shim_delete(struct homing_shim *shim, uint32_t context,
			uint32_t spi, uint32_t dst);
/* The circuit, 0: none. */
uint32_t homing_shim_find(const struct homing_shim *shim, uint32_t context,
			  uint32_t spi, uint32_t dst);

#ifdef __cplusplus
}
#endif

#endif
