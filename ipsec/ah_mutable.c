/*
 * RFC 4302 section 3.3.3.1 and appendix A: IPv4's TOS, flags, offset, TTL,
 * checksum and all options but those known not to change; IPv6's class, label
 * and hop limit, and the data of options whose type says that it may change
 * (RFC 8200 section 4.2). A routing header is taken as it arrives: at its last
 * stop no segments are left, which is the form that is predicted. Called by
 * ah_out and ah_in on headers of one packet, before the engine runs.
 */
#include "ah_mutable.h"

#include <string.h>

#include "ip_hdr.h"

#define OPTION_END 0
#define OPTION_NOP 1
#define OPTION6_PAD1 0
#define OPTION6_CHANGES 0x20 /* third bit of the type */
#define IP6_HOP_BY_HOP 0
#define IP6_DESTINATION 60
#define IP6_FRAGMENT_HEADER 44

/* RFC 4302 appendix A1. */
static bool
option_is_immutable(uint8_t type)
{
	switch (type) {
	case 130: /* security */
	case 133: /* extended security */
	case 134: /* commercial security */
	case 148: /* router alert */
	case 149: /* sender directed multi-destination delivery */
		return true;
	default:
		return false;
	}
}

static bool
zero_v4(uint8_t *at, const struct ip_parsed *parsed)
{
	struct ipv4_hdr *ip = (struct ipv4_hdr *)at;
	unsigned i = sizeof(*ip);

	ip->tos = 0;
	ip->fragment = be16_put(0);
	ip->ttl = 0;
	ip->checksum = be16_put(0);
	while (i < parsed->header && at[i] != OPTION_END) {
		unsigned left = parsed->header - i;

		if (at[i] == OPTION_NOP) {
			i++;
			continue;
		}
		if (left < 2 || at[i + 1] < 2 || at[i + 1] > left)
			return false;
		left = at[i + 1];
		if (!option_is_immutable(at[i]))
			memset(at + i, 0, left);
		i += left;
	}
	return true;
}

/* Options of one header of so many octets: type, length, data. */
static bool
zero_options(uint8_t *at, unsigned octets)
{
	for (unsigned i = 2; i < octets;) {
		if (at[i] == OPTION6_PAD1) {
			i++;
			continue;
		}
		if (octets - i < 2 || at[i + 1] > octets - i - 2)
			return false;
		if (at[i] & OPTION6_CHANGES)
			memset(at + i + 2, 0, at[i + 1]);
		i += 2u + at[i + 1];
	}
	return true;
}

static bool
zero_v6(uint8_t *at, const struct ip_parsed *parsed)
{
	struct ipv6_hdr *ip = (struct ipv6_hdr *)at;
	uint8_t type = ip->next_header;
	unsigned i = sizeof(*ip);

	ip->version_class_flow = be32_put(UINT32_C(6) << 28);
	ip->hop_limit = 0;
	/* ip_parse() has seen that these headers fit. */
	while (i < parsed->header) {
		unsigned octets = (at[i + 1] + 1u) * 8;

		if (type != IP6_HOP_BY_HOP && type != IP6_DESTINATION)
			octets = type == IP6_FRAGMENT_HEADER ? 8 : octets;
		else if (!zero_options(at + i, octets))
			return false;
		type = at[i];
		i += octets;
	}
	return true;
}

bool
ah_mutable_zero(uint8_t *at, const struct ip_parsed *parsed)
{
	return parsed->family == 6 ? zero_v6(at, parsed) : zero_v4(at, parsed);
}
