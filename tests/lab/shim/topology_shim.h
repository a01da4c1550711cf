#ifndef TOPOLOGY_SHIM_H
#define TOPOLOGY_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Reads octets as DIR/t.yaml. "LINE:COLUMN: text" of each fault, a line each;
 * the caller frees it. *rc is what was returned, *found how many there are.
 */
char *topology_shim_faults(const char *dir, const void *octets, size_t n,
			   int *rc, unsigned *found);

struct topology_shim_link {
	char end[2][48];
	uint64_t delay_ns[2];
	uint64_t loss[2]; /* in 10^9 */
	uint64_t rate[2];
	int down;
};
struct topology_shim_sum {
	char name[40];
	unsigned nodes, links, flows;
	uint64_t seed;
	struct topology_shim_link first;
};
/* 0 or what topology_read() returned. */
int topology_shim_read(const char *dir, const char *text,
		       struct topology_shim_sum *sum);

#ifdef __cplusplus
}
#endif

#endif
