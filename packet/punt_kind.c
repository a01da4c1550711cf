/* What a packet for the controller is, as far as its rate goes. */
#include "punt_kind.h"

#include "icmp.h"

#define PORT_IKE 500
#define PORT_IKE_NAT 4500

static const struct punt_fact facts[PUNT_KIND_MAX] = {
#define X(id, n, rate, at_once, s) [PUNT_##id] = {n, s, rate, at_once},
    PUNT_KINDS(X)
#undef X
};

const struct punt_fact *
punt_fact(enum punt_kind kind)
{
	return &facts[kind];
}

enum punt_kind
punt_kind_of(const uint8_t *ip, size_t octets)
{
	struct icmp_upper u;
	const uint8_t *at;
	unsigned port;

	if (icmp_upper_find(ip, octets, &u) != 0 || !u.first)
		return PUNT_OTHER;
	at = ip + u.offset;
	if (u.protocol == IP_PROTO_ICMP || u.protocol == IP_PROTO_ICMPV6) {
		if (octets > u.offset && (at[0] == ICMP_ECHO_REQUEST ||
					  at[0] == ICMPV6_ECHO_REQUEST))
			return PUNT_ECHO;
		return PUNT_ICMP;
	}
	if (u.protocol != IP_PROTO_UDP ||
	    octets - u.offset < sizeof(struct udp_hdr))
		return PUNT_OTHER;
	port = be16_get(((const struct udp_hdr *)(const void *)at)->dst);
	return port == PORT_IKE || port == PORT_IKE_NAT ? PUNT_IKE : PUNT_OTHER;
}
