/* A C face of the anti-replay window and the outer header, for C++ tests. */
#ifndef REPLAY_SHIM_H
#define REPLAY_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct replay_shim;

/* NULL when refused; *err says why. */
struct replay_shim *replay_shim_new(unsigned window, int esn, uint64_t top,
				    int *err);
void replay_shim_free(struct replay_shim *r);
/* The full number, 0 when refused. */
uint64_t replay_shim_check(const struct replay_shim *r, uint32_t low);
int replay_shim_accept(struct replay_shim *r, uint64_t seq);

/* The inner TOS that comes out, -1 for drop; *sum_ok: checksum still right. */
int replay_shim_ecn(uint8_t outer_tos, uint8_t inner_tos, int *sum_ok);

#ifdef __cplusplus
}
#endif

#endif
