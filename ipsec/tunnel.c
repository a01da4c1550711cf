/*
 * The outer header and what comes back from it. Called by esp_out and esp_in;
 * looks nothing up and never touches payload.
 *
 * RFC 4301 section 5.1.2.1 (outer header), RFC 6040 (ECN, normal mode), RFC
 * 6864 (identification). The inner TTL is the forwarder's business, not ours.
 */
#include "tunnel.h"

#include "ip_cksum.h"

#define ECN_MASK 3
#define ECN_DROP 0xff

void
tunnel_outer_put(const struct tunnel *tunnel, struct ipv4_hdr *outer,
		 const struct ipv4_hdr *inner, uint16_t total_length,
		 uint16_t id)
{
	static const uint16_t df_and[] = {[TUNNEL_DF_COPY] = IP_DF,
					  [TUNNEL_DF_SET] = 0,
					  [TUNNEL_DF_CLEAR] = 0};
	static const uint16_t df_or[] = {[TUNNEL_DF_COPY] = 0,
					 [TUNNEL_DF_SET] = IP_DF,
					 [TUNNEL_DF_CLEAR] = 0};
	uint16_t df =
	    (uint16_t)((be16_get(inner->fragment) & df_and[tunnel->df]) |
		       df_or[tunnel->df]);
	uint8_t tos = inner->tos;

	if (tunnel->dscp != TUNNEL_DSCP_COPY)
		tos = (uint8_t)(tunnel->dscp << 2 | (tos & ECN_MASK));
	*outer = (struct ipv4_hdr){
	    .version_ihl = 0x45,
	    .tos = tos,
	    .total_length = be16_put(total_length),
	    .id = be16_put(id),
	    .fragment = be16_put(df),
	    .ttl = tunnel->ttl,
	    .protocol = IP_PROTO_ESP,
	    .src = be32_put(tunnel->src),
	    .dst = be32_put(tunnel->dst),
	};
	outer->checksum = be16_put(ip_cksum(outer, sizeof(*outer)));
}

bool
tunnel_ecn_open(uint8_t outer_tos, struct ipv4_hdr *inner)
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
	uint8_t ecn = table[inner->tos & ECN_MASK][outer_tos & ECN_MASK];
	struct be16 was = {{inner->version_ihl, inner->tos}};
	struct be16 now;

	if (ecn == ECN_DROP)
		return false;
	if (ecn == (inner->tos & ECN_MASK))
		return true;
	inner->tos = (uint8_t)((inner->tos & ~ECN_MASK) | ecn);
	now = (struct be16){{inner->version_ihl, inner->tos}};
	inner->checksum = ip_cksum_update(inner->checksum, was, now);
	return true;
}
