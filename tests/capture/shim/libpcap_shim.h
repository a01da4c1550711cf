/* The reference: what libpcap reads in a file. */
#ifndef LIBPCAP_SHIM_H
#define LIBPCAP_SHIM_H

#include "cap_read_shim.h"

#ifdef __cplusplus
extern "C" {
#endif

struct libpcap_shim;

/* NULL: libpcap refuses the file. */
struct libpcap_shim *libpcap_shim_open(const char *path);
/* 1: a record; 0: a clean end; -1: damage. link is libpcap's DLT. */
int libpcap_shim_next(struct libpcap_shim *s, struct shim_rec *rec);
uint32_t libpcap_shim_snaplen(const struct libpcap_shim *s);
void libpcap_shim_close(struct libpcap_shim *s);

#ifdef __cplusplus
}
#endif
#endif
