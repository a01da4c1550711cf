/* be.h: what a number looks like on the wire, and back. */
#ifndef BE_SHIM_H
#define BE_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

void be_shim_put16(uint16_t v, uint8_t wire[2]);
void be_shim_put32(uint32_t v, uint8_t wire[4]);
void be_shim_put64(uint64_t v, uint8_t wire[8]);
uint16_t be_shim_get16(const uint8_t *wire);
uint32_t be_shim_get32(const uint8_t *wire);
uint64_t be_shim_get64(const uint8_t *wire);

#ifdef __cplusplus
}
#endif
#endif
