/*
 * Stations that are not there: behind a capture node or a generator every
 * address answers ARP and neighbor solicitations, so that a router finds link
 * addresses for whatever it is to send there. They are those that a replay
 * makes up: 02:00 and the four octets of an IPv4 address, 02:06 and the last
 * four of an IPv6 one.
 */
#ifndef STAND_IN_H
#define STAND_IN_H

#include <stdbool.h>
#include <stdint.h>

#define STAND_IN_MAX 128

/*
 * Whether a frame is ARP or a neighbor solicitation. Then *reply_octets is the
 * length of the frame that answers it; 0: it wants no answer (a station that
 * tells or tries its own address), or is malformed.
 */
bool stand_in_answer(const uint8_t *frame, uint32_t octets,
		     uint8_t reply[STAND_IN_MAX], uint32_t *reply_octets);

#endif
