/*
 * RFC 1071: the sum of 16-bit words in ones' complement, sixteen bits at a time
 * in a wide accumulator. RFC 1624 equation 3 for one changed word.
 */
#include "ip_cksum.h"

#include <string.h>

static uint16_t
fold(uint64_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* Every block but the last must be of even length. */
static uint64_t
add(uint64_t sum, const void *octets, size_t len)
{
	const uint8_t *p = octets;
	struct be32 word;

	for (; len >= 4; len -= 4, p += 4) {
		memcpy(&word, p, sizeof(word));
		sum += be32_get(word);
	}
	if (len >= 2) {
		sum += (unsigned)p[0] << 8 | p[1];
		len -= 2;
		p += 2;
	}
	if (len != 0)
		sum += (unsigned)p[0] << 8;
	return sum;
}

uint16_t
ip_cksum(const void *octets, size_t len)
{
	return (uint16_t)~fold(add(0, octets, len));
}

uint16_t
ip_cksum_pseudo(const void *src, const void *dst, size_t address_octets,
		unsigned protocol, const void *octets, size_t len)
{
	uint64_t sum = protocol + len;

	sum = add(sum, src, address_octets);
	sum = add(sum, dst, address_octets);
	return (uint16_t)~fold(add(sum, octets, len));
}

struct be16
ip_cksum_update(struct be16 sum, struct be16 was, struct be16 now)
{
	uint64_t s = (uint16_t)~be16_get(sum);

	s += (uint16_t)~be16_get(was);
	s += be16_get(now);
	return be16_put((uint16_t)~fold(s));
}
