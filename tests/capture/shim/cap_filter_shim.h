/* cap_filter.h with plain types. */
#ifndef CAP_FILTER_SHIM_H
#define CAP_FILTER_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 1: matches; 0: does not; negative errno: refused, with words in why. */
int cap_filter_shim(const char *expression, uint16_t link, const uint8_t *data,
		    uint32_t len, char *why, size_t why_octets);

#ifdef __cplusplus
}
#endif
#endif
