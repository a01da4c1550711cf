/*
 * Reads heads for people. RFC 791, RFC 8200, RFC 3948 (ESP in UDP), IEEE
 * 802.1Q. Called where journeys are told, never on the path of packets.
 */
#include "hdr_view.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ip_hdr.h"

#define HDR_NATT_PORT 4500
#define HDR_IPV6_FRAGMENT 44
#define HDR_WORD 24

/* --- reading -------------------------------------------------------------- */

static void
read_link(struct hdr_view *v, const uint8_t *at, size_t n)
{
	const struct eth_hdr *eth = (const struct eth_hdr *)at;
	const struct vlan_tag *tag = (const struct vlan_tag *)(eth + 1);

	if (n < sizeof(*eth))
		return;
	v->link = true;
	memcpy(v->mac_dst, eth->dst, sizeof(v->mac_dst));
	memcpy(v->mac_src, eth->src, sizeof(v->mac_src));
	if (n >= sizeof(*eth) + sizeof(*tag))
		v->vlan = be16_get(tag->tci) & 0xfff;
}

static void
read_sa(struct hdr_view *v, uint8_t protocol, const uint8_t *at, size_t n)
{
	const struct esp_hdr *esp = (const struct esp_hdr *)at;
	const struct ah_hdr *ah = (const struct ah_hdr *)at;

	if (protocol == IP_PROTO_ESP && n >= sizeof(*esp)) {
		v->spi = be32_get(esp->spi);
		v->seq = be32_get(esp->seq);
	} else if (protocol == IP_PROTO_AH && n >= sizeof(*ah)) {
		v->spi = be32_get(ah->spi);
		v->seq = be32_get(ah->seq);
	} else {
		return;
	}
	v->sa = protocol;
}

static void
read_transport(struct hdr_view *v, const uint8_t *at, size_t n)
{
	const struct udp_hdr *udp = (const struct udp_hdr *)at;

	if (v->offset != 0)
		return;
	read_sa(v, v->protocol, at, n);
	if ((v->protocol == IP_PROTO_TCP || v->protocol == IP_PROTO_UDP) &&
	    n >= 4) {
		v->ports = true;
		v->src_port = be16_get(udp->src);
		v->dst_port = be16_get(udp->dst);
	}
	if (v->protocol == IP_PROTO_UDP && n > sizeof(*udp) &&
	    (v->src_port == HDR_NATT_PORT || v->dst_port == HDR_NATT_PORT))
		read_sa(v, IP_PROTO_ESP, at + sizeof(*udp), n - sizeof(*udp));
	if ((v->protocol == IP_PROTO_ICMP || v->protocol == IP_PROTO_ICMPV6) &&
	    n >= 2) {
		v->icmp = true;
		v->type = at[0];
		v->code = at[1];
	}
}

static void
read_v4(struct hdr_view *v, const uint8_t *at, size_t n)
{
	const struct ipv4_hdr *ip = (const struct ipv4_hdr *)at;
	size_t header = (size_t)(ip->version_ihl & 15) * 4;
	unsigned fragment;

	if (n < sizeof(*ip) || header < sizeof(*ip))
		return;
	fragment = be16_get(ip->fragment);
	v->family = 4;
	v->tos = ip->tos;
	v->ttl = ip->ttl;
	v->protocol = ip->protocol;
	v->total = be16_get(ip->total_length);
	v->id = be16_get(ip->id);
	v->df = (fragment & IP_DF) != 0;
	v->mf = (fragment & IP_MF) != 0;
	v->offset = (fragment & IP_FRAG_OFFSET) * 8;
	v->checksum = be16_get(ip->checksum);
	v->src = ip_addr_get(4, &ip->src);
	v->dst = ip_addr_get(4, &ip->dst);
	if (header < n)
		read_transport(v, at + header, n - header);
}

static void
read_v6_fragment(struct hdr_view *v, const uint8_t *at)
{
	const struct ipv6_frag_hdr *frag = (const struct ipv6_frag_hdr *)at;

	v->id = be32_get(frag->id);
	v->offset = be16_get(frag->fragment) & 0xfff8;
	v->mf = (be16_get(frag->fragment) & 1) != 0;
}

static bool
hdr_is_extension(uint8_t next)
{
	return next == 0 || next == 43 || next == HDR_IPV6_FRAGMENT ||
	       next == 60;
}

static void
read_v6(struct hdr_view *v, const uint8_t *at, size_t n)
{
	const struct ipv6_hdr *ip = (const struct ipv6_hdr *)at;
	uint32_t first;
	size_t header = sizeof(*ip);

	if (n < sizeof(*ip))
		return;
	first = be32_get(ip->version_class_flow);
	v->family = 6;
	v->tos = (uint8_t)(first >> 20);
	v->flow = first & 0xfffff;
	v->ttl = ip->hop_limit;
	v->protocol = ip->next_header;
	v->total = (uint32_t)sizeof(*ip) + be16_get(ip->payload_length);
	v->src = ip_addr_v6(ip->src);
	v->dst = ip_addr_v6(ip->dst);
	while (header + 8 <= n && hdr_is_extension(v->protocol)) {
		const uint8_t *next = at + header;

		if (v->protocol == HDR_IPV6_FRAGMENT)
			read_v6_fragment(v, next);
		header += v->protocol == HDR_IPV6_FRAGMENT
			      ? sizeof(struct ipv6_frag_hdr)
			      : (next[1] + 1U) * 8;
		v->protocol = next[0];
	}
	if (header < n)
		read_transport(v, at + header, n - header);
}

void
hdr_view_read(struct hdr_view *view, const uint8_t *octets, size_t n,
	      size_t link)
{
	*view = (struct hdr_view){0};
	if (link > n)
		return;
	if (link != 0)
		read_link(view, octets, link);
	if (n == link)
		return;
	if (octets[link] >> 4 == 4)
		read_v4(view, octets + link, n - link);
	else if (octets[link] >> 4 == 6)
		read_v6(view, octets + link, n - link);
}

/* --- words ---------------------------------------------------------------- */

static const char *
protocol_text(uint8_t protocol, char text[HDR_WORD])
{
	static const struct {
		uint8_t number;
		const char *name;
	} names[] = {{IP_PROTO_ICMP, "ICMP"}, {IP_PROTO_TCP, "TCP"},
		     {IP_PROTO_UDP, "UDP"},   {IP_PROTO_ESP, "ESP"},
		     {IP_PROTO_AH, "AH"},     {IP_PROTO_ICMPV6, "ICMPv6"},
		     {IP_PROTO_IPIP, "IPv4"}, {IP_PROTO_IPV6, "IPv6"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].number == protocol)
			return names[i].name;
	}
	(void)snprintf(text, HDR_WORD, "protocol %u", protocol);
	return text;
}

static const char *
mac_text(const uint8_t mac[6], char text[HDR_WORD])
{
	(void)snprintf(text, HDR_WORD, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		       mac[1], mac[2], mac[3], mac[4], mac[5]);
	return text;
}

/* " ESP SPI 0x1001 seq 1", " UDP 5000 > 53", " ICMP type 8 code 0". */
static void
transport_text(const struct hdr_view *v, char *text, size_t octets)
{
	char word[HDR_WORD];

	if (v->sa != 0)
		(void)snprintf(text, octets, "%s%s SPI 0x%x seq %u",
			       v->ports ? "UDP " : "",
			       protocol_text(v->sa, word), v->spi, v->seq);
	else if (v->ports)
		(void)snprintf(text, octets, "%s %u > %u",
			       protocol_text(v->protocol, word), v->src_port,
			       v->dst_port);
	else if (v->icmp)
		(void)snprintf(text, octets, "%s type %u code %u",
			       protocol_text(v->protocol, word), v->type,
			       v->code);
	else
		(void)snprintf(text, octets, "%s",
			       protocol_text(v->protocol, word));
}

const char *
hdr_view_text(const struct hdr_view *v, char text[HDR_VIEW_TEXT_MAX])
{
	char src[IP_ADDR_TEXT_MAX];
	char dst[IP_ADDR_TEXT_MAX];
	char transport[64];
	char fragment[48] = "";

	if (v->family == 0) {
		(void)snprintf(text, HDR_VIEW_TEXT_MAX, "%s",
			       v->link ? "a frame without IP header"
				       : "no IP header");
		return text;
	}
	transport_text(v, transport, sizeof(transport));
	if (v->offset != 0 || v->mf)
		(void)snprintf(fragment, sizeof(fragment), ", fragment at %u%s",
			       v->offset,
			       v->mf ? ", more follow" : ", the last");
	(void)snprintf(text, HDR_VIEW_TEXT_MAX,
		       "IPv%u %s > %s %s, %s %u, %u octets%s", v->family,
		       ip_addr_text(&v->src, src), ip_addr_text(&v->dst, dst),
		       transport, v->family == 4 ? "TTL" : "hop limit", v->ttl,
		       v->total, fragment);
	return text;
}

/* --- differences ---------------------------------------------------------- */

struct teller {
	void (*say)(void *arg, const char *sentence);
	void *arg;
	unsigned said;
};

static void __attribute__((format(printf, 2, 3)))
tell(struct teller *t, const char *format, ...)
{
	char text[HDR_VIEW_TEXT_MAX];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	t->say(t->arg, text);
	t->said++;
}

static void
tell_number(struct teller *t, const char *what, uint32_t was, uint32_t now)
{
	if (was != now)
		tell(t, "%s %u -> %u", what, was, now);
}

static void
tell_addr(struct teller *t, const char *what, const struct ip_addr *was,
	  const struct ip_addr *now)
{
	char a[IP_ADDR_TEXT_MAX];
	char b[IP_ADDR_TEXT_MAX];

	if (!ip_addr_equal(was, now))
		tell(t, "%s %s -> %s", what, ip_addr_text(was, a),
		     ip_addr_text(now, b));
}

static void
diff_link(struct teller *t, const struct hdr_view *was,
	  const struct hdr_view *now)
{
	char src[HDR_WORD];
	char dst[HDR_WORD];

	if (was->link && !now->link)
		tell(t, "Ethernet header taken off");
	if (now->link && (!was->link || memcmp(was->mac_dst, now->mac_dst, 6) ||
			  memcmp(was->mac_src, now->mac_src, 6)))
		tell(t, "Ethernet header %s > %s %s",
		     mac_text(now->mac_src, src), mac_text(now->mac_dst, dst),
		     was->link ? "written" : "added");
	if (was->vlan == now->vlan)
		return;
	if (was->vlan != 0)
		tell(t, "802.1Q tag %u taken off", was->vlan);
	if (now->vlan != 0)
		tell(t, "802.1Q tag %u added", now->vlan);
}

static void
diff_ip(struct teller *t, const struct hdr_view *was,
	const struct hdr_view *now)
{
	tell_addr(t, "source", &was->src, &now->src);
	tell_addr(t, "destination", &was->dst, &now->dst);
	tell_number(t, now->family == 4 ? "TTL" : "hop limit", was->ttl,
		    now->ttl);
	tell_number(t, "DSCP", was->tos >> 2, now->tos >> 2);
	tell_number(t, "ECN", was->tos & 3, now->tos & 3);
	tell_number(t, "length", was->total, now->total);
	if (was->family == 4)
		tell_number(t, "DF", was->df, now->df);
	if (was->family == 4 || was->id == 0 || now->id == 0)
		tell_number(t, "identification", was->id, now->id);
	tell_number(t, "flow label", was->flow, now->flow);
	if (was->mf != now->mf || was->offset != now->offset)
		tell(t, "%s, offset %u%s",
		     now->mf || now->offset != 0 ? "fragment" : "whole again",
		     now->offset, now->mf ? ", more fragments follow" : "");
	if (was->checksum != now->checksum)
		tell(t, "header checksum 0x%04x -> 0x%04x", was->checksum,
		     now->checksum);
}

static void
diff_transport(struct teller *t, const struct hdr_view *was,
	       const struct hdr_view *now)
{
	if (was->ports && now->ports) {
		tell_number(t, "source port", was->src_port, now->src_port);
		tell_number(t, "destination port", was->dst_port,
			    now->dst_port);
	}
	if (was->icmp && now->icmp) {
		tell_number(t, "ICMP type", was->type, now->type);
		tell_number(t, "ICMP code", was->code, now->code);
	}
}

/* Another header stands in front now: what is of it is told as a whole. */
static void
tell_around(struct teller *t, const struct hdr_view *was,
	    const struct hdr_view *now)
{
	char sa[64];
	char text[HDR_VIEW_TEXT_MAX];

	if (now->sa != 0) {
		transport_text(now, sa, sizeof(sa));
		tell(t, "sealed: %s", sa);
	} else {
		transport_text(was, sa, sizeof(sa));
		tell(t, "opened: %s taken off", sa);
	}
	tell(t, "%s header %s", now->sa != 0 ? "outer" : "inner",
	     hdr_view_text(now, text));
}

unsigned
hdr_view_diff(const struct hdr_view *was, const struct hdr_view *now,
	      void (*say)(void *arg, const char *sentence), void *arg)
{
	struct teller t = {say, arg, 0};
	/* Later pieces of a sealed packet do not show its SPI. */
	bool hidden = was->protocol == now->protocol &&
		      (was->offset != 0 || now->offset != 0);
	bool around = !hidden && (was->sa != now->sa || was->spi != now->spi ||
				  was->seq != now->seq);
	char text[HDR_VIEW_TEXT_MAX];

	diff_link(&t, was, now);
	if (was->family == 0 || now->family == 0)
		return t.said;
	if (around)
		tell_around(&t, was, now);
	else if (was->family != now->family || was->protocol != now->protocol)
		tell(&t, "another packet: %s", hdr_view_text(now, text));
	else
		diff_ip(&t, was, now);
	if (!around)
		diff_transport(&t, was, now);
	return t.said;
}
