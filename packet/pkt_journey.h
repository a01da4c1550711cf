/*
 * Numbers of journeys. Whoever begins one numbers it without asking anybody:
 * the router's number in its lab (0 where there is none), the stage, and a
 * count that begins again at 1. So numbers are unique in a lab for as long as
 * journeys are kept.
 */
#ifndef PKT_JOURNEY_H
#define PKT_JOURNEY_H

#include <stdint.h>

#define PKT_JOURNEY_ROUTERS 1024
#define PKT_JOURNEY_COUNT 32767

static inline uint32_t
pkt_journey(unsigned router, uint16_t stage, unsigned count)
{
	return (uint32_t)(router % PKT_JOURNEY_ROUTERS) << 22 |
	       (uint32_t)(stage & 0x7f) << 15 |
	       (1 + (count - 1) % PKT_JOURNEY_COUNT);
}

static inline unsigned
pkt_journey_router(uint32_t journey)
{
	return journey >> 22;
}

static inline uint16_t
pkt_journey_stage(uint32_t journey)
{
	return (uint16_t)(journey >> 15 & 0x7f);
}

/*
 * What the wire to another router says of a packet: the journey, and how many
 * stages it has visited, so that those of the next router are told behind them.
 */
static inline uint64_t
pkt_journey_tell(uint32_t journey, uint8_t hop)
{
	return journey == 0 ? 0 : (uint64_t)hop << 32 | journey;
}

static inline uint8_t
pkt_journey_hop(uint64_t told)
{
	uint8_t hop = (uint8_t)(told >> 32);

	return told == 0 || hop == UINT8_MAX ? hop : (uint8_t)(hop + 1);
}

#endif
