/* cap_read.h with plain types; the same face as libpcap_shim.h. */
#ifndef CAP_READ_SHIM_H
#define CAP_READ_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct shim_rec {
	uint64_t time_ns;
	const uint8_t *data; /* until the next call */
	uint32_t caplen;
	uint32_t len;
	uint32_t iface;
	uint16_t link;
};

struct cap_read_shim;

/* Never NULL; error: 0 or what opening said. any: every link type. */
struct cap_read_shim *cap_read_shim_open(const char *path, int any, int *error);
struct cap_read_shim *cap_read_shim_octets(const void *octets, size_t len,
					   int *error);
int cap_read_shim_next(struct cap_read_shim *s, struct shim_rec *rec);
const char *cap_read_shim_error(const struct cap_read_shim *s);
uint64_t cap_read_shim_offset(const struct cap_read_shim *s);
void cap_read_shim_close(struct cap_read_shim *s);

#ifdef __cplusplus
}
#endif
#endif
