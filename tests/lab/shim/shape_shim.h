/* The C face of lab/shape.h for C++ tests. */
#ifndef SHAPE_SHIM_H
#define SHAPE_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SHAPE_SHIM_NEVER UINT64_MAX

struct shape_shim_conf {
	uint64_t delay_ns, jitter_ns, rate_bps;
	uint32_t queue, loss, duplication, reordering, corruption, mtu;
	int down;
};

struct shape_shim;

struct shape_shim *shape_shim_new(uint64_t seed,
				  const struct shape_shim_conf *conf);
void shape_shim_free(struct shape_shim *shim);
void shape_shim_set(struct shape_shim *shim,
		    const struct shape_shim_conf *conf);
int shape_shim_is_clear(const struct shape_shim *shim);
void shape_shim_push(struct shape_shim *shim, uint64_t time_ns,
		     const uint8_t *data, uint32_t octets, uint64_t trace);
uint64_t shape_shim_next(const struct shape_shim *shim);
/* One frame that has arrived by now: its octets; 0: none. data: of up to 9238
 * octets. */
uint32_t shape_shim_take(struct shape_shim *shim, uint64_t now_ns,
			 uint8_t *data, uint64_t *time_ns, uint64_t *trace);
/* By the name of link_count.h. */
uint64_t shape_shim_count(const struct shape_shim *shim, const char *name);

#ifdef __cplusplus
}
#endif

#endif
