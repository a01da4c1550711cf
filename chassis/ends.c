/*
 * A sorted array, made anew with the controller's other tables (inject.c). A
 * router without a tunnel in transport mode has none and looks at no packet.
 */
#include "ends.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ip_flow.h"
#include "ip_hdr.h"

#define ENDS_IKE 500
#define ENDS_IKE_NAT 4500 /* RFC 3948 */

struct end {
	uint32_t context;
	struct ip_addr local;
	struct ip_addr remote;
	uint32_t circuit;
};

struct ends {
	struct end *row;
	size_t n;
};

static int
end_compare(const void *a, const void *b)
{
	const struct end *x = a;
	const struct end *y = b;
	int rc;

	if (x->context != y->context)
		return x->context < y->context ? -1 : 1;
	rc = memcmp(&x->local, &y->local, sizeof(x->local));
	return rc != 0 ? rc : memcmp(&x->remote, &y->remote, sizeof(x->remote));
}

static int
ends_add(struct ends *ends, const struct tables *t,
	 const struct running_tunnel *tunnel)
{
	const struct ctl_circuit *c = running_circuit(t, tunnel->circuit);
	struct end row = {.local = tunnel->local,
			  .remote = tunnel->remote,
			  .circuit = tunnel->circuit};

	if (c == NULL ||
	    cfg_u32(tunnel->obj, CFG_TUNNEL_IPSEC_MODE) != CFG_IPSEC_TRANSPORT)
		return 0;
	row.context = be32_get(c->outer_context);
	return DERIVE_PUSH(ends->row, ends->n, &row);
}

int
ends_new(const struct tables *t, struct ends **at)
{
	struct ends *ends = calloc(1, sizeof(*ends));
	int err = ends == NULL ? -ENOMEM : 0;

	for (size_t i = 0; err == 0 && i < t->ntunnels; i++)
		err = ends_add(ends, t, &t->tunnels[i]);
	if (err != 0 || ends->n == 0) {
		ends_free(&ends);
		return err;
	}
	qsort(ends->row, ends->n, sizeof(*ends->row), end_compare);
	*at = ends;
	return 0;
}

void
ends_free(struct ends **at)
{
	if (*at != NULL)
		free((*at)->row);
	free(*at);
	*at = NULL;
}

static bool
is_ike(const struct ip_flow *flow)
{
	return flow->protocol == IP_PROTO_UDP &&
	       (flow->flags & IP_FLOW_PORTS) != 0 &&
	       (flow->src_port == ENDS_IKE || flow->src_port == ENDS_IKE_NAT ||
		flow->dst_port == ENDS_IKE || flow->dst_port == ENDS_IKE_NAT);
}

uint32_t
ends_of(const struct ends *ends, uint32_t context, enum spd_direction dir,
	const uint8_t *ip, unsigned octets)
{
	struct end key = {.context = context};
	const struct end *found;
	struct ip_flow flow;

	if (ends == NULL || ip_flow_parse(ip, octets, &flow) != 0 ||
	    is_ike(&flow))
		return 0;
	key.local = dir == SPD_OUT ? ip_flow_src(&flow) : ip_flow_dst(&flow);
	key.remote = dir == SPD_OUT ? ip_flow_dst(&flow) : ip_flow_src(&flow);
	found =
	    bsearch(&key, ends->row, ends->n, sizeof(*ends->row), end_compare);
	return found != NULL ? found->circuit : 0;
}
