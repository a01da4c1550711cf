/*
 * What is for the router itself. SPIs are looked up with the destination and
 * the protocol (RFC 4301 section 4.1), also of ESP in UDP, where a tunnel asked
 * for it (RFC 3948). A routing header of type 0 with segments
 * left is refused where we are its destination (RFC 5095 section 3); a packet
 * on its way elsewhere carries it unread.
 */
#include "local.h"

#include <stddef.h>

#include "ip_hdr.h"
#include "ip_parse.h"
#include "stage.h"

#define PORT_IKE 500
#define PORT_IKE_NAT 4500
#define IP6_HOP_BY_HOP 0
#define IP6_ROUTING 43
#define IP6_DESTINATION 60

/* Headers fit the packet: it passed ip6_check_header(). */
static bool
local_is_source_routed(const uint8_t *ip, const struct ip_parsed *parsed)
{
	uint8_t next = ((const struct ipv6_hdr *)ip)->next_header;
	unsigned at = sizeof(struct ipv6_hdr);

	while (at < parsed->header &&
	       (next == IP6_HOP_BY_HOP || next == IP6_DESTINATION)) {
		next = ip[at];
		at += (ip[at + 1] + 1U) * 8;
	}
	return at < parsed->header && next == IP6_ROUTING && ip[at + 2] == 0 &&
	       ip[at + 3] != 0;
}

/*
 * UDP to a port that takes ESP (RFC 3948 section 2): a keepalive, four zero
 * octets before IKE, or ESP. 1: ESP, key says which; 0: for the controller.
 */
static int
local_encapsulated(const uint8_t *at, unsigned octets, struct homing_key *key)
{
	const struct udp_hdr *udp = (const struct udp_hdr *)at;
	const struct esp_hdr *esp = (const struct esp_hdr *)(udp + 1);
	unsigned length = be16_get(udp->length);

	if (length < sizeof(*udp) || length > octets)
		return -PKT_DROP_BAD_ESP_LENGTH;
	length -= (unsigned)sizeof(*udp);
	if (length == 1 && *(const uint8_t *)esp == 0xff)
		return -PKT_DROP_NAT_KEEPALIVE;
	if (length >= sizeof(esp->spi) && be32_get(esp->spi) == 0)
		return 0;
	if (length < sizeof(*esp))
		return -PKT_DROP_BAD_ESP_LENGTH;
	key->protocol = IP_PROTO_ESP;
	key->spi = be32_get(esp->spi);
	return 1;
}

/*
 * IKE, to the ASP that has a tunnel with this peer; ESP in UDP is gone by here.
 * The address of the peer is folded as chassis/derive_ike.c does.
 */
static const struct homing *
local_ike(const struct lc_table *t, const uint8_t *ip,
	  const struct ip_parsed *parsed, struct homing_key key)
{
	const struct udp_hdr *udp =
	    (const struct udp_hdr *)(ip + parsed->header);
	struct ip_addr src = ip_parsed_src(parsed);
	const struct homing *homing;
	unsigned port;

	if (parsed->protocol != IP_PROTO_UDP ||
	    parsed->total - parsed->header < sizeof(*udp))
		return NULL;
	port = be16_get(udp->dst);
	if (port != PORT_IKE && port != PORT_IKE_NAT)
		return NULL;
	key.protocol = CTL_HOMING_IKE;
	key.spi = 0;
	for (unsigned i = 0; i < sizeof(src.octets); i++)
		key.spi ^= (uint32_t)src.octets[i] << (24 - 8 * (i % 4));
	homing = homing_find(t->homings, &key);
	key.spi = 0; /* any peer */
	return homing != NULL ? homing : homing_find(t->homings, &key);
}

/* The ASP that drew the SPI itself, in a negotiation; STAGE_NONE: none did. */
static uint16_t
local_negotiated(uint32_t spi)
{
	uint16_t stage =
	    (uint16_t)(spi >> CTL_SPI_STAGE_SHIFT & CTL_SPI_STAGE_MASK);

	return spi >> CTL_SPI_TAG_SHIFT == CTL_SPI_TAG && stage_valid(stage) &&
		       (stage_role(stage) == STAGE_ASP1 ||
			stage_role(stage) == STAGE_ASP2)
		   ? stage
		   : STAGE_NONE;
}

/* 1: an ASP opens such packets, key->spi says which; 0: none; or a drop. */
static int
local_spi(const struct lc_table *t, const uint8_t *ip,
	  const struct ip_parsed *parsed, struct homing_key *key)
{
	const uint8_t *at = ip + parsed->header;
	unsigned octets = parsed->total - parsed->header;

	key->protocol = parsed->protocol;
	switch (parsed->protocol) {
	case IP_PROTO_ESP:
		if (octets < sizeof(struct esp_hdr))
			return -PKT_DROP_BAD_ESP_LENGTH;
		key->spi = be32_get(((const struct esp_hdr *)at)->spi);
		return 1;
	case IP_PROTO_AH:
		if (octets < sizeof(struct ah_hdr))
			return -PKT_DROP_BAD_AH_LENGTH;
		key->spi = be32_get(((const struct ah_hdr *)at)->spi);
		return 1;
	case IP_PROTO_UDP:
		if (octets < sizeof(struct udp_hdr))
			return 0;
		key->spi = be16_get(((const struct udp_hdr *)at)->dst);
		if (homing_find(t->homings, key) == NULL)
			return 0;
		return local_encapsulated(at, octets, key);
	default:
		return 0;
	}
}

enum pkt_fate
local_deliver(const struct lc_table *t, const uint8_t *ip, struct pkt *p,
	      struct ippa_way *way)
{
	struct homing_key key = {.context = way->context};
	const struct homing *homing;
	struct ip_parsed parsed;
	int spi;

	way->to = stage_id(0, STAGE_XCRP);
	if (ip_parse(ip, p->len, &parsed) != 0)
		return PKT_GO;
	way->fragment = parsed.fragment;
	if (parsed.fragment)
		return PKT_GO;
	if (parsed.family == 6 && local_is_source_routed(ip, &parsed))
		return PKT_DROP_SOURCE_ROUTE;
	key.dst = ip_parsed_dst(&parsed);
	spi = local_spi(t, ip, &parsed, &key);
	if (spi < 0)
		return (enum pkt_fate) - spi;
	if (spi == 0) {
		homing = local_ike(t, ip, &parsed, key);
		way->ike = homing != NULL && homing->asp != STAGE_NONE;
		if (way->ike)
			way->to = homing->asp;
		return PKT_GO;
	}
	homing = homing_find(t->homings, &key);
	if (homing == NULL) {
		way->to = local_negotiated(key.spi);
		return way->to == STAGE_NONE ? PKT_DROP_NO_SA : PKT_GO;
	}
	if (homing->asp == STAGE_NONE)
		return PKT_DROP_NO_ASP;
	way->to = homing->asp;
	way->circuit = homing->circuit;
	p->handle = homing->circuit;
	return PKT_GO;
}
