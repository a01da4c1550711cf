/* The C side of the counters' tests. */
#include "stats_shim.h"

#include "stats.h"

int
stats_shim_new(int *fd, struct stats **stats)
{
	return stats_new(fd, stats);
}

int
stats_shim_map(int fd, struct stats **stats)
{
	return stats_map(fd, stats);
}

void
stats_shim_unmap(struct stats **stats)
{
	stats_unmap(stats);
}

size_t
stats_shim_octets(void)
{
	return sizeof(struct stats);
}

void
stats_shim_count(struct stats *stats, unsigned circuit, uint64_t n)
{
	counter_add(&stats->circuit[circuit].in_octets, n);
}

uint64_t
stats_shim_counted(const struct stats *stats, unsigned circuit)
{
	return counter_get(&stats->circuit[circuit].in_octets);
}
