/*
 * Flows, and stations of a lab (lab/end_station.h), for C++ tests.
 */
#ifndef STATION_SHIM_H
#define STATION_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define STATION_SHIM_NEVER UINT64_MAX

struct flow_shim_conf {
	const char *src;
	const char *dst;
	int protocol;
	int vlan;
	int imix; /* 1: sizes are not told */
	unsigned size_low, size_high;
	unsigned port_low, port_high; /* of the destination */
	uint64_t rate_pps, rate_bps, count, start_ns, seed;
};

struct flow_shim;

/* NULL: refused. */
struct flow_shim *flow_shim_new(const struct flow_shim_conf *conf);
void flow_shim_free(struct flow_shim *shim);
uint64_t flow_shim_next(const struct flow_shim *shim);
/* frame: room for 9,239 octets. */
uint32_t flow_shim_take(struct flow_shim *shim, uint8_t *frame);
/* The Internet checksum of octets: 0 when it is right. */
unsigned flow_shim_sum(const uint8_t *octets, unsigned len);

/* Behind a pseudo-header of the IPv4 packet that it is in: 0 when right. */
unsigned flow_shim_sum4(const uint8_t *ip);
unsigned flow_shim_sum6(const uint8_t *ip);

struct station_shim;

/*
 * source: a capture, played at its own pace (pps 0) or so many packets a
 * second; NULL: none. sink: NULL: none. NULL: it can not be.
 */
struct station_shim *station_shim_new(const char *source, uint64_t pps,
				      const char *sink);
void station_shim_free(struct station_shim *shim);
void station_shim_start(struct station_shim *shim, uint64_t now_ns);
uint64_t station_shim_next(const struct station_shim *shim);
/* How many frames it gives; then each. */
int station_shim_read(struct station_shim *shim, uint64_t now_ns);
uint32_t station_shim_frame(const struct station_shim *shim, unsigned i,
			    const uint8_t **data, uint64_t *time_ns);
void station_shim_unread(struct station_shim *shim, unsigned n);
void station_shim_write(struct station_shim *shim, uint64_t time_ns,
			const uint8_t *data, uint32_t octets);

#ifdef __cplusplus
}
#endif

#endif
