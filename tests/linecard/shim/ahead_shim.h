/* The ports of a card that receive, each from a list of clocks, and one pool.
 */
#ifndef AHEAD_SHIM_H
#define AHEAD_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ahead_shim;

struct ahead_shim *ahead_shim_new(unsigned buffers);
void ahead_shim_free(struct ahead_shim *shim);

/* A port whose n frames arrive at first_ns, first_ns + step_ns, ... */
void ahead_shim_port(struct ahead_shim *shim, unsigned number,
		     uint64_t first_ns, uint64_t step_ns, unsigned n);
/* Its frames have 9,000 octets from now on, not 60. */
void ahead_shim_jumbo(struct ahead_shim *shim, unsigned number);
int ahead_shim_fill(struct ahead_shim *shim, unsigned room);
unsigned ahead_shim_staged(const struct ahead_shim *shim, unsigned number);
unsigned ahead_shim_free_buffers(const struct ahead_shim *shim);
/* The least clock that a port which has not ended has read to. */
uint64_t ahead_shim_limit_ns(const struct ahead_shim *shim);

struct ahead_shim_frame {
	unsigned port;
	uint64_t order_ns;
};
/* Admits up to until_ns as a processor does: how many frames, in order. */
unsigned ahead_shim_admit(struct ahead_shim *shim, uint64_t until_ns,
			  struct ahead_shim_frame *frame, unsigned most);

#ifdef __cplusplus
}
#endif

#endif
