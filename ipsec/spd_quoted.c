/*
 * ICMP errors and the database (RFC 4301 section 6.2): one that no entry
 * describes by its own headers goes where the return traffic of the packet that
 * it quotes would go, and what came out of an SA must fit that SA so. Called
 * off the path of packets that entries describe.
 */
#include "spd.h"

const struct spd_rule *
spd_match_quoted(const struct spd *spd, enum spd_direction dir,
		 const struct ip_flow *flow, const uint8_t *ip, unsigned octets)
{
	struct ip_flow back;

	return ip_flow_quoted(ip, octets, flow, &back)
		   ? spd_match(spd, dir, &back)
		   : NULL;
}

const struct spd_rule *
spd_match_packet(const struct spd *spd, enum spd_direction dir,
		 const struct ip_flow *flow, const uint8_t *ip, unsigned octets)
{
	const struct spd_rule *rule = spd_match(spd, dir, flow);

	return rule != NULL ? rule
			    : spd_match_quoted(spd, dir, flow, ip, octets);
}
