/* What a packet for the controller is, as far as its rate goes. */
#include "punt_kind.h"

#include "icmp.h"
#include "ip_flow.h"

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
	struct ip_flow flow;

	if (ip_flow_parse(ip, (unsigned)octets, &flow) != 0)
		return PUNT_OTHER;
	if ((flow.flags & IP_FLOW_TYPE) != 0)
		return flow.type == ICMP_ECHO_REQUEST ||
			       flow.type == ICMPV6_ECHO_REQUEST
			   ? PUNT_ECHO
			   : PUNT_ICMP;
	if (flow.protocol == IP_PROTO_UDP &&
	    (flow.flags & IP_FLOW_PORTS) != 0 &&
	    (flow.dst_port == PORT_IKE || flow.dst_port == PORT_IKE_NAT))
		return PUNT_IKE;
	return PUNT_OTHER;
}
