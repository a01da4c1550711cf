/*
 * Addresses that do not fit into a number: IPv6, and fields of either family.
 * They are kept as text in one form, so that equal addresses are equal text.
 * Called where lines are matched and where values are taken and read.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "syntax_impl.h"

bool
syntax_type_is_addr_text(enum syntax_type type)
{
	return type == SYNTAX_IPV6 || type == SYNTAX_PREFIX6 ||
	       type == SYNTAX_IFADDR6 || type == SYNTAX_IP;
}

/* 0 .. 128, decimal, without leading zeros. */
static bool
length_parse(const char *text, size_t len, unsigned *bits)
{
	unsigned v = 0;

	if (len == 0 || len > 3 || (len > 1 && text[0] == '0'))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		v = v * 10 + (unsigned)(text[i] - '0');
	}
	*bits = v;
	return v <= 128;
}

int
syntax_addr_text(enum syntax_type type, const char *text, size_t len,
		 char out[static SYNTAX_ADDR_OCTETS])
{
	bool with_length = type == SYNTAX_PREFIX6 || type == SYNTAX_IFADDR6;
	const char *slash = with_length ? memchr(text, '/', len) : NULL;
	size_t n = slash == NULL ? len : (size_t)(slash - text);
	char one[IP_ADDR_TEXT_MAX];
	struct ip_addr addr;
	struct ip_addr net;
	unsigned bits = 0;

	if (with_length &&
	    (slash == NULL || !length_parse(slash + 1, len - n - 1, &bits)))
		return -EINVAL;
	if (syntax_ip_parse(text, n, &addr) != 0 ||
	    (type != SYNTAX_IP && addr.family != 6))
		return -EINVAL;
	net = ip_addr_mask(&addr, bits);
	if (type == SYNTAX_PREFIX6 && !ip_addr_equal(&net, &addr))
		return -EINVAL;
	(void)ip_addr_text(&addr, one);
	if (with_length)
		(void)snprintf(out, SYNTAX_ADDR_OCTETS, "%s/%u", one, bits);
	else
		(void)snprintf(out, SYNTAX_ADDR_OCTETS, "%s", one);
	return 0;
}

void
syntax_addr_read(const char *text, struct ip_addr *addr, unsigned *len)
{
	const char *slash = strchr(text, '/');
	size_t n = slash == NULL ? strlen(text) : (size_t)(slash - text);

	*addr = (struct ip_addr){0};
	(void)syntax_ip_parse(text, n, addr);
	if (len != NULL)
		*len = slash == NULL ? ip_addr_bits(addr)
				     : (unsigned)strtoul(slash + 1, NULL, 10);
}

/* Six octets in pairs of digits; of one station, and not of nobody. */
bool
syntax_mac_parse(const char *text, size_t len, uint64_t *value)
{
	uint64_t v = 1;

	if (len != 17)
		return false;
	for (size_t i = 0; i < len; i++) {
		int digit = hex_digit(text[i]);

		if (i % 3 == 2 ? text[i] != ':' : digit < 0)
			return false;
		if (i % 3 != 2)
			v = v << 4 | (uint64_t)digit;
	}
	*value = v;
	return (v >> 40 & 1) == 0 && v != UINT64_C(1) << 48;
}

int
syntax_mac_text(uint64_t v, char *text, size_t octets)
{
	return snprintf(text, octets, "%02x:%02x:%02x:%02x:%02x:%02x",
			(unsigned)(v >> 40 & 0xff), (unsigned)(v >> 32 & 0xff),
			(unsigned)(v >> 24 & 0xff), (unsigned)(v >> 16 & 0xff),
			(unsigned)(v >> 8 & 0xff), (unsigned)(v & 0xff));
}
