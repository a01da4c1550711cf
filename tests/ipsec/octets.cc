#include "octets.h"

Octets
hex(const std::string &text)
{
	std::string digits;
	Octets out;

	for (char c : text) {
		if (c != ' ')
			digits += c;
	}
	for (size_t i = 0; i + 1 < digits.size(); i += 2)
		out.push_back(static_cast<uint8_t>(
		    std::stoul(digits.substr(i, 2), nullptr, 16)));
	return out;
}

Octets
count_up(size_t n, uint8_t first)
{
	Octets out(n);

	for (size_t i = 0; i < n; i++)
		out[i] = static_cast<uint8_t>(first + i);
	return out;
}

Octets
operator+(Octets a, const Octets &b)
{
	a.insert(a.end(), b.begin(), b.end());
	return a;
}

uint16_t
ipv4_sum(const uint8_t *header, size_t octets)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < octets; i += 2)
		sum += static_cast<uint32_t>(header[i] << 8 | header[i + 1]);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return static_cast<uint16_t>(~sum);
}

Octets
ipv4(size_t total, uint8_t tos, uint16_t fragment)
{
	Octets p = hex("45000000 12340000 3f010000 0a010001 0a020001");
	uint16_t sum;

	p = p + count_up(total - 20, 0x30);
	p[1] = tos;
	p[2] = static_cast<uint8_t>(total >> 8);
	p[3] = static_cast<uint8_t>(total);
	p[6] = static_cast<uint8_t>(fragment >> 8);
	p[7] = static_cast<uint8_t>(fragment);
	sum = ipv4_sum(p.data(), 20);
	p[10] = static_cast<uint8_t>(sum >> 8);
	p[11] = static_cast<uint8_t>(sum);
	return p;
}
