/* hdr_view.h and pkt_head.h as plain values. */
#ifndef HDR_VIEW_SHIM_H
#define HDR_VIEW_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

size_t head_shim(const uint8_t *at, size_t octets, size_t link);
/* The sentences, "; " between them. How many. */
unsigned hdr_shim_diff(const uint8_t *was, size_t was_octets, size_t was_link,
		       const uint8_t *now, size_t now_octets, size_t now_link,
		       char *text, size_t text_octets);
void hdr_shim_text(const uint8_t *at, size_t octets, size_t link, char *text,
		   size_t text_octets);

#ifdef __cplusplus
}
#endif
#endif
