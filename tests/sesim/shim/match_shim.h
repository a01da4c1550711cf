#ifndef MATCH_SHIM_H
#define MATCH_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct match_shim {
	uint64_t first, second, equal, moved, strange, missing, others;
};

/* A capture of IPv4 packets, each of these octets: id, TTL, size of payload. */
struct match_shim_packet {
	uint16_t id;
	uint8_t ttl;
	uint16_t payload;
	uint8_t padding; /* octets behind the packet in its frame */
	uint8_t arp;     /* 1: no IPv4 at all */
};

int match_shim_write(const char *path, const struct match_shim_packet *packets,
		     unsigned n);
int match_shim_compare(const char *first, const char *second, unsigned ttl_less,
		       struct match_shim *match, char why[512]);

#ifdef __cplusplus
}
#endif

#endif
