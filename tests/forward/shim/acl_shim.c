/* The C face of forward/acl.h for C++ tests. */
#include "acl_shim.h"

#include <stdlib.h>
#include <string.h>

#include "acl.h"

struct acl_shim {
	struct acl_set *set;
};

static_assert((int)ACL_SHIM_PROTOCOL == (int)ACL_PROTOCOL &&
		  (int)ACL_SHIM_FRAGMENTS == (int)ACL_FRAGMENTS &&
		  (int)ACL_SHIM_HAS_PORTS == (int)IP_FLOW_PORTS &&
		  (int)ACL_SHIM_HAS_TYPE == (int)IP_FLOW_TYPE &&
		  (int)ACL_SHIM_HAS_FLAGS == (int)IP_FLOW_TCP_FLAGS &&
		  (int)ACL_SHIM_LATER == (int)IP_FLOW_LATER &&
		  (int)ACL_SHIM_OPAQUE == (int)IP_FLOW_OPAQUE,
	      "the shim numbers as the program does");

struct acl_shim *
acl_shim_new(void)
{
	struct acl_shim *shim = calloc(1, sizeof(*shim));

	if (shim == NULL)
		abort();
	shim->set = acl_set_new();
	if (shim->set == NULL)
		abort();
	return shim;
}

void
acl_shim_free(struct acl_shim *shim)
{
	acl_set_free(&shim->set);
	free(shim);
}

int
acl_shim_put(struct acl_shim *shim, uint32_t id, unsigned family,
	     const struct acl_shim_row *row)
{
	struct acl_row r = {
	    .seq = row->seq,
	    .asks = row->asks,
	    .permit = row->permit,
	    .protocol = row->protocol,
	    .tos = row->tos,
	    .tos_mask = row->tos_mask,
	    .type = row->type,
	    .code = row->code,
	    .src_low = row->src_low,
	    .src_high = row->src_high,
	    .dst_low = row->dst_low,
	    .dst_high = row->dst_high,
	};

	memcpy(r.src, row->src, 16);
	memcpy(r.src_wild, row->src_wild, 16);
	memcpy(r.dst, row->dst, 16);
	memcpy(r.dst_wild, row->dst_wild, 16);
	return acl_set_row(shim->set, id, family, &r);
}

void
acl_shim_delete(struct acl_shim *shim, uint32_t id, uint32_t seq)
{
	acl_set_delete(shim->set, id, seq);
}

int
acl_shim_apply(struct acl_shim *shim)
{
	return acl_set_apply(shim->set);
}

bool
acl_shim_there(const struct acl_shim *shim, uint32_t id)
{
	return acl_set_get(shim->set, id) != NULL;
}

uint32_t
acl_shim_match(const struct acl_shim *shim, uint32_t id, unsigned family,
	       const struct acl_shim_flow *flow)
{
	struct ip_flow f = {
	    .src_port = flow->src_port,
	    .dst_port = flow->dst_port,
	    .family = (uint8_t)family,
	    .protocol = flow->protocol,
	    .tos = flow->tos,
	    .flags = flow->shows,
	    .type = flow->type,
	    .code = flow->code,
	    .tcp_flags = flow->tcp_flags,
	};
	const struct acl *acl = acl_set_get(shim->set, id);
	const struct acl_row *row;

	memcpy(f.src, flow->src, 16);
	memcpy(f.dst, flow->dst, 16);
	row = acl == NULL ? NULL : acl_match(acl, &f);
	return row == NULL ? 0 : row->seq;
}

unsigned
acl_shim_rows_max(void)
{
	return ACL_ROWS_MAX;
}
