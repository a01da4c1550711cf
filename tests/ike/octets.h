// Octets in tests of ike/.
#ifndef IKE_OCTETS_H
#define IKE_OCTETS_H

#include <cstdint>
#include <string>
#include <vector>

using Octets = std::vector<uint8_t>;

// Blanks are skipped.
Octets hex(const std::string &text);
Octets text(const std::string &s);
Octets count_up(size_t n, uint8_t first = 0);
Octets operator+(Octets a, const Octets &b);
Octets part(const Octets &o, size_t from, size_t n);

#endif
