#include "capture.h"

#include <fstream>
#include <iterator>

namespace
{

uint32_t
number(const Octets &o, size_t at, size_t n)
{
	uint32_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | o[at + i];
	return v;
}

uint32_t
host(const Octets &o, size_t at)
{
	return o[at] | o[at + 1] << 8 | o[at + 2] << 16 |
	       static_cast<uint32_t>(o[at + 3]) << 24;
}

// The UDP payload of an Ethernet frame, and who sent it; empty: none of IKE.
Octets
ike_of(const Octets &frame, Octets &source)
{
	size_t ip = 14;
	size_t udp;

	if (frame.size() < 62)
		return {};
	if (number(frame, 12, 2) == 0x0800 && frame[ip + 9] == 17) {
		source = part(frame, ip + 12, 4);
		udp = ip + (frame[ip] & 15) * 4u;
	} else if (number(frame, 12, 2) == 0x86dd && frame[ip + 6] == 17) {
		source = part(frame, ip + 8, 16);
		udp = ip + 40;
	} else {
		return {};
	}
	if (udp + 8 > frame.size())
		return {};
	size_t n = number(frame, udp + 4, 2) - 8;
	if (n < 8 || n > frame.size() - udp - 8)
		return {};
	uint32_t port = number(frame, udp, 2);
	uint32_t to = number(frame, udp + 2, 2);
	if (port == 500 && to == 500)
		return part(frame, udp + 8, n);
	if ((port == 4500 || to == 4500) && n > 32 &&
	    number(frame, udp + 8, 4) == 0)
		return part(frame, udp + 12, n - 4);
	return {};
}

} // namespace

uint32_t
Message::id() const
{
	return number(octets, 20, 4);
}

std::vector<Message>
capture(const std::string &file)
{
	std::ifstream in(file, std::ios::binary);
	Octets all((std::istreambuf_iterator<char>(in)),
		   std::istreambuf_iterator<char>());
	std::vector<Message> out;
	Octets initiator;

	for (size_t at = 24; at + 16 <= all.size();) {
		size_t n = host(all, at + 8);
		Octets source;

		if (n > all.size() - at - 16)
			break;
		Octets ike = ike_of(part(all, at + 16, n), source);

		if (initiator.empty())
			initiator = source;
		if (!ike.empty())
			out.push_back({source == initiator, ike});
		at += 16 + n;
	}
	return out;
}

std::vector<Payload>
payloads(uint8_t type, const Octets &o, size_t at)
{
	std::vector<Payload> out;

	while (type != 0 && at + 4 <= o.size()) {
		size_t n = number(o, at + 2, 2);

		if (n < 4 || at + n > o.size())
			break;
		out.push_back({type, at, part(o, at + 4, n - 4)});
		if (type == 46)
			break;
		type = o[at];
		at += n;
	}
	return out;
}

Octets
body(const std::vector<Payload> &chain, uint8_t type, unsigned i)
{
	for (const Payload &p : chain) {
		if (p.type == type && i-- == 0)
			return p.body;
	}
	return {};
}
