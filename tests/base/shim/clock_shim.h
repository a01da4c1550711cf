/* clock.h behind an opaque pointer. */
#ifndef CLOCK_SHIM_H
#define CLOCK_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct clock_shim;

struct clock_shim *clock_shim_held(uint64_t now_ns);
struct clock_shim *clock_shim_monotonic(void);
void clock_shim_advance(struct clock_shim *c, uint64_t now_ns);
uint64_t clock_shim_now(const struct clock_shim *c);
uint64_t clock_shim_machine(void);
void clock_shim_free(struct clock_shim *c);

#ifdef __cplusplus
}
#endif
#endif
