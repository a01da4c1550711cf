/*
 * From an ipsec sa object to what its ASP is told of sequence numbers, replay
 * and lifetime (RFC 4303 sections 2.2.1 and 3.4.3, RFC 4301 section 4.4.2.1).
 * The soft limits are a share of the hard ones. A kilobyte has 1,024 octets.
 */
#include "clock.h"
#include "running.h"

#define KILOBYTE 1024

static uint64_t
share(uint64_t whole, uint32_t percent)
{
	return whole / 100 * percent + whole % 100 * percent / 100;
}

void
derive_sa_facts(const struct cfg_obj *sa, struct ctl_sa *row)
{
	uint64_t ns = cfg_u32(sa, CFG_SA_LIFE_SECONDS) * CLOCK_SECOND_NS;
	uint64_t octets =
	    (uint64_t)cfg_u32(sa, CFG_SA_LIFE_KILOBYTES) * KILOBYTE;
	uint32_t soft = cfg_u32(sa, CFG_SA_LIFE_SOFT);

	if (!cfg_bool(sa, CFG_SA_WINDOW_OFF))
		row->replay_window =
		    be16_put((uint16_t)cfg_u32(sa, CFG_SA_WINDOW));
	row->esn = cfg_bool(sa, CFG_SA_ESN);
	row->hard_ns = be64_put(ns);
	row->soft_ns = be64_put(share(ns, soft));
	row->hard_octets = be64_put(octets);
	row->soft_octets = be64_put(share(octets, soft));
}
