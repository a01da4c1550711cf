/*
 * Fragments into the reassembler, many in a row: no read or write past a
 * packet, and what comes out is a packet that ip_parse() reads whole. Input:
 * one octet of length before each packet, counted in eights.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ip_parse.h"
#include "ip_reass.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM 9400

static void
count(void *arg, unsigned fragments, enum pkt_fate fate)
{
	unsigned *held = arg;

	if (fragments > *held || fate < PKT_DROP_FIRST)
		abort();
	*held -= fragments;
}

static void
take(struct ip_reass *reass, unsigned *held, uint64_t now_ns,
     const uint8_t *data, unsigned octets)
{
	uint8_t *at = malloc(ROOM);
	struct ip_parsed parsed;
	enum pkt_fate fate;
	unsigned len = octets;

	if (at == NULL)
		abort();
	memcpy(at, data, octets);
	fate = ip_reass_take(reass, now_ns, 7, at, ROOM, &len);
	if (fate == PKT_ABSORBED)
		++*held;
	else if (fate == PKT_GO &&
		 (len > ROOM || ip_parse(at, len, &parsed) != 0 ||
		  parsed.total != len))
		abort();
	free(at);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned held = 0;
	struct ip_reass *reass = ip_reass_new(count, &held);
	uint64_t now_ns = 1;

	if (reass == NULL)
		abort();
	while (size > 1) {
		unsigned octets = data[0] * 8u;

		data++;
		size--;
		if (octets > size)
			octets = (unsigned)size;
		take(reass, &held, now_ns, data, octets);
		now_ns += 1000000000;
		data += octets;
		size -= octets;
	}
	ip_reass_free(&reass);
	return 0;
}
