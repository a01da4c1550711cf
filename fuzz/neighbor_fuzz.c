/*
 * ARP and neighbor discovery as a station may send them: what is taken can be
 * written again, and no octet behind the message is read.
 */
#include <stdlib.h>
#include <string.h>

#include "arp.h"
#include "ip6_check.h"
#include "nd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fuzz_arp(const uint8_t *octets, unsigned n)
{
	uint8_t again[ARP_OCTETS];
	struct arp arp;

	if (arp_read(octets, n, &arp) != 0)
		return;
	arp_write(&arp, again);
	if (memcmp(again, octets, sizeof(again)) != 0)
		abort();
}

static void
fuzz_nd(const uint8_t *octets, unsigned n)
{
	uint8_t again[ND_OCTETS];
	uint16_t length;
	struct nd nd;
	struct nd same;

	if (ip6_check_header(octets, n, &length) != PKT_GO)
		return;
	if (length > n)
		abort();
	(void)ip6_check_addresses(octets, false);
	if (nd_read(octets, length, &nd) != 0 || !nd.has_mac)
		return;
	nd_write(&nd, again);
	if (nd_read(again, sizeof(again), &same) != 0 ||
	    memcmp(nd.target, same.target, 16) != 0 ||
	    memcmp(nd.mac, same.mac, 6) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *octets = malloc(size > 0 ? size : 1);

	if (octets == NULL || size > 65535) {
		free(octets);
		return 0;
	}
	if (size > 0)
		memcpy(octets, data, size);
	fuzz_arp(octets, (unsigned)size);
	fuzz_nd(octets, (unsigned)size);
	free(octets);
	return 0;
}
