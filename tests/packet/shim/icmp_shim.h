/* icmp.h, punt_kind.h and bucket.h with plain types. */
#ifndef ICMP_SHIM_H
#define ICMP_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* In the order of enum icmp_error from 1 on. */
enum {
	ICMP_SHIM_NO_ROUTE = 1,
	ICMP_SHIM_NO_HOST,
	ICMP_SHIM_PROTOCOL,
	ICMP_SHIM_PORT,
	ICMP_SHIM_TOO_BIG,
	ICMP_SHIM_PROHIBITED,
	ICMP_SHIM_TTL,
	ICMP_SHIM_REASSEMBLY,
	ICMP_SHIM_PARAMETER
};

/* "may", "short", "error", "fragment", "destination", "source", "df". */
const char *icmp_shim_silence(int error, const uint8_t *ip, size_t octets);

/* src: text. Octets written. */
size_t icmp_shim_error(uint8_t *out, size_t room, int error, const char *src,
		       const uint8_t *ip, size_t octets, uint32_t value);

/* Octets of the answer, at out + *skip; 0: none. */
size_t icmp_shim_answer(uint8_t *ip, size_t octets, size_t *skip);

struct icmp_shim_seen {
	int rc;
	unsigned type, code, protocol;
	int request, reply, error;
	uint32_t rest, mtu;
	char quoted_src[46], quoted_dst[46];
	size_t upper_octets;
};
struct icmp_shim_seen icmp_shim_read(const uint8_t *ip, size_t octets);

size_t icmp_shim_probe(uint8_t *out, size_t room, const char *src,
		       const char *dst, unsigned id, unsigned number,
		       unsigned octets, int udp, int df, unsigned ttl);

/* The name of the kind. */
const char *icmp_shim_punt(const uint8_t *ip, size_t octets);

/* How many of n takes at now_ns a bucket that was taken at 0 grants. */
unsigned icmp_shim_bucket(unsigned at_zero, uint64_t now_ns, unsigned n,
			  uint32_t per_second, uint32_t burst);

#ifdef __cplusplus
}
#endif

#endif
