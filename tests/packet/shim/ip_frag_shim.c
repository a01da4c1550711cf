#include "ip_frag_shim.h"

#include "ip_frag.h"

static struct ip_frag plan;

int
ip_frag_shim_plan(const uint8_t *packet, unsigned octets, unsigned mtu)
{
	int err = ip_frag_plan(&plan, packet, octets, mtu, 0xdecaf);

	return err != 0 ? err : (int)plan.pieces;
}

unsigned
ip_frag_shim_piece(unsigned i, uint8_t *to)
{
	return ip_frag_piece(&plan, i, to);
}
