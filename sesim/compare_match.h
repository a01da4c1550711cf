/*
 * Two captures, packet by packet: which packets of the one are found in the
 * other, in order, octet by octet.
 */
#ifndef COMPARE_MATCH_H
#define COMPARE_MATCH_H

#include <stdint.h>

#define COMPARE_WHY_MAX 512

struct compare_match {
	uint64_t first;         /* IPv4 packets of the first capture */
	uint64_t second;        /* of the second */
	uint64_t equal;         /* of the second found in the first, in order */
	uint64_t moved;         /* found, but out of order */
	uint64_t strange;       /* of the second, not found in the first */
	uint64_t first_strange; /* number of such a packet, from 1; 0: none */
	uint64_t missing;       /* of the first, not found in the second */
	uint64_t others; /* frames of the first that are no IPv4 packet */
};

/*
 * Compares the IPv4 packets of two captures; what is around them, the header
 * checksum, and a TTL that is ttl_less smaller in the second do not count.
 * 0; -errno with why.
 */
int compare_match(const char *first, const char *second, unsigned ttl_less,
		  struct compare_match *match, char why[COMPARE_WHY_MAX]);

#endif
