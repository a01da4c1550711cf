/* Circuits for C++ tests. */
#ifndef CIRCUIT_SHIM_H
#define CIRCUIT_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct circuit_shim;

struct circuit_shim *circuit_shim_new(unsigned home);
void circuit_shim_free(struct circuit_shim *shim);
/* vlan 0: the port's own circuit */
int circuit_shim_set(struct circuit_shim *shim, uint32_t id, unsigned slot,
		     unsigned port, unsigned vlan);
int circuit_shim_set_tunnel(struct circuit_shim *shim, uint32_t id);
void circuit_shim_delete(struct circuit_shim *shim, uint32_t id);
int circuit_shim_known(const struct circuit_shim *shim, uint32_t id);
uint32_t circuit_shim_by_port(const struct circuit_shim *shim, unsigned port,
			      unsigned vlan);

#ifdef __cplusplus
}
#endif

#endif
