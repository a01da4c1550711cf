/*
 * Arguments: octets of a line to values and back, and how each type reads in a
 * sentence. Numbers are decimal or 0x, addresses dotted quads without leading
 * zeros ("010" would be octal elsewhere); nothing is guessed.
 */
#include "syntax.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "ip_addr.h"
#include "syntax_impl.h"

#define SEALED_MAX (4 * ((SYNTAX_SECRET_MAX + 28 + 2) / 3))

bool
syntax_choice_get(const struct syntax_arg *arg, unsigned i,
		  struct syntax_choice *choice)
{
	if (arg->choice_at != NULL)
		return arg->choice_at(i, choice);
	*choice = arg->choices[i];
	return choice->word != NULL;
}

bool
syntax_type_has_words(const struct syntax_arg *arg)
{
	return arg->type == SYNTAX_ENUM || arg->type == SYNTAX_CODE;
}

bool
syntax_type_is_free(const struct syntax_arg *arg, enum syntax_coding coding)
{
	return arg->type == SYNTAX_NAME || arg->type == SYNTAX_TEXT ||
	       (arg->type == SYNTAX_SECRET && coding != SYNTAX_HEX);
}

/* All of the text, as one number of at most max. */
static bool
number_parse(const char *text, size_t len, uint64_t max, uint64_t *n)
{
	unsigned base = 10;
	uint64_t v = 0;

	if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
		len -= 2;
	}
	if (len == 0 || len > 10)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned d = (unsigned)hex_digit(text[i]);

		if (d >= base)
			return false;
		v = v * base + d;
	}
	*n = v;
	return v <= max;
}

static bool
decimal_parse(const char *text, size_t len, uint64_t max, uint64_t *n)
{
	if (len == 0 || (len > 1 && text[0] == '0'))
		return false;
	return number_parse(text, len, max, n);
}

static bool
ipv4_parse(const char *text, size_t len, uint64_t *addr)
{
	uint64_t part, v = 0;

	for (unsigned i = 0; i < 4; i++) {
		const char *dot = i == 3 ? text + len : memchr(text, '.', len);
		size_t n;

		if (dot == NULL)
			return false;
		n = (size_t)(dot - text);
		if (!decimal_parse(text, n, 255, &part))
			return false;
		v = v << 8 | part;
		if (i < 3) {
			text += n + 1;
			len -= n + 1;
		}
	}
	*addr = v;
	return true;
}

int
syntax_ip_parse(const char *text, size_t len, struct ip_addr *addr)
{
	char copy[IP_ADDR_TEXT_MAX];

	if (len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return strlen(copy) == len ? ip_addr_parse(copy, addr) : -EINVAL;
}

/* min 1: not the unspecified address. */
static bool
ip_parse(const struct syntax_arg *arg, const char *text, size_t len)
{
	static const uint8_t none[16];
	struct ip_addr addr;

	return syntax_ip_parse(text, len, &addr) == 0 &&
	       (arg->min == 0 || memcmp(addr.octets, none, sizeof(none)) != 0);
}

static bool
prefix_parse(const char *text, size_t len, uint64_t *value)
{
	const char *slash = memchr(text, '/', len);
	uint64_t addr, bits;
	size_t n;

	if (slash == NULL)
		return false;
	n = (size_t)(slash - text);
	if (!ipv4_parse(text, n, &addr) ||
	    !decimal_parse(slash + 1, len - n - 1, 32, &bits))
		return false;
	/* The highest bit tells 0.0.0.0/0 from nothing. */
	*value = UINT64_C(1) << 40 | addr << 8 | bits;
	return true;
}

static uint32_t
prefix_mask(unsigned len)
{
	return len == 0 ? 0 : UINT32_MAX << (32 - len);
}

static bool
network_parse(const char *text, size_t len, uint64_t *value)
{
	uint64_t v;

	if (!prefix_parse(text, len, &v))
		return false;
	if (((uint32_t)(v >> 8) & ~prefix_mask((unsigned)v & 0xff)) != 0)
		return false;
	*value = v;
	return true;
}

static bool
slot_unit_parse(const struct syntax_arg *arg, const char *text, size_t len,
		uint64_t *value)
{
	const char *slash = memchr(text, '/', len);
	uint64_t slot, unit;
	size_t n;

	if (slash == NULL)
		return false;
	n = (size_t)(slash - text);
	if (!decimal_parse(text, n, 14, &slot) || slot == 0 ||
	    !decimal_parse(slash + 1, len - n - 1, arg->max, &unit) ||
	    unit < arg->min)
		return false;
	*value = slot << 8 | unit;
	return true;
}

/* ASN:N or A.B.C.D:N (RFC 4364 section 4.2). */
static bool
rd_parse(const char *text, size_t len)
{
	const char *colon = memchr(text, ':', len);
	uint64_t n;
	size_t head;

	if (colon == NULL)
		return false;
	head = (size_t)(colon - text);
	if (!decimal_parse(text, head, UINT32_MAX, &n) &&
	    !ipv4_parse(text, head, &n))
		return false;
	return decimal_parse(colon + 1, len - head - 1, UINT32_MAX, &n);
}

static bool
secret_parse(enum syntax_coding coding, const char *text, size_t len)
{
	if (coding == SYNTAX_ASCII)
		return len > 0 && len <= SYNTAX_SECRET_MAX &&
		       memchr(text, '"', len) == NULL;
	if (coding == SYNTAX_SEALED)
		return len > 0 && len <= SEALED_MAX &&
		       memchr(text, '"', len) == NULL;
	if (len == 0 || len % 2 != 0 || len / 2 > SYNTAX_SECRET_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (hex_digit(text[i]) < 0)
			return false;
	}
	return true;
}

static bool
choice_parse(const struct syntax_arg *arg, const char *text, size_t len,
	     uint64_t *value)
{
	struct syntax_choice choice;
	unsigned fits = 0;

	for (unsigned i = 0; syntax_choice_get(arg, i, &choice); i++) {
		if (strncmp(choice.word, text, len) != 0)
			continue;
		fits++;
		*value = choice.value;
		if (choice.word[len] == '\0')
			return true;
	}
	return fits == 1;
}

static bool
addr_parse(enum syntax_type type, const char *text, size_t len)
{
	char form[SYNTAX_ADDR_OCTETS];

	return syntax_addr_text(type, text, len, form) == 0;
}

bool
syntax_value_parse(const struct syntax_arg *arg, enum syntax_coding coding,
		   const char *text, size_t len, struct syntax_value *value)
{
	switch (arg->type) {
	case SYNTAX_NAME:
		return len >= arg->min && len <= arg->max &&
		       memchr(text, '"', len) == NULL;
	case SYNTAX_TEXT:
		return len >= arg->min && len <= arg->max;
	case SYNTAX_U32:
	case SYNTAX_SPI:
		return number_parse(text, len, arg->max, &value->n) &&
		       value->n >= arg->min;
	case SYNTAX_IPV4:
		return ipv4_parse(text, len, &value->n) && value->n >= arg->min;
	case SYNTAX_IP:
		return ip_parse(arg, text, len);
	case SYNTAX_PREFIX:
		return network_parse(text, len, &value->n);
	case SYNTAX_IFADDR:
		return prefix_parse(text, len, &value->n);
	case SYNTAX_IPV6:
	case SYNTAX_PREFIX6:
	case SYNTAX_IFADDR6:
		return addr_parse(arg->type, text, len);
	case SYNTAX_MAC:
		return syntax_mac_parse(text, len, &value->n);
	case SYNTAX_SLOT_UNIT:
		return slot_unit_parse(arg, text, len, &value->n);
	case SYNTAX_RD:
		return rd_parse(text, len);
	case SYNTAX_ENUM:
		return choice_parse(arg, text, len, &value->n);
	case SYNTAX_CODE:
		return (number_parse(text, len, arg->max, &value->n) &&
			value->n >= arg->min) ||
		       choice_parse(arg, text, len, &value->n);
	case SYNTAX_SECRET:
		return secret_parse(coding, text, len);
	}
	return false;
}

static int
choice_text(const struct syntax_arg *arg, uint64_t n, char *text, size_t octets)
{
	struct syntax_choice choice;

	for (unsigned i = 0; syntax_choice_get(arg, i, &choice); i++) {
		if (choice.value == n)
			return snprintf(text, octets, "%s", choice.word);
	}
	return 0;
}

static int
name_text(const char *name, char *text, size_t octets)
{
	bool quote =
	    *name == '\0' || *name == '!' || strpbrk(name, " \t") != NULL;

	return snprintf(text, octets, quote ? "\"%s\"" : "%s", name);
}

static int
address_text(uint64_t addr, const char *tail, char *text, size_t octets)
{
	return snprintf(
	    text, octets, "%u.%u.%u.%u%s", (unsigned)(addr >> 24 & 0xff),
	    (unsigned)(addr >> 16 & 0xff), (unsigned)(addr >> 8 & 0xff),
	    (unsigned)(addr & 0xff), tail);
}

static int
value_text(const struct syntax_arg *type, uint64_t n, const char *name,
	   char *text, size_t octets)
{
	char tail[8];
	int len;

	switch (type->type) {
	case SYNTAX_NAME:
		return name_text(name, text, octets);
	case SYNTAX_TEXT:
	case SYNTAX_RD:
	case SYNTAX_IPV6:
	case SYNTAX_PREFIX6:
	case SYNTAX_IFADDR6:
	case SYNTAX_IP:
		return snprintf(text, octets, "%s", name);
	case SYNTAX_U32:
		return snprintf(text, octets, "%u", (unsigned)n);
	case SYNTAX_SPI:
		return snprintf(text, octets, "0x%x", (unsigned)n);
	case SYNTAX_IPV4:
		return address_text(n, "", text, octets);
	case SYNTAX_PREFIX:
	case SYNTAX_IFADDR:
		(void)snprintf(tail, sizeof(tail), "/%u", (unsigned)n & 0xff);
		return address_text(n >> 8, tail, text, octets);
	case SYNTAX_SLOT_UNIT:
		return snprintf(text, octets, "%u/%u", (unsigned)(n >> 8),
				(unsigned)n & 0xff);
	case SYNTAX_MAC:
		return syntax_mac_text(n, text, octets);
	case SYNTAX_ENUM:
		return choice_text(type, n, text, octets);
	case SYNTAX_CODE:
		len = choice_text(type, n, text, octets);
		return len != 0 ? len
				: snprintf(text, octets, "%u", (unsigned)n);
	case SYNTAX_SECRET:
		break;
	}
	return 0;
}

int
syntax_value_text(const struct syntax_arg *type, uint64_t n, const char *name,
		  char *text, size_t octets)
{
	int len = value_text(type, n, name, text, octets);

	return len < 0 || (size_t)len >= octets ? -ENOSPC : len;
}

static void
choice_expects(const struct syntax_arg *type, char *text, size_t octets)
{
	struct syntax_choice choice, next;
	size_t at = 0;

	text[0] = '\0';
	for (unsigned i = 0; syntax_choice_get(type, i, &choice); i++) {
		const char *between = i == 0 ? ""
				      : syntax_choice_get(type, i + 1, &next)
					  ? ", "
					  : " or ";
		int n = snprintf(text + at, octets - at, "%s%s", between,
				 choice.word);

		if (n < 0 || (size_t)n >= octets - at)
			return;
		at += (size_t)n;
	}
}

static void
secret_expects(enum syntax_coding coding, char *text, size_t octets)
{
	(void)snprintf(text, octets, "%s",
		       coding == SYNTAX_HEX
			   ? "an even number of hexadecimal digits"
		       : coding == SYNTAX_ASCII
			   ? "a word of at most 128 octets"
			   : "what show configuration prints behind it");
}

void
syntax_expects(const struct syntax_arg *type, enum syntax_coding coding,
	       char *text, size_t octets)
{
	static const char *const fixed[] = {
	    [SYNTAX_IPV4] = "an IPv4 address such as 192.0.2.1",
	    [SYNTAX_IP] = "an IP address such as 192.0.2.1 or 2001:db8::1",
	    [SYNTAX_PREFIX] = "an IPv4 prefix such as 10.1.0.0/16, without "
			      "host bits",
	    [SYNTAX_IFADDR] = "an IPv4 address with its prefix length such as "
			      "10.1.0.1/16",
	    [SYNTAX_IPV6] = "an IPv6 address such as 2001:db8::1",
	    [SYNTAX_PREFIX6] = "an IPv6 prefix such as 2001:db8::/32, without "
			       "host bits",
	    [SYNTAX_IFADDR6] = "an IPv6 address with its prefix length such "
			       "as 2001:db8::1/64",
	    [SYNTAX_MAC] = "the MAC address of a station such as "
			   "00:30:88:00:00:11",
	    [SYNTAX_RD] = "a route distinguisher such as 65000:1",
	};

	switch (type->type) {
	case SYNTAX_NAME:
		(void)snprintf(text, octets, "%s of at most %u octets",
			       type->name, type->max);
		break;
	case SYNTAX_TEXT:
		(void)snprintf(text, octets, "a text");
		break;
	case SYNTAX_U32:
		(void)snprintf(text, octets, "a number from %u to %u",
			       type->min, type->max);
		break;
	case SYNTAX_CODE:
		(void)snprintf(text, octets, "a number from %u to %u or a name",
			       type->min, type->max);
		break;
	case SYNTAX_SPI:
		(void)snprintf(text, octets,
			       "an SPI from %u to %u (0 to 255 are "
			       "reserved, RFC 4303 section 2.1)",
			       type->min, type->max);
		break;
	case SYNTAX_SLOT_UNIT:
		(void)snprintf(text, octets,
			       "SLOT/%s such as 3/1, slot from 1 to "
			       "14, %s from %u to %u",
			       type->max == 2 ? "ASP" : "PORT",
			       type->max == 2 ? "ASP" : "port", type->min,
			       type->max);
		break;
	case SYNTAX_ENUM:
		choice_expects(type, text, octets);
		break;
	case SYNTAX_SECRET:
		secret_expects(coding, text, octets);
		break;
	default:
		(void)snprintf(text, octets, "%s", fixed[type->type]);
	}
}
