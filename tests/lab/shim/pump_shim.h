/*
 * A pump with one link for C++ tests: at each end a socket pair whose other
 * half is the test's.
 */
#ifndef PUMP_SHIM_H
#define PUMP_SHIM_H

#include <stdint.h>

#include "shape_shim.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pump_shim;

/* headers: 1: as routers have them. */
struct pump_shim *pump_shim_new(int headers, int timed,
				const struct shape_shim_conf *conf);
void pump_shim_free(struct pump_shim *shim);
/* The test's half at an end. */
int pump_shim_fd(const struct pump_shim *shim, unsigned side);
/* Waits until the pump has something to do, and has it do that; 0: nothing came
 * up in time. */
int pump_shim_run(struct pump_shim *shim, int timeout_ms);
uint64_t pump_shim_count(const struct pump_shim *shim, unsigned side,
			 const char *name);
void pump_shim_node(struct pump_shim *shim, unsigned side, int up);
void pump_shim_shape(struct pump_shim *shim, unsigned side,
		     const struct shape_shim_conf *conf);
/* Counts what the tap sees: sent and arrived. */
void pump_shim_tap(struct pump_shim *shim, unsigned seen[2]);

#ifdef __cplusplus
}
#endif

#endif
