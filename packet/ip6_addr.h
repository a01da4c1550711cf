/*
 * Kinds of IPv6 addresses (RFC 4291 section 2.4), of 16 octets as they lie in a
 * header.
 */
#ifndef IP6_ADDR_H
#define IP6_ADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define IP6_LINK_LOCAL_BITS 10

static inline bool
ip6_is_unspecified(const uint8_t a[16])
{
	static const uint8_t none[16];

	return memcmp(a, none, 16) == 0;
}

static inline bool
ip6_is_loopback(const uint8_t a[16])
{
	static const uint8_t loopback[16] = {[15] = 1};

	return memcmp(a, loopback, 16) == 0;
}

static inline bool
ip6_is_multicast(const uint8_t a[16])
{
	return a[0] == 0xff;
}

/* 1 interface, 2 link, ... (RFC 4291 section 2.7). */
static inline unsigned
ip6_multicast_scope(const uint8_t a[16])
{
	return a[1] & 15U;
}

static inline bool
ip6_is_link_local(const uint8_t a[16])
{
	return a[0] == 0xfe && (a[1] & 0xc0) == 0x80;
}

/* ::ffff:0:0/96 stands for IPv4 inside a host, never on a wire (RFC 6890). */
static inline bool
ip6_is_mapped(const uint8_t a[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	return memcmp(a, mapped, 12) == 0;
}

/* ff02::1:ff00:0/104 (RFC 4291 section 2.7.1). */
static inline bool
ip6_is_solicited_node(const uint8_t a[16])
{
	static const uint8_t first[13] = {0xff, 0x02, [11] = 1, [12] = 0xff};

	return memcmp(a, first, 13) == 0;
}

/* ff02::1 and ff02::2: all nodes, and all routers, of the link. */
static inline bool
ip6_is_all_here(const uint8_t a[16])
{
	static const uint8_t first[15] = {0xff, 0x02};

	return memcmp(a, first, 15) == 0 && (a[15] == 1 || a[15] == 2);
}

/* One station somewhere: what a router may forward from and to. */
static inline bool
ip6_is_plain(const uint8_t a[16])
{
	return !ip6_is_multicast(a) && !ip6_is_link_local(a) &&
	       !ip6_is_unspecified(a) && !ip6_is_loopback(a) &&
	       !ip6_is_mapped(a);
}

#endif
