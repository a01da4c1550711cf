// Octets in tests: from hexadecimal, counted up, and as an IPv4 packet.
#ifndef OCTETS_H
#define OCTETS_H

#include <cstdint>
#include <string>
#include <vector>

using Octets = std::vector<uint8_t>;

// Blanks are skipped.
Octets hex(const std::string &text);

// first, first + 1, ...
Octets count_up(size_t n, uint8_t first = 0);

Octets operator+(Octets a, const Octets &b);

// An IPv4 packet of total octets with a right checksum; payload counts up.
Octets ipv4(size_t total, uint8_t tos = 0, uint16_t fragment = 0);

uint16_t ipv4_sum(const uint8_t *header, size_t octets);

#endif
