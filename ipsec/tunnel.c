/*
 * The outer header and what comes back from it. Called by esp_out, esp_in and
 * ah; looks nothing up and never touches payload.
 *
 * RFC 4301 section 5.1.2 (outer header), RFC 6040 (ECN, normal and
 * compatibility mode), RFC 6864 (identification), RFC 3948 section 2.1 (UDP).
 * The inner TTL is the forwarder's business, not ours.
 */
#include "tunnel.h"

#include <string.h>

#include "ip_cksum.h"
#include "ip_parse.h"

#define ECN_MASK 3
#define ECN_DROP 0xff
#define FLOW_MASK 0xfffffu

bool
tunnel_valid(const struct tunnel *t)
{
	if (t->src.family != t->dst.family ||
	    (t->src.family != 4 && t->src.family != 6))
		return false;
	if (t->df > TUNNEL_DF_CLEAR ||
	    (t->dscp > 63 && t->dscp != TUNNEL_DSCP_COPY))
		return false;
	return t->flow_label <= FLOW_MASK || t->flow_label == TUNNEL_FLOW_COPY;
}

unsigned
tunnel_outer_octets(const struct tunnel *tunnel)
{
	unsigned ip = tunnel->src.family == 6 ? sizeof(struct ipv6_hdr)
					      : sizeof(struct ipv4_hdr);

	return ip + (tunnel->udp ? (unsigned)sizeof(struct udp_hdr) : 0);
}

static bool
is_v6(const uint8_t *ip)
{
	return ip[0] >> 4 == 6;
}

/* TOS or traffic class: both lie in the first two octets. */
static uint8_t
tos_get(const uint8_t *ip)
{
	return (uint8_t)(is_v6(ip) ? ip[0] << 4 | ip[1] >> 4 : ip[1]);
}

static uint8_t
tos_outer(const struct tunnel *tunnel, uint8_t inner)
{
	uint8_t ecn = tunnel->ecn_compat ? 0 : inner & ECN_MASK;
	unsigned dscp = tunnel->dscp == TUNNEL_DSCP_COPY
			    ? inner & ~(unsigned)ECN_MASK
			    : (unsigned)tunnel->dscp << 2;

	return (uint8_t)(dscp | ecn);
}

static uint16_t
df_outer(const struct tunnel *tunnel, const uint8_t *inner)
{
	const struct ipv4_hdr *ip = (const struct ipv4_hdr *)inner;

	switch (tunnel->df) {
	case TUNNEL_DF_SET:
		return IP_DF;
	case TUNNEL_DF_CLEAR:
		return 0;
	default:
		return is_v6(inner) ? IP_DF : be16_get(ip->fragment) & IP_DF;
	}
}

static void
put_v4(const struct tunnel *tunnel, uint8_t *at, const uint8_t *inner,
       uint8_t protocol, unsigned payload, uint16_t id)
{
	struct ipv4_hdr *outer = (struct ipv4_hdr *)at;

	*outer = (struct ipv4_hdr){
	    .version_ihl = 0x45,
	    .tos = tos_outer(tunnel, tos_get(inner)),
	    .total_length = be16_put((uint16_t)(sizeof(*outer) + payload)),
	    .id = be16_put(id),
	    .fragment = be16_put(df_outer(tunnel, inner)),
	    .ttl = tunnel->ttl,
	    .protocol = protocol,
	};
	memcpy(outer->src.b, tunnel->src.octets, sizeof(outer->src.b));
	memcpy(outer->dst.b, tunnel->dst.octets, sizeof(outer->dst.b));
	outer->checksum = be16_put(ip_cksum(outer, sizeof(*outer)));
}

static void
put_v6(const struct tunnel *tunnel, uint8_t *at, const uint8_t *inner,
       uint8_t protocol, unsigned payload)
{
	struct ipv6_hdr *outer = (struct ipv6_hdr *)at;
	uint32_t flow = tunnel->flow_label;

	if (flow == TUNNEL_FLOW_COPY) {
		struct be32 first = {{inner[0], inner[1], inner[2], inner[3]}};

		flow = is_v6(inner) ? be32_get(first) : 0;
	}
	outer->version_class_flow =
	    be32_put(UINT32_C(6) << 28 |
		     (uint32_t)tos_outer(tunnel, tos_get(inner)) << 20 |
		     (flow & FLOW_MASK));
	outer->payload_length = be16_put((uint16_t)payload);
	outer->next_header = protocol;
	outer->hop_limit = tunnel->ttl;
	memcpy(outer->src, tunnel->src.octets, sizeof(outer->src));
	memcpy(outer->dst, tunnel->dst.octets, sizeof(outer->dst));
}

void
tunnel_udp_put(const struct tunnel *tunnel, uint8_t *at, unsigned octets)
{
	struct udp_hdr *udp = (struct udp_hdr *)at;

	*udp = (struct udp_hdr){.src = be16_put(tunnel->udp_local),
				.dst = be16_put(tunnel->udp_remote),
				.length = be16_put((uint16_t)octets)};
}

void
tunnel_outer_put(const struct tunnel *tunnel, uint8_t *outer,
		 const uint8_t *inner, uint8_t protocol, unsigned payload,
		 uint16_t id)
{
	if (tunnel->udp) {
		unsigned ip = tunnel_outer_octets(tunnel) -
			      (unsigned)sizeof(struct udp_hdr);

		protocol = IP_PROTO_UDP;
		payload += (unsigned)sizeof(struct udp_hdr);
		tunnel_udp_put(tunnel, outer + ip, payload);
	}
	if (tunnel->src.family == 6)
		put_v6(tunnel, outer, inner, protocol, payload);
	else
		put_v4(tunnel, outer, inner, protocol, payload, id);
}

void
tunnel_udp_sum(uint8_t *packet, unsigned octets)
{
	struct ip_parsed ip;
	struct udp_hdr *udp;
	uint16_t sum;

	if (!is_v6(packet) || ip_parse(packet, octets, &ip) != 0)
		return;
	udp = (struct udp_hdr *)(packet + ip.header);
	udp->checksum = be16_put(0);
	sum = ip_cksum_pseudo(ip.src, ip.dst, 16, IP_PROTO_UDP, udp,
			      ip.total - ip.header);
	udp->checksum = be16_put(sum == 0 ? 0xffff : sum);
}

static void
tos_put(uint8_t *ip, uint8_t tos)
{
	struct ipv4_hdr *v4 = (struct ipv4_hdr *)ip;
	struct be16 was = {{ip[0], ip[1]}};

	if (is_v6(ip)) {
		ip[0] = (uint8_t)(0x60 | tos >> 4);
		ip[1] = (uint8_t)(tos << 4 | (ip[1] & 15));
		return;
	}
	ip[1] = tos;
	v4->checksum =
	    ip_cksum_update(v4->checksum, was, (struct be16){{ip[0], ip[1]}});
}

bool
tunnel_ecn_open(uint8_t outer_tos, uint8_t *inner)
{
	/*
	 * RFC 6040 figure 4. Codepoints: 0 not-ECT, 1 ECT(1), 2 ECT(0), 3 CE.
	 */
	static const uint8_t table[4][4] = {
	    /* inner     outer: 0  1  2  3 */
	    [0] = {0, 0, 0, ECN_DROP},
	    [1] = {1, 1, 1, 3},
	    [2] = {2, 1, 2, 3},
	    [3] = {3, 3, 3, 3},
	};
	uint8_t tos = tos_get(inner);
	uint8_t ecn = table[tos & ECN_MASK][outer_tos & ECN_MASK];

	if (ecn == ECN_DROP)
		return false;
	if (ecn != (tos & ECN_MASK))
		tos_put(inner, (uint8_t)((tos & ~ECN_MASK) | ecn));
	return true;
}
