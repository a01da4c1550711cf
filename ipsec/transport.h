/*
 * Transport mode (RFC 4303 section 3.1.1, RFC 4302 section 3.1.1): a header is
 * put between a packet's IP headers and what follows them, and taken out again.
 * AH around ESP of a bundle is put there too, whatever the mode of the ESP.
 */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include <stdint.h>

#include "ip_parse.h"

/*
 * Moves the IP headers of a packet up by octets, so that so many are free
 * behind them, and makes them name protocol and a payload of that length (what
 * was put between included), checksum too. at: the packet, with octets of room
 * before it; parsed: of the packet. Returns where the packet begins now.
 */
uint8_t *transport_insert(uint8_t *at, const struct ip_parsed *parsed,
			  unsigned octets, uint8_t protocol, unsigned payload);

/* The reverse: octets behind the headers go. Returns the new beginning. */
uint8_t *transport_remove(uint8_t *at, const struct ip_parsed *parsed,
			  unsigned octets, uint8_t protocol, unsigned payload);

#endif
