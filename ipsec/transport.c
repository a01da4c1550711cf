/*
 * Header surgery: IP headers move, everything else stays where it is. Called by
 * esp_out, esp_in and ah with packets that ip_parse() has read. Checksums are
 * made anew: the header that is changed was checked, or is covered by an ICV.
 */
#include "transport.h"

#include <string.h>

#include "ip_cksum.h"
#include "ip_hdr.h"

static void
patch(uint8_t *at, const struct ip_parsed *parsed, uint8_t protocol,
      unsigned payload)
{
	struct ipv4_hdr *v4 = (struct ipv4_hdr *)at;
	struct ipv6_hdr *v6 = (struct ipv6_hdr *)at;

	at[parsed->next_at] = protocol;
	if (parsed->family == 6) {
		unsigned headers = parsed->header - (unsigned)sizeof(*v6);

		v6->payload_length = be16_put((uint16_t)(headers + payload));
		return;
	}
	v4->total_length = be16_put((uint16_t)(parsed->header + payload));
	v4->checksum = be16_put(0);
	v4->checksum = be16_put(ip_cksum(v4, parsed->header));
}

uint8_t *
transport_insert(uint8_t *at, const struct ip_parsed *parsed, unsigned octets,
		 uint8_t protocol, unsigned payload)
{
	uint8_t *begin = at - octets;

	memmove(begin, at, parsed->header);
	patch(begin, parsed, protocol, payload);
	return begin;
}

uint8_t *
transport_remove(uint8_t *at, const struct ip_parsed *parsed, unsigned octets,
		 uint8_t protocol, unsigned payload)
{
	uint8_t *begin = at + octets;

	memmove(begin, at, parsed->header);
	patch(begin, parsed, protocol, payload);
	return begin;
}
