/* Copies field by field. */
#include "ip_flow_shim.h"

#include "ip_flow.h"

static_assert((int)FLOW_PORTS == (int)IP_FLOW_PORTS &&
		  (int)FLOW_TYPE == (int)IP_FLOW_TYPE &&
		  (int)FLOW_TCP_FLAGS == (int)IP_FLOW_TCP_FLAGS &&
		  (int)FLOW_FRAGMENT == (int)IP_FLOW_FRAGMENT &&
		  (int)FLOW_LATER == (int)IP_FLOW_LATER &&
		  (int)FLOW_OPAQUE == (int)IP_FLOW_OPAQUE &&
		  (int)FLOW_SHORT == (int)IP_FLOW_SHORT &&
		  FLOW_EXTENSIONS == IP_FLOW_EXTENSIONS_MAX,
	      "as in ip_flow.h");

static void
copy(const struct ip_flow *f, struct ip_flow_shim *out)
{
	struct ip_addr src = ip_flow_src(f);
	struct ip_addr dst = ip_flow_dst(f);

	(void)ip_addr_text(&src, out->src);
	(void)ip_addr_text(&dst, out->dst);
	out->src_port = f->src_port;
	out->dst_port = f->dst_port;
	out->payload = f->payload;
	out->family = f->family;
	out->protocol = f->protocol;
	out->tos = f->tos;
	out->flags = f->flags;
	out->type = f->type;
	out->code = f->code;
	out->tcp_flags = f->tcp_flags;
}

int
ip_flow_shim_parse(const uint8_t *ip, unsigned octets, struct ip_flow_shim *out)
{
	struct ip_flow f;
	int rc = ip_flow_parse(ip, octets, &f);

	if (rc == 0)
		copy(&f, out);
	return rc;
}

int
ip_flow_shim_quoted(const uint8_t *ip, unsigned octets,
		    struct ip_flow_shim *out)
{
	struct ip_flow f;
	struct ip_flow back;

	if (ip_flow_parse(ip, octets, &f) != 0 ||
	    !ip_flow_quoted(ip, octets, &f, &back))
		return 0;
	copy(&back, out);
	return 1;
}
