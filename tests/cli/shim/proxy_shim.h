// The proxy for C++: octets in and out of one session, without descriptors.
#ifndef PROXY_SHIM_H
#define PROXY_SHIM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct proxy_shim;

struct proxy_shim *proxy_shim_new(int telnet);
void proxy_shim_free(struct proxy_shim *s);
size_t proxy_shim_room(const struct proxy_shim *s);
void proxy_shim_client(struct proxy_shim *s, const char *octets, size_t n);
void proxy_shim_shell(struct proxy_shim *s, const char *octets, size_t n);
void proxy_shim_eof(struct proxy_shim *s);
int proxy_shim_drained(const struct proxy_shim *s);
// What waits for a side; it counts as sent then. Valid until the next call.
const char *proxy_shim_to_client(struct proxy_shim *s, size_t *n);
const char *proxy_shim_to_shell(struct proxy_shim *s, size_t *n);
void proxy_shim_window(const struct proxy_shim *s, unsigned *rows,
		       unsigned *columns);
unsigned proxy_shim_line_max(void);

#ifdef __cplusplus
}
#endif

#endif
