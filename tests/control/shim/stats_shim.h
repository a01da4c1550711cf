/* The counters' shared memory for C++ tests. */
#ifndef STATS_SHIM_H
#define STATS_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct stats;

int stats_shim_new(int *fd, struct stats **stats);
int stats_shim_map(int fd, struct stats **stats);
void stats_shim_unmap(struct stats **stats);
size_t stats_shim_octets(void);
void stats_shim_count(struct stats *stats, unsigned circuit, uint64_t n);
uint64_t stats_shim_counted(const struct stats *stats, unsigned circuit);

#ifdef __cplusplus
}
#endif

#endif
