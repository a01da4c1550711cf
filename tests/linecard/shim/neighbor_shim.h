/*
 * The neighbor table for C++ tests: packets are numbers, addresses IPv4 or the
 * last four octets of 2001:db8::/96, and what the table does is a text.
 */
#ifndef NEIGHBOR_SHIM_H
#define NEIGHBOR_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct neighbor_shim;

struct neighbor_shim *neighbor_shim_new(unsigned packets);
void neighbor_shim_free(struct neighbor_shim *shim);

/* "?7" asks for 7, "!7" asks 7 itself, "+3" and "-3:reason" release packet 3;
 * empty afterwards. */
const char *neighbor_shim_log(struct neighbor_shim *shim);

/* version: 4 or 6. All on circuit 1 but where it is given. */
const char *neighbor_shim_find(struct neighbor_shim *shim, int version,
			       uint32_t addr, uint64_t ms);
const char *neighbor_shim_wait(struct neighbor_shim *shim, int version,
			       uint32_t addr, uint64_t ms, uint32_t packet);
void neighbor_shim_learn(struct neighbor_shim *shim, int version, uint32_t addr,
			 uint8_t mac, int create, uint64_t ms,
			 uint64_t life_ms);
void neighbor_shim_static(struct neighbor_shim *shim, int version,
			  uint32_t addr, int mac);
void neighbor_shim_expire(struct neighbor_shim *shim, uint64_t ms);
/* Milliseconds; -1: never. */
int64_t neighbor_shim_next(const struct neighbor_shim *shim);
void neighbor_shim_clear(struct neighbor_shim *shim);
unsigned neighbor_shim_rows(const struct neighbor_shim *shim);
/* The own address near addr, 0: none; set adds one. */
void neighbor_shim_own(struct neighbor_shim *shim, uint32_t circuit,
		       uint32_t addr);
uint32_t neighbor_shim_near(const struct neighbor_shim *shim, uint32_t circuit,
			    uint32_t addr);

#ifdef __cplusplus
}
#endif

#endif
