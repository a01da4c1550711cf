/* A pool with memory from the heap; buffers by number. */
#ifndef PKT_POOL_SHIM_H
#define PKT_POOL_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pkt_pool_shim;

struct pkt_pool_shim *pkt_pool_shim_new(uint32_t count);
void pkt_pool_shim_free(struct pkt_pool_shim *s);
/* The buffer's number, or -1 when the pool is empty. */
int64_t pkt_pool_shim_take(struct pkt_pool_shim *s);
void pkt_pool_shim_give(struct pkt_pool_shim *s, uint32_t buf);
/* Room before and behind an empty packet as pkt_alloc() makes it. */
unsigned pkt_pool_shim_headroom(struct pkt_pool_shim *s);
unsigned pkt_pool_shim_tailroom(struct pkt_pool_shim *s);
unsigned pkt_pool_shim_buf_octets(void);
unsigned pkt_pool_shim_largest(void);
/* Fills buffer buf from end to end; asan sees what lies outside. */
void pkt_pool_shim_fill(struct pkt_pool_shim *s, uint32_t buf);
int pkt_pool_shim_extent_valid(struct pkt_pool_shim *s, unsigned pool,
			       uint32_t buf, uint16_t off, uint16_t len);
uint64_t pkt_pool_shim_tie(uint16_t stage, uint8_t port, uint32_t index);

#ifdef __cplusplus
}
#endif
#endif
