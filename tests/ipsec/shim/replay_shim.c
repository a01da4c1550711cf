#include "replay_shim.h"

#include <stdlib.h>

#include "ip_cksum.h"
#include "replay.h"
#include "tunnel.h"

struct replay_shim {
	struct replay replay;
};

struct replay_shim *
replay_shim_new(unsigned window, int esn, uint64_t top, int *err)
{
	struct replay_shim *r = calloc(1, sizeof(*r));

	if (r == NULL)
		abort();
	*err = replay_init(&r->replay, window, esn != 0, top);
	if (*err != 0) {
		free(r);
		return NULL;
	}
	return r;
}

void
replay_shim_free(struct replay_shim *r)
{
	replay_fini(&r->replay);
	free(r);
}

uint64_t
replay_shim_check(const struct replay_shim *r, uint32_t low)
{
	uint64_t seq = 0;

	return replay_check(&r->replay, low, &seq) ? seq : 0;
}

int
replay_shim_accept(struct replay_shim *r, uint64_t seq)
{
	return replay_accept(&r->replay, seq);
}

int
replay_shim_ecn(uint8_t outer_tos, uint8_t inner_tos, int *sum_ok)
{
	struct ipv4_hdr inner = {.version_ihl = 0x45,
				 .tos = inner_tos,
				 .total_length = be16_put(84),
				 .ttl = 63,
				 .protocol = 1,
				 .src = be32_put(0x0a010001),
				 .dst = be32_put(0x0a020001)};

	inner.checksum = be16_put(ip_cksum(&inner, sizeof(inner)));
	if (!tunnel_ecn_open(outer_tos, (uint8_t *)&inner))
		return -1;
	*sum_ok = ip_cksum(&inner, sizeof(inner)) == 0;
	return inner.tos;
}
