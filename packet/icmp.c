/*
 * ICMP errors: which fates cause them, when the router has to be silent, and
 * how they are written. Called by card/ (which drops cause a notice) and by the
 * controller (which makes the message). Implements RFC 792, RFC 1812 section
 * 4.3.2, RFC 1191 section 4 and RFC 4443 sections 2 to 4.1. It quotes as much
 * as RFC 1812 section 4.3.2.3 asks, not only the first eight octets.
 */
#include "icmp.h"

#include <string.h>

#include "ip_cksum.h"
#include "ip_flow.h"

#define TOS_CS6 0xc0 /* internetwork control, RFC 1812 section 4.3.2.5 */

static const struct {
	const char *name;
	uint8_t type4, code4, type6, code6;
} errors[ICMP_ERROR_MAX] = {
#define X(id, n, t4, c4, t6, c6) [ICMP_ERROR_##id] = {n, t4, c4, t6, c6},
    ICMP_ERRORS(X)
#undef X
};

const char *
icmp_error_name(enum icmp_error error)
{
	return error <= ICMP_ERROR_NONE || error >= ICMP_ERROR_MAX
		   ? "?"
		   : errors[error].name;
}

enum icmp_error
icmp_error_find(unsigned family, uint8_t type, uint8_t code)
{
	for (int e = ICMP_ERROR_NONE + 1; e < ICMP_ERROR_MAX; e++) {
		bool v4 = family == 4;

		if (type == (v4 ? errors[e].type4 : errors[e].type6) &&
		    code == (v4 ? errors[e].code4 : errors[e].code6))
			return (enum icmp_error)e;
	}
	return ICMP_ERROR_NONE;
}

enum icmp_error
icmp_error_of(unsigned fate)
{
	switch (fate) {
	case PKT_DROP_NO_ROUTE:
		return ICMP_ERROR_NO_ROUTE;
	case PKT_DROP_TTL_EXPIRED:
		return ICMP_ERROR_TTL;
	case PKT_DROP_PORT_DOWN:
	case PKT_DROP_TUNNEL_DOWN:
	case PKT_DROP_NO_ASP:
	case PKT_DROP_UNRESOLVED_NEIGHBOR:
		return ICMP_ERROR_NO_HOST;
	case PKT_DROP_ACL_DENIED:
		return ICMP_ERROR_PROHIBITED;
	case PKT_DROP_MTU_EXCEEDED:
		return ICMP_ERROR_TOO_BIG;
	case PKT_DROP_REASSEMBLY_TIMEOUT:
		return ICMP_ERROR_REASSEMBLY;
	default:
		return ICMP_ERROR_NONE;
	}
}

/* --- sums ----------------------------------------------------------------- */

uint16_t
icmp_v6_cksum(const struct ipv6_hdr *ip, uint8_t protocol, const void *payload,
	      size_t octets)
{
	struct {
		uint8_t addresses[32];
		struct be32 length;
		uint8_t zero[3];
		uint8_t protocol;
	} pseudo = {.length = be32_put((uint32_t)octets), .protocol = protocol};
	uint32_t sum;

	memcpy(pseudo.addresses, ip->src, 16);
	memcpy(pseudo.addresses + 16, ip->dst, 16);
	sum = (uint16_t)~ip_cksum(&pseudo, sizeof(pseudo));
	sum += (uint16_t)~ip_cksum(payload, octets);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* --- when to be silent ---------------------------------------------------- */

/* Queries and their answers; whatever else there is may be an error. */
static bool
v4_query(uint8_t type)
{
	return type == ICMP_ECHO_REPLY || type == ICMP_ECHO_REQUEST ||
	       (type >= 9 && type <= 10) || (type >= 13 && type <= 18);
}

static bool
v6_silences(uint8_t type)
{
	return type < 128 || type == ICMPV6_REDIRECT;
}

static enum icmp_silence
silence_upper(const uint8_t *ip, size_t octets)
{
	struct ip_flow flow;

	if (ip_flow_parse(ip, (unsigned)octets, &flow) != 0)
		return ICMP_SILENT_SHORT;
	if ((flow.flags & IP_FLOW_LATER) != 0)
		return ICMP_SILENT_FRAGMENT;
	if (flow.protocol !=
	    (flow.family == 4 ? IP_PROTO_ICMP : IP_PROTO_ICMPV6))
		return ICMP_MAY;
	if ((flow.flags & IP_FLOW_TYPE) == 0)
		return ICMP_SILENT_SHORT;
	if (flow.family == 4 ? !v4_query(flow.type) : v6_silences(flow.type))
		return ICMP_SILENT_ERROR;
	return ICMP_MAY;
}

static enum icmp_silence
silence_v4(enum icmp_error error, const uint8_t *ip)
{
	const struct ipv4_hdr *h = (const void *)ip;
	uint32_t src = be32_get(h->src);
	uint32_t dst = be32_get(h->dst);

	if (src >> 24 == 0 || src >> 24 == 127 || src >> 28 >= 14)
		return ICMP_SILENT_SOURCE;
	if (dst >> 28 == 14 || dst == UINT32_MAX)
		return ICMP_SILENT_DESTINATION;
	if (error == ICMP_ERROR_TOO_BIG && (be16_get(h->fragment) & IP_DF) == 0)
		return ICMP_SILENT_DF;
	return ICMP_MAY;
}

/* Too big is told of multicast as well (RFC 4443 section 2.4 e.3). */
static enum icmp_silence
silence_v6(enum icmp_error error, const uint8_t *ip)
{
	static const uint8_t nobody[16];
	const struct ipv6_hdr *h = (const void *)ip;

	if (h->src[0] == 0xff || memcmp(h->src, nobody, 16) == 0)
		return ICMP_SILENT_SOURCE;
	if (h->dst[0] == 0xff && error != ICMP_ERROR_TOO_BIG)
		return ICMP_SILENT_DESTINATION;
	return ICMP_MAY;
}

enum icmp_silence
icmp_silence_of(enum icmp_error error, const uint8_t *ip, size_t octets)
{
	enum icmp_silence silence;

	silence = silence_upper(ip, octets);
	if (silence != ICMP_MAY)
		return silence;
	return ip[0] >> 4 == 4 ? silence_v4(error, ip) : silence_v6(error, ip);
}

/* --- errors --------------------------------------------------------------- */

static void
put_v4(uint8_t *out, const struct ip_addr *src, const struct be32 *dst,
       size_t total, uint16_t id)
{
	struct ipv4_hdr h = {.version_ihl = 0x45,
			     .tos = TOS_CS6,
			     .total_length = be16_put((uint16_t)total),
			     .id = be16_put(id),
			     .ttl = ICMP_TTL,
			     .protocol = IP_PROTO_ICMP,
			     .dst = *dst};

	memcpy(&h.src, src->octets, sizeof(h.src));
	h.checksum = be16_put(ip_cksum(&h, sizeof(h)));
	memcpy(out, &h, sizeof(h));
}

static void
put_v6(uint8_t *out, const struct ip_addr *src, const uint8_t *dst,
       size_t payload)
{
	struct ipv6_hdr h = {.version_class_flow =
				 be32_put(6U << 28 | TOS_CS6 << 20),
			     .payload_length = be16_put((uint16_t)payload),
			     .next_header = IP_PROTO_ICMPV6,
			     .hop_limit = ICMP_TTL};

	memcpy(h.src, src->octets, sizeof(h.src));
	memcpy(h.dst, dst, sizeof(h.dst));
	memcpy(out, &h, sizeof(h));
}

static size_t
error_v4(uint8_t *out, size_t room, enum icmp_error error,
	 const struct ip_addr *src, const uint8_t *ip, size_t quote,
	 uint32_t value, uint16_t id)
{
	const struct ipv4_hdr *about = (const void *)ip;
	size_t total = sizeof(*about) + sizeof(struct icmp_hdr) + quote;
	struct icmp_hdr icmp = {.type = errors[error].type4,
				.code = errors[error].code4};
	uint8_t *at = out + sizeof(*about);

	if (room < total || quote < sizeof(*about))
		return 0;
	if (error == ICMP_ERROR_TOO_BIG) /* RFC 1191 section 4 */
		icmp.rest = be32_put(value & 0xffff);
	else if (error == ICMP_ERROR_PARAMETER)
		icmp.rest = be32_put(value << 24);
	put_v4(out, src, &about->src, total, id);
	memcpy(at, &icmp, sizeof(icmp));
	memcpy(at + sizeof(icmp), ip, quote);
	icmp.checksum = be16_put(ip_cksum(at, sizeof(icmp) + quote));
	memcpy(at, &icmp, sizeof(icmp));
	return total;
}

static size_t
error_v6(uint8_t *out, size_t room, enum icmp_error error,
	 const struct ip_addr *src, const uint8_t *ip, size_t quote,
	 uint32_t value)
{
	const struct ipv6_hdr *about = (const void *)ip;
	size_t payload = sizeof(struct icmp_hdr) + quote;
	struct icmp_hdr icmp = {.type = errors[error].type6,
				.code = errors[error].code6};
	uint8_t *at = out + sizeof(*about);

	if (room < sizeof(*about) + payload || quote < sizeof(*about))
		return 0;
	if (error == ICMP_ERROR_TOO_BIG || error == ICMP_ERROR_PARAMETER ||
	    error == ICMP_ERROR_PROTOCOL)
		icmp.rest = be32_put(value);
	put_v6(out, src, about->src, payload);
	memcpy(at, &icmp, sizeof(icmp));
	memcpy(at + sizeof(icmp), ip, quote);
	icmp.checksum = be16_put(
	    icmp_v6_cksum((const void *)out, IP_PROTO_ICMPV6, at, payload));
	memcpy(at, &icmp, sizeof(icmp));
	return sizeof(*about) + payload;
}

size_t
icmp_error_write(uint8_t *out, size_t room, enum icmp_error error,
		 const struct ip_addr *src, const uint8_t *ip, size_t octets,
		 uint32_t value, uint16_t id)
{
	unsigned version = octets == 0 ? 0 : ip[0] >> 4;
	size_t quote = icmp_quote_octets(version, octets);

	if (version != src->family || error <= ICMP_ERROR_NONE ||
	    error >= ICMP_ERROR_MAX)
		return 0;
	if (version == 4)
		return error_v4(out, room, error, src, ip, quote, value, id);
	return version == 6 ? error_v6(out, room, error, src, ip, quote, value)
			    : 0;
}
