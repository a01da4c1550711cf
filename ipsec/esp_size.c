/*
 * Lengths alone: reads an SA, touches no packet. Called by esp_out, ah and the
 * ASP's path.
 */
#include "esp_size.h"

unsigned
esp_front_octets(const struct esp_sa *sa)
{
	return sa->outer + (unsigned)sizeof(struct esp_hdr) + sa->iv_octets;
}

unsigned
esp_pad_octets(const struct esp_sa *sa, unsigned text)
{
	unsigned over = (text + 2) % sa->align;

	return over == 0 ? 0 : sa->align - over;
}

unsigned
esp_back_octets(const struct esp_sa *sa, unsigned text)
{
	return esp_pad_octets(sa, text) + 2 + sa->icv_octets;
}

/* RFC 4302 section 3.3.3.2.1: 4 octets in IPv4, 8 in IPv6. */
unsigned
ah_octets(const struct esp_sa *sa)
{
	unsigned align = sa->tunnel.src.family == 6 ? 8 : 4;
	unsigned octets = (unsigned)sizeof(struct ah_hdr) + sa->icv_octets;

	return (octets + align - 1) / align * align;
}

unsigned
esp_tfc_octets(const struct esp_sa *sa, unsigned inner, unsigned limit)
{
	unsigned octets = inner;

	if (sa->tfc == 0)
		return inner;
	if (sa->tfc == SAD_TFC_MTU)
		octets = sa->inner_max == UINT16_MAX ? inner : sa->inner_max;
	else
		octets = (inner + sa->tfc - 1) / sa->tfc * sa->tfc;
	if (octets > sa->inner_max)
		octets = sa->inner_max;
	if (octets > limit)
		octets = limit;
	return octets < inner ? inner : octets;
}

static bool
is_ah(const struct esp_sa *sa)
{
	return sa->key.protocol == IP_PROTO_AH;
}

/* Octets of a packet that stay before ESP: its IP header, in transport mode. */
static unsigned
before(const struct esp_sa *sa)
{
	if (!sa->transport)
		return 0;
	return sa->tunnel.src.family == 6 ? sizeof(struct ipv6_hdr)
					  : sizeof(struct ipv4_hdr);
}

unsigned
esp_outer_octets(const struct esp_sa *sa, const struct esp_sa *ah,
		 unsigned inner)
{
	unsigned text = inner;
	unsigned around = ah != NULL ? ah_octets(ah) : 0;

	if (is_ah(sa))
		return inner + sa->outer + ah_octets(sa);
	text = esp_tfc_octets(sa, inner, UINT16_MAX) - before(sa);
	return around + before(sa) + esp_front_octets(sa) + text +
	       esp_back_octets(sa, text);
}

void
esp_limits_set(struct esp_sa *sa, const struct esp_sa *ah, unsigned mtu)
{
	unsigned inner = sa->mtu != 0 ? sa->mtu : UINT16_MAX;

	if (sa->path_mtu != 0 && (mtu == 0 || sa->path_mtu < mtu))
		mtu = sa->path_mtu;
	sa->outer_mtu = (uint16_t)mtu;
	if (mtu != 0 && esp_inner_max(sa, ah, mtu) < inner)
		inner = esp_inner_max(sa, ah, mtu);
	sa->inner_max = (uint16_t)inner;
}

unsigned
esp_inner_max(const struct esp_sa *sa, const struct esp_sa *ah, unsigned outer)
{
	unsigned around = ah != NULL ? ah_octets(ah) : 0;
	unsigned text;

	if (is_ah(sa)) {
		around = sa->outer + ah_octets(sa);
		return outer > around ? outer - around : 0;
	}
	around += before(sa) + esp_front_octets(sa) + sa->icv_octets;
	if (outer < around + sa->align)
		return 0;
	text = (outer - around) / sa->align * sa->align;
	return before(sa) + text - 2;
}
