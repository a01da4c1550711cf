/*
 * What the outer header's settings must fulfil among themselves and with the
 * SAs: UDP goes around ESP alone (RFC 3948), padding that hides lengths is of
 * tunnel mode (RFC 4303 section 2.7), DF is of IPv4 and a flow label of IPv6.
 * Called by the rule of tunnels in validate.c.
 */
#include "validate_impl.h"

void
tunnel_around_check(struct check *c, const struct cfg_obj *tunnel,
		    const struct cfg_obj *sa, enum cfg_field field)
{
	const char *name = cfg_str(sa, CFG_SA_NAME);

	if (cfg_bool(tunnel, CFG_TUNNEL_UDP) && cfg_has(sa, CFG_SA_AH_SPI))
		check_fail(
		    c, tunnel, field,
		    "ipsec sa %s has AH, which covers the addresses that "
		    "a translator changes (RFC 3948 section 1); expected "
		    "esp alone, or no nat-traversal",
		    name);
	if (!cfg_has(sa, CFG_SA_ESP_SPI) &&
	    (cfg_has(tunnel, CFG_TUNNEL_TFC) ||
	     cfg_bool(tunnel, CFG_TUNNEL_TFC_MTU)))
		check_fail(c, tunnel, field,
			   "ipsec sa %s has no ESP, and AH has no padding; "
			   "expected esp, or no tfc-padding",
			   name);
}

void
tunnel_outer_check(struct check *c, const struct cfg_obj *tunnel)
{
	bool transport =
	    cfg_u32(tunnel, CFG_TUNNEL_IPSEC_MODE) == CFG_IPSEC_TRANSPORT;
	unsigned family = cfg_ip(tunnel, CFG_TUNNEL_LOCAL).family;

	if (transport && cfg_u32(c->root, CFG_ROOT_RELEASE) == CFG_RELEASE_SEOS)
		check_fail(
		    c, tunnel, CFG_TUNNEL_IPSEC_MODE,
		    "the SmartEdge release has tunnel mode only (security "
		    "release-compliance seos); expected ipsec-mode tunnel");

	if (cfg_bool(tunnel, CFG_TUNNEL_CLEAR_DF) &&
	    cfg_has(tunnel, CFG_TUNNEL_DF) &&
	    cfg_u32(tunnel, CFG_TUNNEL_DF) != CFG_DF_CLEAR)
		check_fail(c, tunnel, CFG_TUNNEL_DF,
			   "clear-df says otherwise; expected one of the two");
	if (transport && (cfg_has(tunnel, CFG_TUNNEL_TFC) ||
			  cfg_bool(tunnel, CFG_TUNNEL_TFC_MTU)))
		check_fail(c, tunnel,
			   cfg_has(tunnel, CFG_TUNNEL_TFC) ? CFG_TUNNEL_TFC
							   : CFG_TUNNEL_TFC_MTU,
			   "tfc-padding needs tunnel mode, whose inner packets "
			   "tell their length (RFC 4303 section 2.7); expected "
			   "ipsec-mode tunnel, or no tfc-padding");
	if (cfg_has(tunnel, CFG_TUNNEL_FLOW_LABEL) && family == 4)
		check_fail(c, tunnel, CFG_TUNNEL_FLOW_LABEL,
			   "IPv4 has no flow label; expected end points of "
			   "IPv6, or no flow-label");
	if (cfg_has(tunnel, CFG_TUNNEL_DF) && family == 6)
		check_fail(c, tunnel, CFG_TUNNEL_DF,
			   "IPv6 has no DF, it is never fragmented on the way; "
			   "expected end points of IPv4, or no df");
}
