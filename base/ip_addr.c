/*
 * IP addresses of both families. Text goes by inet_pton and inet_ntop, which
 * take the forms of RFC 4291 section 2.2 and write that of RFC 5952.
 */
#include "ip_addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "be.h"

struct ip_addr
ip_addr_v4(uint32_t addr)
{
	struct be32 octets = be32_put(addr);

	return ip_addr_get(4, octets.b);
}

struct ip_addr
ip_addr_v6(const uint8_t octets[16])
{
	return ip_addr_get(6, octets);
}

struct ip_addr
ip_addr_get(unsigned family, const void *octets)
{
	struct ip_addr addr = {.family = (uint8_t)family};

	memcpy(addr.octets, octets, family == 6 ? 16 : 4);
	return addr;
}

uint32_t
ip_addr_to_v4(const struct ip_addr *addr)
{
	struct be32 octets;

	if (addr->family != 4)
		return 0;
	memcpy(octets.b, addr->octets, sizeof(octets.b));
	return be32_get(octets);
}

unsigned
ip_addr_bits(const struct ip_addr *addr)
{
	return addr->family == 4 ? 32 : addr->family == 6 ? 128 : 0;
}

bool
ip_addr_equal(const struct ip_addr *a, const struct ip_addr *b)
{
	return a->family == b->family &&
	       memcmp(a->octets, b->octets, sizeof(a->octets)) == 0;
}

struct ip_addr
ip_addr_mask(const struct ip_addr *addr, unsigned len)
{
	struct ip_addr masked = *addr;

	for (unsigned i = 0; i < sizeof(masked.octets); i++) {
		unsigned keep = len > 8 * i ? len - 8 * i : 0;

		if (keep < 8)
			masked.octets[i] &= (uint8_t)(0xff00U >> keep);
	}
	return masked;
}

bool
ip_addr_in_prefix(const struct ip_addr *addr, const struct ip_addr *prefix,
		  unsigned len)
{
	struct ip_addr a = ip_addr_mask(addr, len);
	struct ip_addr b = ip_addr_mask(prefix, len);

	return ip_addr_equal(&a, &b);
}

int
ip_addr_parse(const char *text, struct ip_addr *addr)
{
	uint8_t octets[16] = {0};

	if (inet_pton(AF_INET, text, octets) == 1)
		*addr = ip_addr_get(4, octets);
	else if (inet_pton(AF_INET6, text, octets) == 1)
		*addr = ip_addr_get(6, octets);
	else
		return -EINVAL;
	return 0;
}

const char *
ip_addr_text(const struct ip_addr *addr, char text[IP_ADDR_TEXT_MAX])
{
	int family = addr->family == 6 ? AF_INET6 : AF_INET;

	if (addr->family == 0 ||
	    inet_ntop(family, addr->octets, text, IP_ADDR_TEXT_MAX) == NULL)
		memcpy(text, "-", 2);
	return text;
}
