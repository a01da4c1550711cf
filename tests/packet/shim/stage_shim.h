/* stage.h with plain types. */
#ifndef STAGE_SHIM_H
#define STAGE_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

uint16_t stage_shim_id(unsigned slot, unsigned role);
int stage_shim_valid(uint16_t stage);
/* Borrowed until the next call in the same thread. */
const char *stage_shim_name(uint16_t stage);
uint16_t stage_shim_parse(const char *text);
uint16_t stage_shim_none(void);
unsigned stage_shim_end(void);

#ifdef __cplusplus
}
#endif
#endif
