/* ip_flow.h as plain values. */
#ifndef IP_FLOW_SHIM_H
#define IP_FLOW_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	FLOW_PORTS = 1,
	FLOW_TYPE = 2,
	FLOW_TCP_FLAGS = 4,
	FLOW_FRAGMENT = 8,
	FLOW_LATER = 16,
	FLOW_OPAQUE = 32,
	FLOW_SHORT = 64,
	FLOW_EXTENSIONS = 12
};

struct ip_flow_shim {
	char src[46], dst[46];
	unsigned src_port, dst_port, payload;
	unsigned family, protocol, tos, flags, type, code, tcp_flags;
};

int ip_flow_shim_parse(const uint8_t *ip, unsigned octets,
		       struct ip_flow_shim *out);

/* The flow in return for what an ICMP error quotes; 1: there is one. */
int ip_flow_shim_quoted(const uint8_t *ip, unsigned octets,
			struct ip_flow_shim *out);

#ifdef __cplusplus
}
#endif
#endif
