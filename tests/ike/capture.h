// IKE messages of a capture, and the payloads in them: for tests that hold our
// computations against negotiations of others.
#ifndef CAPTURE_H
#define CAPTURE_H

#include "octets.h"

struct Message {
	bool from_initiator; // of the first message: same source address
	Octets octets;       // without non-ESP marker
	uint8_t exchange() const
	{
		return octets[18];
	}
	uint32_t id() const;
	uint8_t first() const
	{
		return octets[16];
	}
};

// Ethernet, IPv4 or IPv6, UDP 500 and 4500. Empty: there is no such file.
std::vector<Message> capture(const std::string &file);

struct Payload {
	uint8_t type;
	size_t at;   // of its header in what was read
	Octets body; // behind the payload header
};

// The chain from at on; what follows its end is not looked at.
std::vector<Payload> payloads(uint8_t first, const Octets &o, size_t at);
// The i-th of that type; empty: none.
Octets body(const std::vector<Payload> &chain, uint8_t type, unsigned i = 0);

#endif
