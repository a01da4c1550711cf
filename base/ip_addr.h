/*
 * An IP address of either family, as octets: it may lie in a control message,
 * be a key of a table, and be compared with memcmp(). IPv4 takes the first four
 * octets, the rest are zero; so are all of an address that is none.
 */
#ifndef IP_ADDR_H
#define IP_ADDR_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#define IP_ADDR_TEXT_MAX 46 /* INET6_ADDRSTRLEN */

struct ip_addr {
	uint8_t family; /* 0 none, 4, 6 */
	uint8_t reserved[3];
	uint8_t octets[16]; /* wire order */
};
static_assert(sizeof(struct ip_addr) == 20, "control version 1");

struct ip_addr ip_addr_v4(uint32_t addr);
struct ip_addr ip_addr_v6(const uint8_t octets[16]);
/* The octets as they stand in a header: 4 or 16 of them by family. */
struct ip_addr ip_addr_get(unsigned family, const void *octets);
/* 0 unless the family is 4. */
uint32_t ip_addr_to_v4(const struct ip_addr *addr);

/* 32, 128, or 0. */
unsigned ip_addr_bits(const struct ip_addr *addr);
bool ip_addr_equal(const struct ip_addr *a, const struct ip_addr *b);
/* Whether the first len bits of both agree; false across families. */
bool ip_addr_in_prefix(const struct ip_addr *addr, const struct ip_addr *prefix,
		       unsigned len);
/* With all bits behind the first len cleared. */
struct ip_addr ip_addr_mask(const struct ip_addr *addr, unsigned len);

/* Exactly one address (RFC 4291 section 2.2); -EINVAL. */
int ip_addr_parse(const char *text, struct ip_addr *addr);
/* The form of RFC 5952; "-" for none. Returns text. */
const char *ip_addr_text(const struct ip_addr *addr,
			 char text[IP_ADDR_TEXT_MAX]);

#endif
